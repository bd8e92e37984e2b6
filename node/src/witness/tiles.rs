//! The tree that a log shows at its address, read from its tiles (C2SP tlog-tiles).

use super::http::{Http, Silent};
use crate::index::fold;
use crate::tlog::tile::{LEVELS, Tile, WIDTH};
use koinon_protocol::checkpoint::Prefix;
use koinon_protocol::journal::{Hash, consistency, root_at};
use koinon_protocol::ledger::Fault;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Tiles that are read of one log in one round: two edges of a tree have eight each, so that is enough to compare several sizes. 512 KiB.
const TILES: usize = 64;
/// Whoever takes longer to show a tree is asked again in the next round.
const TIME: Duration = Duration::from_secs(20);
/// Bytes of a hash.
const HASH: usize = size_of::<Hash>();

/// A tree of `size` leaves, as far as it was read.
pub(super) struct Tiles<'a> {
    http: &'a Http,
    url: &'a str,
    size: u64,
    began: Instant,
    read: RefCell<BTreeMap<(u8, u64), Vec<Hash>>>,
}

/// Why a part of a tree cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum TileError {
    #[error(transparent)]
    Silent(#[from] Silent),
    #[error("the log does not give the tile {0}, which its tree must have")]
    Missing(Tile),
    #[error("more than {TILES} tiles, or {} s, would be spent on one log in one round", TIME.as_secs())]
    Many,
    #[error("the tree has no such part")]
    Outside,
}

impl<'a> Tiles<'a> {
    pub(super) fn new(http: &'a Http, url: &'a str, size: u64) -> Self {
        Self { http, url, size, began: Instant::now(), read: RefCell::default() }
    }

    /// With what the tree began when it had so many leaves, if the tiles are true.
    pub(super) fn prefix(&self, size: u64) -> Result<Prefix, TileError> {
        let failure = Cell::new(TileError::Outside);
        let nodes = |level: u8, index: u64| {
            self.node(level, index).map_err(|error| {
                failure.set(error);
                Fault
            })
        };
        let made = root_at(size, nodes).and_then(|root| Ok(Prefix { root, path: consistency(size, self.size, nodes)? }));
        made.map_err(|Fault| failure.into_inner())
    }

    fn node(&self, level: u8, index: u64) -> Result<Hash, TileError> {
        let (above, within) = (level / LEVELS, level % LEVELS);
        let first = index.checked_shl(within.into()).ok_or(TileError::Outside)?;
        let tile = self.tile(above, first / WIDTH)?;
        let place = usize::try_from(first % WIDTH).map_err(|_| TileError::Outside)?;
        let hashes = tile.get(place..place + (1 << within)).ok_or(TileError::Outside)?;
        Ok(fold(hashes.to_vec()))
    }

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, TileError> {
        if let Some(read) = self.read.borrow().get(&(level, index)) {
            return Ok(read.clone());
        }
        if self.read.borrow().len() >= TILES || self.began.elapsed() > TIME {
            return Err(TileError::Many);
        }
        let nodes = self.size.checked_shr(u32::from(level) * u32::from(LEVELS)).unwrap_or(0);
        let width = nodes.saturating_sub(index.saturating_mul(WIDTH)).min(WIDTH);
        if width == 0 {
            return Err(TileError::Outside);
        }
        let wanted = Tile::nodes(level, index, width);
        // A log that grew may have thrown away the part of a tile that is whole by now.
        let tile = match self.ask(wanted, width)? {
            None if width < WIDTH => self.ask(Tile::nodes(level, index, WIDTH), width)?,
            tile => tile,
        };
        let tile = tile.ok_or(TileError::Missing(wanted))?;
        self.read.borrow_mut().insert((level, index), tile.clone());
        Ok(tile)
    }

    /// The first `width` hashes of a tile; none when the log does not give them.
    fn ask(&self, tile: Tile, width: u64) -> Result<Option<Vec<Hash>>, TileError> {
        let reply = self.http.get(&format!("{}/tile/{tile}", self.url))?;
        let wanted = usize::try_from(width).map_err(|_| TileError::Outside)? * HASH;
        let bytes = reply.bytes.get(..wanted).filter(|_| reply.status == 200);
        Ok(bytes.map(|bytes| bytes.as_chunks::<HASH>().0.to_vec()))
    }
}
