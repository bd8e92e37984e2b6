//! Bodies come back to a node that lost them, and do not come back where they were erased: whole nodes, joined by a wire.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::json::Document;
use koinon_protocol::key::Signer;
use koinon_protocol::kind::Kind;
use koinon_protocol::log::Head;
use koinon_protocol::record::{Body, Draft, Sealed, Verified};
use koinon_protocol::replica::{Effect, Input, Keeper, Peer};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::attestation::{self, Attestation, Mandate, PUBLISH};
use koinon_protocol::trust::charter::{self, Charter, Founder, Thresholds};
use koinon_protocol::trust::erasure::{self, Erasure};
use koinon_protocol::trust::inception::{self, Guardians, Inception};
use koinon_protocol::trust::notice::{self, Notice};
use koinon_protocol::trust::{Place, Trust};
use koinond::clock;
use koinond::engine::{Cores, Desk, Handle, Message};
use koinond::index::follow;
use koinond::reader::Reader;
use koinond::store::{Options, Store};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Longer than any machine takes, and the deadline that is documented for an erasure.
const PATIENCE: Duration = Duration::from_secs(60);
const OPTIONS: Options = Options { segment: 1 << 20, ballast: 0 };
const MARKER: &str = "Zephyrantheswillowmere";

struct Node {
    path: PathBuf,
    handle: Handle,
    reader: Reader,
    messages: mpsc::Sender<Message>,
    effects: Option<mpsc::Receiver<Effect>>,
    stop: watch::Sender<bool>,
    engine: JoinHandle<()>,
}

impl Node {
    fn start(path: &Path) -> Self {
        let (record, body) = founding();
        let trust = Trust::found(&record, &body).unwrap();
        let store = Store::open(path, trust.network(), OPTIONS).unwrap();
        let (follower, reader) = follow(path, &store).unwrap();
        let (sender, effects) = mpsc::channel(64);
        let keeper = Keeper::open(store, Cores::new(trust.network()), trust, &[]).unwrap();
        let (desk, ends) = Desk::new(keeper, follower, sender, 1);
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Handle::current();
        let engine = std::thread::spawn(move || desk.run(&runtime, &stopped).unwrap());
        let (handle, messages) = (ends.handle, ends.messages);
        Self { path: path.to_owned(), handle, reader, messages, effects: Some(effects), stop, engine }
    }

    async fn take(&self, (record, body): &(Verified, Body)) {
        self.handle.submit(*record.signed(), body.sealed().clone()).await.unwrap();
    }

    fn body(&self, id: &RecordId) -> Option<Vec<u8>> {
        let position = self.reader.find(id).unwrap()?;
        self.reader.entry(position).unwrap()?.body.map(|sealed| sealed.bytes)
    }

    fn found(&self) -> usize {
        let question = koinond::search::Question { text: MARKER.into(), limit: 10, ..Default::default() };
        self.reader.search(&question).unwrap().total
    }

    /// The files that hold the marker, in any case.
    fn files_with_marker(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        search_in(&self.path, &mut found);
        found
    }

    fn end(self) {
        self.stop.send_replace(true);
        drop(self.messages);
        self.engine.join().unwrap();
    }
}

