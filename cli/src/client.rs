//! The HTTP API of a node, as far as the commands need it. Answers are bounded, and believed only where they can be checked.

mod answers;

pub use answers::{LogState, Receipt, Refusal};

use crate::charter_file::CharterFile;
use crate::failure::Failure;
use crate::organisation::OrganisationState;
use crate::progress::during;
use answers::Problem;
use koinon_protocol::bundle;
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::log::LogId;
use koinon_protocol::record_file::{self, RecordFile};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use ureq::{Agent, Proxy, http::Response};

/// Bytes of the longest JSON answer that is read: a page of a hundred records with long titles, many times over.
const JSON: u64 = 4 * 1024 * 1024;
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
    languages: String,
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
        Self { agent: config.build().new_agent(), node, languages: "en".into() }
    }

    /// The languages in which names and titles are wanted, the dearest first.
    pub fn with_languages(mut self, wanted: &[String]) -> Self {
        self.languages = wanted.join(", ");
        self
    }

    /// The address.
    pub fn address(&self) -> &str {
        &self.node
    }

    /// `POST /api/v1/records`.
    ///
    /// # Errors
    /// [`Failure::NotRunning`], [`Failure::Refused`], and [`Failure::BadAnswer`] when the receipt names another record.
    pub fn publish(&self, record: &RecordFile) -> Result<Receipt, Failure> {
        let receipt: Receipt = self.post("records", record)?;
        if receipt.id != record.signed.header().id() {
            return Err(Failure::BadAnswer("the receipt is for another record".into()));
        }
        Ok(receipt)
    }

    /// `POST /api/v1/records/check`: whether the node would take the record, signed or not; nothing changes there.
    ///
    /// # Errors
    /// As [`Client::publish`].
    pub fn check(&self, record: &RecordFile) -> Result<(), Failure> {
        self.post::<Value>("records/check", record).map(drop)
    }

    /// `GET /api/v1/records/{id}`: only its form and its id were checked.
    ///
    /// # Errors
    /// [`Failure::NoRecord`], [`Failure::NotRunning`], [`Failure::Refused`], and [`Failure::BadAnswer`] when it is not that record.
    pub fn record(&self, id: RecordId) -> Result<RecordFile, Failure> {
        let bytes = self.get(&format!("records/{id}"), &[], RECORD, record_file::MOST as u64)?;
        let bytes = bytes.ok_or(Failure::NoRecord(id))?;
        let record = RecordFile::decode(&bytes).map_err(|error| Failure::BadAnswer(error.to_string()))?;
        if record.signed.header().id() != id {
            return Err(Failure::BadAnswer("this is another record".into()));
        }
        Ok(record)
    }

    /// `GET /api/v1/charter`, checked: the network is what its founders signed.
    ///
    /// # Errors
    /// [`Failure::NotRunning`], [`Failure::Refused`], [`Failure::BadAnswer`].
    pub fn charter(&self) -> Result<CharterFile, Failure> {
        let bytes = self.get("charter", &[], RECORD, record_file::MOST as u64)?.ok_or_else(|| self.absent("charter"))?;
        let record = RecordFile::decode(&bytes).map_err(|error| Failure::BadAnswer(error.to_string()))?;
        CharterFile::check(record).map_err(|error| Failure::BadAnswer(error.to_string()))
    }

    /// `GET /api/v1/organisations/{id}/logs/{device}`; an organisation that the node does not know has an empty log.
    ///
    /// # Errors
    /// [`Failure::NotRunning`], [`Failure::Refused`], [`Failure::BadAnswer`].
    pub fn log(&self, log: LogId) -> Result<LogState, Failure> {
        let path = format!("organisations/{}/logs/{}", log.organisation, log.device);
        Ok(self.get_json(&path, &[])?.unwrap_or_default())
    }

    /// `GET /api/v1/organisations/{id}`, as far as proposals need it.
    ///
    /// # Errors
    /// [`Failure::Absent`], [`Failure::NotRunning`], [`Failure::Refused`], [`Failure::BadAnswer`].
    pub fn organisation(&self, id: OrganisationId) -> Result<OrganisationState, Failure> {
        let path = format!("organisations/{id}");
        let found: OrganisationState = self.get_json(&path, &[])?.ok_or_else(|| self.absent(&path))?;
        if found.id == id { Ok(found) } else { Err(Failure::BadAnswer("this is another organisation".into())) }
    }

    /// `GET /api/v1/bundle/{id}`: bytes that nobody checked.
    ///
    /// # Errors
    /// [`Failure::NoRecord`], [`Failure::NotRunning`], [`Failure::Refused`], [`Failure::BadAnswer`].
    pub fn bundle(&self, id: RecordId) -> Result<Vec<u8>, Failure> {
        self.get(&format!("bundle/{id}"), &[], RECORD, bundle::BYTES as u64)?.ok_or(Failure::NoRecord(id))
    }

    /// An object of the API under `/api/v1/`.
    ///
    /// # Errors
    /// [`Failure::Absent`], [`Failure::NotRunning`], [`Failure::Refused`], [`Failure::BadAnswer`].
    pub fn object(&self, path: &str, query: &[(&str, String)]) -> Result<Value, Failure> {
        self.get_json(path, query)?.ok_or_else(|| self.absent(path))
    }

    fn absent(&self, path: &str) -> Failure {
        Failure::Absent { node: self.node.clone(), path: path.to_owned() }
    }

    fn get_json<T: DeserializeOwned>(&self, path: &str, query: &[(&str, String)]) -> Result<Option<T>, Failure> {
        let Some(bytes) = self.get(path, query, "application/json", JSON)? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| Failure::BadAnswer(error.to_string()))
    }

    /// None when the node has no such thing.
    fn get(&self, path: &str, query: &[(&str, String)], accept: &str, bound: u64) -> Result<Option<Vec<u8>>, Failure> {
        let mut request = self.agent.get(self.url(path)).header("Accept", accept).header("Accept-Language", &self.languages);
        for (name, value) in query {
            request = request.query(name, value);
        }
        during("waiting for the node", || {
            let mut response = request.call().map_err(|error| self.failure(error))?;
            match response.status().as_u16() {
                200 => self.read(&mut response, bound).map(Some),
                404 => Ok(None),
                _ => Err(self.refusal(&mut response)),
            }
        })
    }

    fn post<T: DeserializeOwned>(&self, path: &str, record: &RecordFile) -> Result<T, Failure> {
        let request = self.agent.post(self.url(path)).header("Content-Type", RECORD);
        let bytes = during("waiting for the node", || {
            let mut response = request.send(record.encode()).map_err(|error| self.failure(error))?;
            if !response.status().is_success() {
                return Err(self.refusal(&mut response));
            }
            self.read(&mut response, JSON)
        })?;
        serde_json::from_slice(&bytes).map_err(|error| Failure::BadAnswer(error.to_string()))
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.node)
    }

    fn read(&self, response: &mut Response<ureq::Body>, bound: u64) -> Result<Vec<u8>, Failure> {
        // The limit of ureq is one that is reached, not one that is passed.
        let body = response.body_mut().with_config().limit(bound + 1).read_to_vec();
        body.map_err(|error| self.failure(error))
    }

    fn refusal(&self, response: &mut Response<ureq::Body>) -> Failure {
        let status = response.status();
        let problem = self.read(response, JSON).ok().and_then(|bytes| serde_json::from_slice::<Problem>(&bytes).ok());
        let standard = status.canonical_reason().unwrap_or("no reason given");
        Failure::Refused(problem.unwrap_or_default().refusal(status.as_u16(), standard))
    }

    fn failure(&self, error: ureq::Error) -> Failure {
        match error {
            ureq::Error::BodyExceedsLimit(_) => Failure::BadAnswer("it is longer than any right one".into()),
            ureq::Error::Protocol(_) | ureq::Error::Http(_) => Failure::BadAnswer(error.to_string()),
            error => Failure::NotRunning { node: self.node.clone(), reason: error.to_string() },
        }
    }
}
