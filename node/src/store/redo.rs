//! Small writes a second time, in one file: a record that comes alone is durable by one sync, and those of the segments wait for many.
//!
//! What stands here was written to the segments too. After a power cut a start writes it there again, wherever nothing stands that can be
//! read; a frame that can be read is never replaced by an older one. So it does not matter how much of this file is of before the last sync
//! of the segments, from which on it is written from its beginning again. Bodies that are erased are blanked here first.

use super::disk::{Disk, Handle, blank, existing};
use super::error::OpenError;
use super::frame::{self, Beginning, Place, Preamble, Slot};
use super::layout::{body_name, header_name};
use super::recover::beginning;
use super::segments::filled;
use koinon_protocol::id::NetworkId;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::sync::Arc;

const MAGIC: [u8; 8] = *b"koinon-r";
/// The file.
pub(super) const REDO: &str = "redo";
/// Bytes of the file: nearly two hundred records of a common size, fewer than come between two syncs of the mark.
const ROOM: u64 = 256 << 10;
/// Bytes that are worth writing twice to save a sync: the largest record that comes alone, or some dozens of common ones.
const SMALL: usize = 128 << 10;
/// Bytes of a write before its frame: CRC-32, sort, segment, offset and length.
const AROUND: usize = 4 + 1 + 4 + 4 + 4;

/// Which sort of segment was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Header = 1,
    Body = 2,
}

/// What is to be synced for everything that was written to be durable.
pub(super) enum Need {
    Nothing,
    /// This file alone.
    Redo(Arc<dyn Handle>),
    /// Every segment that was written.
    Segments,
}

/// The file, and what is to be written there at the next sync.
pub(super) struct Redo {
    file: Arc<dyn Handle>,
    /// Where the next write goes.
    end: u64,
    /// How much of the file holds what was written since it was blank.
    used: u64,
    waiting: Vec<u8>,
    /// What waits is no longer all that was written.
    passed: bool,
}

impl Redo {
    /// Writes to the segments what a power cut has kept from them, and begins anew.
    pub(super) fn open(disk: &dyn Disk, network: NetworkId) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Io { file: REDO.to_owned(), source };
        let file = disk.open(REDO, true).map_err(failed)?;
        let preamble = Preamble { magic: MAGIC, network, first: 0 };
        if beginning(&*file, &preamble, REDO)? == Beginning::Right {
            let mut kept = vec![0; file.len().map_err(failed)?.min(ROOM) as usize];
            file.read(&mut kept, 0).map_err(failed)?;
            replay(disk, &kept[frame::PREAMBLE..]).map_err(failed)?;
        }
        // Made anew, so that its blocks are there and a sync changes nothing but what is in them.
        file.cut(0).and_then(|()| blank(&*file, 0, ROOM)).map_err(failed)?;
        file.write(&preamble.encode(), 0).and_then(|()| file.sync()).map_err(failed)?;
        let begin = frame::PREAMBLE as u64;
        Ok(Self { file: file.into(), end: begin, used: begin, waiting: Vec::new(), passed: false })
    }

    /// Notes what is written to a segment.
    pub(super) fn note(&mut self, sort: Sort, place: Place, frame: &[u8]) {
        if self.passed || self.waiting.len() + AROUND + frame.len() > SMALL {
            return self.pass();
        }
        frame::append(&mut self.waiting, |waiting| {
            waiting.push(sort as u8);
            let length = frame.len() as u32;
            [place.segment, place.offset, length].iter().for_each(|number| waiting.extend(number.to_be_bytes()));
            waiting.extend(frame);
        });
    }

    /// Something was written that is not noted: the next sync is one of the segments.
    pub(super) fn pass(&mut self) {
        self.passed = true;
        self.waiting.clear();
    }

    /// Writes what waits, when that will do.
    pub(super) fn take(&mut self) -> io::Result<Need> {
        if self.passed || self.end + self.waiting.len() as u64 > ROOM {
            self.passed = false;
            self.waiting.clear();
            return Ok(Need::Segments);
        }
        if self.waiting.is_empty() {
            return Ok(Need::Nothing);
        }
        self.file.write(&self.waiting, self.end)?;
        self.end += self.waiting.len() as u64;
        self.used = self.used.max(self.end);
        self.waiting.clear();
        Ok(Need::Redo(self.file.clone()))
    }

    /// The segments say for certain what stands here.
    pub(super) fn restart(&mut self) {
        self.end = frame::PREAMBLE as u64;
    }

    /// Whether bytes of a record stand here.
    pub(super) fn holds_any(&self) -> bool {
        self.used > frame::PREAMBLE as u64
    }

    /// Overwrites everything, for good.
    pub(super) fn blank(&mut self) -> io::Result<()> {
        blank(&*self.file, frame::PREAMBLE as u64, self.used)?;
        self.file.sync()?;
        self.used = frame::PREAMBLE as u64;
        self.restart();
        Ok(())
    }
}

/// Writes frames again to where they belong, each for good.
fn replay(disk: &dyn Disk, mut kept: &[u8]) -> io::Result<()> {
    let mut files: BTreeMap<(Sort, u32), Option<Box<dyn Handle>>> = BTreeMap::new();
    while let Some((sort, place, frame, rest)) = next(kept) {
        kept = rest;
        let file = match files.entry((sort, place.segment)) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(new) => new.insert(segment(disk, sort, place.segment)?),
        };
        // A segment that is not there at all is damage, which is mended as such.
        if let Some(file) = file
            && is_better(&**file, sort, place, frame)?
        {
            file.write(frame, place.offset.into())?;
        }
    }
    files.into_values().flatten().try_for_each(|file| file.sync())
}

fn segment(disk: &dyn Disk, sort: Sort, number: u32) -> io::Result<Option<Box<dyn Handle>>> {
    let name = match sort {
        Sort::Header => header_name(number as usize),
        Sort::Body => body_name(number as usize),
    };
    existing(disk, &name)
}

/// Whether what stands at a place cannot be read, or is a body that had not arrived.
fn is_better(file: &dyn Handle, sort: Sort, place: Place, frame: &[u8]) -> io::Result<bool> {
    let mut there = vec![0; frame.len()];
    if !filled(file.read(&mut there, place.offset.into()))? {
        return Ok(true);
    }
    Ok(match sort {
        Sort::Header => frame::read_header(&there).is_none(),
        Sort::Body => {
            let length = (frame.len() - frame::body_size(0) as usize) as u32;
            match Slot::decode(&there, length) {
                Slot::Damaged => true,
                Slot::Absent => matches!(Slot::decode(frame, length), Slot::Present(_)),
                Slot::Present(_) | Slot::Erased => false,
            }
        }
    })
}

/// The first write that stands here, and what is behind it; none when it cannot be read or is none that is noted.
fn next(kept: &[u8]) -> Option<(Sort, Place, &[u8], &[u8])> {
    let (around, rest) = kept.split_at_checked(AROUND)?;
    let number = |at: usize| Some(u32::from_be_bytes(around.get(at..at + 4)?.try_into().ok()?));
    let (place, length) = (Place { segment: number(5)?, offset: number(9)? }, number(13)? as usize);
    let (frame, behind) = rest.split_at_checked(length)?;
    frame::checked(kept.get(..AROUND + length)?)?;
    let sort = match around[4] {
        1 if length == frame::HEADER => Sort::Header,
        2 if length as u64 >= frame::body_size(0) => Sort::Body,
        _ => return None,
    };
    Some((sort, place, frame, behind))
}
