//! A node of which the test is the engine.

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::record::{Draft, Sealed};
use koinon_protocol::replica::message::{Parcel, Request, Response};
use koinon_protocol::replica::{Effect, Input, Peer};
use koinon_protocol::time::Millis;
use koinond::engine::Message;
use koinond::net::{Keypair, Limits, Link, NetError, Network, Settings, Wires, bind};
use koinond::receipts::Line;
use prometheus_client::registry::Registry;
use std::future::Future;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Far longer than anything here takes, also on a machine with other things to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// Fails when it does not happen at all.
pub(crate) async fn patiently<T>(future: impl Future<Output = T>) -> T {
    let Ok(done) = tokio::time::timeout(PATIENCE, future).await else { panic!("it did not happen") };
    done
}

pub(crate) fn network(number: u8) -> NetworkId {
    NetworkId([number; 32])
}

pub(crate) fn settings(network: NetworkId, listen: &str, peers: &[&str]) -> Settings {
    let peers = peers.iter().map(|&peer| peer.to_owned()).collect();
    Settings { network, listen: vec![listen.to_owned()], peers, mdns: false, limits: Limits::default() }
}

/// A TCP port of which nobody makes use at the moment.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// What a scraper would read.
pub(crate) fn metrics(registry: &Registry) -> String {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, registry).unwrap();
    text
}

/// Signed headers of one log's places from `first` on.
pub(crate) fn records(first: u64, count: u64) -> impl Iterator<Item = Parcel> {
    let signer = Signer::from_seed(&[7; 32]);
    let record = move |seq: u64| {
        let previous = RecordId([u8::from(seq > 0); 32]);
        let draft = Draft {
            kind: 1,
            network: network(1),
            organisation: OrganisationId([1; 32]),
            seq,
            previous,
            claimed_at: Millis(1),
            subject: RecordId::ZERO,
            territory: [0; 12],
            topic: 0,
        };
        let body = Sealed { salt: [0; 32], bytes: b"{}".to_vec() };
        Parcel { signed: *draft.sign(&signer, body.clone()).unwrap().0.signed(), body: Some(body) }
    };
    (first..first.saturating_add(count)).map(record)
}

/// One of these.
pub(crate) fn record(number: u64) -> Parcel {
    records(number, 1).next().unwrap()
}

/// A running network, and the engine's ends of its wires.
pub(crate) struct Node {
    pub(crate) links: watch::Receiver<Vec<Link>>,
    inputs: mpsc::Receiver<Message>,
    effects: mpsc::Sender<Effect>,
    stop: watch::Sender<bool>,
    address: String,
    peers: Vec<Peer>,
    task: JoinHandle<Result<(), NetError>>,
}

impl Node {
    pub(crate) async fn start(settings: Settings) -> Self {
        Self::start_as(Keypair::generate_ed25519(), settings).await
    }

    pub(crate) async fn start_as(key: Keypair, settings: Settings) -> Self {
        // A QUIC port is free a moment after the swarm that had it is gone, which only a restart within one process sees.
        let bound = async {
            loop {
                match bind(&settings, key.clone(), None) {
                    Ok(network) => return network,
                    Err(NetError::Listen { .. }) => tokio::time::sleep(Duration::from_millis(50)).await,
                    Err(error) => panic!("{error}"),
                }
            }
        };
        Self::run(patiently(bound).await).await
    }

    pub(crate) async fn run(network: Network) -> Self {
        let (messages, inputs) = mpsc::channel(1);
        let (effects, wanted) = mpsc::channel(16);
        let (links, seen) = watch::channel(vec![]);
        let (stop, stopping) = watch::channel(false);
        let mut addresses = network.addresses();
        let task = tokio::spawn(network.run(Wires { messages, effects: wanted, links, receipts: Line::cut(), stop: stopping }));
        let address = patiently(addresses.wait_for(|known| !known.is_empty())).await.unwrap()[0].clone();
        Self { links: seen, inputs, effects, stop, address, peers: vec![], task }
    }

    /// Where it listens, with its id.
    pub(crate) fn address(&self) -> String {
        self.address.clone()
    }

    pub(crate) fn id(&self) -> String {
        self.address.rsplit('/').next().unwrap().to_owned()
    }

    pub(crate) async fn does(&self, effect: Effect) {
        patiently(self.effects.send(effect)).await.unwrap();
    }

    /// The next input that is looked for; others are passed over.
    pub(crate) async fn next<T>(&mut self, mut look: impl FnMut(Input) -> Option<T>) -> T {
        loop {
            let Some(Message::Input(input)) = self.inputs.recv().await else { panic!("the network ended") };
            match input {
                Input::Connected(peer) => self.peers.push(peer),
                Input::Disconnected(gone) => self.peers.retain(|peer| *peer != gone),
                _ => {}
            }
            if let Some(found) = look(input) {
                return found;
            }
        }
    }

    pub(crate) async fn connected(&mut self) -> Peer {
        patiently(self.next(|input| match input {
            Input::Connected(peer) => Some(peer),
            _ => None,
        }))
        .await
    }

    pub(crate) async fn number_of_lost(&mut self) -> Peer {
        patiently(self.next(|input| match input {
            Input::Disconnected(peer) => Some(peer),
            _ => None,
        }))
        .await
    }

    /// The number of a peer's next question.
    pub(crate) async fn request(&mut self) -> u64 {
        patiently(self.next(|input| match input {
            Input::Request { call, .. } => Some(call),
            _ => None,
        }))
        .await
    }

    /// Asks one of its peers, which is `other`, and gets the answer.
    pub(crate) async fn talks_with(&mut self, other: &mut Node) {
        static CALL: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1 << 32);
        if self.peers.is_empty() {
            self.connected().await;
        }
        let call = CALL.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let ids = vec![RecordId([call as u8; 32]); 100];
        let question = Request::Fetch { ids: ids.clone() };
        let answer = Response::Ids { ids, size: call, forks: vec![] };
        // One of several peers is the other, and a link may be made anew meanwhile: asked until it is answered, as a replica does.
        let asked = async {
            loop {
                for to in self.peers.clone() {
                    self.does(Effect::Ask { to, call, request: question.clone() }).await;
                }
                let answered = self.next(|input| match input {
                    Input::Response { call: to, response, .. } if to == call => Some(response),
                    _ => None,
                });
                if let Ok(response) = tokio::time::timeout(Duration::from_secs(3), answered).await {
                    return response;
                }
            }
        };
        let answering = async {
            loop {
                let looked_for = question.clone();
                let (to, call) = other
                    .next(|input| match input {
                        Input::Request { from, call, request } if request == looked_for => Some((from, call)),
                        _ => None,
                    })
                    .await;
                other.does(Effect::Answer { to, call, response: answer.clone() }).await;
            }
        };
        let response = patiently(async {
            tokio::select! {
                response = asked => response,
                () = answering => unreachable!(),
            }
        });
        assert_eq!(response.await, answer);
    }

    /// Pushes a record to all that are known to be connected.
    pub(crate) async fn pushes(&self, record: &Parcel) {
        assert_ne!(self.peers, []);
        self.does(Effect::Push { to: self.peers.clone(), record: record.clone() }).await;
    }

    /// The next record that is pushed here, and by whom.
    pub(crate) async fn pushed(&mut self) -> (Peer, Parcel) {
        patiently(self.next(|input| match input {
            Input::Pushed { from, record } => Some((from, record)),
            _ => None,
        }))
        .await
    }

    /// Ends in order.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        patiently(self.task).await.unwrap().unwrap();
        assert_eq!(*self.links.borrow(), []);
    }
}
