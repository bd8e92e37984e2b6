//! How records lie in the segments: frames of header and signature, all of one size, and frames of bodies, which can be overwritten.

use koinon_protocol::id::{NetworkId, RecordId, Tag, digest};
use koinon_protocol::limit;
use koinon_protocol::record::{Header, Sealed, Signed};

/// The version of this layout.
pub const FORMAT: u32 = 1;
/// Bytes of a [`Preamble`].
pub(crate) const PREAMBLE: usize = 56;
/// Bytes of a header's frame: CRC-32, header and signature, segment and offset of the body.
pub(crate) const HEADER: usize = 4 + limit::SIGNED + 4 + 4;
/// Bytes of a body's frame before salt and body: CRC-32, state and length.
pub(crate) const STATE: usize = 8;
const ABSENT: u32 = 1;
const PRESENT: u32 = 2;
const ERASED: u32 = 3;

/// How a segment begins: magic, [`FORMAT`], network, number of its first frame or of the segment, CRC-32; integers big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Preamble {
    /// What the file holds.
    pub(crate) magic: [u8; 8],
    /// Whose records these are.
    pub(crate) network: NetworkId,
    /// Where the file stands among its like.
    pub(crate) first: u64,
}

impl Preamble {
    /// The bytes at the beginning of the file.
    pub(crate) fn encode(&self) -> [u8; PREAMBLE] {
        let first = self.first.to_be_bytes();
        let parts: [&[u8]; 4] = [&self.magic, &FORMAT.to_be_bytes(), &self.network.0, &first];
        let content = parts.concat();
        let mut out = [0; PREAMBLE];
        out[..PREAMBLE - 4].copy_from_slice(&content);
        out[PREAMBLE - 4..].copy_from_slice(&crc32fast::hash(&content).to_be_bytes());
        out
    }
}

/// How the beginning of a file compares with what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// It is that.
    Right,
    /// It does not fit its own checksum, or is cut short.
    Damaged,
    /// It is whole and says something else: another network, another format, another segment size.
    Foreign,
}

impl Preamble {
    /// Compares what was read; none when the file is shorter than a preamble.
    pub(crate) fn compare(&self, found: Option<&[u8]>) -> Beginning {
        let Some((content, crc)) = found.and_then(|found| found.split_last_chunk::<4>()) else { return Beginning::Damaged };
        if found == Some(&self.encode()) {
            Beginning::Right
        } else if u32::from_be_bytes(*crc) == crc32fast::hash(content) {
            Beginning::Foreign
        } else {
            Beginning::Damaged
        }
    }
}

/// Where a body lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Place {
    /// The number of its segment.
    pub(crate) segment: u32,
    /// The first byte of its frame in the file.
    pub(crate) offset: u32,
}

/// A header's frame.
pub(crate) fn header(signed: &Signed, place: Place) -> Vec<u8> {
    framed(HEADER - 4, |frame| {
        frame.extend(signed.encode());
        frame.extend(place.segment.to_be_bytes());
        frame.extend(place.offset.to_be_bytes());
    })
}

/// What stands in a header's frame of [`HEADER`] bytes; none when it is damaged or was never written.
pub(crate) fn read_header(frame: &[u8]) -> Option<(Signed, Place)> {
    let content = checked(frame)?;
    let (signed, place) = content.split_at_checked(limit::SIGNED)?;
    let place = Place { segment: number(place.get(..4)?)?, offset: number(place.get(4..)?)? };
    Some((Signed::decode(signed).ok()?, place))
}

/// As [`read_header`], with the record's name, which is hashed over the bytes as they lie there.
pub(crate) fn read_named(frame: &[u8]) -> Option<(RecordId, Signed, Place)> {
    let (signed, place) = read_header(frame)?;
    Some((RecordId(digest(Tag::RECORD_ID, &[frame.get(4..4 + limit::HEADER)?])), signed, place))
}

/// The bytes behind a CRC-32 that fits them.
pub(crate) fn checked(frame: &[u8]) -> Option<&[u8]> {
    let (crc, content) = frame.split_at_checked(4)?;
    (number(crc)? == crc32fast::hash(content)).then_some(content)
}

/// `content` behind its CRC-32.
pub(crate) fn seal(content: &[u8]) -> Vec<u8> {
    framed(content.len(), |frame| frame.extend(content))
}

/// What `write` adds, about `length` bytes, behind its CRC-32.
fn framed(length: usize, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut frame = Vec::with_capacity(4 + length);
    append(&mut frame, write);
    frame
}

/// Adds what `write` adds, behind its CRC-32.
pub(super) fn append(buffer: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = buffer.len();
    buffer.extend([0; 4]);
    write(buffer);
    let (crc, content) = buffer[start..].split_at_mut(4);
    crc.copy_from_slice(&crc32fast::hash(content).to_be_bytes());
}

/// The frame of a body of `length` bytes, or of one that has not arrived.
pub(crate) fn body(sealed: Option<&Sealed>, length: u32) -> Vec<u8> {
    match sealed {
        Some(sealed) => stated(PRESENT, Some(sealed), length),
        None => stated(ABSENT, None, length),
    }
}

/// The frame of a body of `length` bytes that was erased.
pub(crate) fn erased(length: u32) -> Vec<u8> {
    stated(ERASED, None, length)
}

fn stated(state: u32, sealed: Option<&Sealed>, length: u32) -> Vec<u8> {
    let content = STATE - 4 + limit::SALT + length as usize;
    framed(content, |frame| {
        frame.extend((state << 24 | length).to_be_bytes());
        if let Some(sealed) = sealed {
            frame.extend(sealed.salt);
            frame.extend(&sealed.bytes);
        }
        frame.resize(4 + content, 0);
    })
}

/// Bytes that the frame of a body takes, whether the body is there or not.
pub(crate) fn body_size(length: u32) -> u64 {
    STATE as u64 + limit::SALT as u64 + u64::from(length)
}

/// What the place of a body holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// It has not arrived.
    Absent,
    /// It is here.
    Present(Sealed),
    /// It was erased and may not come back.
    Erased,
    /// What was written cannot be read: it may be fetched again.
    Damaged,
}

impl Slot {
    /// What stands in the frame of the body that `header` commits to: another body is damage.
    pub(crate) fn committed(frame: &[u8], header: &Header) -> Self {
        match Self::decode(frame, header.body_length) {
            Self::Present(sealed) if sealed.commitment() != header.body => Self::Damaged,
            slot => slot,
        }
    }

    /// What stands in the frame of a body of `length` bytes.
    pub(crate) fn decode(frame: &[u8], length: u32) -> Self {
        let Some((word, rest)) = checked(frame).and_then(|content| content.split_at_checked(4)) else { return Self::Damaged };
        let Some((salt, bytes)) = rest.split_first_chunk() else { return Self::Damaged };
        match number(word).map(|word| (word >> 24, word & 0x00ff_ffff)) {
            Some((ABSENT, found)) if found == length => Self::Absent,
            Some((PRESENT, found)) if found == length => Self::Present(Sealed { salt: *salt, bytes: bytes.to_vec() }),
            Some((ERASED, found)) if found == length => Self::Erased,
            _ => Self::Damaged,
        }
    }
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}
