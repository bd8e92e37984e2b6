// Bytes, texts and hashes: what the other modules here share. Depends on nothing but SHA-2 of WebCrypto, which browsers have on https:// and
// localhost only, Node from 20.

/** The first rule that is broken; `message` is its name in docs/PROTOCOL.md. */
export class Refused extends Error {}

export const require = (holds, error) => { if (!holds) throw new Refused(error); };

/** What `make` gives, or a refusal by this name where it refuses by another. */
export async function named(error, make) {
  try {
    return await make();
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    throw new Refused(typeof error === "function" ? error(problem.message) : error);
  }
}

export const ZERO = "0".repeat(64);

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function hex(bytes) {
  let text = "";
  for (const byte of bytes) text += PAIRS[byte];
  return text;
}

export const unhex = (text) => Uint8Array.from({ length: text.length / 2 }, (_, n) => parseInt(text.slice(2 * n, 2 * n + 2), 16));
export const utf8 = (text) => new TextEncoder().encode(text);
export const number = (bytes) => BigInt(`0x0${hex(bytes)}`);
export const wide = (value, width) => unhex(value.toString(16).padStart(2 * width, "0"));
export const little = (bytes) => number(Uint8Array.from(bytes).reverse());

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

export async function sha(name, ...parts) {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) throw new Error("WebCrypto is missing here: open the page over https:// or on localhost, or use Node 20 or newer");
  return new Uint8Array(await subtle.digest(name, join(...parts)));
}

export const sha256 = async (...parts) => hex(await sha("SHA-256", ...parts));

export const tag = (name) => utf8(`koinon/v1/${name}\0`);
