//! A founding charter in a record file, checked as every node checks it.

use crate::failure::Failure;
use crate::home::read_bounded;
use koinon_protocol::id::NetworkId;
use koinon_protocol::record::RecordError;
use koinon_protocol::record_file::{self, RecordFile};
use koinon_protocol::trust::{Charter, CharterError, Trust};
use std::path::Path;

/// A charter that founds a network. Made by [`CharterFile::check`] only.
#[derive(Clone, Debug)]
pub struct CharterFile {
    network: NetworkId,
    trust: Trust,
    record: RecordFile,
}

/// Why a record file is no founding charter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCharter {
    /// The record.
    #[error("{0}")]
    Record(#[from] RecordError),
    /// What it says.
    #[error("{0}")]
    Charter(#[from] CharterError),
}

impl CharterFile {
    /// Checks signature, body and terms.
    ///
    /// # Errors
    /// [`NoCharter`].
    pub fn check(record: RecordFile) -> Result<Self, NoCharter> {
        let verified = record.signed.verify(record.claimed_network())?;
        let body = verified.open(record.sealed.clone().ok_or(RecordError::Commitment)?)?;
        let trust = Trust::found(&verified, &body)?;
        Ok(Self { network: trust.network(), trust, record })
    }

    /// The charter in a file.
    ///
    /// # Errors
    /// [`Failure::NotARecord`], [`Failure::NotACharter`], [`Failure::File`].
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = read_bounded(path, record_file::MOST)?;
        let record = RecordFile::decode(&bytes).map_err(|reason| Failure::NotARecord { path: path.to_owned(), reason })?;
        Self::check(record).map_err(|reason| Failure::NotACharter { path: path.to_owned(), reason })
    }

    /// The network that it founds.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// Its terms.
    pub fn charter(&self) -> &Charter {
        self.trust.charter()
    }

    /// What is known of trust from it alone.
    pub fn trust(&self) -> Trust {
        self.trust.clone()
    }

    /// The file.
    pub fn record(&self) -> &RecordFile {
        &self.record
    }
}
