//! The log: signs the journal as it grows, never takes back what it signed, and asks witnesses.

use super::client::{AskError, Asker, Witness};
use super::files::{self, FileError};
use super::{COSIGNED, LOG, WitnessError};
use crate::engine::Handle;
use crate::reader::{ReadError, Reader};
use koinon_protocol::checkpoint::{Checkpoint, LogSigner, Published, SignatureLine};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinError;

/// What was signed last.
const LATEST: &str = "checkpoint";

/// What a turn waits for, the index or a witness, is looked for again after this at the latest.
const AGAIN: Duration = Duration::from_secs(10);

/// Why a log signs nothing.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The journal has fewer records than the log promised.
    #[error(
        "the log signed a journal of {signed} records, and this one has {found}: it was restored from a backup, or this key runs \
         elsewhere too. Move {key} and the directory '{LOG}' away, and the node begins a new log"
    )]
    Smaller {
        /// Records that were promised.
        signed: u64,
        /// Records that there are.
        found: u64,
        /// The file of the key.
        key: &'static str,
    },
    /// The journal is another one than the log promised.
    #[error(
        "the log signed another journal of {signed} records than this one: it was mended or restored, or this key runs elsewhere too. \
         Move {key} and the directory '{LOG}' away, and the node begins a new log"
    )]
    Other {
        /// Records of the journal that was promised.
        signed: u64,
        /// The file of the key.
        key: &'static str,
    },
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// How a turn ended.
enum Turn {
    Done,
    /// The index or every witness is missing.
    Waits,
}

/// Signs this node's journal.
pub struct Log {
    signer: LogSigner,
    reader: Reader,
    engine: Handle,
    every: Duration,
    folder: PathBuf,
    askers: Vec<Asker>,
    latest: Option<Published>,
    /// Whether what witnesses remember of this log was looked at since the start.
    compared: bool,
    shown: watch::Sender<Option<Arc<Published>>>,
    /// Sizes of the checkpoints that witnesses cosigned.
    sizes: watch::Sender<Arc<BTreeSet<u64>>>,
}

/// The file of a checkpoint that a witness cosigned: its size in 20 digits.
pub(super) fn file_name(size: u64) -> String {
    format!("{size:020}")
}

impl Log {
    pub(super) fn open(
        data: &Path,
        signer: LogSigner,
        every: Duration,
        witnesses: Vec<Witness>,
        reader: Reader,
        engine: Handle,
    ) -> Result<Self, WitnessError> {
        let folder = data.join(LOG);
        files::directory(&folder)?;
        files::directory(&folder.join(COSIGNED))?;
        let latest = files::checkpoint(&folder.join(LATEST), signer.vkey())?;
        let askers: Vec<_> = witnesses.into_iter().map(Asker::new).collect();
        let shown = watch::Sender::new(None);
        let sizes = watch::Sender::new(Arc::new(files::numbers(&folder.join(COSIGNED))?));
        let compared = askers.is_empty();
        Ok(Self { signer, reader, engine, every, folder, askers, latest, compared, shown, sizes })
    }

    /// The latest checkpoint, whenever there is another.
    pub(super) fn watch(&self) -> watch::Receiver<Option<Arc<Published>>> {
        self.shown.subscribe()
    }

    /// The sizes of all checkpoints that witnesses cosigned, whenever there is another.
    pub(super) fn watch_sizes(&self) -> watch::Receiver<Arc<BTreeSet<u64>>> {
        self.sizes.subscribe()
    }

    /// Signs what the journal grew by, at once and then at most once in the configured time, until `stop` turns true. What goes wrong in
    /// one turn is logged, and tried again in the next.
    ///
    /// # Errors
    /// A panic, which is a defect of this program.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), JoinError> {
        let every = self.every;
        loop {
            let turn = tokio::task::spawn_blocking(move || {
                let done = self.turn();
                (self, done)
            });
            // Witnesses may take their time, and an ending node has none: what was signed is on disk.
            let done;
            (self, done) = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                done = turn => done?,
            };
            let pause = match done {
                Ok(Turn::Done) => every,
                Ok(Turn::Waits) => every.min(AGAIN),
                Err(error) => {
                    tracing::error!(%error, "the journal is not signed");
                    every
                }
            };
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn turn(&mut self) -> Result<Turn, LogError> {
        if !self.index_is_there() {
            return Ok(Turn::Waits);
        }
        self.keep_promises()?;
        if !self.compare()? {
            return Ok(Turn::Waits);
        }
        let size = self.reader.size();
        if size > self.latest.as_ref().map_or(0, |latest| latest.checkpoint().size) {
            self.sign(size)?;
        }
        self.show();
        self.gather()?;
        Ok(Turn::Done)
    }

