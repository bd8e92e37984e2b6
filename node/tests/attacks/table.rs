//! The replicas that production runs, with a network and clocks that the test moves.

use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::ledger::{Ledger, MemoryLedger};
use koinon_protocol::record::{RecordError, Signed, Verified};
use koinon_protocol::replica::message::{Carried, Parcel, Response};
use koinon_protocol::replica::{Effect, Effects, Input, Keeper, Peer, Replica, Submission};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::Trust;
use koinon_tests::author::{Author, Record, found};
use std::collections::{BTreeMap, VecDeque};

pub(crate) const START: Millis = Millis(1_700_000_000_000);
pub(crate) const MINUTE: u64 = 60_000;
pub(crate) const HOUR: u64 = 60 * MINUTE;

type Checker = Box<dyn FnMut(Vec<Signed>) -> Vec<Result<Verified, RecordError>>>;

struct Seat {
    replica: Replica,
    keeper: Keeper<MemoryLedger, Checker>,
    /// How far its clock is from the right time, in milliseconds.
    off: i64,
    wake: Option<Millis>,
}

/// Some replicas and the lines between them.
pub(crate) struct Table {
    seats: Vec<Seat>,
    queue: VecDeque<(usize, Input)>,
    lines: Vec<(usize, usize)>,
    pub(crate) now: Millis,
    /// Who ended the connection to whom.
    pub(crate) ended: Vec<(usize, usize)>,
    /// A replica that takes and gives nothing of one author.
    pub(crate) withholds: Option<(usize, OrganisationId)>,
    /// Who says of whom what it goes without, the latest word of each.
    pub(crate) lacks: BTreeMap<(usize, usize), BTreeMap<OrganisationId, u64>>,
    submissions: u64,
}

impl Table {
    /// Replicas of a network whose founders' keys follow from `seeds`, one for each clock; nobody is connected.
    pub(crate) fn new(seeds: &[u32], clocks: &[i64]) -> (Self, Vec<Author>) {
        let (charter, authors) = found(seeds, START);
        let seat = |off: &i64| {
            let trust = Trust::found(&charter.record, &charter.body).unwrap();
            let network = trust.network();
            let checker: Checker = Box::new(move |records| records.into_iter().map(|signed| signed.verify(network)).collect());
            let keeper = Keeper::open(MemoryLedger::default(), checker, trust, &[]).unwrap();
            Seat { replica: Replica::new(Vec::new(), 1), keeper, off: *off, wake: None }
        };
        let table = Self {
            seats: clocks.iter().map(seat).collect(),
            queue: VecDeque::new(),
            lines: Vec::new(),
            now: START.plus(HOUR),
            ended: Vec::new(),
            withholds: None,
            lacks: BTreeMap::new(),
            submissions: 0,
        };
        (table, authors)
    }

    pub(crate) fn connect(&mut self, one: usize, other: usize) {
        self.lines.push((one, other));
        self.queue.extend([(one, Input::Connected(peer(other))), (other, Input::Connected(peer(one)))]);
    }

    /// A record is written at a replica; whether it takes it.
    pub(crate) fn give(&mut self, seat: usize, record: &Record) -> bool {
        self.submissions += 1;
        let keeper = &self.seats[seat].keeper;
        let (network, before) = (keeper.trust().network(), keeper.ledger().size());
        let submission = Submission::open(*record.record.signed(), record.body.sealed().clone(), network).unwrap();
        self.handle(seat, Input::Submit { number: self.submissions, submission });
        self.seats[seat].keeper.ledger().size() > before
    }

    /// One replica pushes a record to another, whatever the first one has.
    pub(crate) fn push(&mut self, from: usize, to: usize, record: Parcel) {
        self.queue.push_back((to, Input::Pushed { from: peer(from), record }));
    }

    /// Lets so many milliseconds pass.
    pub(crate) fn run(&mut self, millis: u64) {
        let end = self.now.plus(millis);
        loop {
            while let Some((seat, input)) = self.queue.pop_front() {
                self.handle(seat, input);
            }
            let Some(next) = self.seats.iter().filter_map(Seat::wakes).min().filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            for seat in 0..self.seats.len() {
                if self.seats[seat].wakes().is_some_and(|moment| moment <= self.now) {
                    self.handle(seat, Input::Tick);
                }
            }
        }
        self.now = end;
    }

    pub(crate) fn holds(&self, seat: usize, record: &Record) -> bool {
        self.seats[seat].keeper.ledger().find(&record.id()).unwrap().is_some()
    }

    /// The body that a replica has of a record that it holds.
    pub(crate) fn body(&self, seat: usize, record: &Record) -> Option<Vec<u8>> {
        let ledger = self.seats[seat].keeper.ledger();
        let position = ledger.find(&record.id()).unwrap().unwrap();
        ledger.entry(position).unwrap().body.map(|sealed| sealed.bytes)
    }

    pub(crate) fn ids(&self, seat: usize) -> Vec<RecordId> {
        let ledger = self.seats[seat].keeper.ledger();
        let mut ids: Vec<RecordId> = (0..ledger.size()).map(|position| ledger.id(position).unwrap()).collect();
        ids.sort();
        ids
    }

    fn handle(&mut self, number: usize, input: Input) {
        let input = if self.withholds.is_some_and(|(hub, _)| hub == number) { self.without(input) } else { input };
        let seat = &mut self.seats[number];
        let now = Millis(self.now.0.saturating_add_signed(seat.off));
        let Effects { now: first, after_sync, wake, .. } = seat.replica.handle(input, now, &mut seat.keeper).unwrap();
        seat.wake = wake;
        first.into_iter().chain(after_sync).for_each(|effect| self.carry(number, effect));
    }

    /// All that is pushed is lost.
    fn carry(&mut self, from: usize, effect: Effect) {
        let there = |to: Peer| usize::try_from(to.0).unwrap();
        match effect {
            Effect::Ask { to, call, request } => {
                self.queue.push_back((there(to), Input::Request { from: peer(from), call, request }))
            }
            Effect::Answer { to, call, response } => {
                self.queue.push_back((there(to), Input::Response { from: peer(from), call, response }))
            }
            Effect::Disconnect(whom) => self.ended.push((from, there(whom))),
            Effect::Lacks { peer, organisations } => drop(self.lacks.insert((from, there(peer)), organisations)),
            Effect::Push { .. } | Effect::Prune(_) | Effect::Graft(_) | Effect::Acknowledge(_) | Effect::Refuse(..) => {}
        }
    }

    /// An answer without what the hub would have nothing of.
    fn without(&self, input: Input) -> Input {
        let Some((_, author)) = self.withholds else { return input };
        let keeps = |parcel: &Parcel| parcel.signed.header().organisation != author;
        match input {
            Input::Response { from, call, response: Response::Parcels { mut parcels, unread } } => {
                parcels.retain(keeps);
                Input::Response { from, call, response: Response::Parcels { parcels, unread } }
            }
            Input::Response { from, call, response: Response::Whole { mut records, size, forks } } => {
                records.retain(|record| !matches!(record, Carried::Whole(parcel) if !keeps(parcel)));
                Input::Response { from, call, response: Response::Whole { records, size, forks } }
            }
            other => other,
        }
    }
}

impl Seat {
    fn wakes(&self) -> Option<Millis> {
        self.wake.map(|moment| Millis(moment.0.saturating_add_signed(-self.off)))
    }
}

fn peer(seat: usize) -> Peer {
    Peer(seat as u64)
}
