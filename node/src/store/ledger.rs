//! The store as the replica sees it. What went wrong is in [`Store::failure`] and in the scrub; the replica only learns that it did.

use super::{Store, StoreError};
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::Hash;
use koinon_protocol::ledger::{Entry, Fault, Ledger, Plane, Ranges};
use koinon_protocol::log::{ForkProof, Head, Linked, LogId};
use koinon_protocol::reconcile::{Item, Range, Summary};
use koinon_protocol::record::Body;

impl From<StoreError> for Fault {
    fn from(_: StoreError) -> Self {
        Self
    }
}

impl Ledger for Store {
    fn size(&self) -> u64 {
        self.segments.size()
    }

    fn find(&self, id: &RecordId) -> Result<Option<u64>, Fault> {
        Ok(self.lookup.find(id))
    }

    fn id(&self, position: u64) -> Result<RecordId, Fault> {
        self.lookup.id(position).ok_or(Fault)
    }

    fn entry(&self, position: u64) -> Result<Entry, Fault> {
        Ok(Store::entry(self, position)?)
    }

    fn head(&self, log: &LogId) -> Result<Option<Head>, Fault> {
        Ok(self.lookup.head(log))
    }

    fn at(&self, log: &LogId, seq: u64) -> Result<Option<u64>, Fault> {
        Ok(self.lookup.at(log, seq))
    }

    fn append(&mut self, record: &Linked, body: Option<&Body>) -> Result<u64, Fault> {
        Ok(Store::append(self, record, body)?)
    }

    fn put_body(&mut self, position: u64, body: &Body) -> Result<(), Fault> {
        match Store::put_body(self, position, body) {
            Err(StoreError::Erased(_)) => Ok(()),
            other => Ok(other?),
        }
    }

    fn erase_body(&mut self, position: u64) -> Result<bool, Fault> {
        Ok(self.overwrite_body(position)?)
    }

    fn lacking(&self, from: u64, count: u64) -> Result<Vec<u64>, Fault> {
        Ok(Store::lacking(self, from, count)?)
    }

    fn freeze(&mut self, fork: &ForkProof) -> Result<(), Fault> {
        Ok(Store::freeze(self, fork)?)
    }

    fn frozen(&self, log: &LogId) -> Result<Option<u64>, Fault> {
        Ok(self.evidence.frozen(log))
    }

    fn node(&self, level: u8, index: u64) -> Result<Hash, Fault> {
        self.lookup.node(level, index)
    }
}

impl Ranges for Store {
    fn has(&self, id: &RecordId) -> Result<bool, Fault> {
        Ok(self.lookup.find(id).is_some())
    }

    fn summary(&self, plane: Plane, range: &Range) -> Result<Summary, Fault> {
        Ok(self.lookup.plane(plane).summary(range))
    }

    fn items(&self, plane: Plane, range: &Range, limit: usize) -> Result<Vec<Item>, Fault> {
        Ok(self.lookup.plane(plane).items(range, limit))
    }

    fn nth(&self, plane: Plane, range: &Range, skip: u64) -> Result<Option<Item>, Fault> {
        Ok(self.lookup.plane(plane).nth(range, skip))
    }
}
