//! Nodes as processes of their own.

use koinon_protocol::id::RecordId;
use koinond::charter::Founding;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use ureq::Agent;

/// How often something is tried again.
const AGAIN: Duration = Duration::from_millis(20);

/// Some nodes of one network, each with a directory and ports that stay its own.
pub(crate) struct Nodes {
    home: TempDir,
    ports: Vec<(u16, u16)>,
    children: Vec<Mutex<Option<Child>>>,
    agent: Agent,
}

impl Nodes {
    pub(crate) fn prepare(count: usize, charter: &[u8]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let founding = Founding::decode(charter).unwrap();
        (0..count).for_each(|node| founding.install(&home.path().join(node.to_string())).unwrap());
        let held: Vec<TcpListener> = (0..2 * count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).collect();
        let ports: Vec<u16> = held.iter().map(|port| port.local_addr().unwrap().port()).collect();
        let config =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(10))).proxy(None);
        Self {
            home,
            ports: ports.chunks(2).map(|pair| (pair[0], pair[1])).collect(),
            children: (0..count).map(|_| Mutex::new(None)).collect(),
            agent: config.build().new_agent(),
        }
    }

    /// Begins a node and does not wait for it.
    pub(crate) fn start(&self, node: usize) {
        let (http, link) = self.ports[node];
        let others = self.ports.iter().enumerate().filter(|(other, _)| *other != node);
        let peers: Vec<String> = others.map(|(_, (_, link))| format!("/ip4/127.0.0.1/tcp/{link}")).collect();
        let child = Command::new(env!("CARGO_BIN_EXE_koinond"))
            .arg("run")
            .arg("--data")
            .arg(self.home.path().join(node.to_string()))
            .args(["--http", &format!("127.0.0.1:{http}")])
            .args(["--listen", &format!("/ip4/127.0.0.1/tcp/{link}")])
            .args(["--peers", &peers.join(",")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(self.log(node))
            .spawn()
            .unwrap();
        *self.children[node].lock().unwrap() = Some(child);
    }

    /// Kills a node with -9. It must not have ended by itself.
    pub(crate) fn kill(&self, node: usize) {
        let mut child = self.children[node].lock().unwrap().take().unwrap();
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "node {node} ended by itself: {ended:?}\n{}", self.last_words(node));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Whether the node acknowledges the record. A refusal ends the test: what it is given is right.
    pub(crate) fn publish(&self, node: usize, file: &[u8]) -> bool {
        let request = self.agent.post(self.url(node, "records")).header("Content-Type", "application/octet-stream");
        let Ok(mut response) = request.send(file) else { return false };
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().unwrap_or_default();
        assert!(matches!(status, 200 | 201 | 429 | 503), "node {node} refuses ({status}): {text}");
        matches!(status, 200 | 201)
    }

    /// How many records can be read at a node; none while it does not answer.
    pub(crate) fn size(&self, node: usize) -> Option<u64> {
        self.json(node, "status")?["indexed"].as_u64()
    }

    /// All ids of a node's journal.
    pub(crate) fn ids(&self, node: usize) -> BTreeSet<RecordId> {
        let (mut ids, mut from) = (BTreeSet::new(), Some(0));
        while let Some(place) = from {
            let page = self.json(node, &format!("journal/ids?from={place}")).unwrap();
            ids.extend(page["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().parse::<RecordId>().unwrap()));
            from = page["next"].as_u64();
        }
        ids
    }

    pub(crate) fn eventually(&self, what: &str, patience: Duration, mut happens: impl FnMut() -> bool) {
        let start = Instant::now();
        while !happens() {
            let words = || (0..self.ports.len()).map(|node| self.last_words(node)).collect::<String>();
            assert!(start.elapsed() < patience, "not within {patience:?}: {what}\n{}", words());
            std::thread::sleep(AGAIN);
        }
    }

    fn json(&self, node: usize, path: &str) -> Option<serde_json::Value> {
        let mut response = self.agent.get(self.url(node, path)).call().ok().filter(|response| response.status().is_success())?;
        serde_json::from_slice(&response.body_mut().read_to_vec().ok()?).ok()
    }

    fn url(&self, node: usize, path: &str) -> String {
        format!("http://127.0.0.1:{}/api/v1/{path}", self.ports[node].0)
    }

    fn log(&self, node: usize) -> File {
        OpenOptions::new().create(true).append(true).open(self.log_path(node)).unwrap()
    }

    fn last_words(&self, node: usize) -> String {
        let log = std::fs::read_to_string(self.log_path(node)).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(8).collect();
        format!("node {node}: {}\n", lines.into_iter().rev().collect::<Vec<_>>().join("\n        "))
    }

    fn log_path(&self, node: usize) -> PathBuf {
        self.home.path().join(format!("{node}.log"))
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        for child in &self.children {
            if let Ok(Some(mut child)) = child.lock().map(|mut child| child.take()) {
                child.kill().unwrap();
                child.wait().unwrap();
            }
        }
    }
}
