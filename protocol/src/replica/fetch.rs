//! Which record is asked of whom: each from one peer at a time, so that a body travels once.

use super::Peer;
use crate::id::RecordId;
use crate::limit;
use std::collections::{BTreeMap, BTreeSet};

/// Names that are wanted at a time; journals are not read further while there are more than half.
const WANTED: usize = 16 * limit::IDS;
/// Names in one request: 256 bodies of an ordinary 2 KiB are half a megabyte.
const BATCH: usize = 256;

struct Want {
    sources: BTreeSet<Peer>,
    asked: bool,
    turn: u64,
}

/// The wanted names. Of each peer they are asked in the order in which they became wanted: that of its journal, where predecessors
/// stand first.
#[derive(Default)]
pub(super) struct Fetch {
    wants: BTreeMap<RecordId, Want>,
    /// For every connected peer what can be asked of it now.
    queues: BTreeMap<Peer, BTreeMap<u64, RecordId>>,
    next_turn: u64,
}

impl Fetch {
    /// A peer is connected.
    pub(super) fn join(&mut self, peer: Peer) {
        self.queues.entry(peer).or_default();
    }

    /// Whether there is room for more of what peers name.
    pub(super) fn has_room(&self) -> bool {
        self.wants.len() <= WANTED / 2
    }

    /// Notes that `from` has a record that is wanted here; false when too many are wanted already, or the peer is gone.
    pub(super) fn want(&mut self, id: RecordId, from: Peer) -> bool {
        let Some(queue) = self.queues.get_mut(&from) else { return false };
        if self.wants.len() >= WANTED && !self.wants.contains_key(&id) {
            return false;
        }
        let want = self.wants.entry(id).or_insert_with(|| {
            self.next_turn += 1;
            Want { sources: BTreeSet::new(), asked: false, turn: self.next_turn }
        });
        if want.sources.insert(from) && !want.asked {
            queue.insert(want.turn, id);
        }
        true
    }

    /// The record has arrived, or nobody has it.
    pub(super) fn settle(&mut self, id: &RecordId) {
        if let Some(want) = self.wants.remove(id) {
            unqueue(&mut self.queues, &want);
        }
    }

    /// The peer had no room for these in its answer: they may be asked of it again.
    pub(super) fn postpone(&mut self, ids: &[RecordId]) {
        ids.iter().for_each(|id| self.give_back(id, |_| {}));
    }

    /// The peer did not answer: these are asked of others, or of it again when there is nobody else.
    pub(super) fn unanswered(&mut self, ids: &[RecordId], peer: Peer) {
        let spare = |sources: &mut BTreeSet<Peer>| {
            if sources.len() > 1 {
                sources.remove(&peer);
            }
        };
        ids.iter().for_each(|id| self.give_back(id, spare));
    }

    /// The peer did not give these: they are asked of others. Gives back how many nobody else is known to have.
    pub(super) fn failed(&mut self, ids: &[RecordId], peer: Peer) -> usize {
        ids.iter().for_each(|id| {
            self.give_back(id, |sources| {
                sources.remove(&peer);
            })
        });
        self.drop_unsourced(ids)
    }

    /// The peer is gone; what is asked of it must have failed before. Gives back how many names nobody else is known to have.
    pub(super) fn forget(&mut self, peer: Peer) -> usize {
        let ids: Vec<RecordId> = self.queues.remove(&peer).unwrap_or_default().into_values().collect();
        ids.iter().for_each(|id| self.give_back(id, |_| {}));
        self.drop_unsourced(&ids)
    }

    /// The next names to ask of this peer, which has no request open; they count as asked until they settle or fail.
    pub(super) fn ask(&mut self, peer: Peer) -> Vec<RecordId> {
        let asked: Vec<RecordId> = self.queues.get(&peer).into_iter().flat_map(BTreeMap::values).take(BATCH).copied().collect();
        for id in &asked {
            if let Some(want) = self.wants.get_mut(id) {
                want.asked = true;
                unqueue(&mut self.queues, want);
            }
        }
        asked
    }

    /// Makes a name free to be asked of its sources, after `change` to them; who is no longer connected is none.
    fn give_back(&mut self, id: &RecordId, change: impl Fn(&mut BTreeSet<Peer>)) {
        let Some(want) = self.wants.get_mut(id) else { return };
        want.asked = false;
        want.sources.retain(|peer| self.queues.contains_key(peer));
        let before = want.sources.clone();
        change(&mut want.sources);
        for peer in &before {
            let Some(queue) = self.queues.get_mut(peer) else { continue };
            if want.sources.contains(peer) {
                queue.insert(want.turn, *id)
            } else {
                queue.remove(&want.turn)
            };
        }
    }

    fn drop_unsourced(&mut self, ids: &[RecordId]) -> usize {
        let lost = |id: &&RecordId| self.wants.get(id).is_some_and(|want| want.sources.is_empty());
        let lost: Vec<RecordId> = ids.iter().filter(lost).copied().collect();
        lost.iter().for_each(|id| self.settle(id));
        lost.len()
    }
}

fn unqueue(queues: &mut BTreeMap<Peer, BTreeMap<u64, RecordId>>, want: &Want) {
    for peer in &want.sources {
        if let Some(queue) = queues.get_mut(peer) {
            queue.remove(&want.turn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: RecordId = RecordId([7; 32]);

    fn connected() -> Fetch {
        let mut fetch = Fetch::default();
        [1, 2].into_iter().for_each(|peer| fetch.join(Peer(peer)));
        fetch
    }

    #[test]
    fn a_record_is_asked_of_one_peer_at_a_time() {
        let mut fetch = connected();
        assert!(fetch.want(ID, Peer(1)) && fetch.want(ID, Peer(2)));
        assert_eq!(fetch.ask(Peer(1)), [ID]);
        assert!(fetch.ask(Peer(2)).is_empty());
        assert_eq!(fetch.failed(&[ID], Peer(1)), 0);
        assert_eq!(fetch.ask(Peer(2)), [ID]);
    }

    #[test]
    fn a_record_that_nobody_gives_is_reported_lost_and_forgotten() {
        let mut fetch = connected();
        assert!(fetch.want(ID, Peer(1)));
        assert_eq!(fetch.ask(Peer(1)), [ID]);
        assert_eq!(fetch.failed(&[ID], Peer(1)), 1);
        assert!(fetch.ask(Peer(1)).is_empty());
    }

    #[test]
    fn a_peer_that_left_is_not_waited_for() {
        let mut fetch = connected();
        assert!(fetch.want(ID, Peer(1)) && fetch.want(ID, Peer(2)));
        assert_eq!(fetch.ask(Peer(1)), [ID]);
        assert_eq!(fetch.forget(Peer(2)), 0);
        assert_eq!(fetch.failed(&[ID], Peer(1)), 1);
    }
}
