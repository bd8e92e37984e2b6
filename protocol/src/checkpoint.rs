//! Checkpoints of journals, and witnesses of them, in the standard formats: what proves when a record was there.
//!
//! A log signs a [`Checkpoint`] of its journal, a [`Witness`](WitnessKey) that saw it grow from the one before cosigns it with the time. The
//! formats are those of C2SP (signed-note, tlog-checkpoint, tlog-cosignature, tlog-witness); docs/decisions/0008 names what is left out.
//!
//! [`Note`] → [`Published`] by [`Published::open`], which checks the log's signature; nothing else makes one.

mod add;
mod key;
mod note;
mod split;
#[cfg(test)]
mod tests;
mod time;

pub use add::{AddCheckpoint, AddError, Refusal};
pub use key::{LogKey, LogSigner, Name, NameError, SignatureError, Vkey, VkeyError, WitnessKey, WitnessSigner};
pub use note::{Note, NoteError, SignatureLine};
pub use split::{EvidenceError, NoSplit, Prefix, SplitView};
pub use time::{Sighting, earliest, majority, witnessed};

use crate::journal::Hash;
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// The greatest size of a tree: other programs read it as a signed number.
pub const SIZE: u64 = u64::MAX >> 1;

/// What a log says: its name, how many leaves its tree has, and the tree's root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub origin: String,
    /// Leaves, at most [`SIZE`].
    pub size: u64,
    /// The root of RFC 6962.
    pub root: Hash,
}

/// Why a text is not that of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Fewer than three lines, or an empty one.
    #[error("a checkpoint has three lines at least and no empty one: origin, size, root")]
    Lines,
    /// The second line.
    #[error("the second line of a checkpoint is its size: decimal digits that do not begin with 0, at most {SIZE}")]
    Size,
    /// The third line.
    #[error("the third line of a checkpoint is its root: 32 bytes in base64 with padding")]
    Root,
}

impl Checkpoint {
    /// Reads the text of a note (tlog-checkpoint). Lines after the third are allowed and mean nothing here.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').unwrap_or_default().split('\n');
        if lines.clone().any(str::is_empty) {
            return Err(CheckpointError::Lines);
        }
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Lines);
        };
        let size = decimal(size).ok_or(CheckpointError::Size)?;
        let root = hash(root).ok_or(CheckpointError::Root)?;
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// The note that the log signs, without extension lines.
    pub fn sign(&self, log: &LogSigner) -> Note {
        log.note(self.to_string())
    }
}

impl fmt::Display for Checkpoint {
    /// The three lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(&self.root))
    }
}

/// A checkpoint that its log signed, with whatever signatures of others stand beside. Made by [`Published::open`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    note: Note,
    checkpoint: Checkpoint,
}

/// Why a note is not a checkpoint of a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Its text.
    #[error(transparent)]
    Form(#[from] CheckpointError),
    /// It is another log's.
    #[error("this is a checkpoint of the log '{0}'")]
    OtherLog(String),
    /// The log did not sign it.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl Published {
    /// Checks that the note is a checkpoint of this log and signed by it. A log's key has the log's origin for its name.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(note: Note, log: &LogKey) -> Result<Self, OpenError> {
        let checkpoint = Checkpoint::parse(note.text())?;
        if checkpoint.origin != log.name().as_str() {
            return Err(OpenError::OtherLog(checkpoint.origin));
        }
        log.verify(&note)?;
        Ok(Self { note, checkpoint })
    }

    /// What the log says.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note as it was received.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The same checkpoint with the log's signatures alone.
    pub fn of_log_only(&self, log: &LogKey) -> Self {
        let own = self.note.lines().iter().filter(|line| log.is_named_by(line)).cloned().collect();
        Self { note: self.note.with_lines(own), checkpoint: self.checkpoint.clone() }
    }

    /// The same checkpoint with the cosignature of a witness beside the signatures it had; one of the same witness is replaced.
    ///
    /// # Errors
    /// [`SignatureError`] when the line is not the witness's, and when the note has no place for it.
    pub fn with(&self, line: SignatureLine, witness: &WitnessKey) -> Result<Self, SignatureError> {
        let others = self.note.lines().iter().filter(|other| !witness.is_named_by(other)).cloned();
        let note = Note::new(self.note.text(), others.chain([line]).collect()).map_err(|_| SignatureError::Missing)?;
        witness.verify(&note)?;
        Ok(Self { note, checkpoint: self.checkpoint.clone() })
    }
}

/// How a witness names a log in addresses: the SHA-256 of its origin, in hexadecimal.
pub fn origin_hash(origin: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(origin))
}

/// A decimal number in its one form, at most [`SIZE`].
fn decimal(text: &str) -> Option<u64> {
    let canonical = text.bytes().all(|digit| digit.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if canonical { u64::from_str(text).ok().filter(|number| *number <= SIZE) } else { None }
}

fn hash(text: &str) -> Option<Hash> {
    base64(text)?.try_into().ok()
}

/// What base64 in its one form says: the library also reads padded pieces one after the other.
fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.as_bytes()).ok().filter(|bytes| BASE64.encode(bytes) == text)
}
