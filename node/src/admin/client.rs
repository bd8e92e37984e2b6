//! The other end of the socket: what `koinond` asks of a node that runs.

use super::SOCKET;
use super::hiding::{Ground, Hidden};
use koinon_protocol::id::RecordId;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A node that does not answer in this time is stuck.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of the longest answer: ten thousand hidden records with their grounds.
const LONGEST: u64 = 128 << 20;

/// Why the node did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens.
    #[error("no node runs on this data directory ({path}: {source}); start it with `koinond run`")]
    NotRunning {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It does not want to.
    #[error("{0}")]
    Refused(String),
    /// It answered something that is no answer.
    #[error("the node's answer was cut short: {0}")]
    Broken(#[from] io::Error),
}

/// Hides a record on the node whose data directory this is.
///
/// # Errors
/// [`AskError`].
pub fn hide(data: &Path, record: RecordId, ground: &str) -> Result<(), AskError> {
    let body = serde_json::to_string(&Ground { ground: ground.to_owned() }).map_err(io::Error::other)?;
    ask(data, "PUT", &format!("/hidden/{record}"), &body).map(drop)
}

/// Shows it again.
///
/// # Errors
/// [`AskError`].
pub fn show(data: &Path, record: RecordId) -> Result<(), AskError> {
    ask(data, "DELETE", &format!("/hidden/{record}"), "").map(drop)
}

/// What the node hides.
///
/// # Errors
/// [`AskError`].
pub fn hidden(data: &Path) -> Result<Vec<Hidden>, AskError> {
    let body = ask(data, "GET", "/hidden", "")?;
    Ok(serde_json::from_str(&body).map_err(io::Error::other)?)
}

/// The body of an answer with a status below 300. By HTTP/1.0, whose answers end with the connection and are in one piece.
fn ask(data: &Path, method: &str, target: &str, body: &str) -> Result<String, AskError> {
    let path = data.join(SOCKET);
    let mut stream = UnixStream::connect(&path).map_err(|source| AskError::NotRunning { path, source })?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let head = format!(
        "{method} {target} HTTP/1.0\r\nHost: node\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer)?;
    let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, "no status");
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(cut)?;
    let status: u16 = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(cut)?;
    if status < 300 { Ok(body.to_owned()) } else { Err(AskError::Refused(body.trim_end().to_owned())) }
}
