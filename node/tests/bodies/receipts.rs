//! On how many nodes a text is gone, by their signed word: nodes with real sockets.

use crate::author::{Author, network};
use crate::node::{MARKER, Node, eventually};
use koinon_protocol::id::RecordId;
use koinon_protocol::key::Signer;
use koinon_protocol::receipt::Count;
use koinond::net::{self, Keypair, Limits, Settings, Wires, bind};
use koinond::receipts::{self, Handle};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use tokio::sync::watch;
use tokio::task::JoinHandle as Task;

struct Networked {
    node: Node,
    receipts: Handle,
    address: String,
    stop: watch::Sender<bool>,
    network: Task<()>,
    desk: JoinHandle<()>,
}

impl Networked {
    /// A node on a data directory, which dials these peers.
    async fn start(data: &Path, key: &Keypair, peers: Vec<String>) -> Self {
        let mut node = Node::start(&store(data));
        let (links, linked) = watch::channel(Vec::new());
        let (stop, stopped) = watch::channel(false);
        let signer = net::signer(key).unwrap();
        let (desk, receipts, line) = receipts::open(data, signer, node.reader.clone(), node.handle.clone(), linked).unwrap();
        let listen = vec!["/ip4/127.0.0.1/tcp/0".to_owned()];
        let settings = Settings { network: network(), listen, peers, mdns: false, limits: Limits::default() };
        let bound = bind(&settings, key.clone(), None).unwrap();
        let mut addresses = bound.addresses();
        let (messages, effects) = (node.messages.clone(), node.effects.take().unwrap());
        let wires = Wires { messages, effects, links, receipts: line, stop: stopped.clone() };
        let network = tokio::spawn(async move { bound.run(wires).await.unwrap() });
        let runtime = tokio::runtime::Handle::current();
        let desk = std::thread::spawn(move || desk.run(&runtime, &stopped));
        let address = addresses.wait_for(|known| !known.is_empty()).await.unwrap()[0].clone();
        Self { node, receipts, address, stop, network, desk }
    }

    /// How many nodes say that the text is gone, and which do not.
    async fn count(&self, record: RecordId) -> (usize, Vec<String>) {
        let Count { erased, silent } = self.whole_count(record).await;
        (erased.len(), silent.into_iter().map(|key| net::peer_id(key).unwrap().to_string()).collect())
    }

    async fn whole_count(&self, record: RecordId) -> Count {
        let receipts = self.receipts.clone();
        tokio::task::spawn_blocking(move || receipts.count(record).unwrap()).await.unwrap()
    }

    async fn counts(&self, what: &str, record: RecordId, expected: (usize, &[String])) {
        let until = std::time::Instant::now() + crate::node::PATIENCE;
        loop {
            let found = self.count(record).await;
            if (found.0, found.1.as_slice()) == expected {
                return;
            }
            assert!(std::time::Instant::now() < until, "{what}: {found:?} and not {expected:?}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    async fn end(self) {
        self.stop.send_replace(true);
        self.network.await.unwrap();
        self.desk.join().unwrap();
        self.node.end();
    }
}

fn store(data: &Path) -> PathBuf {
    data.join("store")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_node_that_erased_a_text_says_so_and_the_silent_one_is_named() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let keys = [(); 3].map(|()| Keypair::generate_ed25519());
    let third = keys[2].public().to_peer_id().to_string();
    let mut author = Author::of(Signer::from_seed(&[1; 32]));
    let marked = author.need(&format!("Call {MARKER} at home"));
    let id = marked.0.id();
    // A line of three: what the first and the third say of each other goes through the second.
    let second = Networked::start(folders[1].path(), &keys[1], vec![]).await;
    let first = Networked::start(folders[0].path(), &keys[0], vec![second.address.clone()]).await;
    let last = Networked::start(folders[2].path(), &keys[2], vec![second.address.clone()]).await;
    first.node.take(&author.inception).await;
    first.node.take(&marked).await;
    eventually("the text is everywhere", || [&first, &second, &last].iter().all(|each| each.node.found() == 1)).await;
    first.counts("all three are known and none has said anything", id, (0, &known(&keys))).await;
    last.end().await;

    first.node.take(&author.erasure(id)).await;
    first.counts("two say that it is gone", id, (2, std::slice::from_ref(&third))).await;
    assert!(first.node.files_with_marker().is_empty(), "a node says so only when its files are clean");
    for receipt in first.whole_count(id).await.erased {
        assert!(receipt.verify(network()).is_ok() && receipt.record == id);
    }

    // The third comes back with the text, and forgets it as well.
    let last = Networked::start(folders[2].path(), &keys[2], vec![second.address.clone()]).await;
    first.counts("all three say so", id, (3, &[])).await;
    last.counts("and all three know it", id, (3, &[])).await;
    assert!(last.node.files_with_marker().is_empty() && second.node.files_with_marker().is_empty());
    second.end().await;
    last.end().await;
    first.end().await;

    let alone = Networked::start(folders[0].path(), &keys[0], vec![]).await;
    let kept = alone.whole_count(id).await;
    assert_eq!(kept.erased.len(), 3, "what was said outlives a restart");
    alone.end().await;
}

fn known(keys: &[Keypair]) -> Vec<String> {
    let mut keys: Vec<_> = keys.iter().map(|key| net::signer(key).unwrap().public()).collect();
    keys.sort();
    keys.into_iter().map(|key| net::peer_id(key).unwrap().to_string()).collect()
}
