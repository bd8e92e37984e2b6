"""What the admitted control records of a network say together, and who may speak by it."""

import bisect

from control import read_attestation, read_device, read_erasure, read_inception, read_notice
from records import ZERO, Refused, require

DEVICES, ATTESTATIONS = 256, 64
UNDERSTOOD = (1, 2, 3, 4, 11)


def allows(held, right, need):
    publish, vouch = "publish" in held["scope"], "vouch" in held["scope"]
    if need > 0:
        return vouch and held["depth"] >= need
    return {"publish": publish, "vouch": vouch, "belong": publish or vouch}[right]


class Trust:
    def __init__(self, network, charter):
        self.network, self.depth = network, charter["depth"]
        self.keys = {bytes.fromhex(founder["key"]) for founder in charter["founders"]}
        self.organisations, self.founded, self.founders, self.attested = {}, {}, set(), {}

    def standing(self, organisation, right, at):
        """The attestations from a founder down to the organisation, or None. The right is "publish", "vouch" or "belong", either."""
        level, met = [(organisation, [])], {organisation}
        for need in range(1 if right == "vouch" else 0, self.depth + 1):
            founders = sorted(((each, path) for each, path in level if each in self.founders), key=lambda found: found[0])
            if founders:
                return founders[0][1]
            if need == self.depth:
                return None
            above = []
            for below, path in level:
                for held in self.attested.get(below, []):
                    if held["from"] <= at < held["until"] and allows(held, right, need) and held["voucher"] not in met:
                        met.add(held["voucher"])
                        above.append((held["voucher"], [held, *path]))
            level = above
        return None

    def standing_since(self, organisation, since):
        """Standing to do either at a moment or a later one: nobody can vouch for an organisation that has not begun."""
        moments = [max(held["from"], held["claimed_at"]) for held in self.attested.get(organisation, [])]
        paths = (self.standing(organisation, "belong", at) for at in [since, *(at for at in moments if at > since)])
        return next((path for path in paths if path is not None), None)

    def check(self, record, body):
        """That the author may say this; what a control record says or None, and the path of the author's standing."""
        kind, author, device, at = record["kind"], record["author"], record["device"], record["claimed_at"]
        require(record["network"] == self.network and kind != 0, "refused")
        require((kind == 1) == (record["organisation"] == ZERO), "refused")
        known = self.organisations.get(author)
        if kind == 1:
            require(self.founded.get(device, author) == author, "refused")
        else:
            require(known, "unknown_author")
            require(device in known["devices"], "unknown_device")
        said = None
        if kind in UNDERSTOOD and body is not None:
            said = self.read(record, body, known)
        require(kind != 2 or len(known["devices"]) < DEVICES, "refused")
        require(kind not in (3, 4, 11) or record["subject"] != ZERO, "refused")
        if kind == 1 and device in self.keys:
            path = []
        elif kind in (1, 2):
            path = self.standing_since(author, at)
        else:
            path = self.standing(author, "vouch" if kind == 3 else "publish", at)
        require(path is not None, "no_standing")
        require(said is not None or kind not in UNDERSTOOD, "missing_body")
        return said, path

    @staticmethod
    def read(record, body, known):
        try:
            if record["kind"] == 2:
                return read_device(record, body, known["roots"], known["threshold"])
            read = {1: read_inception, 3: read_attestation, 4: read_erasure, 11: read_notice}[record["kind"]]
            return read(record, body)
        except Refused:
            raise Refused("refused") from None

    def take(self, record, said):
        """Takes in what a checked control record says."""
        author, device = record["author"], record["device"]
        if record["kind"] == 1:
            self.founders |= {author} & ({author} if device in self.keys else set())
            self.founded[device] = author
            roots = [bytes.fromhex(root) for root in said["roots"]]
            self.organisations.setdefault(author, {"devices": {device}, "roots": roots, "threshold": said["threshold"]})
        elif record["kind"] == 2:
            self.organisations[author]["devices"].add(bytes.fromhex(said["device"]))
        elif record["kind"] == 3:
            held = self.attested.setdefault(record["subject"], [])
            own = [each for each in held if (each["voucher"], each["device"]) == (author, device)]
            if len(own) < ATTESTATIONS and all(each["id"] != record["id"] for each in own):
                new = said | {"voucher": author, "device": device, "id": record["id"], "claimed_at": record["claimed_at"]}
                bisect.insort(held, new, key=lambda each: (each["voucher"], each["claimed_at"], each["id"]))
