//! Where things lie, by arithmetic alone: the store that writes and the view that only reads share it.

use super::frame;

/// The arithmetic of one segment size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes at which a new segment begins.
    pub(crate) roll: u64,
}

impl Layout {
    /// The layout for segments of about `roll` bytes: one frame at least, and no offset over 31 bits.
    pub(crate) fn new(roll: u64) -> Self {
        Self { roll: roll.clamp(frame::PREAMBLE as u64 + frame::HEADER as u64, u64::from(u32::MAX >> 1)) }
    }

    /// Frames in a full segment of headers.
    pub(crate) fn frames(self) -> u64 {
        (self.roll - frame::PREAMBLE as u64) / frame::HEADER as u64
    }

    /// The segment and the offset of a header's frame.
    pub(crate) fn locate(self, position: u64) -> (usize, u64) {
        let (segment, within) = (position / self.frames(), position % self.frames());
        (segment as usize, frame::PREAMBLE as u64 + within * frame::HEADER as u64)
    }
}

/// The file of a segment of headers.
pub(crate) fn header_name(number: usize) -> String {
    format!("headers-{number:04}.seg")
}

/// The file of a segment of bodies.
pub(crate) fn body_name(number: usize) -> String {
    format!("bodies-{number:04}.seg")
}

/// The number of a segment of headers, from its name.
pub(crate) fn header_number(name: &str) -> Option<usize> {
    name.strip_prefix("headers-")?.strip_suffix(".seg")?.parse().ok()
}

/// The number of a segment of bodies, from its name.
pub(crate) fn body_number(name: &str) -> Option<usize> {
    name.strip_prefix("bodies-")?.strip_suffix(".seg")?.parse().ok()
}
