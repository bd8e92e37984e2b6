// The module that a node serves to browsers (node/assets/verify) as a program: vectors, what divides implementations, and tampered bundles.

import { readFile, readdir } from "node:fs/promises";
import { checkActs } from "./decided.mjs";
import { checkKind } from "./kinds.mjs";
import { checkReceipt } from "./receipts.mjs";
import { checkJournal, checkReconcile } from "./sync.mjs";
import {
  Refused, checkKey, checkSignature, consentMessage, hex, isConsistent, join, readAttestation, readCharter, readErasure, readInception, readJson, readNotice,
  unhex, verifyBundle, verifyFile, verifyFork, verifyLog, verifyRecord, verifySealed,
} from "../../node/assets/verify/verify.mjs";

const USAGE = `usage: node run.mjs DIRECTORY           the vectors there: one line for each; status 1 if any is not as expected
       node run.mjs --signatures FILE   one line for each: ok or the error
       node run.mjs --json FILE         one line for each: ok or the error
       node run.mjs --journals FILE     one line for each: ok or not_consistent
       node run.mjs --bundles FILE      one line for each: what it proves
       node run.mjs --bundle FILE NETWORK [VKEY ...]
                                        what one proves to who relies on that network, and on these witnesses instead of those that it
                                        names; status 3 unless all of it holds`;

async function main([first, second, ...rest]) {
  if (first === "--bundle" && second && rest.length) return bundle(second, rest);
  const run = { "--signatures": signatures, "--json": texts, "--journals": journals, "--bundles": bundles }[first];
  if (run && second) await run(second);
  else if (first && !first.startsWith("-")) await vectors(first);
  else {
    console.error(USAGE);
    process.exitCode = 2;
  }
}

// Vectors

const refused = (error) => { throw new Refused(error); };
const text = (bytes) => new TextDecoder().decode(bytes);
const tag = (name) => new TextEncoder().encode(`koinon/v1/${name}\0`);
const schemas = JSON.parse(await readFile(new URL("../../docs/kinds.json", import.meta.url)));

function recordValues({ encoded, body, salt, ...record }) {
  const sealed = body ? { salt, body_text: text(body), committed_bytes: join(tag("body"), salt, body) } : {};
  const [signed_bytes, named_bytes] = ["record", "record-id"].map((name) => join(tag(name), encoded));
  return { ...record, header: encoded, signed_bytes, named_bytes, ...sealed };
}

async function withBody(bytes, network) {
  const record = await verifyFile(bytes, network);
  return record.body ? record : refused("Commitment");
}

const CHECKS = {
  key: (bytes) => (checkKey(bytes), {}),
  record: async (bytes, network) => recordValues(await verifyRecord(bytes, network)),
  file: async (bytes, network) => recordValues(await verifyFile(bytes, network)),
  sealed: verifySealed,
  async log(bytes, network) {
    const { id, seq } = await verifyLog(bytes, network);
    return { head_id: id, head_seq: seq };
  },
  async fork(bytes, network) {
    const { first: { organisation, device, seq, id }, second } = await verifyFork(bytes, network);
    return { organisation, device, seq, first_id: id, second_id: second.id };
  },
  async control(bytes, network) {
    const record = await withBody(bytes, network);
    if (record.kind === 0) return (await readCharter(record, record.body), { network: record.id });
    const read = { 3: readAttestation, 4: readErasure, 11: readNotice }[record.kind];
    if (read) return (read(record, record.body), {});
    const { digest, message } = await consentMessage(record, await readInception(record, record.body));
    return { organisation: record.author, roots_digest: digest, consent_bytes: message };
  },
  json: (bytes) => (readJson(bytes), {}),
  async kind(bytes, network) {
    const record = await withBody(bytes, network);
    return checkKind(record, record.body, schemas);
  },
  acts: checkActs,
  journal: checkJournal,
  reconcile: checkReconcile,
  receipt: checkReceipt,
  async bundle(bytes, network) {
    const report = await verifyBundle(bytes, { network }), [record] = report.records ?? [];
    if (!report.verified) refused(report.error ?? [record, ...report.checkpoints].flatMap(({ failures }) => failures)[0]);
    const { id, author, vouched, content: body, position, erased, time } = record, { node, size, root } = report;
    const cosignatures = report.checkpoints.flatMap((each) => each.cosignatures).map(({ key, at }) => `${key}@${at}`).join(" ");
    return {
      id, author, vouched: vouched.map((held) => held.id).join(" "), body, position, node, size, root, cosignatures,
      erased: erased?.id ?? "-", ground: erased?.ground ?? "-", witnessed: time.why ?? time.at,
    };
  },
};

