#!/usr/bin/env python3
"""Checks the vectors of docs/PROTOCOL.md; written from that page alone, and shares no code with Koinon.

usage: verify.py DIRECTORY           one line for each vector; status 1 if any is not as expected
       verify.py --signatures FILE   one line for each: ok or the error
       verify.py --json FILE         one line for each: ok or the error
       verify.py --journals FILE     one line for each: ok or not_consistent
       verify.py --bundles FILE      one line for each: what it proves
       verify.py --bundle FILE NETWORK [VKEY ...]
                                     what one proves to who relies on that network, and on these witnesses instead of those that it names;
                                     status 3 unless all of it holds
needs: python3 -m pip install cryptography
"""

import json
import pathlib
import sys

sys.dont_write_bytecode = True

from bundle import check_bundle, verdict
from content import check_kind
from control import check_control
from decided import check_acts
from journal import is_consistent
from receipts import check_receipt
from records import (
    Refused, check_file, check_fork, check_json, check_key_alone, check_log, check_record, check_sealed, judge_signature, read_json,
)
from sync import check_journal, check_reconcile


def check_whole_file(raw, network):
    values = check_file(raw, network)
    return values | {"body_text": values.pop("body").decode()} if "body" in values else values


CHECKS = {
    "key": check_key_alone, "record": check_record, "file": check_whole_file,
    "sealed": check_sealed, "log": check_log, "fork": check_fork, "control": check_control, "acts": check_acts, "json": check_json,
    "kind": check_kind, "bundle": check_bundle, "journal": check_journal, "reconcile": check_reconcile, "receipt": check_receipt,
}


def as_text(value):
    return value.hex() if isinstance(value, bytes) else str(value)


def answer(vector):
    """The outcome, and the values as text."""
    try:
        values = CHECKS[vector["subject"]](bytes.fromhex(vector["input"]), bytes.fromhex(vector["network"]))
    except Refused as refused:
        return str(refused), {}
    return "ok", {name: as_text(value) for name, value in values.items()}


def vectors(directory):
    wrong = 0
    for path in sorted(pathlib.Path(directory).glob("*.json")):
        for vector in json.loads(path.read_text(encoding="utf-8")):
            outcome, values = answer(vector)
            agrees = (outcome, values) == (vector["expected"], vector.get("values", {}))
            wrong += not agrees
            print("ok " if agrees else "WRONG", vector["subject"], f"{outcome}: {vector['name']}")
    sys.exit(1 if wrong else 0)


# What tests/tests/verifiers.rs asks


def signatures(path):
    """A JSON array of [key, message, signature], all hexadecimal."""
    for row in json.loads(pathlib.Path(path).read_text(encoding="utf-8")):
        print(judge_signature(*map(bytes.fromhex, row)) or "ok")


def texts(path):
    """A JSON array of texts, hexadecimal."""
    for text in json.loads(pathlib.Path(path).read_text(encoding="utf-8")):
        try:
            read_json(bytes.fromhex(text))
            print("ok")
        except Refused as refused:
            print(refused)


def journals(path):
    """A JSON array of [older size, its root, size, its root, [hash, …]], sizes as decimal text."""
    for old_size, old_root, size, root, hashes in json.loads(pathlib.Path(path).read_text(encoding="utf-8")):
        old, new = (int(old_size), bytes.fromhex(old_root)), (int(size), bytes.fromhex(root))
        print("ok" if is_consistent(*old, *new, [bytes.fromhex(each) for each in hashes]) else "not_consistent")


def bundles(path):
    """Bundles one after the other, each behind its reader's network (32 bytes), the quorum (8 bytes, big-endian; 0 for none), the length (8) of
    the witnesses' keys, one a line, these keys, and its length (8)."""
    packed, at = pathlib.Path(path).read_bytes(), 0

    def take(width):
        nonlocal at
        at += width
        return packed[at - width:at]

    def number():
        return int.from_bytes(take(8), "big")

    while at < len(packed):
        network, quorum = take(32), number()
        witnesses = take(number()).decode().split()
        print(verdict(take(number()), network, witnesses, quorum))


def bundle(path, network, *witnesses):
    """One bundle, for an auditor."""
    proven = verdict(pathlib.Path(path).read_bytes(), bytes.fromhex(network), witnesses, 0).split(";")
    verified = all(line.split(",")[1:2] == ["ok"] for line in proven if not line.startswith("aside,"))
    print("\n".join(["verified" if verified else "not verified", *proven]))
    sys.exit(0 if verified else 3)


def main():
    named = {"--signatures": signatures, "--json": texts, "--journals": journals, "--bundles": bundles}
    if len(sys.argv) >= 4 and sys.argv[1] == "--bundle":
        bundle(*sys.argv[2:])
    elif len(sys.argv) == 3 and sys.argv[1] in named:
        named[sys.argv[1]](sys.argv[2])
    elif len(sys.argv) == 2 and not sys.argv[1].startswith("-"):
        vectors(sys.argv[1])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
