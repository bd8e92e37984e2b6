//! A whole node without a network: engine, store, index and the real router, filled by organisations with keys of their own.

use axum::Router;
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::json::Document;
use koinon_protocol::key::Signer;
use koinon_protocol::kind::Kind;
use koinon_protocol::ledger::Ledger;
use koinon_protocol::log::{ForkProof, Head};
use koinon_protocol::record::{Draft, Sealed};
use koinon_protocol::replica::{Keeper, Submission};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::act::Said;
use koinon_protocol::trust::attestation::Mandate;
use koinon_protocol::trust::{Charter, Localised, Place, Succession, Trust, succession};
use koinon_tests::author::{self, Author, Record, attestation_of, english};
use koinond::clock;
use koinond::engine::{Desk, Handle, Signatures};
use koinond::hidden::{List, Why};
use koinond::index::follow;
use koinond::net::Link;
use koinond::reader::Reader;
use koinond::store::{Options, Store};
use koinond::web::{State, router};
use koinond::witness::Sightings;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

const OPTIONS: Options = Options { segment: 1 << 20, ballast: 0 };
const SALT: [u8; 32] = [5; 32];
/// Longer than any machine takes; a test that waits for more says what it waits for.
const PATIENCE: Duration = Duration::from_secs(120);
pub(crate) const DAY: u64 = 24 * 60 * 60 * 1000;

