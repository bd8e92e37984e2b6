//! The records of answers, checked beside the engine's thread: each batch on all cores, given back in the order in which they came.

use super::Cores;
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use koinon_protocol::record::{RecordError, Signed, Verified};
use koinon_protocol::replica::{Batch, Checked};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinHandle};

/// The least that a core gets of a batch, some milliseconds: every share looks at the keys of its records anew.
const LEAST: usize = 128;

/// Batches under way. A replica bounds how many of each peer's there are, so that no more than three a connection wait here.
pub(super) struct Checks {
    cores: Cores,
    /// One for each core: more who check at a time would only keep the engine from its core.
    turns: Arc<Semaphore>,
    waiting: VecDeque<Batch>,
    running: FuturesOrdered<JoinHandle<Checked>>,
}

impl Checks {
    pub(super) fn new(cores: Cores) -> Self {
        let turns = Arc::new(Semaphore::new(cores.count()));
        Self { cores, turns, waiting: VecDeque::new(), running: FuturesOrdered::new() }
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
            let crew = Crew { cores: self.cores, turns: self.turns.clone(), runtime: runtime.clone() };
            self.running.push_back(runtime.spawn_blocking(move || batch.check(|records| crew.verify(&records))));
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

type Share = Vec<Result<Verified, RecordError>>;

/// The cores, of which every batch takes what is free.
struct Crew {
    cores: Cores,
    turns: Arc<Semaphore>,
    runtime: runtime::Handle,
}

impl Crew {
    /// Verifies all of them, in order, the last share on this thread.
    fn verify(&self, records: &[Signed]) -> Share {
        let size = records.len().div_ceil(self.cores.count()).max(LEAST);
        let own = records.len().saturating_sub(1) / size * size;
        let (others, own) = records.split_at(own);
        let others: Vec<(&[Signed], JoinHandle<Share>)> =
            others.chunks(size).map(|share| (share, self.begin(share.to_vec()))).collect();
        let turn = self.turn();
        let own = self.cores.one_by_one(own);
        drop(turn);
        let ended = |(share, task): (&[Signed], JoinHandle<Share>)| {
            self.runtime.block_on(task).unwrap_or_else(|_| self.cores.one_by_one(share))
        };
        others.into_iter().flat_map(ended).chain(own).collect()
    }

    /// Waits for a free core.
    fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // Nobody closes it; without a turn the work would be done all the same.
        self.runtime.block_on(self.turns.clone().acquire_owned()).ok()
    }

    fn begin(&self, share: Vec<Signed>) -> JoinHandle<Share> {
        let (turn, cores) = (self.turn(), self.cores);
        self.runtime.spawn_blocking(move || {
            let verified = cores.one_by_one(&share);
            drop(turn);
            verified
        })
    }
}
