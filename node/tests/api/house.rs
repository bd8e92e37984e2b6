//! A node in a temporary directory.

use koinon_protocol::replica::message::{Parcel, Request, Response};
use koinon_protocol::replica::{Effect, Input, Keeper, Peer};
use koinon_protocol::time::Millis;
use koinon_tests::author::{self, Author, Record, english};
use koinond::api::{self, State};
use koinond::charter::Founding;
use koinond::clock;
use koinond::engine::{Desk, Ends, Handle, Message, Signatures};
use koinond::index::follow;
use koinond::reader::Reader;
use koinond::serve::{self, Guards, Metrics};
use koinond::store::{Options, Store};
use koinond::witness::Sightings;
use prometheus_client::registry::Registry;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use ureq::Agent;

pub(crate) const RECORD: &str = "application/octet-stream";
/// The seed of the founder's keys.
const FOUNDER: u32 = 1;
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
            sightings: Sightings::default(),
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

    /// The founder of the network, with an empty log.
    pub(crate) fn founder(&self) -> Author {
        self.organisation(FOUNDER, "Riverland Association")
    }

    /// An organisation of the network, with an empty log.
    pub(crate) fn organisation(&self, seed: u32, name: &str) -> Author {
        Author::named(self.founding.network(), seed, english(name), "RO", an_hour_ago())
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
        for input in [Input::Connected(from), Input::Pushed { from, record: Parcel { signed, body: None } }] {
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
    let keeper = Keeper::open(store, Signatures::new(founding.network()), founding.trust(), &forks).unwrap();
    let (effects, asked) = mpsc::channel(16);
    let (desk, Ends { handle, messages }) = Desk::new(keeper, follower, effects, 1).unwrap();
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

fn founding() -> Founding {
    let terms = author::terms(&[(FOUNDER, english("Riverland Association"))]);
    Founding::decode(&author::charter(&terms, FOUNDER, Millis(1_700_000_000_000)).file()).unwrap()
}

/// The same moment for all of a test, so that whoever is made twice is the same.
fn an_hour_ago() -> Millis {
    static NOW: OnceLock<Millis> = OnceLock::new();
    *NOW.get_or_init(|| Millis(clock::now().0 - 3_600_000))
}
