//! What is found without reading the journal through: places by id, kind, author, subject and log, and the journal's tree.
//!
//! All of it follows from the headers. It lies in sled, which loses rows without a word when its file is damaged; so each row has its
//! part in a sum that is compared at every start, and an index that does not agree with itself or with the journal is made anew. It
//! holds no text and nothing of a body, since sled keeps deleted bytes for long.

mod erasing;
mod follow;
mod lists;
mod pace;
mod rows;
mod runs;
mod tiles;

pub use erasing::Erasing;
pub use follow::{FollowError, Follower, follow};
pub(crate) use pace::Urge;

use crate::reader::Listing;
use crate::store::frame;
use crate::store::view::Found;
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::journal::{Frontier, Hash};
use koinon_protocol::log::LogId;
use lists::Name;
use rows::{Changes, print};
use runs::Run;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{fs, io};

/// The version of the rows; an index of another version is made anew.
const FORMAT: u8 = 1;
/// Memory that sled may keep pages in.
const CACHE: u64 = 32 << 20;
const CURSOR: &[u8] = b"c";

/// Answers from the index; cheap to clone.
#[derive(Clone)]
pub(crate) struct Index {
    tree: sled::Db,
    size: Arc<AtomicU64>,
}

impl Index {
    /// How many entries of the journal are in it.
    pub(crate) fn size(&self) -> u64 {
        self.size.load(Ordering::Acquire)
    }

    /// The places at which a record of this id may stand. None is missed; who takes one checks that the record bears the id.
    pub(crate) fn candidates(&self, id: &RecordId) -> sled::Result<Vec<u64>> {
        loop {
            let size = self.size();
            let found = runs::candidates(&self.tree, id, size)?;
            // Runs may have been merged while they were read: a miss counts only if nothing was published meanwhile.
            if !found.is_empty() || self.size() == size {
                return Ok(found);
            }
        }
    }

    /// Places of a listing below `before`, the newest first.
    pub(crate) fn newest(&self, listing: &Listing, before: u64, limit: usize) -> sled::Result<Vec<u64>> {
        let before = before.min(self.size());
        match listing {
            Listing::All => Ok((0..before).rev().take(limit).collect()),
            Listing::Kind(kind) => lists::newest(&self.tree, Name::Kind(*kind), before, limit),
            Listing::Author(author) => self.by(author, before, limit),
            Listing::Subject(record) => lists::newest(&self.tree, Name::subject(record), before, limit),
        }
    }

    fn by(&self, author: &OrganisationId, before: u64, limit: usize) -> sled::Result<Vec<u64>> {
        lists::newest(&self.tree, Name::author(author), before, limit)
    }

    /// Places of a log's records below `before`, the last first; those of another log may be among them.
    pub(crate) fn of_log(&self, log: &LogId, before: u64, limit: usize) -> sled::Result<Vec<u64>> {
        lists::newest(&self.tree, Name::log(log), before.min(self.size()), limit)
    }

    /// A node of the journal's tree at level [`Index::LEVELS`] or above.
    pub(crate) fn node(&self, level: u8, index: u64) -> sled::Result<Option<Hash>> {
        tiles::node(&self.tree, level, index)
    }

    /// The lowest level whose nodes are here; those below are computed from the headers.
    pub(crate) const LEVELS: u8 = tiles::LEVELS;

    /// Content records whose body the search has not seen.
    fn waiting(&self) -> sled::Result<Vec<u64>> {
        lists::newest(&self.tree, Name::Waiting, u64::MAX, usize::MAX)
    }
}

/// The root of the complete tree over these leaves or nodes, of which there are a power of two.
pub(crate) fn fold(hashes: Vec<Hash>) -> Hash {
    tiles::fold(hashes)
}

/// The one who writes the index.
struct Writer {
    index: Index,
    path: PathBuf,
    frontier: Frontier,
    sum: u64,
    stale: Vec<Run>,
}

impl Writer {
    /// Opens the index at `path`. One that cannot be opened, or that does not agree with itself or with the journal of `size` records
    /// whose root at a size is `root`, is deleted and begun anew.
    fn open(path: &Path, size: u64, root: impl Fn(u64) -> Option<Hash>) -> Result<Self, FollowError> {
        let opened = catch_unwind(AssertUnwindSafe(|| Self::load(path)));
        let reason = match opened {
            Ok(Ok(Some(writer)))
                if writer.frontier.size() <= size && root(writer.frontier.size()) == Some(writer.frontier.root()) =>
            {
                return Ok(writer);
            }
            Ok(Ok(Some(_))) => "it is of another journal".to_owned(),
            Ok(Ok(None)) => "its rows do not add up".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it cannot be opened".to_owned(),
        };
        if path.exists() {
            tracing::warn!(reason, "the index is made anew from the journal");
            fs::remove_dir_all(path)?;
        }
        Self::load(path)?.ok_or_else(|| io::Error::other("a new index does not add up").into())
    }

