//! The two streams of one connection: one that is written here, and one that the peer writes.

use super::Message;
use futures::future::BoxFuture;
use futures::io::BufReader;
use futures::stream::{self, BoxStream};
use futures::{AsyncWriteExt, FutureExt, StreamExt};
use libp2p::StreamProtocol;
use libp2p::core::upgrade::ReadyUpgrade;
use libp2p::swarm::handler::{ConnectionEvent, FullyNegotiatedInbound, FullyNegotiatedOutbound};
use libp2p::swarm::{ConnectionHandler, ConnectionHandlerEvent, Stream, StreamUpgradeError, SubstreamProtocol};
use std::collections::VecDeque;
use std::io;
use std::task::{Context, Poll};

/// Messages that wait for a slow line: 5 MiB. More find no room, and the peer learns of them when it asks.
const QUEUE: usize = 4096;
/// Messages that are written at a time: 80 KiB.
const AT_ONCE: usize = 64;
/// Bytes that are read at a time: a message and a little more.
const BUFFER: usize = 2048;

type Messages = BoxStream<'static, io::Result<Message>>;

/// What the stream does that is written here.
enum Writing {
    /// There is none, and there is nothing to write.
    Closed,
    Opening,
    Idle(Stream),
    Busy(BoxFuture<'static, io::Result<Stream>>),
    /// The peer does not know the protocol.
    Unwanted,
}

pub(in crate::net) struct Handler {
    protocol: StreamProtocol,
    writing: Writing,
    queue: VecDeque<Message>,
    reading: Option<Messages>,
}

impl Handler {
    pub(super) fn new(protocol: StreamProtocol) -> Self {
        Self { protocol, writing: Writing::Closed, queue: VecDeque::new(), reading: None }
    }

    /// Writes what waits; true when a stream is to be opened for it.
    fn write(&mut self, cx: &mut Context<'_>) -> bool {
        loop {
            match std::mem::replace(&mut self.writing, Writing::Closed) {
                Writing::Idle(stream) if !self.queue.is_empty() => {
                    let mut bytes = Vec::new();
                    self.queue.drain(..self.queue.len().min(AT_ONCE)).for_each(|message| message.write(&mut bytes));
                    self.writing = Writing::Busy(write(stream, bytes).boxed());
                }
                Writing::Busy(mut written) => match written.poll_unpin(cx) {
                    Poll::Ready(Ok(stream)) => self.writing = Writing::Idle(stream),
                    Poll::Ready(Err(_)) => self.queue.clear(),
                    Poll::Pending => {
                        self.writing = Writing::Busy(written);
                        return false;
                    }
                },
                Writing::Closed if !self.queue.is_empty() => {
                    self.writing = Writing::Opening;
                    return true;
                }
                other => {
                    self.writing = other;
                    return false;
                }
            }
        }
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Message;
    type ToBehaviour = io::Result<Message>;
    type InboundProtocol = ReadyUpgrade<StreamProtocol>;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        SubstreamProtocol::new(ReadyUpgrade::new(self.protocol.clone()), ())
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, Self::OutboundOpenInfo, Self::ToBehaviour>> {
        if self.write(cx) {
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol: self.listen_protocol() });
        }
        if let Some(Poll::Ready(read)) = self.reading.as_mut().map(|reading| reading.poll_next_unpin(cx)) {
            if !matches!(read, Some(Ok(_))) {
                self.reading = None;
            }
            // A stream that ends or breaks is no news.
            if let Some(read) = read.filter(|read| read.as_ref().err().is_none_or(crate::net::frame::is_malformed)) {
                return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(read));
            }
        }
        Poll::Pending
    }

    fn on_behaviour_event(&mut self, message: Message) {
        if self.queue.len() < QUEUE && !matches!(self.writing, Writing::Unwanted) {
            self.queue.push_back(message);
        }
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Self::InboundProtocol, Self::OutboundProtocol>) {
        match event {
            // One stream is read: whoever opens many is heard on the last.
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, .. }) => {
                self.reading = Some(messages(protocol));
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, .. }) => {
                self.writing = Writing::Idle(protocol);
            }
            ConnectionEvent::DialUpgradeError(failure) => {
                self.queue.clear();
                let unwanted = matches!(failure.error, StreamUpgradeError::NegotiationFailed);
                self.writing = if unwanted { Writing::Unwanted } else { Writing::Closed };
            }
            _ => {}
        }
    }
}

async fn write(mut stream: Stream, bytes: Vec<u8>) -> io::Result<Stream> {
    stream.write_all(&bytes).await?;
    stream.flush().await?;
    Ok(stream)
}

fn messages(stream: Stream) -> Messages {
    let next = |mut reader: BufReader<Stream>| async move {
        let read = Message::read(&mut reader).await.transpose()?;
        Some((read, reader))
    };
    stream::unfold(BufReader::with_capacity(BUFFER, stream), next).boxed()
}
