//! Pushed news: records, prunes and grafts between connected peers. Which record goes to whom, the replica decides.
//!
//! Each side writes into one stream of its own over one of the connections to a peer. What is lost with a connection, or finds no room,
//! peers learn of when they ask.

mod handler;
mod message;

use handler::Handler;
use koinon_protocol::replica::message::Parcel;
use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::swarm::behaviour::ConnectionEstablished;
use libp2p::swarm::{
    ConnectionClosed, ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, NotifyHandler, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId, StreamProtocol};
pub(super) use message::{Packer, decode};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Messages that wait for the connections' tasks, which take them at once: only a node that is overwhelmed has so many.
const WAITING: usize = 16 * 1024;

/// What travels in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// A record, as [`Packer::encode`] makes it.
    Record(Arc<[u8]>),
    /// Push nothing more to me.
    Prune,
    /// Push to me.
    Graft,
}

/// What a peer sent.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) peer: PeerId,
    /// An error for what no honest node sends; nothing more is read of that stream.
    pub(super) message: io::Result<Message>,
}

/// The streams of all peers.
pub(super) struct Behaviour {
    protocol: StreamProtocol,
    connections: BTreeMap<PeerId, Vec<ConnectionId>>,
    events: VecDeque<ToSwarm<Event, Message>>,
}

impl Behaviour {
    pub(super) fn new(protocol: StreamProtocol) -> Self {
        Self { protocol, connections: BTreeMap::new(), events: VecDeque::new() }
    }

    /// Sends to a peer over its oldest connection; false when it is gone or there is no room.
    pub(super) fn send(&mut self, peer: PeerId, event: Message) -> bool {
        let Some(connection) = self.connections.get(&peer).and_then(|open| open.first()) else { return false };
        if self.events.len() >= WAITING {
            return false;
        }
        self.events.push_back(ToSwarm::NotifyHandler { peer_id: peer, handler: NotifyHandler::One(*connection), event });
        true
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Event;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler::new(self.protocol.clone()))
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler::new(self.protocol.clone()))
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(ConnectionEstablished { peer_id, connection_id, .. }) => {
                self.connections.entry(peer_id).or_default().push(connection_id);
            }
            FromSwarm::ConnectionClosed(ConnectionClosed { peer_id, connection_id, .. }) => {
                if let Some(open) = self.connections.get_mut(&peer_id) {
                    open.retain(|connection| *connection != connection_id);
                    if open.is_empty() {
                        self.connections.remove(&peer_id);
                    }
                }
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, peer: PeerId, _: ConnectionId, message: THandlerOutEvent<Self>) {
        self.events.push_back(ToSwarm::GenerateEvent(Event { peer, message }));
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.events.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}

/// The bytes of a record that is pushed.
pub(super) fn record(packer: &mut Packer, record: Parcel) -> Message {
    Message::Record(packer.encode(record).into())
}
