//! A node in a temporary directory, and somebody who writes records.

use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::kind::Kind;
use koinon_protocol::log::Head;
use koinon_protocol::record::{Body, Draft, Sealed, Verified};
use koinon_protocol::replica::message::{Parcel, Request, Response};
use koinon_protocol::replica::{Effect, Input, Keeper, Peer};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::attestation::{self, Attestation, Mandate};
use koinon_protocol::trust::charter::{self, Founder, Thresholds};
use koinon_protocol::trust::inception::{self, Inception};
use koinon_protocol::trust::{Charter, Place};
use koinond::api::{self, State};
use koinond::charter::Founding;
use koinond::clock;
use koinond::engine::{Cores, Desk, Ends, Handle, Message};
use koinond::index::follow;
use koinond::reader::Reader;
use koinond::serve::{self, Guards, Metrics};
use koinond::store::{Options, Store};
use prometheus_client::registry::Registry;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use ureq::Agent;

pub(crate) const RECORD: &str = "application/octet-stream";
/// A failing store must end a test, not hang it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A node that serves the API.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) founding: Arc<Founding>,
    pub(crate) handle: Handle,
    pub(crate) reader: Reader,
    pub(crate) hidden: koinond::hidden::Handle,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) runtime: Option<Runtime>,
    pub(crate) data: TempDir,
    links: watch::Sender<Vec<koinond::net::Link>>,
    engine: Option<JoinHandle<()>>,
    messages: mpsc::Sender<Message>,
    peer: Peerage,
    agent: Agent,
}

impl House {
    pub(crate) fn open() -> Self {
        Self::guarded(|_| {})
    }

    pub(crate) fn guarded(change: impl FnOnce(&mut Guards)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let founding = Arc::new(founding());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (stop, stopped) = watch::channel(false);
        let peer = Peerage::default();
        let Engine { handle, reader, messages, thread } = engine(&data, &founding, &runtime, &stopped, peer.clone());
        let (links, links_seen) = watch::channel(Vec::new());
        let (hiding, hidden, list) = koinond::hidden::open(data.path()).unwrap();
        let reader = reader.hiding(list);
        let (blocking, stop_hiding) = (runtime.handle().clone(), stopped.clone());
        std::thread::spawn(move || hiding.run(&blocking, &stop_hiding));
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry);
        let state = State {
            reader: reader.clone(),
            handle: handle.clone(),
            links: links_seen,
            receipts: koinond::receipts::Handle::none(),
            charter: founding.clone(),
            name: "Test".into(),
            registry: Arc::new(registry),
        };
        let router = serve::measured(api::router(state), metrics);
        let listener = runtime.block_on(serve::bind("127.0.0.1:0".parse().unwrap())).unwrap();
        let address = listener.local_addr().unwrap();
        let mut guards = Guards::at(address);
        change(&mut guards);
        runtime.spawn(serve::run_with(listener, router, stopped, guards));
        let agent = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).proxy(None).build().into();
        Self {
            address,
            founding,
            handle,
            reader,
            hidden,
            stop,
            runtime: Some(runtime),
            data,
            links,
            engine: Some(thread),
            messages,
            peer,
            agent,
        }
    }

    pub(crate) fn links(&self) -> watch::Receiver<Vec<koinond::net::Link>> {
        self.links.subscribe()
    }

    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.get(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.call().unwrap())
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let answer = self.get(path, &[]);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    pub(crate) fn post(&self, path: &str, media: &str, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.post(self.url(path)).header("Content-Type", media);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send(body).unwrap())
    }

    pub(crate) fn submit(&self, record: &Record) -> Answer {
        self.post("/api/v1/records", RECORD, &record.file(), &[])
    }

    /// Submits and waits until it can be read.
    pub(crate) fn publish(&self, record: &Record) -> u64 {
        let answer = self.submit(record);
        assert_eq!(answer.status, 201, "{}", answer.text());
        let position = answer.json()["position"].as_u64().unwrap();
        eventually("the record can be read", || self.reader.size() > position);
        position
    }

    /// A peer comes, says that it has a record, and gives it.
    pub(crate) fn hear(&self, record: &Record) {
        let (from, signed) = (Peer(1), *record.record.signed());
        self.peer.lock().unwrap().push(Parcel { signed, body: Some(record.body.sealed().clone()) });
        for input in [Input::Connected(from), Input::Gossip { from, message: 1, headers: vec![signed] }] {
            self.messages.blocking_send(Message::Input(input)).unwrap();
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.engine.take().unwrap().join().unwrap();
        self.runtime.take().unwrap().shutdown_timeout(PATIENCE);
    }
}

struct Engine {
    handle: Handle,
    reader: Reader,
    messages: mpsc::Sender<Message>,
    thread: JoinHandle<()>,
}

fn engine(data: &TempDir, founding: &Founding, runtime: &Runtime, stop: &watch::Receiver<bool>, peer: Peerage) -> Engine {
    let store = Store::open(data.path(), founding.network(), Options { segment: 1 << 20, ballast: 4096 }).unwrap();
    let (follower, reader) = follow(data.path(), &store).unwrap();
    let forks = store.forks().to_vec();
    let keeper = Keeper::open(store, Cores::new(founding.network()), founding.trust(), &forks).unwrap();
    let (effects, asked) = mpsc::channel(16);
    let (desk, Ends { handle, messages }) = Desk::new(keeper, follower, effects, 1);
    runtime.spawn(answer(asked, messages.clone(), peer));
    let (runtime, stop) = (runtime.handle().clone(), stop.clone());
    let thread = std::thread::spawn(move || desk.run(&runtime, &stop).unwrap());
    Engine { handle, reader, messages, thread }
}

