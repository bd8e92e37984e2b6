//! Where a record stands, by the first bytes of its id: sorted runs of places, four of which become one of the next level.
//!
//! A row a record would cost a sled leaf each; a run costs 13 bytes a record and is written once a level. A run that was merged away is
//! removed with the next batch only, so that who reads with the size of a moment ago still finds it.

use super::rows::{Changes, PLACE};
use koinon_protocol::id::RecordId;

/// Records of a run of level 0.
const BASE: u64 = 256;
/// Runs of one level that become one of the next.
const FAN: u64 = 4;
/// The last level: its runs of 262,144 records stay as they are, so that no batch merges more than 3.4 MB.
const TOP: u32 = 5;
/// Entries in one row: 3.3 KB.
const PAGE: usize = 256;
/// The first bytes of an id.
const PREFIX: usize = 8;
/// Bytes of an entry: the first bytes of an id, and its place.
const ENTRY: usize = PREFIX + PLACE;

type Entry = [u8; ENTRY];

/// A run: its level, and its place among those of its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    level: u32,
    number: u64,
}

impl Run {
    fn key(self) -> Vec<u8> {
        [&b"i"[..], &[self.level.to_le_bytes()[0]], &super::rows::place(self.number)].concat()
    }

    /// The run that a row belongs to; none when the row is of another sort.
    pub(super) fn of(key: &[u8]) -> Option<Self> {
        let (&level, rest) = key.strip_prefix(b"i")?.split_first()?;
        Some(Self { level: level.into(), number: super::rows::places(rest.get(..PLACE)?).next()? })
    }

    fn first(self) -> u64 {
        self.number * (BASE * FAN.pow(self.level))
    }
}

/// The runs of an index of `size` records, the newest first.
pub(super) fn runs(size: u64) -> Vec<Run> {
    let mut found = Vec::new();
    if !size.is_multiple_of(BASE) {
        found.push(Run { level: 0, number: size / BASE });
    }
    for level in 0..=TOP {
        let complete = size / (BASE * FAN.pow(level));
        let first = if level == TOP { 0 } else { complete - complete % FAN };
        found.extend((first..complete).rev().map(|number| Run { level, number }));
    }
    found
}

/// Enters the ids of the records from the place `from` on. Gives the runs that are to be removed with the next batch.
pub(super) fn extend(changes: &mut Changes, from: u64, ids: &[RecordId]) -> sled::Result<Vec<Run>> {
    let (mut stale, mut position, mut rest) = (Vec::new(), from, ids);
    while !rest.is_empty() {
        let run = Run { level: 0, number: position / BASE };
        let (now, later) = rest.split_at(rest.len().min((BASE - position % BASE) as usize));
        let mut entries = take(changes, run)?;
        entries.extend((position..).zip(now).map(|(position, id)| entry(id, position)));
        put(changes, run, entries)?;
        (position, rest) = (position + now.len() as u64, later);
        merge(changes, position, from, &mut stale)?;
    }
    Ok(stale)
}

fn merge(changes: &mut Changes, size: u64, published: u64, stale: &mut Vec<Run>) -> sled::Result<()> {
    for level in 1..=TOP {
        let records = BASE * FAN.pow(level);
        if !size.is_multiple_of(records) {
            return Ok(());
        }
        let merged = Run { level, number: size / records - 1 };
        let mut entries = Vec::new();
        for number in merged.number * FAN..(merged.number + 1) * FAN {
            let part = Run { level: level - 1, number };
            if part.first() < published {
                entries.extend(read(changes, part)?.into_iter().flat_map(|(_, page)| page));
                stale.push(part);
            } else {
                entries.append(&mut take(changes, part)?);
            }
        }
        put(changes, merged, entries)?;
    }
    Ok(())
}

/// Removes a run.
pub(super) fn remove(changes: &mut Changes, run: Run) -> sled::Result<()> {
    take(changes, run).map(|_| ())
}

/// The places whose records' ids may be `id`, in the runs of an index of `size` records.
pub(super) fn candidates(tree: &sled::Tree, id: &RecordId, size: u64) -> sled::Result<Vec<u64>> {
    let prefix = &id.0[..PREFIX];
    let mut found = Vec::new();
    for run in runs(size) {
        let from = run.key();
        let until = [&from[..], prefix, &[0xff; PLACE]].concat();
        for row in tree.range(from.clone()..=until).rev() {
            let (key, value) = row?;
            let fits = value.chunks_exact(ENTRY).filter(|entry| &entry[..PREFIX] == prefix);
            found.extend(fits.flat_map(|entry| super::rows::places(&entry[PREFIX..])).filter(|&position| position < size));
            if key.get(from.len()..from.len() + PREFIX).is_none_or(|first| first < prefix) {
                break;
            }
        }
    }
    Ok(found)
}

fn entry(id: &RecordId, position: u64) -> Entry {
    let mut entry = [0; ENTRY];
    entry[..PREFIX].copy_from_slice(&id.0[..PREFIX]);
    entry[PREFIX..].copy_from_slice(&super::rows::place(position));
    entry
}

type Page = (Vec<u8>, Vec<Entry>);

fn read(changes: &Changes, run: Run) -> sled::Result<Vec<Page>> {
    let rows = changes.scan(&run.key())?.into_iter();
    Ok(rows.map(|(key, value)| (key, value.chunks_exact(ENTRY).filter_map(|entry| entry.try_into().ok()).collect())).collect())
}

fn take(changes: &mut Changes, run: Run) -> sled::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (key, page) in read(changes, run)? {
        changes.set(key, None)?;
        entries.extend(page);
    }
    Ok(entries)
}

fn put(changes: &mut Changes, run: Run, mut entries: Vec<Entry>) -> sled::Result<()> {
    entries.sort_unstable();
    for page in entries.chunks(PAGE) {
        // The run that still grows is one row under one key, so that a reader finds it before or after, never between.
        let first: &[u8] = if run.level == 0 { &[] } else { &page[0] };
        changes.set([&run.key()[..], first].concat(), Some(page.concat()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runs_of_every_size_hold_each_record_once() {
        for size in (0..6_000).chain([262_143, 262_144, 1_000_001, 3_000_000]) {
            let mut next = 0;
            for run in runs(size).into_iter().rev() {
                assert_eq!(run.first(), next, "{size}: {run:?}");
                next = size.min(next + BASE * FAN.pow(run.level));
            }
            assert_eq!(next, size);
        }
    }
}
