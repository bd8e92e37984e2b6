//! What happens when records that were acknowledged cannot be read: the others stand, in their order, as a new journal, and what is
//! lost comes back from peers.
//!
//! A journal's order is a promise to peers, and a journal with a gap could not keep it. A new one breaks it openly: peers find that the
//! root at their cursor is another, and ask for ids again. New segments are written beside the old ones; once the file [`MARKER`] says
//! that they are whole, they take the place of the old, however often that is interrupted. The old ones are set aside. Bodies whose
//! header is lost are overwritten: nobody could erase them any more.

use super::disk::{Disk, Handle, blank, existing};
use super::error::OpenError;
use super::frame::{self, Beginning, Place};
use super::layout::{Layout, body_name, body_number, header_name, header_number};
use super::recover::{beginning, header_preamble};
use super::segments::filled;
use koinon_protocol::id::{NetworkId, RecordId};
use koinon_protocol::log::LogId;
use koinon_protocol::record::Signed;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

const MARKER: &str = "mended";
const NEW: &str = "mended-";
/// Frames read and written at once: about 300 KB.
const CHUNK: usize = 1024;

/// What was done to a journal that had lost records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mended {
    /// Records that stand in the new journal.
    pub kept: u64,
    /// Records that are known to be lost; none when it is not known how many there were.
    pub lost: Option<u64>,
}

/// Makes a new journal of what can be read of the old one.
pub(super) fn mend(disk: &dyn Disk, network: NetworkId, layout: Layout, acknowledged: Option<u64>) -> Result<Mended, OpenError> {
    let kept = rewrite(disk, network, layout)?;
    put_marker(disk, kept).map_err(failed(MARKER))?;
    resume(disk, layout)?;
    let lost = acknowledged.map(|records| records.saturating_sub(kept));
    tracing::error!(kept, lost, "the journal was damaged: what can be read stands as a new journal, the rest is asked of peers");
    Ok(Mended { kept, lost })
}

/// Ends what was interrupted. Gives the size of the journal when one was mended.
pub(super) fn resume(disk: &dyn Disk, layout: Layout) -> Result<Option<u64>, OpenError> {
    let names = disk.names().map_err(failed(MARKER))?;
    let Some(size) = read_marker(disk)? else {
        let stray = names.iter().filter(|name| name.starts_with(NEW));
        stray
            .chain(names.iter().filter(|name| *name == MARKER))
            .try_for_each(|name| disk.remove(name))
            .map_err(failed(MARKER))?;
        return Ok(None);
    };
    let new: BTreeSet<usize> = names.iter().filter_map(|name| header_number(name.strip_prefix(NEW)?)).collect();
    let old: BTreeSet<usize> = names.iter().filter_map(|name| header_number(name)).collect();
    let kept = size.div_ceil(layout.frames()) as usize;
    swap(disk, &new, &old, kept).map_err(failed(MARKER))?;
    blank_orphans(disk, layout, size)?;
    Ok(Some(size))
}

/// Takes the marker away, once everything else says what it says.
pub(super) fn done(disk: &dyn Disk) -> Result<(), OpenError> {
    match disk.remove(MARKER) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(MARKER)(error)),
        _ => disk.sync_names().map_err(failed(MARKER)),
    }
}

fn swap(disk: &dyn Disk, new: &BTreeSet<usize>, old: &BTreeSet<usize>, kept: usize) -> io::Result<()> {
    for &number in old.iter().filter(|number| new.contains(number) || **number >= kept) {
        disk.set_aside(&header_name(number))?;
    }
    for &number in new {
        disk.rename(&format!("{NEW}{}", header_name(number)), &header_name(number))?;
    }
    disk.sync_names()
}

fn read_marker(disk: &dyn Disk) -> Result<Option<u64>, OpenError> {
    let Some(file) = existing(disk, MARKER).map_err(failed(MARKER))? else { return Ok(None) };
    let mut bytes = [0; 12];
    let whole = filled(file.read(&mut bytes, 0)).map_err(failed(MARKER))?;
    let content = if whole { frame::checked(&bytes) } else { None };
    Ok(content.and_then(|content| Some(u64::from_be_bytes(content.try_into().ok()?))))
}

fn put_marker(disk: &dyn Disk, size: u64) -> io::Result<()> {
    disk.sync_names()?;
    let file = disk.open(MARKER, true)?;
    file.write(&frame::seal(&size.to_be_bytes()), 0)?;
    file.sync()?;
    disk.sync_names()
}

/// Writes the readable records that continue their logs to new segments.
fn rewrite(disk: &dyn Disk, network: NetworkId, layout: Layout) -> Result<u64, OpenError> {
    let mut heads: BTreeMap<LogId, (u64, RecordId)> = BTreeMap::new();
    let mut new = New { disk, network, layout, size: 0, file: None, waiting: Vec::new() };
    for name in names(disk, header_number)? {
        let file = disk.open(&name, false).map_err(failed(&name))?;
        let number = header_number(&name).unwrap_or_default();
        if beginning(&*file, &header_preamble(network, layout, number), &name)? == Beginning::Foreign {
            return Err(OpenError::Foreign { file: name });
        }
        let mut result = Ok(());
        each_frame(&*file, layout, &mut |bytes| {
            let Some((id, signed, _)) = frame::read_named(bytes) else { return };
            if result.is_ok() && continues(&mut heads, id, &signed, network) {
                result = new.push(bytes);
            }
        })
        .map_err(failed(&name))?;
        result.map_err(failed(NEW))?;
    }
    new.finish().map_err(failed(NEW))
}

