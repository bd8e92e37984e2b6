//! What it costs two replicas of 100,000 records to agree again, in bytes of the messages that they send each other.

#![expect(clippy::unwrap_used, reason = "a test says by panicking that its ground is not what it took it to be")]
#![expect(clippy::disallowed_macros, clippy::disallowed_methods, reason = "the figures are what these tests are read for")]

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::ledger::{Fault, Ledger, MemoryLedger, Plane};
use koinon_protocol::log::{ForkProof, Head, Linked, link};
use koinon_protocol::record::{Body, Draft, RecordError, Sealed, Signed, Verified};
use koinon_protocol::replica::message::{Carried, Request, Response};
use koinon_protocol::replica::{Effect, Host, Input, Lack, Peer, Refusal, Replica, Standing, Submission};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::NoStanding;
use std::collections::{BTreeSet, VecDeque};
use std::sync::LazyLock;

const NETWORK: NetworkId = NetworkId([9; 32]);
const LOGS: u64 = 10_000;
/// Of each log: one control record, then content.
const LONG: u64 = 10;
/// Milliseconds that a question takes.
const DELAY: u64 = 12;
const START: u64 = 1_700_000_000_000;

/// A host that admits everything: trust is not what is measured.
struct Place(MemoryLedger);

impl Host for Place {
    type Ledger = MemoryLedger;
    fn network(&self) -> NetworkId {
        NETWORK
    }
    fn ledger(&self) -> &MemoryLedger {
        &self.0
    }
    fn append(&mut self, record: &Linked, body: Option<&Body>) -> Result<BTreeSet<OrganisationId>, Fault> {
        self.0.append(record, body).map(|_| BTreeSet::new())
    }
    fn put_bodies(&mut self, bodies: &[(u64, Body)]) -> Result<BTreeSet<OrganisationId>, Fault> {
        bodies.iter().try_for_each(|(position, body)| self.0.put_body(*position, body))?;
        Ok(BTreeSet::new())
    }
    fn is_erased(&self, _: &Verified) -> bool {
        false
    }
    fn freeze(&mut self, fork: &ForkProof) -> Result<(), Fault> {
        self.0.freeze(fork)
    }
    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>> {
        records.into_iter().map(|signed| signed.verify(NETWORK)).collect()
    }
    fn standing(&mut self, _: &Linked, body: Option<&Body>) -> Standing {
        match body {
            Some(body) if body.bytes().is_empty() => Standing::Waits(Lack::Standing(NoStanding::Unknown)),
            Some(_) => Standing::Admitted,
            None => Standing::BodyMissing,
        }
    }
}

type Record = (Linked, Body);

/// Logs that are written at a stretch, at times far from each other; all others take turns.
const SCATTERED: u64 = 10;

fn moment(log: u64, seq: u64) -> Millis {
    let place = if log < SCATTERED { (log * 2 + 1) * LOGS * LONG / (2 * SCATTERED) } else { seq * LOGS + log };
    Millis(START + place * 1000)
}

/// The log with this number.
fn write(log: u64) -> Vec<Record> {
    write_in(NETWORK, log)
}

fn write_in(network: NetworkId, log: u64) -> Vec<Record> {
    let mut organisation = OrganisationId([7; 32]);
    organisation.0[..8].copy_from_slice(&log.to_be_bytes());
    let signer = Signer::from_seed(&organisation.0);
    let mut head: Option<Head> = None;
    let next = |seq: u64| {
        let draft = Draft {
            kind: if seq == 0 { 20 } else { 100 },
            network,
            organisation,
            seq,
            previous: head.map_or(RecordId::ZERO, |head| head.id),
            claimed_at: moment(log, seq),
            subject: RecordId::ZERO,
            territory: [0; 12],
            topic: 0,
        };
        let sealed = Sealed { salt: [3; 32], bytes: vec![b'0'; 700] };
        let (record, body) = draft.sign(&signer, sealed).unwrap();
        let linked = link(record, head.as_ref()).unwrap();
        head = Some(linked.head());
        (linked, body)
    };
    (0..LONG).map(next).collect()
}

static WORLD: LazyLock<Vec<Vec<Record>>> = LazyLock::new(|| (0..LOGS).map(write).collect());

/// A ledger of everything but the last records of the logs `without`; records stand in the order in which they were written.
fn ledger(without: &BTreeSet<u64>, turned: bool) -> MemoryLedger {
    let mut ledger = MemoryLedger::default();
    let mut add = |log: u64| {
        let kept = LONG as usize - usize::from(without.contains(&log));
        WORLD[log as usize][..kept].iter().for_each(|(record, body)| assert!(ledger.append(record, Some(body)).is_ok()));
    };
    if turned {
        (0..LOGS).rev().for_each(&mut add)
    } else {
        (0..LOGS).for_each(&mut add)
    }
    ledger
}

