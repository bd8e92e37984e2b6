//! A node that signs and witnesses, and a log that can do what a node does not.

use crate::house::House;
use axum::Router;
use koinon_protocol::checkpoint::{
    AddCheckpoint, Checkpoint, EvidenceError, LogKey, LogSigner, Note, Prefix, Published, SplitView,
};
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::{Tree, consistency, root_at};
use koinon_protocol::key::Signer;
use koinond::serve::{self, Guards};
use koinond::witness::{self, Followed, Keys, Parts, Settings, Sightings, Witness, WitnessError};
use koinond::{api, tlog, web};
use prometheus_client::registry::Registry;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use ureq::Agent;

/// Between two checkpoints.
pub(crate) const EVERY: Duration = Duration::from_millis(30);

pub(crate) struct Running {
    address: std::net::SocketAddr,
    stop: watch::Sender<bool>,
    runtime: tokio::runtime::Handle,
    tasks: Vec<JoinHandle<()>>,
}

pub(crate) fn listener(house: &House) -> TcpListener {
    house.runtime.as_ref().unwrap().block_on(serve::bind("127.0.0.1:0".parse().unwrap())).unwrap()
}

pub(crate) fn keys(house: &House, data: &Path) -> Keys {
    Keys::load(data, house.founding.network()).unwrap()
}

pub(crate) fn witness(at: &TcpListener, keys: &Keys) -> Witness {
    Witness { url: format!("http://{}", at.local_addr().unwrap()), key: keys.witness.vkey().clone() }
}

fn settings(house: &House, data: &Path, logs: Vec<Followed>, witnesses: Vec<Witness>) -> Settings {
    Settings { data: data.to_owned(), network: house.founding.network(), every: EVERY, rounds: EVERY, logs, witnesses }
}

/// A log whose address nobody named.
pub(crate) fn unaddressed(key: LogKey) -> Followed {
    Followed { key, url: None }
}

pub(crate) fn open(house: &House, data: &Path, logs: Vec<LogKey>) -> Result<Parts, WitnessError> {
    witness::open(
        settings(house, data, logs.into_iter().map(unaddressed).collect(), Vec::new()),
        house.reader.clone(),
        house.handle.clone(),
    )
}

fn pages(house: &House, sightings: Sightings) -> Router {
    let (_, links) = watch::channel(Vec::new());
    let (reader, engine) = (house.reader.clone(), house.handle.clone());
    web::router(web::State {
        reader,
        engine,
        links,
        receipts: koinond::receipts::Handle::none(),
        name: "Test".into(),
        sightings,
        clock: koinond::clock::now,
    })
}

fn resources(house: &House, sightings: Sightings, registry: Registry) -> Router {
    let (_, links) = watch::channel(Vec::new());
    let (reader, handle, charter) = (house.reader.clone(), house.handle.clone(), house.founding.clone());
    api::router(api::State {
        reader,
        handle,
        links,
        receipts: koinond::receipts::Handle::none(),
        charter,
        name: "Test".into(),
        sightings,
        registry: Arc::new(registry),
    })
}

impl Running {
    pub(crate) fn start(house: &House, data: &Path, listener: TcpListener, logs: Vec<LogKey>, witnesses: Vec<Witness>) -> Self {
        Self::linked(house, data, listener, logs.into_iter().map(unaddressed).collect(), witnesses)
    }

    /// One that may know where logs show their trees.
    pub(crate) fn linked(
        house: &House,
        data: &Path,
        listener: TcpListener,
        logs: Vec<Followed>,
        witnesses: Vec<Witness>,
    ) -> Self {
        let parts = witness::open(settings(house, data, logs, witnesses), house.reader.clone(), house.handle.clone()).unwrap();
        let endpoints = tlog::router(tlog::State { reader: house.reader.clone(), shown: parts.shown, post: parts.post });
        let mut registry = Registry::default();
        parts.metrics.register(&mut registry);
        let router = endpoints.merge(pages(house, parts.sightings.clone())).merge(resources(house, parts.sightings, registry));
        let runtime = house.runtime.as_ref().unwrap().handle().clone();
        let (stop, stopped) = watch::channel(false);
        let address = listener.local_addr().unwrap();
        let (log, desk, rounds) = (parts.log, parts.desk, parts.rounds);
        let tasks = vec![
            runtime.spawn({
                let stopped = stopped.clone();
                async move { log.run(stopped).await.unwrap() }
            }),
            runtime.spawn({
                let stopped = stopped.clone();
                async move { rounds.run(stopped).await.unwrap() }
            }),
            runtime.spawn(serve::run_with(listener, router, stopped, Guards::at(address))),
            runtime.spawn_blocking(move || desk.run()),
        ];
        Self { address, stop, runtime, tasks }
    }

