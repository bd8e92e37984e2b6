//! The one owner of the replica, the store and what is known of trust: takes what happened, makes it durable, says what is to be done.

mod checks;
mod desk;
mod flight;
mod verify;

pub use desk::{Desk, Ends, EngineError};
pub use verify::Signatures;

use koinon_protocol::id::NetworkId;
use koinon_protocol::journal::Hash;
use koinon_protocol::replica::{Input, Refusal, Submission};
use koinon_protocol::trust::Trust;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// What the engine is asked.
pub enum Message {
    /// Something happened on the network.
    Input(Input),
    /// A record was written here or given over the API.
    Submit {
        /// The record and its body.
        submission: Submission,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<Receipt, SubmitError>>,
    },
}

/// A record is kept and survives a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its place in this node's journal.
    pub position: u64,
}

/// Why a record was not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The rules refuse it; [`Refusal`] says which.
    #[error("{0}")]
    Refused(Refusal),
    /// More is submitted than the disk takes: ask again in a moment.
    #[error("the node has more to do than it can take; try again in a moment")]
    Busy,
    /// The store is read-only since a write failed.
    #[error("the node takes no records at the moment: {0}")]
    ReadOnly(String),
    /// The node is being stopped.
    #[error("the node is stopping")]
    Stopping,
}

/// What the engine says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Records in the journal.
    pub records: u64,
    /// The journal's root.
    pub root: Hash,
    /// Peers that are connected.
    pub peers: usize,
    /// Why the store is read-only, when it is.
    pub failure: Option<String>,
}

/// Talks to the engine; cheap to clone.
#[derive(Clone)]
pub struct Handle {
    network: NetworkId,
    messages: mpsc::Sender<Message>,
    trust: watch::Receiver<Arc<Trust>>,
    status: watch::Receiver<Status>,
}

impl Handle {
    /// The network.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// Gives a record to the engine and waits until it is durable.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub async fn submit(&self, submission: Submission) -> Result<Receipt, SubmitError> {
        let (answer, receipt) = oneshot::channel();
        let message = Message::Submit { submission, answer };
        self.messages.try_send(message).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SubmitError::Busy,
            mpsc::error::TrySendError::Closed(_) => SubmitError::Stopping,
        })?;
        receipt.await.unwrap_or(Err(SubmitError::Stopping))
    }

    /// Waits until at least so many records are durable; false when the node stops before.
    pub async fn holds(&self, records: u64) -> bool {
        self.status.clone().wait_for(|status| status.records >= records).await.is_ok()
    }

    /// What is known of trust, as of a moment ago.
    pub fn trust(&self) -> Arc<Trust> {
        self.trust.borrow().clone()
    }

    /// What the engine says of itself, as of a moment ago.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }
}
