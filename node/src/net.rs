//! The network between nodes: owns the libp2p swarm, translates, decides nothing.
//!
//! ```text
//! swarm ──events.rs──▶ Input ──outbox.rs──▶ engine ──▶ Effect ──effects.rs──▶ swarm
//! ```
//! One loop, and nothing in it waits: what the engine has no room for yet lies in a bounded outbox. Nobody is dialled but the peers that
//! the operator names and, when he asks for it, those that announce themselves on the local network.

mod addresses;
mod calls;
mod dial;
mod effects;
mod error;
mod events;
mod frame;
mod identity;
mod metrics;
mod outbox;
mod peers;
mod push;
mod receipts;
mod refusals;
mod swarm;

pub use addresses::Limits;
pub use error::NetError;
pub use identity::{IdentityError, identity};
pub use libp2p::PeerId;
pub use libp2p::identity::Keypair;
pub use receipts::{key_of, peer_id, signer};

use crate::engine::Message;
use crate::receipts::{Event, Line};
use futures::StreamExt;
use koinon_protocol::id::{NetworkId, OrganisationId};
use koinon_protocol::replica::Effect;
use libp2p::core::transport::ListenerId;
use libp2p::{Multiaddr, Swarm};
use prometheus_client::registry::Registry;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Connections have this long to say farewell when the node stops.
const FAREWELL: Duration = Duration::from_secs(2);
/// Between two looks for connections that never said what they are.
const HOUSEKEEPING: Duration = Duration::from_secs(10);

/// A connected peer, for people to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its libp2p peer id.
    pub peer: String,
    /// Where it is.
    pub address: String,
    /// Whether this node dialled it.
    pub dialled: bool,
    /// What program it says that it is.
    pub agent: Option<String>,
    /// The last round trip of a ping, in milliseconds.
    pub round_trip: Option<u64>,
    /// How many records it goes without that have been here for an hour or longer, and whose they are.
    pub lacks: Vec<(OrganisationId, u64)>,
}

/// What the network is told and tells.
pub struct Wires {
    /// What happened goes here, in order, and is never waited for inside a handler.
    pub messages: mpsc::Sender<Message>,
    /// What is to be done: [`Effect::Ask`], [`Effect::Answer`], [`Effect::Push`], [`Effect::Prune`], [`Effect::Graft`],
    /// [`Effect::Disconnect`] and [`Effect::Lacks`].
    pub effects: mpsc::Receiver<Effect>,
    /// Who is connected now.
    pub links: watch::Sender<Vec<Link>>,
    /// The owner of the receipts.
    pub receipts: Line,
    /// Turns true when the node stops.
    pub stop: watch::Receiver<bool>,
}

/// What the operator decided about the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The network's id: it is part of every protocol name, so that other networks are not understood.
    pub network: NetworkId,
    /// Multiaddresses to listen on.
    pub listen: Vec<String>,
    /// Multiaddresses of peers that are always kept in touch with.
    pub peers: Vec<String>,
    /// Whether to look for peers on the local network.
    pub mdns: bool,
    /// How many connections one address may have.
    pub limits: Limits,
}

/// A node's side of the network, listening and not yet running.
pub struct Network {
    swarm: Swarm<swarm::Behaviour>,
    names: swarm::Names,
    peers: peers::Peers,
    calls: calls::Calls,
    receipts: receipts::Open,
    receipt_events: Option<mpsc::Sender<Event>>,
    packer: push::Packer,
    unpacker: frame::Unpacker,
    dialler: dial::Dialler,
    outbox: outbox::Outbox,
    metrics: metrics::Metrics,
    listening: Vec<(ListenerId, Vec<Multiaddr>)>,
    addresses: watch::Sender<Vec<String>>,
}

