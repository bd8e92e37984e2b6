//! Asks other nodes over HTTP: at the addresses that the configuration names and nowhere else, for answers of bounded length and time.

use std::time::Duration;
use ureq::Agent;

/// Who takes longer is asked again another time.
const ANSWER: Duration = Duration::from_secs(10);
/// Bytes of the longest answer that is read: a note, or the names of all cases that a node keeps.
const MOST: u64 = 64 * 1024;

/// Asks; cheap to clone.
#[derive(Clone)]
pub(super) struct Http(Agent);

/// What was answered.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) bytes: Vec<u8>,
}

/// Nothing was answered, or too much.
#[derive(Debug, thiserror::Error)]
#[error("it does not answer: {0}")]
pub(super) struct Silent(Box<ureq::Error>);

impl Http {
    pub(super) fn new() -> Self {
        let config =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(ANSWER)).max_redirects(0).proxy(None);
        Self(config.build().new_agent())
    }

    pub(super) fn get(&self, url: &str) -> Result<Reply, Silent> {
        Reply::read(self.0.get(url).call())
    }

    pub(super) fn post(&self, url: &str, text: String) -> Result<Reply, Silent> {
        Reply::read(self.0.post(url).content_type("text/plain; charset=utf-8").send(text))
    }
}

impl Reply {
    fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Self, Silent> {
        let mut response = answer.map_err(Silent::from)?;
        let status = response.status().as_u16();
        let bytes = response.body_mut().with_config().limit(MOST).read_to_vec().map_err(Silent::from)?;
        Ok(Self { status, bytes })
    }
}

impl From<ureq::Error> for Silent {
    fn from(error: ureq::Error) -> Self {
        Self(Box::new(error))
    }
}
