//! The segments as a reader sees them: by path, without the lock, while the store writes.
//!
//! A header below the durable size never changes. A body may be overwritten at any moment: its frame then fits its checksum as it was
//! or as it is, or it fits neither and reads as one that is not here. Files are opened for each read, which costs two microseconds and
//! no lock, and never reads a file that was set aside.

use super::StoreError;
use super::frame::{self, Place, Slot};
use super::layout::{Layout, body_name, header_name};
use super::sweep::{self, Placed};
use koinon_protocol::id::RecordId;
use koinon_protocol::ledger::Entry;
use koinon_protocol::record::{Header, Signed};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// A header that was read, and where its body lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// Its name.
    pub(crate) id: RecordId,
    /// Header and signature.
    pub(crate) signed: Signed,
    place: Place,
}

impl Placed for Found {
    fn header(&self) -> &Header {
        self.signed.header()
    }

    fn place(&self) -> Place {
        self.place
    }
}

/// Reads the segments in a directory.
#[derive(Clone, Debug)]
pub(crate) struct View {
    directory: PathBuf,
    layout: Layout,
}

impl View {
    /// A view of the segments in `directory`, which begin anew at `segment` bytes.
    pub(crate) fn new(directory: &Path, segment: u64) -> Self {
        Self { directory: directory.to_owned(), layout: Layout::new(segment) }
    }

    /// The header at a place below the durable size.
    pub(crate) fn header(&self, position: u64) -> Result<Found, StoreError> {
        let found = self.headers(position, 1)?;
        found.into_iter().next().ok_or(StoreError::Damaged(position))
    }

    /// The headers of `count` places from `from`, all below the durable size.
    pub(crate) fn headers(&self, from: u64, count: u64) -> Result<Vec<Found>, StoreError> {
        let mut found = Vec::with_capacity(count as usize);
        while (found.len() as u64) < count {
            let position = from + found.len() as u64;
            let (segment, offset) = self.layout.locate(position);
            let run = (count - found.len() as u64).min(self.layout.frames() - position % self.layout.frames());
            let bytes = self.read(&header_name(segment), offset, run as usize * frame::HEADER)?;
            for (position, bytes) in (position..).zip(bytes.unwrap_or_default().chunks_exact(frame::HEADER)) {
                let (signed, place) = frame::read_header(bytes).ok_or(StoreError::Damaged(position))?;
                found.push(Found { id: signed.header().id(), signed, place });
            }
            if from + found.len() as u64 == position {
                return Err(StoreError::Damaged(position));
            }
        }
        Ok(found)
    }

    /// The record of a header, with its body when it is here.
    pub(crate) fn entry(&self, found: Found) -> Result<Entry, StoreError> {
        let body = match self.body(&found)? {
            Slot::Present(sealed) => Some(sealed),
            Slot::Absent | Slot::Erased | Slot::Damaged => None,
        };
        Ok(Entry { id: found.id, signed: found.signed, body })
    }

    /// What lies at the place of a body.
    pub(crate) fn body(&self, found: &Found) -> Result<Slot, StoreError> {
        let header = found.signed.header();
        let name = body_name(found.place.segment as usize);
        let bytes = self.read(&name, found.place.offset.into(), frame::body_size(header.body_length) as usize)?;
        Ok(bytes.map_or(Slot::Damaged, |bytes| Slot::committed(&bytes, header)))
    }

    /// What lies at the places of bodies, in order; those that lie one behind the other are read at once.
    pub(crate) fn bodies(&self, found: &[Found]) -> Result<Vec<Slot>, StoreError> {
        let mut slots = Vec::with_capacity(found.len());
        let read = |place: Place, length| self.read(&body_name(place.segment as usize), place.offset.into(), length as usize);
        sweep::bodies(found, read, |_, slot| slots.push(slot))?;
        Ok(slots)
    }

    /// The first bytes of the frame of a body, which differ when its state does; none when they are not there.
    pub(crate) fn state(&self, found: &Found) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read(&body_name(found.place.segment as usize), found.place.offset.into(), frame::STATE)?)
    }

    /// The bytes at a place of a file of the store; none when the file ends before or is not there.
    pub(crate) fn read(&self, name: &str, offset: u64, length: usize) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = vec![0; length];
        match File::open(self.directory.join(name)).and_then(|file| file.read_exact_at(&mut bytes, offset)) {
            Ok(()) => Ok(Some(bytes)),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
