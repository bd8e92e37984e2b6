//! Which record is asked of whom: each from one peer at a time, so that a body travels once.

use super::Peer;
use crate::id::RecordId;
use crate::limit;
use std::collections::{BTreeMap, BTreeSet};

/// Names that are wanted at a time; further ones are found again by a later pull.
const WANTED: usize = 16 * limit::IDS;
/// Names in one request: 256 bodies of an ordinary 2 KiB are half a megabyte.
const BATCH: usize = 256;

struct Want {
    sources: BTreeSet<Peer>,
    asked: bool,
    turn: u64,
}

/// The wanted names, in the order in which they became wanted: that of a peer's journal, where predecessors stand first.
#[derive(Default)]
pub(super) struct Fetch {
    wants: BTreeMap<RecordId, Want>,
    turns: BTreeMap<u64, RecordId>,
    next_turn: u64,
}

impl Fetch {
    /// Notes that `from` has a record that is wanted here; false when too many are wanted already.
    pub(super) fn want(&mut self, id: RecordId, from: Peer) -> bool {
        if self.wants.len() >= WANTED && !self.wants.contains_key(&id) {
            return false;
        }
        let want = self.wants.entry(id).or_insert_with(|| {
            self.next_turn += 1;
            self.turns.insert(self.next_turn, id);
            Want { sources: BTreeSet::new(), asked: false, turn: self.next_turn }
        });
        want.sources.insert(from);
        true
    }

    /// The record has arrived, or nobody has it.
    pub(super) fn settle(&mut self, id: &RecordId) {
        if let Some(want) = self.wants.remove(id) {
            self.turns.remove(&want.turn);
        }
    }

    /// The peer had no room for these in its answer: they may be asked of it again.
    pub(super) fn postpone(&mut self, ids: &[RecordId]) {
        for id in ids {
            if let Some(want) = self.wants.get_mut(id) {
                want.asked = false;
            }
        }
    }

    /// The peer did not answer: these are asked of others, or of it again when there is nobody else.
    pub(super) fn unanswered(&mut self, ids: &[RecordId], peer: Peer) {
        for id in ids {
            let Some(want) = self.wants.get_mut(id) else { continue };
            want.asked = false;
            if want.sources.len() > 1 {
                want.sources.remove(&peer);
            }
        }
    }

    /// The peer did not give these: they are asked of others. Gives back how many nobody else is known to have.
    pub(super) fn failed(&mut self, ids: &[RecordId], peer: Peer) -> usize {
        let mut lost = 0;
        for id in ids {
            let Some(want) = self.wants.get_mut(id) else { continue };
            want.asked = false;
            want.sources.remove(&peer);
            if want.sources.is_empty() {
                self.settle(id);
                lost += 1;
            }
        }
        lost
    }

    /// The peer is gone; what is asked of it must have failed before. Gives back how many names nobody else is known to have.
    pub(super) fn forget(&mut self, peer: Peer) -> usize {
        let mut lost = Vec::new();
        for (id, want) in &mut self.wants {
            want.sources.remove(&peer);
            if !want.asked && want.sources.is_empty() {
                lost.push(*id);
            }
        }
        lost.iter().for_each(|id| self.settle(id));
        lost.len()
    }

    /// The next names to ask of this peer, which has no request open; they count as asked until they settle or fail.
    pub(super) fn ask(&mut self, peer: Peer) -> Vec<RecordId> {
        let mut asked = Vec::new();
        for id in self.turns.values() {
            let Some(want) = self.wants.get_mut(id) else { continue };
            if asked.len() < BATCH && !want.asked && want.sources.contains(&peer) {
                want.asked = true;
                asked.push(*id);
            }
        }
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: RecordId = RecordId([7; 32]);

    #[test]
    fn a_record_is_asked_of_one_peer_at_a_time() {
        let mut fetch = Fetch::default();
        assert!(fetch.want(ID, Peer(1)) && fetch.want(ID, Peer(2)));
        assert_eq!(fetch.ask(Peer(1)), [ID]);
        assert!(fetch.ask(Peer(2)).is_empty());
        assert_eq!(fetch.failed(&[ID], Peer(1)), 0);
        assert_eq!(fetch.ask(Peer(2)), [ID]);
    }

    #[test]
    fn a_record_that_nobody_gives_is_reported_lost_and_forgotten() {
        let mut fetch = Fetch::default();
        assert!(fetch.want(ID, Peer(1)));
        assert_eq!(fetch.ask(Peer(1)), [ID]);
        assert_eq!(fetch.failed(&[ID], Peer(1)), 1);
        assert!(fetch.ask(Peer(1)).is_empty());
    }

    #[test]
    fn a_peer_that_left_is_not_waited_for() {
        let mut fetch = Fetch::default();
        assert!(fetch.want(ID, Peer(1)) && fetch.want(ID, Peer(2)));
        assert_eq!(fetch.ask(Peer(1)), [ID]);
        assert_eq!(fetch.forget(Peer(2)), 0);
        assert_eq!(fetch.failed(&[ID], Peer(1)), 1);
    }
}