/// Carries what each says to the other, as the network does.
async fn join(one: &mut Node, other: &mut Node, number: u64) {
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

async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn search_in(directory: &Path, found: &mut Vec<PathBuf>) {
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

fn name() -> BTreeMap<String, String> {
    BTreeMap::from([("en".to_owned(), "Riverland".to_owned())])
}

fn signer() -> Signer {
    Signer::from_seed(&[1; 32])
}

fn founding() -> (Verified, Body) {
    let charter = Charter {
        name: name(),
        purpose: name(),
        founders: vec![Founder { name: name(), country: "RO".into(), key: signer().public() }],
        thresholds: Thresholds { amendment: 1 },
        admission: name(),
        licence: "CC-BY-4.0".into(),
        witnesses: name(),
        depth: 4,
        kinds: (32..39).collect(),
    };
    let (draft, sealed) = charter::draft(&charter, Millis(1_700_000_000_000), [5; 32]);
    draft.sign(&signer(), sealed).unwrap()
}

fn network() -> NetworkId {
    founding().0.id().into()
}

/// An organisation's log: its inception, then records of the kinds and bodies that are asked for.
struct Author {
    signer: Signer,
    inception: (Verified, Body),
    head: Option<Head>,
}

impl Author {
    /// The founder.
    fn new() -> Self {
        Self::of(signer())
    }

    fn of(signer: Signer) -> Self {
        let root = Signer::from_seed(&[9; 32]);
        let roots = vec![root.public()];
        let said = Inception {
            name: name(),
            country: "RO".into(),
            threshold: 1,
            next_roots: inception::roots_digest(1, &roots),
            guardians: Guardians::default(),
            consents: vec![inception::consent(&root, network(), signer.public(), 1, &roots)],
            roots,
        };
        let (draft, sealed) = inception::draft(network(), &said, clock::now(), [6; 32]);
        Self { inception: draft.sign(&signer, sealed).unwrap(), signer, head: None }
    }

    fn place(&self) -> Place {
        Place { network: network(), organisation: self.inception.0.id().into(), head: self.head, now: clock::now() }
    }

    fn sign(&mut self, draft: Draft, sealed: Sealed) -> (Verified, Body) {
        let signed = draft.sign(&self.signer, sealed).unwrap();
        self.head = Some(Head::from(&signed.0));
        signed
    }

    fn need(&mut self, text: &str) -> (Verified, Body) {
        let kind = Kind::by_name("need").unwrap();
        let mut body: serde_json::Value = serde_json::from_str(kind.example).unwrap();
        body["title"] = serde_json::json!({ "en": text });
        let bytes = body.to_string().into_bytes();
        let document = Document::parse(&bytes).unwrap();
        kind.check(&document).unwrap();
        let values = kind.header_values(&document);
        let draft = self.place().draft(kind.number, RecordId::ZERO);
        self.sign(Draft { territory: values.territory, topic: values.topic, ..draft }, Sealed { salt: [7; 32], bytes })
    }

    fn vouch(&mut self, subject: OrganisationId) -> (Verified, Body) {
        let said = Attestation {
            scope: vec![PUBLISH.into()],
            depth: 0,
            from: Millis(0),
            until: Millis(1 << 52),
            evidence: "Seen.".into(),
            mandate: mandate(),
        };
        let (draft, sealed) = attestation::draft(&self.place(), subject, &said, [9; 32]);
        self.sign(draft, sealed)
    }

    fn notice(&mut self, subject: RecordId) -> (Verified, Body) {
        let said = Notice { ground: "It names a child.".into(), law: "article 17".into(), mandate: mandate() };
        let (draft, sealed) = notice::draft(&self.place(), subject, &said, [8; 32]);
        self.sign(draft, sealed)
    }

    fn erasure(&mut self, subject: RecordId) -> (Verified, Body) {
        let said = Erasure { ground: "It named a child.".into(), mandate: None };
        let (draft, sealed) = erasure::draft(&self.place(), subject, &said, [8; 32]);
        self.sign(draft, sealed)
    }
}

fn mandate() -> Mandate {
    Mandate { resolution: "1/2026".into(), date: "2026-01-01".into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_a_disk_lost_come_back_from_a_peer() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut author = Author::new();
    let (mut one, mut other) = (Node::start(here.path()), Node::start(there.path()));
    let records: Vec<_> = (0..20).map(|number| author.need(&format!("a bridge, number {number}"))).collect();
    one.take(&author.inception).await;
    for record in &records {
        one.take(record).await;
    }
    join(&mut one, &mut other, 1).await;
    let whole = |node: &Node| records.iter().all(|(record, body)| node.body(&record.id()).as_deref() == Some(body.bytes()));
    eventually("the records arrive", || whole(&other)).await;
    other.end();

    // Every byte behind the preamble of the only segment of bodies, that of the inception among them.
    let file = there.path().join("bodies-0000.seg");
    let mut bytes = fs::read(&file).unwrap();
    bytes[60..].iter_mut().for_each(|byte| *byte ^= 0x5a);
    fs::write(&file, bytes).unwrap();
    let mut other = Node::start(there.path());
    assert!(!whole(&other) && other.handle.trust().organisations().count() == 0);
    one.messages.send(Message::Input(Input::Disconnected(Peer(1)))).await.unwrap();
    one.end();
    let mut one = Node::start(here.path());
    join(&mut one, &mut other, 2).await;
    eventually("the bodies are back", || whole(&other)).await;
    eventually("so is who wrote them", || other.handle.trust().organisations().count() == 1).await;
    one.end();
    other.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_text_is_in_no_file_of_any_node_and_does_not_come_back() {
    let (mut founder, mut member) = (Author::new(), Author::of(Signer::from_seed(&[2; 32])));
    let told = [founder.inception.clone(), founder.vouch(member.inception.0.author()), member.inception.clone()];
    let (marked, kept) = (member.need(&format!("Call {MARKER} at home")), member.need("a bridge"));
    let erasure = member.erasure(marked.0.id());
    goes_for_good(&told, marked, kept, erasure).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_which_a_founder_gave_notice_is_in_no_file_of_any_node_and_does_not_come_back() {
    let (mut founder, mut member) = (Author::new(), Author::of(Signer::from_seed(&[2; 32])));
    let told = [founder.inception.clone(), founder.vouch(member.inception.0.author()), member.inception.clone()];
    let (marked, kept) = (member.need(&format!("Call {MARKER} at home")), member.need("a bridge"));
    let notice = founder.notice(marked.0.id());
    goes_for_good(&told, marked, kept, notice).await;
}

async fn goes_for_good(told: &[(Verified, Body)], marked: (Verified, Body), kept: (Verified, Body), taker: (Verified, Body)) {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [mut one, mut other, old] = [0, 1, 2].map(|number| Node::start(folders[number].path()));
    let id = marked.0.id();
    // The third node is one that was offline since before the erasure, and still has the body.
    for node in [&one, &old] {
        for record in told {
            node.take(record).await;
        }
        node.take(&marked).await;
    }
    one.take(&kept).await;
    join(&mut one, &mut other, 1).await;
    eventually("the text is found at both", || one.found() == 1 && other.found() == 1).await;
    assert!(!one.files_with_marker().is_empty() && !other.files_with_marker().is_empty());
    eventually("the old node finds it too", || old.found() == 1).await;

    one.take(&taker).await;
    assert_eq!(one.body(&id), None);
    eventually("it arrives at the other", || other.body(&id).is_none()).await;
    eventually("it is found no more", || one.found() + other.found() == 0).await;
    eventually("it is in no file", || one.files_with_marker().is_empty() && other.files_with_marker().is_empty()).await;
    assert_eq!(other.body(&kept.0.id()).as_deref(), Some(kept.1.bytes()));

    other.end();
    let (mut other, mut old) = (Node::start(folders[1].path()), old);
    join(&mut old, &mut other, 2).await;
    eventually("the old node forgets it as well", || old.body(&id).is_none() && old.files_with_marker().is_empty()).await;
    assert!(other.body(&id).is_none() && other.files_with_marker().is_empty());
    for node in [one, other, old] {
        node.end();
    }
}
