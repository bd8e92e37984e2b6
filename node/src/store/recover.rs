//! Opening: the headers are read once, on all cores, and what a power cut left behind the last of them is cut.

use super::disk::Handle;
use super::error::OpenError;
use super::frame::{self, Beginning, Place, Preamble};
use super::layout::{Layout, body_number, header_name, header_number};
use super::segments::{HEADERS, Segments, filled};
use koinon_protocol::ledger::{Loading, Lookup, Part};
use std::io;
use std::thread;

/// Records that one core takes at a time, about 5 MB: a power of two, so that the journal's tree joins at whole nodes.
const SHARE: u64 = 1 << 14;
/// The most cores that are used: reading is what takes the time then.
const CORES: usize = 8;

/// What the headers say.
pub(super) enum Recovered {
    /// Every record that was acknowledged is there.
    Whole(Box<Lookup>),
    /// Some are not, or it cannot be told: the journal is to be mended.
    Damaged,
}

impl Segments {
    /// Reads all headers, and cuts what a power cut left behind the last whole one. `acknowledged` says how many records must be
    /// there; without it, anything behind the first frame that cannot be read counts as damage.
    pub(super) fn recover(&mut self, acknowledged: Option<u64>) -> Result<Recovered, OpenError> {
        let torn = self.check_beginnings()?;
        let lookup = self.load()?;
        self.size = lookup.size();
        let lost = match acknowledged {
            Some(records) => records > self.size,
            None => self.anything_from(self.size)?,
        };
        if lost {
            return Ok(Recovered::Damaged);
        }
        let failed = |source| OpenError::Io { file: "segments".to_owned(), source };
        if self.anything_from(self.size)? {
            tracing::warn!(records = self.size, "what was written behind the last record and never acknowledged is cut");
        }
        if let Some(last) = self.size.checked_sub(1)
            && let Some((signed, place)) = self.header(last).map_err(failed)?
        {
            let end = u64::from(place.offset) + frame::body_size(signed.header().body_length);
            self.tail = Place { segment: place.segment, offset: u32::try_from(end).unwrap_or(u32::MAX) };
        }
        self.cut(&torn).map_err(failed)?;
        Ok(Recovered::Whole(Box::new(lookup)))
    }

    /// The segments of headers whose beginning is damaged.
    fn check_beginnings(&self) -> Result<Vec<usize>, OpenError> {
        let mut torn = Vec::new();
        for (number, file) in self.headers.iter().enumerate() {
            match beginning(&**file, &self.header_preamble(number), &header_name(number))? {
                Beginning::Right => {}
                Beginning::Damaged => torn.push(number),
                Beginning::Foreign => return Err(OpenError::Foreign { file: header_name(number) }),
            }
        }
        Ok(torn)
    }

    fn load(&self) -> Result<Lookup, OpenError> {
        let cores = thread::available_parallelism().map_or(1, usize::from).min(CORES);
        let mut loading = Loading::default();
        loop {
            let first = loading.size();
            let shares =
                (0..cores as u64).map(|share| self.frames(first + share * SHARE, SHARE)).collect::<Result<Vec<_>, _>>()?;
            let parts = thread::scope(|scope| {
                let (own, others) = shares.split_first()?;
                let others: Vec<_> = others.iter().map(|share| (share, scope.spawn(|| part(share)))).collect();
                let own = part(own);
                Some(
                    std::iter::once(own)
                        .chain(others.into_iter().map(|(share, other)| other.join().unwrap_or_else(|_| part(share))))
                        .collect::<Vec<_>>(),
                )
            });
            for (part, records) in parts.unwrap_or_default() {
                loading.extend(part);
                if records < SHARE {
                    return Ok(loading.finish());
                }
            }
        }
    }

