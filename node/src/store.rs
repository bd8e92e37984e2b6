//! Where records are kept. Append-only segments are the truth; everything else is made from them.
//!
//! An append can be read at once and survives a crash once [`Store::sync`] has answered `Ok`. After the first write or sync that
//! fails, the store is read-only until it is opened again: a sync that is repeated after a failure says `Ok` over lost pages.

pub mod backup;
pub mod disk;
mod error;
pub(crate) mod evidence;
pub(crate) mod frame;
mod late;
mod layout;
mod ledger;
mod mend;
mod recover;
mod redo;
mod scrub;
mod segments;
mod sweep;
mod syncing;
pub(crate) mod view;

pub use error::{OpenError, StoreError};
pub use frame::FORMAT;
pub use scrub::{Report, scrub};
pub use syncing::{Pending, Synced};

use disk::{Directory, Disk};
use evidence::{Acknowledged, Evidence, Mark};
use frame::{Place, Slot};
use koinon_protocol::id::{NetworkId, RecordId};
use koinon_protocol::journal::{self, Hash};
use koinon_protocol::ledger::{Entry, Lookup};
use koinon_protocol::log::{ForkProof, Linked};
use koinon_protocol::record::{Body, Signed};
use layout::Layout;
pub use mend::Mended;
use recover::Recovered;
use segments::{Dirty, Segments};
use std::io;
use std::path::Path;
use syncing::Hands;

const BALLAST: &str = "ballast";
/// Records after which the mark is synced too, with the next sync: twenty bytes more for so many are not felt, and after a power cut
/// little more than so many records could be damaged and be taken for ones that were never acknowledged.
const SETTLE: u64 = 256;

/// What may be chosen about a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes at which a new segment begins. It belongs to the files: a store is always opened with the one it was made with.
    pub segment: u64,
    /// Bytes that are kept in reserve and set free when the disk is full, so that the node can still say so and end in order.
    pub ballast: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment: 64 << 20, ballast: 8 << 20 }
    }
}

/// The journal of one network on one disk.
pub struct Store {
    network: NetworkId,
    options: Options,
    segments: Segments,
    evidence: Evidence,
    mark: Mark,
    /// How many records the mark says for certain.
    settled: u64,
    /// How many records and proofs are acknowledged.
    acknowledged: Acknowledged,
    lookup: Lookup,
    hands: Hands,
    mended: Option<Mended>,
    failure: Option<String>,
}

impl Store {
    /// Opens the store in the directory at `path`, or makes it, and holds the directory until it is dropped.
    ///
    /// # Errors
    /// [`OpenError`]; nothing on the disk was changed then, except that a torn tail may be cut.
    pub fn open(path: &Path, network: NetworkId, options: Options) -> Result<Self, OpenError> {
        let directory = Directory::lock(path).map_err(|source| match source.kind() {
            io::ErrorKind::WouldBlock => OpenError::Locked,
            _ => OpenError::Io { file: path.display().to_string(), source },
        })?;
        Self::open_on(Box::new(directory), network, options)
    }

