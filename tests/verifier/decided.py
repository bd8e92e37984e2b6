"""Records that are judged together: which of their rules is broken first when all acts are known, or what follows from them."""

from acts import is_act, roots_digest
from control import read_charter
from records import Refused, check_file, require
from trust import Trust


def files(raw):
    while raw:
        length = int.from_bytes(raw[:8], "big")
        yield raw[8:8 + length]
        raw = raw[8 + length:]


def take(record, trust):
    trust.take(record, trust.check(record, record["body"])[0])


def check_acts(raw, network):
    charter, *records = (check_file(each, network) for each in files(raw))
    require(all("body" in record for record in records), "missing_body")
    trust = Trust(network, read_charter(charter, charter["body"]))
    for record in records:
        try:
            take(record, trust)
        except Refused:
            continue
    trust = trust.again()
    for record in records:
        take(record, trust)
    return values(records, trust)


def ordered(lines):
    return " ".join(sorted(set(lines)))


def values(records, trust):
    known = {organisation.hex(): each for organisation, each in trust.organisations.items()}
    return {
        "names": " ".join(trust.acts.known[record["id"]]["name"].hex() for record in records if is_act(record["kind"])),
        "charters": " ".join(f"{begins}:{name.hex()}" for begins, name, _ in trust.terms),
        "roots": ordered(f"{name}:{roots_line(trust, bytes.fromhex(name), each)}" for name, each in known.items()),
        "devices": ordered(
            f"{name}:{device.hex()}:" + (f"{end[0]}:{end[1].hex()}" if end else "-")
            for name, each in known.items() for device, end in each["devices"].items()
        ),
        "closed": ordered(
            f"{name}:{each['closed'][0].hex()}:" + "+".join(successor.hex() for successor in each["closed"][1])
            for name, each in known.items() if each["closed"]
        ),
        "suspended": ordered(
            f"{name}:{subject}:{begins}:{until}" for name, each in known.items() for subject, begins, until in each["suspended"]
        ),
        "successions": ordered(closing.hex() for closing in trust.succeeded()),
    }


def roots_line(trust, organisation, known):
    if known["event"] is None:
        return "-:-"
    roots = trust.acts.roots(organisation, known["begun"], known["event"])
    return f"{known['event'].hex()}:{roots_digest(roots['threshold'], roots['keys']).hex()}"