    /// Whether all that is durable can be read: after a start the index may still be on its way, and the journal only seems short.
    fn index_is_there(&self) -> bool {
        let status = self.engine.status();
        status.root != [0; 32] && self.reader.size() >= status.records
    }

    /// The journal must be the one that was signed last, only longer; else nothing of it is shown any more.
    fn keep_promises(&self) -> Result<(), LogError> {
        let kept = self.latest.as_ref().map_or(Ok(()), |latest| self.holds(latest.checkpoint()));
        kept.inspect_err(|_| drop(self.shown.send_replace(None)))
    }

    fn holds(&self, checkpoint: &Checkpoint) -> Result<(), LogError> {
        let (signed, found) = (checkpoint.size, self.reader.size());
        if signed > found {
            return Err(LogError::Smaller { signed, found, key: super::LOG_KEY });
        }
        if self.reader.root(signed)? != checkpoint.root {
            return Err(LogError::Other { signed, key: super::LOG_KEY });
        }
        Ok(())
    }

    /// Compares the journal with what witnesses remember of it: a data directory that was put back as a whole forgot what it signed, and only
    /// others know. One must have answered before the first signature after a start.
    fn compare(&mut self) -> Result<bool, LogError> {
        if self.compared {
            return Ok(true);
        }
        let mut answered = 0;
        for asker in &self.askers {
            match asker.remembered(self.signer.vkey()) {
                Ok(None) => answered += 1,
                Ok(Some(published)) => {
                    answered += 1;
                    if let Err(error) = self.holds(published.checkpoint()) {
                        // The log's own signature; from now on it is what must be kept.
                        self.keep(&published)?;
                        self.latest = Some(published);
                        self.shown.send_replace(None);
                        return Err(error);
                    }
                }
                Err(error) => tracing::warn!(witness = %asker.witness.key.name(), %error, "a witness cannot be compared with"),
            }
        }
        self.compared = answered > 0;
        if answered == 0 {
            tracing::warn!(
                "no witness answers: the journal is not signed until one does, since it may have been restored from a backup"
            );
        }
        Ok(self.compared)
    }

    fn sign(&mut self, size: u64) -> Result<(), LogError> {
        let origin = self.signer.vkey().name().to_string();
        let note = Checkpoint { origin, size, root: self.reader.root(size)? }.sign(&self.signer);
        let path = self.folder.join(LATEST);
        let published = Published::open(note, self.signer.vkey()).map_err(|_| FileError::NotACheckpoint(path))?;
        self.keep(&published)?;
        self.latest = Some(published);
        Ok(())
    }

    /// Asks each witness that has not cosigned yet, all at once.
    fn gather(&mut self) -> Result<(), LogError> {
        let Some(latest) = self.latest.clone() else { return Ok(()) };
        let reader = &self.reader;
        let mut answers: Vec<(usize, Result<SignatureLine, AskError>)> = Vec::new();
        std::thread::scope(|scope| {
            let missing =
                self.askers.iter_mut().enumerate().filter(|(_, asker)| asker.witness.key.verify(latest.note()).is_err());
            let latest = &latest;
            let asked = missing.map(|(place, asker)| {
                let reader = reader.clone();
                (place, scope.spawn(move || asker.ask(latest, &reader)))
            });
            let asked: Vec<_> = asked.collect();
            answers.extend(asked.into_iter().filter_map(|(place, thread)| Some((place, thread.join().ok()?))));
        });
        let mut cosigned = latest.clone();
        for (place, answer) in answers {
            let Some(witness) = self.askers.get(place).map(|asker| &asker.witness) else { continue };
            match answer.and_then(|line| cosigned.with(line, &witness.key).map_err(|_| AskError::Unusable)) {
                Ok(with) => cosigned = with,
                Err(error) => {
                    self.compared &= !matches!(error, AskError::Ahead(_));
                    tracing::warn!(witness = %witness.key.name(), %error, "a witness did not cosign");
                }
            }
        }
        if cosigned == latest {
            return Ok(());
        }
        let size = cosigned.checkpoint().size;
        files::replace(&self.folder.join(COSIGNED).join(file_name(size)), cosigned.note().to_string().as_bytes())?;
        self.sizes.send_if_modified(|sizes| Arc::make_mut(sizes).insert(size));
        self.keep(&cosigned)?;
        self.latest = Some(cosigned);
        self.show();
        Ok(())
    }

    fn keep(&self, published: &Published) -> Result<(), FileError> {
        files::replace(&self.folder.join(LATEST), published.note().to_string().as_bytes())
    }

    fn show(&self) {
        self.shown.send_replace(self.latest.clone().map(Arc::new));
    }
}
