//! The inputs of `tests/vectors`, to begin with.

use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    input: String,
}

/// The inputs of one of the files.
pub(super) fn inputs(file: &str) -> Vec<Vec<u8>> {
    let vectors: Vec<Vector> = serde_json::from_str(file).expect("the vectors are of their form");
    vectors.into_iter().map(|vector| hex::decode(vector.input).expect("the vectors are hexadecimal")).collect()
}

pub(super) const RECORD: &str = include_str!("../../vectors/record.json");
pub(super) const FILE: &str = include_str!("../../vectors/file.json");
pub(super) const CONTROL: &str = include_str!("../../vectors/control.json");
pub(super) const SEALED: &str = include_str!("../../vectors/sealed.json");
pub(super) const FORK: &str = include_str!("../../vectors/fork.json");
pub(super) const KEY: &str = include_str!("../../vectors/key.json");
pub(super) const JSON: &str = include_str!("../../vectors/json.json");
