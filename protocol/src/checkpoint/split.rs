//! Evidence that a log showed two trees.

use super::Published;
use crate::journal::{Hash, verify_inclusion};

/// Two checkpoints that one log signed and that cannot be of one growing tree. Made by [`SplitView::of_one_size`] and
/// [`SplitView::at_point`] only, so whoever holds one has the log's own word against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitView {
    first: Published,
    second: Published,
}

/// A place in both trees where they hold different leaves: what proves that trees of two sizes are not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The place of the leaf, from 0.
    pub position: u64,
    /// The leaf's hash in the first tree and the audit path from it.
    pub first: (Hash, Vec<Hash>),
    /// The same in the second.
    pub second: (Hash, Vec<Hash>),
}

/// Why two checkpoints prove nothing against a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSplit {
    /// They are two logs'.
    #[error("the checkpoints are of two logs")]
    Logs,
    /// The sizes differ, or the roots do not.
    #[error("checkpoints of one size with two roots would prove it; of two sizes, a place where the trees differ is wanted too")]
    Same,
    /// The paths do not lead to two leaves at the place.
    #[error("the trees are not shown to differ at that place")]
    Point,
}

impl SplitView {
    /// Two checkpoints of one size and two roots.
    ///
    /// # Errors
    /// [`NoSplit::Logs`], [`NoSplit::Same`].
    pub fn of_one_size(first: Published, second: Published) -> Result<Self, NoSplit> {
        let (one, other) = (first.checkpoint(), second.checkpoint());
        if one.origin != other.origin {
            return Err(NoSplit::Logs);
        }
        if one.size != other.size || one.root == other.root {
            return Err(NoSplit::Same);
        }
        Ok(Self { first, second })
    }

    /// Two checkpoints of any sizes whose trees differ at a place that both have.
    ///
    /// # Errors
    /// [`NoSplit::Logs`], [`NoSplit::Point`].
    pub fn at_point(first: Published, second: Published, point: &Point) -> Result<Self, NoSplit> {
        if first.checkpoint().origin != second.checkpoint().origin {
            return Err(NoSplit::Logs);
        }
        let stands = |published: &Published, (leaf, path): &(Hash, Vec<Hash>)| {
            let tree = published.checkpoint();
            verify_inclusion(leaf, point.position, (tree.size, &tree.root), path).is_ok()
        };
        if point.first.0 == point.second.0 || !stands(&first, &point.first) || !stands(&second, &point.second) {
            return Err(NoSplit::Point);
        }
        Ok(Self { first, second })
    }

    /// Both checkpoints, in the order in which they were given.
    pub fn checkpoints(&self) -> [&Published; 2] {
        [&self.first, &self.second]
    }
}
