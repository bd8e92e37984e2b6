//! When the records of a bundle were there: its checkpoints, and whose cosignatures prove it.

use super::{BundleError, Contents, Reliance};
use crate::checkpoint::{Checkpoint, LogKey, Note, OpenError, Published, SignatureError, WitnessKey, earliest, majority};
use crate::id::{DeviceKey, RecordId};
use crate::time::Millis;
use serde::{Serialize, Serializer, ser::SerializeStruct as _};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

/// Whose word proves a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witnesses {
    /// Whether the reader named them; else the bundle does, and whoever made it chose them.
    pub chosen_by_reader: bool,
    /// Their keys, as `NAME+ID+KEY`.
    pub keys: Vec<String>,
    /// How many of them must have cosigned.
    pub quorum: NonZeroUsize,
}

/// A checkpoint of the node's journal, and who cosigned it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cosigned {
    /// The log.
    pub origin: String,
    /// How many records it had.
    pub size: u64,
    /// Its root.
    pub root: RecordId,
    /// What does not hold. Only a wrong cosignature leaves the others standing.
    pub failures: Vec<TimeFailure>,
    /// Of the witnesses that the reader relies on, the earliest first.
    pub cosignatures: Vec<Cosignature>,
}

/// That a witness saw the tree, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cosignature {
    /// Its name.
    pub witness: String,
    /// Its key.
    pub key: DeviceKey,
    /// By its own clock.
    pub at: Millis,
}

/// What does not hold of a checkpoint. In JSON: `code`, which stays the same, and `text`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeFailure {
    /// It is of another log than the one whose key is in the bundle.
    #[error("it is a checkpoint of the log '{0}', whose key is not in the bundle")]
    OtherLog(String),
    /// The log did not sign it.
    #[error("the log did not sign the checkpoint: {0}")]
    LogSignature(SignatureError),
    /// It is of another tree than the one in which the records are shown to stand.
    #[error("the checkpoint is of another tree than the one in which the records are shown to stand")]
    OtherTree,
    /// A cosignature of a witness.
    #[error("a cosignature is forged or damaged: {0}")]
    Cosignature(SignatureError),
}

impl Time {
    /// The time, where it is proven.
    pub fn proven(&self) -> Option<Millis> {
        match self {
            Self::Proven { at, .. } => Some(*at),
            Self::Unproven { .. } => None,
        }
    }
}

impl TimeFailure {
    /// A name that stays the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherLog(_) => "other_log",
            Self::LogSignature(_) => "bad_log_signature",
            Self::OtherTree => "other_tree",
            Self::Cosignature(_) => "bad_cosignature",
        }
    }
}

impl Serialize for TimeFailure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("TimeFailure", 2)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("text", &self.to_string())?;
        fields.end()
    }
}

/// When a record was there at the latest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Time {
    /// While fewer than `quorum` of the witnesses lie, it was there.
    Proven {
        /// The `quorum`-th earliest of the cosignatures.
        at: Millis,
        /// How many of them are asked for.
        quorum: NonZeroUsize,
        /// One a witness, the earliest first.
        by: Vec<Cosignature>,
    },
    /// It may have been there as long as its author says, and nothing proves it.
    Unproven {
        /// What is missing.
        why: Undated,
        /// How many are asked for.
        quorum: NonZeroUsize,
        /// Who cosigned nevertheless, the earliest first.
        by: Vec<Cosignature>,
    },
}

/// What is missing where a time is not proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undated {
    /// It is not shown to stand in the journal.
    NotIncluded,
    /// There is no checkpoint that holds.
    NoCheckpoint,
    /// There is nobody to rely on.
    NoWitness,
    /// Fewer of the witnesses than are asked for cosigned.
    TooFew,
}

impl Undated {
    /// A name that stays the same.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotIncluded => "not_included",
            Self::NoCheckpoint => "no_checkpoint",
            Self::NoWitness => "no_witness",
            Self::TooFew => "too_few",
        }
    }
}

/// What the checkpoints of a bundle prove of every record that stands in its tree.
pub(super) struct Dated {
    pub(super) witnesses: Witnesses,
    pub(super) checkpoints: Vec<Cosigned>,
    time: Time,
}

