//! Who is not let in for a while: peers that sent what no honest node sends, and where they came from.

use super::addresses::{Block, host};
use libp2p::PeerId;
use libp2p::core::transport::PortUse;
use libp2p::core::{Endpoint, Multiaddr, util};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm, dummy,
};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;

/// Long enough that trying again is no way to flood, short enough that a repaired node is back within a coffee.
const REFUSAL: Duration = Duration::from_secs(300);
/// Refusals at a time; with more, the oldest end early.
const REFUSALS: usize = 1024;

/// Whoever is refused at the moment.
#[derive(Default)]
pub(super) struct Refusals {
    until: BTreeMap<Refused, Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Refused {
    Peer(PeerId),
    Block(Block),
}

/// It is refused for a while.
#[derive(Debug, thiserror::Error)]
#[error("it sent what no honest node sends, and is refused for some minutes")]
pub(super) struct StillRefused;

impl Refusals {
    pub(super) fn refuse_peer(&mut self, peer: PeerId) {
        self.insert(Refused::Peer(peer), Instant::now());
    }

    /// Those who are behind the same address are refused with it, but not on the own machine, where everybody is.
    pub(super) fn refuse_address(&mut self, address: &Multiaddr) {
        if !host(address).is_none_or(|host| host.is_loopback()) {
            Block::of(address).into_iter().for_each(|block| self.insert(Refused::Block(block), Instant::now()));
        }
    }

    fn insert(&mut self, refused: Refused, now: Instant) {
        self.until.retain(|_, end| *end > now);
        if self.until.len() >= REFUSALS {
            let oldest = self.until.iter().min_by_key(|(_, end)| **end).map(|(refused, _)| *refused);
            self.until.retain(|refused, _| Some(*refused) != oldest);
        }
        self.until.insert(refused, now + REFUSAL);
    }

    fn check(&self, refused: Option<Refused>) -> Result<(), ConnectionDenied> {
        let is_refused = refused.is_some_and(|refused| self.is_refused(refused, Instant::now()));
        if is_refused { Err(ConnectionDenied::new(StillRefused)) } else { Ok(()) }
    }

    fn is_refused(&self, refused: Refused, now: Instant) -> bool {
        self.until.get(&refused).is_some_and(|end| *end > now)
    }
}

impl NetworkBehaviour for Refusals {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.check(Block::of(remote).map(Refused::Block))
    }

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.check(Some(Refused::Peer(peer))).map(|()| dummy::ConnectionHandler)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: Option<PeerId>,
        addresses: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        self.check(peer.map(Refused::Peer))?;
        addresses.iter().try_for_each(|address| self.check(Block::of(address).map(Refused::Block)))?;
        Ok(Vec::new())
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.check(Some(Refused::Peer(peer))).map(|()| dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, _: FromSwarm) {}

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        util::unreachable(event)
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lets_in(refusals: &mut Refusals, from: &str) -> bool {
        let here = "/ip4/192.0.2.1/tcp/1".parse().unwrap();
        refusals.handle_pending_inbound_connection(ConnectionId::new_unchecked(0), &here, &from.parse().unwrap()).is_ok()
    }

    #[test]
    fn a_refusal_ends() {
        let mut refusals = Refusals::default();
        refusals.refuse_address(&"/ip4/198.51.100.7/tcp/4000".parse().unwrap());
        assert!(!lets_in(&mut refusals, "/ip4/198.51.100.7/udp/9/quic-v1"));
        assert!(lets_in(&mut refusals, "/ip4/198.51.100.8/tcp/4000"));
        let block = Block::of(&"/ip4/198.51.100.7/tcp/1".parse().unwrap()).map(Refused::Block).unwrap();
        assert!(!refusals.is_refused(block, Instant::now() + REFUSAL));
    }

    #[test]
    fn the_own_machine_is_never_refused() {
        let mut refusals = Refusals::default();
        refusals.refuse_address(&"/ip4/127.0.0.1/tcp/4000".parse().unwrap());
        assert!(lets_in(&mut refusals, "/ip4/127.0.0.1/tcp/4001"));
    }

    #[test]
    fn refusals_are_bounded_and_the_newest_hold() {
        let mut refusals = Refusals::default();
        let peers: Vec<PeerId> = (0..REFUSALS + 10).map(|_| PeerId::random()).collect();
        peers.iter().for_each(|peer| refusals.refuse_peer(*peer));
        assert_eq!(refusals.until.len(), REFUSALS);
        assert!(refusals.check(peers.last().copied().map(Refused::Peer)).is_err());
    }
}
