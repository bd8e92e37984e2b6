//! What the replica wants done, done in the swarm.

use super::Network;
use koinon_protocol::id::OrganisationId;
use koinon_protocol::replica::message::{Parcel, Request};
use koinon_protocol::replica::{Effect, Peer};
use libp2p::PeerId;
use libp2p::swarm::dial_opts::DialOpts;
use std::collections::BTreeMap;
use tokio::time::Instant;

use super::dial::Failure;
use super::push::{self, Message};

/// Organisations that one line of the log names.
const LOGGED: usize = 8;

impl Network {
    pub(super) fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Ask { to, call, request } => self.ask(to, call, request),
            Effect::Answer { call, response, .. } => {
                if let Some(channel) = self.calls.close(call) {
                    // The asker may have given up meanwhile; then it asks again.
                    let _ = self.swarm.behaviour_mut().sync.send_response(channel, response);
                }
            }
            Effect::Push { to, record } => self.push(&to, record),
            Effect::Prune(peer) => self.send(peer, Message::Prune),
            Effect::Graft(peer) => self.send(peer, Message::Graft),
            Effect::Disconnect(peer) => self.peers.id(peer).into_iter().for_each(|peer| self.refuse(peer)),
            Effect::Lacks { peer, organisations } => self.lacks(peer, organisations),
            Effect::Acknowledge(_) | Effect::Refuse(..) => tracing::error!("an answer to the operator came to the network"),
        }
    }

    fn ask(&mut self, to: Peer, call: u64, request: Request) {
        // libp2p would dial a peer that is gone; who is dialled is decided in dial.rs alone.
        let Some(peer) = self.peers.id(to).filter(|peer| self.swarm.is_connected(peer)) else { return };
        if self.calls.may_ask(to) {
            let id = self.swarm.behaviour_mut().sync.send_request(&peer, Ok(request));
            self.calls.asked(id, to, call);
        }
    }

    fn push(&mut self, to: &[Peer], record: Parcel) {
        let message = push::record(&mut self.packer, record);
        to.iter().for_each(|peer| self.send(*peer, message.clone()));
    }

    /// Whoever is gone asks what there is when he comes back.
    fn send(&mut self, peer: Peer, message: Message) {
        let Some(peer) = self.peers.id(peer) else { return };
        if self.swarm.behaviour_mut().push.send(peer, message) {
            self.metrics.pushed.inc();
        } else {
            self.metrics.dropped_pushes.inc();
        }
    }

    /// The operator is told, and decides whether to ask others beside this peer.
    fn lacks(&mut self, number: Peer, organisations: BTreeMap<OrganisationId, u64>) {
        let Some(peer) = self.peers.id(number) else { return };
        let records: u64 = organisations.values().sum();
        if records > 0 {
            tracing::warn!(
                %peer,
                records,
                organisations = ?organisations.keys().take(LOGGED).collect::<Vec<_>>(),
                "a peer goes without records that have been here for an hour: it withholds them, does not accept them, or is far behind"
            );
        }
        self.peers.lacks(&peer, organisations);
    }

    /// The peer sent what no honest node sends.
    pub(super) fn refuse(&mut self, peer: PeerId) {
        let addresses = self.peers.addresses(&peer);
        tracing::warn!(%peer, ?addresses, "a peer sent what no honest node sends; it is refused for some minutes");
        self.metrics.refused.inc();
        let refusals = &mut self.swarm.behaviour_mut().refusals;
        refusals.refuse_peer(peer);
        addresses.iter().for_each(|address| refusals.refuse_address(address));
        let _ = self.swarm.disconnect_peer_id(peer);
    }

    /// The peer is of another network or another program: it did nothing wrong, and has no business here.
    pub(super) fn stranger(&mut self, peer: PeerId) {
        tracing::info!(%peer, addresses = ?self.peers.addresses(&peer), "a peer does not belong to this network; it is not let in for some minutes");
        self.swarm.behaviour_mut().refusals.refuse_peer(peer);
        let _ = self.swarm.disconnect_peer_id(peer);
    }

    /// Dials what is due.
    pub(super) fn dial(&mut self) {
        let due = self.dialler.due(Instant::now(), |peer| self.swarm.is_connected(peer));
        for dial in due {
            let connection = DialOpts::connection_id(&dial);
            if let Err(error) = self.swarm.dial(dial) {
                self.dialler.failed(connection, Failure::Passing, Instant::now());
                tracing::debug!(%error, "a dial was not begun");
            }
        }
    }

    /// Ends connections of those that never said what they are: they hold a place of somebody's.
    pub(super) fn tidy(&mut self) {
        for peer in self.peers.nameless() {
            tracing::debug!(%peer, "a peer did not say what it is");
            let _ = self.swarm.disconnect_peer_id(peer);
        }
    }
}
