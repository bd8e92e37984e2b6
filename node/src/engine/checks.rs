//! The records of answers, checked beside the engine's thread: each answer by all cores, given back in the order in which they came.

use super::Cores;
use futures::future::{BoxFuture, try_join_all};
use futures::stream::FuturesOrdered;
use futures::{FutureExt as _, StreamExt as _, TryFutureExt as _};
use koinon_protocol::replica::{Batch, Checked};
use std::num::NonZeroUsize;
use tokio::sync::oneshot::error::RecvError;

/// Records that one core checks at a time: some milliseconds' work, so that no core waits long for another, and many records of one
/// author, whose key is checked once in each share.
const SHARE: NonZeroUsize = NonZeroUsize::new(128).unwrap();

/// Batches under way. A replica bounds how many of each peer's there are: three.
pub(super) struct Checks {
    cores: Cores,
    running: FuturesOrdered<BoxFuture<'static, Result<Checked, RecvError>>>,
}

impl Checks {
    pub(super) fn new(cores: Cores) -> Self {
        Self { cores, running: FuturesOrdered::new() }
    }

    pub(super) fn push(&mut self, batch: Batch) {
        let (shares, rest) = batch.split(SHARE);
        let checked = try_join_all(shares.into_iter().map(|share| self.cores.check(share)));
        self.running.push_back(checked.map_ok(|shares| rest.join(shares)).boxed());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// The next one that is done, when there is any.
    pub(super) async fn next(&mut self) -> Option<Result<Checked, RecvError>> {
        self.running.next().await
    }
}
