//! A whole node without a network: engine, store, index and the real router, filled by organisations with keys of their own.

use axum::Router;
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::json::Document;
use koinon_protocol::key::Signer;
use koinon_protocol::kind::Kind;
use koinon_protocol::ledger::Ledger;
use koinon_protocol::log::{ForkProof, Head};
use koinon_protocol::record::{Body, Draft, Sealed, Verified};
use koinon_protocol::replica::Keeper;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::charter::{self, Charter, Founder, Thresholds};
use koinon_protocol::trust::inception::{self, Guardians, Inception};
use koinon_protocol::trust::{Localised, Place, Trust, attestation};
use koinond::clock;
use koinond::engine::{Cores, Desk, Handle};
use koinond::hidden::{List, Why};
use koinond::index::follow;
use koinond::net::Link;
use koinond::reader::Reader;
use koinond::store::{Options, Store};
use koinond::web::{State, router};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

const OPTIONS: Options = Options { segment: 1 << 20, ballast: 0 };
const SALT: [u8; 32] = [5; 32];
/// Longer than any machine takes; a test that waits for more says what it waits for.
const PATIENCE: Duration = Duration::from_secs(120);
const DAY: u64 = 24 * 60 * 60 * 1000;

/// An organisation with its key and the head of its log.
pub(crate) struct Author {
    pub(crate) id: OrganisationId,
    signer: Signer,
    pub(crate) head: Option<Head>,
}

/// A node on a directory that outlives it.
pub(crate) struct House {
    network: NetworkId,
    node: Option<Node>,
    links: watch::Sender<Vec<Link>>,
    hidden: watch::Sender<Arc<List>>,
    keys: u8,
    size: u64,
    directory: tempfile::TempDir,
}

/// What runs.
struct Node {
    handle: Handle,
    reader: Reader,
    stop: watch::Sender<bool>,
    engine: std::thread::JoinHandle<()>,
}

impl House {
    /// A network of one founder, and its first node.
    pub(crate) async fn found() -> (Self, Author) {
        let directory = tempfile::tempdir().unwrap();
        let founder = Signer::from_seed(&[1; 32]);
        let network = founding().0.id().into();
        let node = Some(Node::start(directory.path()));
        let mut house = Self {
            network,
            node,
            links: watch::channel(Vec::new()).0,
            hidden: watch::channel(Arc::default()).0,
            keys: 1,
            size: 0,
            directory,
        };
        let founder = house.begin(founder, name("en", "Riverland Association"), "RO").await;
        (house, founder)
    }

    /// An organisation for which `voucher` vouches; it may vouch in its turn if `vouch` says so.
    pub(crate) async fn join(&mut self, voucher: &mut Author, names: Localised, country: &str, vouch: bool) -> Author {
        self.keys += 1;
        let signer = Signer::from_seed(&[self.keys; 32]);
        let (record, body) = self.inception(&signer, names, country);
        let said = attestation::Attestation {
            scope: if vouch { vec!["publish".into(), "vouch".into()] } else { vec!["publish".into()] },
            depth: u8::from(vouch),
            from: Millis(clock::now().0 - DAY),
            until: Millis(clock::now().0 + 400 * DAY),
            evidence: "The register of local governments.".into(),
            mandate: attestation::Mandate { resolution: "12/2026".into(), date: "2026-02-01".into(), attachment: None },
        };
        let (draft, sealed) = attestation::draft(&self.place(voucher), record.id().into(), &said, SALT);
        self.submit(voucher, draft, sealed).await;
        self.take(&record, &body).await;
        Author { id: record.id().into(), signer, head: None }
    }

    /// Publishes a body that its kind allows.
    pub(crate) async fn publish(&mut self, author: &mut Author, kind: &str, body: &Value) -> RecordId {
        self.revise(author, kind, body, RecordId::ZERO).await
    }

