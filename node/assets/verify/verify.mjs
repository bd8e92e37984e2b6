// Verifies records, logs, forks, control records, proofs and audit bundles of Koinon, from docs/PROTOCOL.md alone. It shares no code with
// the other verifiers and depends on nothing but SHA-2 of WebCrypto. A node serves it and the modules beside it; its record pages use it.
//
//   import { verifyBundle } from "./verify.mjs";
//   const report = await verifyBundle(bytes, { network });   // network: 64 hexadecimal digits that you know from elsewhere than the bundle
//
// Ids and keys are lower-case hexadecimal text in all that is taken and given.

import { Refused, ZERO, hex, join, named, number, require, sha256, tag, unhex, utf8 } from "./bytes.mjs";
import { consentMessage, readAttestation, readCharter, readErasure, readInception, readNotice, readSuccession } from "./control.mjs";
import { checkKey, checkSignature } from "./ed25519.mjs";
import { readJson } from "./json.mjs";
import { readTime } from "./notes.mjs";
import { Trust } from "./trust.mjs";

export {
  Refused, Trust, checkKey, checkSignature, consentMessage, hex, join, readAttestation, readCharter, readErasure, readInception, readJson,
  readNotice, readSuccession, unhex,
};

const RECORD = 296, HEADER = 232, SALT = 32, BODY = 65536, CONTENT = 32;

const TAG = Object.fromEntries(["record", "record-id", "body", "bundle"].map((name) => [name, tag(name)]));

// Records

const FIELDS = [
  ["version", 2], ["kind", 2], ["network", 32], ["organisation", 32], ["device", 32], ["seq", 8], ["previous", 32], ["claimed_at", 8],
  ["body_length", 4], ["commitment", 32], ["subject", 32], ["territory", 12], ["topic", 2], ["flags", 2],
];

/** The fields of a header, unchecked: 32 bytes as hexadecimal, 8 as a bigint, fewer as a number; the territory as text. */
export function readHeader(bytes) {
  const header = {};
  let at = 0;
  for (const [name, width] of FIELDS) {
    const value = bytes.slice(at, at += width);
    header[name] = width === 32 ? hex(value) : width === 8 ? number(value) : width < 8 ? Number(number(value)) : value;
  }
  return { ...header, territory: String.fromCharCode(...header.territory).replace(/\0+$/, "") };
}

/** A record's values, after the checks 1 to 9. */
export async function verifyRecord(bytes, network) {
  require(bytes.length === RECORD, "Malformed");
  const encoded = bytes.slice(0, HEADER), signature = bytes.slice(HEADER), header = readHeader(encoded);
  require(header.version === 1, "Version");
  require(header.body_length <= BODY, "BodyTooLong");
  require(header.flags === 0, "Flags");
  require((header.previous === ZERO) === (header.seq === 0n), "Previous");
  require(/^[A-Z0-9_-]*$/.test(header.territory), "Territory");
  const id = await sha256(TAG["record-id"], encoded);
  require(header.network === network || (header.network === ZERO && id === network), "Network");
  await checkSignature(unhex(header.device), join(TAG.record, encoded), signature);
  return { ...header, id, author: header.organisation === ZERO ? id : header.organisation, encoded, signature };
}

const fits = async (record, salt, body) =>
  body.length === record.body_length && (await sha256(TAG.body, salt, body)) === record.commitment;

/** A record file: a record's values, and `salt` and `body` (bytes) where they are there. */
export async function verifyFile(bytes, network) {
  const record = await verifyRecord(bytes.slice(0, RECORD), network), salt = bytes.slice(RECORD, RECORD + SALT);
  if (bytes.length === RECORD) return record;
  const body = bytes.slice(RECORD + SALT);
  require(salt.length === SALT && await fits(record, salt, body), "Commitment");
  return { ...record, salt, body };
}

/** A body that travels alone. */
export async function verifySealed(bytes) {
  require(bytes.length >= SALT + 8, "Malformed");
  const salt = bytes.slice(0, SALT), length = number(bytes.slice(SALT, SALT + 8)), body = bytes.slice(SALT + 8);
  require(length <= body.length && length <= BODY, "Malformed");
  require(length === BigInt(body.length), "Trailing");
  return { salt, body, commitment: await sha256(TAG.body, salt, body) };
}

// Logs