#[derive(Debug, Default, Clone, Copy)]
struct Traffic {
    /// Questions by which differences are found, with their answers.
    rounds: usize,
    finding: usize,
    /// Bytes of the pulls and of their answers.
    pulling: usize,
    /// Bytes by which records are asked for, and those around them in the answers.
    asking: usize,
    /// Bytes of the records themselves.
    records: usize,
    parcels: usize,
}

struct Pair {
    sides: [(Replica, Place); 2],
    now: Millis,
    wake: [Option<Millis>; 2],
    queue: VecDeque<(usize, Input)>,
    /// What side 1 asked and got, since it was last set back.
    traffic: Traffic,
}

impl Pair {
    fn new(sides: [MemoryLedger; 2]) -> Self {
        let sides = sides.map(|ledger| (Replica::new(Vec::new(), 1), Place(ledger)));
        let now = Millis(START + 2 * LOGS * LONG * 1000);
        let queue = (0..2).map(|side| (side, Input::Connected(Peer(0)))).collect();
        Self { sides, now, wake: [None; 2], queue, traffic: Traffic::default() }
    }

    /// Runs for so many milliseconds.
    fn run(&mut self, millis: u64) {
        let end = self.now.plus(millis);
        loop {
            while let Some((side, input)) = self.queue.pop_front() {
                self.step(side, input);
            }
            let next = self.wake.iter().flatten().min().copied().filter(|moment| *moment <= end);
            let Some(moment) = next else { break };
            self.now = moment;
            (0..2).filter(|side| self.wake[*side].is_some_and(|at| at <= moment)).for_each(|side| {
                self.queue.push_back((side, Input::Tick));
            });
        }
        self.now = self.now.max(end);
    }

    fn step(&mut self, side: usize, input: Input) {
        self.now = self.now.plus(u64::from(matches!(input, Input::Request { .. })) * DELAY);
        let (replica, host) = &mut self.sides[side];
        let effects = replica.handle(input, self.now, host).unwrap();
        self.wake[side] = effects.wake;
        for effect in effects.now.into_iter().chain(effects.after_sync) {
            match effect {
                Effect::Ask { call, request, .. } => {
                    self.count(side, &request);
                    self.queue.push_back((1 - side, Input::Request { from: Peer(0), call, request }));
                }
                Effect::Answer { call, response, .. } => {
                    self.weigh(1 - side, &response);
                    self.queue.push_back((1 - side, Input::Response { from: Peer(0), call, response }));
                }
                Effect::Disconnect(_) => panic!("an honest peer was disconnected"),
                Effect::Lacks { organisations, .. } => panic!("an honest peer goes without {organisations:?}"),
                _ => {}
            }
        }
    }

    fn count(&mut self, asker: usize, request: &Request) {
        let (traffic, bytes) = (&mut self.traffic, request.encode().len());
        match request {
            _ if asker != 1 => {}
            Request::Fetch { .. } | Request::FetchAt { .. } => traffic.asking += bytes,
            Request::Pull { .. } => traffic.pulling += bytes,
            _ => (traffic.rounds, traffic.finding) = (traffic.rounds + 1, traffic.finding + bytes),
        }
    }

    fn weigh(&mut self, asker: usize, response: &Response) {
        let (traffic, bytes) = (&mut self.traffic, response.encode().len());
        let size = |body: &Option<Sealed>| 296 + 1 + body.as_ref().map_or(0, |body| 32 + 8 + body.bytes.len());
        match response {
            _ if asker != 1 => {}
            Response::Parcels { parcels, .. } => {
                let records: usize = parcels.iter().map(|parcel| size(&parcel.body)).sum();
                traffic.parcels += parcels.len();
                traffic.records += records;
                traffic.asking += bytes - records;
            }
            Response::Whole { records, .. } => {
                let parcels =
                    records.iter().filter_map(|record| if let Carried::Whole(parcel) = record { Some(parcel) } else { None });
                let records: Vec<usize> = parcels.map(|parcel| size(&parcel.body)).collect();
                traffic.parcels += records.len();
                traffic.records += records.iter().sum::<usize>();
                traffic.pulling += bytes - records.iter().sum::<usize>();
            }
            Response::Control { parcels, .. } => {
                let records: usize = parcels.iter().map(|parcel| size(&parcel.body)).sum();
                traffic.parcels += parcels.len();
                traffic.records += records;
                traffic.finding += bytes - records;
            }
            Response::Ids { .. } => traffic.pulling += bytes,
            _ => traffic.finding += bytes,
        }
    }

    fn is_equal(&self) -> bool {
        let size = |side: usize| self.sides[side].1.0.size();
        size(0) == size(1)
    }
}

