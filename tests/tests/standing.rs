//! How long it takes to know who may speak in a network of a hundred thousand organisations, beside what the machine takes for the least that
//! this needs. Run by hand, as docs/TESTING.md says; nothing is asserted but the answers.

#![expect(clippy::expect_used, reason = "a measure ends at the first surprise")]

use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::log::{Linked, link};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::{Charter, Right, Trust, admit};
use koinon_tests::author::{self, Author, Record, attestation_of, english};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

const BEGAN: Millis = Millis(1_700_000_000_000);
const YEAR: u64 = 365 * 86_400_000;
/// Founders, who vouch for ten each, who vouch for ten each, who vouch for ten each, who vouch for all others.
const UPPER: [usize; 4] = [1, 10, 100, 1000];
/// Attestations that come one by one.
const SINGLE: usize = 1000;

/// A network, made once: to sign it takes far longer than to know who may speak in it.
struct Network {
    trust: Trust,
    /// The organisations of each level.
    levels: Vec<Vec<Author>>,
    /// Attestations and inceptions, in an order in which they are admitted.
    control: Vec<Record>,
}

impl Network {
    /// So many organisations in chains of four attestations, each of the last level vouched for by `vouchers` of those above.
    fn make(organisations: usize, vouchers: usize) -> Self {
        let terms = Charter { depth: 4, ..author::terms(&[(0, english("Association"))]) };
        let charter = author::charter(&terms, 0, BEGAN);
        let trust = Trust::found(&charter.record, &charter.body).expect("the charter founds a network");
        let founder = Author::begin(trust.network(), 0, BEGAN);
        let mut network = Self { control: vec![founder.inception.clone()], levels: vec![vec![founder]], trust };
        let last = organisations.saturating_sub(UPPER.iter().sum());
        for (depth, size) in UPPER[1..].iter().copied().chain([last]).enumerate() {
            network.add_level(size, if depth < 3 { 1 } else { vouchers }, depth);
        }
        network
    }

    fn add_level(&mut self, size: usize, vouchers: usize, depth: usize) {
        let before: usize = self.levels.iter().map(Vec::len).sum();
        let may_vouch = depth < 3;
        let scope: &[&str] = if may_vouch { &["publish", "vouch"] } else { &["publish"] };
        let said = attestation_of(scope, 3 - depth as u8, BEGAN, BEGAN.plus(YEAR));
        let (mut level, above) = (Vec::with_capacity(size), self.levels.last_mut().expect("the founder stands above"));
        for number in 0..size {
            let joined = Author::begin(self.trust.network(), (before + number) as u32, BEGAN);
            for voucher in 0..vouchers {
                let place = (number + voucher * 7) % above.len();
                self.control.push(above[place].attest(joined.id(), &said));
            }
            self.control.push(joined.inception.clone());
            level.push(joined);
        }
        self.levels.push(level);
    }

    fn known(&self) -> Trust {
        let mut trust = self.trust.clone();
        for record in &self.control {
            trust.replay(record.id(), record.record.header(), Some(record.body.bytes()));
        }
        trust
    }

    fn organisations(&self) -> impl Iterator<Item = OrganisationId> {
        self.levels.iter().flatten().map(Author::id)
    }
}

#[test]
#[ignore = "a measure, a minute: cargo test --release -p koinon-tests --test standing -- --ignored --nocapture"]
fn standing_of_a_hundred_thousand_organisations() {
    for vouchers in [1, 3] {
        measure(&mut Network::make(100_000, vouchers), vouchers);
    }
}

#[test]
fn what_is_measured_answers_as_it_should() {
    measure(&mut Network::make(1200, 2), 2);
}

fn measure(network: &mut Network, vouchers: usize) {
    let organisations = network.organisations().count();
    let bytes: usize = network.control.iter().map(|record| record.body.bytes().len()).sum();
    println!("\n{organisations} organisations, {vouchers} for each of the last, {} records, {bytes} B", network.control.len());
    rebuild(network);
    ask(network);
    one_by_one(network);
}

