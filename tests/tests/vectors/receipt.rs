//! Vectors of receipts: what a node signs for a body that it erased.

use crate::Subject::Receipt as Subject;
use crate::Values;
use crate::forge::{NETWORK, neutral_key};
use crate::table::Row;
use koinon_protocol::id::{DeviceKey, NetworkId, RecordId, Tag};
use koinon_protocol::key::{KeyError, Signer};
use koinon_protocol::receipt::Receipt;
use koinon_protocol::time::Millis;

/// Who signed what, or the first rule that is broken.
pub(crate) fn check(network: NetworkId, input: &[u8]) -> Result<Values, &'static str> {
    let receipt = Receipt::decode(input).map_err(|_| "Malformed")?;
    receipt.verify(network).map_err(|error| match error {
        KeyError::NotAPoint => "NotAPoint",
        KeyError::Weak => "Weak",
        KeyError::BadSignature => "BadSignature",
    })?;
    let Receipt { record, erasure, node, at, .. } = receipt;
    let time = at.0.to_be_bytes();
    let signed = [Tag::RECEIPT.bytes(), network.as_bytes(), record.as_bytes(), erasure.as_bytes(), &time].concat();
    Ok(Values::from([
        ("record", record.to_string()),
        ("erasure", erasure.to_string()),
        ("node", node.to_string()),
        ("at", at.0.to_string()),
        ("signed_bytes", hex::encode(signed)),
    ]))
}

/// The rows of this file.
pub(crate) fn rows() -> Vec<Row> {
    let node = Signer::from_seed(&[0x33; 32]);
    let (record, erasure, at) = (RecordId([1; 32]), RecordId([2; 32]), Millis(1_767_225_600_000));
    let right = Receipt::sign(&node, NETWORK, record, erasure, at);
    let row = |name, expected, receipt: Receipt| (Subject, name, expected, NETWORK, receipt.encode());
    let bytes = right.encode();
    vec![
        row("a receipt", "ok", right),
        row("that a node is there", "ok", Receipt::presence(&node, NETWORK, at)),
        row("a receipt for another record", "BadSignature", Receipt { record: RecordId([3; 32]), ..right }),
        row("a receipt for another erasure", "BadSignature", Receipt { erasure: RecordId([3; 32]), ..right }),
        row("a receipt of another time", "BadSignature", Receipt { at: Millis(at.0 + 1), ..right }),
        row("a receipt of another node", "BadSignature", Receipt { node: Signer::from_seed(&[0x34; 32]).public(), ..right }),
        row("a receipt of a key of small order", "Weak", Receipt { node: neutral_key(), ..right }),
        row("a receipt of what is no key", "NotAPoint", Receipt { node: DeviceKey([2; 32]), ..right }),
        (Subject, "a receipt in another network", "BadSignature", NetworkId([0x12; 32]), bytes.clone()),
        (Subject, "a receipt cut short", "Malformed", NETWORK, bytes[..167].to_vec()),
        (Subject, "a receipt and a byte", "Malformed", NETWORK, [&bytes[..], &[0]].concat()),
    ]
}
