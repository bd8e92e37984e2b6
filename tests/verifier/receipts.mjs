// Receipts: what a node signs for a body that it erased.

import { Refused, checkSignature, hex, join, unhex } from "../../node/assets/verify/verify.mjs";

const TAG = new TextEncoder().encode("koinon/v1/receipt\0"), LENGTH = 168;

/** Who signed what, of 168 bytes. */
export async function checkReceipt(bytes, network) {
  if (bytes.length !== LENGTH) throw new Refused("Malformed");
  const [record, erasure, node, at, signature] = [[0, 32], [32, 64], [64, 96], [96, 104], [104, LENGTH]].map(([a, b]) => bytes.slice(a, b));
  const message = join(TAG, unhex(network), record, erasure, at);
  await checkSignature(node, message, signature);
  return { record: hex(record), erasure: hex(erasure), node: hex(node), at: BigInt(`0x${hex(at)}`), signed_bytes: message };
}
