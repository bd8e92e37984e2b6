//! What the store answers from memory: everything here follows from the headers and is made anew from them.

use koinon_protocol::id::RecordId;
use koinon_protocol::journal::Tree;
use koinon_protocol::ledger::Plane;
use koinon_protocol::log::{Head, LogId};
use koinon_protocol::reconcile::{Item, RangeIndex};
use koinon_protocol::record::Header;
use std::collections::{BTreeMap, BTreeSet};

/// Names by place, places by name, the logs, the journal's tree and the two sets that are reconciled.
#[derive(Debug, Default)]
pub(crate) struct Lookup {
    ids: Vec<RecordId>,
    by_prefix: BTreeSet<(u64, u64)>,
    logs: BTreeMap<LogId, Log>,
    tree: Tree,
    controls: Vec<u64>,
    control: RangeIndex,
    content: RangeIndex,
}

#[derive(Debug)]
struct Log {
    head: Head,
    places: Vec<u64>,
}

impl Lookup {
    /// Takes the record that stands next in the journal; its log has the one before.
    pub(crate) fn push(&mut self, id: RecordId, header: &Header) {
        let position = self.ids.len() as u64;
        self.by_prefix.insert((prefix(&id), position));
        self.ids.push(id);
        let head = Head { seq: header.seq, id, claimed_at: header.claimed_at };
        let log = self.logs.entry(LogId::from(header)).or_insert(Log { head, places: Vec::new() });
        log.head = head;
        log.places.push(position);
        self.tree.push(&id);
        let item = Item { claimed_at: header.claimed_at, id };
        match Plane::of(header.kind) {
            Plane::Control => {
                self.controls.push(position);
                self.control.insert(item)
            }
            Plane::Content => self.content.insert(item),
        };
    }

    /// The places of the control records, in order.
    pub(crate) fn controls(&self) -> &[u64] {
        &self.controls
    }

    /// The name of the record at a place.
    pub(crate) fn id(&self, position: u64) -> Option<RecordId> {
        self.ids.get(usize::try_from(position).ok()?).copied()
    }

    /// The place of a record.
    pub(crate) fn find(&self, id: &RecordId) -> Option<u64> {
        let bucket = self.by_prefix.range((prefix(id), 0)..=(prefix(id), u64::MAX));
        bucket.map(|&(_, position)| position).find(|&position| self.id(position) == Some(*id))
    }

    /// The last record of a log.
    pub(crate) fn head(&self, log: &LogId) -> Option<Head> {
        Some(self.logs.get(log)?.head)
    }

    /// The place in its log that the next record takes.
    pub(crate) fn next(&self, log: &LogId) -> u64 {
        self.logs.get(log).map_or(0, |log| log.places.len() as u64)
    }

    /// The journal's tree.
    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The set that is reconciled for a plane.
    pub(crate) fn plane(&self, plane: Plane) -> &RangeIndex {
        match plane {
            Plane::Control => &self.control,
            Plane::Content => &self.content,
        }
    }

    /// The place in the journal of a log's record.
    pub(crate) fn at(&self, log: &LogId, seq: u64) -> Option<u64> {
        self.logs.get(log)?.places.get(usize::try_from(seq).ok()?).copied()
    }
}

fn prefix(id: &RecordId) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&id.0[..8]);
    u64::from_be_bytes(bytes)
}
