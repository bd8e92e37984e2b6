//! Signatures about which implementations differ: those of C2SP's CCTV and of Wycheproof, which are no part of this repository, and our own
//! at the edges of the rules.

use koinon_protocol::id::DeviceKey;
use koinon_protocol::key::{KeyError, PublicKey, Signature, Signer};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Key, message, signature.
pub(crate) type Row = (Vec<u8>, Vec<u8>, Vec<u8>);

pub(crate) fn rows() -> Vec<Row> {
    [own(), edges(), wycheproof()].concat()
}

pub(crate) fn packed(rows: &[Row]) -> Vec<u8> {
    let rows: Vec<_> = rows.iter().map(|(key, message, signature)| [key, message, signature].map(hex::encode)).collect();
    serde_json::to_vec(&rows).expect("rows are JSON")
}

pub(crate) fn answer(key: &[u8], message: &[u8], signature: &[u8]) -> String {
    let Ok(key) = key.try_into().map(DeviceKey) else { return "NotAPoint".to_owned() };
    let checked = PublicKey::check(key).and_then(|key| {
        let signature = signature.try_into().map(Signature).map_err(|_| KeyError::BadSignature)?;
        key.verify(message, &signature)
    });
    match checked {
        Ok(()) => "ok",
        Err(KeyError::NotAPoint) => "NotAPoint",
        Err(KeyError::Weak) => "Weak",
        Err(KeyError::BadSignature) => "BadSignature",
    }
    .to_owned()
}

/// A good signature with each bit of each part changed, and of other lengths.
fn own() -> Vec<Row> {
    let signer = Signer::from_seed(&[7; 32]);
    let (key, message, signature) = (signer.public().0.to_vec(), b"a message".to_vec(), signer.sign(b"a message").0.to_vec());
    let mut rows = vec![(key.clone(), message.clone(), signature.clone())];
    for bit in 0..256 {
        rows.push((flipped(&key, bit), message.clone(), signature.clone()));
    }
    for bit in 0..512 {
        rows.push((key.clone(), message.clone(), flipped(&signature, bit)));
    }
    for length in [0, 31, 32, 63] {
        rows.push((key.clone(), message.clone(), signature[..length].to_vec()));
    }
    rows.push((key, message, [&signature[..], &[0]].concat()));
    rows
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

fn edges() -> Vec<Row> {
    let cases = shared("ed25519/edge.json").unwrap_or_default();
    let row = |case: &Value| (bytes(&case["key"]), text(&case["msg"]).into_bytes(), bytes(&case["sig"]));
    cases.as_array().into_iter().flatten().map(row).collect()
}

fn wycheproof() -> Vec<Row> {
    let file = shared("ed25519/wycheproof.json").unwrap_or_default();
    let groups = file["testGroups"].as_array().into_iter().flatten();
    let rows = |group: &Value| -> Vec<Row> {
        let key = bytes(&group["publicKey"]["pk"]);
        let cases = group["tests"].as_array().into_iter().flatten();
        cases.map(|case| (key.clone(), bytes(&case["msg"]), bytes(&case["sig"]))).collect()
    };
    groups.flat_map(rows).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("the file is of its published form").to_owned()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(text(value)).expect("hexadecimal digits")
}

/// The file under `KOINON_SHARED_DATA`, by default `shared/data` beside the repository or two folders above it.
fn shared(name: &str) -> Option<Value> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = ["../../shared/data", "../../../shared/data"].map(|way| here.join(way));
    let folders = std::env::var_os("KOINON_SHARED_DATA").map_or_else(|| beside.to_vec(), |folder| vec![PathBuf::from(folder)]);
    let found = folders.iter().find_map(|folder| std::fs::read(folder.join(name)).ok());
    if found.is_none() {
        eprintln!("skipped: {name} is absent; set KOINON_SHARED_DATA to the directory that holds it");
    }
    found.map(|bytes| serde_json::from_slice(&bytes).expect("the file is of its published form"))
}
