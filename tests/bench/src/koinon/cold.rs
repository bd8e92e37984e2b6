//! W3: a node that has nothing gets everything from another, over TCP.

use crate::clock;
use crate::ground::{Entry, Ground, is_searched};
use crate::nodes::{Node, wait};
use crate::{medians, wire};
use std::path::Path;
use std::time::Instant;

/// The threads that make records findable.
pub const INDEXING: [&str; 4] = ["index", "thrd-tantivy", "segment_update", "merge_thread"];

/// For each record.
pub struct Synced {
    /// Microseconds of CPU of both nodes until everything is durable, without making it findable.
    pub cpu: f64,
    /// Microseconds of CPU of both nodes until everything can be found.
    pub all_cpu: f64,
    /// Bytes on the wire.
    pub bytes: f64,
    /// Records a second, until they are durable.
    pub rate: f64,
}

pub fn measure(program: &Path, home: &Path, ground: &Ground, entries: &[Entry], runs: usize) -> Synced {
    let directory = tempfile::tempdir_in(home).unwrap();
    ground.fill(directory.path(), entries.iter());
    let source = Node::start(program, ground, directory.path(), &[]);
    source.ready();
    let searched = entries.iter().filter(|entry| is_searched(entry)).count() as u64;
    let [cpu, all_cpu, bytes, rate] = medians(runs, || once(program, home, ground, &source, entries.len() as u64, searched));
    Synced { cpu, all_cpu, bytes, rate }
}

fn once(program: &Path, home: &Path, ground: &Ground, source: &Node, count: u64, searched: u64) -> [f64; 4] {
    let directory = tempfile::tempdir_in(home).unwrap();
    let (bytes, cpu) = (wire::bytes(), clock::of(source.pid()));
    let began = Instant::now();
    let node = Node::start(program, ground, directory.path(), &[source]);
    node.holds(count);
    let (passed, bytes) = (began.elapsed().as_secs_f64(), wire::bytes() - bytes);
    let both = || (clock::of(source.pid()) - cpu + clock::of(node.pid())).as_secs_f64();
    let indexing = clock::of_threads(node.pid(), &INDEXING).as_secs_f64();
    let sync = both() - indexing;
    wait("everything can be found", || node.indexed() >= count && node.searched() >= searched);
    let all = both();
    let each = |whole: f64| whole / count as f64;
    [each(sync * 1e6), each(all * 1e6), each(bytes as f64), count as f64 / passed]
}
