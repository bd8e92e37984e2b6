// What the admitted control records of a network say together, and who may speak by it: docs/PROTOCOL.md, "Control records" and "Audit bundle".

import { AMENDMENT, Acts, isAct, readAct } from "./acts.mjs";
import { Refused, ZERO, require } from "./bytes.mjs";
import { checkAuthorised, readAttestation, readDevice, readErasure, readInception, readNotice, readSuccession } from "./control.mjs";

const INCEPTION = 1, DEVICE = 2, ATTESTATION = 3, ERASURE = 4, NOTICE = 11, SUCCESSION = 14;
const DEVICES = 255, ATTESTATIONS = 64;
const READ = {
  [INCEPTION]: readInception, [DEVICE]: readDevice, [ATTESTATION]: readAttestation, [ERASURE]: readErasure, [NOTICE]: readNotice,
  [SUCCESSION]: readSuccession,
};

const allows = (held, right, need) => {
  const publish = held.scope.includes("publish"), vouch = held.scope.includes("vouch");
  if (need > 0) return vouch && held.depth >= need;
  return right === "publish" ? publish : right === "vouch" ? vouch : publish || vouch;
};

/** What the admitted control records of a network say together. */
export class Trust {
  /** What a charter says, and acts that are known from the beginning. */
  constructor(network, charter, acts = new Acts(network, charter)) {
    this.network = network;
    this.charter = charter;
    this.acts = acts;
    this.terms = acts.charters();
    this.organisations = new Map();
    this.founded = new Map();
    this.attested = new Map();
    this.erased = new Map();
    this.agreed = new Map();
  }

  /** As it was in the beginning, but for the acts. */
  again() {
    return new Trust(this.network, this.charter, this.acts);
  }

  /** Whether any charter that counts names this key among its founders. */
  isFounding(device) {
    return this.terms.some(({ keys }) => keys.has(device));
  }

  /** The organisations that any charter that counts names among its founders. */
  founders() {
    return new Set([...this.organisations].filter(([, { founding }]) => this.isFounding(founding)).map(([id]) => id));
  }

  /** The charter that counts at a moment, with the keys of its founders. */
  term(at) {
    return this.terms.findLast(({ from }) => from <= at);
  }

  /** The first erasure of a record by its author, or notice by who moderated then; or null. */
  erasureOf({ id, author }) {
    const isFounder = ({ by, claimed_at }) => this.term(claimed_at).keys.has(this.organisations.get(by)?.founding);
    const counting = (this.erased.get(id) ?? []).filter((each) => (each.moderates ? isFounder(each) : each.by === author));
    return counting.sort((a, b) => compare(a.claimed_at, b.claimed_at) || compare(a.id, b.id))[0] ?? null;
  }

  /**
   * The attestations from a founder down to the organisation that let it do this at a moment, none for a founder; null without standing.
   * The right is "publish", "vouch", or "belong" (either). Who is met again further up is passed over: more would be asked of it there.
   */
  standing(organisation, right, at) {
    const way = new Map([[organisation, null]]), { keys, charter: { depth } } = this.term(at);
    let level = [organisation];
    for (let need = right === "vouch" ? 1 : 0; ; need++) {
      const [founder] = level.filter((each) => keys.has(this.organisations.get(each)?.founding)).sort();
      if (founder) {
        const path = [];
        for (let held = way.get(founder); held; held = way.get(held.subject)) path.push(held);
        return path;
      }
      if (!level.length || need >= depth) return null;
      const above = level.flatMap((each) => this.attested.get(each) ?? []).filter((held) => {
        if (!this.holds(held, at) || !allows(held, right, need) || way.has(held.voucher)) return false;
        way.set(held.voucher, held);
        return true;
      });
      level = above.map((held) => held.voucher);
    }
  }

  holds({ voucher, subject, from, until }, at) {
    const suspended = this.organisations.get(voucher)?.suspended ?? [];
    return from <= at && at < until && !suspended.some((each) => each.subject === subject && each.from <= at && at < each.until);
  }

  /** Standing to do either, at `since` or a later moment: nobody can vouch for an organisation that has not begun. */
  standingSince(organisation, since) {
    const held = this.attested.get(organisation) ?? [];
    const suspended = held.flatMap(({ voucher }) => this.organisations.get(voucher)?.suspended ?? []);
    const resumed = suspended.filter(({ subject }) => subject === organisation).map(({ until }) => until);
    const moments = [...held.map(({ from, claimed_at }) => (from > claimed_at ? from : claimed_at)), ...resumed.sort(compare)];
    for (const at of [since, ...moments.filter((moment) => moment > since)]) {
      const path = this.standing(organisation, "belong", at);
      if (path) return path;
    }
    return null;
  }

