//! How an organisation ends the log of one of its devices: at a record, never at a date, which a thief could backdate.

use super::act::{self, Last, Said, present};
use super::attestation::Mandate;
use super::body::{self, BodyError};
use crate::id::{DeviceKey, RecordId};
use serde::{Deserialize, Serialize};

/// The record kind.
pub const KIND: u16 = 6;

/// What it says. It counts while the roots that signed it are the organisation's; a rotation lists all devices anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// The key event whose roots sign.
    pub under: RecordId,
    /// The device.
    pub device: DeviceKey,
    /// The last record of its log that counts; without one, none counts.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub last: Option<Last>,
    /// Why, for everybody to read: lost, stolen, its log forked, its clerk left.
    pub ground: String,
    /// The decision behind it.
    pub mandate: Mandate,
}

impl Said for Revocation {
    const KIND: u16 = KIND;

    fn check(&self) -> Result<(), BodyError> {
        if !act::is_place(self.last) {
            return Err(BodyError::Devices);
        }
        body::check_ground(&self.ground)?;
        act::check_mandate(&self.mandate)
    }
}
