// Records that are judged together: which of their rules is broken first when all acts are known, or what follows from them.

import { rootsDigest } from "../../node/assets/verify/control.mjs";
import { Refused, Trust, readCharter, verifyFile } from "../../node/assets/verify/verify.mjs";

async function read(bytes, network) {
  const view = new DataView(bytes.buffer, bytes.byteOffset), records = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 8 + Number(view.getBigUint64(at)), record = await verifyFile(bytes.slice(at + 8, end), network);
    if (!record.body) throw new Refused("missing_body");
    records.push(record);
    at = end;
  }
  return records;
}

const take = async (record, trust) => trust.take(record, (await trust.check(record, record.body)).said);

export async function checkActs(bytes, network) {
  const [charter, ...records] = await read(bytes, network), first = new Trust(network, await readCharter(charter, charter.body));
  for (const record of records) {
    try {
      await take(record, first);
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
    }
  }
  const trust = first.again();
  for (const record of records) await take(record, trust);
  return values(records, trust);
}

const ordered = (lines) => [...new Set(lines)].sort().join(" ");

async function values(records, trust) {
  const known = [...trust.organisations], lines = (line) => ordered(known.flatMap(([id, each]) => line(id, each)));
  const roots = [];
  for (const [id, { event, begun }] of known) {
    const said = event && trust.acts.roots(id, begun, event);
    roots.push(`${id}:${event ?? "-"}:${event ? await rootsDigest(said.threshold, said.roots) : "-"}`);
  }
  return {
    names: records.map(({ id }) => trust.acts.known.get(id)?.name).filter((name) => name).join(" "),
    charters: trust.terms.map(({ from, name }) => `${from}:${name}`).join(" "),
    roots: ordered(roots),
    devices: lines((id, { devices }) => [...devices].map(([device, end]) => `${id}:${device}:${end ? `${end.seq}:${end.id}` : "-"}`)),
    closed: lines((id, { closed }) => (closed ? [`${id}:${closed.record}:${closed.successors.join("+")}`] : [])),
    suspended: lines((id, { suspended }) => suspended.map(({ subject, from, until }) => `${id}:${subject}:${from}:${until}`)),
    successions: ordered(trust.succeeded()),
  };
}
