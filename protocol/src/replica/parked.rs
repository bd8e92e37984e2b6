//! Verified records that cannot be accepted yet: bounded, so that nobody fills a replica's memory with promises.

use super::Candidate;
use crate::id::RecordId;
use crate::limit;
use crate::log::LogId;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// What a parked record waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Its predecessor.
    Predecessor,
    /// The moment from which its claimed time is not too far ahead.
    Until(Millis),
    /// Standing for its organisation: quarantine.
    Standing,
}

#[derive(Default)]
pub(super) struct Parked {
    by_id: BTreeMap<RecordId, (Candidate, Wait)>,
    by_place: BTreeSet<(LogId, u64, RecordId)>,
    quarantined: usize,
}

impl Parked {
    pub(super) fn contains(&self, id: &RecordId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Keeps the record, or gives back false when its share is full.
    pub(super) fn park(&mut self, candidate: Candidate, wait: Wait) -> bool {
        let record = &candidate.record;
        let (id, log, seq) = (record.id(), LogId::from(record.header()), record.header().seq);
        if self.contains(&id) {
            return true;
        }
        if !self.has_room(&log, wait) {
            return false;
        }
        self.quarantined += usize::from(wait == Wait::Standing);
        self.by_place.insert((log, seq, id));
        self.by_id.insert(id, (candidate, wait));
        true
    }

    fn has_room(&self, log: &LogId, wait: Wait) -> bool {
        let of_log = self.by_place.range((*log, 0, RecordId::ZERO)..).take_while(|(other, ..)| other == log).count();
        let waiting = self.by_id.len() - self.quarantined;
        match wait {
            Wait::Standing => {
                let of_organisation = self
                    .by_id
                    .values()
                    .filter(|(held, wait)| *wait == Wait::Standing && held.record.header().organisation == log.organisation);
                self.quarantined < limit::QUARANTINE && of_organisation.count() < limit::QUARANTINE_PER_ORGANISATION
            }
            Wait::Predecessor | Wait::Until(_) => waiting < limit::WAITING && of_log < limit::WAITING_PER_LOG,
        }
    }

    /// Takes out what waits for a predecessor and stands at this place.
    pub(super) fn successors(&mut self, log: LogId, seq: u64) -> Vec<Candidate> {
        let places = self.by_place.range((log, seq, RecordId::ZERO)..=(log, seq, RecordId([0xff; 32])));
        let ids: Vec<RecordId> = places.map(|(_, _, id)| *id).collect();
        self.take(ids, |wait| wait == Wait::Predecessor)
    }

    /// Takes out what is no longer too far ahead.
    pub(super) fn due(&mut self, now: Millis) -> Vec<Candidate> {
        self.take(self.by_id.keys().copied().collect(), |wait| matches!(wait, Wait::Until(moment) if moment <= now))
    }

    /// Takes out the quarantine, to be judged again.
    pub(super) fn quarantine(&mut self) -> Vec<Candidate> {
        self.take(self.by_id.keys().copied().collect(), |wait| wait == Wait::Standing)
    }

    /// The earliest moment for which a record waits.
    pub(super) fn next(&self) -> Option<Millis> {
        self.by_id.values().filter_map(|(_, wait)| if let Wait::Until(moment) = wait { Some(*moment) } else { None }).min()
    }

    fn take(&mut self, ids: Vec<RecordId>, wanted: impl Fn(Wait) -> bool) -> Vec<Candidate> {
        let mut taken = Vec::new();
        for id in ids {
            if self.by_id.get(&id).is_none_or(|(_, wait)| !wanted(*wait)) {
                continue;
            }
            if let Some((candidate, wait)) = self.by_id.remove(&id) {
                let header = candidate.record.header();
                self.by_place.remove(&(LogId::from(header), header.seq, id));
                self.quarantined -= usize::from(wait == Wait::Standing);
                taken.push(candidate);
            }
        }
        taken
    }
}
