//! Verified records that cannot be accepted yet: bounded, so that nobody fills a replica's memory with promises.

use super::Candidate;
use crate::id::{OrganisationId, RecordId};
use crate::limit;
use crate::log::LogId;
use crate::record::Verified;
use crate::time::Millis;
use crate::trust::amendment;
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
    by_author: BTreeSet<(OrganisationId, RecordId)>,
    by_moment: BTreeSet<(Millis, RecordId)>,
    /// Bytes of the bodies that wait, and of those in quarantine.
    bytes: [usize; 2],
}

impl Parked {
    pub(super) fn contains(&self, id: &RecordId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Keeps the record, or gives back false when its share is full.
    pub(super) fn park(&mut self, candidate: Candidate, wait: Wait) -> bool {
        let record = &candidate.record;
        let (id, log, author) = (record.id(), LogId::from(record.header()), waits_for(record));
        if self.contains(&id) {
            return true;
        }
        let bytes = self.bytes[share(wait)] + length(&candidate);
        if bytes > limit::PARKED || !self.has_room(&log, author, wait) {
            return false;
        }
        self.bytes[share(wait)] = bytes;
        match wait {
            Wait::Predecessor => self.by_place.insert((log, record.header().seq, id)),
            Wait::Until(moment) => self.by_moment.insert((moment, id)) && self.by_place.insert((log, record.header().seq, id)),
            Wait::Standing => self.by_author.insert((author, id)),
        };
        self.by_id.insert(id, (candidate, wait));
        true
    }

    /// Counts at most as many as the shares allow.
    fn has_room(&self, log: &LogId, author: OrganisationId, wait: Wait) -> bool {
        let of_log = || self.by_place.range((*log, 0, RecordId::ZERO)..).take_while(|(other, ..)| other == log).count();
        let of_author = || self.of(author).count();
        match wait {
            Wait::Standing => self.by_author.len() < limit::QUARANTINE && of_author() < limit::QUARANTINE_PER_ORGANISATION,
            Wait::Predecessor | Wait::Until(_) => self.by_place.len() < limit::WAITING && of_log() < limit::WAITING_PER_LOG,
        }
    }

    fn of(&self, author: OrganisationId) -> impl Iterator<Item = RecordId> {
        self.by_author.range((author, RecordId::ZERO)..).take_while(move |(other, _)| *other == author).map(|(_, id)| *id)
    }

    /// Takes out what waits for a predecessor and stands at this place.
    pub(super) fn successors(&mut self, log: LogId, seq: u64) -> Vec<Candidate> {
        let places = self.by_place.range((log, seq, RecordId::ZERO)..=(log, seq, RecordId([0xff; 32])));
        let waits = |id: &RecordId| matches!(self.by_id.get(id), Some((_, Wait::Predecessor)));
        let ids: Vec<RecordId> = places.map(|(_, _, id)| *id).filter(waits).collect();
        self.take(ids)
    }

    /// Takes out what is no longer too far ahead.
    pub(super) fn due(&mut self, now: Millis) -> Vec<Candidate> {
        let ids = self.by_moment.iter().take_while(|(moment, _)| *moment <= now).map(|(_, id)| *id).collect();
        self.take(ids)
    }

    /// Takes out what is in quarantine of these organisations, to be judged again.
    pub(super) fn quarantine(&mut self, organisations: &BTreeSet<OrganisationId>) -> Vec<Candidate> {
        let ids = organisations.iter().flat_map(|author| self.of(*author)).collect();
        self.take(ids)
    }

    /// The earliest moment for which a record waits.
    pub(super) fn next(&self) -> Option<Millis> {
        self.by_moment.first().map(|(moment, _)| *moment)
    }

    /// In the order of their places, so that none waits for the next.
    fn take(&mut self, ids: Vec<RecordId>) -> Vec<Candidate> {
        let mut taken = Vec::new();
        for id in ids {
            let Some((candidate, wait)) = self.by_id.remove(&id) else { continue };
            self.bytes[share(wait)] -= length(&candidate);
            let header = candidate.record.header();
            self.by_place.remove(&(LogId::from(header), header.seq, id));
            match wait {
                Wait::Predecessor => {}
                Wait::Until(moment) => drop(self.by_moment.remove(&(moment, id))),
                Wait::Standing => drop(self.by_author.remove(&(waits_for(&candidate.record), id))),
            }
            taken.push(candidate);
        }
        taken.sort_by_key(|candidate| candidate.record.header().seq);
        taken
    }
}

/// Whose gain brings a record out of quarantine: its author's, and of an amendment that of the charter, which stands under zero.
fn waits_for(record: &Verified) -> OrganisationId {
    if record.header().kind == amendment::KIND { OrganisationId::ZERO } else { record.author() }
}

fn share(wait: Wait) -> usize {
    usize::from(wait == Wait::Standing)
}

fn length(candidate: &Candidate) -> usize {
    candidate.body.as_ref().map_or(0, |body| body.bytes().len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::NetworkId;
    use crate::key::Signer;
    use crate::record::{Draft, Sealed};

    /// A record that `number`'s key wrote, with a body of the greatest length.
    fn long(number: u16) -> Candidate {
        let mut seed = [1; 32];
        seed[..2].copy_from_slice(&number.to_be_bytes());
        let draft = Draft {
            kind: 33,
            network: NetworkId([2; 32]),
            organisation: OrganisationId(seed),
            seq: 5,
            previous: RecordId([3; 32]),
            claimed_at: Millis(1),
            subject: RecordId::ZERO,
            territory: [0; 12],
            topic: 0,
        };
        let sealed = Sealed { salt: [0; limit::SALT], bytes: vec![b' '; limit::BODY] };
        let (record, body) = draft.sign(&Signer::from_seed(&seed), sealed).unwrap();
        Candidate { record, body: Some(body), source: None }
    }

    #[test]
    fn nobody_fills_memory_with_long_bodies_under_many_keys() {
        let most = u16::try_from(limit::PARKED / limit::BODY).unwrap();
        for wait in [Wait::Predecessor, Wait::Standing] {
            let mut parked = Parked::default();
            assert!((0..most).all(|number| parked.park(long(number), wait)));
            assert!(!parked.park(long(most), wait));
            // What leaves makes room again.
            let first = long(0).record;
            let left = parked.successors(LogId::from(first.header()), 5).len()
                + parked.quarantine(&BTreeSet::from([first.author()])).len();
            assert_eq!(left, 1);
            assert!(parked.park(long(most), wait));
        }
    }
}
