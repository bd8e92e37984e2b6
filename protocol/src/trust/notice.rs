//! How a moderating organisation takes away what another said: on a legal ground that everybody may read, with the effect of an erasure.

use super::attestation::Mandate;
use super::body::{self, BodyError, Place};
use crate::id::RecordId;
use crate::limit;
use crate::record::{Draft, Sealed};
use serde::{Deserialize, Serialize};

/// The record kind. The header's subject is the record whose body goes.
pub const KIND: u16 = 11;
/// Characters of a legal basis.
const LAW: usize = 500;

/// The body. Fields that are not named here are kept in the bytes and not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Why, in words that everybody may read: it stays.
    pub ground: String,
    /// The legal basis, such as "Regulation (EU) 2016/679, article 17".
    pub law: String,
    /// The decision behind it.
    pub mandate: Mandate,
}

impl Notice {
    /// Reads and checks a body.
    ///
    /// # Errors
    /// [`BodyError`]: its form, its ground or its law.
    pub fn read(bytes: &[u8]) -> Result<Self, BodyError> {
        let notice: Self = body::read(bytes)?;
        body::check_ground(&notice.ground)?;
        if body::is_text(&notice.law, LAW) { Ok(notice) } else { Err(BodyError::Law { most: LAW }) }
    }
}

/// The draft of a notice about `subject` and its body.
pub fn draft(place: &Place, subject: RecordId, notice: &Notice, salt: [u8; limit::SALT]) -> (Draft, Sealed) {
    (place.draft(KIND, subject), body::seal(notice, salt))
}