/// What the one peer holds.
type Peerage = Arc<Mutex<Vec<Parcel>>>;

/// A peer that gives whatever it holds to whoever asks for records by name.
async fn answer(mut asked: mpsc::Receiver<Effect>, messages: mpsc::Sender<Message>, peer: Peerage) {
    while let Some(effect) = asked.recv().await {
        if let Effect::Ask { to, call, request: Request::Fetch { .. } } = effect {
            let response = Response::Parcels { parcels: peer.lock().unwrap().clone(), unread: 0 };
            let _ = messages.send(Message::Input(Input::Response { from: to, call, response })).await;
        }
    }
}

pub(crate) fn eventually(what: &str, check: impl Fn() -> bool) {
    let began = Instant::now();
    while !check() {
        assert!(began.elapsed() < PATIENCE, "this did not come true: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What a node answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
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
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The detail of a problem that must have this status and code.
    pub(crate) fn problem(&self, status: u16, code: &str) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = self.json();
        let found = (self.status, problem["code"].as_str().unwrap());
        assert_eq!(found, (status, code), "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("urn:koinon:problem:{code}"));
        problem["detail"].as_str().unwrap().to_owned()
    }
}

/// A signed record.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) record: Verified,
    pub(crate) body: Body,
}

impl Record {
    pub(crate) fn id(&self) -> RecordId {
        self.record.id()
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        [&self.record.signed().encode()[..], &self.body.sealed().salt, self.body.bytes()].concat()
    }
}

/// An organisation that writes with one device.
pub(crate) struct Author {
    signer: Signer,
    pub(crate) inception: Record,
    pub(crate) place: Place,
}

const ROOT: [u8; 32] = [101; 32];

impl Author {
    /// The founder of the network.
    pub(crate) fn founder(founding: &Founding) -> Self {
        Self::new(founding, 1, "Riverland Association")
    }

    pub(crate) fn new(founding: &Founding, seed: u8, name: &str) -> Self {
        let signer = Signer::from_seed(&[seed; 32]);
        let root = Signer::from_seed(&ROOT);
        let network = founding.network();
        let roots = vec![root.public()];
        let body = Inception {
            name: name_of(name),
            country: "RO".into(),
            consents: vec![inception::consent(&root, network, signer.public(), 1, &roots)],
            roots,
            threshold: 1,
            next_roots: RecordId([9; 32]),
            guardians: Default::default(),
        };
        static NOW: OnceLock<Millis> = OnceLock::new();
        let now = *NOW.get_or_init(|| Millis(clock::now().0 - 3_600_000));
        let (draft, sealed) = inception::draft(network, &body, now, [seed; 32]);
        let inception = sign(&signer, draft, sealed);
        let organisation = OrganisationId::from(inception.id());
        Self { signer, inception, place: Place { network, organisation, head: None, now } }
    }

    pub(crate) fn id(&self) -> OrganisationId {
        self.place.organisation
    }

    pub(crate) fn device(&self) -> String {
        self.signer.public().to_string()
    }

    /// The next record of the log.
    pub(crate) fn write(&mut self, kind: u16, subject: RecordId, body: &[u8]) -> Record {
        let sealed = Sealed { salt: [7; 32], bytes: body.to_vec() };
        let record = sign(&self.signer, self.place.draft(kind, subject), sealed);
        self.place.head = Some(Head::from(&record.record));
        record
    }

    /// The example of a kind, with another title.
    pub(crate) fn example(&mut self, kind: &str, title: &str) -> Record {
        let kind = Kind::by_name(kind).unwrap();
        self.write(kind.number, RecordId::ZERO, &example(kind, title))
    }

    pub(crate) fn vouch(&mut self, subject: OrganisationId, scope: &[&str]) -> Record {
        let said = Attestation {
            scope: scope.iter().map(|scope| (*scope).to_owned()).collect(),
            depth: 0,
            from: Millis(0),
            until: Millis(clock::now().0 + 86_400_000),
            evidence: "Seen.".into(),
            mandate: Mandate { resolution: "1/2026".into(), date: "2026-01-01".into(), attachment: None },
        };
        let (draft, sealed) = attestation::draft(&self.place, subject, &said, [8; 32]);
        let record = sign(&self.signer, draft, sealed);
        self.place.head = Some(Head::from(&record.record));
        record
    }
}

/// The body of a kind's example, with another title.
pub(crate) fn example(kind: &Kind, title: &str) -> Vec<u8> {
    let mut body: Value = serde_json::from_str(kind.example).unwrap();
    body["title"] = serde_json::json!({ "en": title });
    body.to_string().into_bytes()
}

fn sign(signer: &Signer, draft: Draft, sealed: Sealed) -> Record {
    let (record, body) = draft.sign(signer, sealed).unwrap();
    Record { record, body }
}

fn founding() -> Founding {
    let signer = Signer::from_seed(&[1; 32]);
    let body = Charter {
        name: name_of("Test network"),
        purpose: name_of("Tests"),
        founders: vec![Founder { name: name_of("Riverland Association"), country: "RO".into(), key: signer.public() }],
        thresholds: Thresholds { amendment: 1 },
        admission: name_of("Municipalities"),
        licence: "CC-BY-4.0".into(),
        witnesses: name_of("None"),
        depth: 3,
        kinds: vec![32, 33, 34],
        minimum_version: None,
    };
    let (draft, sealed) = charter::draft(&body, Millis(1_700_000_000_000), [5; 32]);
    let record = sign(&signer, draft, sealed);
    Founding::decode(&record.file()).unwrap()
}

fn name_of(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("en".to_owned(), text.to_owned())])
}
