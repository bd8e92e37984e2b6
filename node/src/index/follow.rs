//! The thread that follows the journal: what is durable becomes findable.

use super::pace::{Change, Pace, Pending, Shared, Urge};
use super::{Erasing, Writer};
use crate::reader::Reader;
use crate::search::{Cursor, SearchError, SearchIndex, document};
use crate::store::frame::Slot;
use crate::store::view::{Found, View};
use crate::store::{Store, StoreError};
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::ledger::{Entry, Plane};
use koinon_protocol::record::Header;
use koinon_protocol::trust::erasure;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{fs, io};

/// Records of one batch: a sled batch holds all readers up while it is applied, for a few milliseconds at this size.
const BATCH: u64 = 1024;
/// How often the bodies that are missing are looked at without being told; less often when that takes more than one part in fifty.
const LOOK: Duration = Duration::from_secs(5);
/// How long after an erasure the words of what was erased are written out of the search index: several erasures share the work.
const PURGE: Duration = Duration::from_secs(5);
/// How much the thread yields, as `nice` counts: what it makes can wait for the records that it is made of, and for whoever passes them on.
const YIELDING: i32 = 10;
/// Changes that may wait to be looked at; when more come at once, every body that is missing is looked at.
const CHANGES: usize = 4096;

/// Why the journal is no longer followed. The next start tries again, from the journal.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The index.
    #[error("the index: {0}")]
    Index(#[from] sled::Error),
    /// The search index.
    #[error("{0}")]
    Search(#[from] SearchError),
    /// The journal.
    #[error("the index cannot read the journal: {0}")]
    Store(#[from] StoreError),
    /// The file system.
    #[error("the index: {0}")]
    Io(#[from] io::Error),
}

/// The thread, as its owner sees it. Dropping it ends the thread in order.
pub struct Follower {
    shared: Arc<Shared>,
    erasing: Erasing,
    changes: SyncSender<Change>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    /// Tells how many entries of the journal are durable; they are found when no more come for a moment. Never waits.
    pub fn durable(&self, size: u64) {
        if self.shared.grow(size) {
            self.tell(Change::Look);
        }
    }

    /// Tells that the body of a record came later than the record, or was erased. Never waits. One that came is also noticed without
    /// this, some seconds later; one that was erased is not.
    pub fn body(&self, position: u64) {
        if let Err(TrySendError::Full(_)) = self.changes.try_send(Change::Body(position)) {
            self.shared.look_at_all.store(true, Ordering::Release);
        }
        self.erasing.tell();
    }

    /// Why the journal is no longer followed, when it is not.
    pub fn failure(&self) -> Option<&str> {
        self.shared.failure.get().map(String::as_str)
    }

    fn tell(&self, change: Change) {
        // A full queue wakes the thread as well.
        let _ = self.changes.try_send(change);
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.tell(Change::Hurry);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was told by the panic itself.
            let _ = thread.join();
        }
    }
}

/// Opens the indexes in `directory`, which is the one of `store`, makes them anew when they are in doubt, and starts to follow.
///
/// # Errors
/// [`FollowError`], when an index can neither be opened nor made anew.
pub fn follow(directory: &Path, store: &Store) -> Result<(Follower, Reader), FollowError> {
    let writer = Writer::open(&directory.join("index"), store.size(), |size| store.root(size))?;
    let search = open_search(&directory.join("search"), store)?;
    let view = View::new(directory, store.options().segment);
    let erasing = Erasing::default();
    let (changes, changed) = sync_channel(CHANGES);
    let urge = Urge::new(changes.clone());
    let reader = Reader::new(store.network(), view.clone(), writer.index.clone(), search.searching(), erasing.clone(), urge);
    let purge = search.holds_removed()?.then(Instant::now);
    let searched = search.cursor()?.map_or(0, |cursor| cursor.size);
    let shared = Arc::new(Shared::new(store.size()));
    let following = Following {
        view,
        writer,
        search,
        searched,
        reader: reader.clone(),
        erasing: erasing.clone(),
        looked: 0,
        shared: shared.clone(),
        pace: Pace::new(shared.clone()),
        pending: Pending::default(),
        look: LOOK,
        purge,
    };
    let run = move || following.run(&changed);
    let thread = thread::Builder::new().name("index".to_owned()).spawn(run)?;
    Ok((Follower { shared, erasing, changes, thread: Some(thread) }, reader))
}

fn open_search(path: &Path, store: &Store) -> Result<SearchIndex, FollowError> {
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let search = SearchIndex::open(path)?;
        let cursor = search.cursor()?;
        let whole = search.is_whole()?;
        Ok::<_, SearchError>((search, cursor, whole))
    }));
    let reason = match opened {
        Ok(Ok((_, _, false))) => "its files are damaged".to_owned(),
        Ok(Ok((search, cursor, true))) if cursor.is_none_or(|cursor| store.root(cursor.size) == Some(cursor.root)) => {
            return Ok(search);
        }
        Ok(Ok(_)) => "it is of another journal".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it cannot be opened".to_owned(),
    };
    tracing::warn!(reason, "the search index is made anew from the journal");
    fs::remove_dir_all(path)?;
    Ok(SearchIndex::open(path)?)
}