/// A node on a directory that outlives it.
pub(crate) struct House {
    network: NetworkId,
    node: Option<Node>,
    links: watch::Sender<Vec<Link>>,
    hidden: watch::Sender<Arc<List>>,
    keys: u32,
    carriers: u32,
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
        let network = founding().id().into();
        let node = Some(Node::start(directory.path()));
        let (links, hidden) = (watch::channel(Vec::new()).0, watch::channel(Arc::default()).0);
        let mut house = Self { network, node, links, hidden, keys: 0, carriers: 0, size: 0, directory };
        let founder = house.begin(english("Riverland Association"), "RO");
        house.take(&founder.inception).await;
        (house, founder)
    }

    /// An organisation for which `voucher` vouches; it may vouch in its turn if `vouch` says so.
    pub(crate) async fn join(&mut self, voucher: &mut Author, names: Localised, country: &str, vouch: bool) -> Author {
        let joined = self.begin(names, country);
        let scope: &[&str] = if vouch { &["publish", "vouch"] } else { &["publish"] };
        let now = clock::now();
        let said = attestation_of(scope, u8::from(vouch), Millis(now.0 - DAY), now.plus(400 * DAY));
        voucher.place.now = now;
        self.take(&voucher.attest(joined.id(), &said)).await;
        self.take(&joined.inception).await;
        joined
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
        let draft = Draft { territory: values.territory, topic: values.topic, ..now(author).draft(kind.number, subject) };
        self.submit(author, draft, bytes).await
    }

    /// Publishes bytes of any kind, whatever they say: replication takes what the API would refuse.
    pub(crate) async fn publish_raw(&mut self, author: &mut Author, kind: u16, bytes: &[u8]) -> RecordId {
        self.publish_about(author, kind, RecordId::ZERO, bytes).await
    }

    /// As [`House::publish_raw`], about a record.
    pub(crate) async fn publish_about(&mut self, author: &mut Author, kind: u16, subject: RecordId, bytes: &[u8]) -> RecordId {
        let draft = now(author).draft(kind, subject);
        self.submit(author, draft, bytes.to_vec()).await
    }

    /// Keeps the evidence that the author signed another record for the place of its last one, as a thief of its key would.
    pub(crate) fn contradict(&mut self, author: &Author, before: Option<Head>, kept: RecordId) {
        let draft = Place { head: before, ..author.place }.draft(34, RecordId::ZERO);
        let other = author.beside(draft, Sealed { salt: SALT, bytes: b"{}".to_vec() }).record;
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
        while node.handle.trust().organisations().count() < self.keys as usize {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        router(State {
            reader: node.reader.clone().hiding(self.hidden.subscribe()),
            engine: node.handle.clone(),
            links: self.links.subscribe(),
            receipts: koinond::receipts::Handle::none(),
            name: "Riverland <1>".into(),
            sightings: Sightings::default(),
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

    fn begin(&mut self, names: Localised, country: &str) -> Author {
        self.keys += 1;
        Author::named(self.network, self.keys, names, country, clock::now())
    }

    /// Publishes an act of an organisation, or of none an amendment, that these keys signed.
    pub(crate) async fn decide<T: Said>(&mut self, author: Option<&Author>, said: &T, signers: &[Signer]) -> RecordId {
        self.decide_about(author, RecordId::ZERO, said, signers).await
    }

    /// The same, about another organisation.
    pub(crate) async fn decide_about<T: Said>(
        &mut self,
        author: Option<&Author>,
        about: RecordId,
        said: &T,
        signers: &[Signer],
    ) -> RecordId {
        self.carriers += 1;
        let carrier = author::carrier(self.carriers);
        let organisation = author.map_or(OrganisationId::ZERO, Author::id);
        let record = author::act(self.network, organisation, &carrier, about, said, signers, clock::now());
        self.take(&record).await;
        record.id()
    }

    /// Agrees to a closing.
    pub(crate) async fn agree(&mut self, author: &mut Author, closing: RecordId) -> RecordId {
        let said = Succession { ground: "Agreed".into(), mandate: mandate() };
        let (draft, sealed) = succession::draft(now(author), closing, &said, SALT);
        self.submit(author, draft, sealed.bytes).await
    }

    /// The key event whose roots act for an organisation.
    pub(crate) fn event(&self, id: OrganisationId) -> RecordId {
        self.node.as_ref().unwrap().handle.trust().organisation(id).unwrap().event
    }

    async fn submit(&mut self, author: &mut Author, draft: Draft, bytes: Vec<u8>) -> RecordId {
        let record = author.sign(draft, Sealed { salt: SALT, bytes });
        self.take(&record).await;
        record.id()
    }

    async fn take(&mut self, record: &Record) {
        let submission = Submission::open(*record.record.signed(), record.body.sealed().clone(), self.network).unwrap();
        let receipt = self.node.as_ref().unwrap().handle.submit(submission).await.unwrap();
        self.size = receipt.position + 1;
    }
}

/// Where the author's next record stands when it is written now.
fn now(author: &mut Author) -> &Place {
    author.place.now = clock::now();
    &author.place
}

impl Node {
    fn start(directory: &Path) -> Self {
        let charter = founding();
        let trust = Trust::found(&charter.record, &charter.body).unwrap();
        let network = trust.network();
        let store = Store::open(directory, network, OPTIONS).unwrap();
        let (follower, reader) = follow(directory, &store).unwrap();
        let forks = store.forks().to_vec();
        let (effects, mut unheard) = mpsc::channel(64);
        let keeper = Keeper::open(store, Signatures::new(network), trust, &forks).unwrap();
        let (desk, ends) = Desk::new(keeper, follower, effects, 1).unwrap();
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

fn founding() -> Record {
    let terms = Charter {
        name: english("Riverland Exchange"),
        purpose: english("Local governments learn from each other what works, what it takes, and what does not."),
        admission: english("Local governments and their associations."),
        witnesses: english("None yet."),
        depth: 4,
        ..author::terms(&[(1, english("Riverland Association"))])
    };
    author::charter(&terms, 1, Millis(1_700_000_000_000))
}

/// The decision behind every act.
pub(crate) fn mandate() -> Mandate {
    Mandate { resolution: "7/2026".into(), date: "2026-10-02".into(), attachment: None }
}

/// The charter of the network.
pub(crate) fn charter_of() -> Charter {
    Charter::read(founding().body.bytes()).unwrap()
}

/// A name in one language.
pub(crate) fn name(language: &str, text: &str) -> Localised {
    Localised::from([(language.to_owned(), text.to_owned())])
}
