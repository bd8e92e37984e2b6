//! The witness: one owner of what was cosigned, so that no two requests can both be the next one.

use super::evidence::{Doubt, Evidence, Proven};
use super::files::{self, FileError};
use super::metrics::{Finder, Metrics};
use super::{EVIDENCE, WITNESS, WitnessError};
use crate::clock;
use koinon_protocol::checkpoint::{AddCheckpoint, Checkpoint, LogKey, Published, Refusal, SplitView, WitnessSigner, origin_hash};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// Requests that wait: each costs one sync of the disk, so this is about a second of work.
const WAITING: usize = 64;

/// What a witness answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The cosignature, as a line.
    Cosigned(String),
    /// No log of this origin is witnessed here.
    Unknown,
    /// The log did not sign it.
    Unsigned(String),
    /// Of this log there is proof that it showed two trees: the name of the case.
    Proven(String),
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
    Bring(Box<SplitView>, Finder),
    Doubt(Box<[Published; 2]>),
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

    /// Gives a proof to be kept. It finds no room when the witness has more to do than it can take, and is found again.
    pub(super) fn bring(&self, split: SplitView, finder: Finder) {
        let _ = self.0.try_send(Question::Bring(Box::new(split), finder));
    }

    /// Gives two checkpoints of which the second is not shown to continue the first.
    pub(super) fn doubt(&self, first: Published, second: Published) {
        let _ = self.0.try_send(Question::Doubt(Box::new([first, second])));
    }

    /// One of the files of a case: a note, as the log signed it, or the prefix.
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
    evidence: Evidence,
    questions: mpsc::Receiver<Question>,
}

struct Tracked {
    key: LogKey,
    path: PathBuf,
    /// What was cosigned last, and when.
    latest: Option<(Published, u64)>,
}

impl Desk {
    /// `own` is the key of this node's log, of which evidence is kept too.
    pub(super) fn open(
        data: &Path,
        signer: WitnessSigner,
        own: &LogKey,
        keys: Vec<LogKey>,
        metrics: Metrics,
    ) -> Result<(Self, Post), WitnessError> {
        let folder = data.join(WITNESS);
        files::directory(&folder)?;
        let evidence = Evidence::open(data.join(EVIDENCE), own, keys.clone(), metrics)?;
        let mut logs = BTreeMap::new();
        for key in keys {
            let origin = origin_hash(key.name().as_str());
            let tracked = Tracked::open(folder.join(format!("{origin}.note")), key, &signer)?;
            if logs.insert(origin, tracked).is_some() {
                return Err(WitnessError::Many);
            }
        }
        let (post, questions) = mpsc::channel(WAITING);
        Ok((Self { signer, logs, evidence, questions }, Post(post)))
    }

    /// The logs against which proof is kept, whenever there is another.
    pub(super) fn watch(&self) -> watch::Receiver<Arc<Vec<Proven>>> {
        self.evidence.watch()
    }

    /// Answers until nobody can ask any more; to be run where waiting for a disk holds nobody up.
    pub fn run(mut self) {
        while let Some(question) = self.questions.blocking_recv() {
            // Who asked may be gone; what was cosigned stays so.
            match question {
                Question::Add(request, checkpoint, answer) => drop(answer.send(self.add(request, &checkpoint))),
                Question::Latest(origin, answer) => drop(answer.send(self.latest(&origin))),
                Question::Cases(answer) => drop(answer.send(self.evidence.cases())),
                Question::Exhibit([case, file], answer) => drop(answer.send(self.evidence.exhibit(&case, &file))),
                Question::Bring(split, finder) => drop(self.evidence.keep(&split, finder)),
                Question::Doubt(both) => self.doubt(&both),
            }
        }
    }

    fn latest(&self, origin: &str) -> Option<String> {
        self.logs.get(origin)?.latest.as_ref().map(|(published, _)| published.note().to_string())
    }

    fn add(&mut self, request: AddCheckpoint, checkpoint: &Checkpoint) -> Answer {
        let origin = origin_hash(&checkpoint.origin);
        let Some(tracked) = self.logs.get_mut(&origin) else { return Answer::Unknown };
        let AddCheckpoint { old, proof, note } = request;
        let published = match Published::open(note, &tracked.key) {
            Ok(published) => published,
            Err(error) => return Answer::Unsigned(error.to_string()),
        };
        if let Some(case) = self.evidence.against(&origin) {
            return Answer::Proven(case.to_owned());
        }
        let latest = tracked.latest.as_ref().map(|(latest, _)| latest.checkpoint());
        if let Err(refusal) = published.may_follow(latest, old, &proof) {
            if let Some((latest, _)) = &tracked.latest {
                weigh(&mut self.evidence, latest, published, &refusal);
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

    fn doubt(&self, [first, second]: &[Published; 2]) {
        if self.evidence.note(Doubt::Unproven, first, second) {
            let (log, size) = (&second.checkpoint().origin, second.checkpoint().size);
            tracing::warn!(
                log,
                size,
                known = first.checkpoint().size,
                "FORK? the log does not show at its address that it only grew"
            );
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

/// Keeps what a refused checkpoint says against its log.
fn weigh(evidence: &mut Evidence, latest: &Published, offered: Published, refusal: &Refusal) {
    let (cosigned, size, log) = (latest.checkpoint().size, offered.checkpoint().size, offered.checkpoint().origin.clone());
    if size < cosigned {
        if evidence.note(Doubt::Smaller, latest, &offered) {
            tracing::warn!(log, size, cosigned, "ROLLBACK? a smaller checkpoint of the log was offered after a larger one");
        }
    } else if size > cosigned {
        if matches!(refusal, Refusal::Proof(_)) && evidence.note(Doubt::Unproven, latest, &offered) {
            tracing::warn!(log, size, cosigned, "FORK? a checkpoint that the log signed is not proven to continue the last one");
        }
    } else if let Ok(split) = SplitView::of_one_size(latest.clone(), offered) {
        evidence.keep(&split, Finder::Here);
    }
}
