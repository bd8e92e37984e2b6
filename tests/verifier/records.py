"""Keys, signatures, records, logs and the JSON of bodies, from docs/PROTOCOL.md alone."""

import functools
import hashlib
import re
import unicodedata

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

RECORD, HEADER, SALT, BODY = 296, 232, 32, 65536
TAG_RECORD, TAG_ID, TAG_BODY = b"koinon/v1/record\0", b"koinon/v1/record-id\0", b"koinon/v1/body\0"
FIELDS = [
    ("version", 2), ("kind", 2), ("network", 32), ("organisation", 32), ("device", 32), ("seq", 8), ("previous", 32),
    ("claimed_at", 8), ("body_length", 4), ("commitment", 32), ("subject", 32), ("territory", 12), ("topic", 2), ("flags", 2),
]
INTEGERS = {"version", "kind", "seq", "claimed_at", "body_length", "topic", "flags"}
TERRITORY = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
ZERO = bytes(32)


class Refused(Exception):
    """The first rule that is broken."""


def require(holds, error):
    if not holds:
        raise Refused(error)


# Ed25519

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
NEUTRAL = (0, 1, 1, 0)


# Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z: RFC 8032, section 5.1.4. The formula holds for all pairs of points.


def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e, f = (y1 - x1) * (y2 - x2) % P, 2 * D * t1 * t2 % P
    g, h = 2 * z1 * z2 % P, (y1 + x1) * (y2 + x2) % P
    e, f, g, h = h - e, g - f, g + f, h + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    result = NEUTRAL
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def is_same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


@functools.lru_cache(maxsize=4096)
def read_point(raw):
    """The point in 32 bytes, or None if there is none or the encoding is not canonical."""
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


@functools.lru_cache(maxsize=4096)
def is_small(point):
    return is_same(times(8, point), NEUTRAL)


BASE = read_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def check_key(raw):
    point = read_point(raw)
    require(point is not None, "NotAPoint")
    require(not is_small(point), "Weak")
    return point


# Whether a signature holds never changes, and who reads many bundles of one network meets the same ones again.
@functools.lru_cache(maxsize=4096)
def judge_signature(key, message, signature):
    """What is wrong with a signature, or None."""
    try:
        point = check_key(key)
        r, s = signature[:32], int.from_bytes(signature[32:], "little")
        nonce = read_point(r)
        require(len(signature) == 64 and s < L and nonce is not None and not is_small(nonce), "BadSignature")
        k = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
        require(is_same(times(s, BASE), add(nonce, times(k, point))), "BadSignature")
    except Refused as refused:
        return str(refused)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        raise AssertionError("OpenSSL refuses what the strict rules accept") from None
    return None


def check_signature(key, message, signature):
    wrong = judge_signature(key, message, signature)
    require(wrong is None, wrong)


# Records


def read_header(raw):
    header, at = {}, 0
    for name, width in FIELDS:
        value = raw[at:at + width]
        header[name] = int.from_bytes(value, "big") if name in INTEGERS else value
        at += width
    return header


def check_record(raw, network):
    """A record's values, after checks 1 to 9."""
    require(len(raw) == RECORD, "Malformed")
    encoded, signature = raw[:HEADER], raw[HEADER:]
    header = read_header(encoded)
    require(header["version"] == 1, "Version")
    require(header["body_length"] <= BODY, "BodyTooLong")
    require(header["flags"] == 0, "Flags")
    require((header["previous"] == ZERO) == (header["seq"] == 0), "Previous")
    require(all(letter in TERRITORY for letter in header["territory"].rstrip(b"\0")), "Territory")
    name = hashlib.sha256(TAG_ID + encoded).digest()
    require(header["network"] == network or (header["network"] == ZERO and name == network), "Network")
    check_signature(header["device"], TAG_RECORD + encoded, signature)
    author = name if header["organisation"] == ZERO else header["organisation"]
    return header | {
        "header": encoded, "signature": signature, "signed_bytes": TAG_RECORD + encoded, "named_bytes": TAG_ID + encoded,
        "id": name, "author": author, "territory": header["territory"].rstrip(b"\0").decode("ascii"),
    }


def check_file(raw, network):
    values = check_record(raw[:RECORD], network)
    sealed = raw[RECORD:]
    if not sealed:
        return values
    require(len(sealed) >= SALT, "Commitment")
    committed = TAG_BODY + sealed
    fits = len(sealed) - SALT == values["body_length"] and hashlib.sha256(committed).digest() == values["commitment"]
    require(fits, "Commitment")
    return values | {"salt": sealed[:SALT], "committed_bytes": committed, "body": sealed[SALT:]}


