//! What the replica works on: the store, and what its control records say together.

use crate::store::{Store, StoreError};
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::Hash;
use koinon_protocol::ledger::{Entry, Fault, Ledger, Plane};
use koinon_protocol::log::{ForkProof, Head, Linked, LogId};
use koinon_protocol::reconcile::{Item, Range, Summary};
use koinon_protocol::record::{Body, RecordError, Signed, Verified};
use koinon_protocol::replica::{Host, Standing};
use koinon_protocol::trust::{AdmitError, Missing, Trust, admit};

/// Fewer records than this are verified faster on one core than on two.
const WORTH_SHARING: usize = 24;

/// The store with the trust that follows from it.
pub struct Keeper {
    store: Store,
    trust: Trust,
    changed: bool,
}

/// Why the control records of a store say nothing.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// One of them cannot be read.
    #[error("a control record cannot be read: {0}")]
    Store(#[from] StoreError),
}

impl Keeper {
    /// Reads the control records of the store; `trust` is what the charter says.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(store: Store, mut trust: Trust) -> Result<Self, OpenError> {
        for &position in store.controls() {
            let entry = store.entry(position)?;
            trust.replay(entry.id, entry.signed.header(), entry.body.as_ref().map(|body| &body.bytes[..]));
        }
        Ok(Self { store, trust, changed: false })
    }

    /// The records.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The records, to sync.
    pub fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// What is known of trust.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Whether trust changed since this was asked last.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }
}

impl Host for Keeper {
    type Ledger = Self;

    fn ledger(&self) -> &Self {
        self
    }

    fn ledger_mut(&mut self) -> &mut Self {
        self
    }

    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>> {
        let network = self.trust.network();
        let verify = move |records: &[Signed]| records.iter().map(|signed| signed.verify(network)).collect::<Vec<_>>();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        if records.len() < WORTH_SHARING || cores < 2 {
            return verify(&records);
        }
        std::thread::scope(|scope| {
            let share = records.len().div_ceil(cores);
            let (own, others) = records.split_at(share);
            let others: Vec<_> = others.chunks(share).map(|chunk| (chunk, scope.spawn(move || verify(chunk)))).collect();
            let mut verified = verify(own);
            for (chunk, other) in others {
                verified.extend(other.join().unwrap_or_else(|_| verify(chunk)));
            }
            verified
        })
    }

    fn standing(&mut self, record: &Linked, body: Option<&Body>) -> Standing {
        match admit(*record, body, &self.trust) {
            Ok(_) if body.is_none() => Standing::BodyMissing,
            Ok(_) => Standing::Admitted,
            Err(AdmitError::Missing(Missing::Body(_))) => Standing::BodyMissing,
            Err(AdmitError::Missing(_) | AdmitError::NoStanding(_)) => Standing::Unknown,
            Err(AdmitError::Refused(_)) => Standing::Refused,
        }
    }
}

impl Ledger for Keeper {
    fn size(&self) -> u64 {
        self.store.size()
    }

    fn find(&self, id: &RecordId) -> Result<Option<u64>, Fault> {
        self.store.find(id)
    }

    fn id(&self, position: u64) -> Result<RecordId, Fault> {
        self.store.id(position)
    }

    fn entry(&self, position: u64) -> Result<Entry, Fault> {
        Ledger::entry(&self.store, position)
    }

    fn head(&self, log: &LogId) -> Result<Option<Head>, Fault> {
        self.store.head(log)
    }

    fn at(&self, log: &LogId, seq: u64) -> Result<Option<u64>, Fault> {
        self.store.at(log, seq)
    }

    fn append(&mut self, record: &Linked, body: Option<&Body>) -> Result<u64, Fault> {
        let position = Ledger::append(&mut self.store, record, body)?;
        if Plane::of(record.record().header().kind) == Plane::Control
            && let Ok(admitted) = admit(*record, body, &self.trust)
        {
            self.trust.apply(&admitted, body);
            self.changed = true;
        }
        Ok(position)
    }

    fn freeze(&mut self, fork: &ForkProof) -> Result<(), Fault> {
        Ledger::freeze(&mut self.store, fork)
    }

    fn frozen(&self, log: &LogId) -> Result<Option<u64>, Fault> {
        self.store.frozen(log)
    }

    fn node(&self, level: u8, index: u64) -> Result<Hash, Fault> {
        self.store.node(level, index)
    }

    fn summary(&self, plane: Plane, range: &Range) -> Result<Summary, Fault> {
        self.store.summary(plane, range)
    }

    fn items(&self, plane: Plane, range: &Range, limit: usize) -> Result<Vec<Item>, Fault> {
        self.store.items(plane, range, limit)
    }

    fn nth(&self, plane: Plane, range: &Range, skip: u64) -> Result<Option<Item>, Fault> {
        self.store.nth(plane, range, skip)
    }
}
