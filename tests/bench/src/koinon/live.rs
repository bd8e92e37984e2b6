//! W5: twenty nodes, of which one publishes, until all have it.

use crate::ground::{Ground, append};
use crate::nodes::port;
use crate::{quantile, wire};
use koinon_protocol::replica::{Keeper, Submission};
use koinond::engine::{Desk, EngineError, Handle, Signatures};
use koinond::index;
use koinond::net::{self, Keypair, Limits, Settings, Wires};
use koinond::receipts::Line;
use koinond::run::STORE;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// Nodes.
pub const NODES: usize = 20;
/// Messages, one after the other.
pub const MESSAGES: usize = 100;
/// Between two messages.
pub const PAUSE: Duration = Duration::from_millis(30);
/// Until everybody knows everybody that he needs.
pub const SETTLING: Duration = Duration::from_secs(8);
/// Nobody waits longer for a record.
const PATIENCE: Duration = Duration::from_secs(30);
/// No further message is sent after this time.
const BUDGET: Duration = Duration::from_secs(60);
/// A file system in memory: twenty nodes have twenty disks, and here they would share one.
const MEMORY: &str = "/dev/shm";

/// How fast, and at what cost for the network.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// Milliseconds until all have a message.
    pub p50: f64,
    pub p99: f64,
    /// Bytes on the wire for each message.
    pub bytes: f64,
}

impl Spread {
    pub fn of(mut times: Vec<f64>, bytes: u64) -> Self {
        let each = bytes as f64 / times.len() as f64;
        Self { p50: quantile(&mut times, 0.5), p99: quantile(&mut times, 0.99), bytes: each }
    }
}

/// Whom a node dials: the next in a ring, and three further on, so that each has about eight connections.
pub fn dialled(node: usize) -> impl Iterator<Item = usize> {
    [1, 3, 7, 9].into_iter().map(move |step| (node + step) % NODES)
}

/// All nodes in this process, each with its threads, sockets and files.
pub fn measure(home: &Path) -> Spread {
    let home = if Path::new(MEMORY).is_dir() { Path::new(MEMORY) } else { home };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut ground = Ground::new(false);
    let ports: Vec<u16> = (0..NODES).map(|_| port()).collect();
    let directories: Vec<_> = (0..NODES).map(|_| tempfile::tempdir_in(home).unwrap()).collect();
    let (stop, stopped) = watch::channel(false);
    let start =
        |(node, directory): (usize, &tempfile::TempDir)| start(&runtime, &ground, directory.path(), &ports, node, &stopped);
    let (nodes, engines): (Vec<Handle>, Vec<_>) = directories.iter().enumerate().map(start).unzip();
    let before = ground.inceptions().len();
    std::thread::sleep(SETTLING);
    let (mut bytes, began) = (wire::bytes(), Instant::now());
    let mut times = Vec::new();
    for number in 0..2 * MESSAGES {
        // The first half warms the mesh.
        if number == MESSAGES {
            (bytes, times) = (wire::bytes(), Vec::new());
        }
        if began.elapsed() > BUDGET {
            break;
        }
        std::thread::sleep(PAUSE);
        let (record, body) = ground.write(number % ground.authors.len());
        let (published, node) = (Instant::now(), &nodes[number * 7 % NODES]);
        let submission = Submission::open(*record.record().signed(), body.sealed().clone(), ground.network()).unwrap();
        runtime.block_on(node.submit(submission)).unwrap();
        let held = (before + number + 1) as u64;
        let everywhere = async {
            for node in &nodes {
                assert!(node.holds(held).await);
            }
        };
        runtime.block_on(async { timeout(PATIENCE, everywhere).await }).expect("a record is everywhere");
        times.push(published.elapsed().as_secs_f64() * 1e3);
    }
    let spread = Spread::of(times, wire::bytes() - bytes);
    stop.send_replace(true);
    engines.into_iter().for_each(|engine| engine.join().unwrap().unwrap());
    runtime.shutdown_timeout(Duration::from_secs(5));
    spread
}

fn start(
    runtime: &tokio::runtime::Runtime,
    ground: &Ground,
    data: &Path,
    ports: &[u16],
    node: usize,
    stop: &watch::Receiver<bool>,
) -> (Handle, JoinHandle<Result<(), EngineError>>) {
    let address = |port: u16| format!("/ip4/127.0.0.1/tcp/{port}");
    let settings = Settings {
        network: ground.network(),
        listen: vec![address(ports[node])],
        peers: dialled(node).map(|peer| address(ports[peer])).collect(),
        mdns: false,
        limits: Limits::default(),
    };
    let mut store = ground.store(data);
    append(&mut store, ground.inceptions().iter());
    let (follower, _) = index::follow(&data.join(STORE), &store).unwrap();
    let keeper = Keeper::open(store, Signatures::new(ground.network()), ground.founding.trust(), &[]).unwrap();
    let (effects, carried_out) = mpsc::channel(1024);
    let (desk, ends) = Desk::new(keeper, follower, effects, node as u64).unwrap();
    let _inside = runtime.enter();
    let network = net::bind(&settings, Keypair::generate_ed25519(), None).unwrap();
    let links = watch::channel(Vec::new()).0;
    let wires = Wires { messages: ends.messages, effects: carried_out, links, receipts: Line::cut(), stop: stop.clone() };
    runtime.spawn(network.run(wires));
    let (handle, stop) = (runtime.handle().clone(), stop.clone());
    (ends.handle, std::thread::spawn(move || desk.run(&handle, &stop)))
}