/// Builds the swarm and listens on every address of the settings. Metrics go to `registry`. To be called inside a tokio runtime.
///
/// # Errors
/// [`NetError`]: an address that is none, or that cannot be listened on.
pub fn bind(settings: &Settings, key: Keypair, registry: Option<&mut Registry>) -> Result<Network, NetError> {
    let listen = settings.listen.iter().map(|text| swarm::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let peers = settings.peers.iter().map(|text| dial::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let names = swarm::Names::new(settings.network);
    let metrics = registry.map(metrics::Metrics::new).unwrap_or_default();
    let swarm = swarm::build(settings, &names, key)?;
    let dialler = dial::Dialler::new(*swarm.local_peer_id(), peers, Instant::now());
    let mut network = Network {
        swarm,
        names,
        peers: peers::Peers::default(),
        calls: calls::Calls::default(),
        receipts: receipts::Open::default(),
        receipt_events: None,
        packer: push::Packer::new().map_err(|cause| NetError::setup("compressor", cause))?,
        unpacker: frame::Unpacker::new().map_err(|cause| NetError::setup("decompressor", cause))?,
        dialler,
        outbox: outbox::Outbox::default(),
        metrics,
        listening: Vec::new(),
        addresses: watch::channel(Vec::new()).0,
    };
    for address in listen {
        let listener = network.swarm.listen_on(address.clone()).map_err(|cause| NetError::listen(address, cause))?;
        network.listening.push((listener, Vec::new()));
    }
    Ok(network)
}

impl Network {
    /// This node's libp2p id.
    pub fn peer(&self) -> PeerId {
        *self.swarm.local_peer_id()
    }

    /// Where the node can be dialled, each with its `/p2p/` id: the ports that the system gave, and every interface of an unspecified
    /// address. Filled once [`Network::run`] runs.
    pub fn addresses(&self) -> watch::Receiver<Vec<String>> {
        self.addresses.subscribe()
    }

    /// Turns until `wires.stop` is true, then closes all connections.
    ///
    /// # Errors
    /// [`NetError::Engine`] when the engine's side of the wires is gone although the node does not stop.
    pub async fn run(mut self, mut wires: Wires) -> Result<(), NetError> {
        let stopping = wires.stop.clone();
        self.receipt_events = Some(wires.receipts.events.clone());
        let mut housekeeping = tokio::time::interval(HOUSEKEEPING);
        // Made once: what is made anew whenever anything happens takes a good part of the time of what happens.
        let mut stopped = pin!(stopped(&mut wires.stop));
        let mut alarm = pin!(tokio::time::sleep(Duration::ZERO));
        let outcome = loop {
            self.hand_over(&wires.messages);
            let next_dial = self.dialler.next();
            next_dial.filter(|next| *next != alarm.deadline()).into_iter().for_each(|next| alarm.as_mut().reset(next));
            tokio::select! {
                () = &mut stopped => break Ok(()),
                room = wires.messages.reserve(), if !self.outbox.is_empty() => if room.is_err() { break Err(NetError::Engine) },
                effect = wires.effects.recv() => match effect {
                    Some(effect) => self.carry_out(effect),
                    None => break Err(NetError::Engine),
                },
                Some(order) = wires.receipts.orders.recv() => self.give(order),
                event = self.swarm.select_next_some() => self.happened(event),
                () = &mut alarm, if next_dial.is_some() => self.dial(),
                _ = housekeeping.tick() => self.tidy(),
            }
            if self.peers.take_changed() {
                self.metrics.lacking.set(i64::try_from(self.peers.lacking()).unwrap_or(i64::MAX));
                wires.links.send_replace(self.peers.links());
            }
        };
        self.farewell().await;
        wires.links.send_replace(Vec::new());
        if *stopping.borrow() { Ok(()) } else { outcome }
    }

    /// Gives the engine as much as it has room for now.
    fn hand_over(&mut self, messages: &mpsc::Sender<Message>) {
        while !self.outbox.is_empty()
            && let Ok(room) = messages.try_reserve()
            && let Some(input) = self.outbox.pop()
        {
            room.send(Message::Input(input));
        }
    }

    /// No new connections, then the end of the old ones; what does not end in time ends with the sockets.
    async fn farewell(&mut self) {
        for (listener, _) in std::mem::take(&mut self.listening) {
            self.swarm.remove_listener(listener);
        }
        self.addresses.send_replace(Vec::new());
        let connected: Vec<PeerId> = self.swarm.connected_peers().copied().collect();
        for peer in connected {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        let closing = async {
            while self.swarm.network_info().connection_counters().num_connections() > 0 {
                let _ = self.swarm.select_next_some().await;
            }
        };
        if tokio::time::timeout(FAREWELL, closing).await.is_err() {
            tracing::debug!("some connections were cut off");
        }
    }
}

/// Also when nobody is left who could say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