    /// Publishes a body about `subject`, unless the body itself says what it is about.
    pub(crate) async fn revise(&mut self, author: &mut Author, kind: &str, body: &Value, subject: RecordId) -> RecordId {
        let kind = Kind::by_name(kind).unwrap();
        let bytes = body.to_string().into_bytes();
        let document = Document::parse(&bytes).unwrap();
        kind.check(&document).unwrap_or_else(|problems| panic!("{}: {problems:?}", kind.name));
        let values = kind.header_values(&document);
        let subject = if values.subject.is_zero() { subject } else { values.subject };
        let draft = Draft { territory: values.territory, topic: values.topic, ..self.place(author).draft(kind.number, subject) };
        self.submit(author, draft, Sealed { salt: SALT, bytes }).await
    }

    /// Publishes bytes of any kind, whatever they say: replication takes what the API would refuse.
    pub(crate) async fn publish_raw(&mut self, author: &mut Author, kind: u16, bytes: &[u8]) -> RecordId {
        self.publish_about(author, kind, RecordId::ZERO, bytes).await
    }

    /// As [`House::publish_raw`], about a record.
    pub(crate) async fn publish_about(&mut self, author: &mut Author, kind: u16, subject: RecordId, bytes: &[u8]) -> RecordId {
        let draft = self.place(author).draft(kind, subject);
        self.submit(author, draft, Sealed { salt: SALT, bytes: bytes.to_vec() }).await
    }

    /// Keeps the evidence that the author signed another record for the place of its last one, as a thief of its key would.
    pub(crate) fn contradict(&mut self, author: &Author, before: Option<Head>, kept: RecordId) {
        let draft = Place { head: before, ..self.place(author) }.draft(34, RecordId::ZERO);
        let (other, _) = draft.sign(&author.signer, Sealed { salt: SALT, bytes: b"{}".to_vec() }).unwrap();
        self.node.take().unwrap().end();
        let mut store = Store::open(self.directory.path(), self.network, OPTIONS).unwrap();
        let place = store.find(&kept).unwrap().unwrap();
        let kept = Ledger::entry(&store, place).unwrap().signed.verify(self.network).unwrap();
        store.freeze(&ForkProof::new(kept, other).unwrap()).unwrap();
        store.sync().unwrap();
        drop(store);
        self.node = Some(Node::start(self.directory.path()));
    }

    /// Erases the body of a record, for good.
    pub(crate) fn erase(&mut self, id: RecordId) {
        self.node.take().unwrap().end();
        let mut store = Store::open(self.directory.path(), self.network, OPTIONS).unwrap();
        let place = store.find(&id).unwrap().unwrap();
        store.erase_body(place).unwrap();
        drop(store);
        self.node = Some(Node::start(self.directory.path()));
    }

    /// Waits until everything can be read and `found` records can be found, and gives the pages.
    pub(crate) async fn open(&self, found: usize) -> Router {
        self.open_at(found, clock::now).await
    }

