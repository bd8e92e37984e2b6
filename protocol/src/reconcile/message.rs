//! What travels: an ordered list of disjoint ranges, each with a fingerprint or with the ids in it.
//!
//! ```text
//! message = plane (1 byte: 0 control, 1 content) segment*
//! segment = head (1 byte: kind << 6 | length) time prefix payload       the range from the former segment's end until this bound
//! kind      0 skip, 1 fingerprint, 2 ids       length   bytes of prefix, 0 to 32; 63 for the end of all, without time and prefix
//! time      varint, milliseconds after the former bound's       prefix   the bound's id without the zeros that end it
//! payload   fingerprint: its first 16 bytes       ids: varint count, then 32 bytes each, ascending
//! ```
//! A varint is seven bits a byte, lowest first, the high bit set on all but the last. A gap is one skip, and none ends a message.

use super::{Item, Range};
use crate::id::RecordId;
use crate::ledger::Plane;
use crate::limit;
use crate::time::Millis;
use crate::wire::WireError;

/// The first bytes of a [`Summary::fingerprint`](super::Summary::fingerprint).
pub(super) type Print = [u8; 16];

/// Ranges of one request at most.
pub(super) const RANGES: usize = 512;
/// Into how many parts a range is split.
pub(super) const PARTS: usize = 16;

const SKIP: u8 = 0;
const PRINT: u8 = 1;
const IDS: u8 = 2;
const END: usize = 63;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) plane: Plane,
    /// Ordered and disjoint.
    pub(super) parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) range: Range,
    pub(super) content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Print(Print),
    Ids(Vec<RecordId>),
}

impl Message {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.plane == Plane::Content)];
        let mut cursor = Item::FIRST;
        for Part { range, content } in &self.parts {
            if range.from > cursor {
                put_bound(&mut bytes, SKIP, &cursor, &range.from);
            }
            match content {
                Content::Print(print) => {
                    put_bound(&mut bytes, PRINT, &range.from, &range.until);
                    bytes.extend(print);
                }
                Content::Ids(ids) => {
                    put_bound(&mut bytes, IDS, &range.from, &range.until);
                    put_varint(&mut bytes, ids.len() as u64);
                    ids.iter().for_each(|id| bytes.extend(id.as_bytes()));
                }
            }
            cursor = range.until;
        }
        bytes
    }

    /// Reads what an initiator sends.
    pub(super) fn decode_request(bytes: &[u8]) -> Result<Self, WireError> {
        Self::decode(bytes, limit::REQUEST, RANGES)
    }

    /// Reads what a responder sends.
    pub(super) fn decode_response(bytes: &[u8]) -> Result<Self, WireError> {
        Self::decode(bytes, limit::RESPONSE, RANGES * PARTS)
    }

    fn decode(bytes: &[u8], most_bytes: usize, most_parts: usize) -> Result<Self, WireError> {
        if bytes.len() > most_bytes {
            return Err(WireError::Malformed);
        }
        let message = Reader(bytes).message(most_parts).ok_or(WireError::Malformed)?;
        if message.encode() != bytes { Err(WireError::NotCanonical) } else { Ok(message) }
    }
}

fn put_bound(bytes: &mut Vec<u8>, kind: u8, cursor: &Item, bound: &Item) {
    if *bound == Item::LAST {
        bytes.push(kind << 6 | END.to_le_bytes()[0]);
        return;
    }
    let length = bound.id.0.iter().rposition(|&byte| byte != 0).map_or(0, |place| place + 1);
    bytes.push(kind << 6 | length.to_le_bytes()[0]);
    put_varint(bytes, bound.claimed_at.since(cursor.claimed_at));
    bytes.extend(&bound.id.0[..length]);
}

fn put_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
}

