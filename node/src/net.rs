//! The network between nodes: owns the libp2p swarm, translates, decides nothing.

use koinon_protocol::id::NetworkId;
use koinon_protocol::replica::Effect;
use tokio::sync::{mpsc, watch};

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
}

/// What the network is told and tells.
pub struct Wires {
    /// What happened goes here, in order, and is never waited for inside a handler.
    pub messages: mpsc::Sender<crate::engine::Message>,
    /// What is to be done: [`Effect::Ask`], [`Effect::Answer`], [`Effect::Verdict`], [`Effect::Publish`] and [`Effect::Disconnect`].
    pub effects: mpsc::Receiver<Effect>,
    /// Who is connected now.
    pub links: watch::Sender<Vec<Link>>,
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
}
