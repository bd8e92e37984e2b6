//! The witness: one owner of what was cosigned, so that no two requests can both be the next one.

use super::files::{self, FileError};
use super::{EVIDENCE, WITNESS, WitnessError};
use crate::clock;
use koinon_protocol::checkpoint::{AddCheckpoint, Checkpoint, LogKey, Published, Refusal, SplitView, WitnessSigner};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use tokio::sync::{mpsc, oneshot};

/// Requests that wait: each costs one sync of the disk, so this is about a second of work.
const WAITING: usize = 64;
/// Split views that are kept of one log: one is proof enough, and a log that signs many must not fill the disk.
const SPLITS: usize = 16;

/// The two notes of a case: what was cosigned, and what was offered later.
const EXHIBITS: [&str; 2] = ["cosigned.note", "offered.note"];

/// What a witness answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The cosignature, as a line.
    Cosigned(String),
    /// No log of this origin is witnessed here.
    Unknown,
    /// The log did not sign it.
    Unsigned(String),
    /// It does not follow.
    Refused(Refusal),
    /// The disk refuses, and nothing was cosigned.
    Failed,
}

enum Question {
    Add(AddCheckpoint, Checkpoint, oneshot::Sender<Answer>),
    Latest(String, oneshot::Sender<Option<String>>),
    Cases(oneshot::Sender<Vec<String>>),
    Exhibit([String; 2], oneshot::Sender<Option<String>>),
}

/// Asks the [`Desk`]; cheap to clone.
#[derive(Clone)]
pub struct Post(mpsc::Sender<Question>);

impl Post {
    /// Asks for the cosignature of a checkpoint; none when the witness has more to do than it can take, or is ending.
    pub async fn add(&self, request: AddCheckpoint, checkpoint: Checkpoint) -> Option<Answer> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Question::Add(request, checkpoint, answer)).ok()?;
        answered.await.ok()
    }

    /// The note that was cosigned last, of the log whose origin has this SHA-256 in hexadecimal.
    pub async fn latest(&self, origin: String) -> Option<String> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Question::Latest(origin, answer)).ok()?;
        answered.await.ok().flatten()
    }

    /// The names of the cases of which evidence is kept, in their order; none when the witness has more to do than it can take.
    pub async fn cases(&self) -> Option<Vec<String>> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Question::Cases(answer)).ok()?;
        answered.await.ok()
    }

    /// One of the notes of a case, as the log signed it.
    pub async fn exhibit(&self, case: String, file: String) -> Option<String> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Question::Exhibit([case, file], answer)).ok()?;
        answered.await.ok().flatten()
    }
}

/// Cosigns the checkpoints of the logs that the configuration names.
pub struct Desk {
    signer: WitnessSigner,
    /// By SHA-256 of the origin, in hexadecimal.
    logs: BTreeMap<String, Tracked>,
    evidence: PathBuf,
    questions: mpsc::Receiver<Question>,
}

struct Tracked {
    key: LogKey,
    path: PathBuf,
    /// What was cosigned last, and when.
    latest: Option<(Published, u64)>,
}

impl Desk {
    pub(super) fn open(data: &Path, signer: WitnessSigner, keys: Vec<LogKey>) -> Result<(Self, Post), WitnessError> {
        let (folder, evidence) = (data.join(WITNESS), data.join(EVIDENCE));
        files::directory(&folder)?;
        files::directory(&evidence)?;
        let mut logs = BTreeMap::new();
        for key in keys {
            let origin = hexadecimal(&Sha256::digest(key.name().as_str()));
            let tracked = Tracked::open(folder.join(format!("{origin}.note")), key, &signer)?;
            if logs.insert(origin, tracked).is_some() {
                return Err(WitnessError::Many);
            }
        }
        let (post, questions) = mpsc::channel(WAITING);
        Ok((Self { signer, logs, evidence, questions }, Post(post)))
    }

    /// Answers until nobody can ask any more; to be run where waiting for a disk holds nobody up.
    pub fn run(mut self) {
        while let Some(question) = self.questions.blocking_recv() {
            // Who asked may be gone; what was cosigned stays so.
            match question {
                Question::Add(request, checkpoint, answer) => drop(answer.send(self.add(request, &checkpoint))),
                Question::Latest(origin, answer) => drop(answer.send(self.latest(&origin))),
                Question::Cases(answer) => drop(answer.send(self.cases())),
                Question::Exhibit([case, file], answer) => drop(answer.send(self.exhibit(&case, &file))),
            }
        }
    }

    fn latest(&self, origin: &str) -> Option<String> {
        self.logs.get(origin)?.latest.as_ref().map(|(published, _)| published.note().to_string())
    }

