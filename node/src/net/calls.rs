//! Open questions: those of the replica by libp2p's numbers, those of peers by this node's.

use koinon_protocol::replica::Peer;
use koinon_protocol::replica::message::Response;
use libp2p::request_response::{InboundRequestId, OutboundRequestId, ResponseChannel};
use std::collections::BTreeMap;

/// Questions to one peer at a time. A replica has two; more would only wait for a stream.
const ASKED: usize = 8;
/// Questions of peers at a time, over all connections; more are not taken.
const OPEN: usize = 2048;

#[derive(Default)]
pub(super) struct Calls {
    asked: BTreeMap<OutboundRequestId, (Peer, u64)>,
    last: u64,
    open: BTreeMap<u64, (InboundRequestId, ResponseChannel<Response>)>,
}

impl Calls {
    pub(super) fn may_ask(&self, peer: Peer) -> bool {
        self.asked.values().filter(|(asked, _)| *asked == peer).count() < ASKED
    }

    pub(super) fn asked(&mut self, request: OutboundRequestId, to: Peer, call: u64) {
        self.asked.insert(request, (to, call));
    }

    /// Whom the replica asked, and its number of the question; none when it was given up.
    pub(super) fn answered(&mut self, request: OutboundRequestId) -> Option<(Peer, u64)> {
        self.asked.remove(&request)
    }

    /// A number for a peer's question; none when there is no more room, which ends the question.
    pub(super) fn open(&mut self, request: InboundRequestId, channel: ResponseChannel<Response>) -> Option<u64> {
        if self.open.len() >= OPEN {
            return None;
        }
        self.last += 1;
        self.open.insert(self.last, (request, channel));
        Some(self.last)
    }

    /// Where the answer goes; none when the question is gone.
    pub(super) fn close(&mut self, call: u64) -> Option<ResponseChannel<Response>> {
        self.open.remove(&call).map(|(_, channel)| channel)
    }

    /// The peer waits no more.
    pub(super) fn failed(&mut self, request: InboundRequestId) {
        self.open.retain(|_, (open, _)| *open != request);
    }
}
