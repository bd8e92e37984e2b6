//! How far what was erased is out of the files of the search index.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Shared by who tells of changed bodies, the thread that follows them, and who waits for it; cheap to clone.
#[derive(Clone, Default)]
pub struct Erasing(Arc<Counts>);

#[derive(Default)]
struct Counts {
    told: AtomicU64,
    clean: AtomicU64,
}

impl Erasing {
    /// How many changes of bodies the index was told of.
    pub fn told(&self) -> u64 {
        self.0.told.load(Ordering::Acquire)
    }

    /// Whether no file of the index holds words of what was erased by the change of this number, or by one before it.
    pub fn is_clean(&self, told: u64) -> bool {
        self.0.clean.load(Ordering::Acquire) >= told
    }

    /// One more change: to be called once it can be seen by the thread.
    pub(super) fn tell(&self) {
        self.0.told.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn cleaned(&self, told: u64) {
        self.0.clean.fetch_max(told, Ordering::AcqRel);
    }
}