struct Following {
    view: View,
    writer: Writer,
    search: SearchIndex,
    /// How many entries the search has been given.
    searched: u64,
    reader: Reader,
    erasing: Erasing,
    /// How many of the changes that were told of have been looked at.
    looked: u64,
    shared: Arc<Shared>,
    pace: Pace,
    pending: Pending,
    /// When nothing happens for so long, the bodies that are missing are looked at.
    look: Duration,
    /// Since when words of an erased body are to be written out of the search index.
    purge: Option<Instant>,
}

impl Following {
    fn run(mut self, changed: &Receiver<Change>) {
        // On Linux this is the thread's own; whoever may not change it works as well.
        let _ = rustix::process::setpriority_process(None, YIELDING);
        if let Err(error) = self.follow(changed) {
            tracing::error!(%error, "the journal is no longer followed: what comes from now on is not found until the next start");
            let _ = self.shared.failure.set(error.to_string());
        }
    }

    fn follow(&mut self, changed: &Receiver<Change>) -> Result<(), FollowError> {
        while !self.shared.stop.load(Ordering::Acquire) {
            let told = self.erasing.told();
            if self.shared.look_at_all.swap(false, Ordering::AcqRel) {
                let start = Instant::now();
                for position in self.writer.index.waiting()? {
                    self.look_at(position)?;
                }
                self.look = LOOK.max(start.elapsed() * 50);
            }
            let busy = self.step()?;
            let commit = self.pending.due();
            if commit == Some(Duration::ZERO) {
                self.commit()?;
                continue;
            }
            let purge = self.purge.map(|since| PURGE.saturating_sub(since.elapsed()));
            if commit.is_none() && purge == Some(Duration::ZERO) {
                self.purge();
                continue;
            }
            if !busy && commit.is_none() && self.purge.is_none() {
                self.erasing.cleaned(self.looked);
            }
            let most = commit.unwrap_or(self.look).min(purge.unwrap_or(self.look));
            let first = if busy { None } else { self.pace.wait(changed, most, self.writer.frontier.size().min(self.searched)) };
            if !busy && commit.is_none() && first.is_none() {
                self.shared.look_at_all.store(true, Ordering::Release);
            }
            for change in first.into_iter().chain(changed.try_iter().take(CHANGES)) {
                if let Change::Body(position) = change {
                    self.look_at(position)?;
                }
            }
            self.looked = told;
        }
        self.commit()?;
        self.writer.sync()
    }

    /// Takes the next records into the index that lacks them; false when there are none.
    fn step(&mut self) -> Result<bool, FollowError> {
        let indexed = self.writer.frontier.size();
        let from = indexed.min(self.searched);
        let goal = if indexed == self.searched { self.shared.durable() } else { indexed.max(self.searched) };
        let count = goal.saturating_sub(from).min(BATCH);
        if count == 0 {
            return Ok(false);
        }
        let records = self.view.headers(from, count)?;
        let slots = self.view.bodies(&records)?.into_iter().zip(&records);
        let slots: Vec<Option<Slot>> = slots.map(|(slot, record)| is_content(record).then_some(slot)).collect();
        if from == indexed {
            let waits = |slot: &Option<Slot>| matches!(slot, Some(Slot::Absent | Slot::Damaged));
            let waiting: Vec<u64> = (from..).zip(&slots).filter(|(_, slot)| waits(slot)).map(|(position, _)| position).collect();
            self.writer.push(&records, &waiting)?;
        }
        if from == self.searched {
            for (record, slot) in records.iter().zip(slots) {
                if let Some(slot) = slot {
                    self.give(record, slot)?;
                }
            }
            self.searched += count;
            for record in records.iter().filter(|record| erasure::erases(record.signed.header().kind)) {
                self.take_back(&record.signed.header().subject)?;
            }
        }
        self.pending.records += count;
        Ok(true)
    }

