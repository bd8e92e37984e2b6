//! What a ledger answers from memory: everything here follows from the headers, and is made anew from them.

use super::{Fault, Plane};
use crate::id::RecordId;
use crate::journal::{Hash, Tree};
use crate::log::{Head, LogId};
use crate::reconcile::{Item, RangeIndex};
use crate::record::Header;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// Names by place, places by name, the logs, the journal's tree and the two sets that are reconciled: about 170 bytes a record.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    ids: Vec<RecordId>,
    by_prefix: BTreeSet<(u64, u64)>,
    logs: BTreeMap<LogId, Log>,
    controls: Vec<u64>,
    tree: Tree,
    control: RangeIndex,
    content: RangeIndex,
}

#[derive(Clone, Debug)]
struct Log {
    head: Head,
    places: Vec<u64>,
}

impl Lookup {
    /// Takes the record that stands next in the journal; its log has the one before.
    pub fn push(&mut self, id: RecordId, header: &Header) {
        let position = self.size();
        self.by_prefix.insert((prefix(&id), position));
        self.tree.push(&id);
        let row = Row::new(id, header);
        match row.plane {
            Plane::Control => self.control.insert(row.item()),
            Plane::Content => self.content.insert(row.item()),
        };
        self.enter(row);
    }

    fn enter(&mut self, row: Row) {
        let position = self.size();
        let head = |seq| Head { seq, id: row.id, claimed_at: row.claimed_at };
        let log = self.logs.entry(row.log).or_insert(Log { head: head(0), places: Vec::new() });
        log.head = head(log.places.len() as u64);
        log.places.push(position);
        if row.plane == Plane::Control {
            self.controls.push(position);
        }
        self.ids.push(row.id);
    }

    /// How many records there are.
    pub fn size(&self) -> u64 {
        self.ids.len() as u64
    }

    /// The name of the record at a place.
    pub fn id(&self, position: u64) -> Option<RecordId> {
        self.ids.get(usize::try_from(position).ok()?).copied()
    }

    /// The place of a record.
    pub fn find(&self, id: &RecordId) -> Option<u64> {
        let bucket = self.by_prefix.range((prefix(id), 0)..=(prefix(id), u64::MAX));
        bucket.map(|&(_, position)| position).find(|&position| self.id(position) == Some(*id))
    }

    /// The last record of a log.
    pub fn head(&self, log: &LogId) -> Option<Head> {
        Some(self.logs.get(log)?.head)
    }

    /// The place in its log that the next record takes.
    pub fn next(&self, log: &LogId) -> u64 {
        self.logs.get(log).map_or(0, |log| log.places.len() as u64)
    }

    /// The place in the journal of a log's record.
    pub fn at(&self, log: &LogId, seq: u64) -> Option<u64> {
        self.logs.get(log)?.places.get(usize::try_from(seq).ok()?).copied()
    }

    /// The places of the control records, in order.
    pub fn controls(&self) -> &[u64] {
        &self.controls
    }

    /// A node of the journal's tree.
    ///
    /// # Errors
    /// [`Fault`] when the tree has no such complete node.
    pub fn node(&self, level: u8, index: u64) -> Result<Hash, Fault> {
        self.tree.node(level, index)
    }

    /// The set that is reconciled for a plane.
    pub fn plane(&self, plane: Plane) -> &RangeIndex {
        match plane {
            Plane::Control => &self.control,
            Plane::Content => &self.content,
        }
    }
}

/// What a lookup keeps of a header.
#[derive(Clone, Copy, Debug)]
struct Row {
    id: RecordId,
    log: LogId,
    claimed_at: Millis,
    plane: Plane,
}

impl Row {
    fn new(id: RecordId, header: &Header) -> Self {
        Self { id, log: LogId::from(header), claimed_at: header.claimed_at, plane: Plane::of(header.kind) }
    }

    fn item(&self) -> Item {
        Item { claimed_at: self.claimed_at, id: self.id }
    }
}

/// Records that follow each other in the journal, hashed: what can be done for some without knowing the others, and so on any core.
#[derive(Clone, Debug, Default)]
pub struct Part {
    rows: Vec<Row>,
    tree: Tree,
}

