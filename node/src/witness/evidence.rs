//! What is kept against logs: a directory for each case. The files stay until somebody who looked at them takes them away.

use super::files::{self, FileError};
use super::metrics::{Finder, Metrics};
use koinon_protocol::checkpoint::{EvidenceError, LogKey, Published, SplitView, origin_hash};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;

/// Proofs that are kept of one log: one is enough, and a log that signs many trees must not fill disks.
pub(super) const PROOFS: usize = 4;
/// Names that are listed: with this many proofs and two doubts for each log that can be known, they fit the answer that others read.
const CASES: usize = super::LOGS * (PROOFS + 2);
/// The two notes of a case: the smaller tree first, or what was cosigned and what was offered later.
pub(super) const NOTES: [&str; 2] = ["first.note", "second.note"];
/// With what the larger tree begins, where the trees have two sizes.
pub(super) const PREFIX: &str = "prefix";
/// Bytes of the longest file that is read: a note.
const FILE: u64 = 64 * 1024;

/// A log against which this node holds proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The log.
    pub log: LogKey,
    /// Whether it is this node's own.
    pub own: bool,
    /// The names of the cases, as `/evidence` lists them.
    pub cases: BTreeSet<String>,
}

/// What is no proof, and is kept to be looked at: the first of each log.
#[derive(Clone, Copy, Debug)]
pub(super) enum Doubt {
    /// A smaller checkpoint was offered after a larger one; a late request and a replay look like this too.
    Smaller,
    /// A checkpoint is not shown to continue another.
    Unproven,
}

/// The cases, and the logs that are known here: against others anybody could make some, of keys of his own.
pub(super) struct Evidence {
    folder: PathBuf,
    /// By the hash of the origin.
    known: BTreeMap<String, Proven>,
    shown: watch::Sender<Arc<Vec<Proven>>>,
    metrics: Metrics,
}

/// Why files are no proof.
#[derive(Debug, thiserror::Error)]
enum CaseError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    #[error("the files are of the case {0}")]
    Name(String),
}

impl Evidence {
    /// Reads what is kept. `own` is the key of this node's log, `logs` are those that it witnesses.
    pub(super) fn open(folder: PathBuf, own: &LogKey, logs: Vec<LogKey>, metrics: Metrics) -> Result<Self, FileError> {
        files::directory(&folder)?;
        let proven = |log: LogKey| Proven { own: log == *own, log, cases: BTreeSet::new() };
        let logs = logs.into_iter().chain([own.clone()]);
        let known = logs.map(|log| (origin_hash(log.name().as_str()), proven(log))).collect();
        let mut evidence = Self { folder, known, shown: watch::Sender::default(), metrics };
        for case in evidence.cases() {
            evidence.count(&case);
        }
        evidence.show();
        Ok(evidence)
    }

    /// The logs against which proof is kept, whenever there is another.
    pub(super) fn watch(&self) -> watch::Receiver<Arc<Vec<Proven>>> {
        self.shown.subscribe()
    }

    /// A case that proves that the log of this hash showed two trees.
    pub(super) fn against(&self, origin: &str) -> Option<&str> {
        self.known.get(origin)?.cases.first().map(String::as_str)
    }

    /// The names of all cases, in their order.
    pub(super) fn cases(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names.truncate(CASES);
        names
    }

    /// A file of a case. Only what was listed is read: a name from outside never becomes a path.
    pub(super) fn exhibit(&self, case: &str, file: &str) -> Option<String> {
        let case = self.cases().into_iter().find(|known| known == case)?;
        let file = NOTES.into_iter().chain([PREFIX]).find(|known| *known == file)?;
        read(&self.folder.join(case).join(file)).ok()
    }

    /// Keeps a proof, unless there is no room for it, it is there, or the log is not known here. Whether it is new, and was kept.
    pub(super) fn keep(&mut self, split: &SplitView, finder: Finder) -> bool {
        let case = split.case();
        let Some(proven) = self.known.get_mut(&origin_hash(split.origin())) else { return false };
        if proven.cases.len() >= PROOFS || proven.cases.contains(&case) {
            return false;
        }
        let [first, second] = split.checkpoints().map(|published| published.of_log_only(&proven.log).note().to_string());
        let prefix = split.prefix().map(|prefix| (PREFIX, prefix.to_string()));
        let files: Vec<_> = NOTES.into_iter().zip([first, second]).chain(prefix).collect();
        if !write(&self.folder.join(&case), &files) {
            return false;
        }
        let (log, case_name) = (split.origin(), case.as_str());
        if proven.own {
            tracing::error!(
                log,
                case = case_name,
                "SPLIT VIEW OF THIS NODE'S OWN LOG: two checkpoints that contradict each other bear its signature, so its key runs \
                 elsewhere too, or its data was put back; nobody will cosign it any more. Move log.key and log/ away and tell others the new key"
            );
        } else {
            tracing::error!(
                log,
                case = case_name,
                "SPLIT VIEW: the log signed two trees; the proof is kept, and it is not cosigned any more"
            );
        }
        proven.cases.insert(case);
        self.metrics.count(finder);
        self.show();
        true
    }

    /// Keeps what is to be looked at, once for each log. Whether it is new, and was kept.
    pub(super) fn note(&self, doubt: Doubt, first: &Published, second: &Published) -> bool {
        let kind = match doubt {
            Doubt::Smaller => "smaller",
            Doubt::Unproven => "unproven",
        };
        let folder = self.folder.join(format!("{kind}-{:.16}", origin_hash(&first.checkpoint().origin)));
        let files: Vec<_> = NOTES.into_iter().zip([first, second].map(|published| published.note().to_string())).collect();
        !folder.exists() && write(&folder, &files)
    }

    /// Counts a case that lies here, if it is a proof against a log that is known.
    fn count(&mut self, case: &str) {
        let Some(digits) = SplitView::accused(case) else { return };
        let folder = self.folder.join(case);
        let Some(proven) = self.known.iter_mut().find_map(|(hash, proven)| hash.starts_with(digits).then_some(proven)) else {
            return;
        };
        match open(&folder, &proven.log).and_then(|found| if found == case { Ok(found) } else { Err(CaseError::Name(found)) }) {
            Ok(case) => drop(proven.cases.insert(case)),
            Err(error) => tracing::warn!(case, %error, "this evidence proves nothing as it lies there, and counts for nothing"),
        }
    }

    fn show(&self) {
        let proven: Vec<Proven> = self.known.values().filter(|proven| !proven.cases.is_empty()).cloned().collect();
        self.metrics.contradicted.set(proven.len().try_into().unwrap_or(i64::MAX));
        self.shown.send_replace(Arc::new(proven));
    }
}

/// The name of the case that the files of a directory prove.
fn open(folder: &Path, log: &LogKey) -> Result<String, CaseError> {
    let [first, second] = NOTES.map(|file| read(&folder.join(file)));
    let prefix = match read(&folder.join(PREFIX)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        prefix => Some(prefix?),
    };
    Ok(SplitView::read(first?.as_bytes(), second?.as_bytes(), prefix.as_deref(), log)?.case())
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(FILE).read_to_string(&mut text)?;
    Ok(text)
}

/// Whether the files could be written; those that a power cut left without the others are written again.
fn write(folder: &Path, files: &[(&str, String)]) -> bool {
    let write = || {
        files::directory(folder)?;
        files.iter().try_for_each(|(file, text)| files::replace(&folder.join(file), text.as_bytes()))
    };
    write().inspect_err(|error: &FileError| tracing::error!(%error, "evidence against a log could not be kept")).is_ok()
}