fn first_contact(without: BTreeSet<u64>) -> Traffic {
    let mut pair = Pair::new([ledger(&BTreeSet::new(), false), ledger(&without, true)]);
    pair.run(2_000);
    assert!(pair.is_equal());
    assert_eq!(pair.traffic.parcels, without.len(), "a record travels once");
    pair.traffic
}

#[test]
fn ten_recent_differences_among_100_000_records_cost_2_500_bytes_by_reconciliation() {
    let cost = first_contact((LOGS - 10..LOGS).collect());
    println!("10 recent differences, first contact: {cost:?}");
    assert!(cost.finding <= 2_500 && cost.rounds <= 4, "{cost:?}");
}

#[test]
fn ten_scattered_differences_among_100_000_records_cost_16_kilobytes_by_reconciliation() {
    let cost = first_contact((0..SCATTERED).collect());
    println!("10 scattered differences, first contact: {cost:?}");
    assert!(cost.finding <= 16_000 && cost.rounds <= 4, "{cost:?}");
}

#[test]
fn equal_journals_in_another_order_cost_one_question() {
    let mut pair = Pair::new([ledger(&BTreeSet::new(), false), ledger(&BTreeSet::new(), true)]);
    pair.run(0);
    println!("no difference, first contact: {:?}", pair.traffic);
    assert!(pair.traffic.rounds == 1 && pair.traffic.finding <= 500, "{:?}", pair.traffic);
}

#[test]
fn ten_new_records_cost_500_bytes_by_cursor() {
    let fresh: BTreeSet<u64> = (LOGS - 10..LOGS).collect();
    let both = ledger(&fresh, false);
    let mut pair = Pair::new([both.clone(), both]);
    pair.run(2_000);
    pair.traffic = Traffic::default();
    for log in fresh {
        let (record, body) = WORLD[log as usize].last().unwrap();
        pair.sides[0].1.0.append(record, Some(body)).unwrap();
    }
    pair.run(8_000);
    assert!(pair.is_equal());
    println!("10 new records, by cursor: {:?}", pair.traffic);
    assert!(pair.traffic.rounds == 0 && pair.traffic.pulling + pair.traffic.asking <= 500, "{:?}", pair.traffic);
}

#[test]
fn who_has_nothing_reads_whole_records_control_records_first() {
    let mut pair = Pair::new([ledger(&BTreeSet::new(), false), MemoryLedger::default()]);
    let began = std::time::Instant::now();
    pair.run(2_000);
    println!("100,000 records, first contact of an empty replica, in {:?}: {:?}", began.elapsed(), pair.traffic);
    assert!(pair.is_equal());
    let cost = pair.traffic;
    assert_eq!(cost.parcels, (LOGS * LONG) as usize, "a record travels once");
    assert!((cost.finding + cost.pulling + cost.asking) * 20 <= cost.records, "{cost:?}");
    let ledger = &pair.sides[1].1.0;
    let planes: Vec<_> = (0..ledger.size()).map(|at| Plane::of(ledger.entry(at).unwrap().signed.header().kind)).collect();
    assert!(planes.is_sorted(), "control records come first");
}

#[test]
fn an_author_who_gives_a_record_again_brings_back_the_body_that_a_disk_lost() {
    let (mut place, mut replica) = (Place(MemoryLedger::default()), Replica::new(Vec::new(), 1));
    let records = write(0);
    records.iter().for_each(|(record, body)| assert!(place.0.append(record, Some(body)).is_ok()));
    place.0.damage_body(3);
    assert_eq!(place.0.entry(3).unwrap().body, None);
    let (record, body) = &records[3];
    let submission = Submission::open(*record.record().signed(), body.sealed().clone(), NETWORK).unwrap();
    let effects = replica.handle(Input::Submit { number: 7, submission }, Millis(START), &mut place).unwrap();
    assert_eq!(effects.after_sync, [Effect::Acknowledge(7)]);
    assert_eq!(place.0.entry(3).unwrap().body.as_ref(), Some(body.sealed()));
}

#[test]
fn a_submission_for_another_network_is_refused() {
    const OTHER: NetworkId = NetworkId([8; 32]);
    let (mut place, mut replica) = (Place(MemoryLedger::default()), Replica::new(Vec::new(), 1));
    let (record, body) = &write_in(OTHER, 0)[0];
    let open = |network| Submission::open(*record.record().signed(), body.sealed().clone(), network);
    assert_eq!(open(NETWORK).err(), Some(RecordError::Network));
    let input = Input::Submit { number: 7, submission: open(OTHER).unwrap() };
    let effects = replica.handle(input, Millis(START), &mut place).unwrap();
    assert_eq!(effects.now, [Effect::Refuse(7, Refusal::Network)]);
    assert_eq!(place.0.size(), 0);
}
