//! Range-based set reconciliation over (claimed time, id).
//!
//! The [`Initiator`] sends fingerprints of ranges; [`respond`] answers each that differs with its ids when they are few, else with the
//! fingerprints of its parts. Neither reads or sends more than a bound whatever the other says. Works as `negentropy` does, with
//! another fingerprint and other bytes, and ids travel one way only.

mod index;
mod initiator;
mod message;
mod responder;

pub use index::RangeIndex;
pub use initiator::{Differences, Initiator, ReconcileError, Step};
pub use responder::{RespondError, respond};

use crate::id::{RecordId, Tag, digest};
use crate::time::Millis;
use crate::wire::{Decode, Encode};

/// A record's place in the order of reconciliation: by claimed time, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Item {
    /// When its author says it was written.
    pub claimed_at: Millis,
    /// Its name.
    pub id: RecordId,
}

impl Item {
    /// Before every record.
    pub const FIRST: Self = Self { claimed_at: Millis(0), id: RecordId::ZERO };
    /// After every record.
    pub const LAST: Self = Self { claimed_at: Millis(u64::MAX), id: RecordId([0xff; 32]) };
}

/// The items from `from` (included) until `until` (excluded).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Range {
    /// The first place that belongs to it.
    pub from: Item,
    /// The first place after it.
    pub until: Item,
}

impl Range {
    /// Every record.
    pub const ALL: Self = Self { from: Item::FIRST, until: Item::LAST };
}

/// How many ids there are in a range, and their sum modulo 2^256 (each read as a big-endian number).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Encode, Decode)]
pub struct Summary {
    /// The number of ids.
    pub count: u64,
    /// Their sum.
    pub sum: [u8; 32],
}

impl Summary {
    /// This and one more id.
    #[must_use]
    pub fn with(self, id: &RecordId) -> Self {
        self.plus(&Self { count: 1, sum: id.0 })
    }

    /// The summary of two disjoint ranges.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        let mut sum = [0; 32];
        let mut carry = 0;
        for place in (0..32).rev() {
            let digit = u16::from(self.sum[place]) + u16::from(other.sum[place]) + carry;
            sum[place] = digit.to_be_bytes()[1];
            carry = digit >> 8;
        }
        Self { count: self.count + other.count, sum }
    }

    /// What two replicas compare: SHA-256 over [`Tag::RANGE`], the sum and the count. The hash keeps an attacker who can add records
    /// from steering the sums to an equal fingerprint as an XOR of ids would let him.
    pub fn fingerprint(&self) -> [u8; 32] {
        digest(Tag::RANGE, &[&self.sum, &self.count.to_be_bytes()])
    }
}
