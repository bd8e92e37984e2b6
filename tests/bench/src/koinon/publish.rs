//! W1: records are written and survive a power cut.

use crate::clock::{Watch, own};
use crate::ground::{AUTHORS, Entry, Ground};
use crate::machine::Appended;
use crate::{medians, quantile};
use koinon_protocol::record::Sealed;
use koinon_protocol::replica::{Keeper, Submission};
use koinond::engine::{Desk, Handle, Signatures};
use koinond::index;
use koinond::run::STORE;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};

/// Records that share a sync.
pub const GROUP: usize = 256;
/// How often one record alone is acknowledged.
const ALONE: usize = 200;

/// Rest before each of these, and before the bare one beside it: longer than it takes until the former record can be found, which would
/// keep the disk from both.
const REST: Duration = Duration::from_millis(3);

/// Microseconds.
pub struct Published {
    /// CPU of a record that is signed, linked, appended and synced.
    pub written: f64,
    /// CPU of a record that is signed and given to a running node, which checks it as anybody's and indexes it.
    pub accepted: f64,
    /// Wall until one alone is acknowledged.
    pub alone: f64,
    /// Wall of an append and its fdatasync, measured in turn with that.
    pub fdatasync: f64,
}

pub fn measure(home: &Path, count: u64, runs: usize) -> Published {
    let [written] = medians(runs, || [write(home, count)]);
    let [accepted, alone, fdatasync] = medians(runs, || accept(home, count));
    Published { written, accepted, alone, fdatasync }
}

fn seals(ground: &mut Ground, count: u64) -> Vec<Sealed> {
    (0..count).map(|_| ground.seal()).collect()
}

fn author(number: usize) -> usize {
    number % usize::from(AUTHORS)
}

fn write(home: &Path, count: u64) -> f64 {
    let directory = tempfile::tempdir_in(home).unwrap();
    let mut ground = Ground::new(false);
    let mut store = ground.store(directory.path());
    let seals = seals(&mut ground, count);
    let watch = Watch::start();
    for (number, sealed) in seals.into_iter().enumerate() {
        let (record, body) = ground.sign(author(number), sealed);
        store.append(&record, Some(&body)).unwrap();
        if number % GROUP == GROUP - 1 {
            store.sync().unwrap();
        }
    }
    store.sync().unwrap();
    watch.read().1 * 1e6 / count as f64
}

/// CPU of each; wall of one alone; wall of a bare fdatasync.
fn accept(home: &Path, count: u64) -> [f64; 3] {
    let directory = tempfile::tempdir_in(home).unwrap();
    let mut ground = Ground::new(false);
    let seals = seals(&mut ground, count);
    let engine = Engine::start(&ground, directory.path());
    engine.submit(&ground.inceptions());
    let before = own();
    let mut seals = seals.into_iter().enumerate();
    loop {
        let group: Vec<_> = seals.by_ref().take(GROUP).map(|(number, sealed)| ground.sign(author(number), sealed)).collect();
        if group.is_empty() {
            break;
        }
        engine.submit(&group);
    }
    let each = (own() - before).as_secs_f64() * 1e6 / count as f64;
    let (mut alone, mut bare) = (Vec::new(), Vec::new());
    let mut appended = Appended::new(home);
    for number in 0..ALONE {
        let (record, body) = ground.write(author(number));
        let (signed, sealed) = (*record.record().signed(), body.sealed().clone());
        sleep(REST);
        let began = Instant::now();
        let submission = Submission::open(signed, sealed, ground.network()).unwrap();
        engine.here.block_on(engine.handle.submit(submission)).unwrap();
        alone.push(began.elapsed().as_secs_f64() * 1e6);
        sleep(REST);
        bare.push(appended.once());
    }
    [each, quantile(&mut alone, 0.5), quantile(&mut bare, 0.5)]
}

/// The engine of a node with everything around it but network and pages.
struct Engine {
    handle: Handle,
    here: Runtime,
    stop: watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Engine {
    fn start(ground: &Ground, data: &Path) -> Self {
        let store = ground.store(data);
        let (follower, _) = index::follow(&data.join(STORE), &store).unwrap();
        let keeper = Keeper::open(store, Signatures::new(ground.network()), ground.founding.trust(), &[]).unwrap();
        let (effects, mut carried_out) = mpsc::channel(1024);
        let (desk, ends) = Desk::new(keeper, follower, effects, 1).unwrap();
        let (stop, stopped) = watch::channel(false);
        let thread = std::thread::spawn(move || {
            let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.spawn(async move { while carried_out.recv().await.is_some() {} });
            desk.run(runtime.handle(), &stopped).unwrap();
        });
        let here = Builder::new_current_thread().enable_all().build().unwrap();
        Self { handle: ends.handle, here, stop, thread: Some(thread) }
    }

    /// Checks all of them, gives them at once and waits until each is durable.
    fn submit(&self, entries: &[Entry]) {
        self.here.block_on(async {
            let submit = |(record, body): &Entry| {
                let (handle, signed, sealed) = (self.handle.clone(), *record.record().signed(), body.sealed().clone());
                let submission = Submission::open(signed, sealed, handle.network()).unwrap();
                tokio::spawn(async move { handle.submit(submission).await.unwrap() })
            };
            let all: Vec<_> = entries.iter().map(submit).collect();
            for one in all {
                one.await.unwrap();
            }
        });
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.thread.take().unwrap().join().unwrap();
    }
}
