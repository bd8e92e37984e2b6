#!/usr/bin/env python3
"""Checks the vectors of docs/PROTOCOL.md; written from that page alone, and shares no code with Koinon.

usage: verify.py DIRECTORY        one line for each vector; status 1 if any is not as expected
needs: python3 -m pip install cryptography
"""

import json
import pathlib
import sys

sys.dont_write_bytecode = True

from bundle import check_bundle
from content import check_kind
from records import (
    Refused, check_control, check_file, check_fork, check_json, check_key_alone, check_log, check_record, check_sealed,
)
from sync import check_journal, check_reconcile

CHECKS = {
    "key": check_key_alone, "record": check_record, "file": check_file,
    "sealed": check_sealed, "log": check_log, "fork": check_fork, "control": check_control, "json": check_json,
    "kind": check_kind, "bundle": check_bundle, "journal": check_journal, "reconcile": check_reconcile,
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


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    wrong = 0
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
        for vector in json.loads(path.read_text(encoding="utf-8")):
            outcome, values = answer(vector)
            agrees = (outcome, values) == (vector["expected"], vector.get("values", {}))
            wrong += not agrees
            print("ok " if agrees else "WRONG", vector["subject"], f"{outcome}: {vector['name']}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