def check_sealed(raw, _network):
    require(len(raw) >= SALT + 8, "Malformed")
    salt, length, body = raw[:SALT], int.from_bytes(raw[SALT:SALT + 8], "big"), raw[SALT + 8:]
    require(length <= min(len(body), BODY), "Malformed")
    require(length == len(body), "Trailing")
    return {"salt": salt, "body": body, "commitment": hashlib.sha256(TAG_BODY + salt + body).digest()}


def check_link(record, head):
    """That a record continues the log whose last one is head, or None where the log is empty."""
    following = 0 if head is None else head["seq"] + 1
    require(record["seq"] <= following, "Gap")
    require(record["seq"] >= following, "Taken")
    if head is not None:
        require(record["previous"] == head["id"], "Predecessor")
        require(record["claimed_at"] >= head["claimed_at"], "Backwards")


def check_log(raw, network):
    require(raw, "Malformed")
    head = None
    for at in range(0, len(raw), RECORD):
        record = check_record(raw[at:at + RECORD], network)
        check_link(record, head)
        head = record
    return {"head_id": head["id"], "head_seq": head["seq"]}


def check_fork(raw, network):
    require(len(raw) == 2 * RECORD, "Malformed")
    first, second = check_record(raw[:RECORD], network), check_record(raw[RECORD:], network)
    require(first["id"] < second["id"], "Order")
    place = {name: first[name] for name in ("organisation", "device", "seq")}
    require(all(second[name] == value for name, value in place.items()), "Apart")
    return place | {"first_id": first["id"], "second_id": second["id"]}


# The JSON of bodies. json.loads keeps the last of two equal keys and lets lone surrogates pass; and of two faults the first must name
# the error.

SPACE, LETTERS = re.compile(r"[ \t\n\r]*"), re.compile(r'[^"\\\x00-\x1f]+')
ESCAPE, SHORT = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))'), dict(zip('"\\/bfnrt', '"\\/\b\f\n\r\t'))
INTEGER, FRACTION, EXPONENT = re.compile(r"-?(?:0(?![0-9])|[1-9][0-9]*)"), re.compile(r"\.[0-9]+"), re.compile(r"[eE][+-]?[0-9]+")
WORDS, WORD = {"true": True, "false": False, "null": None}, re.compile("true|false|null")


class Reader:
    """A text that is read from the left."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def take(self, pattern):
        found = pattern.match(self.text, self.at)
        require(found, "Syntax")
        self.at = found.end()
        return found

    def next(self):
        """The next character that is no white space; "" at the end."""
        self.take(SPACE)
        return self.here()

    def here(self):
        return self.text[self.at:self.at + 1]

    def expect(self, letter):
        require(self.next() == letter, "Syntax")
        self.at += 1

    def string(self):
        self.expect('"')
        parts = []
        while self.here() != '"':
            if self.here() != "\\":
                parts.append(self.take(LETTERS)[0])
                continue
            found = self.take(ESCAPE)
            parts.append(chr(int(found[1], 16)) if found[1] else SHORT[found[2]])
        self.at += 1
        try:
            text = "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise Refused("Syntax") from None
        require("\0" not in text, "Nul")
        require(unicodedata.is_normalized("NFC", text), "NotNormal")
        return text

    def integer(self):
        digits = self.take(INTEGER)[0]
        fraction = self.take(FRACTION) if self.here() == "." else None
        exponent = self.take(EXPONENT) if self.here() in ("e", "E") else None
        require(not fraction and not exponent and digits != "-0" and len(digits) <= 17 and abs(int(digits)) < 2**53, "Number")
        return int(digits)

    def members(self, end):
        """Stops before each member, until the closing bracket is read."""
        self.at += 1
        if self.next() != end:
            yield
            while self.next() != end:
                self.expect(",")
                self.next()
                yield
        self.at += 1

    def value(self, depth=0):
        begin = self.next()
        if begin == '"':
            return self.string()
        if begin in ("{", "["):
            require(depth < 16, "Depth")
            return self.object(depth + 1) if begin == "{" else [self.value(depth + 1) for _ in self.members("]")]
        return WORDS[self.take(WORD)[0]] if begin in ("t", "f", "n") else self.integer()

    def object(self, depth):
        found = {}
        for _ in self.members("}"):
            name = self.string()
            require(name not in found, "Duplicate")
            self.expect(":")
            found[name] = self.value(depth)
        return found


def read_json(raw):
    require(len(raw) <= BODY, "Length")
    try:
        reader = Reader(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise Refused("Utf8") from None
    value = reader.value()
    require(reader.next() == "", "Syntax")
    require(isinstance(value, dict), "NotAnObject")
    return value


def check_json(raw, _network):
    read_json(raw)
    return {}


def check_key_alone(raw, _network):
    check_key(raw)
    return {}