fn continues(heads: &mut BTreeMap<LogId, (u64, RecordId)>, id: RecordId, signed: &Signed, network: NetworkId) -> bool {
    let header = signed.header();
    let log = LogId::from(header);
    let (next, previous) = heads.get(&log).map_or((0, RecordId::ZERO), |(seq, id)| (seq + 1, *id));
    let fits = header.network == network && header.seq == next && header.previous == previous;
    if fits {
        heads.insert(log, (header.seq, id));
    }
    fits
}

/// New segments of headers, while they are written.
struct New<'a> {
    disk: &'a dyn Disk,
    network: NetworkId,
    layout: Layout,
    size: u64,
    file: Option<Box<dyn Handle>>,
    waiting: Vec<u8>,
}

impl New<'_> {
    fn push(&mut self, frame: &[u8]) -> io::Result<()> {
        self.waiting.extend_from_slice(frame);
        self.size += 1;
        if self.waiting.len() == CHUNK * frame::HEADER || self.size.is_multiple_of(self.layout.frames()) {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(records) = (self.waiting.len() / frame::HEADER).checked_sub(1) else { return Ok(()) };
        let (segment, offset) = self.layout.locate(self.size - 1 - records as u64);
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                let file = self.disk.open(&format!("{NEW}{}", header_name(segment)), true)?;
                file.cut(0)?;
                file.write(&header_preamble(self.network, self.layout, segment).encode(), 0)?;
                file
            }
        };
        file.write(&self.waiting, offset)?;
        self.waiting.clear();
        if self.size.is_multiple_of(self.layout.frames()) {
            file.sync()?;
        } else {
            self.file = Some(file);
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<u64> {
        self.flush()?;
        if let Some(file) = self.file {
            file.sync()?;
        }
        Ok(self.size)
    }
}

/// Overwrites every byte of the segments of bodies that belongs to no record of the journal.
fn blank_orphans(disk: &dyn Disk, layout: Layout, size: u64) -> Result<(), OpenError> {
    let mut bodies = Bodies { disk, next: Place { segment: 0, offset: frame::PREAMBLE as u32 } };
    let mut left = size;
    for name in names(disk, header_number)? {
        let file = disk.open(&name, false).map_err(failed(&name))?;
        let mut result = Ok(());
        each_frame(&*file, layout, &mut |bytes| {
            if let (Some((signed, place)), true, true) = (frame::read_header(bytes), left > 0, result.is_ok()) {
                left -= 1;
                result = bodies.keep(place, frame::body_size(signed.header().body_length) as u32);
            }
        })
        .map_err(failed(&name))?;
        result.map_err(failed("bodies"))?;
    }
    for name in names(disk, body_number)? {
        let number = body_number(&name).unwrap_or_default() as u32;
        bodies.blank_to_end(number).map_err(failed(&name))?;
    }
    Ok(())
}

/// The segments of bodies, up to the first byte that no record has claimed yet.
struct Bodies<'a> {
    disk: &'a dyn Disk,
    next: Place,
}

impl Bodies<'_> {
    /// Leaves the next frame that belongs to a record as it is.
    fn keep(&mut self, place: Place, length: u32) -> io::Result<()> {
        while self.next.segment < place.segment {
            self.blank_to_end(self.next.segment)?;
        }
        self.blank(place.segment, self.next.offset, place.offset)?;
        self.next = Place { segment: place.segment, offset: place.offset.saturating_add(length) };
        Ok(())
    }

    fn blank_to_end(&mut self, segment: u32) -> io::Result<()> {
        if segment >= self.next.segment {
            let from = if segment == self.next.segment { self.next.offset } else { frame::PREAMBLE as u32 };
            self.blank(segment, from, u32::MAX)?;
            self.next = Place { segment: segment + 1, offset: frame::PREAMBLE as u32 };
        }
        Ok(())
    }

    fn blank(&self, segment: u32, from: u32, until: u32) -> io::Result<()> {
        if from >= until {
            return Ok(());
        }
        let Some(file) = existing(self.disk, &body_name(segment as usize))? else { return Ok(()) };
        let (from, end) = (u64::from(from), file.len()?.min(until.into()));
        if from >= end {
            return Ok(());
        }
        blank(&*file, from, end)?;
        file.sync()
    }
}

fn each_frame(file: &dyn Handle, layout: Layout, visit: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    let frames = (file.len()?.saturating_sub(frame::PREAMBLE as u64) / frame::HEADER as u64).min(layout.frames());
    let mut chunk = vec![0; CHUNK * frame::HEADER];
    for first in (0..frames).step_by(CHUNK) {
        let bytes = &mut chunk[..(frames - first).min(CHUNK as u64) as usize * frame::HEADER];
        file.read(bytes, frame::PREAMBLE as u64 + first * frame::HEADER as u64)?;
        bytes.chunks_exact(frame::HEADER).for_each(&mut *visit);
    }
    Ok(())
}

/// The files of a sort, in the order of their numbers.
fn names(disk: &dyn Disk, number: impl Fn(&str) -> Option<usize>) -> Result<Vec<String>, OpenError> {
    let mut names = disk.names().map_err(failed("segments"))?;
    names.retain(|name| number(name).is_some());
    names.sort_by_key(|name| number(name));
    Ok(names)
}

fn failed(file: &str) -> impl Fn(io::Error) -> OpenError {
    let file = file.to_owned();
    move |source| OpenError::Io { file: file.clone(), source }
}
