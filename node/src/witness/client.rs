//! Asks a witness to cosign.

use super::http::{Http, Reply, Silent};
use crate::reader::{ReadError, Reader};
use koinon_protocol::checkpoint::{AddCheckpoint, LogKey, Note, OpenError, Published, SignatureLine, WitnessKey, origin_hash};

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
    #[error(transparent)]
    Silent(#[from] Silent),
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
    http: Http,
    cosigned: u64,
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
        Self { witness, http: Http::new(), cosigned: 0 }
    }

    /// What the witness cosigned last of this log; none when it never did.
    pub(super) fn remembered(&self, log: &LogKey) -> Result<Option<Published>, AskError> {
        let origin = origin_hash(log.name().as_str());
        let reply = self.http.get(&format!("{}/{origin}/checkpoint", self.witness.url))?;
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
            let reply = self.http.post(&format!("{}/add-checkpoint", self.witness.url), request.to_string())?;
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
