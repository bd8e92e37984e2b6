//! What happened in the swarm, in the words of the replica.

use super::addresses::host;
use super::dial::Failure;
use super::push::{self, Message};
use super::swarm::BehaviourEvent;
use super::{Network, frame};
use koinon_protocol::replica::Input;
use koinon_protocol::replica::message::{Request, Response};
use libp2p::core::ConnectedPoint;
use libp2p::core::transport::ListenerId;
use libp2p::metrics::Recorder;
use libp2p::multiaddr::Protocol;
use libp2p::request_response::{self, InboundRequestId, OutboundFailure, OutboundRequestId, ResponseChannel};
use libp2p::swarm::{ConnectionId, DialError, SwarmEvent};
use libp2p::{Multiaddr, PeerId, identify, mdns, ping};
use std::net::IpAddr;
use tokio::time::Instant;

/// Failed dials in a row after which the operator is told, once.
const WORTH_A_WARNING: u32 = 4;

impl Network {
    pub(super) fn happened(&mut self, event: SwarmEvent<BehaviourEvent>) {
        if let Some(metrics) = &self.metrics.library {
            metrics.record(&event);
        }
        match event {
            SwarmEvent::Behaviour(event) => self.behaved(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.connected(peer_id, connection_id, &endpoint)
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, .. } => self.disconnected(peer_id, connection_id),
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => self.dial_failed(connection_id, &error),
            SwarmEvent::IncomingConnectionError { send_back_addr, error, .. } => {
                tracing::debug!(address = %send_back_addr, error = %Whole(&error), "a connection did not come about");
            }
            SwarmEvent::NewListenAddr { listener_id, address } => {
                tracing::info!(%address, "listening");
                self.listen_addresses(listener_id, |known| known.push(address));
            }
            SwarmEvent::ExpiredListenAddr { listener_id, address } => {
                self.listen_addresses(listener_id, |known| known.retain(|known| *known != address));
            }
            SwarmEvent::ListenerClosed { listener_id, reason, .. } => {
                tracing::error!(?reason, "a listener ended: the node is not reached there until it is started anew");
                self.listen_addresses(listener_id, Vec::clear);
            }
            SwarmEvent::ListenerError { error, .. } => tracing::warn!(%error, "a listener has trouble"),
            _ => {}
        }
    }

    fn listen_addresses(&mut self, listener: ListenerId, change: impl FnOnce(&mut Vec<Multiaddr>)) {
        let own = Protocol::P2p(*self.swarm.local_peer_id());
        if let Some((_, known)) = self.listening.iter_mut().find(|(known, _)| *known == listener) {
            change(known);
        }
        let addresses = self.listening.iter().flat_map(|(_, addresses)| addresses);
        self.addresses.send_replace(addresses.map(|address| address.clone().with(own.clone()).to_string()).collect());
    }

    fn connected(&mut self, peer: PeerId, connection: ConnectionId, endpoint: &ConnectedPoint) {
        tracing::debug!(%peer, address = %endpoint.get_remote_address(), dialled = endpoint.is_dialer(), "connected");
        self.dialler.connected(peer, connection);
        if let Some(number) = self.peers.connected(peer, connection, endpoint) {
            self.outbox.push(Input::Connected(number));
        }
    }

    fn disconnected(&mut self, peer: PeerId, connection: ConnectionId) {
        if let Some((number, since)) = self.peers.disconnected(peer, connection) {
            tracing::debug!(%peer, "disconnected");
            self.dialler.disconnected(peer, since, Instant::now());
            self.outbox.push(Input::Disconnected(number));
        }
    }

    fn dial_failed(&mut self, connection: ConnectionId, error: &DialError) {
        let oneself = matches!(error, DialError::LocalPeerId { .. });
        let failure = if oneself { Failure::Oneself } else { Failure::Passing };
        let Some((address, failures)) = self.dialler.failed(connection, failure, Instant::now()) else { return };
        match (error, failures) {
            (DialError::LocalPeerId { .. }, _) => {
                tracing::info!(%address, "a configured peer is this node itself, and is passed over")
            }
            (DialError::WrongPeerId { obtained, .. }, 1 | WORTH_A_WARNING) => {
                tracing::warn!(%address, %obtained, "another node answers at the address of a configured peer");
            }
            (_, WORTH_A_WARNING) => {
                tracing::warn!(%address, %error, "a peer cannot be reached; it is dialled again every minute")
            }
            _ => tracing::debug!(%address, error = %Whole(error), failures, "a peer cannot be reached"),
        }
    }

