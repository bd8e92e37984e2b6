//! A ledger in memory, for the simulator, tests and offline tools; it can lose what was not synced, as a disk does.

use super::{Entry, Fault, Ledger, Lookup, Plane, Ranges};
use crate::id::RecordId;
use crate::journal::Hash;
use crate::log::{ForkProof, Head, Linked, LogId};
use crate::reconcile::{Item, Range, Summary};
use crate::record::Body;
use std::collections::{BTreeMap, BTreeSet};

/// Everything in memory. Ids, log places and ranges are found in logarithmic time.
#[derive(Clone, Debug, Default)]
pub struct MemoryLedger {
    entries: Vec<(Linked, Option<Body>)>,
    forks: Vec<ForkProof>,
    lookup: Lookup,
    frozen: BTreeMap<LogId, u64>,
    erased: BTreeSet<u64>,
    durable: (usize, usize),
    /// Bodies as they were at the last sync, where they are others now.
    before: Vec<(u64, Option<Body>, bool)>,
}

impl MemoryLedger {
    /// Makes all that was appended and frozen so far survive [`MemoryLedger::crash`].
    pub fn sync(&mut self) {
        self.durable = (self.entries.len(), self.forks.len());
        self.before.clear();
    }

    /// Loses what came after the last [`MemoryLedger::sync`], as a power cut does.
    pub fn crash(&mut self) {
        for (position, body, erased) in std::mem::take(&mut self.before).into_iter().rev() {
            self.set(position, body, erased);
        }
        let mut lost = std::mem::take(self);
        lost.entries.truncate(lost.durable.0);
        lost.forks.truncate(lost.durable.1);
        self.erased = lost.erased;
        self.erased.retain(|position| *position < lost.durable.0 as u64);
        for (record, body) in lost.entries {
            self.lookup.push(record.record().id(), record.record().header());
            self.entries.push((record, body));
        }
        lost.forks.into_iter().for_each(|fork| self.keep(fork));
        self.sync();
    }

    /// Loses a body for good, as a damaged disk does.
    pub fn damage_body(&mut self, position: u64) {
        let erased = self.erased.contains(&position);
        self.set(position, None, erased);
    }

    /// The evidence of forks that was kept, in the order of [`Ledger::freeze`].
    pub fn forks(&self) -> &[ForkProof] {
        &self.forks
    }

    fn get(&self, position: u64) -> Result<&(Linked, Option<Body>), Fault> {
        usize::try_from(position).ok().and_then(|place| self.entries.get(place)).ok_or(Fault)
    }

    fn set(&mut self, position: u64, body: Option<Body>, erased: bool) {
        if let Some(entry) = usize::try_from(position).ok().and_then(|place| self.entries.get_mut(place)) {
            entry.1 = body;
        }
        if erased {
            self.erased.insert(position)
        } else {
            self.erased.remove(&position)
        };
    }

    fn keep(&mut self, fork: ForkProof) {
        let (log, seq) = fork.place();
        let first = self.frozen.entry(log).or_insert(seq);
        *first = seq.min(*first);
        self.forks.push(fork);
    }
}

impl Ledger for MemoryLedger {
    fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    fn find(&self, id: &RecordId) -> Result<Option<u64>, Fault> {
        Ok(self.lookup.find(id))
    }

    fn id(&self, position: u64) -> Result<RecordId, Fault> {
        self.lookup.id(position).ok_or(Fault)
    }

    fn entry(&self, position: u64) -> Result<Entry, Fault> {
        let (linked, body) = self.get(position)?;
        let record = linked.record();
        Ok(Entry { id: record.id(), signed: *record.signed(), body: body.as_ref().map(|body| body.sealed().clone()) })
    }

    fn head(&self, log: &LogId) -> Result<Option<Head>, Fault> {
        Ok(self.lookup.head(log))
    }

    fn at(&self, log: &LogId, seq: u64) -> Result<Option<u64>, Fault> {
        Ok(self.lookup.at(log, seq))
    }

    /// A record that does not follow the head of its log here, or a body of another record, is a [`Fault`].
    fn append(&mut self, record: &Linked, body: Option<&Body>) -> Result<u64, Fault> {
        if record.record().header().seq != self.lookup.next(&record.log())
            || body.is_some_and(|body| body.of() != record.record().id())
        {
            return Err(Fault);
        }
        let position = self.size();
        self.lookup.push(record.record().id(), record.record().header());
        self.entries.push((*record, body.cloned()));
        Ok(position)
    }

