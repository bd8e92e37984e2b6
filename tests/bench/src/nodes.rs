//! `koinond run`, as processes.

use crate::ground::Ground;
use koinond::run::STORE;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use ureq::Agent;

/// Nobody waits longer for anything.
const PATIENCE: Duration = Duration::from_secs(600);
/// Between two looks.
const LOOK: Duration = Duration::from_micros(500);

/// A node that runs.
pub struct Node {
    child: Child,
    data: PathBuf,
    http: u16,
    link: u16,
    agent: Agent,
}

impl Node {
    /// Starts a node of this network over a data directory.
    pub fn start(program: &Path, ground: &Ground, data: &Path, peers: &[&Node]) -> Self {
        ground.founding.install(data).unwrap();
        let (http, link) = (port(), port());
        let peers: Vec<String> = peers.iter().map(|node| format!("/ip4/127.0.0.1/tcp/{}", node.link)).collect();
        let mut command = Command::new(program);
        command.arg("run").arg("--data").arg(data);
        command.args(["--http", &format!("127.0.0.1:{http}"), "--log", "warn"]);
        command.args(["--listen", &format!("/ip4/127.0.0.1/tcp/{link}")]);
        if !peers.is_empty() {
            command.args(["--peers", &peers.join(",")]);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let config = Agent::config_builder().timeout_global(Some(Duration::from_secs(30))).proxy(None);
        Self { child, data: data.to_owned(), http, link, agent: config.build().new_agent() }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the node answers.
    pub fn ready(&self) {
        wait("the node answers", || self.status().is_some());
    }

    /// What the node says of itself.
    pub fn status(&self) -> Option<Value> {
        let mut answer = self.agent.get(format!("http://127.0.0.1:{}/api/v1/status", self.http)).call().ok()?;
        serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()
    }

    /// How many records can be found by their name.
    pub fn indexed(&self) -> u64 {
        self.status().and_then(|status| status["indexed"].as_u64()).unwrap_or_default()
    }

    /// How many records can be found by their words.
    pub fn searched(&self) -> u64 {
        let answer = self.agent.get(format!("http://127.0.0.1:{}/api/v1/search?limit=1", self.http)).call();
        let text = answer.ok().and_then(|mut answer| answer.body_mut().read_to_string().ok()).unwrap_or_default();
        serde_json::from_str::<Value>(&text).ok().and_then(|answer| answer["total"].as_u64()).unwrap_or_default()
    }

    /// How many records are durable, by the node's own mark on its disk: asking costs the node nothing, and no byte on the wire.
    pub fn durable(&self) -> u64 {
        let mut mark = [0; 12];
        let file = std::fs::File::open(self.data.join(STORE).join("mark"));
        let read = file.and_then(|file| file.read_exact_at(&mut mark, 0));
        read.map_or(0, |()| u64::from_be_bytes(std::array::from_fn(|byte| mark[4 + byte])))
    }

    /// Waits until so many records are durable.
    pub fn holds(&self, records: u64) {
        wait("records arrive", || self.durable() >= records);
    }

    /// Publishes a record file.
    pub fn publish(&self, file: &[u8]) {
        let url = format!("http://127.0.0.1:{}/api/v1/records", self.http);
        self.agent.post(url).header("Content-Type", "application/octet-stream").send(file).unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.child.id() as i32), Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

/// Waits until something is so.
pub fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(LOOK);
    }
}

/// A port that nobody has; nobody else is in the namespace.
pub fn port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}
