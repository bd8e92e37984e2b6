//! When the thread that follows the journal works: it lets news settle, so that many are entered at once and none while it is passed on.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// When nothing more has come for so long, what came is entered.
const LULL: Duration = Duration::from_millis(10);
/// Many come as a stream, in which nothing is durable while the disk is waited for: it has ended after so long.
const STREAM: Duration = Duration::from_millis(50);
/// How many are a stream.
const MANY: u64 = 256;
/// However much comes, it is entered after so long: until then what is derived leaves the cores to what it is derived from.
const LINGER: Duration = Duration::from_secs(1);
/// The thread looks by itself for so long after the last news, so that nobody who has something else to do need wake it.
const AWAKE: Duration = Duration::from_secs(1);
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

/// Tells the thread that somebody waits for what is durable; cheap to clone.
#[derive(Clone)]
pub(crate) struct Urge(SyncSender<Change>);

impl Urge {
    pub(super) fn new(changes: SyncSender<Change>) -> Self {
        Self(changes)
    }

    /// Never waits.
    pub(crate) fn now(&self) {
        // A full queue wakes the thread as well.
        let _ = self.0.try_send(Change::Hurry);
    }
}

/// What the thread and its owner both see.
#[derive(Default)]
pub(super) struct Shared {
    durable: AtomicU64,
    /// Whether the thread looks by itself at what is durable, or was told to.
    awake: AtomicBool,
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
        self.durable.fetch_max(size, Ordering::SeqCst) < size && !self.awake.swap(true, Ordering::SeqCst)
    }

    /// How many entries are durable.
    pub(super) fn durable(&self) -> u64 {
        self.durable.load(Ordering::SeqCst)
    }
}

/// When news came last.
pub(super) struct Pace {
    shared: Arc<Shared>,
    last: Instant,
}

impl Pace {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, last: Instant::now() }
    }

    /// Waits for something to do, where `entered` entries are in the indexes: news that have settled, or what cannot wait for that. None
    /// when there was nothing for `most`.
    pub(super) fn wait(&mut self, changed: &Receiver<Change>, most: Duration, entered: u64) -> Option<Change> {
        let began = Instant::now();
        let (mut seen, mut first): (u64, Option<Instant>) = (entered, None);
        loop {
            let left = most.saturating_sub(began.elapsed());
            let lull = if self.sleeps() { left } else { left.min(LULL) };
            match changed.recv_timeout(lull) {
                Ok(Change::Look) | Err(_) => {}
                Ok(urgent) => return Some(urgent),
            }
            let durable = self.shared.durable();
            let lingered = first.is_some_and(|first| first.elapsed() >= LINGER);
            if durable > seen && !lingered {
                (seen, self.last) = (durable, Instant::now());
                first.get_or_insert(self.last);
                continue;
            }
            let settled = lingered || durable < entered + MANY || self.last.elapsed() >= STREAM;
            if durable > entered && settled {
                return Some(Change::Look);
            }
            if began.elapsed() >= most {
                return None;
            }
        }
    }

    /// Whether nothing has come for long: whoever brings something tells of it from now on.
    fn sleeps(&self) -> bool {
        if self.last.elapsed() < AWAKE {
            return false;
        }
        let before = self.shared.durable();
        // In one order with `Shared::grow`, so that one of the two sees what the other did.
        self.shared.awake.store(false, Ordering::SeqCst);
        self.shared.durable() == before
    }
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
