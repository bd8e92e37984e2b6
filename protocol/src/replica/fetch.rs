//! Which record is asked of whom: each from one peer at a time, so that a body travels once.

use super::Peer;
use super::message::Request;
use crate::id::RecordId;
use crate::limit;
use std::collections::BTreeMap;

/// Names that are wanted at a time; journals are not read further while there are more than half.
const WANTED: usize = 16 * limit::IDS;
/// Names in one request: 256 bodies of an ordinary 2 KiB are half a megabyte.
const BATCH: usize = 256;

struct Want {
    /// Who has it, and where in its journal, when that is known.
    sources: BTreeMap<Peer, Option<u64>>,
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

    /// Notes that `from` has a record that is wanted here, at this place of its journal if it is known; false when too many are wanted already, or the peer is gone.
    pub(super) fn want(&mut self, id: RecordId, from: Peer, place: Option<u64>) -> bool {
        let Some(queue) = self.queues.get_mut(&from) else { return false };
        if self.wants.len() >= WANTED && !self.wants.contains_key(&id) {
            return false;
        }
        let want = self.wants.entry(id).or_insert_with(|| {
            self.next_turn += 1;
            Want { sources: BTreeMap::new(), asked: false, turn: self.next_turn }
        });
        let known = want.sources.entry(from).or_insert(place);
        *known = known.or(place);
        if !want.asked {
            queue.insert(want.turn, id);
        }
        true
    }

    /// `from` sent this record unasked for, and it is not taken in yet: it is asked of others if it is not what it says it is.
    pub(super) fn expect(&mut self, id: RecordId, from: Peer) {
        if self.want(id, from, None)
            && let Some(want) = self.wants.get_mut(&id)
        {
            want.asked = true;
            unqueue(&mut self.queues, want);
        }
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
        let spare = |sources: &mut BTreeMap<Peer, Option<u64>>| {
            if sources.len() > 1 {
                sources.remove(&peer);
            }
        };
        ids.iter().for_each(|id| self.give_back(id, spare));
    }

    /// The peer did not give these: they are asked of others. Gives back those that nobody else is known to have.
    pub(super) fn failed(&mut self, ids: &[RecordId], peer: Peer) -> Vec<RecordId> {
        ids.iter().for_each(|id| {
            self.give_back(id, |sources| {
                sources.remove(&peer);
            })
        });
        self.drop_unsourced(ids)
    }

    /// The peer is gone; what is asked of it must have failed before. Gives back the names that nobody else is known to have.
    pub(super) fn forget(&mut self, peer: Peer) -> Vec<RecordId> {
        let ids: Vec<RecordId> = self.queues.remove(&peer).unwrap_or_default().into_values().collect();
        ids.iter().for_each(|id| self.give_back(id, |_| {}));
        self.drop_unsourced(&ids)
    }

    /// The next names to ask of this peer, which has no request open, in the order of the answer, with the request; they count as asked
    /// until they settle or fail.
    pub(super) fn ask(&mut self, peer: Peer) -> Option<(Vec<RecordId>, Request)> {
        let ids: Vec<RecordId> = self.queues.get(&peer)?.values().take(BATCH).copied().collect();
        for id in &ids {
            if let Some(want) = self.wants.get_mut(id) {
                want.asked = true;
                unqueue(&mut self.queues, want);
            }
        }
        let place = |id: &RecordId| Some((self.wants.get(id)?.sources.get(&peer).copied()??, *id));
        let places: Option<BTreeMap<u64, RecordId>> = ids.iter().map(place).collect();
        match places
            .filter(|places| places.len() == ids.len())
            .and_then(|places| Some((places.values().copied().collect(), by_place(&places)?)))
        {
            _ if ids.is_empty() => None,
            Some((ids, request)) => Some((ids, request)),
            None => Some((ids.clone(), Request::Fetch { ids })),
        }
    }

