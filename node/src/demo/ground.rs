//! Where the nodes of the demonstration run: processes, ports and directories.

use super::DemoError;
use super::cast::Cast;
use super::client::Client;
use crate::charter::{Founding, FoundingError};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The port that people know.
const USUAL: u16 = 8480;
/// How long a node may take to begin.
const START: Duration = Duration::from_secs(60);
/// How long a node may take to end in order.
const END: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(50);

/// Why a node could not be started or ended.
#[derive(Debug, thiserror::Error)]
pub enum GroundError {
    /// A directory or file.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The directory to keep the data in must be new.
    #[error("{0} exists already; name a directory that does not")]
    Exists(PathBuf),
    /// No port is free.
    #[error("no free port: {0}")]
    Port(io::Error),
    /// The charter.
    #[error(transparent)]
    Charter(#[from] FoundingError),
    /// The program cannot be started.
    #[error("a node could not be started: {0}")]
    Start(io::Error),
    /// A node ended, or does not become ready.
    #[error("the node of {name} {what}; it said:\n{log}")]
    Node {
        /// Whose.
        name: String,
        /// What it did.
        what: &'static str,
        /// The end of its log.
        log: String,
    },
}

/// The nodes and their directories. Dropping it kills the nodes and, unless the data is to be kept, deletes it.
pub(super) struct Ground {
    home: Home,
    charter: Founding,
    nodes: Vec<Node>,
}

enum Home {
    Temporary(TempDir),
    Kept(PathBuf),
}

struct Node {
    name: String,
    http: u16,
    link: u16,
    child: Option<Child>,
    client: Client,
}

impl Ground {
    /// Makes directories and finds ports; nothing runs yet.
    pub(super) fn prepare(cast: &Cast, keep: Option<PathBuf>, port: Option<u16>) -> Result<Self, GroundError> {
        let home = Home::make(keep)?;
        let charter = Founding::decode(&cast.charter)?;
        let mut ports = Ports::from(port);
        let mut nodes = Vec::new();
        for name in &cast.nodes {
            let (http, link) = (ports.next()?, ports.next()?);
            nodes.push(Node { name: name.clone(), http, link, child: None, client: Client::new(http) });
        }
        let ground = Self { home, charter, nodes };
        for node in 0..ground.nodes.len() {
            ground.charter.install(&ground.data(node))?;
        }
        Ok(ground)
    }

    /// Starts every node and waits until each is ready.
    pub(super) fn start_all(&mut self, stop: &AtomicBool) -> Result<(), DemoError> {
        (0..self.nodes.len()).try_for_each(|node| self.launch(node))?;
        (0..self.nodes.len()).try_for_each(|node| self.wait_until_ready(node, stop))
    }

    /// Kills a node as a power cut would and deletes everything that it had.
    pub(super) fn destroy(&mut self, node: usize) -> Result<(), GroundError> {
        kill(self.nodes[node].child.take());
        let data = self.data(node);
        std::fs::remove_dir_all(&data).map_err(|source| GroundError::File { path: data, source })
    }

    /// Starts a node again in an empty directory.
    pub(super) fn rebuild(&mut self, node: usize, stop: &AtomicBool) -> Result<(), DemoError> {
        self.charter.install(&self.data(node)).map_err(GroundError::from)?;
        self.launch(node)?;
        self.wait_until_ready(node, stop)
    }

    /// The API of a node.
    pub(super) fn client(&self, node: usize) -> &Client {
        &self.nodes[node].client
    }

    /// Whose the nodes are.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(|node| node.name.as_str())
    }

    /// Ends every node in order and gives the directory that stays, if one does.
    pub(super) fn end(mut self) -> Result<Option<String>, GroundError> {
        for node in &mut self.nodes {
            interrupt(node.child.as_ref());
        }
        for node in &mut self.nodes {
            let Some(mut child) = node.child.take() else { continue };
            let start = Instant::now();
            while child.try_wait().map_err(GroundError::Start)?.is_none() {
                if start.elapsed() > END {
                    kill(Some(child));
                    return Err(GroundError::Node { name: node.name.clone(), what: "does not end", log: String::new() });
                }
                std::thread::sleep(LOOK);
            }
        }
        Ok(match &self.home {
            Home::Temporary(_) => None,
            Home::Kept(path) => Some(path.display().to_string()),
        })
    }

    fn launch(&mut self, number: usize) -> Result<(), GroundError> {
        let (data, log) = (self.data(number), self.log(number));
        let file = std::fs::File::create(&log).map_err(|source| GroundError::File { path: log, source })?;
        let program = std::env::current_exe().map_err(GroundError::Start)?;
        let peers = self.nodes.iter().enumerate().filter(|(other, _)| *other != number);
        let peers: Vec<String> = peers.map(|(_, node)| format!("/ip4/127.0.0.1/tcp/{}", node.link)).collect();
        let node = &mut self.nodes[number];
        let mut command = Command::new(program);
        command.arg("run").arg("--data").arg(data);
        command.args(["--name", &node.name]);
        command.args(["--http", &format!("127.0.0.1:{}", node.http)]);
        command.args(["--listen", &format!("/ip4/127.0.0.1/tcp/{}", node.link)]);
        command.args(["--peers", &peers.join(",")]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        node.child = Some(command.spawn().map_err(GroundError::Start)?);
        Ok(())
    }

    fn wait_until_ready(&mut self, number: usize, stop: &AtomicBool) -> Result<(), DemoError> {
        let start = Instant::now();
        while !self.nodes[number].client.is_ready() {
            super::go_on(stop)?;
            let ended = self.nodes[number].child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
            if ended || start.elapsed() > START {
                let what = if ended { "ended" } else { "does not become ready" };
                let log = std::fs::read_to_string(self.log(number)).unwrap_or_default();
                let end = log.lines().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
                return Err(GroundError::Node { name: self.nodes[number].name.clone(), what, log: end }.into());
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    fn data(&self, node: usize) -> PathBuf {
        self.home.path().join(format!("node-{}", node + 1))
    }

    fn log(&self, node: usize) -> PathBuf {
        self.home.path().join(format!("node-{}.log", node + 1))
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        self.nodes.iter_mut().for_each(|node| kill(node.child.take()));
    }
}

impl Home {
    fn make(keep: Option<PathBuf>) -> Result<Self, GroundError> {
        let failed = |path: PathBuf| |source| GroundError::File { path, source };
        let Some(path) = keep else {
            let made = tempfile::Builder::new().prefix("koinon-demo-").tempdir();
            return made.map(Self::Temporary).map_err(failed(std::env::temp_dir()));
        };
        match std::fs::create_dir(&path) {
            Ok(()) => Ok(Self::Kept(path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(GroundError::Exists(path)),
            Err(error) => Err(failed(path)(error)),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Temporary(directory) => directory.path(),
            Self::Kept(path) => path,
        }
    }
}

/// Ports of this machine that nobody listens on.
struct Ports {
    next: u16,
}

impl Ports {
    fn from(port: Option<u16>) -> Self {
        Self { next: port.unwrap_or(USUAL) }
    }

    fn next(&mut self) -> Result<u16, GroundError> {
        loop {
            let port = self.next;
            self.next = port.checked_add(1).ok_or_else(|| GroundError::Port(io::ErrorKind::AddrInUse.into()))?;
            match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
                Ok(_) => return Ok(port),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(GroundError::Port(error)),
            }
        }
    }
}

fn interrupt(child: Option<&Child>) {
    let pid = child.and_then(|child| i32::try_from(child.id()).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended by itself.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
}

fn kill(child: Option<Child>) {
    if let Some(mut child) = child {
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
}
