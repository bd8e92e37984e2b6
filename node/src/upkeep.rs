//! What an operator does for a node's data: scrub, back up, restore. The node may run meanwhile, except for a restore.

use crate::admin::{self, Work};
use crate::charter::{self, Founding, FoundingError};
use crate::hidden;
use crate::run::STORE;
use crate::store::backup::{self, About, BackupError};
use crate::store::{Options, Report, StoreError, scrub};
use koinon_protocol::id::NetworkId;
use std::io;
use std::path::{Path, PathBuf};

/// How far a work is: so much done, of so much.
pub use crate::store::backup::Progress;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// The data directory.
    #[error(transparent)]
    Charter(#[from] FoundingError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The scrub found damage.
    #[error("{}: start the node again, which mends the store and fetches what is lost from its peers", .0.damage())]
    Damaged(Report),
    /// A file.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The data of one node.
#[derive(Clone, Debug)]
pub struct Upkeep {
    /// The directory of the store.
    pub store: PathBuf,
    /// Bytes at which a segment begins anew.
    pub segment: u64,
    /// The file of the charter.
    pub charter: PathBuf,
    /// The list of the records that the node hides; there may be none.
    pub hidden: PathBuf,
    /// The network.
    pub network: NetworkId,
}

impl Upkeep {
    /// Of the node whose data directory this is.
    ///
    /// # Errors
    /// [`UpkeepError::Charter`].
    pub fn of(data: &Path) -> Result<Self, UpkeepError> {
        let network = Founding::load(data)?.network();
        Ok(Self {
            store: data.join(STORE),
            segment: Options::default().segment,
            charter: data.join(charter::FILE),
            hidden: data.join(hidden::FILE),
            network,
        })
    }

    /// Reads every record again.
    ///
    /// # Errors
    /// [`UpkeepError::Damaged`] when one is not as it was written; what the disk says.
    pub fn scrub(&self, progress: &mut dyn FnMut(Progress)) -> Result<Report, UpkeepError> {
        let report = scrub(&self.store, self.segment, self.network, progress)?;
        if report.is_clean() { Ok(report) } else { Err(UpkeepError::Damaged(report)) }
    }

    /// Copies everything that is acknowledged, the charter, and the list of what is hidden, into the directory `to`, which is empty or not there. Keys are not copied.
    ///
    /// # Errors
    /// [`UpkeepError::Backup`].
    pub fn backup(&self, to: &Path, progress: &mut dyn FnMut(Progress)) -> Result<About, UpkeepError> {
        Ok(backup::create(&self.store, to, self.network, self.segment, &[&self.charter, &self.hidden], progress)?)
    }
}

/// Puts what `from` holds into the data directory `data`, which has no store yet, once every sum was compared.
///
/// # Errors
/// [`UpkeepError::Backup`], and [`UpkeepError::Charter`] when the directory belongs to another network.
pub fn restore(from: &Path, data: &Path, progress: &mut dyn FnMut(Progress)) -> Result<About, UpkeepError> {
    let founding = Founding::read(&from.join(charter::FILE))?;
    founding.install(data)?;
    let store = data.join(STORE);
    let about = backup::restore(from, &store, progress)?;
    let copy = store.join(charter::FILE);
    std::fs::remove_file(&copy).map_err(|source| UpkeepError::File { path: copy, source })?;
    let hidden = store.join(hidden::FILE);
    if hidden.exists() {
        std::fs::rename(&hidden, data.join(hidden::FILE)).map_err(|source| UpkeepError::File { path: hidden, source })?;
    }
    Ok(about)
}

impl Work for Upkeep {
    fn backup(&self, to: &Path, progress: &admin::Progress) -> Result<(), String> {
        let told = Self::backup(self, to, &mut |at| progress.at(at.done, at.total));
        told.map(drop).map_err(|error| error.to_string())
    }

    fn scrub(&self, progress: &admin::Progress) -> Result<(), String> {
        let told = Self::scrub(self, &mut |at| progress.at(at.done, at.total));
        told.map(drop).map_err(|error| error.to_string())
    }
}
