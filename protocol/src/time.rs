//! Time as the protocol knows it: an argument, never a call to a clock.

use crate::wire::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01 UTC, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// This moment and `millis` later, at most the end of time.
    pub fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// How many milliseconds this is after `earlier`; zero when it is before.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
