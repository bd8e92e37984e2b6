//! The truth: append-only segments of headers and of bodies. A place in the journal is a place in a file by arithmetic alone.

use super::disk::{Disk, Handle, existing};
use super::error::OpenError;
use super::frame::{self, Place, Preamble, Slot};
use super::late::Late;
use super::layout::{Layout, body_name, header_name};
use super::recover::header_preamble;
use super::redo::{Need, Redo, Sort};
use koinon_protocol::id::NetworkId;
use koinon_protocol::record::{Sealed, Signed};
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

pub(super) const HEADERS: [u8; 8] = *b"koinon-h";
const BODIES: [u8; 8] = *b"koinon-b";
/// How far a segment grows at a time: large enough that most syncs change no length, small enough for a small network's disk.
const STEP: u64 = 1 << 20;

/// Segments of both sorts, open.
pub(crate) struct Segments {
    pub(super) disk: Box<dyn Disk>,
    pub(super) network: NetworkId,
    pub(super) layout: Layout,
    pub(super) headers: Vec<Arc<dyn Handle>>,
    pub(super) bodies: Vec<Arc<dyn Handle>>,
    pub(super) size: u64,
    pub(super) tail: Place,
    dirty_headers: BTreeSet<usize>,
    dirty_bodies: BTreeSet<usize>,
    dirty_names: bool,
    late: Late,
    /// The segments of the sync under way.
    syncing: Vec<Arc<dyn Handle>>,
    redo: Redo,
    unsynced: u64,
}

/// What is to be synced.
pub(super) struct Dirty {
    pub(super) files: Vec<Arc<dyn Handle>>,
    /// Whether the segments say everything for certain then.
    pub(super) settles: bool,
}

impl Segments {
    /// Opens what is there; knows nothing of its size until [`Segments::recover`].
    pub(crate) fn open(disk: Box<dyn Disk>, network: NetworkId, layout: Layout) -> Result<Self, OpenError> {
        let redo = Redo::open(&*disk, network)?;
        let mut segments = Self {
            disk,
            network,
            layout,
            headers: Vec::new(),
            bodies: Vec::new(),
            size: 0,
            tail: Place { segment: 0, offset: frame::PREAMBLE as u32 },
            dirty_headers: BTreeSet::new(),
            dirty_bodies: BTreeSet::new(),
            dirty_names: false,
            late: Late::default(),
            syncing: Vec::new(),
            redo,
            unsynced: 0,
        };
        for number in 0.. {
            let name = header_name(number);
            let file = existing(&*segments.disk, &name).map_err(|source| OpenError::Io { file: name, source })?;
            let Some(file) = file else { break };
            segments.headers.push(file.into());
        }
        Ok(segments)
    }

    /// How many records there are.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Header and place of a body; none when the frame is damaged.
    pub(crate) fn header(&self, position: u64) -> io::Result<Option<(Signed, Place)>> {
        let (segment, offset) = self.layout.locate(position);
        let Some(file) = self.headers.get(segment) else { return Ok(None) };
        let mut bytes = [0; frame::HEADER];
        self.write_out()?;
        Ok(if filled(file.read(&mut bytes, offset))? { frame::read_header(&bytes) } else { None })
    }

    /// What lies at the place of a body whose header is `signed`.
    pub(crate) fn body(&self, signed: &Signed, place: Place) -> io::Result<Slot> {
        let length = signed.header().body_length;
        let Some(file) = self.bodies.get(place.segment as usize) else { return Ok(Slot::Damaged) };
        let mut bytes = vec![0; frame::body_size(length) as usize];
        self.write_out()?;
        if !filled(file.read(&mut bytes, place.offset.into()))? {
            return Ok(Slot::Damaged);
        }
        Ok(Slot::committed(&bytes, signed.header()))
    }

    /// Writes a record behind the others: the body first, so that no header stands without the place of its body.
    pub(crate) fn append(&mut self, signed: &Signed, body: Option<&Sealed>) -> io::Result<u64> {
        let length = signed.header().body_length;
        let place = self.room(frame::body_size(length))?;
        self.overwrite(place, &frame::body(body, length))?;
        let (segment, offset) = self.layout.locate(self.size);
        if segment == self.headers.len() {
            self.add_header_segment(segment)?;
        }
        let bytes = frame::header(signed, place);
        self.write(&self.headers[segment], &bytes, offset)?;
        self.dirty_headers.insert(segment);
        self.redo.note(Sort::Header, Place { segment: segment as u32, offset: offset as u32 }, &bytes);
        self.size += 1;
        self.tail = Place { offset: place.offset + frame::body_size(length) as u32, ..place };
        Ok(self.size - 1)
    }

