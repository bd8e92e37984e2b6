//! When a record was proven to be there.

use super::{Published, WitnessKey};
use crate::id::RecordId;
use crate::journal::{Hash, leaf, verify_inclusion};
use crate::time::Millis;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

/// A checkpoint, and the proof that a record stands in its tree.
#[derive(Clone, Copy, Debug)]
pub struct Sighting<'a> {
    /// Of any log whose key is trusted.
    pub published: &'a Published,
    /// The record's place in it.
    pub position: u64,
    /// The audit path of RFC 6962.
    pub path: &'a [Hash],
}

/// The witnessed time of a record: the `quorum`-th earliest moment at which one of the `witnesses` cosigned a tree that holds it. Each key counts
/// once, at its earliest, whatever names it has; a sighting whose path or cosignature does not hold does not count. None when fewer than
/// `quorum` witnesses saw it.
///
/// While fewer than `quorum` witnesses lie, the record existed at this time: one of those that said so was honest.
pub fn witnessed(
    record: &RecordId,
    sightings: &[Sighting<'_>],
    witnesses: &[WitnessKey],
    quorum: NonZeroUsize,
) -> Option<Millis> {
    let leaf = leaf(record);
    let mut earliest = BTreeMap::new();
    for Sighting { published, position, path } in sightings {
        let tree = published.checkpoint();
        if verify_inclusion(&leaf, *position, (tree.size, &tree.root), path).is_err() {
            continue;
        }
        for witness in witnesses {
            if let Ok(time) = witness.verify(published.note()) {
                earliest.entry(witness.key()).and_modify(|known: &mut u64| *known = time.min(*known)).or_insert(time);
            }
        }
    }
    let mut times: Vec<u64> = earliest.into_values().collect();
    times.sort_unstable();
    times.get(quorum.get() - 1).map(|seconds| Millis(seconds.saturating_mul(1000)))
}