/// The bytes that are not yet read; `None` where they are no message.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn message(&mut self, most_parts: usize) -> Option<Message> {
        let plane = match self.byte()? {
            0 => Plane::Control,
            1 => Plane::Content,
            _ => return None,
        };
        let (mut parts, mut cursor, mut ids_left) = (Vec::new(), Item::FIRST, limit::IDS);
        while !self.0.is_empty() {
            let head = self.byte()?;
            let range = Range { from: cursor, until: self.bound(usize::from(head & 63), &cursor)? };
            cursor = range.until;
            let content = match head >> 6 {
                SKIP => continue,
                PRINT => Content::Print(self.array()?),
                IDS => Content::Ids(self.ids(&mut ids_left)?),
                _ => return None,
            };
            parts.push(Part { range, content });
            if parts.len() > most_parts {
                return None;
            }
        }
        Some(Message { plane, parts })
    }

    fn bound(&mut self, length: usize, cursor: &Item) -> Option<Item> {
        let bound = if length == END {
            Item::LAST
        } else {
            let claimed_at = Millis(cursor.claimed_at.0.checked_add(self.varint()?)?);
            let mut id = RecordId::ZERO;
            id.0.get_mut(..length)?.copy_from_slice(self.take(length)?);
            Item { claimed_at, id }
        };
        (bound > *cursor).then_some(bound)
    }

    fn ids(&mut self, left: &mut usize) -> Option<Vec<RecordId>> {
        let count = usize::try_from(self.varint()?).ok()?;
        *left = left.checked_sub(count)?;
        let ids: Vec<_> = (0..count).map(|_| self.array().map(RecordId)).collect::<Option<_>>()?;
        ids.is_sorted_by(|one, next| one < next).then_some(ids)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for place in 0..10 {
            let byte = self.byte()?;
            let digit = u64::from(byte & 0x7f);
            if place == 9 && digit > 1 {
                return None;
            }
            value |= digit << (7 * place);
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message() -> impl Strategy<Value = Message> {
        let item = (0u64..300, any::<[u8; 2]>()).prop_map(|(time, start)| {
            let mut id = RecordId::ZERO;
            id.0[..2].copy_from_slice(&start);
            Item { claimed_at: Millis(time), id }
        });
        let bounds = proptest::collection::btree_set(item, 2..20);
        (bounds, any::<[u8; 16]>(), proptest::collection::btree_set(any::<[u8; 32]>(), 0..3)).prop_map(|(bounds, print, ids)| {
            let bounds: Vec<_> = bounds.into_iter().chain([Item::LAST]).collect();
            let contents = [Content::Print(print), Content::Ids(ids.into_iter().map(RecordId).collect())];
            let ranges = bounds.windows(2).enumerate().filter(|(place, _)| place % 3 != 1);
            let part = |(place, pair): (usize, &[Item])| Part {
                range: Range { from: pair[0], until: pair[1] },
                content: contents[place % 2].clone(),
            };
            Message { plane: Plane::Content, parts: ranges.map(part).collect() }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(message in message()) {
            prop_assert_eq!(Message::decode_response(&message.encode()), Ok(message));
        }

        #[test]
        fn changed_bytes_are_refused_or_another_message(message in message(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let honest = message.encode();
            let mut changed = honest.clone();
            *place.get_mut(&mut changed) = byte;
            if let Ok(read) = Message::decode_response(&changed) {
                prop_assert_eq!(read.encode(), changed.clone());
                prop_assert_eq!(read == message, changed == honest);
            }
            let _ = Message::decode_response(&honest[..place.index(honest.len())]);
        }

        #[test]
        fn no_bytes_are_a_message_in_two_ways(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            if let Ok(read) = Message::decode_request(&bytes) {
                prop_assert_eq!(read.encode(), bytes);
            }
        }
    }

    #[test]
    fn overlong_numbers_and_needless_segments_are_not_canonical() {
        let canonical = [1, SKIP << 6, 5, IDS << 6 | 63, 0];
        assert!(Message::decode_request(&canonical).is_ok());
        let overlong = [1, SKIP << 6, 0x85, 0, IDS << 6 | 63, 0];
        let two_skips = [1, SKIP << 6, 2, SKIP << 6, 3, IDS << 6 | 63, 0];
        let long_prefix = [1, SKIP << 6 | 1, 5, 0, IDS << 6 | 63, 0];
        for bytes in [&overlong[..], &two_skips, &long_prefix, &[1, SKIP << 6, 5]] {
            assert_eq!(Message::decode_request(bytes), Err(WireError::NotCanonical));
        }
        assert_eq!(Message::decode_request(&[1, IDS << 6, 0, 0]), Err(WireError::Malformed), "an empty range");
    }
}
