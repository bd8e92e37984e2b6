"""Keys, signatures, records, logs, the JSON of bodies, and control records, from docs/PROTOCOL.md alone."""

import hashlib
import json
import unicodedata

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

RECORD, SALT, BODY = 296, 32, 65536
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
NEUTRAL = (0, 1)


def add(a, b):
    """The sum of two points in affine coordinates."""
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P


def times(n, point):
    result = NEUTRAL
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


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
    return (x if x & 1 == sign else P - x), y


def is_small(point):
    return times(8, point) == NEUTRAL


BASE = read_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def check_key(raw):
    point = read_point(raw)
    require(point is not None, "NotAPoint")
    require(not is_small(point), "Weak")
    return point


def check_signature(key, point, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    nonce = read_point(r)
    require(s < L and nonce is not None and not is_small(nonce), "BadSignature")
    k = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    require(times(s, BASE) == add(nonce, times(k, point)), "BadSignature")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        raise AssertionError("OpenSSL refuses what the strict rules accept") from None


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
    encoded, signature = raw[:232], raw[232:]
    header = read_header(encoded)
    require(header["version"] == 1, "Version")
    require(header["body_length"] <= BODY, "BodyTooLong")
    require(header["flags"] == 0, "Flags")
    require((header["previous"] == ZERO) == (header["seq"] == 0), "Previous")
    require(all(letter in TERRITORY for letter in header["territory"].rstrip(b"\0")), "Territory")
    name = hashlib.sha256(TAG_ID + encoded).digest()
    require(header["network"] == network or (header["network"] == ZERO and name == network), "Network")
    point = check_key(header["device"])
    check_signature(header["device"], point, TAG_RECORD + encoded, signature)
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
    return values | {"salt": sealed[:SALT], "committed_bytes": committed, "body_text": sealed[SALT:].decode()}


def check_sealed(raw, _network):
    require(len(raw) >= SALT + 8, "Malformed")
    salt, length, body = raw[:SALT], int.from_bytes(raw[SALT:SALT + 8], "big"), raw[SALT + 8:]
    require(length <= min(len(body), BODY), "Malformed")
    require(length == len(body), "Trailing")
    return {"salt": salt, "body": body, "commitment": hashlib.sha256(TAG_BODY + salt + body).digest()}


def check_log(raw, network):
    require(raw, "Malformed")
    head = None
    for at in range(0, len(raw), RECORD):
        record = check_record(raw[at:at + RECORD], network)
        following = 0 if head is None else head["seq"] + 1
        require(record["seq"] <= following, "Gap")
        require(record["seq"] >= following, "Taken")
        if head is not None:
            require(record["previous"] == head["id"], "Predecessor")
            require(record["claimed_at"] >= head["claimed_at"], "Backwards")
        head = record
    return {"head_id": head["id"], "head_seq": head["seq"]}


def check_fork(raw, network):
    require(len(raw) == 2 * RECORD, "Malformed")
    first, second = check_record(raw[:RECORD], network), check_record(raw[RECORD:], network)
    require(first["id"] < second["id"], "Order")
    place = {name: first[name] for name in ("organisation", "device", "seq")}
    require(all(second[name] == value for name, value in place.items()), "Apart")
    return place | {"first_id": first["id"], "second_id": second["id"]}


# The JSON of bodies


def unique_members(pairs):
    require(len(dict(pairs)) == len(pairs), "Duplicate")
    return dict(pairs)


def integer(text):
    value = int(text)
    require(abs(value) < 2**53, "Number")
    return value


def no_number(_text):
    raise Refused("Number")


def no_json(_text):
    raise Refused("Syntax")


def check_value(value, depth=0):
    if isinstance(value, str):
        require(not any(0xD800 <= ord(letter) < 0xE000 for letter in value), "Syntax")
        require("\0" not in value, "Nul")
        require(unicodedata.is_normalized("NFC", value), "NotNormal")
    elif isinstance(value, (dict, list)):
        require(depth < 16, "Depth")
        for part in [*value.keys(), *value.values()] if isinstance(value, dict) else value:
            check_value(part, depth + 1)


def read_json(raw):
    require(len(raw) <= BODY, "Length")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("Utf8") from None
    try:
        value = json.loads(
            text, object_pairs_hook=unique_members, parse_int=integer, parse_float=no_number, parse_constant=no_json,
        )
    except (json.JSONDecodeError, RecursionError):
        raise Refused("Syntax") from None
    check_value(value)
    require(isinstance(value, dict), "NotAnObject")
    return value


def check_json(raw, _network):
    read_json(raw)
    return {}


# Control records

MEMBERS = {
    0: {"name", "purpose", "founders", "thresholds", "admission", "licence", "witnesses", "depth", "kinds"},
    1: {"name", "country", "roots", "threshold", "next_roots", "consents"},
    3: {"scope", "depth", "from", "until", "evidence", "mandate"},
}


def check_keys(texts):
    keys = [bytes.fromhex(text) for text in texts]
    require(1 <= len(keys) <= 32 and len(set(keys)) == len(keys), "Keys")
    for key in keys:
        try:
            check_key(key)
        except Refused:
            raise Refused("Keys") from None
    return keys


def check_name(name):
    require(any(text.strip() for text in name.values()), "Name")


def check_charter(record, body):
    require(record["network"] == record["organisation"] == ZERO and record["seq"] == 0, "Header")
    check_name(body["name"])
    keys, amendment = check_keys([founder["key"] for founder in body["founders"]]), body["thresholds"]["amendment"]
    require(len(keys) / 2 < amendment <= len(keys), "Threshold")
    require(1 <= body["depth"] <= 4, "Depth")
    require(keys[0] == record["device"], "Signer")
    return {"network": record["id"]}


def check_inception(record, body):
    check_name(body["name"])
    roots, threshold, signed = check_keys(body["roots"]), body["threshold"], set()
    require(1 <= threshold <= len(roots), "Threshold")
    roots_digest = hashlib.sha256(b"koinon/v1/roots\0" + threshold.to_bytes(4, "big") + b"".join(roots)).digest()
    message = b"koinon/v1/inception\0" + record["network"] + record["device"] + roots_digest
    for consent in body["consents"]:
        root = bytes.fromhex(consent["root"])
        require(root in roots and root not in signed, "Forged")
        signed.add(root)
        try:
            check_signature(root, check_key(root), message, bytes.fromhex(consent["signature"]))
        except Refused:
            raise Refused("Forged") from None
    require(len(signed) >= threshold, "TooFew")
    return {"organisation": record["author"], "roots_digest": roots_digest, "consent_bytes": message}


def check_attestation(_record, body):
    require(0 <= body["depth"] <= 3, "Depth")
    require(body["from"] < body["until"], "Period")
    return {}


def check_control(raw, network):
    record = check_file(raw, network)
    require("body_text" in record, "Commitment")
    try:
        body = read_json(record["body_text"].encode())
        require(MEMBERS[record["kind"]] <= body.keys(), "Form")
        return {0: check_charter, 1: check_inception, 3: check_attestation}[record["kind"]](record, body)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused("Form") from None


def check_key_alone(raw, _network):
    check_key(raw)
    return {}
