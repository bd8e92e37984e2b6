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

    pub(super) fn push_hash(&mut self, mut hash: Hash) {
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(hash);
            match row.as_slice() {
                [.., left, right] if row.len().is_multiple_of(2) => hash = parent(left, right),
                _ => return,
            }
        }
    }
}
