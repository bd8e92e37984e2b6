//! Records that this node does not show, by its operator's decision: not listed, searched, bundled or served by its pages and API, while it
//! keeps them and passes them on. No record says so, and other nodes may show them.
//!
//! One thread owns the list and its file; readers hold what it was a moment ago.

use crate::private_file;
use koinon_protocol::id::RecordId;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::body::{GROUND, is_text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime;
use tokio::sync::{mpsc, oneshot, watch};

/// The file's name in the data directory.
pub const FILE: &str = "hidden.json";

/// Records that one node may hide: each search leaves them all out, and takes some milliseconds for so many.
const HIDDEN: usize = 10_000;
/// Bytes of the longest file: as many grounds of four bytes a character, written in full.
const LONGEST: u64 = (HIDDEN * (GROUND * 6 + 256)) as u64;
/// Changes that wait.
const WAITING: usize = 16;
/// The thread looks whether it is to stop at least so often.
const PULSE: Duration = Duration::from_millis(500);

/// Why a record is hidden, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// In words, which everybody reads who asks this node for the record.
    pub ground: String,
    /// When it was hidden.
    pub since: Millis,
}

/// The hidden records.
pub type List = BTreeMap<RecordId, Why>;

/// Why the list was not changed.
#[derive(Debug, thiserror::Error)]
pub enum HideError {
    /// The ground.
    #[error("the ground must be text of 1 to {GROUND} characters, not all of them blank")]
    Ground,
    /// Too many.
    #[error(
        "this node hides {HIDDEN} records already, as many as it may; an organisation that moderates the network erases for good with koinon notice"
    )]
    Full,
    /// Not in the list.
    #[error("the record {0} is not hidden here")]
    NotHidden(RecordId),
    /// The file.
    #[error("the list was not changed: {0}")]
    File(#[from] io::Error),
    /// The node ends.
    #[error("the node is stopping")]
    Stopping,
}

enum Change {
    Hide(RecordId, Why),
    Show(RecordId),
}

type Answer = oneshot::Sender<Result<(), HideError>>;

/// Changes the list; cheap to clone.
#[derive(Clone)]
pub struct Handle {
    changes: mpsc::Sender<(Change, Answer)>,
    list: watch::Receiver<Arc<List>>,
}

impl Handle {
    /// Hides a record; of one that is hidden the ground is replaced. Durable when it returns.
    ///
    /// # Errors
    /// [`HideError`].
    pub async fn hide(&self, record: RecordId, ground: &str, now: Millis) -> Result<(), HideError> {
        if !is_text(ground, GROUND) {
            return Err(HideError::Ground);
        }
        self.change(Change::Hide(record, Why { ground: ground.to_owned(), since: now })).await
    }

    /// Shows it again.
    ///
    /// # Errors
    /// [`HideError`].
    pub async fn show(&self, record: RecordId) -> Result<(), HideError> {
        self.change(Change::Show(record)).await
    }

    /// What is hidden.
    pub fn list(&self) -> Arc<List> {
        self.list.borrow().clone()
    }

    async fn change(&self, change: Change) -> Result<(), HideError> {
        let (answer, done) = oneshot::channel();
        self.changes.send((change, answer)).await.map_err(|_| HideError::Stopping)?;
        done.await.unwrap_or(Err(HideError::Stopping))
    }
}

/// The owner of the list before it runs.
pub struct Desk {
    path: PathBuf,
    changes: mpsc::Receiver<(Change, Answer)>,
    list: watch::Sender<Arc<List>>,
}

/// Opens the list in the data directory. The receiver is for a [`Reader`](crate::reader::Reader).
///
/// # Errors
/// What the system says of the file; a file that is no such list is not passed over, since it would show what was hidden.
pub fn open(data: &Path) -> io::Result<(Desk, Handle, watch::Receiver<Arc<List>>)> {
    let path = data.join(FILE);
    let (list, listed) = watch::channel(Arc::new(load(&path)?));
    let (sender, changes) = mpsc::channel(WAITING);
    Ok((Desk { path, changes, list }, Handle { changes: sender, list: listed.clone() }, listed))
}

fn load(path: &Path) -> io::Result<List> {
    let file = match std::fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(List::new()),
        file => file?,
    };
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    let damaged = |why: String| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!(
                "this is not the list of hidden records: {why}; put it back from a copy, or move it away and all of them are shown"
            ),
        )
    };
    let list: List = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    if list.len() > HIDDEN { Err(damaged(format!("it has more than {HIDDEN} records"))) } else { Ok(list) }
}

impl Desk {
    /// Works until `stop` turns true. Blocks: it has a thread of its own.
    pub fn run(mut self, runtime: &runtime::Handle, stop: &watch::Receiver<bool>) {
        while !*stop.borrow() {
            match runtime.block_on(async { tokio::time::timeout(PULSE, self.changes.recv()).await }) {
                // Whoever asked may have gone.
                Ok(Some((change, answer))) => drop(answer.send(self.carry_out(change))),
                // Nobody is left who could ask; what is hidden stays so.
                Ok(None) => std::thread::sleep(PULSE),
                Err(_) => {}
            }
        }
    }

    fn carry_out(&self, change: Change) -> Result<(), HideError> {
        let mut list = List::clone(&self.list.borrow());
        match change {
            Change::Hide(record, _) if list.len() >= HIDDEN && !list.contains_key(&record) => return Err(HideError::Full),
            Change::Hide(record, why) => drop(list.insert(record, why)),
            Change::Show(record) => drop(list.remove(&record).ok_or(HideError::NotHidden(record))?),
        }
        let bytes = serde_json::to_vec_pretty(&list).map_err(io::Error::other)?;
        private_file::replace(&self.path, &bytes)?;
        self.list.send_replace(Arc::new(list));
        Ok(())
    }
}