    /// Stops it, and waits until all of it has ended.
    pub(crate) fn end(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            self.runtime.block_on(task).unwrap();
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it answers when a log asks for a cosignature.
    pub(crate) fn add(&self, request: &str) -> Answer {
        post(&format!("{}/add-checkpoint", self.url()), request)
    }

    /// The names of the cases that it keeps.
    pub(crate) fn cases(&self) -> Vec<String> {
        get(&format!("{}/evidence", self.url())).text().lines().map(str::to_owned).collect()
    }

    /// A split view that it keeps, as anybody may check it who has the log's key.
    pub(crate) fn proof(&self, case: &str, log: &LogKey) -> Result<SplitView, EvidenceError> {
        let file = |file: &str| get(&format!("{}/evidence/{case}/{file}", self.url()));
        let prefix = file("prefix");
        let prefix = (prefix.status == 200).then(|| prefix.text());
        SplitView::read(&file("first.note").bytes, &file("second.note").bytes, prefix.as_deref(), log)
    }

    /// The logs that its status names, and whether each is its own.
    pub(crate) fn split_views(&self) -> Vec<(String, bool)> {
        let status: Value = serde_json::from_slice(&get(&format!("{}/api/v1/status", self.url())).bytes).unwrap();
        let named = status["split_views"].as_array().unwrap().iter();
        named.map(|split| (split["log"].as_str().unwrap().to_owned(), split["own"].as_bool().unwrap())).collect()
    }

    /// The checkpoint that it shows, if any.
    pub(crate) fn checkpoint(&self) -> Option<Note> {
        let answer = get(&format!("{}/checkpoint", self.url()));
        (answer.status == 200).then(|| Note::parse(&answer.bytes).unwrap())
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: ureq::http::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    fn of(mut response: ureq::http::Response<ureq::Body>) -> Self {
        let bytes = response.body_mut().read_to_vec().unwrap();
        Self { status: response.status().as_u16(), headers: response.headers().clone(), bytes }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }
}

fn agent() -> Agent {
    let patience = Some(Duration::from_secs(20));
    Agent::config_builder().http_status_as_error(false).timeout_global(patience).proxy(None).build().into()
}

pub(crate) fn get(url: &str) -> Answer {
    Answer::of(agent().get(url).call().unwrap())
}

pub(crate) fn post(url: &str, body: &str) -> Answer {
    Answer::of(agent().post(url).send(body).unwrap())
}

/// A log whose owner signs whatever he likes.
pub(crate) struct Forger {
    signer: LogSigner,
    tree: Tree,
}

impl Forger {
    pub(crate) fn new(seed: u8, leaves: impl IntoIterator<Item = u8>) -> Self {
        Self::named(seed, "forger.example/log", leaves)
    }

    pub(crate) fn named(seed: u8, name: &str, leaves: impl IntoIterator<Item = u8>) -> Self {
        let mut tree = Tree::default();
        leaves.into_iter().for_each(|byte| tree.push(&RecordId([byte; 32])));
        Self { signer: LogSigner::new(name.parse().unwrap(), Signer::from_seed(&[seed; 32])).unwrap(), tree }
    }

    /// One with a node's key.
    pub(crate) fn with_key(signer: LogSigner, leaves: impl IntoIterator<Item = u8>) -> Self {
        Self { signer, ..Self::new(0, leaves) }
    }

    /// How a witness names a log.
    pub(crate) fn hash(origin: &str) -> String {
        RecordId(Sha256::digest(origin).into()).to_string()
    }

    pub(crate) fn key(&self) -> LogKey {
        self.signer.vkey().clone()
    }

    pub(crate) fn published(&self, size: u64) -> Published {
        let root = root_at(size, |level, index| self.tree.node(level, index)).unwrap();
        let origin = self.signer.vkey().name().to_string();
        Published::open(Checkpoint { origin, size, root }.sign(&self.signer), self.signer.vkey()).unwrap()
    }

    pub(crate) fn open(&self, note: &[u8]) -> Published {
        Published::open(Note::parse(note).unwrap(), self.signer.vkey()).unwrap()
    }

    /// With what the tree of `new` leaves began when it had `old`.
    pub(crate) fn prefix(&self, old: u64, new: u64) -> Prefix {
        let path = consistency(old, new, |level, index| self.tree.node(level, index)).unwrap();
        Prefix { root: self.published(old).checkpoint().root, path }
    }

    /// The tiles of hashes of the tree of `size` leaves, at most 65,536, as a log names them; of those in part only the largest.
    pub(crate) fn tiles(&self, size: u64) -> Vec<(String, Vec<u8>)> {
        let level = |level: u8| {
            let nodes = size >> (8 * level);
            (0..nodes.div_ceil(256)).map(move |index| {
                let width = (nodes - 256 * index).min(256);
                let part = if width < 256 { format!(".p/{width}") } else { String::new() };
                let hashes = (256 * index..256 * index + width).flat_map(|index| self.tree.node(8 * level, index).unwrap());
                (format!("{level}/{index:03}{part}"), hashes.collect())
            })
        };
        level(0).chain(level(1)).chain(level(2)).collect()
    }

    /// The body of a request, with the proof where there is one.
    pub(crate) fn request(&self, old: u64, size: u64) -> String {
        let proof = consistency(old, size, |level, index| self.tree.node(level, index)).unwrap_or_default();
        AddCheckpoint { old, proof, note: self.published(size).note().clone() }.to_string()
    }
}