    /// At most [`SPLITS`] of each kind for each log.
    fn cases(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.evidence).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// Only what was listed is read: a name from outside never becomes a path.
    fn exhibit(&self, case: &str, file: &str) -> Option<String> {
        let case = self.cases().into_iter().find(|known| known == case)?;
        let file = EXHIBITS.into_iter().find(|known| *known == file)?;
        fs::read_to_string(self.evidence.join(case).join(file)).ok()
    }

    fn add(&mut self, request: AddCheckpoint, checkpoint: &Checkpoint) -> Answer {
        let origin = hexadecimal(&Sha256::digest(&checkpoint.origin));
        let Some(tracked) = self.logs.get_mut(&origin) else { return Answer::Unknown };
        let AddCheckpoint { old, proof, note } = request;
        let published = match Published::open(note, &tracked.key) {
            Ok(published) => published,
            Err(error) => return Answer::Unsigned(error.to_string()),
        };
        let latest = tracked.latest.as_ref().map(|(latest, _)| latest.checkpoint());
        if let Err(refusal) = published.may_follow(latest, old, &proof) {
            if let Some((latest, _)) = &tracked.latest {
                Case { folder: &self.evidence, origin: &origin }.weigh(latest, &published, &refusal);
            }
            return Answer::Refused(refusal);
        }
        match tracked.advance(&published, &self.signer) {
            Ok(line) => Answer::Cosigned(line),
            Err(error) => {
                tracing::error!(%error, "a checkpoint was not cosigned, since that could not be written down");
                Answer::Failed
            }
        }
    }
}

impl Tracked {
    fn open(path: PathBuf, key: LogKey, signer: &WitnessSigner) -> Result<Self, FileError> {
        let Some(published) = files::checkpoint(&path, &key)? else { return Ok(Self { key, path, latest: None }) };
        let time = signer.vkey().verify(published.note()).map_err(|_| FileError::NotACheckpoint(path.clone()))?;
        Ok(Self { key, path, latest: Some((published, time)) })
    }

    /// Cosigns what may follow, and writes it down before anybody hears of it. A clock that was set back makes no earlier time.
    fn advance(&mut self, published: &Published, signer: &WitnessSigner) -> Result<String, FileError> {
        let before = self.latest.as_ref().map_or(1, |(_, time)| *time);
        let time = (clock::now().0 / 1000).max(before);
        let line = signer.cosign(published, time);
        let text = format!("{line}\n");
        // Strangers' signatures are not kept: they would only take room.
        let cosigned = published.of_log_only(&self.key).with(line, signer.vkey());
        let cosigned = cosigned.map_err(|_| FileError::NotACheckpoint(self.path.clone()))?;
        files::replace(&self.path, cosigned.note().to_string().as_bytes())?;
        self.latest = Some((cosigned, time));
        Ok(text)
    }
}

/// What is kept against a log. The files stay until somebody who looked at them takes them away.
struct Case<'a> {
    folder: &'a Path,
    origin: &'a str,
}

impl Case<'_> {
    fn weigh(&self, latest: &Published, offered: &Published, refusal: &Refusal) {
        let (cosigned, checkpoint) = (latest.checkpoint().size, offered.checkpoint());
        let (log, size) = (&checkpoint.origin, checkpoint.size);
        if SplitView::of_one_size(latest.clone(), offered.clone()).is_ok() {
            let digest = hexadecimal(&Sha256::digest(offered.note().text()));
            if self.keep("split", &format!("-{digest:.16}"), [latest, offered]) {
                tracing::error!(log, size, "SPLIT VIEW: the log signed two trees of one size; the proof is kept");
            }
        } else if size < cosigned {
            // A late request and a replay look like this too: it is kept to be looked at, once, and is no proof.
            if self.keep("smaller", "", [latest, offered]) {
                tracing::warn!(log, size, cosigned, "ROLLBACK? a smaller checkpoint of the log was offered after a larger one");
            }
        } else if matches!(refusal, Refusal::Proof(_)) && self.keep("unproven", "", [latest, offered]) {
            tracing::warn!(log, size, cosigned, "FORK? a checkpoint that the log signed is not proven to continue the last one");
        }
    }

    /// Whether it is new, and was kept.
    fn keep(&self, kind: &str, digest: &str, notes: [&Published; 2]) -> bool {
        let all = format!("{kind}-{:.16}", self.origin);
        let folder = self.folder.join(format!("{all}{digest}"));
        let entries = fs::read_dir(self.folder).into_iter().flatten().flatten();
        let kept = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&all)).count();
        if kept >= SPLITS || folder.exists() {
            return false;
        }
        let write = || {
            files::directory(&folder)?;
            let mut named = notes.iter().zip(EXHIBITS);
            named.try_for_each(|(published, file)| files::replace(&folder.join(file), published.note().to_string().as_bytes()))
        };
        write().inspect_err(|error: &FileError| tracing::error!(%error, "evidence against a log could not be kept")).is_ok()
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
