//! The journal: an RFC 6962 Merkle tree over the ids of accepted records, in the order of acceptance.
//!
//! Nodes are named (level, index): the complete subtree over leaves `index << level .. (index + 1) << level`.

mod frontier;
mod proof;
#[cfg(test)]
mod tests;
mod tree;

pub use frontier::Frontier;
pub use proof::{ProofError, consistency, inclusion, verify_consistency, verify_inclusion};
pub use tree::Tree;

use crate::id::RecordId;
use crate::ledger::Fault;
use sha2::{Digest, Sha256};

/// A hash of the tree: SHA-256 as RFC 6962 section 2.1 has it, without a tag of ours, so that standard tools can check it.
pub type Hash = [u8; 32];

/// The hash of a leaf: SHA-256 over a zero byte and the id.
pub fn leaf(id: &RecordId) -> Hash {
    leaf_of(id.as_bytes())
}

/// The hash of a node: SHA-256 over the byte 1 and the hashes of its two halves.
pub fn parent(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree without leaves: SHA-256 of nothing.
pub fn empty() -> Hash {
    Sha256::digest([]).into()
}

/// The root that the journal had when it held `size` records, from its nodes; reads at most 64 of them.
///
/// # Errors
/// The [`Fault`] of `nodes`.
pub fn root_at(size: u64, nodes: impl Fn(u8, u64) -> Result<Hash, Fault>) -> Result<Hash, Fault> {
    if size == 0 { Ok(empty()) } else { subtree(0, size, &nodes) }
}

/// MTH of RFC 6962 over `count > 0` leaves from `start`, which is a multiple of the power of two at or above `count`.
fn subtree(start: u64, count: u64, nodes: &impl Fn(u8, u64) -> Result<Hash, Fault>) -> Result<Hash, Fault> {
    if count.is_power_of_two() {
        let level = count.trailing_zeros();
        return nodes(level.to_le_bytes()[0], start >> level);
    }
    let half = split(count);
    Ok(parent(&subtree(start, half, nodes)?, &subtree(start + half, count - half, nodes)?))
}

/// The largest power of two below `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

fn leaf_of(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}
