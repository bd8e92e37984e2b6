//! W4: two who have nearly the same agree again.

use crate::clock;
use crate::ground::{Entry, Ground, append};
use crate::nodes::Node;
use crate::pair::{Pair, Traffic};
use crate::wire;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

/// How many records differ.
const DIFFER: usize = 10;
/// The first repair after a connection happens within this time.
const SETTLED: u64 = 8_000;

/// What agreeing again took.
pub struct Agreed {
    /// Ten new records, read by the cursor.
    pub cursor: Traffic,
    /// Ten recent ones are missing, and nothing is known of the other.
    pub recent: Traffic,
    /// Ten of all times are missing.
    pub scattered: Traffic,
    /// Two processes, from the start of one until it has the ten scattered ones.
    pub whole: Whole,
}

/// Processes that agree again.
#[derive(Clone, Copy, Debug)]
pub struct Whole {
    pub bytes: f64,
    /// Seconds until everything is there.
    pub wall: f64,
    /// Seconds of CPU of both, the start of one included.
    pub cpu: f64,
}

/// `entries` in the order in which they were written, `last` the ends of logs that ended at scattered moments.
pub fn measure(program: &Path, home: &Path, ground: &mut Ground, entries: &[Entry], last: &[usize]) -> Agreed {
    let full = tempfile::tempdir_in(home).unwrap();
    append(&mut ground.store(full.path()), entries.iter());
    let recent = repaired(home, ground, full.path(), entries, &(entries.len() - DIFFER..entries.len()).collect());
    let scattered = repaired(home, ground, full.path(), entries, &last.iter().copied().collect());
    let whole = processes(program, home, ground, full.path(), entries, &last.iter().copied().collect());
    let cursor = followed(home, ground, full.path(), entries);
    Agreed { cursor, recent, scattered, whole }
}

/// All but some, appended the other way round as far as logs allow: log by log.
fn lacking(ground: &Ground, data: &Path, entries: &[Entry], without: &BTreeSet<usize>) {
    let mut kept: Vec<&Entry> =
        (0..entries.len()).filter(|place| !without.contains(place)).map(|place| &entries[place]).collect();
    kept.sort_by_key(|(record, _)| (record.record().header().kind != 2, record.log()));
    append(&mut ground.store(data), kept.into_iter());
}

fn repaired(home: &Path, ground: &Ground, full: &Path, entries: &[Entry], without: &BTreeSet<usize>) -> Traffic {
    let directory = tempfile::tempdir_in(home).unwrap();
    lacking(ground, directory.path(), entries, without);
    let mut pair = Pair::new(ground, [ground.store(full), ground.store(directory.path())]);
    pair.agree();
    pair.traffic
}

/// Both have everything and know each other; then ten more are written.
fn followed(home: &Path, ground: &mut Ground, full: &Path, entries: &[Entry]) -> Traffic {
    let directory = tempfile::tempdir_in(home).unwrap();
    append(&mut ground.store(directory.path()), entries.iter());
    let mut pair = Pair::new(ground, [ground.store(full), ground.store(directory.path())]);
    pair.rest(SETTLED);
    for author in 0..DIFFER {
        let (record, body) = ground.write(author);
        pair.store(0).append(&record, Some(&body)).unwrap();
    }
    pair.traffic = Traffic::default();
    pair.agree();
    pair.traffic
}

fn processes(program: &Path, home: &Path, ground: &Ground, full: &Path, entries: &[Entry], without: &BTreeSet<usize>) -> Whole {
    let directory = tempfile::tempdir_in(home).unwrap();
    lacking(ground, directory.path(), entries, without);
    for data in [full, directory.path()] {
        ground.index(data, ground.store(data));
    }
    let source = Node::start(program, ground, full, &[]);
    source.ready();
    std::thread::sleep(Duration::from_secs(1));
    let (bytes, cpu) = (wire::bytes(), clock::of(source.pid()));
    let began = Instant::now();
    let node = Node::start(program, ground, directory.path(), &[&source]);
    node.holds(entries.len() as u64);
    let wall = began.elapsed().as_secs_f64();
    let both = clock::of(source.pid()) - cpu + clock::of(node.pid());
    Whole { bytes: (wire::bytes() - bytes) as f64, wall, cpu: both.as_secs_f64() }
}
