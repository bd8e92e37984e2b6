"""Receipts: what a node signs for a body that it erased."""

from records import check_signature, require

TAG_RECEIPT, LENGTH = b"koinon/v1/receipt\0", 168


def check_receipt(raw, network):
    require(len(raw) == LENGTH, "Malformed")
    record, erasure, node, at, signature = raw[:32], raw[32:64], raw[64:96], raw[96:104], raw[104:]
    message = TAG_RECEIPT + network + record + erasure + at
    check_signature(node, message, signature)
    return {"record": record, "erasure": erasure, "node": node, "at": int.from_bytes(at, "big"), "signed_bytes": message}