/** Checks that a verified record continues the log whose last one is `head` (null: it is empty). */
export function checkLink(record, head) {
  const following = head ? head.seq + 1n : 0n;
  require(record.seq <= following, "Gap");
  require(record.seq >= following, "Taken");
  if (!head) return;
  require(record.previous === head.id, "Predecessor");
  require(record.claimed_at >= head.claimed_at, "Backwards");
}

/** Records one after the other, each checked and linked before the next is read; gives the last. */
export async function verifyLog(bytes, network) {
  require(bytes.length, "Malformed");
  let head = null;
  for (let at = 0; at < bytes.length; at += RECORD) {
    const record = await verifyRecord(bytes.slice(at, at + RECORD), network);
    checkLink(record, head);
    head = record;
  }
  return head;
}

/** The two records of a fork claim. */
export async function verifyFork(bytes, network) {
  require(bytes.length === 2 * RECORD, "Malformed");
  const first = await verifyRecord(bytes.slice(0, RECORD), network), second = await verifyRecord(bytes.slice(RECORD), network);
  require(first.id < second.id, "Order");
  require(["organisation", "device", "seq"].every((name) => first[name] === second[name]), "Apart");
  return { first, second };
}

// Journals: RFC 6962, section 2.1, checked by RFC 9162, sections 2.1.3.2 and 2.1.4.2. Sizes and places are bigints.

const parent = (left, right) => sha256([1], unhex(left), unhex(right));

/** Goes up one level from the places `left` and `right`, and past the levels at which the right edge has no sibling. */
function climb(left, right) {
  if (left & 1n || left === right) while (left && !(left & 1n)) [left, right] = [left >> 1n, right >> 1n];
  return [left >> 1n, right >> 1n];
}

/** Whether the record `id` stands at `place` of the journal of `size` records with this root. */
export async function isIncluded(id, place, size, root, path) {
  if (place >= size) return false;
  let [left, right, found] = [place, size - 1n, await sha256([0], unhex(id))];
  for (const other of path) {
    if (right === 0n) return false;
    found = left & 1n || left === right ? await parent(other, found) : await parent(found, other);
    [left, right] = climb(left, right);
  }
  return right === 0n && found === root;
}

/** Whether the journal of `size` records with `root` begins with that of `oldSize` records and `oldRoot`. */
export async function isConsistent(oldSize, oldRoot, size, root, path) {
  if (oldSize > size) return false;
  if (oldSize === 0n) return !path.length && oldRoot === await sha256();
  if (oldSize === size) return !path.length && oldRoot === root;
  let [left, right] = [oldSize - 1n, size - 1n];
  while (left & 1n) [left, right] = [left >> 1n, right >> 1n];
  const rest = left === 0n ? [oldRoot, ...path] : [...path];
  let before = rest.shift(), after = before;
  if (!before) return false;
  for (const other of rest) {
    if (right === 0n) return false;
    if (left & 1n || left === right) [before, after] = [await parent(other, before), await parent(other, after)];
    else after = await parent(after, other);
    [left, right] = climb(left, right);
  }
  return right === 0n && before === oldRoot && after === root;
}

// Audit bundles

const MAGIC = utf8("koinon/bundle/2\0"), DIGEST = 32;

async function readBundle(bytes) {
  require(bytes.length <= 16 * 1024 * 1024, "TooLong");
  require(hex(bytes.slice(0, MAGIC.length)) === hex(MAGIC), "Magic");
  const end = bytes.length - DIGEST;
  require(end >= MAGIC.length && await sha256(TAG.bundle, bytes.slice(0, end)) === hex(bytes.slice(end)), "Damaged");
  let at = MAGIC.length;
  const take = (width) => {
    require(width <= end - at, "Malformed");
    return bytes.slice(at, at += Number(width));
  };
  const count = () => number(take(8));
  const list = (read) => {
    const items = [];
    // Each element takes bytes, so that a false count ends where the bytes do.
    for (let left = count(); left > 0n; left--) items.push(read());
    return items;
  };
  const kept = () => {
    const record = take(RECORD), [mark] = take(1);
    require(mark <= 1, "Malformed");
    return { record, salt: mark ? take(SALT) : null, body: mark ? take(count()) : null };
  };
  const text = () => {
    const bytes = take(count());
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new Refused("Malformed");
    }
  };
  const contents = {
    charter: kept(), control: list(kept), node: text(), size: count(), root: hex(take(32)),
    log: text(), checkpoints: list(text), witnesses: list(text),
    records: list(() => ({ ...kept(), position: count(), path: list(() => hex(take(32))) })),
  };
  require(at === end, "Trailing");
  const { control, records, node, checkpoints, witnesses } = contents;
  require(checkpoints.length <= 8 && witnesses.length <= 16, "Bounds");
  require(records.length >= 1 && records.length <= 64 && control.length <= 256 && utf8(node).length <= 200, "Bounds");
  return contents;
}