const asText = (value) => (value instanceof Uint8Array ? hex(value) : String(value));
const sorted = (values) => JSON.stringify(Object.entries(values).map(([name, value]) => [name, asText(value)]).sort());

async function vectors(directory) {
  let wrong = 0;
  const files = (await readdir(directory)).filter((name) => name.endsWith(".json")).sort();
  for (const file of files) {
    for (const vector of JSON.parse(await readFile(`${directory}/${file}`))) {
      let outcome = "ok", values = {};
      try {
        values = await CHECKS[vector.subject](unhex(vector.input), vector.network);
      } catch (problem) {
        if (!(problem instanceof Refused)) throw problem;
        outcome = problem.message;
      }
      const agrees = outcome === vector.expected && sorted(values) === sorted(vector.values ?? {});
      if (!agrees) wrong++;
      console.log(agrees ? "ok " : "WRONG", vector.subject, `${outcome}: ${vector.name}`);
    }
  }
  process.exitCode = wrong ? 1 : 0;
}

// What tests/tests/verifiers.rs asks

/** The outcome of each: "ok" or the error. */
async function outcomes(items, check) {
  for (const item of items) {
    try {
      await check(item);
      console.log("ok");
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      console.log(problem.message);
    }
  }
}

/** A JSON array of [key, message, signature], all hexadecimal. */
const signatures = async (file) => outcomes(JSON.parse(await readFile(file)), (row) => checkSignature(...row.map(unhex)));

/** A JSON array of texts, hexadecimal. */
const texts = async (file) => outcomes(JSON.parse(await readFile(file)), (row) => readJson(unhex(row)));

/** A JSON array of [older size, its root, size, its root, [hash, …]], sizes as decimal text. */
async function journals(file) {
  for (const [oldSize, oldRoot, size, root, path] of JSON.parse(await readFile(file))) {
    console.log(await isConsistent(BigInt(oldSize), oldRoot, BigInt(size), root, path) ? "ok" : "not_consistent");
  }
}

/**
 * Bundles one after the other, each behind its reader's network (32 bytes), the quorum (8 bytes, big-endian; 0 for none), the length (8) of
 * the witnesses' keys, one a line, these keys, and its length (8).
 */
async function bundles(file) {
  const packed = new Uint8Array(await readFile(file)), view = new DataView(packed.buffer, packed.byteOffset), lines = [];
  for (let at = 0; at < packed.length;) {
    const network = hex(packed.slice(at, at + 32)), quorum = Number(view.getBigUint64(at + 32)), begin = at + 48;
    const keys = begin + Number(view.getBigUint64(at + 40)), witnesses = text(packed.slice(begin, keys)).split("\n").filter((key) => key);
    at = keys + 8 + Number(view.getBigUint64(keys));
    lines.push(verdict(await verifyBundle(packed.slice(keys + 8, at), { network, witnesses, quorum })));
  }
  console.log(lines.join("\n"));
}

/** One bundle, for an auditor. */
async function bundle(file, [network, ...witnesses]) {
  const report = await verifyBundle(new Uint8Array(await readFile(file)), { network, witnesses });
  console.log([report.verified ? "verified" : "not verified", ...verdict(report).split(";")].join("\n"));
  process.exitCode = report.verified ? 0 : 3;
}

/** All that must be alike in three verifiers, in a line. */
function verdict({ error, records, checkpoints, setAside }) {
  if (error) return error;
  const said = records.map(({ id, failures, author = "-", vouched, content, position, erased, time }) => [
    id, failures.join("+") || "ok", author, vouched.map((held) => held.id).join("+"), content, position ?? "-", erased?.id ?? "-",
    time?.why ?? time?.at ?? "-",
  ].join(","));
  const seen = checkpoints.map(({ failures, cosignatures }) =>
    `checkpoint,${failures.join("+") || "ok"},${cosignatures.map(({ key, at }) => `${key}@${at}`).join("+")}`);
  return [...said, ...seen, ...setAside.map(({ id, failure }) => `aside,${id},${failure}`)].join(";");
}

await main(process.argv.slice(2));
