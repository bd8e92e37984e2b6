//! How many connections one address may have.
//!
//! The limits of libp2p count over all addresses: two hundred silent sockets of one machine took every place and locked honest peers out.
//! An IPv6 subscriber has a /64 to choose addresses from, so that is what counts as one address. Connections that this node made are not
//! counted; it chose them.

use libp2p::core::transport::PortUse;
use libp2p::core::{Endpoint, Multiaddr};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{
    ConnectionClosed, ConnectionDenied, ConnectionId, FromSwarm, ListenFailure, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm, dummy,
};
use libp2p::{PeerId, core::util};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::task::{Context, Poll};

/// How many connections one IPv4 address or IPv6 /64 may have to this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Whose handshake is not over.
    pub pending: usize,
    /// That are established.
    pub established: usize,
    /// Of either kind from a loopback address, where demonstrations and tests run many nodes.
    pub loopback: usize,
}

impl Default for Limits {
    /// An office behind one address has a few nodes; thirty-two leave room for a data centre of an association.
    fn default() -> Self {
        Self { pending: 16, established: 32, loopback: 512 }
    }
}

/// What counts as one address: an IPv4 address, or the first 64 bits of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block(IpAddr);

impl Block {
    /// Of the host that a multiaddress begins with; none for a name.
    pub(super) fn of(address: &Multiaddr) -> Option<Self> {
        match host(address)? {
            IpAddr::V6(host) => Some(Self(IpAddr::V6(Ipv6Addr::from_bits(host.to_bits() & !u128::from(u64::MAX))))),
            host @ IpAddr::V4(_) => Some(Self(host)),
        }
    }
}

/// The IP address that a multiaddress begins with, IPv4 also when it comes as a part of IPv6.
pub(super) fn host(address: &Multiaddr) -> Option<IpAddr> {
    match address.iter().next()? {
        Protocol::Ip4(host) => Some(IpAddr::V4(host)),
        Protocol::Ip6(host) => Some(host.to_canonical()),
        _ => None,
    }
}

/// Whether a host is on this machine, on a network that is not the Internet, or beside one of `own`: in its /24 or /64, since some
/// administrations use public addresses inside.
pub(super) fn is_near(host: IpAddr, own: &[IpAddr]) -> bool {
    let beside = |own: &IpAddr| match (host, own) {
        (IpAddr::V4(host), IpAddr::V4(own)) => host.to_bits() >> 8 == own.to_bits() >> 8,
        (IpAddr::V6(host), IpAddr::V6(own)) => host.to_bits() >> 64 == own.to_bits() >> 64,
        _ => false,
    };
    let is_private = match host {
        IpAddr::V4(host) => host.is_loopback() || host.is_private() || host.is_link_local(),
        IpAddr::V6(host) => host.is_loopback() || host.is_unique_local() || host.is_unicast_link_local(),
    };
    is_private || own.iter().any(beside)
}

/// An address has as many connections as it may have.
#[derive(Debug, thiserror::Error)]
#[error("{0} connections of this address are enough")]
pub(super) struct Enough(usize);

/// Counts the connections that others made, by their address.
pub(super) struct PerAddress {
    limits: Limits,
    pending: BTreeMap<ConnectionId, Host>,
    established: BTreeMap<ConnectionId, Host>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Host {
    block: Block,
    loopback: bool,
}

impl Host {
    fn of(address: &Multiaddr) -> Option<Self> {
        Some(Self { block: Block::of(address)?, loopback: host(address)?.is_loopback() })
    }
}

impl PerAddress {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, pending: BTreeMap::new(), established: BTreeMap::new() }
    }

    /// The maps are as small as the limits over all addresses, so that counting anew is cheap.
    fn check(
        connections: &BTreeMap<ConnectionId, Host>,
        host: Host,
        limit: usize,
        loopback: usize,
    ) -> Result<(), ConnectionDenied> {
        let limit = if host.loopback { loopback } else { limit };
        let there = connections.values().filter(|other| **other == host).count();
        if there < limit { Ok(()) } else { Err(ConnectionDenied::new(Enough(limit))) }
    }
}

impl NetworkBehaviour for PerAddress {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        let Some(host) = Host::of(remote) else { return Ok(()) };
        Self::check(&self.pending, host, self.limits.pending, self.limits.loopback)?;
        self.pending.insert(connection, host);
        Ok(())
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.pending.remove(&connection);
        let Some(host) = Host::of(remote) else { return Ok(dummy::ConnectionHandler) };
        Self::check(&self.established, host, self.limits.established, self.limits.loopback)?;
        self.established.insert(connection, host);
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. }) => {
                self.established.remove(&connection_id);
            }
            // Also when another behaviour refused what this one had counted.
            FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => {
                self.pending.remove(&connection_id);
                self.established.remove(&connection_id);
            }
            _ => {}
        }
    }

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

    fn address(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    fn arrive(door: &mut PerAddress, number: usize, from: &str) -> bool {
        door.handle_pending_inbound_connection(
            ConnectionId::new_unchecked(number),
            &address("/ip4/192.0.2.1/tcp/1"),
            &address(from),
        )
        .is_ok()
    }

    #[test]
    fn one_address_does_not_take_the_places_of_others() {
        let mut door = PerAddress::new(Limits { pending: 2, established: 2, loopback: 3 });
        let admitted = (0..10).filter(|number| arrive(&mut door, *number, "/ip4/198.51.100.7/tcp/4000")).count();
        assert_eq!(admitted, 2);
        assert!(arrive(&mut door, 20, "/ip4/198.51.100.8/udp/4000/quic-v1"));
        let local = (30..40).filter(|number| arrive(&mut door, *number, "/ip4/127.0.0.1/tcp/4000")).count();
        assert_eq!(local, 3);
    }

    #[test]
    fn near_is_what_is_private_or_beside_the_own_address() {
        let own = ["198.51.100.7".parse().unwrap(), "2001:db8::7".parse().unwrap()];
        let near = |host: &str| is_near(host.parse().unwrap(), &own);
        assert!(["10.1.2.3", "192.168.9.9", "fd00::1", "fe80::1", "198.51.100.200", "2001:db8::8"].into_iter().all(near));
        assert!(!["198.51.101.7", "203.0.113.7", "2001:db8:0:1::7"].into_iter().any(near));
    }

    #[test]
    fn the_addresses_of_one_subscriber_are_one_address() {
        assert_eq!(Block::of(&address("/ip6/2001:db8::1/tcp/1")), Block::of(&address("/ip6/2001:db8:0:0:ffff::2/tcp/9")));
        assert_ne!(Block::of(&address("/ip6/2001:db8::1/tcp/1")), Block::of(&address("/ip6/2001:db8:0:1::1/tcp/1")));
        assert_eq!(Block::of(&address("/ip6/::ffff:192.0.2.7/tcp/1")), Block::of(&address("/ip4/192.0.2.7/tcp/1")));
        assert_eq!(Block::of(&address("/dns4/node.example/tcp/1")), None);
    }
}
