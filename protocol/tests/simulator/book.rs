//! A ledger in memory whose unsynced tail a crash takes, and which can be told to misbehave.

use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::journal::Hash;
use koinon_protocol::ledger::{Entry, Fault, Ledger, Plane};
use koinon_protocol::log::{ForkProof, Head, Linked, LogId};
use koinon_protocol::reconcile::{Item, Range, Summary};
use koinon_protocol::record::Body;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The kind with which the network's root vouches for the organisation in the subject.
pub(crate) const VOUCH: u16 = 1;
/// The organisation that has standing from the start.
pub(crate) const ROOT: OrganisationId = OrganisationId([1; 32]);

/// Mistakes that a host could make; the simulator must notice each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    TellsBeforeSync,
    SyncDoesNothing,
    LosesBodies,
    ForgetsForks,
    AdmitsEverybody,
    StaleHead,
    HidesLast,
}

#[derive(Clone)]
pub(crate) struct Book {
    pub(crate) bug: Bug,
    pub(crate) entries: Vec<Entry>,
    pub(crate) forks: BTreeMap<LogId, ForkProof>,
    pub(crate) standing: BTreeSet<OrganisationId>,
    synced: (usize, BTreeMap<LogId, ForkProof>),
    places: BTreeMap<RecordId, u64>,
    logs: BTreeMap<LogId, Vec<u64>>,
    nodes: Vec<Vec<Hash>>,
}

impl Book {
    pub(crate) fn new(bug: Bug) -> Self {
        Self {
            bug,
            entries: Vec::new(),
            forks: BTreeMap::new(),
            standing: BTreeSet::from([ROOT]),
            synced: (0, BTreeMap::new()),
            places: BTreeMap::new(),
            logs: BTreeMap::new(),
            nodes: Vec::new(),
        }
    }

    pub(crate) fn sync(&mut self) {
        if self.bug != Bug::SyncDoesNothing {
            self.synced = (self.entries.len(), self.forks.clone());
        }
    }

    pub(crate) fn crash(&mut self) {
        let mut book = Self::new(self.bug);
        self.entries.drain(..self.synced.0).for_each(|entry| book.push(entry));
        book.forks = self.synced.1.clone();
        book.synced = (book.entries.len(), book.forks.clone());
        *self = book;
    }

    fn push(&mut self, entry: Entry) {
        let (place, header) = (self.entries.len() as u64, *entry.signed.header());
        if header.kind == VOUCH && header.organisation == ROOT {
            self.standing.insert(OrganisationId(header.subject.0));
        }
        self.places.insert(entry.id, place);
        self.logs.entry(LogId::from(&header)).or_default().push(place);
        let mut hash: Hash = Sha256::new().chain_update([0]).chain_update(entry.id.0).finalize().into();
        for level in 0.. {
            if self.nodes.len() == level {
                self.nodes.push(Vec::new());
            }
            self.nodes[level].push(hash);
            let [.., left, right] = self.nodes[level].as_slice() else { break };
            if self.nodes[level].len() % 2 == 1 {
                break;
            }
            hash = Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into();
        }
        self.entries.push(entry);
    }

    fn items(&self, plane: Plane, range: &Range) -> Vec<Item> {
        let of_plane = self.entries.iter().filter(|entry| Plane::of(entry.signed.header().kind) == plane);
        let items = of_plane.map(|entry| Item { claimed_at: entry.signed.header().claimed_at, id: entry.id });
        let mut items: Vec<Item> = items.filter(|item| range.from <= *item && *item < range.until).collect();
        items.sort();
        items
    }
}

impl Ledger for Book {
    fn size(&self) -> u64 {
        let hidden = usize::from(self.bug == Bug::HidesLast);
        self.entries.len().saturating_sub(hidden) as u64
    }

    fn find(&self, id: &RecordId) -> Result<Option<u64>, Fault> {
        Ok(self.places.get(id).copied())
    }

    fn id(&self, position: u64) -> Result<RecordId, Fault> {
        Ok(self.entries.get(position as usize).ok_or(Fault)?.id)
    }

    fn entry(&self, position: u64) -> Result<Entry, Fault> {
        self.entries.get(position as usize).cloned().ok_or(Fault)
    }

    fn head(&self, log: &LogId) -> Result<Option<Head>, Fault> {
        let stale = usize::from(self.bug == Bug::StaleHead && self.entries.len() % 16 == 15);
        let Some(place) = self.logs.get(log).and_then(|log| log.iter().rev().nth(stale)) else { return Ok(None) };
        let entry = &self.entries[*place as usize];
        let header = entry.signed.header();
        Ok(Some(Head { seq: header.seq, id: entry.id, claimed_at: header.claimed_at }))
    }

    fn at(&self, log: &LogId, seq: u64) -> Result<Option<u64>, Fault> {
        Ok(self.logs.get(log).and_then(|log| log.get(seq as usize)).copied())
    }

    fn append(&mut self, record: &Linked, body: Option<&Body>) -> Result<u64, Fault> {
        let lost = self.bug == Bug::LosesBodies && self.entries.len() % 16 == 15;
        let body = body.filter(|_| !lost).map(|body| body.sealed().clone());
        self.push(Entry { id: record.record().id(), signed: *record.record().signed(), body });
        Ok(self.entries.len() as u64 - 1)
    }

    fn freeze(&mut self, fork: &ForkProof) -> Result<(), Fault> {
        if self.bug != Bug::ForgetsForks {
            self.forks.insert(fork.place().0, *fork);
        }
        Ok(())
    }

    fn frozen(&self, log: &LogId) -> Result<Option<u64>, Fault> {
        Ok(self.forks.get(log).map(|fork| fork.place().1))
    }

    fn node(&self, level: u8, index: u64) -> Result<Hash, Fault> {
        self.nodes.get(usize::from(level)).and_then(|level| level.get(index as usize)).copied().ok_or(Fault)
    }

    fn summary(&self, plane: Plane, range: &Range) -> Result<Summary, Fault> {
        Ok(self.items(plane, range).iter().fold(Summary::default(), |sum, item| sum.with(&item.id)))
    }

    fn items(&self, plane: Plane, range: &Range, limit: usize) -> Result<Vec<Item>, Fault> {
        Ok(self.items(plane, range).into_iter().take(limit).collect())
    }

    fn nth(&self, plane: Plane, range: &Range, skip: u64) -> Result<Option<Item>, Fault> {
        Ok(self.items(plane, range).get(skip as usize).copied())
    }
}
