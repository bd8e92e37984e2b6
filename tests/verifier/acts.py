"""Acts: what roots, guardians and founders decide together, which of it counts, and what follows."""

import hashlib

from control import (
    DEVICE_LIST, KEYS, TAG_ROOTS, below, check_charter, check_given_roots, check_ground, check_keys, check_mandate, check_roots, identity,
    is_charter, is_guardians, listed, mandate, members, read_form, signatures, text, time,
)
from records import ZERO, Refused, require

TAG_NAME, TAG_ACT, LATEST = b"koinon/v1/act-name\0", b"koinon/v1/act\0", 2**64 - 1
ROTATION, REVOCATION, RECOVERY, CONFIRMATION, VETO, CLOSING, SUSPENSION, AMENDMENT = 5, 6, 7, 8, 9, 10, 12, 13

last = members({"seq": time, "id": identity})
listing = listed(members({"device": identity, "label": text}, last=last))
succeeding = members({
    "previous": identity, "roots": listed(identity), "threshold": below(2**32), "next_roots": identity, "devices": listing,
    "mandate": mandate,
}, guardians=is_guardians, withdraws=listed(identity))
PAPER = members({"text": text, "signatures": signatures})
TEXTS = {
    ROTATION: succeeding,
    REVOCATION: members({"under": identity, "device": identity, "ground": text, "mandate": mandate}, last=last),
    RECOVERY: succeeding,
    CONFIRMATION: members({"recovery": identity, "mandate": mandate}),
    VETO: members({"recovery": identity, "ground": text, "mandate": mandate}),
    CLOSING: members({"under": identity, "devices": listing, "successors": listed(identity), "ground": text, "mandate": mandate}),
    SUSPENSION: members({"under": identity, "subject": identity, "from": time, "ground": text, "mandate": mandate}, until=time),
    AMENDMENT: members({"number": below(2**32), "previous": identity, "from": time, "charter": is_charter, "mandate": mandate}),
}


def is_act(kind):
    return kind in TEXTS


def check_devices(devices):
    keys = [each["device"] for each in devices]
    require(len(keys) <= DEVICE_LIST, "Devices")
    try:
        check_keys(keys, DEVICE_LIST) if keys else None
    except Refused:
        raise Refused("Devices") from None


def check_succeeding(said):
    check_given_roots(said)
    check_devices(said["devices"])
    require(len(said.get("withdraws", [])) <= KEYS, "Devices")


def check_closing(said):
    check_devices(said["devices"])
    require(all("last" in each for each in said["devices"]), "Devices")
    require(len(set(said["successors"])) == len(said["successors"]) <= KEYS, "Successors")
    check_ground(said)


def check_amendment(said):
    require(said["number"] > 0, "Number")
    check_charter(said["charter"])


RULES = {
    ROTATION: check_succeeding, RECOVERY: check_succeeding, REVOCATION: check_ground, CONFIRMATION: lambda said: None, VETO: check_ground,
    CLOSING: check_closing, AMENDMENT: check_amendment,
    SUSPENSION: lambda said: (require(said["from"] < said.get("until", LATEST), "Period"), check_ground(said)),
}


def read_act(record, raw):
    """An act that is right by itself: what its text says, its name, what is signed, and the signatures."""
    paper, kind = read_form(PAPER, raw), record["kind"]
    words = paper["text"].encode()
    said = read_form(TEXTS[kind], words)
    RULES[kind](said)
    check_mandate(said["mandate"])
    require(kind != SUSPENSION or said["subject"] == record["subject"].hex(), "NoSubject")
    name = hashlib.sha256(TAG_NAME + record["network"] + record["organisation"] + kind.to_bytes(2, "big") + words).digest()
    return {"said": said, "name": name, "message": TAG_ACT + record["device"] + name, "signatures": paper["signatures"]}


def roots_of(said):
    """What a key event says of roots."""
    guardians = [bytes.fromhex(each["key"]) for each in said.get("guardians", {}).get("members", [])]
    return {
        "keys": [bytes.fromhex(root) for root in said["roots"]], "threshold": said["threshold"], "next": said["next_roots"],
        "guardians": guardians, "delay": said.get("guardians", {}).get("delay", 0),
    }


def roots_digest(threshold, keys):
    return hashlib.sha256(TAG_ROOTS + threshold.to_bytes(4, "big") + b"".join(keys)).digest()


def earlier(*ends):
    """The earliest of some ends of a log, each (seq, id) or None."""
    return min((end for end in ends if end is not None), default=None)


def end_of(said):
    return (said["last"]["seq"], bytes.fromhex(said["last"]["id"])) if "last" in said else None


def meet(lists):
    """The devices that are in all lists, each until its earliest end."""
    lists = [{bytes.fromhex(each["device"]): end_of(each) for each in one} for one in lists]
    return {device: earlier(*(one[device] for one in lists)) for device in lists[0] if all(device in one for one in lists)}


