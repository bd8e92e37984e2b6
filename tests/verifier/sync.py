"""The journal's tree and proofs (RFC 6962) and the messages of set reconciliation, from docs/PROTOCOL.md alone."""

import hashlib

from records import require

REQUEST, RANGES, PARTS, SMALL, IDS = 131072, 512, 16, 32, 2048
TAG_RANGE = b"koinon/v1/range\0"
FIRST, LAST = (0, bytes(32)), (2**64 - 1, b"\xff" * 32)
SKIP, PRINT, NAMES = 0, 1, 2


def sha256(data):
    return hashlib.sha256(data).digest()


# The journal

def power_below(count):
    """The greatest power of two below count, which is at least 2."""
    return 1 << (count - 1).bit_length() - 1


def root(ids):
    """MTH of RFC 6962, section 2.1."""
    if len(ids) < 2:
        return sha256(b"\0" + ids[0]) if ids else sha256(b"")
    k = power_below(len(ids))
    return sha256(b"\1" + root(ids[:k]) + root(ids[k:]))


def path(place, ids):
    """PATH of section 2.1.1."""
    if len(ids) == 1:
        return []
    k = power_below(len(ids))
    if place < k:
        return path(place, ids[:k]) + [root(ids[k:])]
    return path(place - k, ids[k:]) + [root(ids[:k])]


def subproof(old, ids, known):
    """SUBPROOF of section 2.1.2."""
    if old == len(ids):
        return [] if known else [root(ids)]
    k = power_below(len(ids))
    if old <= k:
        return subproof(old, ids[:k], known) + [root(ids[k:])]
    return subproof(old - k, ids[k:], False) + [root(ids[:k])]


def check_journal(data, _network):
    require(len(data) % 32 == 0, "Malformed")
    ids = [data[at:at + 32] for at in range(0, len(data), 32)]
    half = len(ids) // 2
    return {
        "size": len(ids), "root": root(ids),
        "inclusion": b"".join(path(half, ids)) if ids else b"",
        "consistency": b"".join(subproof(half, ids, True)) if half else b"",
    }


# Set reconciliation

class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        require(self.at + count <= len(self.data), "Malformed")
        self.at += count
        return self.data[self.at - count:self.at]

    def varint(self):
        value = 0
        for place in range(10):
            byte = self.take(1)[0]
            value |= (byte & 127) << 7 * place
            if byte < 128:
                require(value < 2**64, "Malformed")
                return value
        require(False, "Malformed")

    def bound(self, length, cursor):
        if length == 63:
            bound = LAST
        else:
            time = cursor[0] + self.varint()
            require(time < 2**64 and length <= 32, "Malformed")
            bound = (time, self.take(length).ljust(32, b"\0"))
        require(bound > cursor, "Malformed")
        return bound

    def ids(self, left):
        count = self.varint()
        require(count <= left, "Malformed")
        ids = [self.take(32) for _ in range(count)]
        require(all(one < other for one, other in zip(ids, ids[1:])), "Malformed")
        return ids


def decode(data):
    """The plane, and parts of (from, until, fingerprint or list of ids)."""
    require(len(data) <= REQUEST, "Malformed")
    reader, cursor, parts, left = Reader(data), FIRST, [], IDS
    plane = reader.take(1)[0]
    require(plane < 2, "Malformed")
    while reader.at < len(data):
        head = reader.take(1)[0]
        start, cursor = cursor, reader.bound(head & 63, cursor)
        require(head >> 6 < 3, "Malformed")
        if head >> 6 == SKIP:
            continue
        content = reader.take(16) if head >> 6 == PRINT else reader.ids(left)
        left -= len(content) if head >> 6 == NAMES else 0
        parts.append((start, cursor, content))
        require(len(parts) <= RANGES, "Malformed")
    require(encode(plane, parts) == data, "NotCanonical")
    return plane, parts


def varint(value):
    text = b""
    while value >= 128:
        text, value = text + bytes([value & 127 | 128]), value >> 7
    return text + bytes([value])


def bound(kind, cursor, place):
    if place == LAST:
        return bytes([kind << 6 | 63])
    prefix = place[1].rstrip(b"\0")
    return bytes([kind << 6 | len(prefix)]) + varint(place[0] - cursor[0]) + prefix


def encode(plane, parts):
    text, cursor = bytes([plane]), FIRST
    for start, until, content in parts:
        if start > cursor:
            text += bound(SKIP, cursor, start)
        if isinstance(content, bytes):
            text += bound(PRINT, start, until) + content
        else:
            text += bound(NAMES, start, until) + varint(len(content)) + b"".join(content)
        cursor = until
    return text


def fingerprint(items):
    total = sum(int.from_bytes(name, "big") for _, name in items) % 2**256
    return sha256(TAG_RANGE + total.to_bytes(32, "big") + len(items).to_bytes(8, "big"))


def shortest(before, after):
    """The shortest bound between two items that follow each other."""
    if before[0] != after[0]:
        return (after[0], bytes(32))
    same = next(at for at in range(32) if before[1][at] != after[1][at])
    return (after[0], after[1][:same + 1].ljust(32, b"\0"))


def split(start, until, items):
    step = len(items) // PARTS
    bounds = [start] + [shortest(items[step * part - 1], items[step * part]) for part in range(1, PARTS)] + [until]
    inside = lambda one, other: [item for item in items if one <= item < other]
    return [(one, other, fingerprint(inside(one, other))[:16]) for one, other in zip(bounds, bounds[1:])]


def respond(parts, items):
    answers, room = [], IDS
    for start, until, theirs in parts:
        own = [item for item in items if start <= item < until]
        if fingerprint(own)[:16] == theirs:
            continue
        if len(own) > SMALL:
            answers += split(start, until, own)
        elif len(own) > room:
            answers.append((start, until, fingerprint(own)[:16]))
        else:
            room -= len(own)
            answers.append((start, until, sorted(name for _, name in own)))
    return answers


def check_reconcile(data, _network):
    """The number of the responder's records (8), (claimed_at, id) of each (40), and an initiator's message."""
    count = int.from_bytes(data[:8], "big")
    place = lambda at: (int.from_bytes(data[at:at + 8], "big"), data[at + 8:at + 40])
    items = sorted(place(8 + 40 * number) for number in range(count))
    plane, parts = decode(data[8 + 40 * count:])
    require(all(isinstance(content, bytes) for _, _, content in parts), "Ids")
    return {"fingerprint": fingerprint(items), "response": encode(plane, respond(parts, items))}
