//! What pages, the API and the search read: records that are durable, by name, by author, by subject, newest first.
//!
//! A reader is cheap to clone and never waits for a writer. It sees what the index has followed the journal to.

use crate::search::{Found, Question, SearchError};
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::journal::Hash;
use koinon_protocol::ledger::Entry;
use koinon_protocol::log::{Head, LogId};

/// Which records are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// All.
    All,
    /// Those of a kind.
    Kind(u16),
    /// Those that an organisation wrote.
    Author(OrganisationId),
    /// Those that revise, answer, translate, adopt or vouch for a record.
    Subject(RecordId),
}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The files of the store.
    #[error("the store could not be read: {0}")]
    Store(#[from] crate::store::StoreError),
    /// The index over them.
    #[error("the index could not be read: {0}; it is made anew at the next start")]
    Index(#[from] sled::Error),
    /// The search index.
    #[error("{0}")]
    Search(#[from] SearchError),
}

/// Reads a node's records.
#[derive(Clone)]
pub struct Reader {}

#[expect(unused_variables, clippy::missing_errors_doc, reason = "signatures first")]
impl Reader {
    /// The network whose records these are.
    pub fn network(&self) -> NetworkId {
        NetworkId::ZERO
    }
    /// How many entries of the journal can be read here.
    pub fn size(&self) -> u64 {
        0
    }
    /// The place of a record in the journal.
    pub fn find(&self, id: &RecordId) -> Result<Option<u64>, ReadError> {
        Ok(None)
    }
    /// The record at a place; none at or above [`Reader::size`].
    pub fn entry(&self, position: u64) -> Result<Option<Entry>, ReadError> {
        Ok(None)
    }
    /// Places of at most `limit` records of a listing below the place `before`, the newest first.
    pub fn newest(&self, listing: Listing, before: u64, limit: usize) -> Result<Vec<u64>, ReadError> {
        Ok(Vec::new())
    }
    /// The last record of a log.
    pub fn head(&self, log: &LogId) -> Result<Option<Head>, ReadError> {
        Ok(None)
    }
    /// The root of the journal when it held `size` records, at most [`Reader::size`].
    pub fn root(&self, size: u64) -> Result<Hash, ReadError> {
        Ok([0; 32])
    }
    /// The RFC 6962 proof that an entry stands at `position` in the journal of `size` records.
    pub fn inclusion(&self, position: u64, size: u64) -> Result<Vec<Hash>, ReadError> {
        Ok(Vec::new())
    }
    /// The RFC 6962 proof that the journal of `new` records begins with the one of `old`.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, ReadError> {
        Ok(Vec::new())
    }
    /// Full-text search with facets.
    pub fn search(&self, question: &Question) -> Result<Found, ReadError> {
        Ok(Found { total: 0, hits: Vec::new(), counts: Vec::new() })
    }
}