    /// Gives the search a content record, unless a newer version of it is there; takes out the version that it replaces.
    fn give(&mut self, record: &Found, slot: Slot) -> Result<(), FollowError> {
        let Slot::Present(body) = slot else {
            self.search.remove(&record.id);
            self.pending.touch();
            if slot == Slot::Erased {
                self.purge.get_or_insert_with(Instant::now);
            }
            return Ok(());
        };
        let Some(document) = document(&Entry { id: record.id, signed: record.signed, body: Some(body) }) else { return Ok(()) };
        if self.is_replaced(record)? {
            return Ok(());
        }
        if let Some(older) = self.version_before(record)? {
            self.search.remove(&older);
        }
        self.search.put(&document)?;
        self.pending.documents += 1;
        self.pending.touch();
        Ok(())
    }

    /// Takes a record out of the search whose body was erased; a node that was killed in between takes this up again from the journal.
    fn take_back(&mut self, subject: &RecordId) -> Result<(), FollowError> {
        for position in self.writer.index.candidates(subject)? {
            let record = self.view.header(position)?;
            if record.id == *subject && self.view.body(&record)? == Slot::Erased {
                self.look_at(position)?;
            }
        }
        Ok(())
    }

    /// Writes the words of erased bodies out of the files; what fails, such as when a segment is merged meanwhile, is tried again.
    fn purge(&mut self) {
        self.purge = match self.search.expunge() {
            Ok(()) => None,
            Err(error) => {
                tracing::warn!(%error, "words of an erased body are still in the search index; tried again");
                Some(Instant::now())
            }
        };
    }

    fn is_replaced(&self, record: &Found) -> Result<bool, FollowError> {
        let mut before = u64::MAX;
        loop {
            let about = self.writer.index.newest(&crate::reader::Listing::Subject(record.id), before, BATCH as usize)?;
            for &position in &about {
                let other = self.view.header(position)?;
                let here = || Ok::<_, FollowError>(matches!(self.view.body(&other)?, Slot::Present(_)));
                if is_version(&other, record) && here()? {
                    return Ok(true);
                }
            }
            match about.last() {
                Some(&last) => before = last,
                None => return Ok(false),
            }
        }
    }

    fn version_before(&self, record: &Found) -> Result<Option<RecordId>, FollowError> {
        let subject = record.signed.header().subject;
        if subject.is_zero() {
            return Ok(None);
        }
        for position in self.writer.index.candidates(&subject)? {
            let other = self.view.header(position)?;
            if other.id == subject && is_version(record, &other) {
                return Ok(Some(subject));
            }
        }
        Ok(None)
    }

    /// Looks again at the body of a record that the search has passed.
    fn look_at(&mut self, position: u64) -> Result<(), FollowError> {
        if position >= self.searched {
            return Ok(());
        }
        let record = self.view.header(position)?;
        let slot = self.view.body(&record)?;
        if !is_content(&record) || matches!(slot, Slot::Absent | Slot::Damaged) {
            return Ok(());
        }
        self.give(&record, slot)?;
        self.pending.arrived.push(position);
        self.pending.touch();
        Ok(())
    }

    fn commit(&mut self) -> Result<(), FollowError> {
        let pending = std::mem::take(&mut self.pending);
        // While the index is behind, the root at the search's place is not known; the search has nothing new then.
        if pending.is_empty() || self.searched > self.writer.frontier.size() {
            return self.writer.sync();
        }
        let root = self.reader.root(self.searched).map_err(|error| io::Error::other(error.to_string()))?;
        self.search.commit(Cursor { size: self.searched, root })?;
        if !pending.arrived.is_empty() {
            self.writer.arrived(&pending.arrived)?;
        }
        self.writer.sync()
    }
}

fn is_content(record: &Found) -> bool {
    Plane::of(record.signed.header().kind) == Plane::Content
}

fn author(record: &Found) -> OrganisationId {
    let organisation = record.signed.header().organisation;
    if organisation.is_zero() { record.id.into() } else { organisation }
}

/// Whether `newer` is a new version of `older`: of the same kind, by the same author, about it.
fn is_version(newer: &Found, older: &Found) -> bool {
    let (new, old): (&Header, &Header) = (newer.signed.header(), older.signed.header());
    new.subject == older.id && new.kind == old.kind && author(newer) == author(older)
}
