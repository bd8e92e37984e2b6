"""Audit bundles: a trust that is built anew from the charter, and what it proves of a record."""

import hashlib

from records import (
    RECORD, SALT, TAG_BODY, TAG_ID, ZERO, Refused, check_attestation, check_charter, check_inception, check_key, check_keys,
    check_record, check_signature, read_json, require,
)

MAGIC, TAG_BUNDLE, TAG_DEVICE = b"koinon/bundle/1\0", b"koinon/v1/bundle\0", b"koinon/v1/device\0"


class Bytes:
    """Bytes that are read from the left."""

    def __init__(self, raw):
        self.raw, self.at = raw, 0

    def take(self, width):
        require(len(self.raw) - self.at >= width, "Malformed")
        self.at += width
        return self.raw[self.at - width:self.at]

    def number(self):
        return int.from_bytes(self.take(8), "big")

    def list(self, read):
        return [read() for _ in range(self.number())]

    def kept(self):
        """A record, and salt and body or None."""
        record, mark = self.take(RECORD), self.take(1)[0]
        require(mark <= 1, "Malformed")
        return record, (self.take(SALT), self.take(self.number())) if mark else None

    def proven(self):
        return self.kept(), self.number(), self.list(lambda: self.take(32))


class Trust:
    """What the admitted control records say."""

    def __init__(self, network, charter):
        self.network, self.depth = network, charter["depth"]
        self.keys = {bytes.fromhex(founder["key"]) for founder in charter["founders"]}
        self.organisations, self.founded, self.founders, self.attested = {}, {}, set(), {}

    def standing(self, organisation, right, at):
        """The attestations from a founder to the organisation, or None."""
        level, met = [(organisation, [])], {organisation}
        for need in range(1 if right == "vouch" else 0, self.depth + 1):
            founders = sorted((each, path) for each, path in level if each in self.founders)
            if founders:
                return founders[0][1]
            if need == self.depth:
                return None
            above = []
            for below, path in level:
                for held in self.attested.get(below, []):
                    allowed = (right in held["scope"] or (right == "any" and {"publish", "vouch"} & set(held["scope"]))) if need == 0 \
                        else "vouch" in held["scope"] and held["depth"] >= need
                    if held["from"] <= at < held["until"] and allowed and held["voucher"] not in met:
                        met.add(held["voucher"])
                        above.append((held["voucher"], [held["id"], *path]))
            level = above
        return None

    def belongs(self, organisation, since):
        moments = [max(held["from"], held["claimed_at"]) for held in self.attested.get(organisation, [])]
        return any(self.standing(organisation, "any", at) is not None for at in [since, *(at for at in moments if at > since)])

    def admit(self, record, body):
        """Checks that the author may say this, and takes in what a control record says."""
        kind, author, at = record["kind"], record["author"], record["claimed_at"]
        require(record["network"] == self.network and kind != 0, "refused")
        require((kind == 1) == (record["organisation"] == ZERO), "refused")
        if kind == 1:
            require(self.founded.get(record["device"], author) == author, "refused")
            said = self.read(body, lambda said: check_inception(record, said))
            require(record["device"] in self.keys or self.belongs(author, at), "no_standing")
            require(said is not None, "missing_body")
            roots = [bytes.fromhex(root) for root in said["roots"]]
            self.organisations.setdefault(author, {"devices": {record["device"]}, "roots": roots, "threshold": said["threshold"]})
            self.founded[record["device"]] = author
            self.founders |= {author} if record["device"] in self.keys else set()
            return
        require(author in self.organisations, "unknown_author")
        known = self.organisations[author]
        require(record["device"] in known["devices"], "unknown_device")
        if kind == 2:
            said = self.read(body, lambda said: check_device(self.network, author, known, said))
            require(self.belongs(author, at), "no_standing")
            require(said is not None, "missing_body")
            known["devices"].add(bytes.fromhex(said["device"]))
        elif kind == 3:
            said = self.read(body, lambda said: check_attestation(record, said))
            require(record["subject"] != ZERO, "refused")
            require(self.standing(author, "vouch", at) is not None, "no_standing")
            require(said is not None, "missing_body")
            held = said | {"voucher": author, "id": record["id"], "claimed_at": at}
            self.attested.setdefault(record["subject"], []).append(held)
        else:
            require(self.standing(author, "publish", at) is not None, "no_standing")

    def read(self, body, check):
        if body is None:
            return None
        try:
            said = read_json(body)
            check(said)
        except (Refused, KeyError, TypeError, ValueError, AttributeError):
            raise Refused("refused") from None
        return said


