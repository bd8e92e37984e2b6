//! The API of one node, as anybody could use it.

use koinon_protocol::id::RecordId;
use serde_json::Value;
use std::time::Duration;
use ureq::Agent;

/// A node on this machine that takes longer than this to answer is stuck.
const ANSWER: Duration = Duration::from_secs(20);
/// Bytes of the longest answer that is read.
const MOST: u64 = 1 << 20;

/// Why a node's answer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It does not answer, or not in HTTP.
    #[error("{address}: {source}")]
    Silent {
        /// What was asked.
        address: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// It refuses.
    #[error("{address} answers {status}: {detail}")]
    Refused {
        /// What was asked.
        address: String,
        /// The HTTP status.
        status: u16,
        /// The problem that it names.
        detail: String,
    },
    /// It answers something else than the API says.
    #[error("{address} answers what cannot be read: {detail}")]
    Unreadable {
        /// What was asked.
        address: String,
        /// What it is.
        detail: String,
    },
}

/// A node, by the address of its pages.
#[derive(Clone)]
pub(super) struct Client {
    address: String,
    agent: Agent,
}

impl Client {
    pub(super) fn new(port: u16) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(ANSWER)).proxy(None);
        Self { address: format!("http://localhost:{port}"), agent: config.build().new_agent() }
    }

    /// Where its pages are.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Whether it is ready to work.
    pub(super) fn is_ready(&self) -> bool {
        self.agent.get(format!("{}/readyz", self.address)).call().is_ok_and(|response| response.status().is_success())
    }

    /// Gives it a record file.
    pub(super) fn publish(&self, file: &[u8]) -> Result<(), ClientError> {
        let address = format!("{}/api/v1/records", self.address);
        let request = self.agent.post(&address).header("Content-Type", "application/octet-stream");
        self.read(&address, request.send(file)).map(drop)
    }

    /// Reads a path of its API as JSON.
    pub(super) fn get(&self, path: &str) -> Result<Value, ClientError> {
        let address = format!("{}/api/v1/{path}", self.address);
        let bytes = self.read(&address, self.agent.get(&address).call())?;
        serde_json::from_slice(&bytes).map_err(|error| ClientError::Unreadable { address, detail: error.to_string() })
    }

    /// A record file.
    pub(super) fn record(&self, id: &RecordId) -> Result<Vec<u8>, ClientError> {
        let address = format!("{}/api/v1/records/{id}", self.address);
        self.read(&address, self.agent.get(&address).header("Accept", "application/octet-stream").call())
    }

    /// How many records can be read at it.
    pub(super) fn indexed(&self) -> Result<u64, ClientError> {
        Ok(self.get("status")?["indexed"].as_u64().unwrap_or_default())
    }

    /// How many records its search finds.
    pub(super) fn searchable(&self) -> Result<u64, ClientError> {
        Ok(self.get("search?limit=1")?["total"].as_u64().unwrap_or_default())
    }

    fn read(&self, address: &str, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>, ClientError> {
        let silent = |source| ClientError::Silent { address: address.to_owned(), source: Box::new(source) };
        let mut response = answer.map_err(silent)?;
        let bytes = response.body_mut().with_config().limit(MOST).read_to_vec().map_err(silent)?;
        if response.status().is_success() {
            return Ok(bytes);
        }
        let problem: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let detail = problem["detail"].as_str().unwrap_or("no reason given").to_owned();
        Err(ClientError::Refused { address: address.to_owned(), status: response.status().as_u16(), detail })
    }
}
