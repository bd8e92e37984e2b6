//! Somebody who speaks libp2p and not the protocol.

use crate::node::patiently;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use koinon_protocol::id::NetworkId;
use libp2p::request_response::{self, Message, ProtocolSupport};
use libp2p::swarm::{NetworkBehaviour, Swarm, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Stream, StreamProtocol, SwarmBuilder, identify, noise, tcp, yamux};
use libp2p_stream::{Control, IncomingStreams};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};

/// Bytes as they are.
#[derive(Clone)]
pub(crate) struct Raw;

impl request_response::Codec for Raw {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T: AsyncRead + Unpin + Send>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>> {
        read(io).await
    }

    async fn read_response<T: AsyncRead + Unpin + Send>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>> {
        read(io).await
    }

    async fn write_request<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        bytes: Vec<u8>,
    ) -> io::Result<()> {
        io.write_all(&bytes).await
    }

    async fn write_response<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        bytes: Vec<u8>,
    ) -> io::Result<()> {
        io.write_all(&bytes).await
    }
}

async fn read(io: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    io.read_to_end(&mut bytes).await?;
    if bytes.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
}

#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    streams: libp2p_stream::Behaviour,
    identify: identify::Behaviour,
    sync: request_response::Behaviour<Raw>,
}

/// A swarm with the names of the protocol and none of its forms.
pub(crate) struct Attacker {
    swarm: Swarm<Behaviour>,
    victim: PeerId,
    push: StreamProtocol,
    control: Control,
    pushed: IncomingStreams,
    hearing: Option<(PeerId, Stream)>,
}

