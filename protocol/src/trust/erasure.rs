//! How an author takes back what it said: the body goes everywhere and for good, header and signature stay.

use super::act;
use super::attestation::Mandate;
use super::body::{self, BodyError, Place};
use super::notice;
use crate::id::{OrganisationId, RecordId};
use crate::ledger::Plane;
use crate::limit;
use crate::record::{Draft, Sealed};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// The record kind. The header's subject is the record whose body goes.
pub const KIND: u16 = 4;

/// The body. Fields that are not named here are kept in the bytes and not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Why, in words that everybody may read: it stays.
    pub ground: String,
    /// The decision behind it, where there is one.
    #[serde(default, deserialize_with = "act::present", skip_serializing_if = "Option::is_none")]
    pub mandate: Option<Mandate>,
}

/// What erased a record: an erasure or a notice that was admitted; of several of one record that which was written first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Erased {
    /// When its author says that it was written.
    pub claimed_at: Millis,
    /// The erasure or the notice.
    pub record: RecordId,
    /// Who wrote it.
    pub organisation: OrganisationId,
    /// [`KIND`] or [`notice::KIND`].
    pub kind: u16,
}

impl Erasure {
    /// Reads and checks a body.
    ///
    /// # Errors
    /// [`BodyError`]: its form or its ground.
    pub fn read(bytes: &[u8]) -> Result<Self, BodyError> {
        let erasure: Self = body::read(bytes)?;
        body::check_ground(&erasure.ground)?;
        Ok(erasure)
    }
}

/// Whether a record of this kind takes another's body away.
pub fn erases(kind: u16) -> bool {
    matches!(kind, KIND | notice::KIND)
}

/// Whether a body of this kind can be erased: what says who may speak cannot.
pub fn is_erasable(kind: u16) -> bool {
    Plane::of(kind) == Plane::Content
}

/// The draft of an erasure of `subject` and its body.
pub fn draft(place: &Place, subject: RecordId, erasure: &Erasure, salt: [u8; limit::SALT]) -> (Draft, Sealed) {
    (place.draft(KIND, subject), body::seal(erasure, salt))
}
