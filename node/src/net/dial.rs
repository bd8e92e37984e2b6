//! Whom this node dials, and when again: the peers of the configuration for ever, those of the local network as long as they announce
//! themselves. Addresses that peers tell are never dialled.

use super::NetError;
use super::addresses::{host, is_near};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::ConnectionId;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::{Multiaddr, PeerId};
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::Instant;

/// Between two dials at first; doubled after each that fails.
const FIRST: Duration = Duration::from_secs(2);
/// Between two dials at most.
const LONGEST: Duration = Duration::from_secs(60);
/// A connection that lasted this long makes the next wait short again. A shorter one does not: a peer that hangs up at once is not to be
/// dialled every second.
const LASTING: Duration = Duration::from_secs(60);
/// Peers of the local network that are known at a time, and addresses of each.
const LOCAL: usize = 64;
const LOCAL_ADDRESSES: usize = 8;

/// An address and the peer that is expected there, if it is known.
pub(super) type Destination = (Option<PeerId>, Multiaddr);

/// Reads the address of a peer that some transport can dial.
pub(super) fn parse(text: &str) -> Result<Destination, NetError> {
    let whole = super::swarm::parse(text)?;
    let (peer, address) = split(whole.clone());
    if can_be_dialled(&address) { Ok((peer, address)) } else { Err(NetError::Peer(whole)) }
}

/// Takes the peer's id off the end of an address.
pub(super) fn split(mut address: Multiaddr) -> Destination {
    match address.iter().last() {
        Some(Protocol::P2p(peer)) => {
            address.pop();
            (Some(peer), address)
        }
        _ => (None, address),
    }
}

fn can_be_dialled(address: &Multiaddr) -> bool {
    use Protocol::{Dns, Dns4, Dns6, Ip4, Ip6, QuicV1, Tcp, Tls, Udp, Ws, Wss};
    let parts: Vec<Protocol<'_>> = address.iter().collect();
    let [Ip4(_) | Ip6(_) | Dns(_) | Dns4(_) | Dns6(_), rest @ ..] = parts.as_slice() else { return false };
    matches!(rest, [Tcp(_)] | [Tcp(_), Ws(_) | Wss(_)] | [Tcp(_), Tls, Ws(_)] | [Udp(_), QuicV1])
}

/// The timetable of dials.
pub(super) struct Dialler {
    own: PeerId,
    targets: Vec<Target>,
}

/// One peer, or one address when it is not known whose it is.
struct Target {
    peer: Option<PeerId>,
    addresses: Vec<Multiaddr>,
    announced: bool,
    /// Who was found at the address.
    found: Option<PeerId>,
    failures: u32,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    Due(Instant),
    Dialling(ConnectionId),
    Connected(PeerId),
    /// It is this node itself.
    GivenUp,
}

/// How a dial ended without a connection.
pub(super) enum Failure {
    /// It reached this node itself.
    Oneself,
    /// It may succeed another time.
    Passing,
}

impl Dialler {
    /// All are due at once. Several addresses of one peer are one target: the first that answers is taken.
    pub(super) fn new(own: PeerId, destinations: Vec<Destination>, now: Instant) -> Self {
        let mut dialler = Self { own, targets: Vec::new() };
        for (peer, address) in destinations {
            if peer == Some(own) {
                tracing::info!(%address, "a configured peer is this node itself, and is passed over");
                continue;
            }
            match dialler.targets.iter_mut().find(|target| peer.is_some() && target.peer == peer) {
                Some(target) => target.addresses.push(address),
                None => dialler.targets.push(Target::new(peer, address, now)),
            }
        }
        dialler
    }

    /// When [`Dialler::due`] has something to say.
    pub(super) fn next(&self) -> Option<Instant> {
        let moments = self.targets.iter().filter_map(|target| match target.state {
            State::Due(moment) => Some(moment),
            _ => None,
        });
        moments.min()
    }

    /// What is to be dialled now.
    pub(super) fn due(&mut self, now: Instant, is_connected: impl Fn(&PeerId) -> bool) -> Vec<DialOpts> {
        let due = self.targets.iter_mut().filter(|target| matches!(target.state, State::Due(moment) if moment <= now));
        due.filter_map(|target| target.dial(&is_connected)).collect()
    }

