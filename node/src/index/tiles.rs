//! The nodes of the journal's tree at every eighth level, 256 to a row. Those below and between are computed: the leaves are in the
//! headers, which have to be read for a proof anyway.

use super::rows::{Changes, place};
use koinon_protocol::journal::{Hash, parent};

/// Levels from one row to the next.
pub(super) const LEVELS: u8 = 8;
const WIDTH: u64 = 1 << LEVELS;

fn key(level: u8, tile: u64) -> Vec<u8> {
    [&b"t"[..], &[level], &place(tile)].concat()
}

/// Keeps a complete node, if its level is kept; nodes of a level come in order.
pub(super) fn push(changes: &mut Changes, level: u8, index: u64, hash: &Hash) -> sled::Result<()> {
    let key = key(level, index / WIDTH);
    let mut row = changes.get(&key)?.unwrap_or_default();
    row.truncate((index % WIDTH) as usize * hash.len());
    row.extend_from_slice(hash);
    changes.set(key, Some(row))
}

/// The node of a level at or above [`LEVELS`]; none when it is not here.
pub(super) fn node(tree: &sled::Tree, level: u8, index: u64) -> sled::Result<Option<Hash>> {
    let above = level % LEVELS;
    let first = index << above;
    let Some(row) = tree.get(key(level - above, first / WIDTH))? else { return Ok(None) };
    let hashes = row.as_chunks::<32>().0;
    let from = (first % WIDTH) as usize;
    Ok(hashes.get(from..from + (1 << above)).map(|part| fold(part.to_vec())))
}

/// The root of a complete tree over `hashes`, of which there are a power of two.
pub(super) fn fold(mut hashes: Vec<Hash>) -> Hash {
    while hashes.len() > 1 {
        hashes = hashes.chunks_exact(2).map(|pair| parent(&pair[0], &pair[1])).collect();
    }
    hashes.first().copied().unwrap_or_default()
}
