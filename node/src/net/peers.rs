//! Who is connected. libp2p knows peers by a key and may have several connections to one; a replica knows them by a number that stands
//! for one time of being connected, and is never given again.

use super::Link;
use super::dial::split;
use koinon_protocol::id::OrganisationId;
use koinon_protocol::replica::Peer;
use libp2p::core::ConnectedPoint;
use libp2p::swarm::ConnectionId;
use libp2p::{Multiaddr, PeerId};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// Malformed messages of one peer's before it is disconnected. One may be a fault of a line or a version, ten are a habit.
const FAULTS: u32 = 10;
/// A peer says what it is within this time, or it is none of ours.
const INTRODUCTION: Duration = Duration::from_secs(30);
/// Characters of an agent's name that are kept.
const AGENT: usize = 64;

/// The connected peers.
#[derive(Default)]
pub(super) struct Peers {
    last: u64,
    known: BTreeMap<PeerId, Known>,
    numbers: BTreeMap<Peer, PeerId>,
    changed: bool,
}

struct Known {
    number: Peer,
    since: Instant,
    connections: Vec<Connection>,
    agent: Option<String>,
    round_trip: Option<Duration>,
    faults: u32,
    lacks: BTreeMap<OrganisationId, u64>,
}

struct Connection {
    id: ConnectionId,
    address: Multiaddr,
    dialled: bool,
}

impl Peers {
    /// A connection was made: the peer's number when it is its first.
    pub(super) fn connected(&mut self, peer: PeerId, id: ConnectionId, endpoint: &ConnectedPoint) -> Option<Peer> {
        self.changed = true;
        let (_, address) = split(endpoint.get_remote_address().clone());
        let connection = Connection { id, address, dialled: endpoint.is_dialer() };
        if let Some(known) = self.known.get_mut(&peer) {
            known.connections.push(connection);
            return None;
        }
        self.last += 1;
        let number = Peer(self.last);
        let since = Instant::now();
        let (connections, lacks) = (vec![connection], BTreeMap::new());
        self.known.insert(peer, Known { number, since, connections, agent: None, round_trip: None, faults: 0, lacks });
        self.numbers.insert(number, peer);
        Some(number)
    }

    /// A connection ended: the peer's number, and since when it was connected, when it was its last.
    pub(super) fn disconnected(&mut self, peer: PeerId, id: ConnectionId) -> Option<(Peer, Instant)> {
        self.changed = true;
        let known = self.known.get_mut(&peer)?;
        known.connections.retain(|connection| connection.id != id);
        if !known.connections.is_empty() {
            return None;
        }
        let gone = self.known.remove(&peer)?;
        self.numbers.remove(&gone.number);
        Some((gone.number, gone.since))
    }

    pub(super) fn number(&self, peer: &PeerId) -> Option<Peer> {
        self.known.get(peer).map(|known| known.number)
    }

    pub(super) fn id(&self, number: Peer) -> Option<PeerId> {
        self.numbers.get(&number).copied()
    }

    /// Where its connections come from or go to.
    pub(super) fn addresses(&self, peer: &PeerId) -> Vec<Multiaddr> {
        let connections = self.known.get(peer).map(|known| known.connections.as_slice()).unwrap_or_default();
        connections.iter().map(|connection| connection.address.clone()).collect()
    }

    /// Counts a malformed message; true when it is one too many.
    pub(super) fn fault(&mut self, peer: &PeerId) -> bool {
        let Some(known) = self.known.get_mut(peer) else { return false };
        known.faults += 1;
        known.faults == FAULTS
    }

    /// The peer said what program it is; foreign text, so it is cut and cleaned.
    pub(super) fn introduced(&mut self, peer: &PeerId, agent: &str) {
        let Some(known) = self.known.get_mut(peer) else { return };
        known.agent = Some(agent.chars().filter(|character| !character.is_control()).take(AGENT).collect());
        self.changed = true;
    }