    /// A connection was made, by whomever.
    pub(super) fn connected(&mut self, peer: PeerId, connection: ConnectionId) {
        for target in &mut self.targets {
            let dialled_here = target.state == State::Dialling(connection);
            if dialled_here {
                target.found = Some(peer);
            }
            if dialled_here || (target.who() == Some(peer) && matches!(target.state, State::Due(_))) {
                target.state = State::Connected(peer);
            }
        }
    }

    /// The last connection to a peer ended, that had been there since `since`.
    pub(super) fn disconnected(&mut self, peer: PeerId, since: Instant, now: Instant) {
        for target in self.targets.iter_mut().filter(|target| target.state == State::Connected(peer)) {
            if now.duration_since(since) >= LASTING {
                target.failures = 0;
            }
            target.wait(now);
        }
    }

    /// A dial did not end in a connection: where it went, and how often it failed in a row, when it was one of these.
    pub(super) fn failed(&mut self, connection: ConnectionId, failure: Failure, now: Instant) -> Option<(&Multiaddr, u32)> {
        let target = self.targets.iter_mut().find(|target| target.state == State::Dialling(connection))?;
        match failure {
            Failure::Oneself => target.state = State::GivenUp,
            Failure::Passing => target.wait(now),
        }
        target.addresses.first().map(|address| (address, target.failures))
    }

    /// A peer announced itself on the local network, where this node has the addresses `own`. What claims to be elsewhere is not believed.
    pub(super) fn announced(&mut self, peer: PeerId, address: Multiaddr, own: &[IpAddr], now: Instant) {
        let (_, address) = split(address);
        if peer == self.own || !host(&address).is_some_and(|host| is_near(host, own)) || !can_be_dialled(&address) {
            return;
        }
        let announced = self.targets.iter().filter(|target| target.announced).count();
        match self.targets.iter_mut().find(|target| target.peer == Some(peer)) {
            Some(target) if !target.announced || target.addresses.contains(&address) => {}
            Some(target) if target.addresses.len() < LOCAL_ADDRESSES => target.addresses.push(address),
            None if announced < LOCAL => self.targets.push(Target { announced: true, ..Target::new(Some(peer), address, now) }),
            _ => {}
        }
    }

    /// A peer announces itself there no more.
    pub(super) fn silent(&mut self, peer: PeerId, address: Multiaddr) {
        let (_, address) = split(address);
        let this = |target: &Target| target.announced && target.peer == Some(peer);
        self.targets
            .iter_mut()
            .filter(|target| this(target))
            .for_each(|target| target.addresses.retain(|known| *known != address));
        self.targets.retain(|target| !target.addresses.is_empty());
    }
}

impl Target {
    fn new(peer: Option<PeerId>, address: Multiaddr, now: Instant) -> Self {
        Self { peer, addresses: vec![address], announced: false, found: None, failures: 0, state: State::Due(now) }
    }

    fn who(&self) -> Option<PeerId> {
        self.peer.or(self.found)
    }

    /// From a port of its own: two nodes that dial each other from the ports they listen on can meet in one TCP connection, and both are
    /// the client then.
    fn dial(&mut self, is_connected: impl Fn(&PeerId) -> bool) -> Option<DialOpts> {
        if let Some(peer) = self.who().filter(is_connected) {
            self.state = State::Connected(peer);
            return None;
        }
        let dial: DialOpts = match (self.peer, self.addresses.first()) {
            (Some(peer), _) => DialOpts::peer_id(peer)
                .condition(PeerCondition::Disconnected)
                .addresses(self.addresses.clone())
                .allocate_new_port()
                .build(),
            (None, Some(address)) => DialOpts::unknown_peer_id().address(address.clone()).allocate_new_port().build(),
            (None, None) => return None,
        };
        self.state = State::Dialling(dial.connection_id());
        Some(dial)
    }

    fn wait(&mut self, now: Instant) {
        self.state = State::Due(now + pause(self.failures, random()));
        self.failures = self.failures.saturating_add(1);
    }
}

