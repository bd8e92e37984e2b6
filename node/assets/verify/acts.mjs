// Acts: what roots, guardians and founders decide together, which of it counts, and what follows. From docs/PROTOCOL.md, "Acts".

import { ZERO, join, named, require, sha256, tag, unhex, utf8, wide } from "./bytes.mjs";
import {
  KEYS, below, checkCharter, checkGivenRoots, checkGround, checkKeys, checkMandate, checkRoots, isCharter, isGuardians, isId, isMandate, isText,
  isTime, listOf, objectOf, optional, readForm, rootsDigest, signatures,
} from "./control.mjs";

const ROTATION = 5, REVOCATION = 6, RECOVERY = 7, CONFIRMATION = 8, VETO = 9, CLOSING = 10, SUSPENSION = 12;
export const AMENDMENT = 13;
const DEVICES = 256, LATEST = 2n ** 64n - 1n;
const NAME = tag("act-name"), ACT = tag("act");

const isLast = objectOf({ seq: isTime, id: isId }), isListing = listOf(objectOf({ device: isId, label: isText, last: optional(isLast) }));
const isPaper = objectOf({ text: isText, signatures });
const isSucceeding = objectOf({
  previous: isId, roots: listOf(isId), threshold: below(2 ** 32), next_roots: isId, guardians: optional(isGuardians), devices: isListing,
  withdraws: optional(listOf(isId)), mandate: isMandate,
});
const reasoned = { ground: isText, mandate: isMandate };
const TEXTS = {
  [ROTATION]: isSucceeding,
  [REVOCATION]: objectOf({ under: isId, device: isId, last: optional(isLast), ...reasoned }),
  [RECOVERY]: isSucceeding,
  [CONFIRMATION]: objectOf({ recovery: isId, mandate: isMandate }),
  [VETO]: objectOf({ recovery: isId, ...reasoned }),
  [CLOSING]: objectOf({ under: isId, devices: isListing, successors: listOf(isId), ...reasoned }),
  [SUSPENSION]: objectOf({ under: isId, subject: isId, from: isTime, until: optional(isTime), ...reasoned }),
  [AMENDMENT]: objectOf({ number: below(2 ** 32), previous: isId, from: isTime, charter: isCharter, mandate: isMandate }),
};

export const isAct = (kind) => kind in TEXTS;

async function checkDevices(devices) {
  if (devices.length) await named("Devices", () => checkKeys(devices.map(({ device }) => device), DEVICES));
}

async function checkSucceeding(said) {
  await checkGivenRoots(said);
  await checkDevices(said.devices);
  require((said.withdraws ?? []).length <= KEYS, "Devices");
}

const RULES = {
  [ROTATION]: checkSucceeding,
  [REVOCATION]: checkGround,
  [RECOVERY]: checkSucceeding,
  [CONFIRMATION]: () => {},
  [VETO]: checkGround,
  async [CLOSING](said) {
    await checkDevices(said.devices);
    require(said.devices.every(({ last }) => last), "Devices");
    require(new Set(said.successors).size === said.successors.length && said.successors.length <= KEYS, "Successors");
    checkGround(said);
  },
  [SUSPENSION](said) {
    require(said.from < (said.until ?? LATEST), "Period");
    checkGround(said);
  },
  async [AMENDMENT]({ number, charter }) {
    require(number > 0, "Number");
    await checkCharter(charter);
  },
};

/** An act that is right by itself: what its text says, its name, what is signed, and the signatures. */
export async function readAct({ kind, network, organisation, device, subject }, body) {
  const paper = readForm(isPaper, body), words = utf8(paper.text), said = readForm(TEXTS[kind], words);
  await RULES[kind](said);
  checkMandate(said.mandate);
  require(kind !== SUSPENSION || said.subject === subject, "NoSubject");
  const name = await sha256(NAME, unhex(network), unhex(organisation), wide(kind, 2), words);
  return { said, name, message: join(ACT, unhex(device), unhex(name)), signatures: paper.signatures };
}

const keysOf = (members) => (members ?? []).map(({ key }) => key);
const compareEnds = (a, b) => a.seq - b.seq || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** The earliest of some ends of a log, or null. */
const earliest = (ends) => ends.filter((end) => end).sort(compareEnds)[0] ?? null;

/** The devices that are in all lists, each until its earliest end. */
function meet(lists) {
  const [first, ...others] = lists.map((list) => new Map(list.map(({ device, last }) => [device, last ?? null])));
  const inAll = [...first.keys()].filter((device) => others.every((other) => other.has(device)));
  return new Map(inAll.map((device) => [device, earliest([first, ...others].map((list) => list.get(device)))]));
}

/** All acts that are known. */
export class Acts {
  constructor(network, charter) {
    this.network = network;
    this.charter = charter;
    this.known = new Map();
  }

  take(record, act) {
    if (!this.known.has(record.id)) this.known.set(record.id, { ...record, ...act });
  }

  of(organisation, ...kinds) {
    return [...this.known.values()].filter((act) => act.organisation === organisation && kinds.includes(act.kind));
  }

  /** The roots that a key event gives, whether it counts or not; `begun` is what the inception says. */
  roots(organisation, begun, event) {
    if (event === organisation) return begun;
    const act = this.of(organisation, ROTATION, RECOVERY).find(({ name }) => name === event);
    require(act, "unknown_act");
    return act.said;
  }