    /// Makes a name free to be asked of its sources, after `change` to them; who is no longer connected is none.
    fn give_back(&mut self, id: &RecordId, change: impl Fn(&mut BTreeMap<Peer, Option<u64>>)) {
        let Some(want) = self.wants.get_mut(id) else { return };
        want.asked = false;
        want.sources.retain(|peer, _| self.queues.contains_key(peer));
        let before: Vec<Peer> = want.sources.keys().copied().collect();
        change(&mut want.sources);
        for peer in &before {
            let Some(queue) = self.queues.get_mut(peer) else { continue };
            if want.sources.contains_key(peer) {
                queue.insert(want.turn, *id)
            } else {
                queue.remove(&want.turn)
            };
        }
    }

    fn drop_unsourced(&mut self, ids: &[RecordId]) -> Vec<RecordId> {
        let lost = |id: &&RecordId| self.wants.get(id).is_some_and(|want| want.sources.is_empty());
        let lost: Vec<RecordId> = ids.iter().filter(lost).copied().collect();
        lost.iter().for_each(|id| self.settle(id));
        lost
    }
}

/// The question for these places, when they are near each other: a bit for each instead of a name.
fn by_place(places: &BTreeMap<u64, RecordId>) -> Option<Request> {
    let ((&from, _), (&last, _)) = (places.first_key_value()?, places.last_key_value()?);
    let span = usize::try_from(last - from).ok().filter(|span| *span < limit::IDS)?;
    let mut bits = vec![0; span / 8 + 1];
    for place in places.keys() {
        let offset = usize::try_from(place - from).ok()?;
        bits[offset / 8] |= 1 << (offset % 8);
    }
    Some(Request::FetchAt { from, bits })
}

fn unqueue(queues: &mut BTreeMap<Peer, BTreeMap<u64, RecordId>>, want: &Want) {
    for peer in want.sources.keys() {
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

    fn asked(fetch: &mut Fetch, peer: u64) -> Vec<RecordId> {
        fetch.ask(Peer(peer)).map(|(ids, _)| ids).unwrap_or_default()
    }

    #[test]
    fn places_of_a_journal_are_asked_by_a_bit_each_in_its_order() {
        let mut fetch = connected();
        let name = |number: u8| RecordId([number; 32]);
        for (number, place) in [(1, 109), (2, 100), (3, 101)] {
            assert!(fetch.want(name(number), Peer(1), Some(place)));
        }
        let request = Request::FetchAt { from: 100, bits: vec![0b11, 0b10] };
        assert_eq!(fetch.ask(Peer(1)), Some((vec![name(2), name(3), name(1)], request)));
        assert!(fetch.want(name(4), Peer(1), Some(limit::IDS as u64 + 8)) && fetch.want(name(5), Peer(1), Some(8)));
        let ids = vec![name(4), name(5)];
        assert_eq!(fetch.ask(Peer(1)), Some((ids.clone(), Request::Fetch { ids })));
    }

    #[test]
    fn a_record_is_asked_of_one_peer_at_a_time() {
        let mut fetch = connected();
        assert!(fetch.want(ID, Peer(1), None) && fetch.want(ID, Peer(2), None));
        assert_eq!(asked(&mut fetch, 1), [ID]);
        assert!(asked(&mut fetch, 2).is_empty());
        assert_eq!(fetch.failed(&[ID], Peer(1)), []);
        assert_eq!(asked(&mut fetch, 2), [ID]);
    }

    #[test]
    fn a_record_that_nobody_gives_is_reported_lost_and_forgotten() {
        let mut fetch = connected();
        assert!(fetch.want(ID, Peer(1), None));
        assert_eq!(asked(&mut fetch, 1), [ID]);
        assert_eq!(fetch.failed(&[ID], Peer(1)), [ID]);
        assert!(asked(&mut fetch, 1).is_empty());
    }

    #[test]
    fn a_peer_that_left_is_not_waited_for() {
        let mut fetch = connected();
        assert!(fetch.want(ID, Peer(1), None) && fetch.want(ID, Peer(2), None));
        assert_eq!(asked(&mut fetch, 1), [ID]);
        assert_eq!(fetch.forget(Peer(2)), []);
        assert_eq!(fetch.failed(&[ID], Peer(1)), [ID]);
    }
}