    /// Opens the store on a disk that the caller holds.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_on(disk: Box<dyn Disk>, network: NetworkId, options: Options) -> Result<Self, OpenError> {
        let layout = Layout::new(options.segment);
        let resumed = mend::resume(&*disk, layout)?;
        let (mark, acknowledged) = Mark::open(&*disk)?;
        let mut evidence = Evidence::open(&*disk, network, acknowledged.map(|mark| mark.forks))?;
        let records = resumed.or(acknowledged.map(|mark| mark.records));
        let (segments, lookup, mended) = recover(disk, network, layout, records)?;
        let settled = Acknowledged { records: segments.size(), forks: evidence.count() };
        evidence.take_dirty().map_or(Ok(()), |file| file.sync()).and_then(|()| mark.settle(settled)).map_err(failed("mark"))?;
        mend::done(segments.disk())?;
        reserve(segments.disk(), options.ballast).map_err(failed(BALLAST))?;
        Ok(Self {
            network,
            options,
            segments,
            evidence,
            mark,
            settled: settled.records,
            acknowledged: settled,
            lookup,
            hands: Hands::ready(),
            mended,
            failure: None,
        })
    }

    /// The network whose records these are.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// What was chosen about it.
    pub fn options(&self) -> Options {
        self.options
    }

    /// How many records the journal holds.
    pub fn size(&self) -> u64 {
        self.segments.size()
    }

    /// What was done when the store was opened, if its journal was damaged. What is lost is to be fetched from peers.
    pub fn mended(&self) -> Option<Mended> {
        self.mended
    }

    /// Why the store is read-only, when it is.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The root of the journal when it held `size` records; none when it never held so many.
    pub fn root(&self, size: u64) -> Option<Hash> {
        journal::root_at(size, |level, index| self.lookup.node(level, index)).ok()
    }

    /// The places of the control records, in order: what trust is made from at start.
    pub fn controls(&self) -> &[u64] {
        self.lookup.controls()
    }

    /// The evidence of forks that is kept, one proof or more for each frozen log.
    pub fn forks(&self) -> &[ForkProof] {
        self.evidence.proofs()
    }

    /// The record at a place. A body that cannot be read is told as one that has not arrived, and may be fetched again.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::Damaged`] when the header cannot be read or is another's; what the disk says.
    pub fn entry(&self, position: u64) -> Result<Entry, StoreError> {
        let (id, signed, place) = self.record(position)?;
        let body = match self.segments.body(&signed, place)? {
            Slot::Present(sealed) => Some(sealed),
            Slot::Absent | Slot::Erased | Slot::Damaged => None,
        };
        Ok(Entry { id, signed, body })
    }

    fn record(&self, position: u64) -> Result<(RecordId, Signed, Place), StoreError> {
        let id = self.lookup.id(position).ok_or(StoreError::NotThere(position))?;
        let (signed, place) = self.segments.header(position)?.ok_or(StoreError::Damaged(position))?;
        if signed.header().id() != id {
            return Err(StoreError::Damaged(position));
        }
        Ok((id, signed, place))
    }

    /// Accepts a record: it stands at the place that this returns. It survives a power cut after the next [`Store::sync`].
    ///
    /// # Errors
    /// [`StoreError::OtherBody`], [`StoreError::Order`]; [`StoreError::Io`] and [`StoreError::ReadOnly`].
    pub fn append(&mut self, record: &Linked, body: Option<&Body>) -> Result<u64, StoreError> {
        let verified = record.record();
        if body.is_some_and(|body| body.of() != verified.id()) {
            return Err(StoreError::OtherBody(self.size()));
        }
        if self.lookup.next(&record.log()) != verified.header().seq {
            return Err(StoreError::Order(self.size()));
        }
        let position = self.writing(|store| store.segments.append(verified.signed(), body.map(Body::sealed)))?;
        self.lookup.push(verified.id(), verified.header());
        Ok(position)
    }

    /// Keeps the body of a record that stands without it. It survives a power cut after the next [`Store::sync`].
    ///
    /// # Errors
    /// [`StoreError::Erased`], [`StoreError::OtherBody`], and those of [`Store::entry`] and [`Store::append`].
    pub fn put_body(&mut self, position: u64, body: &Body) -> Result<(), StoreError> {
        let (id, signed, place) = self.record(position)?;
        if body.of() != id {
            return Err(StoreError::OtherBody(position));
        }
        match self.segments.body(&signed, place)? {
            Slot::Erased => Err(StoreError::Erased(position)),
            Slot::Present(_) => Ok(()),
            Slot::Absent | Slot::Damaged => {
                let frame = frame::body(Some(body.sealed()), signed.header().body_length);
                self.writing(|store| store.segments.overwrite(place, &frame))
            }
        }
    }

    /// Overwrites a body and its salt, for good: when this answers `Ok`, they are on no file of the store.
    ///
    /// # Errors
    /// Those of [`Store::entry`] and [`Store::sync`].
    pub fn erase_body(&mut self, position: u64) -> Result<(), StoreError> {
        self.overwrite_body(position)?;
        self.sync()
    }

    /// [`Store::erase_body`] that is certain after the next sync. Gives whether it was not erased before.
    pub(crate) fn overwrite_body(&mut self, position: u64) -> Result<bool, StoreError> {
        let (_, signed, place) = self.record(position)?;
        if self.segments.body(&signed, place)? == Slot::Erased {
            return Ok(false);
        }
        let frame = frame::erased(signed.header().body_length);
        self.writing(|store| store.segments.erase(place, &frame))?;
        Ok(true)
    }

    /// The places among `count` from `from` on whose body is not here, or cannot be read, and was not erased. What is wrong with a header
    /// is for the scrub to say.
    pub(crate) fn lacking(&self, from: u64, count: u64) -> Result<Vec<u64>, StoreError> {
        Ok(self.segments.lacking(from, count.min(self.size().saturating_sub(from)))?)
    }

    /// Keeps the evidence of a fork; the log stands still from the first such place on. It survives a power cut after the next sync.
    ///
    /// # Errors
    /// [`StoreError::Io`] and [`StoreError::ReadOnly`].
    pub fn freeze(&mut self, fork: &ForkProof) -> Result<(), StoreError> {
        self.writing(|store| store.evidence.add(fork))
    }

    /// Makes everything that was accepted survive a power cut; nothing is acknowledged before this answers `Ok`.
    ///
    /// # Errors
    /// [`StoreError::Io`] and [`StoreError::ReadOnly`]; nothing since the last `Ok` is to be acknowledged then.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        while let Some(pending) = self.begin_sync()? {
            self.end_sync(pending.carry_out())?;
            self.show()?;
        }
        Ok(())
    }

    /// Begins a sync of everything that was accepted so far, one at a time; none when all of it is durable, and the mark says so. What is
    /// accepted meanwhile is for the next one.
    ///
    /// # Errors
    /// As [`Store::sync`].
    pub fn begin_sync(&mut self) -> Result<Option<Pending>, StoreError> {
        self.writing(|store| {
            let marks = Some(store.acknowledged.records).filter(|records| *records >= store.settled + SETTLE);
            let others: Vec<_> = store.evidence.take_dirty().into_iter().chain(marks.map(|_| store.mark.file())).collect();
            let Dirty { mut files, settles } = store.segments.take_dirty(!others.is_empty())?;
            files.extend(others);
            let until = Acknowledged { records: store.segments.size(), forks: store.evidence.count() };
            Ok((!files.is_empty()).then(|| Pending { files, hands: store.hands.clone(), until, marks, settles }))
        })
    }

    /// Takes back a sync: what it was begun with is durable now.
    ///
    /// # Errors
    /// As [`Store::sync`].
    pub fn end_sync(&mut self, synced: Synced) -> Result<(), StoreError> {
        self.writing(|store| {
            synced.outcome?;
            store.settled = synced.marks.unwrap_or(store.settled);
            if synced.settles {
                store.segments.settled();
            }
            store.acknowledged = synced.until;
            Ok(())
        })
    }

    /// Lets those who read the files find what is durable, and the mark say it, for which whoever waits for the disk need not wait: the redo
    /// file holds it, and a mark that is behind loosens the check at the next start and nothing else.
    ///
    /// # Errors
    /// As [`Store::sync`].
    pub fn show(&mut self) -> Result<(), StoreError> {
        self.writing(|store| {
            store.segments.write_out()?;
            store.mark.write(store.acknowledged)
        })
    }

    /// How many records survive a power cut.
    pub fn durable(&self) -> u64 {
        self.acknowledged.records
    }

    /// About how many bytes wait for a sync to be begun.
    pub fn unsynced(&self) -> u64 {
        self.segments.unsynced()
    }

    fn writing<T>(&mut self, act: impl FnOnce(&mut Self) -> io::Result<T>) -> Result<T, StoreError> {
        if let Some(failure) = &self.failure {
            return Err(StoreError::ReadOnly(failure.clone()));
        }
        act(self).map_err(|error| {
            self.failure = Some(error.to_string());
            if error.kind() == io::ErrorKind::StorageFull {
                // The disk is full: what matters is the first failure, not whether the reserve could be given up.
                let _ = self.segments.disk().remove(BALLAST);
            }
            StoreError::Io(error)
        })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.failure.is_none() {
            // The redo file holds what is acknowledged, and what the mark said before is still true.
            let _ = self.segments.write_out().and_then(|()| self.mark.settle(self.acknowledged));
        }
    }
}

type Ready = (Segments, Lookup, Option<Mended>);

/// Opens the segments; mends them when records that were acknowledged cannot be read.
fn recover(disk: Box<dyn Disk>, network: NetworkId, layout: Layout, acknowledged: Option<u64>) -> Result<Ready, OpenError> {
    let mut segments = Segments::open(disk, network, layout)?;
    if let Recovered::Whole(lookup) = segments.recover(acknowledged)? {
        return Ok((segments, *lookup, None));
    }
    let disk = segments.close();
    let mended = mend::mend(&*disk, network, layout, acknowledged)?;
    let mut segments = Segments::open(disk, network, layout)?;
    match segments.recover(Some(mended.kept))? {
        Recovered::Whole(lookup) => Ok((segments, *lookup, Some(mended))),
        Recovered::Damaged => Err(OpenError::Unsteady),
    }
}

fn reserve(disk: &dyn Disk, ballast: u64) -> io::Result<()> {
    disk.open(BALLAST, true)?.reserve(ballast)?;
    disk.sync_names()
}

fn failed(file: &str) -> impl FnOnce(io::Error) -> OpenError {
    move |source| OpenError::Io { file: file.to_owned(), source }
}
