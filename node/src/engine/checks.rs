//! The records of answers, checked beside the engine's thread: each answer by all cores, given back in the order in which they came.

use futures::future::{BoxFuture, try_join_all};
use futures::stream::FuturesOrdered;
use futures::{FutureExt as _, StreamExt as _, TryFutureExt as _};
use koinon_protocol::id::NetworkId;
use koinon_protocol::key::Keys;
use koinon_protocol::record::Signed;
use koinon_protocol::replica::{Batch, Checked, CheckedShare, Share};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::io;
use std::num::NonZeroUsize;
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::RecvError;

/// Records that one core checks at a time: some milliseconds' work, so that no core waits long for another, and many records of one
/// author, whose key is checked once in each share.
const SHARE: NonZeroUsize = NonZeroUsize::new(128).unwrap();

/// Batches under way. A replica bounds how many of each peer's there are: three.
pub(super) struct Checks {
    network: NetworkId,
    threads: ThreadPool,
    running: FuturesOrdered<BoxFuture<'static, Result<Checked, RecvError>>>,
}

impl Checks {
    /// A thread for each core that the caller may use.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub(super) fn new(network: NetworkId) -> io::Result<Self> {
        let threads = ThreadPoolBuilder::new().thread_name(|_| "check".to_owned()).panic_handler(|_| ()).build();
        Ok(Self { network, threads: threads.map_err(io::Error::other)?, running: FuturesOrdered::new() })
    }

    pub(super) fn push(&mut self, batch: Batch) {
        let (shares, rest) = batch.split(SHARE);
        let checked = try_join_all(shares.into_iter().map(|share| self.check(share)));
        self.running.push_back(checked.map_ok(|shares| rest.join(shares)).boxed());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// The next one that is done, when there is any.
    pub(super) async fn next(&mut self) -> Option<Result<Checked, RecvError>> {
        self.running.next().await
    }

    /// Checks a share on the core that is free next, behind those that came before. Nothing comes when a check panicked.
    fn check(&self, share: Share) -> oneshot::Receiver<CheckedShare> {
        let (network, (done, checked)) = (self.network, oneshot::channel());
        self.threads.spawn_fifo(move || {
            let share = share.check(|records| Signed::verify_all(&records, network, &mut Keys::default()));
            // Whoever waits may have gone.
            let _ = done.send(share);
        });
        checked
    }
}
