//! The records of answers, checked beside the engine's thread: a batch on each core, given back in the order in which they came.

use super::Cores;
use super::verify::one_by_one;
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use koinon_protocol::replica::{Batch, Checked};
use std::collections::VecDeque;
use tokio::runtime;
use tokio::task::{JoinError, JoinHandle};

/// Batches under way. A replica bounds how many of each peer's there are, so that no more than three a connection wait here.
pub(super) struct Checks {
    cores: Cores,
    waiting: VecDeque<Batch>,
    running: FuturesOrdered<JoinHandle<Checked>>,
}

impl Checks {
    pub(super) fn new(cores: Cores) -> Self {
        Self { cores, waiting: VecDeque::new(), running: FuturesOrdered::new() }
    }

    pub(super) fn push(&mut self, batch: Batch, runtime: &runtime::Handle) {
        self.waiting.push_back(batch);
        self.fill(runtime);
    }

    /// Begins as many as there are cores, and one more, so that a core that is done has something to do while the engine is busy.
    pub(super) fn fill(&mut self, runtime: &runtime::Handle) {
        while self.running.len() <= self.cores.count()
            && let Some(batch) = self.waiting.pop_front()
        {
            let network = self.cores.network();
            self.running.push_back(runtime.spawn_blocking(move || batch.check(|records| one_by_one(&records, network))));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// The next one that is done, when there is any.
    pub(super) async fn next(&mut self) -> Option<Result<Checked, JoinError>> {
        self.running.next().await
    }
}
