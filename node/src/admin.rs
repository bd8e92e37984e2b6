//! Administration: over a Unix socket in the data directory, so that whoever may read the node's files may administer it, and nobody else.
//!
//! HTTP, as everything else: `curl --unix-socket DATA/admin.sock http://node/status`. Work that takes time answers in JSON lines, one a step.

pub mod client;
mod hiding;
mod progress;

pub use hiding::Hidden;
pub use progress::{Line, Progress};

use crate::engine::Handle;
use crate::hidden;
use crate::net::Link;
use crate::reader::Reader;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use koinon_protocol::id::NetworkId;
use serde::{Deserialize, Serialize};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::sync::watch;

/// The socket's name in the data directory.
pub const SOCKET: &str = "admin.sock";

/// How long requests under way may take once the node is to end.
const GRACE: Duration = Duration::from_secs(5);

/// Work that an operator asks of a running node. Each blocks, and runs on a thread of its own.
pub trait Work: Send + Sync + 'static {
    /// Writes a copy of everything that is durable into the directory `to`, which must not exist or be empty.
    ///
    /// # Errors
    /// The reason, for people.
    fn backup(&self, to: &Path, progress: &Progress) -> Result<(), String>;
    /// Reads every byte of the store again and tells what is damaged.
    ///
    /// # Errors
    /// The reason, for people; damage is one.
    fn scrub(&self, progress: &Progress) -> Result<(), String>;
}

/// What the socket gives access to; cheap to clone.
#[derive(Clone)]
pub struct Admin {
    /// To ask how the node is.
    pub handle: Handle,
    /// To ask how far the index is.
    pub reader: Reader,
    /// What is hidden.
    pub hidden: hidden::Handle,
    /// Who is connected.
    pub links: watch::Receiver<Vec<Link>>,
    /// Ends the node when it is set to true.
    pub stop: watch::Sender<bool>,
    /// What takes time.
    pub work: Arc<dyn Work>,
}

/// How the node is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Of the program.
    pub version: String,
    /// Its number among the machine's processes.
    pub process: u32,
    /// The network.
    pub network: NetworkId,
    /// Records in the journal.
    pub records: u64,
    /// Records of the journal that can be read and listed.
    pub indexed: u64,
    /// Peers that are connected.
    pub peers: usize,
    /// Why the store is read-only, when it is.
    pub failure: Option<String>,
}

/// Listens in the data directory. The node holds the directory's lock, so a socket that is there already is one that a crash left behind.
///
/// # Errors
/// What the system says, with the path.
pub fn bind(data: &Path) -> io::Result<UnixListener> {
    let path = data.join(SOCKET);
    listen(data, &path).map_err(|error| {
        let advice = if error.kind() == io::ErrorKind::InvalidInput { "; a socket's path has at most 107 bytes" } else { "" };
        io::Error::new(error.kind(), format!("cannot make {}: {error}{advice}", path.display()))
    })
}

/// Binds where nobody else can look, and moves the socket to its place once only its owner may connect.
fn listen(data: &Path, path: &Path) -> io::Result<UnixListener> {
    let hidden = data.join(".admin");
    let _ = std::fs::remove_dir_all(&hidden);
    std::fs::DirBuilder::new().mode(0o700).create(&hidden)?;
    let new = hidden.join("s");
    let listener = UnixListener::bind(&new)?;
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&new, path)?;
    std::fs::remove_dir(&hidden)?;
    Ok(listener)
}

/// Answers until the node stops.
///
/// # Errors
/// What the system says.
pub async fn run(listener: UnixListener, admin: Admin) -> io::Result<()> {
    let (ending, late) = (turned(admin.stop.subscribe()), turned(admin.stop.subscribe()));
    let serving = axum::serve(listener, router(admin)).with_graceful_shutdown(ending);
    tokio::select! {
        served = serving => served,
        // A backup that is under way is cut short, and says so by having no last line.
        () = async { late.await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}

/// Until the node is told to stop.
async fn turned(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await.map(drop);
}

fn router(admin: Admin) -> Router {
    Router::new()
        .route("/status", get(status))
        .route("/stop", post(stop))
        .route("/backup", post(backup))
        .route("/scrub", post(scrub))
        .route("/hidden", get(hiding::list))
        .route("/hidden/{record}", put(hiding::hide).delete(hiding::show))
        .with_state(admin)
}

async fn status(State(admin): State<Admin>) -> Json<Status> {
    let engine = admin.handle.status();
    let peers = admin.links.borrow().len();
    Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        process: std::process::id(),
        network: admin.handle.network(),
        records: engine.records,
        indexed: admin.reader.size(),
        peers,
        failure: engine.failure,
    })
}

async fn stop(State(admin): State<Admin>) -> StatusCode {
    tracing::info!("told to stop over the administration socket");
    admin.stop.send_replace(true);
    StatusCode::ACCEPTED
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Backup {
    to: PathBuf,
}

async fn backup(State(admin): State<Admin>, Query(Backup { to }): Query<Backup>) -> Response {
    if !to.is_absolute() {
        return (
            StatusCode::BAD_REQUEST,
            format!("'{}' is not an absolute path, and the node has its own working directory\n", to.display()),
        )
            .into_response();
    }
    lines(admin, move |work, progress| work.backup(&to, progress))
}

async fn scrub(State(admin): State<Admin>) -> Response {
    lines(admin, |work, progress| work.scrub(progress))
}

fn lines(admin: Admin, work: impl FnOnce(&dyn Work, &Progress) -> Result<(), String> + Send + 'static) -> Response {
    let body = progress::stream(move |progress| work(&*admin.work, progress));
    ([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response()
}
