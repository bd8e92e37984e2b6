//! Many places looked at in few calls: each costs more than what it reads of a usual record.

use super::frame::{self, Place, Slot};
use super::segments::{Segments, filled};
use koinon_protocol::record::{Header, Signed};
use std::io;

/// Bodies that are read in one call: of usual ones as much as stays in a core's cache, of the largest four megabytes.
const RUN: usize = 64;

/// A header, and where its body lies.
pub(crate) trait Placed {
    /// The header.
    fn header(&self) -> &Header;
    /// Where its body lies.
    fn place(&self) -> Place;

    /// Bytes of the body's frame.
    fn size(&self) -> u64 {
        frame::body_size(self.header().body_length)
    }

    /// Whether the body of `next` lies right behind this one's.
    fn is_before(&self, next: &Self) -> bool {
        let (own, next) = (self.place(), next.place());
        own.segment == next.segment && u64::from(own.offset) + self.size() == u64::from(next.offset)
    }
}

/// Tells of every record what lies at the place of its body, in order. `read` gives so many bytes from a place on, or none when the file
/// ends before.
pub(crate) fn bodies<T: Placed>(
    records: &[T],
    read: impl Fn(Place, u64) -> io::Result<Option<Vec<u8>>>,
    mut tell: impl FnMut(&T, Slot),
) -> io::Result<()> {
    for run in records.chunk_by(T::is_before).flat_map(|run| run.chunks(RUN)) {
        let Some(first) = run.first() else { continue };
        let all = read(first.place(), run.iter().map(T::size).sum())?;
        let mut rest = all.as_deref();
        for record in run {
            let slot = match rest.and_then(|rest| rest.split_at_checked(record.size() as usize)) {
                Some((frame, behind)) => {
                    rest = Some(behind);
                    Slot::committed(frame, record.header())
                }
                // The file ends before the last of them, and may still hold this one.
                None => {
                    let frame = read(record.place(), record.size())?;
                    frame.map_or(Slot::Damaged, |frame| Slot::committed(&frame, record.header()))
                }
            };
            tell(record, slot);
        }
    }
    Ok(())
}

struct Found {
    position: u64,
    signed: Signed,
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

impl Segments {
    /// The places among `count` from `from` on whose header can be read and whose body is not here, or cannot be read, and was not erased.
    pub(super) fn lacking(&self, from: u64, count: u64) -> io::Result<Vec<u64>> {
        let mut lacking = Vec::new();
        let read = |place: Place, length| {
            let mut bytes = vec![0; length as usize];
            let Some(file) = self.bodies.get(place.segment as usize) else { return Ok(None) };
            Ok(filled(file.read(&mut bytes, place.offset.into()))?.then_some(bytes))
        };
        bodies(&self.found(from, count)?, read, |found, slot| {
            if matches!(slot, Slot::Absent | Slot::Damaged) {
                lacking.push(found.position);
            }
        })?;
        Ok(lacking)
    }

    fn found(&self, from: u64, count: u64) -> io::Result<Vec<Found>> {
        self.write_out()?;
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