    /// Replaces the frame of a body by another.
    pub(crate) fn overwrite(&mut self, place: Place, frame: &[u8]) -> io::Result<()> {
        let segment = place.segment as usize;
        let file = self.bodies.get(segment).ok_or(io::ErrorKind::NotFound)?;
        self.write(file, frame, place.offset.into())?;
        self.dirty_bodies.insert(segment);
        self.redo.note(Sort::Body, place, frame);
        self.unsynced += frame.len() as u64;
        Ok(())
    }

    /// [`Segments::overwrite`] by a frame that holds nothing; what stood there is in no other file when this returns.
    pub(crate) fn erase(&mut self, place: Place, frame: &[u8]) -> io::Result<()> {
        if self.redo.holds_any() {
            self.sync_names()?;
            self.write_out()?;
            self.dirty_files().chain(self.syncing.iter().cloned()).try_for_each(|file| file.sync())?;
            self.redo.blank()?;
        }
        self.overwrite(place, frame)?;
        self.redo.pass();
        Ok(())
    }

    /// What is to be synced for what was written since this was last asked; the names of new files are for certain when this returns. With
    /// others that are synced anyway, all segments are.
    pub(super) fn take_dirty(&mut self, others: bool) -> io::Result<Dirty> {
        self.unsynced = 0;
        if others {
            self.redo.pass();
        }
        let files = match self.redo.take()? {
            Need::Nothing => Vec::new(),
            Need::Redo(file) => vec![file],
            Need::Segments => {
                self.sync_names()?;
                self.write_out()?;
                self.syncing = self.dirty_files().collect();
                (self.dirty_headers, self.dirty_bodies) = Default::default();
                return Ok(Dirty { files: self.syncing.clone(), settles: true });
            }
        };
        Ok(Dirty { files, settles: false })
    }

    /// The segments that were to be synced say everything for certain.
    pub(super) fn settled(&mut self) {
        self.syncing.clear();
        self.redo.restart();
    }

    /// Lets those who read the files find what was written here.
    pub(super) fn write_out(&self) -> io::Result<()> {
        self.late.write_out()
    }

    fn write(&self, file: &Arc<dyn Handle>, bytes: &[u8], offset: u64) -> io::Result<()> {
        reserve(&**file, offset + bytes.len() as u64)?;
        self.late.write(file, bytes, offset)
    }

    fn dirty_files(&self) -> impl Iterator<Item = Arc<dyn Handle>> {
        let headers = self.dirty_headers.iter().map(|&segment| self.headers[segment].clone());
        headers.chain(self.dirty_bodies.iter().map(|&segment| self.bodies[segment].clone()))
    }

    fn sync_names(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.dirty_names) { self.disk.sync_names() } else { Ok(()) }
    }

    /// About how many bytes were written since then.
    pub(crate) fn unsynced(&self) -> u64 {
        self.unsynced
    }

    /// Closes the files, to mend them.
    pub(crate) fn close(self) -> Box<dyn Disk> {
        self.disk
    }

    /// The directory, for the files beside the segments.
    pub(crate) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    fn room(&mut self, bytes: u64) -> io::Result<Place> {
        let full = u64::from(self.tail.offset) + bytes > self.layout.roll && self.tail.offset > frame::PREAMBLE as u32;
        let segment = self.tail.segment + u32::from(full);
        let offset = if full { frame::PREAMBLE as u32 } else { self.tail.offset };
        if segment as usize == self.bodies.len() {
            self.add_body_segment(segment as usize)?;
        }
        Ok(Place { segment, offset })
    }

    fn add_header_segment(&mut self, number: usize) -> io::Result<()> {
        let file = self.disk.open(&header_name(number), true)?;
        reserve(&*file, frame::PREAMBLE as u64)?;
        file.write(&self.header_preamble(number).encode(), 0)?;
        self.headers.push(file.into());
        self.dirty_names = true;
        self.redo.pass();
        Ok(())
    }

    pub(super) fn add_body_segment(&mut self, number: usize) -> io::Result<()> {
        let file = self.disk.open(&body_name(number), true)?;
        let preamble = Preamble { magic: BODIES, network: self.network, first: number as u64 };
        reserve(&*file, frame::PREAMBLE as u64)?;
        file.write(&preamble.encode(), 0)?;
        self.bodies.push(file.into());
        self.dirty_bodies.insert(number);
        self.dirty_names = true;
        self.redo.pass();
        Ok(())
    }

    pub(super) fn header_preamble(&self, number: usize) -> Preamble {
        header_preamble(self.network, self.layout, number)
    }
}

fn reserve(file: &dyn Handle, end: u64) -> io::Result<()> {
    file.reserve(end.next_multiple_of(STEP))
}

/// Whether a read found all its bytes.
pub(super) fn filled(read: io::Result<()>) -> io::Result<bool> {
    match read {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