    /// The same at another time.
    pub(crate) async fn open_at(&self, found: usize, clock: fn() -> Millis) -> Router {
        let size = self.size;
        let everything = koinond::search::Question { limit: 1, ..Default::default() };
        let node = self.node.as_ref().unwrap();
        let total = || node.reader.search(&everything).unwrap().total;
        let until = Instant::now() + PATIENCE;
        while node.reader.size() < size || total() < found {
            assert!(Instant::now() < until, "{} of {size} readable, {} of {found} found", node.reader.size(), total());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        while node.handle.trust().organisations().count() < usize::from(self.keys) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        router(State {
            reader: node.reader.clone().hiding(self.hidden.subscribe()),
            engine: node.handle.clone(),
            links: self.links.subscribe(),
            receipts: koinond::receipts::Handle::none(),
            name: "Riverland <1>".into(),
            clock,
        })
    }

    /// Hides a record, as the operator would.
    pub(crate) fn hide(&self, id: RecordId, ground: &str) {
        let why = Why { ground: ground.to_owned(), since: clock::now() };
        self.hidden.send_replace(Arc::new([(id, why)].into()));
    }

    /// Says who is connected.
    pub(crate) fn connected(&self, links: Vec<Link>) {
        self.links.send_replace(links);
    }

    /// The network.
    pub(crate) fn network(&self) -> NetworkId {
        self.network
    }

    async fn begin(&mut self, signer: Signer, names: Localised, country: &str) -> Author {
        let (record, body) = self.inception(&signer, names, country);
        self.take(&record, &body).await;
        Author { id: record.id().into(), signer, head: None }
    }

    fn inception(&self, signer: &Signer, name: Localised, country: &str) -> (Verified, Body) {
        let root = Signer::from_seed(&[self.keys + 100; 32]);
        let roots = vec![root.public()];
        let inception = Inception {
            name,
            country: country.to_owned(),
            threshold: 1,
            next_roots: inception::roots_digest(1, &roots),
            guardians: Guardians::default(),
            consents: vec![inception::consent(&root, self.network, signer.public(), 1, &roots)],
            roots,
        };
        let (draft, sealed) = inception::draft(self.network, &inception, clock::now(), SALT);
        draft.sign(signer, sealed).unwrap()
    }

    fn place(&self, author: &Author) -> Place {
        Place { network: self.network, organisation: author.id, head: author.head, now: clock::now() }
    }

    async fn submit(&mut self, author: &mut Author, draft: Draft, sealed: Sealed) -> RecordId {
        let (record, body) = draft.sign(&author.signer, sealed).unwrap();
        self.take(&record, &body).await;
        author.head = Some(Head::from(&record));
        record.id()
    }

    async fn take(&mut self, record: &Verified, body: &Body) {
        let receipt = self.node.as_ref().unwrap().handle.submit(*record.signed(), body.sealed().clone()).await.unwrap();
        self.size = receipt.position + 1;
    }
}

impl Node {
    fn start(directory: &Path) -> Self {
        let (record, body) = founding();
        let trust = Trust::found(&record, &body).unwrap();
        let network = trust.network();
        let store = Store::open(directory, network, OPTIONS).unwrap();
        let (follower, reader) = follow(directory, &store).unwrap();
        let forks = store.forks().to_vec();
        let (effects, mut unheard) = mpsc::channel(64);
        let keeper = Keeper::open(store, Cores::new(network), trust, &forks).unwrap();
        let (desk, ends) = Desk::new(keeper, follower, effects, 1);
        tokio::spawn(async move { while unheard.recv().await.is_some() {} });
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Handle::current();
        let engine = std::thread::spawn(move || desk.run(&runtime, &stopped).unwrap());
        Self { handle: ends.handle, reader, stop, engine }
    }

    fn end(self) {
        self.stop.send_replace(true);
        self.engine.join().unwrap();
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(node) = &self.node {
            node.stop.send_replace(true);
        }
    }
}

fn founding() -> (Verified, Body) {
    let founder = Signer::from_seed(&[1; 32]);
    let charter = Charter {
        name: name("en", "Riverland Exchange"),
        purpose: name("en", "Local governments learn from each other what works, what it takes, and what does not."),
        founders: vec![Founder { name: name("en", "Riverland Association"), country: "RO".into(), key: founder.public() }],
        thresholds: Thresholds { amendment: 1 },
        admission: name("en", "Local governments and their associations."),
        licence: "CC-BY-4.0".into(),
        witnesses: name("en", "None yet."),
        depth: 4,
        kinds: (32..39).collect(),
        minimum_version: None,
    };
    let (draft, sealed) = charter::draft(&charter, Millis(1_700_000_000_000), SALT);
    draft.sign(&founder, sealed).unwrap()
}

/// A name in one language.
pub(crate) fn name(language: &str, text: &str) -> Localised {
    Localised::from([(language.to_owned(), text.to_owned())])
}
