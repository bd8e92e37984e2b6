//! What the swarm is made of: the transports, the behaviours, and the bounds of both.

use super::addresses::PerAddress;
use super::refusals::Refusals;
use super::{NetError, Settings, frame, push, receipts};
use koinon_protocol::id::NetworkId;
use libp2p::core::Transport;
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::Boxed;
use libp2p::core::transport::timeout::TransportTimeout;
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm, connection_limits, dns, identify, mdns, memory_connection_limits, noise, ping,
    quic, tcp, websocket, yamux,
};
use std::time::Duration;

/// What this program calls itself.
const AGENT: &str = concat!("koinond/", env!("CARGO_PKG_VERSION"));
/// From the first byte of a connection to the last of its handshakes.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A connection that nobody uses. Peers ask each other every few seconds, so this one is a duplicate or a stranger.
const IDLE: Duration = Duration::from_secs(600);
/// Requests are given up after this; a replica gives up a little earlier.
const REQUEST: Duration = Duration::from_secs(15);
/// Requests of both directions on one connection: a replica has two open to a peer, and answers as many.
const REQUEST_STREAMS: usize = 16;
/// Questions about receipts of both directions on one connection: one each way, and one that the other side gave up.
const RECEIPT_STREAMS: usize = 4;
/// Streams of one connection: those of requests, two of pushes, and a few of identify and ping.
const STREAMS: u32 = 64;
/// Streams of one connection whose protocol is not agreed on yet.
const NEGOTIATING: usize = 32;
/// Bytes that a peer may send on one QUIC stream before they are read: a response and its frame.
const QUIC_STREAM: u32 = 2 * 1024 * 1024;
/// The same over all streams of a connection.
const QUIC_CONNECTION: u32 = 4 * 1024 * 1024;
/// Bytes of one WebSocket message. What travels in them are encrypted chunks of 64 KiB, a few at once.
const WEBSOCKET: usize = 1024 * 1024;
/// Handshakes of others at a time.
const PENDING_INCOMING: u32 = 128;
/// Dials at a time.
const PENDING_OUTGOING: u32 = 64;
/// Connections that others made.
const INCOMING: u32 = 192;
/// Connections in all: those of others leave room for those that the operator wants.
const CONNECTIONS: u32 = 256;
/// Connections of one peer: both may have dialled, and one that restarted comes before its old connections are noticed to be dead.
const PER_PEER: u32 = 4;
/// The share of the machine's memory above which nobody new is let in.
const MEMORY: f64 = 0.8;

/// Names that hold the network's id, so that two networks do not understand each other.
pub(super) struct Names {
    pub(super) sync: StreamProtocol,
    pub(super) receipts: StreamProtocol,
    pub(super) push: StreamProtocol,
}

impl Names {
    pub(super) fn new(network: NetworkId) -> Self {
        // A name is refused only when it does not start with a slash.
        let name = |what: &str| {
            StreamProtocol::try_from_owned(format!("/koinon/1/{network}/{what}"))
                .unwrap_or(StreamProtocol::new("/koinon/1/unnamed"))
        };
        Self { sync: name("sync"), receipts: name("receipts"), push: name("push") }
    }
}

/// Those that can refuse a connection stand first, so that the others never see it.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    pub(super) refusals: Refusals,
    per_address: PerAddress,
    limits: connection_limits::Behaviour,
    memory: memory_connection_limits::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    pub(super) push: push::Behaviour,
    pub(super) sync: request_response::Behaviour<frame::Codec>,
    pub(super) receipts: request_response::Behaviour<receipts::Codec>,
    mdns: Toggle<mdns::tokio::Behaviour>,
}

pub(super) fn parse(text: &str) -> Result<Multiaddr, NetError> {
    text.parse().map_err(|source| NetError::Address { text: text.to_owned(), source })
}

pub(super) fn build(settings: &Settings, names: &Names, key: Keypair) -> Result<Swarm<Behaviour>, NetError> {
    let behaviour = behaviour(settings, names, &key)?;
    let config = libp2p::swarm::Config::with_tokio_executor()
        .with_idle_connection_timeout(IDLE)
        .with_max_negotiating_inbound_streams(NEGOTIATING);
    Ok(Swarm::new(transport(&key)?, behaviour, key.public().to_peer_id(), config))
}

