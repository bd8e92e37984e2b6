"""Audit bundles: a trust that is built anew from the charter, and what it proves of a record."""

import hashlib

from control import read_charter
from journal import is_included
from notes import read_time
from records import HEADER, RECORD, SALT, TAG_BODY, TAG_ID, Refused, check_record, require
from trust import Trust

MAGIC, TAG_BUNDLE, DIGEST = b"koinon/bundle/2\0", b"koinon/v1/bundle\0", 32
CONTENT = 32


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
        # Each element takes bytes, so that a false count ends where the bytes do.
        count, items = self.number(), []
        while len(items) < count:
            items.append(read())
        return items

    def kept(self):
        """A record, and salt and body or None."""
        record, mark = self.take(RECORD), self.take(1)[0]
        require(mark <= 1, "Malformed")
        return record, (self.take(SALT), self.take(self.number())) if mark else None

    def proven(self):
        return self.kept(), self.number(), self.list(lambda: self.take(32))

    def text(self):
        try:
            return self.take(self.number()).decode()
        except UnicodeDecodeError:
            raise Refused("Malformed") from None


def read_bundle(raw):
    require(len(raw) <= 16 * 1024 * 1024, "TooLong")
    require(raw[:len(MAGIC)] == MAGIC, "Magic")
    long_enough = len(raw) >= len(MAGIC) + DIGEST
    require(long_enough and hashlib.sha256(TAG_BUNDLE + raw[:-DIGEST]).digest() == raw[-DIGEST:], "Damaged")
    inner = Bytes(raw[len(MAGIC):-DIGEST])
    charter, control, node = inner.kept(), inner.list(inner.kept), inner.text()
    tree = inner.number(), inner.take(32)
    dated = inner.text(), inner.list(inner.text), inner.list(inner.text)
    records = inner.list(inner.proven)
    require(inner.at == len(inner.raw), "Trailing")
    require(1 <= len(records) <= 64 and len(control) <= 256 and len(node.encode()) <= 200, "Bounds")
    require(len(dated[1]) <= 8 and len(dated[2]) <= 16, "Bounds")
    return charter, control, node, tree, dated, records


def id_of(kept):
    return hashlib.sha256(TAG_ID + kept[0][:HEADER]).digest()


def open_kept(kept, network):
    """A record that is right, its body or None, and whether it is another body than the one committed to."""
    try:
        record = check_record(kept[0], network)
    except Refused as refused:
        names = {"Network": "other_network", "BadSignature": "bad_signature", "NotAPoint": "bad_key", "Weak": "bad_key"}
        raise Refused(names.get(str(refused), "malformed")) from None
    if kept[1] is None:
        return record, None, False
    salt, body = kept[1]
    fits = len(body) == record["body_length"] and hashlib.sha256(TAG_BODY + salt + body).digest() == record["commitment"]
    return (record, body, False) if fits else (record, None, True)


FAILURES = {"unknown_author", "unknown_device", "ended_device", "unknown_act", "no_standing", "missing_body"}


def check(trust, record, body):
    """As trust.check, with the failures' names in a bundle."""
    try:
        return trust.check(record, body)
    except Refused as refused:
        raise Refused(str(refused) if str(refused) in FAILURES else "refused") from None


def take_control(kept, trust):
    record, body, changed = open_kept(kept, trust.network)
    require(not changed, "changed_body")
    said, _ = check(trust, record, body)
    require(body is not None, "missing_body")
    trust.take(record, said)


def judge_control(control, trust):
    """Takes in the control records, and again when all acts are known; the trust, and what was set aside."""
    for turn in range(2):
        aside = []
        for kept in control:
            try:
                take_control(kept, trust)
            except Refused as refused:
                aside.append((id_of(kept), str(refused)))
        if turn == 1 or not trust.acts.known:
            return trust, aside
        trust = trust.again()


def state(proven, trust, tree, time):
    """What is proven of a record; of one that is refused, nothing that it says."""
    kept, position, path = proven
    said = {"id": id_of(kept), "author": None, "vouched": [], "content": "unknown", "position": None, "erased": None, "time": None}
    try:
        record, body, changed = open_kept(kept, trust.network)
        try:
            vouched = check(trust, record, body)[1]
        except Refused as refused:
            raise Refused("changed_body" if changed else str(refused)) from None
    except Refused as refused:
        return said | {"failures": [str(refused)]}
    included = is_included(record["id"], position, *tree, path)
    return said | {
        "failures": ["changed_body"] * changed + ["not_included"] * (not included),
        "author": record["author"],
        "vouched": [held["id"] for held in vouched],
        "content": "unknown" if changed else "absent" if body is None else "intact",
        "position": position if included else None,
        "erased": trust.erasure_of(record["author"], record["id"]) if record["kind"] >= CONTENT else None,
        "time": time if included else "not_included",
    }


def verify_bundle(raw, network, witnesses=(), quorum=0):
    """What a bundle proves: records, with what does not hold of each, and the control records that were set aside.

    The reader's witnesses, written NAME+ID+KEY, count instead of those that the bundle names; without a quorum more than half of them must have
    cosigned.
    """
    charter, control, node, tree, dated, records = read_bundle(raw)
    require(id_of(charter) == network, "Network")
    try:
        record, body, _ = open_kept(charter, network)
        require(body is not None, "Charter")
        trust = Trust(network, read_charter(record, body))
    except Refused:
        raise Refused("Charter") from None
    checkpoints, time = read_time(tree, *dated, witnesses, quorum)
    trust, aside = judge_control(control, trust)
    records = [state(each, trust, tree, time) for each in records]
    return {"node": node, "size": tree[0], "root": tree[1], "records": records, "checkpoints": checkpoints, "aside": aside}


def check_bundle(raw, network):
    """The values of a vector, whose bundles are of one record."""
    report = verify_bundle(raw, network)
    record = report["records"][0]
    failures = [*record["failures"], *(failure for each, _ in report["checkpoints"] for failure in each)]
    require(not failures, failures and failures[0])
    erased = record["erased"]
    return {
        "id": record["id"], "author": record["author"], "vouched": " ".join(each.hex() for each in record["vouched"]),
        "body": record["content"], "node": report["node"], "position": record["position"], "size": report["size"], "root": report["root"],
        "erased": erased["id"] if erased else "-", "ground": erased["ground"] if erased else "-", "witnessed": record["time"],
        "cosignatures": " ".join(text for _, seen in report["checkpoints"] for text in map(cosignature, seen)),
    }


def cosignature(seen):
    at, key = seen
    return f"{key.hex()}@{at}"


def verdict(raw, network, witnesses, quorum):
    """All that must be alike in three verifiers, in a line."""
    try:
        report = verify_bundle(raw, network, witnesses, quorum)
    except Refused as refused:
        return str(refused)
    lines = [
        ",".join([
            each["id"].hex(), "+".join(each["failures"]) or "ok", each["author"].hex() if each["author"] else "-",
            "+".join(held.hex() for held in each["vouched"]), each["content"],
            "-" if each["position"] is None else str(each["position"]), each["erased"]["id"].hex() if each["erased"] else "-",
            "-" if each["time"] is None else str(each["time"]),
        ])
        for each in report["records"]
    ]
    for failures, seen in report["checkpoints"]:
        lines.append(f"checkpoint,{'+'.join(failures) or 'ok'},{'+'.join(map(cosignature, seen))}")
    return ";".join(lines + [f"aside,{name.hex()},{failure}" for name, failure in report["aside"]])
