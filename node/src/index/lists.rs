//! Places of the records that have something in common, in pages whose keys end in their first place.

use super::rows::{Changes, PLACE, place, places};
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::log::LogId;
use koinon_protocol::record::Header;

/// Places in one page: 2.5 KB, little enough to be written again for each record that comes alone.
const PAGE: usize = 512 * PLACE;

/// The name of a list, which is a prefix of its keys and of no other list's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    /// Of a kind.
    Kind(u16),
    /// Of an author, by half its id: who finds two ids with one half has spent 2^64 hashes to mix up two lists of his own.
    Author([u8; 16]),
    /// About a record, by half its id.
    Subject([u8; 16]),
    /// Of a log, by a quarter of the organisation's id and of the device's key. Whoever reads it checks whose the record is.
    Log([u8; 16]),
    /// Content records whose body was not here when the search passed them.
    Waiting,
}

impl Name {
    /// Records that an organisation wrote.
    pub(super) fn author(organisation: &OrganisationId) -> Self {
        Self::Author(half(&organisation.0))
    }

    /// Records about a record.
    pub(super) fn subject(record: &RecordId) -> Self {
        Self::Subject(half(&record.0))
    }

    /// Records of a log.
    pub(super) fn log(log: &LogId) -> Self {
        let mut name = [0; 16];
        name[..8].copy_from_slice(&log.organisation.0[..8]);
        name[8..].copy_from_slice(&log.device.0[..8]);
        Self::Log(name)
    }

    /// The lists that a record stands in.
    pub(super) fn of(id: RecordId, header: &Header) -> impl Iterator<Item = Self> {
        let author = if header.organisation.is_zero() { id.into() } else { header.organisation };
        let subject = (!header.subject.is_zero()).then(|| Self::subject(&header.subject));
        [Self::Kind(header.kind), Self::author(&author), Self::log(&LogId::from(header))].into_iter().chain(subject)
    }

    /// The prefix of its keys.
    pub(super) fn key(&self) -> Vec<u8> {
        match self {
            Self::Kind(kind) => [&b"k"[..], &kind.to_be_bytes()].concat(),
            Self::Author(name) => [&b"a"[..], name].concat(),
            Self::Subject(name) => [&b"s"[..], name].concat(),
            Self::Log(name) => [&b"l"[..], name].concat(),
            Self::Waiting => b"w".to_vec(),
        }
    }
}

/// Adds places, which ascend and are above those in the list.
pub(super) fn extend(changes: &mut Changes, name: Name, positions: &[u64]) -> sled::Result<()> {
    let prefix = name.key();
    let (mut key, mut value) = changes.last(&prefix)?.unwrap_or_default();
    for &position in positions {
        if value.len() >= PAGE || key.is_empty() {
            let full = std::mem::replace(&mut key, [&prefix[..], &place(position)].concat());
            let page = std::mem::take(&mut value);
            if !full.is_empty() {
                changes.set(full, Some(page))?;
            }
        }
        value.extend_from_slice(&place(position));
    }
    changes.set(key, Some(value))
}

/// At most `limit` places of a list below `before`, the last first.
pub(super) fn newest(tree: &sled::Tree, name: Name, before: u64, limit: usize) -> sled::Result<Vec<u64>> {
    let prefix = name.key();
    let until = [&prefix[..], &place(before.min((1 << 40) - 1))].concat();
    let mut found = Vec::new();
    for page in tree.range(prefix..until).rev() {
        let (_, value) = page?;
        found.extend(places(&value).rev().filter(|&position| position < before).take(limit - found.len()));
        if found.len() == limit {
            break;
        }
    }
    Ok(found)
}

/// Takes places off a list, which is read through: for short lists.
pub(super) fn remove(changes: &mut Changes, name: Name, positions: &[u64]) -> sled::Result<()> {
    for (key, value) in changes.scan(&name.key())? {
        let kept: Vec<u8> = places(&value).filter(|position| !positions.contains(position)).flat_map(place).collect();
        if kept.len() < value.len() {
            changes.set(key, (!kept.is_empty()).then_some(kept))?;
        }
    }
    Ok(())
}

fn half(id: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&id[..16]);
    half
}