impl Attacker {
    /// Connected.
    pub(crate) async fn connect(network: NetworkId, address: &str) -> Self {
        let sync = StreamProtocol::try_from_owned(format!("/koinon/1/{network}/sync")).unwrap();
        let push = StreamProtocol::try_from_owned(format!("/koinon/1/{network}/push")).unwrap();
        let streams = libp2p_stream::Behaviour::new();
        let mut control = streams.new_control();
        let pushed = control.accept(push.clone()).unwrap();
        let sync = request_response::Behaviour::with_codec(Raw, [(sync, ProtocolSupport::Full)], Default::default());
        let mut swarm = SwarmBuilder::with_new_identity()
            .with_tokio()
            .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
            .unwrap()
            .with_behaviour(|key| Behaviour {
                streams,
                identify: identify::Behaviour::new(identify::Config::new("koinon/1".to_owned(), key.public())),
                sync,
            })
            .unwrap()
            .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(600)))
            .build();
        let address: Multiaddr = address.parse().unwrap();
        swarm.dial(address).unwrap();
        let victim = patiently(async {
            loop {
                if let SwarmEvent::ConnectionEstablished { peer_id, .. } = swarm.select_next_some().await {
                    return peer_id;
                }
            }
        })
        .await;
        Self { swarm, victim, push, control, pushed, hearing: None }
    }

    /// Pushes a message of these bytes, whatever they are, in a stream of its own: of one that held garbage the victim reads no more.
    /// Gives whether the victim still let him.
    pub(crate) async fn pushes(&mut self, bytes: &[u8]) -> bool {
        let Some(mut stream) = self.opens().await else { return false };
        let framed = framed(bytes);
        let wrote = self.turning(async { stream.write_all(&framed).await.and(stream.flush().await) }).await;
        self.turn().await;
        wrote.is_ok()
    }

    /// A further stream to the victim; none when it hung up.
    pub(crate) async fn opens(&mut self) -> Option<Stream> {
        let (mut control, victim, push) = (self.control.clone(), self.victim, self.push.clone());
        patiently(self.turning(async move { control.open_stream(victim, push).await })).await.ok()
    }

    /// Pushes for ever what `junk` makes for each number.
    pub(crate) async fn floods(mut self, junk: impl Fn(u64) -> Vec<u8>) {
        let mut stream = self.opens().await.unwrap();
        let flood = async {
            for number in 0.. {
                if stream.write_all(&framed(&junk(number))).await.and(stream.flush().await).is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            std::future::pending().await
        };
        self.turning(flood).await
    }

    /// The next message that is pushed here, and which of its peers pushed it.
    pub(crate) async fn hears(&mut self) -> (PeerId, Vec<u8>) {
        patiently(async {
            loop {
                if let Some((peer, stream)) = &mut self.hearing {
                    let (peer, mut length) = (*peer, [0; 2]);
                    let (swarm, reading) = (&mut self.swarm, async {
                        stream.read_exact(&mut length).await.unwrap();
                        let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
                        stream.read_exact(&mut bytes).await.map(|()| bytes).unwrap()
                    });
                    return (peer, while_turning(swarm, reading).await);
                }
                self.hearing = while_turning(&mut self.swarm, self.pushed.next()).await;
            }
        })
        .await
    }

    async fn turning<T>(&mut self, work: impl Future<Output = T>) -> T {
        while_turning(&mut self.swarm, work).await
    }

    async fn turn(&mut self) {
        let turning = async {
            loop {
                self.swarm.select_next_some().await;
            }
        };
        let _: Result<(), _> = tokio::time::timeout(Duration::from_millis(200), turning).await;
    }

    /// Sends bytes as a request; what came back, if anything did.
    pub(crate) async fn asks(&mut self, bytes: Vec<u8>) -> Option<Vec<u8>> {
        let victim = self.victim;
        self.swarm.behaviour_mut().sync.send_request(&victim, bytes);
        patiently(async {
            loop {
                match self.swarm.select_next_some().await {
                    SwarmEvent::Behaviour(BehaviourEvent::Sync(request_response::Event::Message {
                        message: Message::Response { response, .. },
                        ..
                    })) => return Some(response),
                    SwarmEvent::Behaviour(BehaviourEvent::Sync(request_response::Event::OutboundFailure { .. })) => return None,
                    _ => {}
                }
            }
        })
        .await
    }

    /// Answers every request with the same bytes.
    pub(crate) async fn answers(mut self, bytes: Vec<u8>) {
        loop {
            let event = self.swarm.select_next_some().await;
            if let SwarmEvent::Behaviour(BehaviourEvent::Sync(request_response::Event::Message {
                message: Message::Request { channel, .. },
                ..
            })) = event
            {
                let _ = self.swarm.behaviour_mut().sync.send_response(channel, bytes.clone());
            }
        }
    }

    /// Whether the victim speaks on a new connection, made after the old one ended.
    pub(crate) async fn connects_again(&mut self, address: &str) -> bool {
        let address: Multiaddr = address.parse().unwrap();
        patiently(async {
            while self.swarm.is_connected(&self.victim) {
                self.swarm.select_next_some().await;
            }
            self.swarm.dial(address).unwrap();
            let mut connected = false;
            loop {
                match self.swarm.select_next_some().await {
                    SwarmEvent::ConnectionEstablished { .. } => connected = true,
                    SwarmEvent::ConnectionClosed { .. } | SwarmEvent::OutgoingConnectionError { .. } => return false,
                    SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received { .. })) if connected => {
                        return true;
                    }
                    _ => {}
                }
            }
        })
        .await
    }
}

async fn while_turning<T>(swarm: &mut Swarm<Behaviour>, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = swarm.select_next_some() => {}
        }
    }
}

fn framed(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// So many connections from one address that say nothing, and are made anew when they are closed.
pub(crate) async fn silent_sockets(from: [u8; 4], to: &str, count: usize) -> tokio::task::JoinSet<()> {
    let port = to.split('/').nth(4).unwrap().parse().unwrap();
    let (from, to) = (SocketAddr::from((from, 0)), SocketAddr::from(([127, 0, 0, 1], port)));
    let mut sockets = tokio::task::JoinSet::new();
    let (connected, mut all) = tokio::sync::mpsc::channel(count);
    for _ in 0..count {
        let connected = connected.clone();
        sockets.spawn(async move {
            loop {
                let Ok(socket) = dial(from, to).await else { continue };
                let _ = connected.try_send(());
                let _ = socket.readable().await;
                while socket.try_read(&mut [0; 64]).is_ok_and(|read| read > 0) {
                    let _ = socket.readable().await;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
    }
    patiently(async {
        for _ in 0..count {
            all.recv().await.unwrap();
        }
    })
    .await;
    sockets
}

async fn dial(from: SocketAddr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(from)?;
    socket.connect(to).await
}
