//! The HTTP API of a node, as far as the commands need it. Answers are bounded, and believed only where they can be checked.

use crate::failure::Failure;
use crate::record_file::{self, RecordFile};
use koinon_protocol::id::RecordId;
use serde::Deserialize;
use std::time::Duration;
use ureq::{Agent, Proxy, http::Response};

/// Bytes of the longest JSON answer that is read.
const JSON: u64 = 64 * 1024;
/// Characters of a node's reason that are shown.
const DETAIL: usize = 300;
const CONNECT: Duration = Duration::from_secs(10);
const WHOLE_REQUEST: Duration = Duration::from_secs(60);
const RECORD: &str = "application/octet-stream";

/// The option of every command that talks to a node.
#[derive(clap::Args, Clone, Debug)]
pub struct NodeArgs {
    /// The address of the node
    #[arg(long, value_name = "URL", env = "KOINON_NODE", hide_env_values = true, default_value = "http://localhost:8480")]
    pub node: String,
}

/// A node at an address; nothing is sent before a method is called.
pub struct Client {
    node: String,
    agent: Agent,
}

/// What a node says when it took a record.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub struct Receipt {
    /// The record.
    pub id: RecordId,
    /// Its place in the node's journal.
    pub position: u64,
}

/// RFC 9457, of which only the reason is shown.
#[derive(Deserialize)]
struct Problem {
    detail: Option<String>,
    title: Option<String>,
}

impl Client {
    /// A client of the node that the arguments name.
    pub fn new(args: &NodeArgs) -> Self {
        let node = args.node.trim_end_matches('/').to_owned();
        let is_here = ["http://localhost", "http://127.", "http://[::1]"].iter().any(|here| node.starts_with(here));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE_REQUEST))
            .proxy(if is_here { None } else { Proxy::try_from_env() });
        Self { agent: config.build().new_agent(), node }
    }

    /// `POST /api/v1/records`.
    ///
    /// # Errors
    /// [`Failure::NotRunning`], [`Failure::Refused`], and [`Failure::BadAnswer`] when the receipt names another record.
    pub fn publish(&self, record: &RecordFile) -> Result<Receipt, Failure> {
        let request = self.agent.post(format!("{}/api/v1/records", self.node)).header("Content-Type", RECORD);
        let mut response = request.send(record.encode()).map_err(|error| self.failure(error))?;
        if !response.status().is_success() {
            return Err(self.refusal(&mut response));
        }
        let bytes = self.read(&mut response, JSON)?;
        let receipt: Receipt = serde_json::from_slice(&bytes).map_err(|error| Failure::BadAnswer(error.to_string()))?;
        if receipt.id != record.signed.header().id() {
            return Err(Failure::BadAnswer("the receipt is for another record".into()));
        }
        Ok(receipt)
    }

    /// `GET /api/v1/records/{id}`: only its form and its id were checked.
    ///
    /// # Errors
    /// [`Failure::NoRecord`], [`Failure::NotRunning`], [`Failure::Refused`], and [`Failure::BadAnswer`] when it is not that record.
    pub fn record(&self, id: RecordId) -> Result<RecordFile, Failure> {
        let request = self.agent.get(format!("{}/api/v1/records/{id}", self.node)).header("Accept", RECORD);
        let mut response = request.call().map_err(|error| self.failure(error))?;
        match response.status().as_u16() {
            200 => {}
            404 => return Err(Failure::NoRecord(id)),
            _ => return Err(self.refusal(&mut response)),
        }
        let bytes = self.read(&mut response, record_file::MOST as u64)?;
        let record = RecordFile::decode(&bytes).map_err(|error| Failure::BadAnswer(error.to_string()))?;
        if record.signed.header().id() != id {
            return Err(Failure::BadAnswer("this is another record".into()));
        }
        Ok(record)
    }

    fn read(&self, response: &mut Response<ureq::Body>, bound: u64) -> Result<Vec<u8>, Failure> {
        // The limit of ureq is one that is reached, not one that is passed.
        let body = response.body_mut().with_config().limit(bound + 1).read_to_vec();
        body.map_err(|error| self.failure(error))
    }

    fn refusal(&self, response: &mut Response<ureq::Body>) -> Failure {
        let status = response.status();
        let problem = self.read(response, JSON).ok().and_then(|bytes| serde_json::from_slice::<Problem>(&bytes).ok());
        let reason = problem.and_then(|problem| problem.detail.or(problem.title));
        let reason = reason.unwrap_or_else(|| status.canonical_reason().unwrap_or("no reason given").to_owned());
        // A terminal obeys control characters; a stranger must not reach it.
        let detail = reason.chars().filter(|letter| !letter.is_control()).take(DETAIL).collect();
        Failure::Refused { status: status.as_u16(), detail }
    }

    fn failure(&self, error: ureq::Error) -> Failure {
        match error {
            ureq::Error::BodyExceedsLimit(_) => Failure::BadAnswer("it is longer than any right one".into()),
            ureq::Error::Protocol(_) | ureq::Error::Http(_) => Failure::BadAnswer(error.to_string()),
            error => Failure::NotRunning { node: self.node.clone(), reason: error.to_string() },
        }
    }
}
