// What replicas compare, for the vectors: a journal's tree with its proofs, and the responder's side of set reconciliation.

import { createHash } from "node:crypto";
import { Refused, hex, join } from "../../node/assets/verify/verify.mjs";

const sha = (...parts) => new Uint8Array(createHash("sha256").update(join(...parts)).digest());
const number = (bytes) => BigInt(`0x0${hex(bytes)}`);
const wide = (value, width) => Uint8Array.from({ length: width }, (_, n) => Number((value >> BigInt(8 * (width - 1 - n))) & 255n));
const require = (holds, error) => { if (!holds) throw new Refused(error); };

// RFC 6962, section 2.1

const half = (count) => 2 ** Math.ceil(Math.log2(count) - 1);

function root(ids) {
  if (ids.length < 2) return ids.length ? sha([0], ids[0]) : sha();
  const middle = half(ids.length);
  return sha([1], root(ids.slice(0, middle)), root(ids.slice(middle)));
}

function inclusion(place, ids) {
  if (ids.length < 2) return [];
  const middle = half(ids.length), [left, right] = [ids.slice(0, middle), ids.slice(middle)];
  return place < middle ? [...inclusion(place, left), root(right)] : [...inclusion(place - middle, right), root(left)];
}

function consistency(old, ids, isWhole = true) {
  if (old === ids.length) return isWhole ? [] : [root(ids)];
  const middle = half(ids.length), [left, right] = [ids.slice(0, middle), ids.slice(middle)];
  return old <= middle ? [...consistency(old, left, isWhole), root(right)] : [...consistency(old - middle, right, false), root(left)];
}

/** The values of a vector: ids one after the other. */
export function checkJournal(bytes) {
  require(bytes.length % 32 === 0, "Malformed");
  const size = bytes.length / 32, middle = Math.floor(size / 2);
  const ids = Array.from({ length: size }, (_, n) => bytes.slice(32 * n, 32 * n + 32));
  return {
    size, root: root(ids), inclusion: join(...inclusion(middle, ids)), consistency: join(...(middle ? consistency(middle, ids) : [])),
  };
}

// Set reconciliation. A place is a time and an id, both bigints; END is after all.

const FEW = 32, PARTS = 16, IDS = 2048, RANGES = 512, START = { time: 0n, id: 0n }, END = { time: 2n ** 64n, id: 0n };
const compare = (a, b) => (a.time !== b.time ? (a.time < b.time ? -1 : 1) : a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const PLAIN = { skip: 0, fingerprint: 1, ids: 2 };

/** The segments of a request, with whether its bytes are those that anybody would write. */
function readMessage(bytes) {
  let at = 0, isCanonical = true;
  const take = (width) => {
    require(width <= bytes.length - at, "Malformed");
    return bytes.slice(at, at += width);
  };
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const [byte] = take(1);
      value |= BigInt(byte & 127) << shift;
      require(shift <= 63n && value < 2n ** 64n, "Malformed");
      if (byte < 128) {
        isCanonical &&= byte > 0 || shift === 0n;
        return value;
      }
    }
  };
  const bound = (length, before) => {
    if (length === 63) return END;
    require(length <= 32, "Malformed");
    const time = before.time + varint(), prefix = take(length);
    isCanonical &&= prefix.at(-1) !== 0;
    require(time < END.time, "Malformed");
    return { time, id: number(join(prefix, new Uint8Array(32 - length))) };
  };
  const [plane] = take(1), segments = [];
  require(plane <= 1, "Malformed");
  for (let before = START; at < bytes.length;) {
    const [head] = take(1), kind = head >> 6, until = bound(head & 63, before);
    require(kind <= 2 && compare(before, until) < 0, "Malformed");
    const count = kind === PLAIN.ids ? varint() : 0n;
    require(count * 32n <= bytes.length - at, "Malformed");
    const ids = Array.from({ length: Number(count) }, () => number(take(32)));
    require(ids.every((id, n) => n === 0 || ids[n - 1] < id), "Malformed");
    isCanonical &&= kind !== PLAIN.skip || (segments.length === 0 || segments.at(-1).kind !== PLAIN.skip);
    segments.push({ kind, from: before, until, fingerprint: kind === PLAIN.fingerprint ? hex(take(16)) : null });
    before = until;
  }
  isCanonical &&= segments.at(-1)?.kind !== PLAIN.skip;
  require(segments.length <= RANGES, "Malformed");
  require(isCanonical, "NotCanonical");
  require(segments.every(({ kind }) => kind !== PLAIN.ids), "Ids");
  return { plane, segments };
}

