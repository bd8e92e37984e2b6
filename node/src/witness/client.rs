//! Asks a witness to cosign, at the address that the configuration names and nowhere else.

use super::desk::hexadecimal;
use crate::reader::{ReadError, Reader};
use koinon_protocol::checkpoint::{AddCheckpoint, LogKey, Note, OpenError, Published, SignatureLine, WitnessKey};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use ureq::Agent;

/// A witness that takes longer is asked again at the next checkpoint.
const ANSWER: Duration = Duration::from_secs(10);
/// Bytes of the longest answer that is read.
const MOST: u64 = 64 * 1024;
/// Questions for one cosignature: the first may be told another size, and another log's server may have been faster in between.
const TRIES: usize = 3;

/// A witness that the configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Where it is: what stands before `/add-checkpoint`.
    pub url: String,
    /// Its key.
    pub key: WitnessKey,
}

/// Why a witness gave no cosignature.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    #[error("it does not answer: {0}")]
    Silent(#[from] Box<ureq::Error>),
    #[error("it answers {status}: {detail}")]
    Refused { status: u16, detail: String },
    #[error("it cosigned {0} records of this log, which has not as many")]
    Ahead(u64),
    #[error("its answer is no cosignature of its key")]
    Unusable,
    #[error("it shows a checkpoint that is none of this log: {0}")]
    Foreign(#[from] OpenError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// One witness, and what it cosigned last as far as is known.
pub(super) struct Asker {
    pub(super) witness: Witness,
    agent: Agent,
    cosigned: u64,
}

struct Reply {
    status: u16,
    bytes: Vec<u8>,
}

impl Reply {
    fn refused(self) -> AskError {
        let detail = String::from_utf8_lossy(&self.bytes).chars().filter(|letter| !letter.is_control()).take(200).collect();
        AskError::Refused { status: self.status, detail }
    }

    fn text(self) -> Result<String, AskError> {
        String::from_utf8(self.bytes).map_err(|_| AskError::Unusable)
    }
}

impl Asker {
    pub(super) fn new(witness: Witness) -> Self {
        let config =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(ANSWER)).max_redirects(0).proxy(None);
        Self { witness, agent: config.build().new_agent(), cosigned: 0 }
    }

    /// What the witness cosigned last of this log; none when it never did.
    pub(super) fn remembered(&self, log: &LogKey) -> Result<Option<Published>, AskError> {
        let origin = hexadecimal(&Sha256::digest(log.name().as_str()));
        let reply = read(self.agent.get(format!("{}/{origin}/checkpoint", self.witness.url)).call())?;
        match reply.status {
            200 => {
                let note = Note::parse(&reply.bytes).map_err(|_| AskError::Unusable)?;
                Ok(Some(Published::open(note, log)?))
            }
            404 => Ok(None),
            _ => Err(reply.refused()),
        }
    }

    /// The witness's cosignature of a checkpoint.
    pub(super) fn ask(&mut self, published: &Published, reader: &Reader) -> Result<SignatureLine, AskError> {
        let size = published.checkpoint().size;
        for _ in 0..TRIES {
            let proof = reader.consistency(self.cosigned, size)?;
            let request = AddCheckpoint { old: self.cosigned, proof, note: published.note().clone() };
            let url = format!("{}/add-checkpoint", self.witness.url);
            let reply = read(self.agent.post(url).content_type("text/plain; charset=utf-8").send(request.to_string()))?;
            match reply.status {
                200 => {
                    let line = self.own(published, &reply.text()?)?;
                    self.cosigned = size;
                    return Ok(line);
                }
                409 => {
                    let cosigned = reply.text()?.strip_suffix('\n').and_then(|size| size.parse().ok());
                    self.cosigned = cosigned.ok_or(AskError::Unusable)?;
                }
                _ => return Err(reply.refused()),
            }
            if self.cosigned > size {
                // The next question begins at nothing again, and is told.
                return Err(AskError::Ahead(std::mem::take(&mut self.cosigned)));
            }
        }
        Err(AskError::Unusable)
    }

    /// The line of the witness's key among those that it answered. Whether it holds is checked where it is added to the checkpoint.
    fn own(&self, published: &Published, text: &str) -> Result<SignatureLine, AskError> {
        let lines = SignatureLine::parse_all(text).map_err(|_| AskError::Unusable)?;
        let mut own = lines.into_iter().filter(|line| self.witness.key.is_named_by(line));
        let line = own.next().ok_or(AskError::Unusable)?;
        published.with(line.clone(), &self.witness.key).map_err(|_| AskError::Unusable)?;
        Ok(line)
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Reply, AskError> {
    let mut response = answer.map_err(Box::new)?;
    let status = response.status().as_u16();
    let bytes = response.body_mut().with_config().limit(MOST).read_to_vec().map_err(Box::new)?;
    Ok(Reply { status, bytes })
}
