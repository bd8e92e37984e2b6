//! When a record of this node's journal was there, by the word of witnesses.

use super::COSIGNED;
use super::evidence::Proven;
use super::files;
use crate::reader::{ReadError, Reader};
use koinon_protocol::bundle::{self, Time, Undated};
use koinon_protocol::checkpoint::{LogKey, Published, WitnessKey, majority};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;

/// Checkpoints that are looked at for one record, the first that cover it: of those after a time in which few witnesses answered, the latest is
/// looked at too. Each costs 16 signatures at most, 1 ms.
const LOOKED_AT: usize = 32;

/// The checkpoints that witnesses cosigned, for whoever asks; cheap to clone. The default has none, and no key.
#[derive(Clone, Default)]
pub struct Sightings {
    keys: Option<Arc<Keys>>,
}

struct Keys {
    log: LogKey,
    own: WitnessKey,
    asked: Vec<WitnessKey>,
    folder: PathBuf,
    sizes: watch::Receiver<Arc<BTreeSet<u64>>>,
    shown: watch::Receiver<Option<Arc<Published>>>,
    proven: watch::Receiver<Arc<Vec<Proven>>>,
}

impl Sightings {
    pub(super) fn new(
        (log, own): (LogKey, WitnessKey),
        asked: Vec<WitnessKey>,
        folder: &Path,
        sizes: watch::Receiver<Arc<BTreeSet<u64>>>,
        shown: watch::Receiver<Option<Arc<Published>>>,
        proven: watch::Receiver<Arc<Vec<Proven>>>,
    ) -> Self {
        let keys = Keys { log, own, asked, folder: folder.join(COSIGNED), sizes, shown, proven };
        Self { keys: Some(Arc::new(keys)) }
    }

    /// The key of this node's log.
    pub fn log(&self) -> Option<&LogKey> {
        self.keys.as_ref().map(|keys| &keys.log)
    }

    /// The key with which this node witnesses others' logs.
    pub fn own(&self) -> Option<&WitnessKey> {
        self.keys.as_ref().map(|keys| &keys.own)
    }

    /// Whom this node asks to witness its log.
    pub fn asked(&self) -> &[WitnessKey] {
        self.keys.as_ref().map_or(&[], |keys| &keys.asked)
    }

    /// The size of the latest checkpoint that is shown.
    pub fn checkpoint(&self) -> Option<u64> {
        let shown = self.keys.as_ref()?.shown.borrow().clone();
        shown.map(|published| published.checkpoint().size)
    }

    /// The logs against which this node holds proof that they showed two trees.
    pub fn proven(&self) -> Arc<Vec<Proven>> {
        self.keys.as_ref().map(|keys| keys.proven.borrow().clone()).unwrap_or_default()
    }

    /// The checkpoint that proves best when the record at `position` was there: the first that covers it and that a majority of the
    /// witnesses cosigned, else the one with the most cosignatures. Only such as the journal continues.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn covering(&self, position: u64, reader: &Reader) -> Result<Option<Published>, ReadError> {
        let Some(keys) = &self.keys else { return Ok(None) };
        let quorum = majority(keys.asked.len()).get();
        let mut best: Option<(usize, Published)> = None;
        for published in keys.after(position) {
            let tree = published.checkpoint();
            if tree.size > reader.size() || reader.root(tree.size)? != tree.root {
                continue;
            }
            let cosigned = keys.asked.iter().filter(|witness| witness.verify(published.note()).is_ok()).count();
            if cosigned >= quorum {
                return Ok(Some(published));
            }
            if best.as_ref().is_none_or(|(most, _)| cosigned > *most) {
                best = Some((cosigned, published));
            }
        }
        Ok(best.map(|(_, published)| published))
    }

    /// When the record at `position` was there at the latest.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn witnessed(&self, position: u64, reader: &Reader) -> Result<Time, ReadError> {
        let covering = self.covering(position, reader)?;
        Ok(match &covering {
            Some(published) => bundle::time_of(published, self.asked()),
            None => Time::Unproven { why: Undated::NoCheckpoint, quorum: majority(self.asked().len()), by: Vec::new() },
        })
    }
}

impl Keys {
    /// Checkpoints of trees that hold the entry at `position`, the smallest first. A file that cannot be read is passed over: it proves nothing.
    fn after(&self, position: u64) -> impl Iterator<Item = Published> + '_ {
        let sizes: Arc<BTreeSet<u64>> = self.sizes.borrow().clone();
        let first: Vec<u64> = sizes.range(position.saturating_add(1)..).take(LOOKED_AT).copied().collect();
        let read = |size: u64| files::checkpoint(&self.folder.join(super::log::file_name(size)), &self.log).ok().flatten();
        let shown = self.shown.borrow().clone().map(|latest| Published::clone(&latest));
        first.into_iter().filter_map(read).chain(shown.filter(|latest| latest.checkpoint().size > position))
    }
}