    fn put_body(&mut self, position: u64, body: &Body) -> Result<(), Fault> {
        let (record, before) = self.get(position)?;
        if body.of() != record.record().id() {
            return Err(Fault);
        }
        let before = before.clone();
        if before.is_none() && !self.erased.contains(&position) {
            self.before.push((position, before, false));
            self.set(position, Some(body.clone()), false);
        }
        Ok(())
    }

    fn erase_body(&mut self, position: u64) -> Result<bool, Fault> {
        let before = self.get(position)?.1.clone();
        let erased = self.erased.contains(&position);
        self.before.push((position, before, erased));
        self.set(position, None, true);
        Ok(!erased)
    }

    fn lacking(&self, from: u64, count: u64) -> Result<Vec<u64>, Fault> {
        let lacks = |position: &u64| self.get(*position).is_ok_and(|(_, body)| body.is_none()) && !self.erased.contains(position);
        Ok((from..from.saturating_add(count).min(self.size())).filter(lacks).collect())
    }

    fn freeze(&mut self, fork: &ForkProof) -> Result<(), Fault> {
        self.keep(*fork);
        Ok(())
    }

    fn frozen(&self, log: &LogId) -> Result<Option<u64>, Fault> {
        Ok(self.frozen.get(log).copied())
    }

    fn node(&self, level: u8, index: u64) -> Result<Hash, Fault> {
        self.lookup.node(level, index)
    }
}

impl Ranges for MemoryLedger {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{NetworkId, OrganisationId};
    use crate::journal::{Frontier, root_at};
    use crate::key::Signer;
    use crate::log::link;
    use crate::record::{Draft, Sealed};
    use crate::time::Millis;

    /// Signs the next record of the log in `ledger` and appends it.
    fn write(ledger: &mut MemoryLedger, signer: &Signer, kind: u16, time: u64) -> RecordId {
        let organisation = OrganisationId([1; 32]);
        let head = ledger.head(&LogId { organisation, device: signer.public() }).unwrap();
        let draft = Draft {
            kind,
            network: NetworkId([2; 32]),
            organisation,
            seq: head.map_or(0, |head| head.seq + 1),
            previous: head.map_or(RecordId::ZERO, |head| head.id),
            claimed_at: Millis(time),
            subject: RecordId::ZERO,
            territory: [0; 12],
            topic: 0,
        };
        let (record, body) = draft.sign(signer, Sealed { salt: [3; 32], bytes: b"{}".to_vec() }).unwrap();
        let linked = link(record, head.as_ref()).unwrap();
        ledger.append(&linked, Some(&body)).unwrap();
        assert_eq!(ledger.append(&linked, Some(&body)), Err(Fault), "a record is accepted once");
        record.id()
    }

    #[test]
    fn a_crash_keeps_what_was_synced_and_nothing_else() {
        let (mut ledger, signer) = (MemoryLedger::default(), Signer::from_seed(&[4; 32]));
        let kept: Vec<_> = (0..5).map(|time| write(&mut ledger, &signer, 40, time)).collect();
        ledger.sync();
        let lost = write(&mut ledger, &signer, 1, 9);
        assert_eq!(ledger.summary(Plane::Control, &Range::ALL).unwrap().count, 1);
        ledger.crash();
        assert_eq!(ledger.size(), 5);
        assert_eq!(ledger.find(&lost), Ok(None));
        assert_eq!(ledger.summary(Plane::Control, &Range::ALL), Ok(Summary::default()));
        let items = ledger.items(Plane::Content, &Range::ALL, 10).unwrap();
        assert_eq!(items.iter().map(|item| item.id).collect::<Vec<_>>(), kept);
        let mut frontier = Frontier::default();
        kept.iter().for_each(|id| frontier.push(id));
        assert_eq!(root_at(5, |level, index| ledger.node(level, index)), Ok(frontier.root()));
        write(&mut ledger, &signer, 40, 9);
        assert_eq!(ledger.entry(5).unwrap().signed.header().seq, 5);
    }
}