  /** Checks that what an act names is known, and that those signed who may. */
  async check({ kind, organisation, claimed_at }, { said, message, signatures: list }, begun) {
    const roots = (event) => this.roots(organisation, begun, event);
    const signed = (keys, threshold) => checkRoots(list, message, keys, threshold);
    const guarded = ({ guardians }) => {
      const keys = keysOf(guardians?.members);
      return signed(keys, Math.floor(keys.length / 2) + 1);
    };
    if (kind === AMENDMENT) {
      const before = this.charterNamed(said.previous), { founders, thresholds } = before.charter;
      require(said.number === before.number + 1 && said.from > before.from, "Number");
      await signed(keysOf(founders), thresholds.amendment);
    } else if (kind === ROTATION) {
      require(roots(said.previous).next_roots === await rootsDigest(said.threshold, said.roots), "NextRoots");
      await signed(said.roots, said.threshold);
    } else if (kind === RECOVERY) {
      await guarded(roots(said.previous));
    } else if (kind === CONFIRMATION || kind === VETO) {
      const proposed = this.known.get(said.recovery);
      require(proposed?.kind === RECOVERY && proposed.organisation === organisation, "unknown_act");
      const previous = roots(proposed.said.previous);
      if (kind === VETO) return signed(previous.roots, previous.threshold);
      await guarded(previous);
      const due = proposed.claimed_at + BigInt(previous.guardians?.delay ?? 0);
      require(claimed_at >= (due < LATEST ? due : LATEST), "TooEarly");
    } else {
      const previous = roots(said.under);
      await signed(previous.roots, previous.threshold);
    }
  }

  /** Number, first moment and text of a charter, whether it counts or not. */
  charterNamed(name) {
    if (name === this.network) return { number: 0, from: 0, charter: this.charter };
    const act = this.of(ZERO, AMENDMENT).find((each) => each.name === name);
    require(act, "unknown_act");
    return act.said;
  }

  /** The charters that count, with the keys of their founders. */
  charters() {
    const chain = [{ from: 0, name: this.network, charter: this.charter }];
    for (let next; (next = this.charterAfter(chain.at(-1)));) chain.push(next);
    return chain.map((term) => ({ ...term, keys: new Set(keysOf(term.charter.founders)) }));
  }

  charterAfter({ name: last, charter }) {
    const signed = new Map();
    for (const { name, said, signatures: list } of this.of(ZERO, AMENDMENT).filter((act) => act.said.previous === last)) {
      const { signers } = signed.get(name) ?? signed.set(name, { name, from: said.from, charter: said.charter, signers: new Set() }).get(name);
      for (const { root } of list) signers.add(root);
    }
    const all = [...signed.values()], isHonest = (signer) => all.filter(({ signers }) => signers.has(signer)).length === 1;
    const enough = all.filter(({ signers }) => [...signers].filter(isHonest).length >= charter.thresholds.amendment);
    return enough.length === 1 ? enough[0] : null;
  }

  /** The act that follows a key event, or null; and the rotations between which it is contested. */
  nextEvent(organisation, event) {
    const rotations = new Map(), recoveries = new Map();
    for (const act of this.of(organisation, ROTATION, RECOVERY).filter(({ said }) => said.previous === event)) {
      if (act.kind === ROTATION) rotations.set(act.name, act);
      else if (this.isConfirmed(organisation, act.id)) recoveries.set(act.name, act);
    }
    const only = [rotations, recoveries].find((found) => found.size === 1);
    return only ? { act: [...only.values()][0], contested: [] } : { act: null, contested: [...rotations.values()] };
  }

  isConfirmed(organisation, recovery) {
    const about = this.of(organisation, CONFIRMATION, VETO).filter(({ said }) => said.recovery === recovery);
    return about.length > 0 && about.every(({ kind }) => kind === CONFIRMATION);
  }

  /** What follows from the acts of an organisation: its key event (null when contested), devices with their ends, closing, suspensions. */
  resolve(organisation, { founding, added }) {
    const way = [organisation], withdrawn = new Set();
    let event = organisation, devices = new Map([[founding, null]]), next = this.nextEvent(organisation, event);
    for (; next.act; next = this.nextEvent(organisation, event)) {
      const { name, said } = next.act;
      event = name;
      devices = meet([said.devices]);
      way.push(event);
      for (const each of said.withdraws ?? []) withdrawn.add(each);
    }
    if (next.contested.length) {
      event = null;
      devices = meet(next.contested.map(({ said }) => said.devices));
    }
    for (const each of added) if (each.event === event && !devices.has(each.device)) devices.set(each.device, null);
    const under = (kind) => this.of(organisation, kind).filter(({ said }) => said.under === event);
    for (const { said: { device, last } } of under(REVOCATION)) {
      if (!last) devices.delete(device);
      else if (devices.has(device)) devices.set(device, earliest([devices.get(device), last]));
    }
    const counting = this.of(organisation, SUSPENSION).filter(({ name, said }) => way.includes(said.under) && !withdrawn.has(name));
    const suspended = counting.map(({ said: { subject, from, until = LATEST } }) => ({ subject, from, until }));
    return { event, suspended, ...close(under(CLOSING), devices) };
  }
}

/** What is left of devices after closings, which are one. */
function close(closings, devices) {
  if (!closings.length) return { closed: null, devices };
  const ends = meet(closings.map(({ said }) => said.devices)), [first] = closings.sort((a, b) => (a.id < b.id ? -1 : 1));
  const left = [...devices].filter(([device]) => ends.has(device));
  return {
    closed: { record: first.id, successors: first.said.successors },
    devices: new Map(left.map(([device, end]) => [device, earliest([end, ends.get(device)])])),
  };
}
