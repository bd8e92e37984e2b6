"""Proofs of RFC 6962, section 2.1, checked by RFC 9162, sections 2.1.3.2 and 2.1.4.2."""

import hashlib


def parent(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def climb(left, right):
    """One level up, and past the levels at which the right edge has no sibling."""
    if left & 1 or left == right:
        while left and not left & 1:
            left, right = left >> 1, right >> 1
    return left >> 1, right >> 1


def is_included(name, place, size, root, path):
    """Whether a record stands at a place of the journal of so many records with this root."""
    if place >= size:
        return False
    left, right, found = place, size - 1, hashlib.sha256(b"\0" + name).digest()
    for other in path:
        if right == 0:
            return False
        found = parent(other, found) if left & 1 or left == right else parent(found, other)
        left, right = climb(left, right)
    return right == 0 and found == root


def is_consistent(old_size, old_root, size, root, path):
    """Whether the journal of so many records with this root begins with the older one."""
    if old_size > size:
        return False
    if old_size in (0, size):
        return not path and old_root == (root if old_size else hashlib.sha256().digest())
    left, right = old_size - 1, size - 1
    while left & 1:
        left, right = left >> 1, right >> 1
    rest = path if left else [old_root, *path]
    if not rest:
        return False
    before = after = rest[0]
    for other in rest[1:]:
        if right == 0:
            return False
        if left & 1 or left == right:
            before, after = parent(other, before), parent(other, after)
        else:
            after = parent(after, other)
        left, right = climb(left, right)
    return right == 0 and before == old_root and after == root