/// From the records, as at a start.
fn rebuild(network: &Network) {
    let (took, trust) = on_cpu(|| network.known());
    assert_eq!(trust.organisations().count(), network.organisations().count());
    let (limit, _) = on_cpu(|| {
        let read = |record: &Record| serde_json::from_slice::<serde::de::IgnoredAny>(record.body.bytes()).is_ok();
        network.control.iter().filter(|record| read(record)).count()
    });
    line("built from its records", took, "to read their JSON and keep nothing", limit);
}

/// Of every organisation, as after anything has changed.
fn ask(network: &Network) {
    let trust = network.known();
    let standing = |at: Millis| network.organisations().filter(|id| trust.standing(*id, Right::Publish, at).is_ok()).count();
    let (took, stand) = on_cpu(|| standing(BEGAN));
    assert_eq!(stand, network.organisations().count());
    let (expired, none) = on_cpu(|| standing(BEGAN.plus(YEAR)));
    assert_eq!(none, 1, "the founder needs nobody's word");
    let above: BTreeMap<OrganisationId, RecordId> = network.organisations().map(|id| (id, id.into())).collect();
    let (limit, _) = on_cpu(|| {
        let look_up = |id: &OrganisationId| (0..4).filter(|_| black_box(&above).contains_key(black_box(id))).count();
        network.organisations().map(|id| look_up(&id)).sum::<usize>()
    });
    line("all of them asked", took, "to find four keys for each in a map", limit);
    line("asked when all have expired", expired, "the same", limit);
}

/// Another organisation is vouched for, and is asked at once.
fn one_by_one(network: &mut Network) {
    let mut trust = network.known();
    let (mut took, mut limit) = (Vec::new(), Vec::new());
    let (id, count) = (trust.network(), network.organisations().count());
    let said = attestation_of(&["publish"], 0, BEGAN, BEGAN.plus(YEAR));
    let vouchers = &mut network.levels[UPPER.len() - 1];
    for number in 0..SINGLE {
        let joined = Author::begin(id, (count + number) as u32, BEGAN);
        let voucher = number % vouchers.len();
        let head = vouchers[voucher].place.head;
        let attestation = vouchers[voucher].attest(joined.id(), &said);
        let linked: Linked = link(attestation.record, head.as_ref()).expect("the next of its log");
        let (each, stands) = timed(|| {
            let admitted = admit(linked, Some(&attestation.body), &trust).expect("its voucher may vouch");
            trust.apply(&admitted, Some(&attestation.body));
            trust.standing(joined.id(), Right::Publish, BEGAN).is_ok()
        });
        assert!(stands);
        took.push(each);
        limit.push(timed(|| attestation.record.signed().verify(id).is_ok()).0);
    }
    for (name, rank) in
        [("one more, median", SINGLE / 2), ("one more, 99 of 100", SINGLE * 99 / 100), ("one more, worst", SINGLE - 1)]
    {
        line(name, nth(&mut took, rank), "to check the signature of one", nth(&mut limit, rank));
    }
}

/// As [`timed`], without the time that other programs had on this core; where the system does not tell that, with it. To a few milliseconds.
fn on_cpu<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let before = cpu();
    let (took, done) = timed(work);
    let on_cpu = before.zip(cpu()).map(|(before, after)| after.saturating_sub(before));
    (on_cpu.unwrap_or(took), done)
}

/// What this thread has had of a processor.
fn cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let done = black_box(work());
    (began.elapsed(), done)
}

fn nth(times: &mut [Duration], rank: usize) -> Duration {
    *times.select_nth_unstable(rank).1
}

fn line(name: &str, took: Duration, least: &str, limit: Duration) {
    println!("{name:<30} {took:>12.2?}   ({least}: {limit:.2?})");
}
