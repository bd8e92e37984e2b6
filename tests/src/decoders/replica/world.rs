//! The place where the replica runs, and what must hold there after every step.

use super::super::cast::{self, CAST, START};
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::{Frontier, Hash, root_at};
use koinon_protocol::ledger::{Ledger, MemoryLedger};
use koinon_protocol::limit;
use koinon_protocol::log::{ForkProof, Head, LogId};
use koinon_protocol::record::{RecordError, Sealed, Signed, Verified};
use koinon_protocol::replica::message::{Request, Response};
use koinon_protocol::replica::{Effect, Effects, Input as Event, Keeper, Peer, Replica, Submission};
use koinon_protocol::time::Millis;
use std::collections::BTreeMap;

/// Where the replica runs, as in production; signatures of the cast are checked once.
type Place = Keeper<MemoryLedger, fn(Vec<Signed>) -> Vec<Result<Verified, RecordError>>>;

fn verify(records: Vec<Signed>) -> Vec<Result<Verified, RecordError>> {
    records.into_iter().map(|signed| cast::verify(signed, CAST.network)).collect()
}

fn open(ledger: MemoryLedger) -> Place {
    let forks = ledger.forks().to_vec();
    Keeper::open(ledger, verify as _, CAST.trust.clone(), &forks).expect("the ledger never fails")
}

pub(super) struct World {
    replica: Replica,
    place: Place,
    now: Millis,
    open: Vec<(Peer, u64, Request)>,
    submitted: BTreeMap<u64, RecordId>,
    acknowledged: Vec<RecordId>,
    /// What was checked of the journal.
    edge: Frontier,
    heads: BTreeMap<LogId, Head>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            replica: Replica::new(Vec::new(), 1),
            place: open(MemoryLedger::default()),
            now: Millis(START + 3_600_000),
            open: Vec::new(),
            submitted: BTreeMap::new(),
            acknowledged: Vec::new(),
            edge: Frontier::default(),
            heads: BTreeMap::new(),
        }
    }

    /// One of the questions that were not answered.
    pub(super) fn question(&mut self, choice: usize) -> Option<(Peer, u64, Request)> {
        let place = choice.checked_rem(self.open.len())?;
        Some(self.open.swap_remove(place))
    }

    pub(super) fn root_at(&self, size: u64) -> Option<Hash> {
        root_at(size, |level, index| self.place.ledger().node(level, index)).ok()
    }

    pub(super) fn wait(&mut self, millis: u64) {
        self.now = self.now.plus(millis);
        self.happen(Event::Tick);
    }

    pub(super) fn submit(&mut self, number: u64, signed: Signed, body: Sealed) {
        let Ok(submission) = Submission::open(signed, body, self.place.trust().network()) else { return };
        self.submitted.insert(number, submission.record().id());
        self.happen(Event::Submit { number, submission });
        assert!(self.submitted.is_empty(), "nobody says what became of a submission");
    }

    pub(super) fn sync(&mut self) {
        self.place.ledger_mut().sync();
        let again = open(self.place.ledger().clone());
        assert!(again.trust() == self.place.trust(), "trust is another after a restart");
    }

    /// A power cut: what was not synced is lost, and the replica begins anew from what is left.
    pub(super) fn crash(&mut self) {
        let mut ledger = self.place.ledger().clone();
        ledger.crash();
        let forks = ledger.forks().to_vec();
        self.place = open(ledger);
        (self.replica, self.edge, self.heads) = (Replica::new(forks, 2), Frontier::default(), BTreeMap::new());
        self.open.clear();
        self.check_journal();
        for id in &self.acknowledged {
            assert!(self.place.ledger().find(id).is_ok_and(|place| place.is_some()), "an acknowledged record is lost");
        }
    }

    pub(super) fn happen(&mut self, event: Event) {
        let effects = self.replica.handle(event, self.now, &mut self.place).expect("the ledger never failed");
        self.check_journal();
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Effects) {
        assert!(effects.wake.is_none_or(|wake| wake > self.now), "a replica that is never at rest");
        let told = effects.after_sync.iter().any(|effect| !matches!(effect, Effect::Answer { response: Response::Busy(_), .. }));
        if told {
            self.place.ledger_mut().sync();
        }
        for effect in effects.now.into_iter().chain(effects.after_sync) {
            self.carry(effect);
        }
    }

    fn carry(&mut self, effect: Effect) {
        match effect {
            Effect::Ask { to, call, request } => {
                let bytes = request.encode();
                assert!(bytes.len() <= limit::REQUEST && Request::decode(&bytes).as_ref() == Ok(&request));
                assert!(!matches!(&request, Request::Fetch { ids } if ids.is_empty() || ids.len() > limit::IDS));
                self.open.push((to, call, request));
            }
            Effect::Answer { response, .. } => {
                let bytes = response.encode();
                assert!(bytes.len() <= limit::RESPONSE && Response::decode(&bytes).as_ref() == Ok(&response));
            }
            Effect::Acknowledge(submission) => {
                let id = self.submitted.remove(&submission).expect("only what was submitted is acknowledged");
                assert!(self.place.ledger().find(&id).is_ok_and(|place| place.is_some()), "acknowledged, and not kept");
                self.acknowledged.push(id);
            }
            Effect::Refuse(submission, refusal) => {
                let id = self.submitted.remove(&submission).expect("only what was submitted is refused");
                let kept = self.place.ledger().find(&id).is_ok_and(|place| place.is_some());
                assert!(!kept, "refused, and kept: {refusal}");
            }
            Effect::Push { to, record } => {
                assert!(!to.is_empty(), "pushed, and to nobody");
                let kept = self.place.ledger().find(&record.signed.header().id());
                assert!(kept.is_ok_and(|place| place.is_some()), "told, and not kept");
            }
            Effect::Disconnect(peer) => self.happen(Event::Disconnected(peer)),
            Effect::Lacks { .. } | Effect::Prune(_) | Effect::Graft(_) => {}
        }
    }

    /// Each new entry is the next of its log, its body is the one that was signed, and the tree is that of the ids.
    fn check_journal(&mut self) {
        let ledger = self.place.ledger();
        assert!(self.edge.size() <= ledger.size(), "the journal has become shorter");
        while self.edge.size() < ledger.size() {
            let entry = ledger.entry(self.edge.size()).expect("the ledger holds what it counts");
            let record = cast::verify(entry.signed, CAST.network).expect("nothing is kept that nobody signed");
            assert_eq!(record.id(), entry.id);
            entry.body.map(|body| record.open(body).expect("a body is kept that nobody signed"));
            let log = cast::log_of(&record);
            let head = self.heads.insert(log, Head::from(&record));
            let header = record.header();
            assert_eq!(header.seq, head.map_or(0, |head| head.seq + 1), "a place of a log is missing");
            assert_eq!(header.previous, head.map_or(RecordId::ZERO, |head| head.id));
            assert!(head.is_none_or(|head| head.claimed_at <= header.claimed_at));
            assert!(header.claimed_at <= self.now.plus(limit::AHEAD), "a record of the future is kept");
            self.edge.push(&entry.id);
        }
        assert_eq!(self.root_at(self.edge.size()), Some(self.edge.root()));
        for claim in self.replica.forks() {
            let half = |signed| cast::verify(signed, CAST.network).expect("nothing is evidence that nobody signed");
            assert_eq!(ForkProof::new(half(claim.first), half(claim.second)).map(|proof| proof.claim()), Ok(claim));
        }
    }
}
