//! When the thread that follows the journal works: it lets news settle, so that many are entered at once and none while it is passed on.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// When nothing more has come for so long, what came is entered.
const LULL: Duration = Duration::from_millis(20);
/// However much comes, it is entered after so long.
const LINGER: Duration = Duration::from_millis(200);
/// How long after the last document the search is committed; a commit syncs some ten files.
const QUIET: Duration = Duration::from_millis(300);
/// However many come, the search is committed so long after the first.
const LATEST: Duration = Duration::from_secs(2);
/// Documents after which the search is committed, however fast they come.
const DOCUMENTS: u64 = 1000;
/// Records without anything to search for after which it is noted how far the search has come: so many are read again after a crash.
const RECORDS: u64 = 1 << 16;

/// What wakes the thread. Unparking it would not do: the search parks on the same thread, and would take the wake for its own.
pub(super) enum Change {
    /// What is shared says what it is.
    Look,
    /// The same, and somebody waits for it.
    Hurry,
    /// The body at a place.
    Body(u64),
}

/// What the thread and its owner both see.
#[derive(Default)]
pub(super) struct Shared {
    durable: AtomicU64,
    /// Whether the thread was told of what is durable and has not looked since.
    told: AtomicBool,
    pub(super) stop: AtomicBool,
    pub(super) look_at_all: AtomicBool,
    pub(super) failure: OnceLock<String>,
}

impl Shared {
    /// With a journal of `size` entries.
    pub(super) fn new(size: u64) -> Self {
        Self { durable: AtomicU64::new(size), look_at_all: AtomicBool::new(true), ..Self::default() }
    }

    /// Notes how many entries are durable. Gives whether the thread is to be told of it.
    pub(super) fn grow(&self, size: u64) -> bool {
        self.durable.fetch_max(size, Ordering::AcqRel) < size && !self.told.swap(true, Ordering::AcqRel)
    }

    /// How many entries are durable; who notes more from now on tells of it.
    pub(super) fn look(&self) -> u64 {
        self.told.swap(false, Ordering::AcqRel);
        self.durable()
    }

    fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }
}

/// Waits for something to do; none when there was nothing for `most`.
pub(super) fn wait(changed: &Receiver<Change>, most: Duration, shared: &Shared) -> Option<Change> {
    match changed.recv_timeout(most).ok()? {
        Change::Look => Some(settle(changed, shared)),
        urgent => Some(urgent),
    }
}

/// Waits until no more comes for a moment, or something that cannot wait.
fn settle(changed: &Receiver<Change>, shared: &Shared) -> Change {
    let (since, mut seen) = (Instant::now(), shared.durable());
    while since.elapsed() < LINGER {
        match changed.recv_timeout(LULL) {
            Ok(Change::Look) => {}
            Ok(urgent) => return urgent,
            Err(_) if shared.durable() == seen => break,
            Err(_) => {}
        }
        seen = shared.durable();
    }
    Change::Look
}

/// What was given to the search and is not committed.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) documents: u64,
    /// All that were passed, with something to search for or without.
    pub(super) records: u64,
    /// Places of bodies that came late.
    pub(super) arrived: Vec<u64>,
    /// When the search was first and last given something, or something was taken from it.
    touched: Option<(Instant, Instant)>,
}

impl Pending {
    /// The search will find something else once this is committed.
    pub(super) fn touch(&mut self) {
        let now = Instant::now();
        self.touched = Some((self.touched.map_or(now, |(first, _)| first), now));
    }

    /// How long it is until this is to be committed; none when nothing waits for it.
    pub(super) fn due(&self) -> Option<Duration> {
        if self.documents >= DOCUMENTS || self.records >= RECORDS {
            return Some(Duration::ZERO);
        }
        let (first, last) = self.touched?;
        Some(QUIET.saturating_sub(last.elapsed()).min(LATEST.saturating_sub(first.elapsed())))
    }

    /// Whether there is nothing to commit.
    pub(super) fn is_empty(&self) -> bool {
        self.records == 0 && self.touched.is_none()
    }
}
