"""Signed notes, checkpoints and witnessed time: docs/PROTOCOL.md, "Checkpoints and witnesses"."""

import base64
import hashlib
import re
import unicodedata

from control import WHITE
from records import Refused, check_key, check_signature, require

NOTE, LINES, NAME, LATEST, LAST = 65536, 32, 255, 2**63 - 1, 2**64 - 1
LOG, WITNESS = 1, 4


def read_base64(text):
    """The bytes of base64 in its one form, or None."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def is_name(name):
    wrong = any(letter in WHITE or letter == "+" or unicodedata.category(letter) == "Cc" for letter in name)
    return 1 <= len(name.encode()) <= NAME and not wrong


def decimal(text):
    """A number in its one form, at most 2^63 - 1, or None."""
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text, re.ASCII):
        return None
    return int(text) if int(text) <= LATEST else None


def key_id(name, kind, key):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]


class Vkey:
    """The key of a log or a witness with its name, read from NAME+ID+KEY."""

    def __init__(self, text, kind):
        parts = text.split("+", 2)
        require(len(parts) == 3, "Key")
        name, number, raw = parts[0], parts[1], read_base64(parts[2])
        require(raw is not None and len(raw) == 33 and raw[0] == kind and is_name(name), "Key")
        try:
            check_key(raw[1:])
        except Refused:
            raise Refused("Key") from None
        self.name, self.id, self.key = name, key_id(name, kind, raw[1:]), raw[1:]
        require(number == self.id.hex(), "Key")

    def lines(self, note):
        return [signature for name, number, signature in note.lines if (name, number) == (self.name, self.id)]

    def holds(self, text, signature):
        try:
            check_signature(self.key, text.encode(), signature)
        except Refused:
            return False
        return True


class Note:
    """A text and its signature lines, unchecked."""

    def __init__(self, text):
        require(len(text.encode()) <= NOTE, "Checkpoint")
        require(all(letter >= " " or letter == "\n" for letter in text), "Checkpoint")
        end = text.rfind("\n\n") + 1
        signatures = text[end + 1:]
        require(end and signatures.endswith("\n"), "Checkpoint")
        lines = signatures[:-1].split("\n")
        require(len(lines) <= LINES, "Checkpoint")
        self.text, self.lines = text[:end], [self.line(each) for each in lines]
        said = self.text[:-1].split("\n")
        require(len(said) >= 3 and all(said), "Checkpoint")
        root = read_base64(said[2])
        require(decimal(said[1]) is not None and root is not None and len(root) == 32, "Checkpoint")
        self.origin, self.size, self.root = said[0], decimal(said[1]), root

    @staticmethod
    def line(line):
        parts = line.split(" ", 2)
        require(len(parts) == 3 and parts[0] == "\u2014", "Checkpoint")
        raw = read_base64(parts[2])
        require(raw is not None and len(raw) > 4 and is_name(parts[1]), "Checkpoint")
        return parts[1], raw[:4], raw[4:]

    def signed_by(self, log):
        own = log.lines(self)
        return bool(own) and all(len(each) == 64 and log.holds(self.text, each) for each in own)

    def cosigned_by(self, witness):
        """When a witness cosigned, in milliseconds; None when it did not, and False when a line of its does not hold."""
        times = []
        for each in witness.lines(self):
            time = int.from_bytes(each[:8], "big")
            message = f"cosignature/v1\ntime {time}\n{self.text}"
            if len(each) != 72 or not 1 <= time <= LATEST or not witness.holds(message, each[8:]):
                return False
            times.append(min(time * 1000, LAST))
        return min(times, default=None)


def look(note, log, tree, witnesses):
    """What does not hold of a checkpoint, and the cosignatures (time, key), the earliest first."""
    if note.origin != log.name:
        return ["other_log"], []
    if not note.signed_by(log):
        return ["bad_log_signature"], []
    if (note.size, note.root) != tree:
        return ["other_tree"], []
    times = [(note.cosigned_by(witness), witness.key) for witness in witnesses]
    failures = ["bad_cosignature" for at, _ in times if at is False]
    return failures, sorted(each for each in times if each[0] not in (False, None))


def read_time(tree, log, checkpoints, witnesses, own, quorum):
    """The checkpoints, and when the records that stand in the tree were there, in milliseconds, or the name of what is missing."""
    key = Vkey(log, LOG) if log or checkpoints else None
    named = [Vkey(text, WITNESS) for text in witnesses]
    notes = [Note(text) for text in checkpoints]
    used = [Vkey(text, WITNESS) for text in own] or named
    count = len({witness.key for witness in used})
    needed = quorum or count // 2 + 1
    seen = [look(note, key, tree, used) for note in notes]
    earliest = {}
    for _, cosignatures in seen:
        for at, witness in cosignatures:
            earliest[witness] = min(at, earliest.get(witness, LAST))
    if len(earliest) >= needed:
        return seen, sorted(earliest.values())[needed - 1]
    if not any(set(failures) <= {"bad_cosignature"} for failures, _ in seen):
        return seen, "no_checkpoint"
    return seen, "too_few" if count else "no_witness"
