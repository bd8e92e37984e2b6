//! What pages, the API and the search read: records that are durable, by name, by author, by subject, newest first.
//!
//! A reader is cheap to clone and never waits for a writer. It sees what the index has followed the journal to.

use crate::hidden::{List, Why};
use crate::index::{self, Erasing, Index, Urge};
use crate::search::{Found, Question, SearchError, Searching};
use crate::store::view::View;
use crate::store::{StoreError, evidence};
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::journal::{self, Hash};
use koinon_protocol::ledger::{Entry, Fault};
use koinon_protocol::log::{ForkClaim, Head, LogId};
use std::cell::Cell;
use std::sync::Arc;
use tokio::sync::watch;

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
    Store(#[from] StoreError),
    /// The index over them.
    #[error("the index could not be read: {0}; it is made anew at the next start")]
    Index(#[from] sled::Error),
    /// Something was asked of the journal at a size that it does not have here, or not yet.
    #[error("the journal has not as many records here")]
    Beyond,
    /// The search index.
    #[error("{0}")]
    Search(#[from] SearchError),
}

/// Reads a node's records. Made by [`crate::index::follow`].
#[derive(Clone)]
pub struct Reader {
    network: NetworkId,
    view: View,
    index: Index,
    searching: Searching,
    erasing: Erasing,
    urge: Urge,
    hidden: watch::Receiver<Arc<List>>,
}

impl Reader {
    pub(crate) fn new(network: NetworkId, view: View, index: Index, searching: Searching, erasing: Erasing, urge: Urge) -> Self {
        let hidden = watch::channel(Arc::default()).1;
        Self { network, view, index, searching, erasing, urge, hidden }
    }

    /// One that knows what the operator hides: search leaves it out, and [`Reader::hidden`] says so.
    #[must_use]
    pub fn hiding(self, hidden: watch::Receiver<Arc<List>>) -> Self {
        Self { hidden, ..self }
    }

    /// Why this node does not show a record, when its operator hides it.
    pub fn hidden(&self, id: &RecordId) -> Option<Why> {
        self.hidden.borrow().get(id).cloned()
    }

    /// How far what was erased is out of the search index.
    pub fn erasing(&self) -> &Erasing {
        &self.erasing
    }

    /// The network whose records these are.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// How many entries of the journal can be read here.
    pub fn size(&self) -> u64 {
        self.index.size()
    }

    /// Says that somebody waits to read what was just kept, which is else entered when no more comes for a moment.
    pub fn urge(&self) {
        self.urge.now();
    }

    /// The place of a record in the journal.
    ///
    /// # Errors
    /// [`ReadError::Index`] and [`ReadError::Store`].
    pub fn find(&self, id: &RecordId) -> Result<Option<u64>, ReadError> {
        for position in self.index.candidates(id)? {
            if self.view.header(position)?.id == *id {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    /// The record at a place; none at or above [`Reader::size`].
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub fn entry(&self, position: u64) -> Result<Option<Entry>, ReadError> {
        if position >= self.size() {
            return Ok(None);
        }
        let found = self.view.header(position)?;
        Ok(Some(self.view.entry(found)?))
    }

    /// The ids of at most `limit` records from the place `from` on, in the order of the journal.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub fn ids(&self, from: u64, limit: u64) -> Result<Vec<RecordId>, ReadError> {
        let count = self.size().saturating_sub(from).min(limit);
        Ok(self.view.headers(from, count)?.into_iter().map(|found| found.id).collect())
    }

    /// Places of at most `limit` records of a listing below the place `before`, the newest first.
    ///
    /// # Errors
    /// [`ReadError::Index`].
    pub fn newest(&self, listing: Listing, before: u64, limit: usize) -> Result<Vec<u64>, ReadError> {
        Ok(self.index.newest(&listing, before, limit)?)
    }

    /// The last record of a log.
    ///
    /// # Errors
    /// [`ReadError::Index`] and [`ReadError::Store`].
    pub fn head(&self, log: &LogId) -> Result<Option<Head>, ReadError> {
        let mut before = u64::MAX;
        // Another log may share the list, if somebody took the trouble to make keys for it: then the next is looked at.
        while let Some(&position) = self.index.of_log(log, before, 1)?.first() {
            let found = self.view.header(position)?;
            let header = found.signed.header();
            if LogId::from(header) == *log {
                return Ok(Some(Head { seq: header.seq, id: found.id, claimed_at: header.claimed_at }));
            }
            before = position;
        }
        Ok(None)
    }

    /// The evidence of forks that is kept. It was checked when it was kept.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub fn forks(&self) -> Result<Vec<ForkClaim>, ReadError> {
        Ok(evidence::claims(&self.view).map_err(StoreError::from)?)
    }

    /// The first place of a log that is not to be trusted, when it is forked.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub fn frozen(&self, log: &LogId) -> Result<Option<u64>, ReadError> {
        let forks = self.forks()?.into_iter().map(|fork| *fork.first.header());
        Ok(forks.filter(|header| LogId::from(header) == *log).map(|header| header.seq).min())
    }

    /// The root of the journal when it held `size` records, at most [`Reader::size`].
    ///
    /// # Errors
    /// [`ReadError::Beyond`]; [`ReadError::Index`] and [`ReadError::Store`].
    pub fn root(&self, size: u64) -> Result<Hash, ReadError> {
        self.prove(size, |nodes| journal::root_at(size, nodes))
    }

    /// The RFC 6962 proof that an entry stands at `position` in the journal of `size` records.
    ///
    /// # Errors
    /// As [`Reader::root`]; [`ReadError::Beyond`] too when `position` is not below `size`.
    pub fn inclusion(&self, position: u64, size: u64) -> Result<Vec<Hash>, ReadError> {
        self.prove(size, |nodes| journal::inclusion(position, size, nodes))
    }

    /// The RFC 6962 proof that the journal of `new` records begins with the one of `old`.
    ///
    /// # Errors
    /// As [`Reader::root`]; [`ReadError::Beyond`] too when `old` is above `new`.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, ReadError> {
        self.prove(new, |nodes| journal::consistency(old, new, nodes))
    }

    /// The hashes of `count` complete nodes of a level of the tree from the place `first` on; the level is a multiple of eight.
    ///
    /// # Errors
    /// As [`Reader::root`].
    pub fn nodes(&self, level: u8, first: u64, count: u64) -> Result<Vec<Hash>, ReadError> {
        if first.checked_add(count).is_none_or(|end| end > self.size().checked_shr(level.into()).unwrap_or(0)) {
            return Err(ReadError::Beyond);
        }
        if level == 0 {
            return Ok(self.ids(first, count)?.iter().map(journal::leaf).collect());
        }
        (first..first + count).map(|index| self.node(level, index)).collect()
    }

    fn prove<T>(
        &self,
        size: u64,
        make: impl FnOnce(&dyn Fn(u8, u64) -> Result<Hash, Fault>) -> Result<T, Fault>,
    ) -> Result<T, ReadError> {
        if size > self.size() {
            return Err(ReadError::Beyond);
        }
        let failure = Cell::new(ReadError::Beyond);
        make(&|level, index| {
            self.node(level, index).map_err(|error| {
                failure.set(error);
                Fault
            })
        })
        .map_err(|Fault| failure.into_inner())
    }

    fn node(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        if level >= Index::LEVELS {
            return self.index.node(level, index)?.ok_or(ReadError::Beyond);
        }
        let leaves = self.view.headers(index << level, 1 << level)?;
        Ok(index::fold(leaves.iter().map(|found| journal::leaf(&found.id)).collect()))
    }

    /// Full-text search with facets.
    ///
    /// # Errors
    /// [`ReadError::Search`].
    pub fn search(&self, question: &Question) -> Result<Found, ReadError> {
        let hidden = self.hidden.borrow().clone();
        Ok(self.searching.find(question, hidden.keys())?)
    }
}
