//! Others that do the same work, each as processes of its own.

use crate::ground::disk;
use crate::koinon::live::{MESSAGES, NODES, PAUSE, SETTLING, Spread, dialled};
use crate::texts::Texts;
use crate::{Sizes, clock, medians, wire};
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;
use tempfile::TempDir;

/// What the others are compiled to.
const PROGRAM: &str = "koinon-bench-peers";
/// Bytes of a message of W5: a record and what is around it.
const MESSAGE: u128 = 1200;
/// How many records differ in a warm sync.
const DIFFER: usize = 10;

/// What one of them takes; none where it has nothing that compares.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub name: &'static str,
    /// Microseconds of CPU to sign and keep a record, in groups.
    pub publish: Option<f64>,
    /// Microseconds of CPU to check and keep a record of others.
    pub ingest: Option<f64>,
    /// A node with nothing gets everything: few records, many records.
    pub cold: [Option<Cold>; 2],
    /// Two nodes with nearly the same agree again.
    pub warm: Option<Warm>,
    /// Bytes on the disk for each record.
    pub disk: Option<f64>,
}

/// For each record.
#[derive(Clone, Copy, Debug)]
pub struct Cold {
    pub cpu: f64,
    pub bytes: f64,
    pub rate: f64,
}

/// In all.
#[derive(Clone, Copy, Debug)]
pub struct Warm {
    pub bytes: f64,
    pub wall: f64,
    pub cpu: f64,
}

/// The versions that are measured.
pub const VERSIONS: &str = "p2panda-core, -store and -sync 0.6.1 (SQLite, plain TCP); nostr-sdk, -lmdb and -relay-builder 0.44.1 (LMDB, negentropy over a \
                            plain WebSocket); libp2p-gossipsub of libp2p 0.57.1; iroh-gossip 0.101.0 (iroh 1.4.1)";

/// Compiles them; to be called while there is a network, from which Cargo may need to fetch them.
pub fn compile() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let mut build = Command::new(cargo);
    build.args(["build", "--release", "--quiet", "--package", "koinon-bench-peers", "--manifest-path", manifest]);
    assert!(build.status().unwrap().success(), "the others could not be compiled");
}

/// What is asked of the others.
pub struct Runner {
    program: PathBuf,
    bodies: PathBuf,
}

impl Runner {
    /// Writes the bodies that all of them keep.
    pub fn prepare(home: &Path, count: u64) -> Self {
        let bodies = home.join("bodies");
        let (mut texts, mut file) = (Texts::new(1), BufWriter::new(File::create(&bodies).unwrap()));
        (0..count).for_each(|_| file.write_all(&texts.practice()).unwrap());
        file.flush().unwrap();
        Self { program: target().join(PROGRAM), bodies }
    }

    /// Everything that one of them is asked: `large` says whether it syncs as many records from nothing too.
    pub fn measure(&self, name: &'static str, home: &Path, sizes: &Sizes, large: bool) -> Figures {
        let each = |work: &str| {
            let [cpu] = medians(sizes.runs, || {
                let directory = tempfile::tempdir_in(home).unwrap();
                [self.say(&[name, work], directory.path(), sizes.small, &[]).trim().parse().unwrap()]
            });
            Some(cpu)
        };
        let (publish, ingest) = (each("publish"), each("ingest"));
        let few = self.filled(name, home, sizes.small, 0);
        // Who takes most of a minute for one is measured once.
        let [cpu, bytes, rate] = medians(if large { sizes.runs } else { 1 }, || {
            let Cold { cpu, bytes, rate } = self.cold(name, home, few.path(), sizes.small);
            [cpu, bytes, rate]
        });
        let many = self.filled(name, home, sizes.large, 0);
        let disk = Some(disk(many.path()) as f64 / sizes.large as f64);
        let cold = [Some(Cold { cpu, bytes, rate }), large.then(|| self.cold(name, home, many.path(), sizes.large))];
        let most = self.filled(name, home, sizes.large, DIFFER);
        let warm = Some(self.sync(name, most.path(), many.path(), sizes.large));
        Figures { name, publish, ingest, cold, warm, disk }
    }

    fn cold(&self, name: &str, home: &Path, from: &Path, count: u64) -> Cold {
        let directory = tempfile::tempdir_in(home).unwrap();
        let got = self.sync(name, directory.path(), from, count);
        let count = count as f64;
        Cold { cpu: got.cpu * 1e6 / count, bytes: got.bytes / count, rate: count / got.wall }
    }

    fn filled(&self, name: &str, home: &Path, count: u64, lacking: usize) -> TempDir {
        let directory = tempfile::tempdir_in(home).unwrap();
        self.say(&[name, "fill"], directory.path(), count, &[&lacking.to_string()]);
        directory
    }

    /// Runs to the end, and gives what it says.
    fn say(&self, what: &[&str], directory: &Path, count: u64, more: &[&str]) -> String {
        let mut command = Command::new(&self.program);
        command.args(what).arg(directory).arg(&self.bodies).arg(count.to_string()).args(more);
        let output = command.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{what:?} ended with {}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    /// One process gets from another what it lacks.
    fn sync(&self, name: &str, to: &Path, from: &Path, count: u64) -> Warm {
        let mut serve = Command::new(&self.program);
        let mut source = Process::start(serve.args([name, "serve"]).arg(from));
        let address = source.line();
        let (bytes, cpu) = (wire::bytes(), clock::of(source.child.id()));
        let began = Instant::now();
        let mut sync = Command::new(&self.program);
        let mut node = Process::start(sync.args([name, "sync"]).arg(to).args([address.trim(), &count.to_string()]));
        assert_eq!(node.line().trim(), "done");
        let (wall, bytes) = (began.elapsed().as_secs_f64(), wire::bytes() - bytes);
        let cpu = clock::of(source.child.id()) - cpu + clock::of(node.child.id());
        Warm { bytes: bytes as f64, wall, cpu: cpu.as_secs_f64() }
    }
}

/// iroh-gossip in W5: all nodes in one process, which begin with those that Koinon's dial.
pub fn live() -> Spread {
    let mut command = Command::new(target().join(PROGRAM));
    let counts = [MESSAGES as u128, MESSAGE, PAUSE.as_millis(), SETTLING.as_millis()].map(|count| count.to_string());
    let peers = |node| dialled(node).map(|peer| peer.to_string()).collect::<Vec<_>>().join(",");
    let mut nodes = Process::start(command.args(["iroh-gossip", "live"]).args(counts).args((0..NODES).map(peers)));
    assert_eq!(nodes.line().trim(), "warm");
    let bytes = wire::bytes();
    let times = nodes.line();
    let bytes = wire::bytes() - bytes;
    Spread::of(times.split_whitespace().map(|time| time.parse().unwrap()).collect(), bytes)
}

/// Where this program was compiled to.
fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program.parent().and_then(Path::parent).unwrap().to_owned()
}

/// A process that is ended with its owner.
struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "a process ended before it said anything");
        line
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
