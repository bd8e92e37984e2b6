//! W2: records of others are checked and kept.

use crate::ground::{Entry, Ground, append};
use crate::medians;
use crate::pair::Pair;
use std::path::Path;

/// What it takes to take in a record.
pub struct Ingested {
    /// Microseconds of CPU, all cores.
    pub cpu: f64,
    /// Records a second on one core.
    pub one: f64,
    /// Records a second on all cores.
    pub all: f64,
}

/// A replica with nothing reads everything from another; only what it does itself is counted.
pub fn measure(home: &Path, ground: &Ground, entries: &[Entry], runs: usize) -> Ingested {
    let source = tempfile::tempdir_in(home).unwrap();
    append(&mut ground.store(source.path()), entries.iter());
    let count = entries.len() as f64;
    let read = |cores| {
        let directory = tempfile::tempdir_in(home).unwrap();
        let mut pair = Pair::new(ground, [ground.store(source.path()), ground.store(directory.path())], cores);
        pair.agree();
        (pair.traffic.cpu * 1e6 / count, count / pair.traffic.wall)
    };
    let [cpu, one, all] = medians(runs, || {
        let ((_, one), (cpu, all)) = (read(1), read(usize::MAX));
        [cpu, one, all]
    });
    Ingested { cpu, one, all }
}
