//! A sync apart from the thread that writes: the store begins it, anybody carries it out, and the store ends it.
//!
//! Bodies, headers and evidence are synced at the same time. No order among them is needed: the system may write any page at any moment
//! anyway, so that a power cut can leave a header without its body at every other time too. Such a record was never acknowledged, and its
//! body reads as damaged, which is fetched again or given again by its author.

use super::disk::Handle;
use super::evidence::Acknowledged;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Threads that sync beside the one that waits: headers, bodies and now and then the mark are what is written at one time.
const HANDS: usize = 2;

/// What is to survive a power cut.
pub struct Pending {
    pub(super) files: Vec<Arc<dyn Handle>>,
    pub(super) hands: Hands,
    /// What is acknowledged then.
    pub(super) until: Acknowledged,
    /// What the mark says for certain then, when it is one of the files.
    pub(super) marks: Option<u64>,
    /// Whether the segments say everything for certain then.
    pub(super) settles: bool,
}

/// What came of it; to be given to [`Store::end_sync`](super::Store::end_sync).
pub struct Synced {
    pub(super) outcome: io::Result<()>,
    pub(super) took: Duration,
    pub(super) until: Acknowledged,
    pub(super) marks: Option<u64>,
    pub(super) settles: bool,
}

impl Pending {
    /// Waits for the disk, on this thread and those that stand ready.
    pub fn carry_out(self) -> Synced {
        let (Self { files, hands, until, marks, settles }, began) = (self, Instant::now());
        Synced { outcome: hands.sync(files), took: began.elapsed(), until, marks, settles }
    }
}

impl Synced {
    /// How long the disk took.
    pub fn took(&self) -> Duration {
        self.took
    }
}

/// Threads that stand ready to sync, since to start one takes a good part of what the disk does. They end with the last who may ask them.
#[derive(Clone)]
pub(super) struct Hands(Vec<SyncSender<Job>>);

struct Job {
    file: Arc<dyn Handle>,
    outcome: Sender<io::Result<()>>,
}

impl Hands {
    /// As many as the system gives: with fewer, syncs take longer and no less is certain after them.
    pub(super) fn ready() -> Self {
        let hand = |_| {
            let (jobs, taken) = sync_channel(1);
            thread::Builder::new().name("sync".to_owned()).spawn(|| work(taken)).is_ok().then_some(jobs)
        };
        Self((0..HANDS).map_while(hand).collect())
    }

    /// Syncs every file. An error when any of them failed, once all have ended.
    fn sync(&self, mut files: Vec<Arc<dyn Handle>>) -> io::Result<()> {
        let Some(last) = files.pop() else { return Ok(()) };
        let (outcome, outcomes) = channel();
        let others = files.len();
        let jobs = files.into_iter().map(|file| Job { file, outcome: outcome.clone() }).enumerate();
        let left: Vec<Job> = jobs.filter_map(|(number, job)| self.give(number, job)).collect();
        drop(outcome);
        let given = others - left.len();
        let own = left.into_iter().map(|job| job.file).chain([last]).map(|file| file.sync()).fold(Ok(()), io::Result::and);
        let ended = |_| outcomes.recv().unwrap_or_else(|_| Err(io::Error::other("a sync did not end")));
        (0..given).map(ended).fold(own, io::Result::and)
    }

    /// Gives a job to one of the threads; it comes back when that one is busy or is not there.
    fn give(&self, number: usize, job: Job) -> Option<Job> {
        let Some(hand) = self.0.get(number % HANDS) else { return Some(job) };
        hand.try_send(job).err().map(|(TrySendError::Full(job) | TrySendError::Disconnected(job))| job)
    }
}

fn work(jobs: Receiver<Job>) {
    for Job { file, outcome } in jobs {
        let synced = file.sync();
        // Closed before the outcome is told, so that whoever waits for it may take the file away.
        drop(file);
        // Nobody may wait any more.
        let _ = outcome.send(synced);
    }
}
