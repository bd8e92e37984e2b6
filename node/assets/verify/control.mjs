// Control records that no act is, from docs/PROTOCOL.md, "Control records": charter, inception, device, attestation, erasure, succession.

import { ZERO, join, named, require, sha256, tag, unhex, wide } from "./bytes.mjs";
import { checkKey, checkSignature } from "./ed25519.mjs";
import { isObject, readJson } from "./json.mjs";

export const KEYS = 32;
const LEVELS = 4, GROUND = 2000, LAW = 500;
const TAG = Object.fromEntries(["roots", "inception", "device"].map((name) => [name, tag(name)]));

export const isText = (value) => typeof value === "string";
export const isId = (value) => isText(value) && /^[0-9a-f]{64}$/.test(value);
const isSigned = (value) => isText(value) && /^[0-9a-f]{128}$/.test(value);
export const below = (bound) => (value) => Number.isInteger(value) && value >= 0 && value < bound;
export const isTime = below(2 ** 53);
export const listOf = (is) => (value) => Array.isArray(value) && value.every((each) => is(each));
const isLocalised = (value) => isObject(value) && Object.values(value).every(isText);
export const objectOf = (members) => (value) => isObject(value) && Object.entries(members).every(([name, is]) => is(value[name]));
export const optional = (is) => (value) => value === undefined || is(value);
export const signatures = listOf(objectOf({ root: isId, signature: isSigned }));

export const isMandate = objectOf({ resolution: isText, date: isText, attachment: optional(isId) });

export const isGuardians = objectOf({ members: listOf(objectOf({ organisation: isId, key: isId })), delay: isTime });
export const isCharter = objectOf({
  name: isLocalised, purpose: isLocalised, founders: listOf(objectOf({ name: isLocalised, country: isText, key: isId })),
  thresholds: objectOf({ amendment: below(2 ** 32) }), admission: isLocalised, licence: isText, witnesses: isLocalised,
  depth: below(2 ** 8), kinds: listOf(below(2 ** 16)), minimum_version: optional(below(2 ** 16)),
});
const isInception = objectOf({
  name: isLocalised, country: isText, roots: listOf(isId), threshold: below(2 ** 32), next_roots: isId, consents: signatures,
  guardians: optional(isGuardians),
});
const isDevice = objectOf({ device: isId, label: isText, under: optional(isId), authorisations: signatures });
const isAttestation = objectOf({
  scope: listOf(isText), depth: below(2 ** 8), from: isTime, until: isTime, evidence: isText, mandate: isMandate,
});
const isErasure = objectOf({ ground: isText, mandate: optional(isMandate) }), isSuccession = objectOf({ ground: isText, mandate: isMandate });
const isNotice = objectOf({ ground: isText, law: isText, mandate: isMandate });

export function readForm(is, bytes) {
  const said = readJson(bytes);
  require(is(said), "Form");
  return said;
}

// Not trim(), which takes other characters for white space than Unicode does.
const isBlank = (text) => !/\P{White_Space}/u.test(text);
const checkName = (name) => require(!Object.values(name).every(isBlank), "Name");

export async function checkKeys(keys, most = KEYS) {
  require(keys.length >= 1 && keys.length <= most && new Set(keys).size === keys.length, "Keys");
  await named("Keys", () => keys.forEach((key) => checkKey(unhex(key))));
}

export async function checkRoots(list, message, roots, threshold) {
  const signed = new Set();
  for (const { root, signature } of list) {
    require(roots.includes(root) && !signed.has(root), "Forged");
    signed.add(root);
    await named("Forged", () => checkSignature(unhex(root), message, unhex(signature)));
  }
  require(signed.size >= threshold, "TooFew");
}

export const checkGround = ({ ground }) => require(!isBlank(ground) && [...ground].length <= GROUND, "Ground");
export const checkMandate = ({ resolution }) => require(!isBlank(resolution), "Mandate");

/** What a charter says, founding or amended. */
export async function checkCharter(said) {
  const keys = said.founders.map((founder) => founder.key), { amendment } = said.thresholds;
  checkName(said.name);
  await checkKeys(keys);
  require(2 * amendment > keys.length && amendment <= keys.length, "Threshold");
  require(said.depth >= 1 && said.depth <= LEVELS, "Depth");
}

/** The body of a verified founding charter. */
export async function readCharter(record, body) {
  require(record.kind === 0 && record.network === ZERO && record.organisation === ZERO && record.seq === 0n, "Header");
  const said = readForm(isCharter, body);
  await checkCharter(said);
  require(said.founders[0].key === record.device, "Signer");
  return said;
}

export const rootsDigest = (threshold, roots) => sha256(TAG.roots, wide(threshold, 4), ...roots.map(unhex));

/** What roots sign to begin an organisation, and the digest of the roots in it. */
export async function consentMessage(record, said) {
  const digest = await rootsDigest(said.threshold, said.roots);
  return { digest, message: join(TAG.inception, unhex(record.network), unhex(record.device), unhex(digest)) };
}

/** Roots, threshold and guardians. */
export async function checkGivenRoots({ roots, threshold, guardians }) {
  await checkKeys(roots);
  require(threshold >= 1 && threshold <= roots.length, "Threshold");
  if (guardians?.members.length) await checkKeys(guardians.members.map((guardian) => guardian.key));
}

/** The body of a verified inception. */
export async function readInception(record, body) {
  const said = readForm(isInception, body);
  checkName(said.name);
  await checkGivenRoots(said);
  await checkRoots(said.consents, (await consentMessage(record, said)).message, said.roots, said.threshold);
  return said;
}

/** The body of a device record, without its signatures. */
export async function readDevice(_record, body) {
  const said = readForm(isDevice, body);
  await checkKeys([said.device]);
  return said;
}

/** The signatures in a device record, of roots that a key event gave its author. */
export function checkAuthorised({ network, organisation }, { device, authorisations }, event, { roots, threshold }) {
  return checkRoots(authorisations, join(TAG.device, ...[network, organisation, event, device].map(unhex)), roots, threshold);
}

/** The body of an attestation. */
export function readAttestation(_record, body) {
  const said = readForm(isAttestation, body);
  require(said.depth < LEVELS, "Depth");
  require(said.from < said.until, "Period");
  return said;
}

/** The body of an erasure. */
export function readErasure(_record, body) {
  const said = readForm(isErasure, body);
  checkGround(said);
  return said;
}

/** The body of a notice. */
export function readNotice(_record, body) {
  const said = readForm(isNotice, body);
  checkGround(said);
  require(!isBlank(said.law) && [...said.law].length <= LAW, "Law");
  return said;
}

/** The body of a succession. */
export function readSuccession(_record, body) {
  const said = readForm(isSuccession, body);
  checkGround(said);
  checkMandate(said.mandate);
  return said;
}