    /// Peers that have had the time to say what they are, and have not.
    pub(super) fn nameless(&self) -> Vec<PeerId> {
        let late = self.known.iter().filter(|(_, known)| known.agent.is_none() && known.since.elapsed() > INTRODUCTION);
        late.map(|(peer, _)| *peer).collect()
    }

    pub(super) fn pinged(&mut self, peer: &PeerId, round_trip: Duration) {
        let Some(known) = self.known.get_mut(peer) else { return };
        known.round_trip = Some(round_trip);
        self.changed = true;
    }

    /// The peer goes without so many records of these organisations.
    pub(super) fn lacks(&mut self, peer: &PeerId, organisations: BTreeMap<OrganisationId, u64>) {
        let Some(known) = self.known.get_mut(peer) else { return };
        known.lacks = organisations;
        self.changed = true;
    }

    /// How many peers go without something.
    pub(super) fn lacking(&self) -> usize {
        self.known.values().filter(|known| !known.lacks.is_empty()).count()
    }

    /// Whether [`Peers::links`] says something else than when this was last asked.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// For people to see, in the order of arrival.
    pub(super) fn links(&self) -> Vec<Link> {
        let known = self.numbers.values().filter_map(|peer| Some((peer, self.known.get(peer)?)));
        known.filter_map(|(peer, known)| known.link(peer)).collect()
    }
}

impl Known {
    fn link(&self, peer: &PeerId) -> Option<Link> {
        let first = self.connections.first()?;
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Some(Link {
            peer: peer.to_string(),
            address: first.address.to_string(),
            dialled: first.dialled,
            agent: self.agent.clone(),
            round_trip: self.round_trip.map(millis),
            lacks: self.lacks.iter().map(|(organisation, records)| (*organisation, *records)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libp2p::core::Endpoint;
    use libp2p::core::transport::PortUse;

    fn dialled() -> ConnectedPoint {
        let address = "/ip4/192.0.2.7/tcp/8481".parse().unwrap();
        ConnectedPoint::Dialer { address, role_override: Endpoint::Dialer, port_use: PortUse::New }
    }

    fn connection(number: usize) -> ConnectionId {
        ConnectionId::new_unchecked(number)
    }

    #[test]
    fn several_connections_are_one_peer_and_a_number_is_never_given_again() {
        let (mut peers, peer) = (Peers::default(), PeerId::random());
        let first = peers.connected(peer, connection(1), &dialled()).unwrap();
        assert_eq!(peers.connected(peer, connection(2), &dialled()), None);
        assert_eq!(peers.links().len(), 1);
        assert!(peers.disconnected(peer, connection(1)).is_none());
        assert_eq!(peers.id(first), Some(peer));
        assert_eq!(peers.disconnected(peer, connection(2)).unwrap().0, first);
        assert_eq!((peers.id(first), peers.number(&peer), peers.links()), (None, None, vec![]));
        assert_ne!(peers.connected(peer, connection(3), &dialled()), Some(first));
    }

    #[test]
    fn faults_are_forgiven_until_they_are_a_habit() {
        let (mut peers, peer) = (Peers::default(), PeerId::random());
        peers.connected(peer, connection(1), &dialled());
        assert_eq!((0..FAULTS * 2).filter(|_| peers.fault(&peer)).count(), 1);
        assert!(!peers.fault(&PeerId::random()));
    }

    #[test]
    fn a_name_of_a_program_is_cut_and_cleaned() {
        let (mut peers, peer) = (Peers::default(), PeerId::random());
        peers.connected(peer, connection(1), &dialled());
        peers.introduced(&peer, &format!("\u{1b}[31mkoinond\n{}", "x".repeat(1000)));
        let agent = peers.links().remove(0).agent.unwrap();
        assert!(agent.starts_with("[31mkoinondx") && agent.len() == AGENT, "{agent}");
    }
}
