//! How an organisation suspends its word for another: its attestations for it do not hold meanwhile.

use super::act::{self, Said, present};
use super::attestation::Mandate;
use super::body::{self, BodyError};
use crate::id::{OrganisationId, RecordId};
use crate::limit;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// The record kind.
pub const KIND: u16 = 12;

/// What it says. The roots that sign may be earlier ones, unless later ones withdraw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// The key event whose roots sign.
    pub under: RecordId,
    /// The organisation that was vouched for.
    pub subject: OrganisationId,
    /// The first moment at which the attestations do not hold.
    pub from: Millis,
    /// The first moment at which they hold again, as far as they say so; without one, never.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// Why, for everybody to read.
    pub ground: String,
    /// The decision behind it.
    pub mandate: Mandate,
}

impl Said for Suspension {
    const KIND: u16 = KIND;

    fn check(&self) -> Result<(), BodyError> {
        let last = Millis(limit::JSON_INTEGER.unsigned_abs());
        if self.from >= self.until.unwrap_or(Millis(u64::MAX)) || self.until.is_some_and(|until| until > last) {
            return Err(BodyError::Period);
        }
        body::check_ground(&self.ground)?;
        act::check_mandate(&self.mandate)
    }
}