impl Dated {
    /// Reads and checks all that concerns time.
    ///
    /// # Errors
    /// [`BundleError::Key`], [`BundleError::Note`], [`BundleError::Checkpoint`].
    pub(super) fn of(contents: &Contents, reliance: &Reliance) -> Result<Self, BundleError> {
        let log = match contents.log.as_str() {
            "" if contents.checkpoints.is_empty() => None,
            text => Some(text.parse::<LogKey>()?),
        };
        let named = contents.witnesses.iter().map(|text| text.parse()).collect::<Result<Vec<WitnessKey>, _>>()?;
        let notes = contents.checkpoints.iter().map(|text| read(text)).collect::<Result<Vec<_>, _>>()?;
        let chosen_by_reader = !reliance.witnesses.is_empty();
        let keys = if chosen_by_reader { reliance.witnesses.clone() } else { named };
        let count = keys.iter().map(WitnessKey::key).collect::<BTreeSet<_>>().len();
        let quorum = reliance.quorum.unwrap_or(majority(count));
        let tree = (contents.size, contents.root);
        let look = |(note, said)| log.as_ref().map(|log| look(note, &said, log, tree, &keys));
        let checkpoints: Vec<_> = notes.into_iter().filter_map(look).collect();
        let time = time(&checkpoints, count, quorum);
        let keys = keys.iter().map(ToString::to_string).collect();
        Ok(Self { witnesses: Witnesses { chosen_by_reader, keys, quorum }, checkpoints, time })
    }

    /// When a record was there, that stands in the tree or is not shown to.
    pub(super) fn time(&self, is_included: bool) -> Time {
        let (quorum, by) = (self.witnesses.quorum, Vec::new());
        if is_included { self.time.clone() } else { Time::Unproven { why: Undated::NotIncluded, quorum, by } }
    }

    pub(super) fn holds(&self) -> bool {
        self.checkpoints.iter().all(|checkpoint| checkpoint.failures.is_empty())
    }
}

/// When a record of the checkpoint's tree was there, by the word of these witnesses, of whom a majority must have cosigned. That it is a checkpoint
/// of the record's journal was asked before.
pub fn time_of(published: &Published, witnesses: &[WitnessKey]) -> Time {
    let said = published.checkpoint();
    let (cosignatures, failures) = cosignatures(published.note(), witnesses);
    let seen = Cosigned { origin: said.origin.clone(), size: said.size, root: RecordId(said.root), failures, cosignatures };
    let count = witnesses.iter().map(WitnessKey::key).collect::<BTreeSet<_>>().len();
    time(&[seen], count, majority(count))
}

fn cosignatures(note: &Note, witnesses: &[WitnessKey]) -> (Vec<Cosignature>, Vec<TimeFailure>) {
    let (mut cosignatures, mut failures) = (Vec::new(), Vec::new());
    for witness in witnesses {
        match witness.seen(note) {
            Ok(at) => cosignatures.push(Cosignature { witness: witness.name().to_string(), key: witness.key(), at }),
            Err(SignatureError::Missing) => {}
            Err(why) => failures.push(TimeFailure::Cosignature(why)),
        }
    }
    cosignatures.sort_by_key(|each| (each.at, each.key));
    (cosignatures, failures)
}

fn read(text: &str) -> Result<(Note, Checkpoint), BundleError> {
    let note = Note::parse(text.as_bytes())?;
    let checkpoint = Checkpoint::parse(note.text())?;
    Ok((note, checkpoint))
}

fn look(note: Note, said: &Checkpoint, log: &LogKey, tree: (u64, [u8; 32]), witnesses: &[WitnessKey]) -> Cosigned {
    let (cosignatures, failures) = match Published::open(note, log) {
        Err(OpenError::Signature(why)) => (Vec::new(), vec![TimeFailure::LogSignature(why)]),
        Err(_) => (Vec::new(), vec![TimeFailure::OtherLog(said.origin.clone())]),
        Ok(_) if (said.size, said.root) != tree => (Vec::new(), vec![TimeFailure::OtherTree]),
        Ok(published) => cosignatures(published.note(), witnesses),
    };
    Cosigned { origin: said.origin.clone(), size: said.size, root: RecordId(said.root), failures, cosignatures }
}

/// A checkpoint of which more does not hold than a cosignature proves nothing.
fn proves(checkpoint: &Cosigned) -> bool {
    checkpoint.failures.iter().all(|failure| matches!(failure, TimeFailure::Cosignature(_)))
}

fn time(checkpoints: &[Cosigned], witnesses: usize, quorum: NonZeroUsize) -> Time {
    let all: Vec<&Cosignature> = checkpoints.iter().flat_map(|checkpoint| &checkpoint.cosignatures).collect();
    let times = earliest(all.iter().map(|each| (each.key, each.at)));
    let by: Vec<Cosignature> = times
        .iter()
        .filter_map(|(key, at)| all.iter().find(|each| (each.key, each.at) == (*key, *at)).map(|each| (*each).clone()))
        .collect();
    let why = match times.get(quorum.get() - 1) {
        Some((_, at)) => return Time::Proven { at: *at, quorum, by },
        None if !checkpoints.iter().any(proves) => Undated::NoCheckpoint,
        None if witnesses == 0 => Undated::NoWitness,
        None => Undated::TooFew,
    };
    Time::Unproven { why, quorum, by }
}