impl Part {
    /// Takes the next record.
    pub fn push(&mut self, id: RecordId, header: &Header) {
        self.rows.push(Row::new(id, header));
        self.tree.push(&id);
    }
}

/// A lookup that is made at once: its sets are sorted once, at the end.
#[derive(Clone, Debug, Default)]
pub struct Loading {
    lookup: Lookup,
    control: Vec<Item>,
    content: Vec<Item>,
}

impl Loading {
    /// Takes the records that stand next. Cheap when each part but the last has the same power of two of records.
    pub fn extend(&mut self, part: Part) {
        self.lookup.tree.append(part.tree);
        for row in part.rows {
            match row.plane {
                Plane::Control => self.control.push(row.item()),
                Plane::Content => self.content.push(row.item()),
            }
            self.lookup.enter(row);
        }
    }

    /// What was taken so far.
    pub fn size(&self) -> u64 {
        self.lookup.size()
    }

    /// The lookup over all that was taken.
    pub fn finish(self) -> Lookup {
        let Self { mut lookup, control, content } = self;
        lookup.control = control.into_iter().collect();
        lookup.content = content.into_iter().collect();
        lookup.by_prefix = (0..).zip(&lookup.ids).map(|(position, id)| (prefix(id), position)).collect();
        lookup
    }
}

fn prefix(id: &RecordId) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&id.0[..8]);
    u64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{BodyCommitment, DeviceKey, NetworkId, OrganisationId};
    use crate::reconcile::Range;
    use proptest::prelude::*;

    fn header(log: u8, number: u64) -> Header {
        Header {
            version: 1,
            kind: if number.is_multiple_of(3) { 2 } else { 40 },
            network: NetworkId::ZERO,
            organisation: OrganisationId([log; 32]),
            device: DeviceKey([log; 32]),
            seq: 0,
            previous: RecordId::ZERO,
            claimed_at: Millis(number % 17),
            body_length: 0,
            body: BodyCommitment([0; 32]),
            subject: RecordId(crate::journal::parent(&[0; 32], &[number.to_le_bytes()[0]; 32])),
            territory: [0; 12],
            topic: 0,
            flags: 0,
        }
    }

    proptest! {
        #[test]
        fn a_lookup_that_is_loaded_is_the_one_that_was_grown(logs in proptest::collection::vec(0u8..5, 0..200), power in 0u32..8, after in 0usize..20) {
            let headers: Vec<Header> = (0..).zip(&logs).map(|(number, log)| header(*log, number)).collect();
            let (loaded, later) = headers.split_at(headers.len().saturating_sub(after));
            let (mut grown, mut loading) = (Lookup::default(), Loading::default());
            headers.iter().for_each(|header| grown.push(header.id(), header));
            for chunk in loaded.chunks(1 << power) {
                let mut part = Part::default();
                chunk.iter().for_each(|header| part.push(header.id(), header));
                loading.extend(part);
            }
            let mut found = loading.finish();
            later.iter().for_each(|header| found.push(header.id(), header));
            prop_assert_eq!(found.size(), grown.size());
            prop_assert_eq!(found.controls(), grown.controls());
            for (position, header) in (0..).zip(&headers) {
                let log = LogId::from(header);
                prop_assert_eq!(found.find(&header.id()), grown.find(&header.id()));
                prop_assert_eq!(found.head(&log), grown.head(&log));
                prop_assert_eq!(found.at(&log, position), grown.at(&log, position));
            }
            for plane in [Plane::Control, Plane::Content] {
                prop_assert_eq!(found.plane(plane).summary(&Range::ALL), grown.plane(plane).summary(&Range::ALL));
                prop_assert_eq!(found.plane(plane).items(&Range::ALL, 500), grown.plane(plane).items(&Range::ALL, 500));
            }
            for level in 0..9 {
                for index in 0..=(grown.size() >> level) {
                    prop_assert_eq!(found.node(level, index), grown.node(level, index));
                }
            }
        }
    }
}
