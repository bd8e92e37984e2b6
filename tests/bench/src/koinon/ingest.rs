//! W2: records of others are checked and kept.

use super::cold::INDEXING;
use crate::clock::{of_threads, own};
use crate::ground::{Entry, Ground, append};
use crate::medians;
use koinon_protocol::replica::message::{Request, Response};
use koinon_protocol::replica::{Effect, Input, Keeper, Peer, Replica};
use koinond::engine::{Desk, Message, Signatures};
use koinond::index;
use koinond::run::STORE;
use koinond::store::Store;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::path::Path;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// The one that has everything.
const PEER: Peer = Peer(1);
/// Between two looks at how much is durable while nothing is asked.
const LOOK: Duration = Duration::from_millis(1);

/// What it takes to take in a record.
pub struct Ingested {
    /// Microseconds of CPU, all cores.
    pub cpu: f64,
    /// Records a second on one core.
    pub one: f64,
    /// Records a second on all cores.
    pub all: f64,
    /// How many times as many signatures all cores check as one does, by threads that share nothing, measured in turn with that.
    pub limit: f64,
}

/// The engine of a node that has nothing reads everything from another, whose answers were made before: only what it does itself is
/// counted.
pub fn measure(home: &Path, ground: &Ground, entries: &[Entry], runs: usize) -> Ingested {
    let mut source = Source::new(home, ground, entries);
    let count = entries.len() as f64;
    let mut read = |cores: &CpuSet| {
        let before = sched_getaffinity(Pid::from_raw(0)).unwrap();
        sched_setaffinity(Pid::from_raw(0), cores).unwrap();
        let (cpu, wall) = source.read(home, ground, entries.len() as u64);
        sched_setaffinity(Pid::from_raw(0), &before).unwrap();
        (cpu * 1e6 / count, count / wall)
    };
    let all = sched_getaffinity(Pid::from_raw(0)).unwrap();
    let mut first = CpuSet::new();
    first.set((0..CpuSet::count()).find(|core| all.is_set(*core).unwrap()).unwrap()).unwrap();
    read(&all);
    let [cpu, one, all, limit] = medians(runs, || {
        let ((_, one), (cpu, all)) = (read(&first), read(&all));
        [cpu, one, all, gain(entries, ground)]
    });
    Ingested { cpu, one, all, limit }
}

/// How many times as fast threads on all cores check the signatures as one thread does.
fn gain(entries: &[Entry], ground: &Ground) -> f64 {
    let (cores, network) = (available_parallelism().map_or(1, usize::from), ground.network());
    let check = |entries: &[Entry]| assert!(entries.iter().all(|(record, _)| record.record().signed().verify(network).is_ok()));
    let on = |threads: usize| {
        let began = Instant::now();
        std::thread::scope(|scope| {
            for share in entries.chunks(entries.len().div_ceil(threads)) {
                scope.spawn(move || check(share));
            }
        });
        began.elapsed().as_secs_f64()
    };
    on(1) / on(cores)
}

/// A replica, and what it answered before.
struct Source {
    replica: Replica,
    keeper: Keeper<Store, Signatures>,
    answers: BTreeMap<Vec<u8>, Vec<u8>>,
    _directory: tempfile::TempDir,
}

impl Source {
    fn new(home: &Path, ground: &Ground, entries: &[Entry]) -> Self {
        let directory = tempfile::tempdir_in(home).unwrap();
        let mut store = ground.store(directory.path());
        append(&mut store, entries.iter());
        let mut keeper = Keeper::open(store, Signatures::new(ground.network()), ground.founding.trust(), &[]).unwrap();
        let mut replica = Replica::new(Vec::new(), 1);
        replica.handle(Input::Connected(PEER), koinond::clock::now(), &mut keeper).unwrap();
        Self { replica, keeper, answers: BTreeMap::new(), _directory: directory }
    }

    fn answer(&mut self, request: Request) -> Response {
        let bytes = request.encode();
        let answer = self.answers.entry(bytes).or_insert_with(|| {
            let input = Input::Request { from: PEER, call: 1, request };
            let effects = self.replica.handle(input, koinond::clock::now(), &mut self.keeper).unwrap();
            let answered = |effect| if let Effect::Answer { response, .. } = effect { Some(response.encode()) } else { None };
            effects.after_sync.into_iter().find_map(answered).unwrap()
        });
        Response::decode(answer).unwrap()
    }

    /// Seconds of CPU and of wall until everything is durable at a new engine.
    fn read(&mut self, home: &Path, ground: &Ground, count: u64) -> (f64, f64) {
        let directory = tempfile::tempdir_in(home).unwrap();
        let store = ground.store(directory.path());
        let (follower, _) = index::follow(&directory.path().join(STORE), &store).unwrap();
        let keeper = Keeper::open(store, Signatures::new(ground.network()), ground.founding.trust(), &[]).unwrap();
        let (effects, mut asked) = mpsc::channel(1024);
        let (desk, ends) = Desk::new(keeper, follower, effects, 1).unwrap();
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let handle = runtime.handle().clone();
        let engine = std::thread::spawn(move || desk.run(&handle, &stopped));
        let (began, cpu) = (Instant::now(), used());
        ends.messages.blocking_send(Message::Input(Input::Connected(PEER))).unwrap();
        while ends.handle.status().records < count {
            if let Ok(Some(Effect::Ask { call, request, .. })) = runtime.block_on(async { timeout(LOOK, asked.recv()).await }) {
                let response = self.answer(request);
                ends.messages.blocking_send(Message::Input(Input::Response { from: PEER, call, response })).unwrap();
            }
        }
        let (wall, cpu) = (began.elapsed().as_secs_f64(), used() - cpu);
        stop.send_replace(true);
        engine.join().unwrap().unwrap();
        runtime.shutdown_timeout(Duration::from_secs(5));
        (cpu, wall)
    }
}

/// Seconds of CPU of this process, without making records findable.
fn used() -> f64 {
    own().as_secs_f64() - of_threads(std::process::id(), &INDEXING).as_secs_f64()
}