/// Between half and the whole of a time that doubles; `random` says where, so that nodes which lost each other do not return at once.
fn pause(failures: u32, random: u32) -> Duration {
    let whole = FIRST.saturating_mul(1_u32.checked_shl(failures.min(16)).unwrap_or(u32::MAX)).min(LONGEST);
    whole / 2 + (whole / 2).mul_f64(f64::from(random) / f64::from(u32::MAX))
}

/// Without randomness of the system the wait is the longest: later, and not wrong.
fn random() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dialler(peers: &[&str]) -> (Dialler, Instant) {
        let now = Instant::now();
        let peers = peers.iter().map(|text| parse(text).unwrap()).collect();
        (Dialler::new(PeerId::random(), peers, now), now)
    }

    #[test]
    fn a_peer_is_dialled_until_it_is_connected_and_again_when_it_is_lost() {
        let (mut dialler, now) = dialler(&["/dns4/node.example/tcp/8481"]);
        let peer = PeerId::random();
        let dial = dialler.due(now, |_| false).remove(0).connection_id();
        assert!(dialler.next().is_none());
        dialler.failed(dial, Failure::Passing, now);
        let later = dialler.next().unwrap();
        assert!(later > now && dialler.due(now, |_| false).is_empty());
        let dial = dialler.due(later, |_| false).remove(0).connection_id();
        dialler.connected(peer, dial);
        assert!(dialler.next().is_none());
        dialler.disconnected(PeerId::random(), later, later);
        assert!(dialler.next().is_none());
        dialler.disconnected(peer, later, later);
        assert!(dialler.next().unwrap() > later);
    }

    #[test]
    fn a_peer_that_came_by_itself_is_not_dialled() {
        let peer = PeerId::random();
        let (mut dialler, now) =
            dialler(&[&format!("/ip4/192.0.2.7/tcp/8481/p2p/{peer}"), &format!("/ip4/192.0.2.7/udp/8481/quic-v1/p2p/{peer}")]);
        dialler.connected(peer, ConnectionId::new_unchecked(usize::MAX));
        assert!(dialler.due(now, |_| true).is_empty() && dialler.next().is_none());
    }

    #[test]
    fn oneself_is_given_up() {
        let (mut dialler, now) = dialler(&["/ip4/192.0.2.7/tcp/8481"]);
        let dial = dialler.due(now, |_| false).remove(0).connection_id();
        dialler.failed(dial, Failure::Oneself, now);
        assert!(dialler.next().is_none());
    }

    #[test]
    fn only_announcements_of_the_local_network_are_followed_and_not_for_ever() {
        let (mut dialler, now) = dialler(&[]);
        let peer = PeerId::random();
        let near: Multiaddr = format!("/ip4/192.168.1.7/tcp/8481/p2p/{peer}").parse().unwrap();
        dialler.announced(peer, format!("/ip4/203.0.113.7/tcp/80/p2p/{peer}").parse().unwrap(), &[], now);
        assert!(dialler.next().is_none());
        dialler.announced(peer, near.clone(), &[], now);
        assert_eq!(dialler.next(), Some(now));
        dialler.silent(peer, near);
        assert!(dialler.next().is_none());
        (0..LOCAL * 2).for_each(|_| dialler.announced(PeerId::random(), "/ip4/10.0.0.1/tcp/1".parse().unwrap(), &[], now));
        assert_eq!(dialler.targets.len(), LOCAL);
    }

    #[test]
    fn what_no_transport_can_dial_is_said_when_the_node_starts() {
        for text in
            ["/ip4/192.0.2.7/udp/8481", "/tcp/8481", "/dnsaddr/example.org", "/ip4/192.0.2.7/tcp/1/ws/p2p-circuit", "/memory/7"]
        {
            assert!(matches!(parse(text), Err(NetError::Peer(_))), "{text}");
        }
        assert!(parse("node.example:8481").unwrap_err().to_string().contains("looks like"));
        assert!(parse("/dns4/node.example/tcp/443/wss").is_ok());
    }

    proptest! {
        #[test]
        fn waits_are_between_a_second_and_a_minute(failures in any::<u32>(), random in any::<u32>()) {
            let pause = pause(failures, random);
            prop_assert!(pause >= Duration::from_secs(1) && pause <= LONGEST);
        }
    }
}