const idOf = ({ record }) => sha256(TAG["record-id"], record.slice(0, HEADER));

/** A kept record that is right, and whether its body is there and another than the one committed to. */
async function open(kept, network) {
  const names = { Network: "other_network", BadSignature: "bad_signature", NotAPoint: "bad_key", Weak: "bad_key" };
  const record = await named((error) => names[error] ?? "malformed", () => verifyRecord(kept.record, network));
  const changed = kept.body !== null && !await fits(record, kept.salt, kept.body);
  return { record, changed, body: changed ? null : kept.body };
}

const FAILURES = new Set(["unknown_author", "unknown_device", "ended_device", "unknown_act", "no_standing", "missing_body"]);

/** As Trust.check, with the failures' names in a bundle. */
const check = (trust, record, body) => named((error) => (FAILURES.has(error) ? error : "refused"), () => trust.check(record, body));

async function takeControl(kept, trust) {
  const { record, body, changed } = await open(kept, trust.network);
  require(!changed, "changed_body");
  const { said } = await check(trust, record, body);
  require(body, "missing_body");
  trust.take(record, said);
}

/** Takes in the control records, and again from the beginning when all acts are known. */
async function judgeControl(control, first) {
  for (let trust = first; ; trust = first.again()) {
    const setAside = [];
    for (const kept of control) {
      try {
        await takeControl(kept, trust);
      } catch (problem) {
        if (!(problem instanceof Refused)) throw problem;
        setAside.push({ id: await idOf(kept), failure: problem.message });
      }
    }
    if (trust !== first || !first.acts.known.size) return { trust, setAside };
  }
}

async function state(kept, trust, { size, root }, proven) {
  const id = await idOf(kept);
  try {
    const { record, body, changed } = await open(kept, trust.network);
    const { path } = await named((error) => (changed ? "changed_body" : error), () => check(trust, record, body));
    const included = await isIncluded(id, kept.position, size, root, kept.path);
    const failures = [...(changed ? ["changed_body"] : []), ...(included ? [] : ["not_included"])];
    const { kind, author, device, claimed_at, seq, subject } = record, content = changed ? "unknown" : body ? "intact" : "absent";
    const position = included ? kept.position : null, time = included ? proven : { why: "not_included", by: [], quorum: proven.quorum };
    const erased = kind >= CONTENT ? trust.erasureOf(record) : null;
    return { id, failures, kind, author, device, claimed_at, seq, subject, vouched: path, content, body, position, time, erased };
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    // What a forged record says is not repeated.
    return { id, failures: [problem.message], content: "unknown", vouched: [] };
  }
}

/**
 * What a bundle proves. `error` names what is wrong with it as a whole, and then there is nothing else; else `records` says of each record
 * what does not hold (`failures`), who said it, when, and by whose leave; `setAside` are the control records that prove nothing. Without a
 * network from elsewhere the bundle is only consistent with itself: compare `network`. `witnesses` are the keys (NAME+ID+KEY) that the reader
 * relies on, instead of those that the bundle names, `quorum` how many of them must have cosigned; without it, more than half.
 */
export async function verifyBundle(bytes, { network, witnesses: own, quorum } = {}) {
  try {
    const { charter, control, records, ...journal } = await readBundle(bytes), founded = await idOf(charter), { size, root, node } = journal;
    require(!network || network === founded, "Network");
    const said = await named("Charter", async () => {
      const { record, body } = await open(charter, founded);
      require(body, "changed_body");
      return readCharter(record, body);
    });
    const { time, ...dated } = await readTime({ ...journal, checkpoints: journal.checkpoints.map(utf8) }, own, quorum);
    const { trust, setAside } = await judgeControl(control, new Trust(founded, said)), statements = [];
    for (const kept of records) statements.push(await state(kept, trust, journal, time));
    const verified = [...statements, ...dated.checkpoints].every(({ failures }) => !failures.length);
    const parties = { organisations: trust.organisations, founders: trust.founders() };
    return { verified, error: null, network: founded, charter: said, size, root, node, ...dated, records: statements, setAside, parties };
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    return { verified: false, error: problem.message };
  }
}
