//! How one organisation vouches for another: for what, how far, from when, until when, and on whose decision.

use super::act;
use super::body::{self, BodyError, Place};
use crate::id::{OrganisationId, RecordId};
use crate::limit;
use crate::record::{Draft, Sealed};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// The record kind. The header's subject is the organisation vouched for.
pub const KIND: u16 = 3;
/// The scope that lets an organisation publish.
pub const PUBLISH: &str = "publish";
/// The scope that lets an organisation vouch for others.
pub const VOUCH: &str = "vouch";

/// The body. Fields that are not named here, and scopes that are not known, are kept in the bytes and not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// [`PUBLISH`], [`VOUCH`] or both.
    pub scope: Vec<String>,
    /// How many levels may follow below the organisation vouched for: 0 to 3. With 0 it vouches for nobody.
    pub depth: u8,
    /// The first moment at which it counts.
    pub from: Millis,
    /// The first moment at which it no longer counts.
    pub until: Millis,
    /// What was checked, in words.
    pub evidence: String,
    /// The decision behind it.
    pub mandate: Mandate,
}

/// The decision of a council or board.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mandate {
    /// Its number or title.
    pub resolution: String,
    /// Its day, ISO 8601.
    pub date: String,
    /// SHA-256 of the document.
    #[serde(default, deserialize_with = "act::present", skip_serializing_if = "Option::is_none")]
    pub attachment: Option<RecordId>,
}

impl Attestation {
    /// Reads and checks a body.
    ///
    /// # Errors
    /// [`BodyError`]: its form, depth or period.
    pub fn read(bytes: &[u8]) -> Result<Self, BodyError> {
        let attestation: Self = body::read(bytes)?;
        if attestation.depth >= limit::VOUCH_DEPTH {
            return Err(BodyError::Depth { found: attestation.depth, least: 0, most: limit::VOUCH_DEPTH - 1 });
        }
        if attestation.from >= attestation.until || attestation.until.0 > limit::JSON_INTEGER.unsigned_abs() {
            return Err(BodyError::Period);
        }
        Ok(attestation)
    }

    /// Whether `scope` is among its scopes.
    pub fn covers(&self, scope: &str) -> bool {
        self.scope.iter().any(|held| held == scope)
    }
}

/// The draft of an attestation for `subject` and its body.
pub fn draft(place: &Place, subject: OrganisationId, attestation: &Attestation, salt: [u8; limit::SALT]) -> (Draft, Sealed) {
    (place.draft(KIND, subject.into()), body::seal(attestation, salt))
}
