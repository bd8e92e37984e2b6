// Verifies records, logs, forks, control records, proofs and audit bundles of Koinon, from docs/PROTOCOL.md alone. It shares no code with
// the other verifiers and depends on nothing but SHA-2 of WebCrypto: browsers have that on https:// and localhost only, Node from 20.
//
//   import { verifyBundle } from "./verify.mjs";
//   const report = await verifyBundle(bytes, { network });   // network: 64 hexadecimal digits that you know from elsewhere than the bundle
//
// `node verify.mjs DIRECTORY` checks the vectors there. Ids and keys are lower-case hexadecimal text in all that is taken and given.
// It is one file, longer than others here, so that a node can serve it and a reader can keep it.

const RECORD = 296, HEADER = 232, SALT = 32, BODY = 65536, ZERO = "0".repeat(64);
const KEYS = 32, DEVICES = 256, ATTESTATIONS = 64, LEVELS = 4, GROUND = 2000, LAW = 500;

/** The first rule that is broken; `message` is its name in docs/PROTOCOL.md. */
export class Refused extends Error {}

const require = (holds, error) => { if (!holds) throw new Refused(error); };

/** What `make` gives, or a refusal by this name where it refuses by another. */
async function named(error, make) {
  try {
    return await make();
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    throw new Refused(typeof error === "function" ? error(problem.message) : error);
  }
}

// Bytes

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function hex(bytes) {
  let text = "";
  for (const byte of bytes) text += PAIRS[byte];
  return text;
}

export const unhex = (text) => Uint8Array.from({ length: text.length / 2 }, (_, n) => parseInt(text.slice(2 * n, 2 * n + 2), 16));
const ascii = (text) => new TextEncoder().encode(text);
const number = (bytes) => BigInt(`0x0${hex(bytes)}`);
const wide = (value, width) => unhex(value.toString(16).padStart(2 * width, "0"));
const little = (bytes) => number(Uint8Array.from(bytes).reverse());

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

async function sha(name, ...parts) {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) throw new Error("WebCrypto is missing here: open the page over https:// or on localhost, or use Node 20 or newer");
  return new Uint8Array(await subtle.digest(name, join(...parts)));
}

const sha256 = async (...parts) => hex(await sha("SHA-256", ...parts));

const TAG = Object.fromEntries(
  ["record", "record-id", "body", "roots", "inception", "device", "bundle"].map((name) => [name, ascii(`koinon/v1/${name}\0`)]),
);

// Ed25519. WebCrypto's own is not asked: implementations differ about points of small order, encodings that are not canonical, and the
// cofactor. Here is one answer. Nothing secret passes through, so it need not take constant time.

const P = 2n ** 255n - 19n, L = 2n ** 252n + 27742317777372353535851937790883648493n;
const modulo = (n, m) => ((n % m) + m) % m;

function power(base, exponent) {
  let result = 1n;
  for (let square = base % P; exponent; exponent >>= 1n, square = (square * square) % P) {
    if (exponent & 1n) result = (result * square) % P;
  }
  return result;
}

const D = modulo(-121665n * power(121666n, P - 2n), P), ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);
const NEUTRAL = [0n, 1n, 1n, 0n];

// Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z: RFC 8032, section 5.1.4. The formulas hold for all pairs of points.
// Coordinates may be negative on the way: `%` keeps the sign, and only comparisons care.

function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = ((y1 - x1) * (y2 - x2)) % P, b = ((y1 + x1) * (y2 + x2)) % P;
  const c = (((2n * D * t1) % P) * t2) % P, d = (2n * z1 * z2) % P;
  const e = b - a, f = d - c, g = d + c, h = b + a;
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

