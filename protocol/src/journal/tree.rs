//! Every complete node of the tree, in memory: 64 bytes a leaf.

use super::{Hash, leaf, parent};
use crate::id::RecordId;
use crate::ledger::Fault;

/// The hashes of all complete subtrees, by level.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// Appends a leaf.
    pub fn push(&mut self, id: &RecordId) {
        self.push_hash(leaf(id));
    }

    /// The node at (level, index).
    ///
    /// # Errors
    /// [`Fault`] when the tree has no such complete node.
    pub fn node(&self, level: u8, index: u64) -> Result<Hash, Fault> {
        let index = usize::try_from(index).map_err(|_| Fault)?;
        self.levels.get(usize::from(level)).and_then(|row| row.get(index)).copied().ok_or(Fault)
    }

    /// Appends the leaves of another tree. Its nodes are taken over when this tree's size is a multiple of a power of two that is not
    /// below the other's size.
    pub fn append(&mut self, other: Self) {
        let (size, added) = (self.size(), other.size());
        let whole = added.next_power_of_two();
        if !size.is_multiple_of(whole) {
            other.levels.into_iter().next().into_iter().flatten().for_each(|leaf| self.push_hash(leaf));
            return;
        }
        let top = whole.trailing_zeros() as usize;
        for (level, mut row) in other.levels.into_iter().enumerate() {
            if level == top {
                row.into_iter().for_each(|hash| self.push_at(level, hash));
            } else {
                self.level(level).append(&mut row);
            }
        }
    }

    fn size(&self) -> u64 {
        self.levels.first().map_or(0, Vec::len) as u64
    }

    pub(super) fn push_hash(&mut self, hash: Hash) {
        self.push_at(0, hash);
    }

    fn push_at(&mut self, level: usize, mut hash: Hash) {
        for level in level.. {
            let row = self.level(level);
            row.push(hash);
            match row.as_slice() {
                [.., left, right] if row.len().is_multiple_of(2) => hash = parent(left, right),
                _ => return,
            }
        }
    }

    fn level(&mut self, level: usize) -> &mut Vec<Hash> {
        if level >= self.levels.len() {
            self.levels.resize(level + 1, Vec::new());
        }
        &mut self.levels[level]
    }
}