    /// The bytes of at most `count` frames from a place, as far as there are files that reach so far.
    fn frames(&self, from: u64, count: u64) -> Result<Vec<u8>, OpenError> {
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < count * frame::HEADER as u64 {
            let position = from + (bytes.len() / frame::HEADER) as u64;
            let (segment, offset) = self.layout.locate(position);
            let Some(file) = self.headers.get(segment) else { break };
            let failed = |source| OpenError::Io { file: header_name(segment), source };
            let there = file.len().map_err(failed)?.saturating_sub(offset) / frame::HEADER as u64;
            let here = self.layout.frames() - position % self.layout.frames();
            let run = there.min(here).min(from + count - position);
            if run == 0 {
                break;
            }
            let start = bytes.len();
            bytes.resize(start + run as usize * frame::HEADER, 0);
            file.read(&mut bytes[start..], offset).map_err(failed)?;
            if run < here {
                break;
            }
        }
        Ok(bytes)
    }

    /// Whether anything but zeros lies in the headers from a place on.
    fn anything_from(&self, position: u64) -> Result<bool, OpenError> {
        let (segment, offset) = self.layout.locate(position);
        for (number, file) in self.headers.iter().enumerate().skip(segment) {
            let from = if number == segment { offset } else { frame::PREAMBLE as u64 };
            if anything(&**file, from).map_err(|source| OpenError::Io { file: header_name(number), source })? {
                return Ok(true);
            }
        }
        let names = self.disk.names().map_err(|source| OpenError::Io { file: "segments".to_owned(), source })?;
        Ok(names.iter().filter_map(|name| header_number(name)).any(|number| number >= self.headers.len()))
    }

    fn cut(&mut self, torn: &[usize]) -> io::Result<()> {
        let (segment, offset) = self.layout.locate(self.size);
        let kept = segment + usize::from(offset > frame::PREAMBLE as u64);
        self.drop_from(header_number, kept)?;
        self.headers.truncate(kept);
        if let (Some(file), true) = (self.headers.get(segment), offset > frame::PREAMBLE as u64) {
            file.cut(offset)?;
            file.sync()?;
        }
        for (number, file) in self.headers.iter().enumerate().filter(|(number, _)| torn.contains(number)) {
            file.write(&self.header_preamble(number).encode(), 0)?;
            file.sync()?;
        }
        let kept = if self.size == 0 { 0 } else { self.tail.segment as usize + 1 };
        self.drop_from(body_number, kept)?;
        for number in 0..kept {
            self.add_body_segment(number)?;
        }
        if let Some(file) = self.bodies.last() {
            let length = file.len()?.min(u64::from(self.tail.offset));
            file.cut(length)?;
            file.sync()?;
        }
        self.disk.sync_names()
    }

    fn drop_from(&self, number: impl Fn(&str) -> Option<usize>, kept: usize) -> io::Result<()> {
        let names = self.disk.names()?;
        names.iter().filter(|name| number(name).is_some_and(|number| number >= kept)).try_for_each(|name| self.disk.remove(name))
    }
}

/// How a file begins.
pub(super) fn beginning(file: &dyn Handle, expected: &Preamble, name: &str) -> Result<Beginning, OpenError> {
    let mut found = [0; frame::PREAMBLE];
    let whole = filled(file.read(&mut found, 0)).map_err(|source| OpenError::Io { file: name.to_owned(), source })?;
    Ok(expected.compare(whole.then_some(&found)))
}

/// The preamble of a segment of headers.
pub(super) fn header_preamble(network: koinon_protocol::id::NetworkId, layout: Layout, number: usize) -> Preamble {
    Preamble { magic: HEADERS, network, first: number as u64 * layout.frames() }
}

fn part(frames: &[u8]) -> (Part, u64) {
    let (mut part, mut records) = (Part::default(), 0);
    for bytes in frames.chunks_exact(frame::HEADER) {
        let Some((id, signed, _)) = frame::read_named(bytes) else { break };
        part.push(id, signed.header());
        records += 1;
    }
    (part, records)
}

/// Whether a file has anything but zeros from an offset on.
fn anything(file: &dyn Handle, mut offset: u64) -> io::Result<bool> {
    let end = file.len()?;
    let mut buffer = vec![0; 1 << 16];
    while offset < end {
        let length = (end - offset).min(buffer.len() as u64) as usize;
        file.read(&mut buffer[..length], offset)?;
        if buffer[..length].iter().any(|&byte| byte != 0) {
            return Ok(true);
        }
        offset += length as u64;
    }
    Ok(false)
}
