//! W6: what is kept takes room on the disk, time to open and memory.

use crate::clock;
use crate::ground::{AROUND, Entry, Ground, disk};
use crate::nodes::Node;
use crate::texts::BODY;
use koinond::run::STORE;
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes of a record, with nothing around it.
pub const RAW: f64 = (AROUND + BODY) as f64;

/// A data directory.
pub struct Kept {
    /// Bytes on the disk for each record: journal, index, search.
    pub disk: [f64; 3],
    /// Seconds until a node that starts over it answers.
    pub open: f64,
    /// Bytes of memory then.
    pub memory: f64,
    /// Of these, those that no file backs.
    pub anonymous: f64,
}

impl Kept {
    pub fn all(&self) -> f64 {
        self.disk.iter().sum()
    }
}

/// Fills a data directory from memory and starts a node over it.
pub fn measure<'a>(program: &Path, home: &Path, ground: &Ground, entries: impl Iterator<Item = &'a Entry>, count: u64) -> Kept {
    let directory = tempfile::tempdir_in(home).unwrap();
    ground.fill(directory.path(), entries);
    look(program, ground, directory.path(), count)
}

/// The same without holding the records in memory.
pub fn measure_streamed(program: &Path, home: &Path, ground: &mut Ground, count: u64) -> Kept {
    let directory = tempfile::tempdir_in(home).unwrap();
    let mut store = ground.store(directory.path());
    let first = ground.inceptions();
    let mut append = |(record, body): &Entry| {
        store.append(record, Some(body)).unwrap();
    };
    first.iter().for_each(&mut append);
    // What is signed is different in each record; what it says may come again.
    let seals: Vec<_> = (0..4096).map(|_| ground.seal()).collect();
    for number in 0..count as usize - first.len() {
        append(&ground.sign(number % first.len(), seals[number % seals.len()].clone()));
    }
    store.sync().unwrap();
    ground.index(directory.path(), store);
    look(program, ground, directory.path(), count)
}

fn look(program: &Path, ground: &Ground, data: &Path, count: u64) -> Kept {
    let store = data.join(STORE);
    let (index, search) = (disk(&store.join("index")), disk(&store.join("search")));
    let ballast = disk(&store.join("ballast"));
    let journal = disk(data) - index - search - ballast;
    let began = Instant::now();
    let node = Node::start(program, ground, data, &[]);
    node.ready();
    let open = began.elapsed().as_secs_f64();
    assert_eq!(node.indexed(), count);
    std::thread::sleep(Duration::from_secs(1));
    let each = |bytes: u64| bytes as f64 / count as f64;
    let disk = [each(journal), each(index), each(search)];
    Kept { disk, open, memory: clock::resident(node.pid()), anonymous: clock::anonymous(node.pid()) }
}
