//! Mistakes that a host could make, planted between the production replica and its ledger; the simulator must notice each.

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::journal::Hash;
use koinon_protocol::ledger::{Entry, Fault, Ledger, MemoryLedger, Plane, Ranges};
use koinon_protocol::log::{ForkProof, Head, Linked, LogId};
use koinon_protocol::reconcile::{Item, Range, Summary};
use koinon_protocol::record::{Body, RecordError, Signed, Verified};
use koinon_protocol::replica::{Host, Keeper, Standing, Verify};
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    /// Effects that must wait for the sync do not.
    TellsBeforeSync,
    /// The sync does not reach the disk.
    SyncDoesNothing,
    /// Every 16th body is not written.
    LosesBodies,
    /// What is erased stays where it was.
    KeepsErased,
    /// Evidence of forks is not written.
    ForgetsForks,
    /// Evidence of forks is written, and what was said from there on still counts.
    KeepsForkedWord,
    /// Nobody needs a voucher.
    AdmitsEverybody,
    /// A record is checked against the last but one of its log at times.
    StaleHead,
    /// The last record of the journal is not told.
    HidesLast,
}

/// A ledger with a bug.
#[derive(Clone)]
pub(crate) struct Faulty {
    pub(crate) bug: Bug,
    pub(crate) inner: MemoryLedger,
}

impl Ledger for Faulty {
    fn size(&self) -> u64 {
        self.inner.size().saturating_sub(u64::from(self.bug == Bug::HidesLast))
    }
    fn find(&self, id: &RecordId) -> Result<Option<u64>, Fault> {
        self.inner.find(id)
    }
    fn id(&self, position: u64) -> Result<RecordId, Fault> {
        self.inner.id(position)
    }
    fn entry(&self, position: u64) -> Result<Entry, Fault> {
        self.inner.entry(position)
    }
    fn head(&self, log: &LogId) -> Result<Option<Head>, Fault> {
        let head = self.inner.head(log)?;
        let stale = self.bug == Bug::StaleHead && self.inner.size() % 16 == 15;
        let Some(before) = head.filter(|_| stale).and_then(|head| head.seq.checked_sub(1)) else { return Ok(head) };
        let entry = self.inner.entry(self.inner.at(log, before)?.ok_or(Fault)?)?;
        Ok(Some(Head { seq: before, id: entry.id, claimed_at: entry.signed.header().claimed_at }))
    }
    fn at(&self, log: &LogId, seq: u64) -> Result<Option<u64>, Fault> {
        self.inner.at(log, seq)
    }
    fn append(&mut self, record: &Linked, body: Option<&Body>) -> Result<u64, Fault> {
        let lost = self.bug == Bug::LosesBodies && self.inner.size() % 16 == 15;
        self.inner.append(record, body.filter(|_| !lost))
    }
    fn put_body(&mut self, position: u64, body: &Body) -> Result<(), Fault> {
        if self.bug == Bug::LosesBodies { Ok(()) } else { self.inner.put_body(position, body) }
    }
    fn erase_body(&mut self, position: u64) -> Result<bool, Fault> {
        if self.bug == Bug::KeepsErased { Ok(false) } else { self.inner.erase_body(position) }
    }
    fn lacking(&self, from: u64, count: u64) -> Result<Vec<u64>, Fault> {
        self.inner.lacking(from, count)
    }
    fn freeze(&mut self, fork: &ForkProof) -> Result<(), Fault> {
        if self.bug == Bug::ForgetsForks { Ok(()) } else { self.inner.freeze(fork) }
    }
    fn frozen(&self, log: &LogId) -> Result<Option<u64>, Fault> {
        self.inner.frozen(log)
    }
    fn node(&self, level: u8, index: u64) -> Result<Hash, Fault> {
        self.inner.node(level, index)
    }
}

impl Ranges for Faulty {
    fn has(&self, id: &RecordId) -> Result<bool, Fault> {
        self.inner.has(id)
    }
    fn summary(&self, plane: Plane, range: &Range) -> Result<Summary, Fault> {
        self.inner.summary(plane, range)
    }
    fn items(&self, plane: Plane, range: &Range, limit: usize) -> Result<Vec<Item>, Fault> {
        self.inner.items(plane, range, limit)
    }
    fn nth(&self, plane: Plane, range: &Range, skip: u64) -> Result<Option<Item>, Fault> {
        self.inner.nth(plane, range, skip)
    }
}

/// The production host with a bug.
pub(crate) struct Buggy<'a, V>(pub(crate) &'a mut Keeper<Faulty, V>);

impl<V: Verify> Host for Buggy<'_, V> {
    type Ledger = Faulty;
    fn network(&self) -> NetworkId {
        self.0.network()
    }
    fn ledger(&self) -> &Faulty {
        self.0.ledger()
    }
    fn append(&mut self, record: &Linked, body: Option<&Body>) -> Result<BTreeSet<OrganisationId>, Fault> {
        self.0.append(record, body)
    }
    fn put_bodies(&mut self, bodies: &[(u64, Body)]) -> Result<BTreeSet<OrganisationId>, Fault> {
        self.0.put_bodies(bodies)
    }
    fn is_erased(&self, record: &Verified) -> bool {
        self.0.is_erased(record)
    }
    fn freeze(&mut self, fork: &ForkProof) -> Result<(), Fault> {
        if self.0.ledger().bug == Bug::KeepsForkedWord { self.0.ledger_mut().freeze(fork) } else { self.0.freeze(fork) }
    }
    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>> {
        self.0.verify(records)
    }
    fn standing(&mut self, record: &Linked, body: Option<&Body>) -> Standing {
        match self.0.standing(record, body) {
            Standing::Waits(_) if self.0.ledger().bug == Bug::AdmitsEverybody && body.is_some() => Standing::Admitted,
            standing => standing,
        }
    }
}
