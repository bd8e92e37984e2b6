//! Why a node is not on the network.

use libp2p::core::transport::TransportError;
use libp2p::{Multiaddr, multiaddr};
use std::io;

/// Why a node is not on the network.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// Not a multiaddress.
    #[error("{text:?} is not an address: {source}; one looks like /ip4/192.0.2.7/tcp/8481")]
    Address {
        /// What was configured.
        text: String,
        /// Where it goes wrong.
        source: multiaddr::Error,
    },
    /// A multiaddress that no transport of this program can dial.
    #[error(
        "the peer {0} cannot be dialled; a peer looks like /dns4/node.example/tcp/8481, /ip4/192.0.2.7/udp/8481/quic-v1 or \
         /dns4/node.example/tcp/443/wss, each with or without /p2p/ and the peer's id"
    )]
    Peer(Multiaddr),
    /// A multiaddress that no transport of this program can listen on.
    #[error(
        "{0} cannot be listened on; an address to listen on looks like /ip4/0.0.0.0/tcp/8481, /ip4/0.0.0.0/udp/8481/quic-v1 or \
         /ip4/0.0.0.0/tcp/8482/ws"
    )]
    NotForListening(Multiaddr),
    /// The operating system refuses.
    #[error("cannot listen on {address}: {source}{}", advice(.source))]
    Listen {
        /// Which address.
        address: Multiaddr,
        /// Why.
        source: io::Error,
    },
    /// Something of the swarm could not be made.
    #[error("the {part} cannot be set up: {cause}")]
    Setup {
        /// What.
        part: &'static str,
        /// Why, in the library's words.
        cause: String,
    },
    /// The engine is gone.
    #[error("the engine ended, so the network ends too")]
    Engine,
}

impl NetError {
    pub(super) fn listen(address: Multiaddr, cause: TransportError<io::Error>) -> Self {
        match cause {
            TransportError::MultiaddrNotSupported(_) => Self::NotForListening(address),
            TransportError::Other(source) => Self::Listen { address, source: innermost(source) },
        }
    }

    pub(super) fn setup(part: &'static str, cause: impl std::fmt::Display) -> Self {
        Self::Setup { part, cause: cause.to_string() }
    }
}

/// What the system said. The transports wrap it so often, and not always as a source, that only their text surely has its number.
fn innermost(error: io::Error) -> io::Error {
    let text = error.to_string();
    let code = text.rsplit_once("(os error ").and_then(|(_, rest)| rest.split_once(')')?.0.parse().ok());
    code.map_or(error, io::Error::from_raw_os_error)
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "; stop the program that has this port, or choose another port",
        io::ErrorKind::AddrNotAvailable => "; this machine has no such address: choose one that it has, or 0.0.0.0 for all",
        io::ErrorKind::PermissionDenied => "; ports below 1024 are for the administrator: choose a higher one",
        _ => "",
    }
}
