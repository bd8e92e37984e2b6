//! A sync apart from the thread that writes: the store begins it, anybody carries it out, and the store ends it.
//!
//! Bodies, headers and evidence are synced at the same time. No order among them is needed: the system may write any page at any moment
//! anyway, so that a power cut can leave a header without its body at every other time too. Such a record was never acknowledged, and its
//! body reads as damaged, which is fetched again or given again by its author.

use super::disk::Handle;
use super::evidence::Acknowledged;
use std::io;
use std::sync::Arc;
use std::thread;

/// What is to survive a power cut.
pub struct Pending {
    pub(super) files: Vec<Arc<dyn Handle>>,
    /// What is acknowledged then.
    pub(super) until: Acknowledged,
    /// What the mark says for certain then, when it is one of the files.
    pub(super) settles: Option<u64>,
}

/// What came of it; to be given to [`Store::end_sync`](super::Store::end_sync).
pub struct Synced {
    pub(super) outcome: io::Result<()>,
    pub(super) until: Acknowledged,
    pub(super) settles: Option<u64>,
}

impl Pending {
    /// Waits for the disk, on this thread and one more for each further file.
    pub fn carry_out(self) -> Synced {
        let Self { files, until, settles } = self;
        let outcome = thread::scope(|scope| {
            let Some((own, others)) = files.split_last() else { return Ok(()) };
            let others: Vec<_> = others.iter().map(|file| scope.spawn(|| file.sync())).collect();
            let own = own.sync();
            let panicked = |_| Err(io::Error::other("a sync did not end"));
            others.into_iter().map(|other| other.join().unwrap_or_else(panicked)).fold(own, io::Result::and)
        });
        Synced { outcome, until, settles }
    }
}
