// Signed notes, checkpoints and witnessed time, from docs/PROTOCOL.md, "Checkpoints and witnesses".

import { Refused, hex, number, require, sha256, utf8 } from "./bytes.mjs";
import { checkKey, checkSignature } from "./ed25519.mjs";

const NOTE = 65536, LINES = 32, NAME = 255, LATEST = 2n ** 63n - 1n, LAST = 2n ** 64n - 1n, LOG = 1, WITNESS = 4;

/** The bytes of base64 in its one form, or null. */
function base64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) return null;
  const binary = atob(text);
  return btoa(binary) === text ? Uint8Array.from(binary, (letter) => letter.charCodeAt(0)) : null;
}

const isName = (name) => name !== "" && utf8(name).length <= NAME && !/[\p{White_Space}\p{Cc}+]/u.test(name);

/** A number in its one form, at most 2^63 − 1, or null. */
const decimal = (text) => (/^(0|[1-9][0-9]*)$/.test(text) && text.length < 20 && BigInt(text) <= LATEST ? BigInt(text) : null);

const idOf = async (name, type, key) => (await sha256(utf8(name), [10, type], key)).slice(0, 8);

/** A key as it is written, NAME+ID+KEY, of a log or a witness. */
async function readVkey(text, type) {
  const [, name, id, key] = /^([^+]*)\+([^+]*)\+([^]*)$/.exec(text) ?? [], bytes = key === undefined ? null : base64(key);
  require(bytes?.length === 33 && bytes[0] === type && isName(name), "Key");
  const point = bytes.slice(1);
  try {
    checkKey(point);
  } catch (problem) {
    throw problem instanceof Refused ? new Refused("Key") : problem;
  }
  require(id === await idOf(name, type, point), "Key");
  return { name, id, key: point, text };
}

/** A note: its text and its signature lines, unchecked. */
function readNote(bytes) {
  require(bytes.length <= NOTE, "Checkpoint");
  let note;
  try {
    note = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused("Checkpoint");
  }
  const end = note.lastIndexOf("\n\n") + 1;
  require(!/[\0-\x09\x0b-\x1f]/.test(note) && end && note.endsWith("\n"), "Checkpoint");
  const lines = note.slice(end + 1, -1).split("\n");
  require(lines.length <= LINES && note.length > end + 1, "Checkpoint");
  return { text: note.slice(0, end), lines: lines.map(readLine) };
}

function readLine(line) {
  const [, name, signed] = /^— ([^ ]*) ([^]*)$/.exec(line) ?? [], bytes = signed === undefined ? null : base64(signed);
  require(bytes?.length > 4 && isName(name), "Checkpoint");
  return { name, id: hex(bytes.slice(0, 4)), signature: bytes.slice(4) };
}

/** What the text of a note says as a checkpoint. */
function readCheckpoint({ text }) {
  const lines = text.slice(0, -1).split("\n"), [origin, size, root] = lines;
  require(lines.length >= 3 && lines.every((line) => line !== ""), "Checkpoint");
  const bytes = base64(root);
  require(decimal(size) !== null && bytes?.length === 32, "Checkpoint");
  return { origin, size: decimal(size), root: hex(bytes) };
}

const holds = async (key, text, signature) => {
  try {
    await checkSignature(key, utf8(text), signature);
    return signature.length === 64;
  } catch (problem) {
    if (problem instanceof Refused) return false;
    throw problem;
  }
};

const linesOf = ({ lines }, { name, id }) => lines.filter((line) => line.name === name && line.id === id);

async function isSigned(note, log) {
  const own = linesOf(note, log);
  for (const { signature } of own) if (!await holds(log.key, note.text, signature)) return false;
  return own.length > 0;
}

/** When a witness cosigned, in milliseconds; null when it did not, and false when a line of its does not hold. */
async function cosigned(note, witness) {
  let first = null;
  for (const { signature } of linesOf(note, witness)) {
    const time = number(signature.slice(0, 8)), message = `cosignature/v1\ntime ${time}\n${note.text}`;
    if (signature.length !== 72 || time < 1n || time > LATEST) return false;
    if (!await holds(witness.key, message, signature.slice(8))) return false;
    if (first === null || time < first) first = time;
  }
  return first === null ? null : first * 1000n > LAST ? LAST : first * 1000n;
}

/** What a checkpoint proves of the tree in which the records stand. */
async function look({ note, origin, size, root }, log, tree, witnesses) {
  const failures = [], cosignatures = [], seen = { origin, size, root, failures, cosignatures };
  if (origin !== log.name) failures.push("other_log");
  else if (!await isSigned(note, log)) failures.push("bad_log_signature");
  else if (size !== tree.size || root !== tree.root) failures.push("other_tree");
  else {
    for (const witness of witnesses) {
      const at = await cosigned(note, witness);
      if (at === false) failures.push("bad_cosignature");
      else if (at !== null) cosignatures.push({ witness: witness.name, key: hex(witness.key), at });
    }
    cosignatures.sort(earlier);
  }
  return seen;
}

/**
 * All that a bundle says about time: its checkpoints, and when every record that stands in its tree was there (`at`, in milliseconds), or
 * what is missing (`why`). The reader's witnesses count instead of those that the bundle names.
 */
export async function readTime({ size, root, log, checkpoints, witnesses }, own, quorum) {
  const logKey = checkpoints.length || log ? await readVkey(log, LOG) : null, named = [], read = [];
  for (const text of witnesses) named.push(await readVkey(text, WITNESS));
  for (const bytes of checkpoints) {
    const note = readNote(bytes);
    read.push({ note, ...readCheckpoint(note) });
  }
  const relied = [];
  for (const text of own ?? []) relied.push(await readVkey(text, WITNESS));
  const used = relied.length ? relied : named, count = new Set(used.map(({ key }) => hex(key))).size, seen = [];
  for (const checkpoint of read) seen.push(await look(checkpoint, logKey, { size, root }, used));
  const needed = quorum || Math.floor(count / 2) + 1, by = earliest(seen.flatMap(({ cosignatures }) => cosignatures));
  const why = !seen.some(({ failures }) => failures.every((failure) => failure === "bad_cosignature")) ? "no_checkpoint"
    : count ? "too_few" : "no_witness";
  const time = by.length >= needed ? { at: by[needed - 1].at, by, quorum: needed } : { why, by, quorum: needed };
  return { checkpoints: seen, witnesses: used.map(({ text }) => text), chosenByReader: relied.length > 0, time };
}

const earlier = (a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** One a key, at its earliest. */
function earliest(cosignatures) {
  const keys = new Set();
  return [...cosignatures].sort(earlier).filter(({ key }) => !keys.has(key) && keys.add(key));
}