  /** Checks that the author of a verified record may say it; gives what a control record says, and the path of the author's standing. */
  async check(record, body) {
    const { kind, organisation, device, seq, claimed_at, author } = record, act = isAct(kind), known = this.organisations.get(organisation);
    require(record.network === this.network && kind !== 0, "refused");
    require((kind === INCEPTION || kind === AMENDMENT) === (organisation === ZERO), "refused");
    require(!act || seq === 0n, "NotAlone");
    if (kind === INCEPTION) require((this.founded.get(device) ?? author) === author, "refused");
    else if (kind !== AMENDMENT) {
      require(known, "unknown_author");
      if (!act && !await addsItself(record, body)) checkDevice(record, known.devices);
    }
    const said = body && await this.read(record, body, known);
    require(![ATTESTATION, ERASURE, NOTICE, SUCCESSION].includes(kind) || record.subject !== ZERO, "NoSubject");
    require(kind !== DEVICE || new Set(known.added.map((each) => each.device)).size < DEVICES, "refused");
    const path = act || (kind === INCEPTION && this.isFounding(device)) ? []
      : kind === INCEPTION || kind === DEVICE ? this.standingSince(author, claimed_at)
      : this.standing(author, kind === ATTESTATION ? "vouch" : "publish", claimed_at);
    require(path, "no_standing");
    require(said || !(act || kind in READ), "missing_body");
    return { said, path };
  }

  /** What a control record of a known kind says; null for any other. */
  async read(record, body, known) {
    const { kind, organisation } = record;
    if (isAct(kind)) {
      const act = await readAct(record, body);
      await this.acts.check(record, act, known?.begun);
      return act;
    }
    const said = kind in READ ? await READ[kind](record, body) : null;
    if (kind === DEVICE) {
      const event = said.under ?? organisation;
      await checkAuthorised(record, said, event, this.acts.roots(organisation, known.begun, event));
    }
    return said;
  }

  /** Takes in what a checked control record says. */
  take({ kind, id, organisation, device, subject, claimed_at }, said) {
    if (isAct(kind)) {
      this.acts.take({ kind, id, organisation, claimed_at }, said);
      this.terms = this.acts.charters();
      this.settle(organisation);
    } else if (kind === INCEPTION) {
      this.founded.set(device, id);
      if (!this.organisations.has(id)) this.organisations.set(id, { ...said, begun: said, founding: device, added: [] });
      this.settle(id);
    } else if (kind === DEVICE) {
      this.organisations.get(organisation).added.push({ event: said.under ?? organisation, device: said.device });
      this.settle(organisation);
    } else if (kind === ATTESTATION) {
      const held = this.attested.get(subject) ?? [], own = held.filter((each) => each.voucher === organisation && each.device === device);
      if (own.length >= ATTESTATIONS || own.some((each) => each.id === id)) return;
      held.push({ ...said, from: BigInt(said.from), voucher: organisation, id, device, subject, claimed_at });
      held.sort((a, b) => compare(a.voucher, b.voucher) || compare(a.claimed_at, b.claimed_at) || compare(a.id, b.id));
      this.attested.set(subject, held);
    } else if (kind === ERASURE || kind === NOTICE) {
      const { ground, law = null, mandate = null } = said, erased = { ground, law, mandate, by: organisation, id, claimed_at, moderates: kind === NOTICE };
      this.erased.set(subject, [...(this.erased.get(subject) ?? []), erased]);
    } else if (kind === SUCCESSION) {
      this.agreed.set(subject, [...(this.agreed.get(subject) ?? []), { organisation, claimed_at }]);
    }
  }

  /** Works out what follows from an organisation's inception, devices and acts. */
  settle(organisation) {
    const known = this.organisations.get(organisation);
    if (known) Object.assign(known, this.acts.resolve(organisation, known));
  }

  /** The records of the closings that are successions. */
  succeeded() {
    const found = [];
    for (const [organisation, { closed }] of this.organisations) {
      const agreed = this.agreed.get(closed?.record) ?? [], successors = closed?.successors ?? [];
      const others = agreed.filter((each) => each.organisation !== organisation && !successors.includes(each.organisation));
      const isAgreed = successors.every((each) => agreed.some((other) => other.organisation === each));
      const witnessed = others.some((each) => this.standing(each.organisation, "vouch", each.claimed_at));
      if (successors.length && isAgreed && witnessed) found.push(closed.record);
    }
    return found.sort();
  }
}

/** Whether a device record is signed by the device that it adds. */
async function addsItself(record, body) {
  if (record.kind !== DEVICE || record.seq !== 0n || !body) return false;
  try {
    return (await readDevice(record, body)).device === record.device;
  } catch (problem) {
    if (problem instanceof Refused) return false;
    throw problem;
  }
}

function checkDevice({ device, seq, id }, devices) {
  require(devices.has(device), "unknown_device");
  const end = devices.get(device);
  require(!end || seq < end.seq || (seq === BigInt(end.seq) && id === end.id), "ended_device");
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