function double([x, y, z]) {
  const a = (x * x) % P, b = (y * y) % P, h = a + b, e = h - (((x + y) * (x + y)) % P), g = a - b, f = ((2n * z * z) % P) + g;
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

const isSame = ([x1, y1, z1], [x2, y2, z2]) => (x1 * z2 - x2 * z1) % P === 0n && (y1 * z2 - y2 * z1) % P === 0n;
const isSmall = (point) => isSame(double(double(double(point))), NEUTRAL);

/** The point in 32 bytes, or null where there is none or its encoding is not canonical. */
function readPoint(bytes) {
  const encoded = little(bytes), sign = encoded >> 255n, y = encoded & (2n ** 255n - 1n);
  if (y >= P) return null;
  // A root of u/v with one power instead of two: RFC 8032, section 5.1.3.
  const u = modulo(y * y - 1n, P), v = (D * y * y + 1n) % P, cube = (v * v * v) % P;
  let x = (((u * cube) % P) * power(u * cube * v * v * v * v, (P - 5n) / 8n)) % P;
  if ((v * x * x) % P !== u) x = (x * ROOT_OF_MINUS_ONE) % P;
  if ((v * x * x) % P !== u || (x === 0n && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, (x * y) % P];
}

const BASE = readPoint(join([0x58], new Uint8Array(31).fill(0x66)));

/** Checks a public key of 32 bytes; gives its point. */
export function checkKey(bytes) {
  require(bytes.length === 32, "NotAPoint");
  const point = readPoint(bytes);
  require(point, "NotAPoint");
  require(!isSmall(point), "Weak");
  return point;
}

/** [m]A + [n]B, bit by bit for both at once. */
function sumOfMultiples(m, a, n, b) {
  const both = add(a, b);
  let sum = NEUTRAL;
  for (let bit = 252n; bit >= 0n; bit--) {
    sum = double(sum);
    const first = (m >> bit) & 1n, second = (n >> bit) & 1n;
    if (first || second) sum = add(sum, first && second ? both : first ? a : b);
  }
  return sum;
}

// Whether a signature holds never changes, and who reads many bundles of one network meets the same ones again: 4,096 verdicts, by all
// that they depend on.
const KEPT = 4096, verdicts = new Map();

/** Checks a signature of 64 bytes by the strict rules; a key that is none is refused by its own name. */
export async function checkSignature(key, message, signature) {
  const name = `${hex(key)} ${hex(signature)} ${hex(message)}`;
  if (!verdicts.has(name)) {
    if (verdicts.size === KEPT) verdicts.clear();
    verdicts.set(name, await judgeSignature(key, message, signature));
  }
  require(!verdicts.get(name), verdicts.get(name));
}

/** What is wrong with a signature, or "". */
async function judgeSignature(key, message, signature) {
  try {
    const point = checkKey(key), r = signature.slice(0, 32), s = little(signature.slice(32));
    require(signature.length === 64 && s < L, "BadSignature");
    const nonce = readPoint(r);
    require(nonce && !isSmall(nonce), "BadSignature");
    const k = little(await sha("SHA-512", r, key, message)) % L, [x, y, z, t] = point;
    require(isSame(sumOfMultiples(s, BASE, k, [-x, y, z, -t]), nonce), "BadSignature");
    return "";
  } catch (problem) {
    if (problem instanceof Refused) return problem.message;
    throw problem;
  }
}

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

// The JSON of bodies. JSON.parse keeps the last of two equal keys, rounds, and lets lone surrogates pass; and of two faults the first must
// name the error.

const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Reads a body; objects have no prototype. */
export function readJson(bytes) {
  require(bytes.length <= BODY, "Length");
  let text, at = 0;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused("Utf8");
  }
  const take = (pattern) => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    require(found !== undefined, "Syntax");
    at += found.length;
    return found;
  };
  const next = () => (take(/[ \t\n\r]*/y), text[at]);

  const string = () => {
    take(/"/y);
    let value = "";
    while (text[at] !== '"') {
      if (text[at] !== "\\") value += take(/[^"\\\0-\x1f]+/y);
      else if (text[at + 1] === "u") value += String.fromCharCode(parseInt(take(/\\u[0-9a-fA-F]{4}/y).slice(2), 16));
      else value += ESCAPES[take(/\\["\\/bfnrt]/y)[1]];
    }
    at++;
    require(!/\p{Surrogate}/u.test(value), "Syntax");
    require(!value.includes("\0"), "Nul");
    require(value === value.normalize("NFC"), "NotNormal");
    return value;
  };
  const integer = () => {
    const digits = take(/-?(0(?![0-9])|[1-9][0-9]*)/y);
    const fraction = text[at] === "." && take(/\.[0-9]+/y), exponent = /^[eE]$/.test(text[at]) && take(/[eE][+-]?[0-9]+/y);
    require(!fraction && !exponent && digits !== "-0" && Number.isSafeInteger(Number(digits)), "Number");
    return Number(digits);
  };
  const members = (end, read) => {
    at++;
    if (next() === end) return void at++;
    for (;;) {
      read();
      if (next() === end) return void at++;
      take(/,/y);
      next();
    }
  };
  const value = (depth) => {
    const begin = next();
    if (begin === '"') return string();
    if (begin !== "{" && begin !== "[") {
      if (!/^[tfn]$/.test(begin)) return integer();
      return { true: true, false: false, null: null }[take(/true|false|null/y)];
    }
    require(depth < 16, "Depth");
    const object = Object.create(null), list = [];
    if (begin === "[") members("]", () => list.push(value(depth + 1)));
    else {
      members("}", () => {
        const name = string();
        require(!(name in object), "Duplicate");
        next();
        take(/:/y);
        object[name] = value(depth + 1);
      });
    }
    return begin === "[" ? list : object;
  };

  const whole = value(0);
  next();
  require(at === text.length, "Syntax");
  require(isObject(whole), "NotAnObject");
  return whole;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// Control records

const isText = (value) => typeof value === "string";
const isId = (value) => isText(value) && /^[0-9a-f]{64}$/.test(value);
const isSigned = (value) => isText(value) && /^[0-9a-f]{128}$/.test(value);
const below = (bound) => (value) => Number.isInteger(value) && value >= 0 && value < bound;
const isTime = below(2 ** 53);
const listOf = (is) => (value) => Array.isArray(value) && value.every((each) => is(each));
const isLocalised = (value) => isObject(value) && Object.values(value).every(isText);
const objectOf = (members) => (value) => isObject(value) && Object.entries(members).every(([name, is]) => is(value[name]));
const optional = (is) => (value) => value === undefined || is(value);
const signatures = listOf(objectOf({ root: isId, signature: isSigned }));

const isMandate = objectOf({ resolution: isText, date: isText, attachment: optional(isId) });

const FORMS = {
  0: objectOf({
    name: isLocalised, purpose: isLocalised, founders: listOf(objectOf({ name: isLocalised, country: isText, key: isId })),
    thresholds: objectOf({ amendment: below(2 ** 32) }), admission: isLocalised, licence: isText, witnesses: isLocalised,
    depth: below(2 ** 8), kinds: listOf(below(2 ** 16)), minimum_version: optional(below(2 ** 16)),
  }),
  1: objectOf({
    name: isLocalised, country: isText, roots: listOf(isId), threshold: below(2 ** 32), next_roots: isId, consents: signatures,
    guardians: optional(objectOf({ members: listOf(objectOf({ organisation: isId, key: isId })), delay: isTime })),
  }),
  2: objectOf({ device: isId, label: isText, under: optional(isId), authorisations: signatures }),
  3: objectOf({
    scope: listOf(isText), depth: below(2 ** 8), from: isTime, until: isTime, evidence: isText,
    mandate: isMandate,
  }),
  4: objectOf({ ground: isText, mandate: optional(isMandate) }),
  11: objectOf({ ground: isText, law: isText, mandate: isMandate }),
};

function readForm(kind, bytes) {
  const said = readJson(bytes);
  require(FORMS[kind](said), "Form");
  return said;
}

// Not trim(), which takes other characters for white space than Unicode does.
const isBlank = (text) => !/\P{White_Space}/u.test(text);
const checkName = (name) => require(!Object.values(name).every(isBlank), "Name");

async function checkKeys(keys) {
  require(keys.length >= 1 && keys.length <= KEYS && new Set(keys).size === keys.length, "Keys");
  await named("Keys", () => keys.forEach((key) => checkKey(unhex(key))));
}

async function checkRoots(list, message, roots, threshold) {
  const signed = new Set();
  for (const { root, signature } of list) {
    require(roots.includes(root) && !signed.has(root), "Forged");
    signed.add(root);
    await named("Forged", () => checkSignature(unhex(root), message, unhex(signature)));
  }
  require(signed.size >= threshold, "TooFew");
}

/** The body of a verified founding charter. */
export async function readCharter(record, body) {
  require(record.kind === 0 && record.network === ZERO && record.organisation === ZERO && record.seq === 0n, "Header");
  const said = readForm(0, body), keys = said.founders.map((founder) => founder.key), { amendment } = said.thresholds;
  checkName(said.name);
  await checkKeys(keys);
  require(2 * amendment > keys.length && amendment <= keys.length, "Threshold");
  require(said.depth >= 1 && said.depth <= LEVELS, "Depth");
  require(keys[0] === record.device, "Signer");
  return said;
}

/** What roots sign to begin an organisation, and the digest of the roots in it. */
export async function consentMessage(record, said) {
  const digest = await sha256(TAG.roots, wide(said.threshold, 4), ...said.roots.map(unhex));
  return { digest, message: join(TAG.inception, unhex(record.network), unhex(record.device), unhex(digest)) };
}

/** The body of a verified inception. */
export async function readInception(record, body) {
  const said = readForm(1, body);
  checkName(said.name);
  await checkKeys(said.roots);
  require(said.threshold >= 1 && said.threshold <= said.roots.length, "Threshold");
  if (said.guardians?.members.length) await checkKeys(said.guardians.members.map((guardian) => guardian.key));
  await checkRoots(said.consents, (await consentMessage(record, said)).message, said.roots, said.threshold);
  return said;
}

/** The body of a device record whose author began with these roots. */
export async function readDevice(record, body, { roots, threshold }) {
  const said = readForm(2, body);
  await checkKeys([said.device]);
  const message = join(TAG.device, unhex(record.network), unhex(record.organisation), unhex(said.under ?? record.organisation), unhex(said.device));
  await checkRoots(said.authorisations, message, roots, threshold);
  return said;
}

/** The body of an attestation. */
export function readAttestation(_record, body) {
  const said = readForm(3, body);
  require(said.depth < LEVELS, "Depth");
  require(said.from < said.until, "Period");
  return said;
}

/** The body of an erasure. */
export function readErasure(_record, body) {
  const said = readForm(4, body);
  require(!isBlank(said.ground) && [...said.ground].length <= GROUND, "Ground");
  return said;
}

/** The body of a notice. */
export function readNotice(_record, body) {
  const said = readForm(11, body);
  require(!isBlank(said.ground) && [...said.ground].length <= GROUND, "Ground");
  require(!isBlank(said.law) && [...said.law].length <= LAW, "Law");
  return said;
}

// Standing

const allows = (held, right, need) => {
  const publish = held.scope.includes("publish"), vouch = held.scope.includes("vouch");
  if (need > 0) return vouch && held.depth >= need;
  return right === "publish" ? publish : right === "vouch" ? vouch : publish || vouch;
};

/** What the admitted control records of a network say together. */
export class Trust {
  constructor(network, charter) {
    this.network = network;
    this.depth = charter.depth;
    this.keys = new Set(charter.founders.map((founder) => founder.key));
    this.organisations = new Map();
    this.founded = new Map();
    this.founders = new Set();
    this.attested = new Map();
  }

  /**
   * The attestations from a founder down to the organisation that let it do this at a moment, none for a founder; null without standing.
   * The right is "publish", "vouch", or "belong" (either). Who is met again further up is passed over: more would be asked of it there.
   */
  standing(organisation, right, at) {
    const way = new Map([[organisation, null]]);
    let level = [organisation];
    for (let need = right === "vouch" ? 1 : 0; ; need++) {
      const [founder] = level.filter((each) => this.founders.has(each)).sort();
      if (founder) {
        const path = [];
        for (let held = way.get(founder); held; held = way.get(held.subject)) path.push(held);
        return path;
      }
      if (!level.length || need >= this.depth) return null;
      const above = level.flatMap((each) => this.attested.get(each) ?? []).filter((held) => {
        if (!(held.from <= at && at < held.until && allows(held, right, need)) || way.has(held.voucher)) return false;
        way.set(held.voucher, held);
        return true;
      });
      level = above.map((held) => held.voucher);
    }
  }

  /** Standing to do either, at `since` or a later moment: nobody can vouch for an organisation that has not begun. */
  standingSince(organisation, since) {
    const moments = (this.attested.get(organisation) ?? []).map(({ from, claimed_at }) => (from > claimed_at ? from : claimed_at));
    for (const at of [since, ...moments.filter((moment) => moment > since)]) {
      const path = this.standing(organisation, "belong", at);
      if (path) return path;
    }
    return null;
  }

  /** Checks that the author of a verified record may say it; gives what a control record says, and the path of the author's standing. */
  async check(record, body) {
    const { kind, organisation, device, claimed_at, author } = record;
    require(record.network === this.network && kind !== 0 && (kind === 1) === (organisation === ZERO), "refused");
    const known = this.organisations.get(organisation);
    if (kind === 1) require((this.founded.get(device) ?? author) === author, "refused");
    else {
      require(known, "unknown_author");
      require(known.devices.has(device), "unknown_device");
    }
    const read = { 1: readInception, 2: readDevice, 3: readAttestation, 4: readErasure, 11: readNotice }[kind];
    const said = read && body ? await named("refused", () => read(record, body, known)) : null;
    require(kind !== 2 || known.devices.size < DEVICES, "refused");
    require(![3, 4, 11].includes(kind) || record.subject !== ZERO, "refused");
    const path = kind === 1 && this.keys.has(device) ? []
      : kind < 3 ? this.standingSince(author, claimed_at)
      : this.standing(author, kind === 3 ? "vouch" : "publish", claimed_at);
    require(path, "no_standing");
    require(said || !read, "missing_body");
    return { said, path };
  }

  /** Takes in what a checked control record says. */
  take({ kind, id, organisation, device, subject, claimed_at }, said) {
    if (kind === 1) {
      if (this.keys.has(device)) this.founders.add(id);
      this.founded.set(device, id);
      if (!this.organisations.has(id)) this.organisations.set(id, { ...said, devices: new Set([device]) });
    } else if (kind === 2) {
      this.organisations.get(organisation).devices.add(said.device);
    } else if (kind === 3) {
      const held = this.attested.get(subject) ?? [], own = held.filter((each) => each.voucher === organisation && each.device === device);
      if (own.length >= ATTESTATIONS || own.some((each) => each.id === id)) return;
      held.push({ ...said, from: BigInt(said.from), voucher: organisation, id, device, subject, claimed_at });
      held.sort((a, b) => compare(a.voucher, b.voucher) || compare(a.claimed_at, b.claimed_at) || compare(a.id, b.id));
      this.attested.set(subject, held);
    }
  }
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

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

const MAGIC = ascii("koinon/bundle/1\0"), DIGEST = 32;

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
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(take(count()));
    } catch {
      throw new Refused("Malformed");
    }
  };
  const contents = {
    charter: kept(), control: list(kept), node: text(), size: count(), root: hex(take(32)),
    records: list(() => ({ ...kept(), position: count(), path: list(() => hex(take(32))) })),
  };
  require(at === end, "Trailing");
  const { control, records, node } = contents;
  require(records.length >= 1 && records.length <= 64 && control.length <= 256 && ascii(node).length <= 200, "Bounds");
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

async function takeControl(kept, trust) {
  const { record, body, changed } = await open(kept, trust.network);
  require(!changed, "changed_body");
  const { said } = await trust.check(record, body);
  require(body, "missing_body");
  trust.take(record, said);
}

async function state(kept, trust, { size, root }) {
  const id = await idOf(kept);
  try {
    const { record, body, changed } = await open(kept, trust.network);
    const { path } = await named((error) => (changed ? "changed_body" : error), () => trust.check(record, body));
    const included = await isIncluded(id, kept.position, size, root, kept.path);
    const failures = [...(changed ? ["changed_body"] : []), ...(included ? [] : ["not_included"])];
    const { kind, author, device, claimed_at, seq, subject } = record, content = changed ? "unknown" : body ? "intact" : "absent";
    const position = included ? kept.position : null;
    return { id, failures, kind, author, device, claimed_at, seq, subject, vouched: path, content, body, position };
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    // What a forged record says is not repeated.
    return { id, failures: [problem.message], content: "unknown", vouched: [] };
  }
}

/**
 * What a bundle proves. `error` names what is wrong with it as a whole, and then there is nothing else; else `records` says of each record
 * what does not hold (`failures`), who said it, when, and by whose leave; `setAside` are the control records that prove nothing. Without a
 * network from elsewhere the bundle is only consistent with itself: compare `network`.
 */
export async function verifyBundle(bytes, { network } = {}) {
  try {
    const { charter, control, records, ...journal } = await readBundle(bytes), founded = await idOf(charter);
    require(!network || network === founded, "Network");
    const said = await named("Charter", async () => {
      const { record, body } = await open(charter, founded);
      require(body, "changed_body");
      return readCharter(record, body);
    });
    const trust = new Trust(founded, said), setAside = [], statements = [];
    for (const kept of control) {
      try {
        await takeControl(kept, trust);
      } catch (problem) {
        if (!(problem instanceof Refused)) throw problem;
        setAside.push({ id: await idOf(kept), failure: problem.message });
      }
    }
    for (const kept of records) statements.push(await state(kept, trust, journal));
    const verified = statements.every(({ failures }) => !failures.length);
    return { verified, error: null, network: founded, charter: said, ...journal, records: statements, setAside };
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    return { verified: false, error: problem.message };
  }
}

// As a program, under Node only. Not awaited here, since run.mjs imports this module.
async function runAsProgram([, program, ...parameters]) {
  const { pathToFileURL } = await import("node:url");
  if (import.meta.url === pathToFileURL(program).href) await (await import("./run.mjs")).main(parameters);
}

if (globalThis.process?.argv?.[1]) runAsProgram(process.argv);
