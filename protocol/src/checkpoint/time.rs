//! When a record was proven to be there.

use super::{Published, WitnessKey};
use crate::id::{DeviceKey, RecordId};
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
    let mut seen = Vec::new();
    for Sighting { published, position, path } in sightings {
        let tree = published.checkpoint();
        if verify_inclusion(&leaf, *position, (tree.size, &tree.root), path).is_err() {
            continue;
        }
        seen.extend(witnesses.iter().filter_map(|witness| Some((witness.key(), witness.seen(published.note()).ok()?))));
    }
    earliest(seen).get(quorum.get() - 1).map(|(_, at)| *at)
}

/// The earliest moment of each key, the earliest first.
pub fn earliest(seen: impl IntoIterator<Item = (DeviceKey, Millis)>) -> Vec<(DeviceKey, Millis)> {
    let mut first = BTreeMap::new();
    for (key, at) in seen {
        first.entry(key).and_modify(|known: &mut Millis| *known = at.min(*known)).or_insert(at);
    }
    let mut times: Vec<_> = first.into_iter().collect();
    times.sort_by_key(|(key, at)| (*at, *key));
    times
}

/// How many of `witnesses` keys a reader relies on who named no number: more than half, so that a lesser part of them may lie.
pub fn majority(witnesses: usize) -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(witnesses / 2)
}
