//! What an operator asks of the files of a running node.

use super::{Progress, Work};
use crate::reader::{ReadError, Reader};
use crate::store::backup;
use koinon_protocol::journal::Frontier;
use koinon_protocol::ledger::Entry;
use std::path::{Path, PathBuf};

/// Damaged places that are named; of more, only the number is told.
const NAMED: usize = 20;

/// The store of a running node, which is read and not written.
pub struct Files {
    /// The directory of the store.
    pub store: PathBuf,
    /// Bytes at which a segment begins anew.
    pub segment: u64,
    /// What a backup holds beside the store: the charter. No key is copied.
    pub beside: Vec<PathBuf>,
    /// Reads the records.
    pub reader: Reader,
}

impl Work for Files {
    fn backup(&self, to: &Path, progress: &Progress) -> Result<(), String> {
        let beside: Vec<&Path> = self.beside.iter().map(PathBuf::as_path).collect();
        let mut tell = |step: backup::Progress| progress.at(step.done, step.total);
        let copied = backup::create(&self.store, to, self.reader.network(), self.segment, &beside, &mut tell);
        copied.map(drop).map_err(|error| error.to_string())
    }

    /// Reads every record as readers do, checks name, signature and body, and compares the journal that they make with the index's root. A
    /// body that cannot be read counts as absent here; `koinond scrub`, on a stopped node, tells the two apart.
    fn scrub(&self, progress: &Progress) -> Result<(), String> {
        let size = self.reader.size();
        let (mut journal, mut damaged) = (Frontier::default(), Vec::new());
        for position in 0..size {
            if progress.is_abandoned() {
                return Err("nobody waits for it any more".into());
            }
            match self.reader.entry(position) {
                Ok(Some(entry)) => {
                    journal.push(&entry.id);
                    if !self.holds(entry) {
                        damaged.push(position);
                    }
                }
                Ok(None) | Err(ReadError::Store(_)) => damaged.push(position),
                Err(error) => return Err(error.to_string()),
            }
            progress.at(position + 1, size);
        }
        if !damaged.is_empty() {
            let named: Vec<_> = damaged.iter().take(NAMED).map(u64::to_string).collect();
            return Err(format!("{} of {size} records are damaged, at the places {}", damaged.len(), named.join(", ")));
        }
        let root = self.reader.root(size).map_err(|error| error.to_string())?;
        if journal.root() == root { Ok(()) } else { Err("the records do not make the journal that the index has".into()) }
    }
}

impl Files {
    fn holds(&self, entry: Entry) -> bool {
        let Ok(record) = entry.signed.verify(self.reader.network()) else { return false };
        record.id() == entry.id && entry.body.is_none_or(|sealed| record.open(sealed).is_ok())
    }
}