fn behaviour(settings: &Settings, names: &Names, key: &Keypair) -> Result<Behaviour, NetError> {
    let limits = connection_limits::ConnectionLimits::default()
        .with_max_pending_incoming(Some(PENDING_INCOMING))
        .with_max_pending_outgoing(Some(PENDING_OUTGOING))
        .with_max_established_incoming(Some(INCOMING))
        .with_max_established(Some(CONNECTIONS))
        .with_max_established_per_peer(Some(PER_PEER));
    // Where a node listens is told to nobody who did not find it there, and where others say that they listen is not kept.
    let identify = identify::Config::new("koinon/1".to_owned(), key.public())
        .with_agent_version(AGENT.to_owned())
        .with_hide_listen_addrs(true)
        .with_cache_size(0);
    let sync = request_response::Config::default().with_request_timeout(REQUEST).with_max_concurrent_streams(REQUEST_STREAMS);
    let of_receipts =
        request_response::Config::default().with_request_timeout(REQUEST).with_max_concurrent_streams(RECEIPT_STREAMS);
    let mdns = settings.mdns.then(|| mdns::tokio::Behaviour::new(mdns::Config::default(), key.public().to_peer_id()));
    let mdns = mdns.transpose().map_err(|error| NetError::setup("search of the local network (mDNS)", error))?;
    Ok(Behaviour {
        refusals: Refusals::default(),
        per_address: PerAddress::new(settings.limits),
        limits: connection_limits::Behaviour::new(limits),
        memory: memory_connection_limits::Behaviour::with_max_percentage(MEMORY),
        identify: identify::Behaviour::new(identify),
        ping: ping::Behaviour::default(),
        push: push::Behaviour::new(names.push.clone()),
        sync: request_response::Behaviour::with_codec(frame::Codec, [(names.sync.clone(), ProtocolSupport::Full)], sync),
        receipts: request_response::Behaviour::with_codec(
            receipts::Codec,
            [(names.receipts.clone(), ProtocolSupport::Full)],
            of_receipts,
        ),
        mdns: mdns.into(),
    })
}

/// QUIC, WebSocket and TCP; names are resolved as the system says. WebSocket stands before TCP, which would take its addresses.
fn transport(key: &Keypair) -> Result<Boxed<(PeerId, StreamMuxerBox)>, NetError> {
    let noise = noise::Config::new(key).map_err(|error| NetError::setup("encryption", error))?;
    let mut yamux = yamux::Config::default();
    yamux.set_max_num_streams(STREAMS as usize);

    let mut websocket = websocket::Config::new(with_names(socket));
    websocket.set_max_data_size(WEBSOCKET);
    let websocket = websocket.upgrade(Version::V1Lazy).authenticate(noise.clone()).multiplex(yamux.clone()).boxed();
    let plain = with_names(|| {
        let tcp = socket().upgrade(Version::V1Lazy).authenticate(noise.clone()).multiplex(yamux.clone());
        let quic = quic::tokio::Transport::new(bounded_quic(key)).map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)));
        quic.boxed().or_transport(tcp.boxed()).map(|either, _| either.into_inner()).boxed()
    });
    let all = websocket.or_transport(plain).map(|either, _| either.into_inner());
    Ok(TransportTimeout::new(all, HANDSHAKE).boxed())
}

fn socket() -> tcp::tokio::Transport {
    tcp::tokio::Transport::new(tcp::Config::default().nodelay(true))
}

fn bounded_quic(key: &Keypair) -> quic::Config {
    let mut quic = quic::Config::new(key);
    quic.max_concurrent_stream_limit = STREAMS;
    quic.max_stream_data = QUIC_STREAM;
    quic.max_connection_data = QUIC_CONNECTION;
    quic
}

/// Where the machine has no resolver configured, names are not found and addresses are dialled as ever; no other resolver is asked.
fn with_names<T: Transport>(transport: impl Fn() -> T) -> dns::tokio::Transport<T> {
    dns::tokio::Transport::system(transport()).unwrap_or_else(|error| {
        tracing::warn!(%error, "this machine has no usable resolver configuration, so peers are not found by name");
        without_names(transport())
    })
}

fn without_names<T: Transport>(transport: T) -> dns::tokio::Transport<T> {
    let nobody = dns::ResolverConfig::from_parts(None, Vec::new(), Vec::new());
    dns::tokio::Transport::custom(transport, nobody, dns::ResolverOpts::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use libp2p::core::Endpoint;
    use libp2p::core::transport::{DialOpts, PortUse};

    #[tokio::test]
    async fn a_machine_without_a_resolver_dials_addresses_and_finds_no_names() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let options = DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };
        let mut transport = without_names(socket());
        let mut dial = |text: String| transport.dial(text.parse().unwrap(), options).unwrap();
        assert!(dial(format!("/ip4/127.0.0.1/tcp/{port}")).await.is_ok());
        assert!(dial(format!("/dns4/node.example/tcp/{port}")).await.is_err());
    }
}