/** Writes the segments of a message one after the other, with the skips between them. */
class Writer {
  constructor(plane) {
    this.parts = [[plane]];
    this.before = START;
  }

  segment(kind, from, until, content) {
    if (compare(this.before, from) < 0) this.bound(PLAIN.skip, from);
    this.bound(kind, until);
    this.parts.push(content);
  }

  bound(kind, until) {
    const prefix = [...wide(until.id, 32)];
    while (prefix.at(-1) === 0) prefix.pop();
    const isEnd = until === END;
    this.parts.push([kind * 64 + (isEnd ? 63 : prefix.length)], isEnd ? [] : varint(until.time - this.before.time), prefix);
    this.before = until;
  }
}

function varint(value) {
  const bytes = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return [...bytes, Number(value)];
}

const fingerprint = (items) => {
  const sum = items.reduce((sum, { id }) => (sum + id) % 2n ** 256n, 0n);
  return sha(new TextEncoder().encode("koinon/v1/range\0"), wide(sum, 32), wide(BigInt(items.length), 8));
};

/** The least bound between two records that follow each other. */
function between(first, second) {
  if (first.time !== second.time) return { time: second.time, id: 0n };
  const [a, b] = [wide(first.id, 32), wide(second.id, 32)], same = a.findIndex((byte, n) => byte !== b[n]);
  return { time: second.time, id: number(b.map((byte, n) => (n <= same ? byte : 0))) };
}

function answer({ plane, segments }, items) {
  const message = new Writer(plane);
  let named = 0;
  for (const { kind, from, until, fingerprint: theirs } of segments) {
    const own = items.filter((item) => compare(from, item) <= 0 && compare(item, until) < 0), ours = fingerprint(own).slice(0, 16);
    if (kind === PLAIN.skip || hex(ours) === theirs) continue;
    if (own.length <= FEW && named + own.length <= IDS) {
      named += own.length;
      const ids = own.map(({ id }) => wide(id, 32)).sort((a, b) => (hex(a) < hex(b) ? -1 : 1));
      message.segment(PLAIN.ids, from, until, join(varint(BigInt(own.length)), ...ids));
    } else if (own.length <= FEW) message.segment(PLAIN.fingerprint, from, until, ours);
    else {
      const each = Math.floor(own.length / PARTS);
      let begin = from;
      for (let part = 0; part < PARTS; part++) {
        const last = part === PARTS - 1, end = last ? until : between(own[(part + 1) * each - 1], own[(part + 1) * each]);
        const within = own.slice(part * each, last ? own.length : (part + 1) * each);
        message.segment(PLAIN.fingerprint, begin, end, fingerprint(within).slice(0, 16));
        begin = end;
      }
    }
  }
  return join(...message.parts);
}

/** The values of a vector: how many records the responder has, (claimed_at, id) of each, and the initiator's message. */
export function checkReconcile(bytes) {
  const count = Number(number(bytes.slice(0, 8))), end = 8 + 40 * count;
  const items = Array.from({ length: count }, (_, n) => {
    const at = 8 + 40 * n;
    return { time: number(bytes.slice(at, at + 8)), id: number(bytes.slice(at + 8, at + 40)) };
  }).sort(compare);
  return { fingerprint: fingerprint(items), response: answer(readMessage(bytes.slice(end)), items) };
}
