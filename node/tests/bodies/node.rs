//! A whole node without a network, and a wire between two.

use crate::author::founding;
use koinon_protocol::id::RecordId;
use koinon_protocol::record::{Body, Verified};
use koinon_protocol::replica::{Effect, Input, Keeper, Peer, Submission};
use koinon_protocol::trust::Trust;
use koinond::engine::{Desk, Handle, Message, Signatures};
use koinond::index::follow;
use koinond::reader::Reader;
use koinond::store::{Options, Store};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Longer than any machine takes, and the deadline that is documented for an erasure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const OPTIONS: Options = Options { segment: 1 << 20, ballast: 0 };
pub(crate) const MARKER: &str = "Zephyrantheswillowmere";

pub(crate) struct Node {
    path: PathBuf,
    pub(crate) handle: Handle,
    pub(crate) reader: Reader,
    pub(crate) messages: mpsc::Sender<Message>,
    pub(crate) effects: Option<mpsc::Receiver<Effect>>,
    stop: watch::Sender<bool>,
    engine: JoinHandle<()>,
}

impl Node {
    pub(crate) fn start(path: &Path) -> Self {
        let (record, body) = founding();
        let trust = Trust::found(&record, &body).unwrap();
        let store = Store::open(path, trust.network(), OPTIONS).unwrap();
        let (follower, reader) = follow(path, &store).unwrap();
        let (sender, effects) = mpsc::channel(64);
        let keeper = Keeper::open(store, Signatures::new(trust.network()), trust, &[]).unwrap();
        let (desk, ends) = Desk::new(keeper, follower, sender, 1).unwrap();
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Handle::current();
        let engine = std::thread::spawn(move || desk.run(&runtime, &stopped).unwrap());
        let (handle, messages) = (ends.handle, ends.messages);
        Self { path: path.to_owned(), handle, reader, messages, effects: Some(effects), stop, engine }
    }

    pub(crate) async fn take(&self, (record, body): &(Verified, Body)) {
        let submission = Submission::open(*record.signed(), body.sealed().clone(), self.handle.network()).unwrap();
        self.handle.submit(submission).await.unwrap();
    }

    pub(crate) fn body(&self, id: &RecordId) -> Option<Vec<u8>> {
        let position = self.reader.find(id).unwrap()?;
        self.reader.entry(position).unwrap()?.body.map(|sealed| sealed.bytes)
    }

    pub(crate) fn found(&self) -> usize {
        let question = koinond::search::Question { text: MARKER.into(), limit: 10, ..Default::default() };
        self.reader.search(&question).unwrap().total
    }

    /// The files that hold the marker, in any case.
    pub(crate) fn files_with_marker(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        search_in(&self.path, &mut found);
        found
    }

    pub(crate) fn end(self) {
        self.stop.send_replace(true);
        drop(self.messages);
        self.engine.join().unwrap();
    }
}

/// Carries what each says to the other, as the network does.
pub(crate) async fn join(one: &mut Node, other: &mut Node, number: u64) {
    let (peer, here, there) = (Peer(number), one.messages.clone(), other.messages.clone());
    for (from, to) in [(one, there), (other, here)] {
        from.messages.send(Message::Input(Input::Connected(peer))).await.unwrap();
        let mut effects = from.effects.take().unwrap();
        tokio::spawn(async move {
            while let Some(effect) = effects.recv().await {
                let said = match effect {
                    Effect::Ask { call, request, .. } => Input::Request { from: peer, call, request },
                    Effect::Answer { call, response, .. } => Input::Response { from: peer, call, response },
                    _ => continue,
                };
                if to.send(Message::Input(said)).await.is_err() {
                    break;
                }
            }
        });
    }
}

pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) fn search_in(directory: &Path, found: &mut Vec<PathBuf>) {
    let small = MARKER.to_lowercase();
    for entry in fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            search_in(&path, found);
        } else if let Ok(bytes) = fs::read(&path)
            && bytes.to_ascii_lowercase().windows(small.len()).any(|window| window == small.as_bytes())
        {
            found.push(path);
        }
    }
}
