//! What a replica needs of the place where records are kept. The node's store provides it.
//!
//! Reads see every append at once; an append survives a crash only after the owner has synced, so nothing is acknowledged before.

mod lookup;
mod memory;

pub use lookup::{Loading, Lookup, Part};
pub use memory::MemoryLedger;

use crate::id::RecordId;
use crate::journal::Hash;
use crate::log::{ForkProof, Head, Linked, LogId};
use crate::reconcile::{Item, Range, Summary};
use crate::record::{Body, Sealed, Signed};

/// The ledger could not answer: a disk failed or a file is damaged. The owner has said so in its own words; the replica stops using it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store could not answer")]
pub struct Fault;

/// A record as it is kept, by its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub id: RecordId,
    /// Header and signature, verified before they were kept.
    pub signed: Signed,
    /// The body and its salt; none when it has not arrived or was erased.
    pub body: Option<Sealed>,
}

/// The two sets that replicas reconcile; control first, so that whoever vouches arrives before whoever is vouched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plane {
    /// Organisations, devices, attestations: kinds below [`CONTROL_BELOW`].
    Control,
    /// All else.
    Content,
}

/// Kinds below this number are control records.
pub const CONTROL_BELOW: u16 = 32;

impl Plane {
    /// Where records of this kind belong.
    pub fn of(kind: u16) -> Self {
        if kind < CONTROL_BELOW { Self::Control } else { Self::Content }
    }
}

/// The two sets by their ranges: what set reconciliation needs.
///
/// # Errors
/// Every method may answer [`Fault`].
pub trait Ranges {
    /// Whether a record is there.
    fn has(&self, id: &RecordId) -> Result<bool, Fault>;
    /// Count and sum of the ids in a range of a plane.
    fn summary(&self, plane: Plane, range: &Range) -> Result<Summary, Fault>;
    /// The first `limit` items of a range of a plane, in order.
    fn items(&self, plane: Plane, range: &Range, limit: usize) -> Result<Vec<Item>, Fault>;
    /// The item of a plane's range that has `skip` items of the range before it; none when the range has no more.
    fn nth(&self, plane: Plane, range: &Range, skip: u64) -> Result<Option<Item>, Fault>;
}

/// The journal of accepted records, and the indexes over it.
///
/// # Errors
/// Every method may answer [`Fault`].
pub trait Ledger: Ranges {
    /// How many records the journal holds.
    fn size(&self) -> u64;
    /// The place of a record in the journal.
    fn find(&self, id: &RecordId) -> Result<Option<u64>, Fault>;
    /// The name of the record at a place below [`Ledger::size`].
    fn id(&self, position: u64) -> Result<RecordId, Fault>;
    /// The record at a place below [`Ledger::size`].
    fn entry(&self, position: u64) -> Result<Entry, Fault>;
    /// The last record of a log.
    fn head(&self, log: &LogId) -> Result<Option<Head>, Fault>;
    /// The place in the journal of a log's record.
    fn at(&self, log: &LogId, seq: u64) -> Result<Option<u64>, Fault>;
    /// Accepts a record: it stands at the place that this returns, which is the former size.
    fn append(&mut self, record: &Linked, body: Option<&Body>) -> Result<u64, Fault>;
    /// Keeps the body of a record that stands without it. A body that was erased does not come back: then nothing is done.
    fn put_body(&mut self, position: u64, body: &Body) -> Result<(), Fault>;
    /// Writes over a body and its salt, for good. Gives whether it was not erased before.
    fn erase_body(&mut self, position: u64) -> Result<bool, Fault>;
    /// Looks at `count` places from `from` on, as far as there are: those whose body is not here, or cannot be read, and was not erased.
    fn lacking(&self, from: u64, count: u64) -> Result<Vec<u64>, Fault>;
    /// Keeps the evidence of a fork; the log stands still from the first such place on.
    fn freeze(&mut self, fork: &ForkProof) -> Result<(), Fault>;
    /// The first place of a log that is not to be trusted, when it is forked.
    fn frozen(&self, log: &LogId) -> Result<Option<u64>, Fault>;
    /// The hash of the complete subtree of the journal over leaves `index << level .. (index + 1) << level`, all below the size.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Fault>;
}