    fn behaved(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Push(event) => self.pushed(event),
            BehaviourEvent::Sync(request_response::Event::Message { peer, message, .. }) => match message {
                request_response::Message::Request { request_id, request: Ok(request), channel } => {
                    self.asked(peer, request_id, request, channel)
                }
                request_response::Message::Request { request: Err(error), .. } => self.trouble(peer, &error, true),
                request_response::Message::Response { request_id, response } => self.answered(request_id, response),
            },
            BehaviourEvent::Sync(request_response::Event::OutboundFailure { peer, request_id, error, .. }) => {
                self.not_answered(peer, request_id, &error);
            }
            BehaviourEvent::Sync(request_response::Event::InboundFailure { peer, request_id, error, .. }) => {
                self.calls.failed(request_id);
                self.trouble(peer, &error, false);
            }
            BehaviourEvent::Sync(request_response::Event::ResponseSent { .. }) => {}
            BehaviourEvent::Receipts(event) => self.receipts_happened(event),
            BehaviourEvent::Identify(event) => self.identified(event),
            BehaviourEvent::Ping(event) => self.pinged(event),
            BehaviourEvent::Mdns(mdns::Event::Discovered(found)) => {
                let own: Vec<IpAddr> = self.swarm.listeners().filter_map(host).collect();
                found.into_iter().for_each(|(peer, address)| self.dialler.announced(peer, address, &own, Instant::now()));
            }
            BehaviourEvent::Mdns(mdns::Event::Expired(gone)) => {
                gone.into_iter().for_each(|(peer, address)| self.dialler.silent(peer, address));
            }
            BehaviourEvent::Refusals(never) | BehaviourEvent::PerAddress(never) => match never {},
            BehaviourEvent::Limits(never) | BehaviourEvent::Memory(never) => match never {},
        }
    }

    fn pushed(&mut self, push::Event { peer, message }: push::Event) {
        let Some(from) = self.peers.number(&peer) else { return };
        let input = match message {
            Ok(Message::Record(bytes)) => push::decode(&bytes, &mut self.unpacker).map(|record| Input::Pushed { from, record }),
            Ok(Message::Prune) => Ok(Input::Pruned(from)),
            Ok(Message::Graft) => Ok(Input::Grafted(from)),
            Err(error) => Err(error),
        };
        match input {
            Ok(input) if self.outbox.takes_pushes() => self.outbox.push(input),
            Ok(_) => drop(self.metrics.dropped_pushes.inc()),
            Err(error) => self.trouble(peer, &error, true),
        }
    }

    fn asked(&mut self, peer: PeerId, id: InboundRequestId, request: Request, channel: ResponseChannel<Response>) {
        let Some(from) = self.peers.number(&peer) else { return };
        let call = if self.outbox.takes_requests() { self.calls.open(id, channel) } else { None };
        match call {
            Some(call) => self.outbox.push(Input::Request { from, call, request }),
            None => {
                self.metrics.dropped_requests.inc();
            }
        }
    }

    fn answered(&mut self, id: OutboundRequestId, response: Response) {
        if let Some((from, call)) = self.calls.answered(id) {
            self.outbox.push(Input::Response { from, call, response });
        }
    }

    fn not_answered(&mut self, peer: PeerId, id: OutboundRequestId, error: &OutboundFailure) {
        self.calls.answered(id);
        match error {
            OutboundFailure::UnsupportedProtocols => self.stranger(peer),
            OutboundFailure::Io(cause) => self.trouble(peer, error, frame::is_malformed(cause)),
            _ => self.trouble(peer, error, false),
        }
    }

    fn identified(&mut self, event: identify::Event) {
        self.record(&event);
        match event {
            identify::Event::Received { peer_id, info, .. } if info.protocols.contains(&self.names.sync) => {
                self.peers.introduced(&peer_id, &info.agent_version);
            }
            identify::Event::Received { peer_id, .. } => self.stranger(peer_id),
            identify::Event::Error { peer_id, error, .. } => {
                tracing::debug!(peer = %peer_id, %error, "a peer did not say what it is")
            }
            _ => {}
        }
    }

    /// A connection on which pings are not answered is dead, whatever the operating system believes.
    fn pinged(&mut self, event: ping::Event) {
        self.record(&event);
        match event.result {
            Ok(round_trip) => self.peers.pinged(&event.peer, round_trip),
            Err(ping::Failure::Timeout) => {
                self.swarm.close_connection(event.connection);
            }
            Err(error) => tracing::debug!(peer = %event.peer, %error, "a ping failed"),
        }
    }

    fn record<E>(&self, event: &E)
    where
        libp2p::metrics::Metrics: Recorder<E>,
    {
        if let Some(metrics) = &self.metrics.library {
            metrics.record(event);
        }
    }

    /// Something about a peer went wrong; when it is a fault of the peer's, it counts.
    fn trouble(&mut self, peer: PeerId, error: &dyn std::fmt::Display, fault: bool) {
        tracing::debug!(%peer, %error, fault, "trouble with a peer");
        if fault {
            self.metrics.malformed.inc();
            if self.peers.fault(&peer) {
                self.refuse(peer);
            }
        }
    }
}

/// An error with its causes, which libp2p's own text of a refusal leaves out.
struct Whole<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Whole<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        std::iter::successors(self.0.source(), |cause| cause.source()).try_for_each(|cause| write!(f, ": {cause}"))
    }
}
