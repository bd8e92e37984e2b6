//! Evidence that a log showed two trees.

use super::{LogKey, Note, NoteError, OpenError, Published, origin_hash};
use crate::journal::{Hash, verify_consistency};
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Two checkpoints that one log signed and that cannot be of one growing tree. Made by [`SplitView::of_one_size`], [`SplitView::of_two_sizes`]
/// and [`SplitView::read`] only, so whoever holds one has the log's own word against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitView {
    first: Published,
    second: Published,
    prefix: Option<Prefix>,
}

/// With what the larger of two trees begins: what proves that trees of two sizes are not one. The larger tree's nodes are all that it takes
/// to make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// The root that the larger tree had at the size of the smaller.
    pub root: Hash,
    /// The consistency proof of RFC 6962 from there to the larger tree; at most 63 hashes.
    pub path: Vec<Hash>,
}

/// Why two checkpoints prove nothing against a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSplit {
    /// They are two logs'.
    #[error("the checkpoints are of two logs")]
    Logs,
    /// The trees have one size, and one root.
    #[error("the checkpoints are of one tree")]
    Same,
    /// The sizes do not fit what is shown: two sizes and no prefix, one size and a prefix, or the larger first.
    #[error("for two sizes, the smaller first, it takes what the larger tree begins with; for one size it takes nothing more")]
    Sizes,
    /// The larger tree is not shown to begin with what the prefix says.
    #[error("the larger tree is not shown to begin with that root")]
    Prefix,
    /// It is, and with the smaller tree: the log grew.
    #[error("the larger tree continues the smaller")]
    Continues,
}

/// Why bytes are no evidence against a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// One of the notes.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// One of the notes is no checkpoint that the log signed.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The prefix.
    #[error("a prefix is a root and at most {PATH} hashes in base64, each ended by a line feed")]
    Prefix,
    /// They prove nothing.
    #[error(transparent)]
    Proof(#[from] NoSplit),
}

/// Hashes of the longest consistency proof.
const PATH: usize = 63;
/// Digits of a hash in the name of a case.
const DIGITS: usize = 16;
/// With what the name of a case begins that is a proof.
const SPLIT: &str = "split-";

impl SplitView {
    /// Two checkpoints of one size and two roots.
    ///
    /// # Errors
    /// [`NoSplit::Logs`], [`NoSplit::Sizes`], [`NoSplit::Same`].
    pub fn of_one_size(one: Published, other: Published) -> Result<Self, NoSplit> {
        let (of_one, of_other) = (one.checkpoint(), other.checkpoint());
        if of_one.origin != of_other.origin {
            return Err(NoSplit::Logs);
        }
        if of_one.size != of_other.size {
            return Err(NoSplit::Sizes);
        }
        if of_one.root == of_other.root {
            return Err(NoSplit::Same);
        }
        // One order, whoever saw which first: nodes that found the same name it alike.
        let (first, second) = if of_one.root < of_other.root { (one, other) } else { (other, one) };
        Ok(Self { first, second, prefix: None })
    }

    /// Two checkpoints of two sizes, where the larger tree is shown to begin with another root than the smaller one has.
    ///
    /// Roots bind: under a root of a given size stands one tree, so a proof that leads to the larger root from another root of the smaller
    /// size rules out every proof from the smaller checkpoint.
    ///
    /// # Errors
    /// [`NoSplit`].
    pub fn of_two_sizes(smaller: Published, larger: Published, prefix: Prefix) -> Result<Self, NoSplit> {
        let (small, large) = (smaller.checkpoint(), larger.checkpoint());
        if small.origin != large.origin {
            return Err(NoSplit::Logs);
        }
        if small.size >= large.size {
            return Err(NoSplit::Sizes);
        }
        let shown = verify_consistency((small.size, &prefix.root), (large.size, &large.root), &prefix.path);
        shown.map_err(|_| NoSplit::Prefix)?;
        if prefix.root == small.root {
            return Err(NoSplit::Continues);
        }
        Ok(Self { first: smaller, second: larger, prefix: Some(prefix) })
    }

    /// Reads evidence against a log as others keep it: two notes, and for two sizes the prefix. What others than the log signed is left out.
    ///
    /// # Errors
    /// [`EvidenceError`].
    pub fn read(first: &[u8], second: &[u8], prefix: Option<&str>, log: &LogKey) -> Result<Self, EvidenceError> {
        let open = |bytes: &[u8]| -> Result<Published, EvidenceError> {
            Ok(Published::open(Note::parse(bytes)?, log)?.of_log_only(log))
        };
        let (first, second) = (open(first)?, open(second)?);
        Ok(match prefix {
            Some(prefix) => Self::of_two_sizes(first, second, prefix.parse()?)?,
            None => Self::of_one_size(first, second)?,
        })
    }

    /// Every split view among checkpoints of one log that are of one size; each size once.
    pub fn among<'a>(checkpoints: impl IntoIterator<Item = &'a Published>) -> Vec<Self> {
        let mut first: BTreeMap<u64, &Published> = BTreeMap::new();
        let mut found: BTreeMap<u64, Self> = BTreeMap::new();
        for published in checkpoints {
            let size = published.checkpoint().size;
            let before = first.entry(size).or_insert(published);
            if let Ok(split) = Self::of_one_size(Published::clone(before), published.clone()) {
                found.entry(size).or_insert(split);
            }
        }
        found.into_values().collect()
    }

    /// Both checkpoints: the smaller first, and of one size the one with the lower root.
    pub fn checkpoints(&self) -> [&Published; 2] {
        [&self.first, &self.second]
    }

    /// With what the larger tree begins, where the sizes differ.
    pub fn prefix(&self) -> Option<&Prefix> {
        self.prefix.as_ref()
    }

    /// The log.
    pub fn origin(&self) -> &str {
        &self.first.checkpoint().origin
    }

    /// The name of the case, the same wherever it is kept: `split-`, 16 digits of the hash of the log's origin, `-`, and 16 digits of the
    /// SHA-256 over origin, size and root of both.
    pub fn case(&self) -> String {
        let both = format!("{}{}", self.first.checkpoint(), self.second.checkpoint());
        let digest = HEXLOWER.encode(&Sha256::digest(both));
        format!("{SPLIT}{:.DIGITS$}-{digest:.DIGITS$}", origin_hash(self.origin()))
    }

    /// Which log the name of a case is against, as the first digits of its origin's hash; none when it is no name of a proof.
    pub fn accused(case: &str) -> Option<&str> {
        let digits = |text: &str| text.len() == DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let (log, digest) = case.strip_prefix(SPLIT)?.split_once('-')?;
        (digits(log) && digits(digest)).then_some(log)
    }
}

impl FromStr for Prefix {
    type Err = EvidenceError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lines = text.strip_suffix('\n').ok_or(EvidenceError::Prefix)?.split('\n');
        let hashes: Option<Vec<Hash>> = lines.take(PATH + 2).map(super::hash).collect();
        match hashes.as_deref() {
            Some([root, path @ ..]) if path.len() <= PATH => Ok(Self { root: *root, path: path.to_vec() }),
            _ => Err(EvidenceError::Prefix),
        }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", BASE64.encode(&self.root))?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", BASE64.encode(hash)))
    }
}
