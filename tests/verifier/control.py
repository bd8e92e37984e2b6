"""Control records that no act is: charter, inception, device, attestation, erasure, notice, succession."""

import hashlib
import re

from records import ZERO, Refused, check_file, check_key, check_signature, read_json, require

TAG_ROOTS, TAG_INCEPTION, TAG_DEVICE = b"koinon/v1/roots\0", b"koinon/v1/inception\0", b"koinon/v1/device\0"
KEYS, DEVICE_LIST, LEVELS, GROUND, LAW = 32, 256, 4, 2000, 500
# str.strip() takes other characters for white space than Unicode does.
WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

# Each form is a function: whether a value has it.


def text(value):
    return isinstance(value, str)


def digits(count):
    pattern = re.compile("[0-9a-f]{%d}" % count)
    return lambda value: text(value) and pattern.fullmatch(value)


def below(bound):
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value < bound


def listed(form):
    return lambda value: isinstance(value, list) and all(map(form, value))


def localised(value):
    return isinstance(value, dict) and all(map(text, value.values()))


def members(required, **optional):
    def holds(value):
        return (
            isinstance(value, dict)
            and all(name in value and form(value[name]) for name, form in required.items())
            and all(name not in value or form(value[name]) for name, form in optional.items())
        )
    return holds


identity, time = digits(64), below(2**53)
signatures = listed(members({"root": identity, "signature": digits(128)}))
mandate = members({"resolution": text, "date": text}, attachment=identity)
is_guardians = members({"members": listed(members({"organisation": identity, "key": identity})), "delay": time})
is_charter = members({
    "name": localised, "purpose": localised, "founders": listed(members({"name": localised, "country": text, "key": identity})),
    "thresholds": members({"amendment": below(2**32)}), "admission": localised, "licence": text, "witnesses": localised,
    "depth": below(2**8), "kinds": listed(below(2**16)),
}, minimum_version=below(2**16))
FORMS = {
    0: is_charter,
    1: members({
        "name": localised, "country": text, "roots": listed(identity), "threshold": below(2**32), "next_roots": identity,
        "consents": signatures,
    }, guardians=is_guardians),
    2: members({"device": identity, "label": text, "authorisations": signatures}, under=identity),
    3: members({
        "scope": listed(text), "depth": below(2**8), "from": time, "until": time, "evidence": text,
        "mandate": mandate,
    }),
    4: members({"ground": text}, mandate=mandate),
    11: members({"ground": text, "law": text, "mandate": mandate}),
    14: members({"ground": text, "mandate": mandate}),
}


def read_form(form, raw):
    said = read_json(raw)
    require(form(said), "Form")
    return said


def check_name(name):
    require(any(each.strip(WHITE) for each in name.values()), "Name")


def check_keys(texts, most=KEYS):
    keys = [bytes.fromhex(each) for each in texts]
    require(1 <= len(keys) <= most and len(set(keys)) == len(keys), "Keys")
    for key in keys:
        try:
            check_key(key)
        except Refused:
            raise Refused("Keys") from None
    return keys


def check_roots(given, message, roots, threshold):
    signed = set()
    for each in given:
        root = bytes.fromhex(each["root"])
        require(root in roots and root not in signed, "Forged")
        signed.add(root)
        try:
            check_signature(root, message, bytes.fromhex(each["signature"]))
        except Refused:
            raise Refused("Forged") from None
    require(len(signed) >= threshold, "TooFew")


def check_ground(said):
    require(said["ground"].strip(WHITE) and len(said["ground"]) <= GROUND, "Ground")


def check_mandate(said):
    require(said["resolution"].strip(WHITE), "Mandate")


def check_charter(said):
    check_name(said["name"])
    keys, amendment = check_keys([founder["key"] for founder in said["founders"]]), said["thresholds"]["amendment"]
    require(len(keys) < 2 * amendment and amendment <= len(keys), "Threshold")
    require(1 <= said["depth"] <= LEVELS, "Depth")
    return keys


def read_charter(record, raw):
    founding = record["kind"] == record["seq"] == 0 and record["network"] == record["organisation"] == ZERO
    require(founding, "Header")
    said = read_form(is_charter, raw)
    require(check_charter(said)[0] == record["device"], "Signer")
    return said


def consent(record, said):
    """The digest of the roots, and what they sign."""
    roots = b"".join(map(bytes.fromhex, said["roots"]))
    digest = hashlib.sha256(TAG_ROOTS + said["threshold"].to_bytes(4, "big") + roots).digest()
    return digest, TAG_INCEPTION + record["network"] + record["device"] + digest


def check_given_roots(said):
    """Roots, threshold and guardians; gives the roots."""
    roots, threshold = check_keys(said["roots"]), said["threshold"]
    require(1 <= threshold <= len(roots), "Threshold")
    if said.get("guardians", {}).get("members"):
        check_keys([guardian["key"] for guardian in said["guardians"]["members"]])
    return roots


def read_inception(record, raw):
    said = read_form(FORMS[1], raw)
    check_name(said["name"])
    roots = check_given_roots(said)
    check_roots(said["consents"], consent(record, said)[1], roots, said["threshold"])
    return said


def read_device(_record, raw):
    """A device record's body, without its signatures."""
    said = read_form(FORMS[2], raw)
    check_keys([said["device"]])
    return said


def check_authorised(record, said, under, roots, threshold):
    message = TAG_DEVICE + record["network"] + record["organisation"] + under + bytes.fromhex(said["device"])
    check_roots(said["authorisations"], message, roots, threshold)


def read_attestation(_record, raw):
    said = read_form(FORMS[3], raw)
    require(said["depth"] < LEVELS, "Depth")
    require(said["from"] < said["until"], "Period")
    return said


def read_erasure(_record, raw):
    said = read_form(FORMS[4], raw)
    check_ground(said)
    return said


def read_succession(_record, raw):
    said = read_form(FORMS[14], raw)
    check_ground(said)
    check_mandate(said["mandate"])
    return said


def read_notice(_record, raw):
    said = read_form(FORMS[11], raw)
    check_ground(said)
    require(said["law"].strip(WHITE) and len(said["law"]) <= LAW, "Law")
    return said


def check_control(raw, network):
    record = check_file(raw, network)
    require("body" in record, "Commitment")
    read = {0: read_charter, 1: read_inception, 3: read_attestation, 4: read_erasure, 11: read_notice}[record["kind"]]
    said = read(record, record["body"])
    if record["kind"] == 0:
        return {"network": record["id"]}
    if record["kind"] != 1:
        return {}
    digest, message = consent(record, said)
    return {"organisation": record["author"], "roots_digest": digest, "consent_bytes": message}
