//! Three nodes as real processes, killed without warning again and again: what was acknowledged is there, everywhere.

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

#[path = "killed/process.rs"]
mod process;

use koinon_protocol::id::RecordId;
use koinon_protocol::time::Millis;
use koinon_tests::author::{Author, Record, found};
use koinond::clock;
use process::Nodes;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Authors at each node, who write at the same time.
const AUTHORS: usize = 8;
/// A network that does not agree by then will not.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a run is made of.
struct Plan {
    nodes: usize,
    /// Of each author.
    records: usize,
    /// Of each node, at least.
    kills: usize,
    /// Decides when who is killed.
    seed: u64,
}

#[test]
fn what_was_acknowledged_survives_the_killing_of_every_node() {
    run(&Plan { nodes: 3, records: 60, kills: 4, seed: 1 });
}

#[test]
#[ignore = "the full measure, some minutes: cargo test -p koinond --test killed -- --ignored --nocapture"]
fn ten_thousand_records_survive_a_hundred_kills_of_every_node() {
    run(&Plan { nodes: 3, records: 420, kills: 100, seed: 2 });
}

fn run(plan: &Plan) {
    let seeds: Vec<u32> = (1..).take(plan.nodes * AUTHORS).collect();
    let (charter, authors) = found(&seeds, Millis(clock::now().0 - 3_600_000));
    let nodes = Nodes::prepare(plan.nodes, &charter.file());
    (0..plan.nodes).for_each(|node| nodes.start(node));
    let (busy, start) = (AtomicUsize::new(authors.len()), Instant::now());
    let acknowledged: BTreeSet<RecordId> = thread::scope(|scope| {
        let writers: Vec<_> = authors
            .into_iter()
            .enumerate()
            .map(|(number, author)| {
                let (nodes, busy) = (&nodes, &busy);
                scope.spawn(move || write(author, number % plan.nodes, plan.records, nodes, busy))
            })
            .collect();
        kill(plan, &nodes, &busy);
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    println!("{} records acknowledged through kills in {:.1?}", acknowledged.len(), start.elapsed());
    assert_eq!(acknowledged.len(), seeds.len() * (1 + plan.records));
    let agreed = Instant::now();
    for node in 0..plan.nodes {
        nodes.eventually("every node holds every record", PATIENCE, || nodes.size(node) == Some(acknowledged.len() as u64));
        assert!(nodes.ids(node) == acknowledged, "node {node} holds other records than were acknowledged");
    }
    println!("all agree {:.1?} later", agreed.elapsed());
}

/// Writes an author's log through one node, each record again until it is acknowledged. Gives what was.
fn write(mut author: Author, node: usize, records: usize, nodes: &Nodes, busy: &AtomicUsize) -> Vec<RecordId> {
    let inception = author.inception.clone();
    let mut acknowledged = vec![publish(&inception, node, nodes)];
    for number in 0..records {
        let record = author.example("practice", &format!("Practice {number} of {}", author.id()));
        acknowledged.push(publish(&record, node, nodes));
    }
    busy.fetch_sub(1, Ordering::SeqCst);
    acknowledged
}

fn publish(record: &Record, node: usize, nodes: &Nodes) -> RecordId {
    let file = record.file();
    nodes.eventually("a record is acknowledged", PATIENCE, || nodes.publish(node, &file));
    record.id()
}

/// Kills a node at a random moment and starts it again, until each had its share and the authors are done.
fn kill(plan: &Plan, nodes: &Nodes, busy: &AtomicUsize) {
    let (mut random, mut kills) = (plan.seed, vec![0; plan.nodes]);
    let mut next = |bound: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % bound
    };
    while kills.iter().any(|&kills| kills < plan.kills) {
        thread::sleep(Duration::from_millis(50 + next(700)));
        let least = kills.iter().enumerate().min_by_key(|(_, kills)| **kills).map_or(0, |(node, _)| node);
        let node = if next(4) == 0 { least } else { usize::try_from(next(plan.nodes as u64)).unwrap() };
        nodes.kill(node);
        nodes.start(node);
        kills[node] += 1;
    }
    println!("kills: {kills:?}; authors still writing: {}", busy.load(Ordering::SeqCst));
}