class Acts:
    """All acts that are known."""

    def __init__(self, network, charter):
        self.known, self.network, self.charter = {}, network, charter

    def take(self, record, act):
        kept = {name: record[name] for name in ("id", "kind", "organisation", "claimed_at")}
        self.known.setdefault(record["id"], kept | act)

    def of(self, organisation, *kinds):
        return [act for act in self.known.values() if act["organisation"] == organisation and act["kind"] in kinds]

    def roots(self, organisation, begun, event):
        """The roots that a key event gives, whether it counts or not."""
        if event == organisation:
            return begun
        found = (act for act in self.of(organisation, ROTATION, RECOVERY) if act["name"] == event)
        act = next(found, None)
        require(act, "unknown_act")
        return roots_of(act["said"])

    def check(self, record, act, begun):
        """That what an act names is known, and that those signed who may."""
        kind, organisation, said = record["kind"], record["organisation"], act["said"]

        def roots(event):
            return self.roots(organisation, begun, bytes.fromhex(event))

        def signed(keys, threshold):
            check_roots(act["signatures"], act["message"], keys, threshold)

        def guarded(previous):
            signed(previous["guardians"], len(previous["guardians"]) // 2 + 1)

        if kind == AMENDMENT:
            number, begins, charter = self.charter_named(bytes.fromhex(said["previous"]))
            require(said["number"] == number + 1 and said["from"] > begins, "Number")
            signed([bytes.fromhex(founder["key"]) for founder in charter["founders"]], charter["thresholds"]["amendment"])
        elif kind == ROTATION:
            own = roots_of(said)
            require(roots_digest(own["threshold"], own["keys"]).hex() == roots(said["previous"])["next"], "NextRoots")
            signed(own["keys"], own["threshold"])
        elif kind == RECOVERY:
            guarded(roots(said["previous"]))
        elif kind in (CONFIRMATION, VETO):
            proposed = self.known.get(bytes.fromhex(said["recovery"]))
            known = proposed and proposed["kind"] == RECOVERY and proposed["organisation"] == organisation
            require(known, "unknown_act")
            previous = roots(proposed["said"]["previous"])
            if kind == VETO:
                signed(previous["keys"], previous["threshold"])
            else:
                guarded(previous)
                require(record["claimed_at"] >= min(proposed["claimed_at"] + previous["delay"], LATEST), "TooEarly")
        else:
            previous = roots(said["under"])
            signed(previous["keys"], previous["threshold"])

    # Charters

    def charter_named(self, name):
        """Number, first moment and text of a charter, whether it counts or not."""
        if name == self.network:
            return 0, 0, self.charter
        act = next((act for act in self.of(ZERO, AMENDMENT) if act["name"] == name), None)
        require(act, "unknown_act")
        return act["said"]["number"], act["said"]["from"], act["said"]["charter"]

    def charters(self):
        """The charters that count: first moment, name, text."""
        chain = [(0, self.network, self.charter)]
        while True:
            _, last_name, charter = chain[-1]
            signed = {}
            for act in self.of(ZERO, AMENDMENT):
                if act["said"]["previous"] == last_name.hex():
                    said, signers = signed.setdefault(act["name"], (act["said"], set()))
                    signers |= {each["root"] for each in act["signatures"]}
            every = [signer for _, signers in signed.values() for signer in signers]
            enough = [
                (said["from"], name, said["charter"]) for name, (said, signers) in signed.items()
                if sum(every.count(signer) == 1 for signer in signers) >= charter["thresholds"]["amendment"]
            ]
            if len(enough) != 1:
                return chain
            chain += enough

    # What counts of one organisation

    def next_event(self, organisation, event):
        """The act that follows a key event, or None; and several rotations, where it is contested between them."""
        rotations, recoveries = ({} for _ in range(2))
        for act in self.of(organisation, ROTATION, RECOVERY):
            if act["said"]["previous"] == event.hex():
                if act["kind"] == ROTATION:
                    rotations[act["name"]] = act
                elif self.is_confirmed(organisation, act["id"]):
                    recoveries[act["name"]] = act
        for found in (rotations, recoveries):
            if len(found) == 1:
                return next(iter(found.values())), []
        return None, list(rotations.values())

    def is_confirmed(self, organisation, recovery):
        about = {act["kind"] for act in self.of(organisation, CONFIRMATION, VETO) if act["said"]["recovery"] == recovery.hex()}
        return about == {CONFIRMATION}

    def resolve(self, organisation, begun, founding, added):
        """What follows from an organisation's acts. `added` are (key event, device) of its device records."""
        event, way, withdrawn, devices = organisation, [organisation], set(), {founding: None}
        while True:
            act, contested = self.next_event(organisation, event)
            if act is None:
                break
            event, devices = act["name"], meet([act["said"]["devices"]])
            way.append(event)
            withdrawn |= set(act["said"].get("withdraws", []))
        if contested:
            event, devices = None, meet([act["said"]["devices"] for act in contested])
        for under, device in added:
            if under == event:
                devices.setdefault(device, None)
        devices = self.revoked(organisation, event, devices)
        closed, devices = self.closed(organisation, event, devices)
        suspended = {
            (act["said"]["subject"], act["said"]["from"], act["said"].get("until", LATEST))
            for act in self.of(organisation, SUSPENSION)
            if bytes.fromhex(act["said"]["under"]) in way and act["name"].hex() not in withdrawn
        }
        return {"event": event, "devices": devices, "closed": closed, "suspended": suspended}

    def under(self, organisation, kind, event):
        return [act for act in self.of(organisation, kind) if event is not None and act["said"]["under"] == event.hex()]

    def revoked(self, organisation, event, devices):
        said = [act["said"] for act in self.under(organisation, REVOCATION, event)]
        gone = {each["device"] for each in said if "last" not in each}
        ends = [(bytes.fromhex(each["device"]), end_of(each)) for each in said]
        return {
            device: earlier(end, *(last for of, last in ends if of == device)) for device, end in devices.items() if device.hex() not in gone
        }

    def closed(self, organisation, event, devices):
        closings = self.under(organisation, CLOSING, event)
        if not closings:
            return None, devices
        ends, first = meet([act["said"]["devices"] for act in closings]), min(closings, key=lambda act: act["id"])
        successors = [bytes.fromhex(each) for each in first["said"]["successors"]]
        return (first["id"], successors), {device: earlier(end, ends[device]) for device, end in devices.items() if device in ends}