    /// What is there; none when it does not add up.
    fn load(path: &Path) -> Result<Option<Self>, FollowError> {
        let config = sled::Config::new().path(path).cache_capacity(CACHE).flush_every_ms(None);
        let tree = config.open()?;
        let (mut sum, mut cursor, mut seen, mut empty) = (0u64, None, Vec::new(), true);
        for row in &*tree {
            let (key, value) = row?;
            empty = false;
            if key == CURSOR {
                cursor = decode(&value);
                continue;
            }
            sum = sum.wrapping_add(print(&key, &value));
            seen.extend(Run::of(&key));
        }
        let (frontier, expected) = match cursor {
            None if empty => (Frontier::default(), 0),
            None => return Ok(None),
            Some(cursor) => cursor,
        };
        if sum != expected {
            return Ok(None);
        }
        let live = runs::runs(frontier.size());
        seen.dedup();
        seen.retain(|run| !live.contains(run));
        let index = Index { tree, size: Arc::new(AtomicU64::new(frontier.size())) };
        Ok(Some(Self { index, path: path.to_owned(), frontier, sum, stale: seen }))
    }

    /// Enters the records that stand next in the journal, in one batch; `waiting` are the places of those without a body.
    fn push(&mut self, records: &[Found], waiting: &[u64]) -> sled::Result<()> {
        let from = self.frontier.size();
        let mut changes = Changes::new(&self.index.tree, self.sum);
        for run in std::mem::take(&mut self.stale) {
            runs::remove(&mut changes, run)?;
        }
        let ids: Vec<RecordId> = records.iter().map(|record| record.id).collect();
        let stale = runs::extend(&mut changes, from, &ids)?;
        let mut additions: BTreeMap<Name, Vec<u64>> = BTreeMap::new();
        for (position, record) in (from..).zip(records) {
            for name in Name::of(record.id, record.signed.header()) {
                additions.entry(name).or_default().push(position);
            }
        }
        if !waiting.is_empty() {
            additions.insert(Name::Waiting, waiting.to_vec());
        }
        for (name, positions) in additions {
            lists::extend(&mut changes, name, &positions)?;
        }
        let mut frontier = self.frontier.clone();
        for id in &ids {
            let (place, mut nodes) = (frontier.size(), Vec::new());
            frontier.push_noting(id, |level, hash| {
                if level > 0 && level % tiles::LEVELS == 0 {
                    nodes.push((level, *hash));
                }
            });
            for (level, hash) in nodes {
                tiles::push(&mut changes, level, place >> level, &hash)?;
            }
        }
        self.frontier = frontier;
        self.write(changes)?;
        self.stale = stale;
        self.index.size.store(self.frontier.size(), Ordering::Release);
        Ok(())
    }

    /// Takes places off the list of records whose body the search has not seen.
    fn arrived(&mut self, positions: &[u64]) -> sled::Result<()> {
        let mut changes = Changes::new(&self.index.tree, self.sum);
        lists::remove(&mut changes, Name::Waiting, positions)?;
        self.write(changes)
    }

    fn write(&mut self, changes: Changes) -> sled::Result<()> {
        let sum = changes.sum;
        let mut batch = changes.into_batch();
        batch.insert(CURSOR, encode(&self.frontier, sum));
        self.index.tree.apply_batch(batch)?;
        self.sum = sum;
        Ok(())
    }

    /// Makes the index survive a power cut: sled's own flush does not sync its file.
    fn sync(&self) -> Result<(), FollowError> {
        self.index.tree.flush()?;
        fs::File::open(self.path.join("db"))?.sync_data()?;
        Ok(())
    }
}

fn encode(frontier: &Frontier, sum: u64) -> Vec<u8> {
    frame::seal(&[&[FORMAT][..], &sum.to_be_bytes(), &frontier.encode()].concat())
}

fn decode(row: &[u8]) -> Option<(Frontier, u64)> {
    let (sum, frontier) = frame::checked(row)?.strip_prefix(&[FORMAT])?.split_first_chunk::<8>()?;
    Some((Frontier::decode(frontier).ok()?, u64::from_be_bytes(*sum)))
}
