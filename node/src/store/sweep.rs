//! Many places looked at in few calls: each costs more than what it reads of a usual record.

use super::frame::{self, Place, Slot};
use super::segments::{Segments, filled};
use koinon_protocol::record::Signed;
use std::io;

/// Bodies that are read in one call: of usual ones as much as stays in a core's cache, of the largest four megabytes.
const RUN: usize = 64;

/// A header that could be read.
struct Found {
    position: u64,
    signed: Signed,
    place: Place,
}

impl Found {
    /// The offset behind its body.
    fn end(&self) -> u64 {
        u64::from(self.place.offset) + frame::body_size(self.signed.header().body_length)
    }

    fn is_before(&self, next: &Self) -> bool {
        self.place.segment == next.place.segment && self.end() == u64::from(next.place.offset)
    }
}

impl Segments {
    /// The places among `count` from `from` on whose header can be read and whose body is not here, or cannot be read, and was not erased.
    pub(super) fn lacking(&self, from: u64, count: u64) -> io::Result<Vec<u64>> {
        let mut lacking = Vec::new();
        let found = self.found(from, count)?;
        for run in found.chunk_by(Found::is_before).flat_map(|run| run.chunks(RUN)) {
            self.lacking_of(run, &mut lacking)?;
        }
        Ok(lacking)
    }

    /// Of a run of bodies that lie one behind the other.
    fn lacking_of(&self, run: &[Found], lacking: &mut Vec<u64>) -> io::Result<()> {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(()) };
        let start = u64::from(first.place.offset);
        let bytes = self.body_bytes(first.place, last.end() - start)?;
        for found in run {
            let at = (u64::from(found.place.offset) - start) as usize..(found.end() - start) as usize;
            let slot = match bytes.get(at) {
                Some(frame) => Slot::committed(frame, found.signed.header()),
                // The file ends before, and may still hold the first of them.
                None => self.body(&found.signed, found.place)?,
            };
            if matches!(slot, Slot::Absent | Slot::Damaged) {
                lacking.push(found.position);
            }
        }
        Ok(())
    }

    /// So many bytes from there on; nothing when they are not all there.
    fn body_bytes(&self, place: Place, length: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length as usize];
        let file = self.bodies.get(place.segment as usize);
        let read = file.map_or(Ok(false), |file| filled(file.read(&mut bytes, place.offset.into())))?;
        Ok(if read { bytes } else { Vec::new() })
    }

    fn found(&self, from: u64, count: u64) -> io::Result<Vec<Found>> {
        let (mut found, end) = (Vec::with_capacity(count as usize), from + count);
        let mut next = from;
        while next < end {
            let (segment, offset) = self.layout.locate(next);
            let run = (end - next).min(self.layout.frames() - next % self.layout.frames());
            let mut bytes = vec![0; run as usize * frame::HEADER];
            let file = self.headers.get(segment);
            let whole = file.map_or(Ok(false), |file| filled(file.read(&mut bytes, offset)))?;
            for (position, bytes) in (next..).zip(bytes.chunks_exact(frame::HEADER)) {
                let read = if whole { frame::read_header(bytes) } else { self.header(position)? };
                found.extend(read.map(|(signed, place)| Found { position, signed, place }));
            }
            next += run;
        }
        Ok(found)
    }
}
