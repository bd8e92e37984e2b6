//! Where browsers and programs connect: the listener, the bounds on connections, the end in order.
//!
//! `axum::serve` bounds neither the connections nor the time in which a head must arrive, so a few hundred silent sockets would
//! lock everybody out. Here one task owns the count of connections, in all and for each address.

pub mod guard;
mod host;
mod metrics;
mod rate;

pub use guard::Guards;
pub use host::{Host, NoHost};
pub use metrics::{Metrics, measured};
pub use rate::{Network, Rate};

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tower::ServiceExt as _;

/// Connections at one time: with their buffers, [`HEAD`] each way, under 40 MiB.
pub const CONNECTIONS: usize = 512;
/// Connections of one network at one time: browsers open six, and one address may stand for an office. Loopback may take all, since a
/// reverse proxy comes from there.
pub const CONNECTIONS_PER_NETWORK: usize = 32;
/// Bytes of the longest head of a request.
pub const HEAD: usize = 32 * 1024;
/// Lines in a head: browsers send about twenty.
const HEADERS: usize = 64;
/// A connection is asked to end after this, so that none is held by reading an answer byte by byte.
const CONNECTION_TIME: Duration = Duration::from_secs(300);
/// How long requests under way may take once a connection, or the node, is to end.
const GRACE: Duration = Duration::from_secs(10);
/// The system's queue of connections that were not accepted yet.
const BACKLOG: u32 = 256;
/// After a failed accept (no file descriptors, as a rule) a moment passes, or the loop would spin.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Who sent a request: an extension of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(pub SocketAddr);

/// Listens at `address`.
///
/// # Errors
/// What the system says, with the address and, when the port is taken, what to do.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listen = || -> io::Result<TcpListener> {
        let socket = if address.is_ipv4() { tokio::net::TcpSocket::new_v4()? } else { tokio::net::TcpSocket::new_v6()? };
        // A node that was stopped a moment ago must be able to start again; on Linux this lets nobody share the port.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listen().map_err(|error| {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => "another program uses this port: stop it, or choose another with --http ADDRESS:PORT",
            io::ErrorKind::PermissionDenied => "ports below 1024 need a privilege: choose another with --http ADDRESS:PORT",
            io::ErrorKind::AddrNotAvailable => "this machine has no such address: choose another with --http ADDRESS:PORT",
            _ => "choose another address with --http ADDRESS:PORT",
        };
        io::Error::new(error.kind(), format!("cannot listen at {address}: {error}; {advice}"))
    })
}

/// Serves `router` behind the [`Guards`] of the listener's address, which also let through requests for `hosts`, until `stop` turns true or its sender is gone. Requests under way then
/// have ten seconds to end.
///
/// # Errors
/// When the listener's address cannot be read.
pub async fn run(listener: TcpListener, router: Router, stop: watch::Receiver<bool>, hosts: Vec<Host>) -> io::Result<()> {
    let guards = Guards::at(listener.local_addr()?).answering_to(hosts);
    run_with(listener, router, stop, guards).await;
    Ok(())
}

/// Serves `router` as [`run`] does, behind these guards.
pub async fn run_with(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>, guards: Guards) {
    let head_time = guards.head_time;
    let router = guards.stand_before(router);
    let mut open = Connections::default();
    let ending = stop.clone();
    loop {
        tokio::select! {
            () = turned(&mut stop) => break,
            Some(ended) = open.tasks.join_next_with_id() => open.forget(ended),
            accepted = listener.accept(), if open.tasks.len() < CONNECTIONS => match accepted {
                Ok((stream, client)) => open.begin(client, |client| connection(stream, client, router.clone(), head_time, ending.clone())),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            },
        }
    }
    drop(listener);
    let all_ended = async { while open.tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE + Duration::from_secs(1), all_ended).await.is_err() {
        tracing::warn!("requests were still under way when the time to end was over");
    }
}

/// Waits until it is true or nobody can make it so any more.
async fn turned(stop: &mut watch::Receiver<bool>) {
    // Either way it is time to end.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// The connections that are open, counted for each network.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    networks: HashMap<Id, Network>,
    counts: BTreeMap<Network, usize>,
}

impl Connections {
    /// Serves a connection, or drops it when its network has as many as it may.
    fn begin<F: Future<Output = ()> + Send + 'static>(&mut self, client: SocketAddr, serve: impl FnOnce(Client) -> F) {
        let network = Network::of(client.ip());
        let count = self.counts.entry(network).or_default();
        if *count >= CONNECTIONS_PER_NETWORK && !is_local(client.ip()) {
            return;
        }
        *count += 1;
        let task = self.tasks.spawn(serve(Client(client)));
        self.networks.insert(task.id(), network);
    }

    fn forget(&mut self, ended: Result<(Id, ()), tokio::task::JoinError>) {
        let task = ended.map_or_else(|panicked| panicked.id(), |(task, ())| task);
        let Some(network) = self.networks.remove(&task) else { return };
        let Some(count) = self.counts.get_mut(&network) else { return };
        *count -= 1;
        if *count == 0 {
            self.counts.remove(&network);
        }
    }
}

async fn connection(stream: TcpStream, client: Client, router: Router, head_time: Duration, mut stop: watch::Receiver<bool>) {
    // Answers are written whole: waiting for more bytes to send would only delay them.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(client);
        router.clone().oneshot(request.map(Body::new))
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_time).max_buf_size(HEAD).max_headers(HEADERS);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let end = async {
        tokio::select! {
            () = turned(&mut stop) => {}
            () = tokio::time::sleep(CONNECTION_TIME) => {}
        }
    };
    tokio::select! {
        // What a client does wrong with its own connection is told to it by hyper, and to nobody else.
        _ = serving.as_mut() => return,
        () = end => serving.as_mut().graceful_shutdown(),
    }
    let _ = tokio::time::timeout(GRACE, serving).await;
}

fn is_local(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
