//! The right edge of the tree: all that is needed to append and to know the root.

use super::{Hash, empty, leaf, parent};
use crate::id::RecordId;
use crate::ledger::Fault;
use crate::wire::{self, Decode, Encode, WireError};

/// The hashes of the largest complete subtrees that make up the tree, from the left: one for every bit of the size, at most 64.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
pub struct Frontier {
    size: u64,
    edge: Vec<Hash>,
}

impl Frontier {
    /// Bytes of the longest encoding: the size, the number of hashes, and 64 hashes.
    pub const BYTES: usize = 8 + 8 + 64 * 32;

    /// The frontier of the tree of `size` leaves, from its nodes; reads one for every bit of the size.
    ///
    /// # Errors
    /// The [`Fault`] of `nodes`.
    pub fn at(size: u64, nodes: impl Fn(u8, u64) -> Result<Hash, Fault>) -> Result<Self, Fault> {
        let levels = (0..64_u8).rev().filter(|level| size >> level & 1 == 1);
        let edge = levels.map(|level| nodes(level, (size >> level) - 1)).collect::<Result<_, _>>()?;
        Ok(Self { size, edge })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn push(&mut self, id: &RecordId) {
        self.push_hash(leaf(id));
    }

    /// The root; reads no leaf.
    pub fn root(&self) -> Hash {
        let mut edge = self.edge.iter().rev();
        let Some(&last) = edge.next() else { return empty() };
        edge.fold(last, |right, left| parent(left, &right))
    }

    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads at most [`Frontier::BYTES`].
    ///
    /// # Errors
    /// [`WireError`], and [`WireError::Malformed`] when there is not one hash for every bit of the size, or when no journal can have that
    /// size: from 2^63 on, what is appended might not be countable.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let frontier: Self = wire::decode::<_, { Self::BYTES }>(bytes)?;
        if frontier.edge.len() != frontier.size.count_ones() as usize || frontier.size >= 1 << 63 {
            return Err(WireError::Malformed);
        }
        Ok(frontier)
    }

    pub(super) fn push_hash(&mut self, mut hash: Hash) {
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.edge.pop() {
                hash = parent(&left, &hash);
            }
        }
        self.edge.push(hash);
        self.size += 1;
    }
}
