//! Rounds among the nodes that the configuration names: what they cosigned is compared, and what they keep against logs is taken over, so that
//! a log which shows one tree here and another there is found, and everybody who knows it hears of it.
//!
//! A round decides nothing by itself: what it finds is a split view, which nobody but the log can make, or a doubt.

use super::comparison::{Comparison, Place};
use super::desk::Post;
use super::errand::{Errand, open};
use super::evidence::{PROOFS, Proven};
use super::http::Http;
use super::metrics::Finder;
use crate::reader::Reader;
use koinon_protocol::checkpoint::{LogKey, Published, origin_hash};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

/// Nodes or logs that are asked at one time: with the bounds of a visit and of a tree, a round of as many as a configuration can name ends within
/// twenty minutes, however slow they are.
const AT_ONCE: usize = 16;

/// A log that is witnessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Its key.
    pub key: LogKey,
    /// Where it shows its tree, if that is known: what stands before `/checkpoint` and `/tile/`.
    pub url: Option<String>,
}

/// This node's own log.
pub(super) struct Own {
    pub(super) key: LogKey,
    pub(super) reader: Reader,
    pub(super) shown: watch::Receiver<Option<Arc<Published>>>,
}

/// Asks the other nodes.
pub struct Rounds {
    own: Own,
    logs: Vec<Followed>,
    nodes: Vec<String>,
    every: Duration,
    post: Post,
    proven: watch::Receiver<Arc<Vec<Proven>>>,
    http: Http,
    /// Rounds that were made.
    number: usize,
}

impl Rounds {
    /// `nodes` are the addresses of those who are visited, each once. The addresses of logs are visited too.
    pub(super) fn new(
        own: Own,
        logs: Vec<Followed>,
        mut nodes: Vec<String>,
        every: Duration,
        post: Post,
        proven: watch::Receiver<Arc<Vec<Proven>>>,
    ) -> Self {
        nodes.extend(logs.iter().filter_map(|log| log.url.clone()));
        nodes.sort();
        nodes.dedup();
        Self { own, logs, nodes, every, post, proven, http: Http::new(), number: 0 }
    }

    /// Makes a round at once and then at most once in the configured time, until `stop` turns true.
    ///
    /// # Errors
    /// A panic, which is a defect of this program.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), JoinError> {
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                made = self.round() => made?,
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                () = tokio::time::sleep(self.every) => {}
            }
        }
    }

    async fn round(&mut self) -> Result<(), JoinError> {
        let errand = Arc::new(self.errand());
        let mut notes = Vec::new();
        for nodes in self.nodes.chunks(AT_ONCE) {
            let mut visits = JoinSet::new();
            for node in nodes {
                let (errand, node) = (errand.clone(), node.clone());
                visits.spawn_blocking(move || errand.run(&node));
            }
            while let Some(visit) = visits.join_next().await {
                let visit = visit?;
                visit.cases.into_iter().for_each(|split| self.post.bring(split, Finder::Elsewhere));
                notes.extend(visit.notes);
            }
        }
        self.number = self.number.wrapping_add(1);
        for logs in errand.logs.chunks(AT_ONCE) {
            let mut compared = JoinSet::new();
            for key in logs {
                let origin = key.name().as_str();
                let of_log = notes.iter().filter(|published: &&Published| published.checkpoint().origin == origin);
                let latest = self.post.latest(origin_hash(origin)).await;
                let latest = latest.and_then(|note| open(note.as_bytes(), key));
                let comparison = self.comparison(key, of_log.cloned().chain(latest).collect());
                compared.spawn_blocking(move || comparison.make());
            }
            while let Some(ended) = compared.join_next().await {
                ended?;
            }
        }
        Ok(())
    }

    /// A log with a proof against it is asked about no more; of one with few, more are taken.
    fn errand(&self) -> Errand {
        let proven = self.proven.borrow().clone();
        let (mut logs, mut room) = (Vec::new(), BTreeMap::new());
        let others = self.logs.iter().map(|log| &log.key).filter(|key| **key != self.own.key);
        for key in others.chain([&self.own.key]) {
            let known = proven.iter().find(|proven| proven.log == *key).map(|proven| proven.cases.clone()).unwrap_or_default();
            if known.is_empty() {
                logs.push(key.clone());
            }
            if known.len() < PROOFS {
                room.insert(format!("{:.16}", origin_hash(key.name().as_str())), (key.clone(), known));
            }
        }
        if !logs.is_empty() {
            let begin = self.number % logs.len();
            logs.rotate_left(begin);
        }
        Errand { http: self.http.clone(), logs, room }
    }

    fn comparison(&self, key: &LogKey, checkpoints: Vec<Published>) -> Comparison {
        let address = || self.logs.iter().find(|log| log.key == *key).and_then(|log| log.url.clone());
        let place = if *key == self.own.key {
            Place::Here(self.own.reader.clone(), self.own.shown.borrow().clone())
        } else {
            address().map_or(Place::Unknown, |url| Place::At(self.http.clone(), url))
        };
        Comparison { key: key.clone(), checkpoints, place, post: self.post.clone() }
    }
}
