//! What a log asks of a witness (tlog-witness `add-checkpoint`), and what decides the answer.

use super::{Checkpoint, CheckpointError, Note, NoteError, Published, decimal, hash};
use crate::journal::{Hash, ProofError, empty, verify_consistency};
use data_encoding::BASE64;
use std::fmt;

/// Hashes of the longest proof.
const PROOF: usize = 63;

/// A checkpoint, and the proof that it continues the one of size `old`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the log believes the witness cosigned last; 0 for none.
    pub old: u64,
    /// The consistency proof of RFC 6962 from there; at most 63 hashes.
    pub proof: Vec<Hash>,
    /// The checkpoint. Its signatures were not checked.
    pub note: Note,
}

/// Why bytes are not such a request: 400 Bad Request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddError {
    /// Its beginning.
    #[error("the request begins with 'old ' and a size, then at most {PROOF} hashes in base64, one a line, then an empty line")]
    Form,
    /// The note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint in it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Why a checkpoint is not cosigned; each is a status of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 400: `old` is greater than the checkpoint's size.
    #[error("the old size is greater than the checkpoint's")]
    Old,
    /// 409: the witness cosigned another size last.
    #[error("the last checkpoint cosigned for this log has size {0}")]
    Conflict(u64),
    /// 422: a tree without leaves has one root.
    #[error("a tree without leaves has another root")]
    Empty,
    /// 422: the trees are not proven to be one.
    #[error("the checkpoint is not proven to continue the one cosigned last: {0}")]
    Proof(#[from] ProofError),
}

impl AddCheckpoint {
    /// Reads the body of a request, with its checkpoint.
    ///
    /// # Errors
    /// [`AddError`].
    pub fn parse(bytes: &[u8]) -> Result<(Self, Checkpoint), AddError> {
        // The note is UTF-8 as well; it is looked at again as bytes, so that errors are named alike everywhere.
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").ok_or(AddError::Form)?;
        let (head, note) = (&bytes[..end], &bytes[end + 2..]);
        let mut lines = std::str::from_utf8(head).map_err(|_| AddError::Form)?.split('\n');
        let old = lines.next().and_then(|line| decimal(line.strip_prefix("old ")?)).ok_or(AddError::Form)?;
        let proof: Vec<Hash> = lines.take(PROOF + 1).map(hash).collect::<Option<_>>().ok_or(AddError::Form)?;
        if proof.len() > PROOF {
            return Err(AddError::Form);
        }
        let note = Note::parse(note)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        Ok((Self { old, proof, note }, checkpoint))
    }
}

impl fmt::Display for AddCheckpoint {
    /// The body of a request.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", BASE64.encode(hash)))?;
        write!(f, "\n{}", self.note)
    }
}

impl Published {
    /// Whether a witness that cosigned `latest` last, and nothing when that is none, may cosign this one: checked in the order of
    /// tlog-witness.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_follow(&self, latest: Option<&Checkpoint>, old: u64, proof: &[Hash]) -> Result<(), Refusal> {
        let new = self.checkpoint();
        if old > new.size {
            return Err(Refusal::Old);
        }
        let nothing = empty();
        let (size, root) = latest.map_or((0, &nothing), |latest| (latest.size, &latest.root));
        if old != size {
            return Err(Refusal::Conflict(size));
        }
        if new.size == 0 && new.root != nothing {
            return Err(Refusal::Empty);
        }
        Ok(verify_consistency((size, root), (new.size, &new.root), proof)?)
    }
}

impl Refusal {
    /// The status of HTTP.
    pub fn status(&self) -> u16 {
        match self {
            Self::Old => 400,
            Self::Conflict(_) => 409,
            Self::Empty | Self::Proof(_) => 422,
        }
    }
}