def check_device(network, organisation, known, said):
    check_keys([said["device"]])
    message, signed = TAG_DEVICE + network + organisation + bytes.fromhex(said["device"]), set()
    for each in said["authorisations"]:
        root = bytes.fromhex(each["root"])
        require(root in known["roots"] and root not in signed, "Forged")
        signed.add(root)
        check_signature(root, check_key(root), message, bytes.fromhex(each["signature"]))
    require(len(signed) >= known["threshold"], "TooFew")


def open_kept(kept, network):
    """A record that is right, its body or None, and what is wrong with the body or None."""
    try:
        record = check_record(kept[0], network)
    except Refused as refused:
        names = {"Network": "other_network", "BadSignature": "bad_signature", "NotAPoint": "bad_key", "Weak": "bad_key"}
        raise Refused(names.get(str(refused), "malformed")) from None
    if kept[1] is None:
        return record, None, None
    salt, body = kept[1]
    fits = len(body) == record["body_length"] and hashlib.sha256(TAG_BODY + salt + body).digest() == record["commitment"]
    return (record, body, None) if fits else (record, None, "changed_body")


def check_path(leaf, position, size, root, path):
    """RFC 9162, section 2.1.3.2."""
    require(position < size, "not_included")
    left, right, found = position, size - 1, hashlib.sha256(b"\0" + leaf).digest()
    for other in path:
        require(right, "not_included")
        if left & 1 or left == right:
            found = hashlib.sha256(b"\1" + other + found).digest()
            while left and not left & 1:
                left, right = left >> 1, right >> 1
        else:
            found = hashlib.sha256(b"\1" + found + other).digest()
        left, right = left >> 1, right >> 1
    require(right == 0 and found == root, "not_included")


def check_bundle(raw, network):
    require(len(raw) <= 16 * 1024 * 1024, "TooLong")
    require(raw[:16] == MAGIC, "Magic")
    require(len(raw) >= 48 and hashlib.sha256(TAG_BUNDLE + raw[:-32]).digest() == raw[-32:], "Damaged")
    inner = Bytes(raw[16:-32])
    charter, control = inner.kept(), inner.list(inner.kept)
    try:
        node = inner.take(inner.number()).decode()
    except UnicodeDecodeError:
        raise Refused("Malformed") from None
    size, root, records = inner.number(), inner.take(32), inner.list(inner.proven)
    require(inner.at == len(inner.raw), "Trailing")
    require(1 <= len(records) <= 64 and len(control) <= 256 and len(node.encode()) <= 200, "Bounds")
    require(hashlib.sha256(TAG_ID + charter[0][:232]).digest() == network, "Network")
    try:
        record, body, _ = open_kept(charter, network)
        said = read_json(body)
        check_charter(record, said)
    except (Refused, KeyError, TypeError, ValueError, AttributeError):
        raise Refused("Charter") from None
    trust = Trust(network, said)
    for kept in control:
        try:
            record, body, _ = open_kept(kept, network)
            trust.admit(record, body)
        except Refused:
            continue
    kept, position, path = records[0]
    record, body, wrong = open_kept(kept, network)
    try:
        trust.admit(record, body)
    except Refused as refused:
        raise Refused(wrong or str(refused)) from None
    require(wrong is None, wrong)
    check_path(record["id"], position, size, root, path)
    vouched = trust.standing(record["author"], "publish", record["claimed_at"])
    return {
        "id": record["id"], "author": record["author"], "vouched": " ".join(each.hex() for each in vouched),
        "body": "absent" if body is None else "intact", "node": node, "position": position, "size": size, "root": root,
    }
