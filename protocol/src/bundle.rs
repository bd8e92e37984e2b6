//! The audit bundle: one file that proves, without a network and without a node, who said a record and by whose leave.
//!
//! [`assemble`] gathers the charter, the control records that give the authors their standing, the records, and their places in a node's
//! journal, with the checkpoints that witnesses cosigned. [`check`] believes nothing of it: it builds the trust anew from the charter,
//! through the doors that every record passes, and says of each record what is proven, by when, and what is not.
//!
//! What a bundle cannot prove is that nothing is missing: an organisation that forked its log, or a node that keeps two journals, shows in
//! comparison with others only.

mod assemble;
mod check;
mod decided;
mod report;
mod sentences;
#[cfg(test)]
mod tests;
mod time;

pub use assemble::{AssembleError, Issuer, Source, assemble};
pub use check::{Reliance, check};
pub use decided::{Amended, Suspended};
pub use report::{Content, Erasure, Failure, Included, Party, Report, SetAside, Statement, Vouched};
pub use sentences::{day, moment};
pub use time::{Cosignature, Cosigned, Time, TimeFailure, Undated, Witnesses, time_of};

use crate::checkpoint::{CheckpointError, NoteError, VkeyError};
use crate::id::{Tag, digest};
use crate::journal::Hash;
use crate::record::{Body, Sealed, Signed, Verified};
use crate::wire::{self, Decode, Encode, WireError};

/// The first bytes of every bundle; the digit is the version.
pub const MAGIC: &[u8; 16] = b"koinon/bundle/2\0";
/// Bytes of the longest bundle: [`CONTROL`] and [`RECORDS`] full of bodies of usual size; no program need hold more in memory.
pub const BYTES: usize = 16 * 1024 * 1024;
/// Control records in one bundle: organisations over four levels with a few devices and attestations each, many times over. It bounds how
/// many signatures a reader checks.
pub const CONTROL: usize = 256;
/// Records that one bundle is about.
pub const RECORDS: usize = 64;
/// Bytes of a node's name.
pub const NODE: usize = 200;
/// Checkpoints in one bundle, all of one tree: a log may have written one down before and after further witnesses cosigned it.
pub const CHECKPOINTS: usize = 8;
/// Witnesses whose keys a bundle names: as many as a node asks.
pub const WITNESSES: usize = 16;
/// Bytes of the digest at the end.
const DIGEST: usize = 32;

/// Why bytes are no bundle, so that nothing can be said of what they hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Another kind of file, or a later version.
    #[error("this is not an audit bundle of version 2")]
    Magic,
    /// Over [`BYTES`].
    #[error("{0} bytes are over the bound of {BYTES}")]
    TooLong(usize),
    /// The digest at the end is not that of the bytes before it.
    #[error("the file was damaged on its way or cut short: fetch it again")]
    Damaged,
    /// Not the canonical form.
    #[error("not the form of a bundle: {0}")]
    Form(#[from] WireError),
    /// More than [`CONTROL`] control records, [`RECORDS`] records, [`CHECKPOINTS`] or [`WITNESSES`], no record, or a longer name than [`NODE`].
    #[error(
        "a bundle holds 1 to {RECORDS} records, at most {CONTROL} control records, {CHECKPOINTS} checkpoints and {WITNESSES} witnesses, \
         and a node's name of at most {NODE} bytes"
    )]
    Bounds,
    /// Its founding charter founds no network.
    #[error("the founding charter in the bundle does not hold: {0}")]
    Charter(String),
    /// It is of another network than the reader's.
    #[error("the bundle is of the network {found}, not of {expected}")]
    Network {
        /// The reader's.
        expected: crate::id::NetworkId,
        /// The bundle's.
        found: crate::id::NetworkId,
    },
    /// The key of its log or of a witness.
    #[error("the bundle names a key that is none: {0}")]
    Key(#[from] VkeyError),
    /// A checkpoint in it is no signed note.
    #[error("a checkpoint in the bundle is none: {0}")]
    Note(#[from] NoteError),
    /// A note in it is of something else.
    #[error("a checkpoint in the bundle is none: {0}")]
    Checkpoint(#[from] CheckpointError),
}

/// A record as it stands in a bundle; only its form was checked.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct Kept {
    signed: Signed,
    body: Option<Sealed>,
}

/// A record with its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct Proven {
    record: Kept,
    position: u64,
    path: Vec<Hash>,
}

/// All that stands between [`MAGIC`] and the digest.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct Contents {
    charter: Kept,
    control: Vec<Kept>,
    node: String,
    size: u64,
    root: Hash,
    /// The key of the log; empty where it signed nothing that stands here.
    log: String,
    checkpoints: Vec<String>,
    witnesses: Vec<String>,
    records: Vec<Proven>,
}

impl Contents {
    fn encode(&self) -> Vec<u8> {
        let bytes = [MAGIC.as_slice(), &wire::encode(self)].concat();
        let end = digest(Tag::BUNDLE, &[&bytes]);
        [bytes, end.to_vec()].concat()
    }

    fn decode(bytes: &[u8]) -> Result<Self, BundleError> {
        if bytes.len() > BYTES {
            return Err(BundleError::TooLong(bytes.len()));
        }
        let inner = bytes.strip_prefix(MAGIC).ok_or(BundleError::Magic)?;
        let (inner, end) = inner.split_last_chunk::<DIGEST>().ok_or(BundleError::Damaged)?;
        if digest(Tag::BUNDLE, &[MAGIC, inner]) != *end {
            return Err(BundleError::Damaged);
        }
        let contents: Self = wire::decode::<_, BYTES>(inner)?;
        if contents.is_bounded() { Ok(contents) } else { Err(BundleError::Bounds) }
    }

    fn is_bounded(&self) -> bool {
        (1..=RECORDS).contains(&self.records.len())
            && self.control.len() <= CONTROL
            && self.node.len() <= NODE
            && self.checkpoints.len() <= CHECKPOINTS
            && self.witnesses.len() <= WITNESSES
    }
}

impl Kept {
    fn new(record: &Verified, body: Option<&Body>) -> Self {
        Self { signed: *record.signed(), body: body.map(|body| body.sealed().clone()) }
    }
}
