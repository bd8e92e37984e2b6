"""What the admitted control records of a network say together, and who may speak by it."""

import bisect

from acts import AMENDMENT, Acts, is_act, read_act, roots_of
from control import check_authorised, read_attestation, read_device, read_erasure, read_inception, read_notice, read_succession
from records import ZERO, Refused, require

INCEPTION, DEVICE, ATTESTATION, ERASURE, NOTICE, SUCCESSION = 1, 2, 3, 4, 11, 14
DEVICES, ATTESTATIONS = 255, 64
READ = {
    INCEPTION: read_inception, DEVICE: read_device, ATTESTATION: read_attestation, ERASURE: read_erasure, NOTICE: read_notice, SUCCESSION: read_succession,
}


def allows(held, right, need):
    publish, vouch = "publish" in held["scope"], "vouch" in held["scope"]
    if need > 0:
        return vouch and held["depth"] >= need
    return {"publish": publish, "vouch": vouch, "belong": publish or vouch}[right]


class Trust:
    def __init__(self, network, charter, acts=None):
        """What a charter says, and acts that are known from the beginning."""
        self.network, self.charter, self.acts = network, charter, acts or Acts(network, charter)
        self.organisations, self.founded, self.attested, self.suspended = {}, {}, {}, set()
        self.erased, self.agreed, self.terms = {}, {}, self.acts.charters()

    def again(self):
        """As it was in the beginning, but for the acts."""
        return Trust(self.network, self.charter, self.acts)

    def is_founding(self, device):
        return any(founder["key"] == device.hex() for *_, charter in self.terms for founder in charter["founders"])

    def charter_at(self, at):
        """The charter that counts, and the keys of its founders."""
        charter = [charter for begins, _, charter in self.terms if begins <= at][-1]
        return charter, {founder["key"] for founder in charter["founders"]}

    def erasure_of(self, author, subject):
        """The first erasure by the author, or notice by who moderated then, or None."""
        def counts(each):
            return self.has_key(each["by"], self.charter_at(each["claimed_at"])[1]) if each["moderates"] else each["by"] == author
        counting = filter(counts, self.erased.get(subject, []))
        return min(counting, key=lambda each: (each["claimed_at"], each["id"]), default=None)

    def standing(self, organisation, right, at):
        """The attestations from a founder down to the organisation, or None. The right is "publish", "vouch" or "belong", either."""
        charter, keys = self.charter_at(at)
        level, met = [(organisation, [])], {organisation}
        for need in range(1 if right == "vouch" else 0, charter["depth"] + 1):
            founders = sorted(((each, path) for each, path in level if self.has_key(each, keys)), key=lambda found: found[0])
            if founders:
                return founders[0][1]
            if need == charter["depth"]:
                return None
            above = []
            for below, path in level:
                for held in self.attested.get(below, []):
                    if self.holds(held, below, at) and allows(held, right, need) and held["voucher"] not in met:
                        met.add(held["voucher"])
                        above.append((held["voucher"], [held, *path]))
            level = above
        return None

    def has_key(self, organisation, keys):
        return organisation in self.organisations and self.organisations[organisation]["founding"].hex() in keys

    def holds(self, held, subject, at):
        pair = held["voucher"], subject
        suspended = any(begins <= at < until for *of, begins, until in self.suspended if tuple(of) == pair)
        return held["from"] <= at < held["until"] and not suspended

    def standing_since(self, organisation, since):
        """Standing to do either at a moment or a later one: nobody can vouch for an organisation that has not begun."""
        moments = [max(held["from"], held["claimed_at"]) for held in self.attested.get(organisation, [])]
        vouchers = {held["voucher"] for held in self.attested.get(organisation, [])}
        resumed = {until for voucher, subject, _, until in self.suspended if subject == organisation and voucher in vouchers}
        moments += sorted(resumed)
        paths = (self.standing(organisation, "belong", at) for at in [since, *(at for at in moments if at > since)])
        return next((path for path in paths if path is not None), None)

    def check(self, record, body):
        """That the author may say this; what a control record says or None, and the path of the author's standing."""
        kind, author, device, at = record["kind"], record["author"], record["device"], record["claimed_at"]
        require(record["network"] == self.network and kind != 0, "refused")
        require((kind in (INCEPTION, AMENDMENT)) == (record["organisation"] == ZERO), "refused")
        require(not is_act(kind) or record["seq"] == 0, "NotAlone")
        known = self.organisations.get(author)
        if kind == INCEPTION:
            require(self.founded.get(device, author) == author, "refused")
        elif kind != AMENDMENT:
            require(known, "unknown_author")
            if not is_act(kind) and not self.adds_itself(record, body):
                self.check_device(record, known["devices"])
        said = self.read(record, body, known)
        require(kind != DEVICE or len({added for _, added in known["added"]}) < DEVICES, "refused")
        if is_act(kind) or kind == INCEPTION and self.is_founding(device):
            path = []
        elif kind in (INCEPTION, DEVICE):
            path = self.standing_since(author, at)
        else:
            path = self.standing(author, "vouch" if kind == ATTESTATION else "publish", at)
        require(path is not None, "no_standing")
        require(said is not None or not (kind in READ or is_act(kind)), "missing_body")
        return said, path

    @staticmethod
    def adds_itself(record, body):
        if record["kind"] != DEVICE or record["seq"] != 0 or body is None:
            return False
        try:
            return read_device(record, body)["device"] == record["device"].hex()
        except Refused:
            return False

    @staticmethod
    def check_device(record, devices):
        require(record["device"] in devices, "unknown_device")
        end = devices[record["device"]]
        require(end is None or record["seq"] < end[0] or (record["seq"], record["id"]) == end, "ended_device")

    def read(self, record, body, known):
        """What a control record says, or None."""
        kind = record["kind"]
        said = READ[kind](record, body) if kind in READ and body is not None else None
        require(kind not in (ATTESTATION, ERASURE, NOTICE, SUCCESSION) or record["subject"] != ZERO, "NoSubject")
        if is_act(kind) and body is not None:
            said = read_act(record, body)
            self.acts.check(record, said, known and known["begun"])
        elif kind == DEVICE and said is not None:
            under = bytes.fromhex(said.get("under", record["organisation"].hex()))
            roots = self.acts.roots(record["organisation"], known["begun"], under)
            check_authorised(record, said, under, roots["keys"], roots["threshold"])
        return said

    def take(self, record, said):
        """Takes in what a checked control record says."""
        author, device, kind = record["author"], record["device"], record["kind"]
        if is_act(kind):
            self.acts.take(record, said)
            self.terms = self.acts.charters()
        elif kind == INCEPTION:
            self.founded[device] = author
            self.organisations.setdefault(author, {"founding": device, "begun": roots_of(said), "added": set()})
        elif kind == DEVICE:
            under = bytes.fromhex(said.get("under", author.hex()))
            self.organisations[author]["added"].add((under, bytes.fromhex(said["device"])))
        elif kind == ATTESTATION:
            held = self.attested.setdefault(record["subject"], [])
            own = [each for each in held if (each["voucher"], each["device"]) == (author, device)]
            if len(own) < ATTESTATIONS and all(each["id"] != record["id"] for each in own):
                new = said | {"voucher": author, "device": device, "id": record["id"], "claimed_at": record["claimed_at"]}
                bisect.insort(held, new, key=lambda each: (each["voucher"], each["claimed_at"], each["id"]))
        elif kind in (ERASURE, NOTICE):
            new = {"ground": said["ground"], "mandate": said.get("mandate"), "claimed_at": record["claimed_at"], "id": record["id"], "by": author}
            self.erased.setdefault(record["subject"], []).append(new | {"moderates": kind == NOTICE})
        elif kind == SUCCESSION:
            self.agreed.setdefault(record["subject"], set()).add((author, record["claimed_at"]))
        if author in self.organisations and (is_act(kind) or kind in (INCEPTION, DEVICE)):
            self.settle(author)

    def settle(self, organisation):
        """Works out what follows from an organisation's inception, devices and acts."""
        known = self.organisations[organisation]
        known |= self.acts.resolve(organisation, known["begun"], known["founding"], known["added"])
        self.suspended = {each for each in self.suspended if each[0] != organisation} | {
            (organisation, bytes.fromhex(subject), begins, until) for subject, begins, until in known["suspended"]
        }

    def succeeded(self):
        """The closings that are successions."""
        found = []
        for organisation, known in self.organisations.items():
            closing, successors = known["closed"] or (None, [])
            agreed = self.agreed.get(closing, set())
            sides = {organisation, *successors}
            others = (self.standing(each, "vouch", at) for each, at in agreed if each not in sides)
            if successors and set(successors) <= {each for each, _ in agreed} and any(path is not None for path in others):
                found.append(closing)
        return sorted(found)
