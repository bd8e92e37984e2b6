//! Receipts between peers: a question and a page, each in a stream of its own, without compression: signatures do not shrink.

use super::Network;
use crate::receipts::{Event, Order};
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use koinon_protocol::id::DeviceKey;
use koinon_protocol::key::Signer;
use koinon_protocol::receipt::{PAGE_LENGTH, Page, QUESTION_LENGTH, Question};
use libp2p::identity::{Keypair, PublicKey, ed25519};
use libp2p::request_response::{self, Message, ResponseChannel};
use libp2p::{PeerId, StreamProtocol};
use std::collections::BTreeMap;
use std::io;

/// Questions that wait for the owner of the receipts; he answers in an instant, or not at all.
const OPEN: usize = 256;

/// Reads and writes questions and pages.
#[derive(Clone, Copy)]
pub(super) struct Codec;

impl request_response::Codec for Codec {
    type Protocol = StreamProtocol;
    type Request = Question;
    type Response = Page;

    async fn read_request<T: AsyncRead + Unpin + Send>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Question> {
        Question::decode(&read(io, QUESTION_LENGTH).await?).map_err(malformed)
    }

    async fn read_response<T: AsyncRead + Unpin + Send>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Page> {
        Page::decode(&read(io, PAGE_LENGTH).await?).map_err(malformed)
    }

    async fn write_request<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        request: Question,
    ) -> io::Result<()> {
        io.write_all(&request.encode()).await
    }

    async fn write_response<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        response: Page,
    ) -> io::Result<()> {
        io.write_all(&response.encode()).await
    }
}

/// Reads to the end of the stream, and one byte more than is allowed at most.
async fn read(io: &mut (impl AsyncRead + Unpin), bound: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io.take(bound as u64 + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

fn malformed(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// The questions of peers that wait for their answer.
#[derive(Default)]
pub(super) struct Open {
    last: u64,
    calls: BTreeMap<u64, ResponseChannel<Page>>,
}

impl Open {
    /// The oldest makes room: its asker has given up, or asks again.
    fn open(&mut self, channel: ResponseChannel<Page>) -> u64 {
        if self.calls.len() >= OPEN {
            self.calls.pop_first();
        }
        self.last += 1;
        self.calls.insert(self.last, channel);
        self.last
    }
}

/// The Ed25519 key that a libp2p id consists of; none for an id of another key.
pub fn key_of(peer: &PeerId) -> Option<DeviceKey> {
    let key = PublicKey::try_decode_protobuf(peer.as_ref().digest()).ok()?.try_into_ed25519().ok()?;
    Some(DeviceKey(key.to_bytes()))
}

/// The libp2p id of a node's key; none for bytes that are no key.
pub fn peer_id(key: DeviceKey) -> Option<PeerId> {
    ed25519::PublicKey::try_from_bytes(&key.0).ok().map(|key| PublicKey::from(key).to_peer_id())
}

/// What signs with a node's key; none when it is no Ed25519 key.
pub fn signer(key: &Keypair) -> Option<Signer> {
    let secret = key.clone().try_into_ed25519().ok()?.secret();
    Some(Signer::from_seed(secret.as_ref().try_into().ok()?))
}

impl Network {
    pub(super) fn receipts_happened(&mut self, event: request_response::Event<Question, Page>) {
        let request_response::Event::Message { peer, message, .. } = event else { return };
        let Some(from) = key_of(&peer) else { return };
        match message {
            Message::Request { request, channel, .. } => {
                let call = self.receipts.open(channel);
                self.tell(Event::Asked { from, call, question: request });
            }
            Message::Response { response, .. } => self.tell(Event::Answered { from, page: response }),
        }
    }

    /// What the owner has no room for is asked again.
    fn tell(&self, event: Event) {
        if let Some(events) = &self.receipt_events {
            let _ = events.try_send(event);
        }
    }

    pub(super) fn give(&mut self, order: Order) {
        match order {
            Order::Ask { to, question } => {
                if let Some(peer) = peer_id(to).filter(|peer| self.swarm.is_connected(peer)) {
                    self.swarm.behaviour_mut().receipts.send_request(&peer, question);
                }
            }
            Order::Answer { call, page } => {
                if let Some(channel) = self.receipts.calls.remove(&call) {
                    // The asker may have given up meanwhile; then it asks again.
                    let _ = self.swarm.behaviour_mut().receipts.send_response(channel, page);
                }
            }
        }
    }
}
