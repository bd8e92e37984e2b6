//! How guardians recover an organisation that lost its roots: they propose, wait for as long as the organisation once said, and confirm. Its
//! roots, if they still exist, veto.
//!
//! No time that anybody claims can carry a deadline, so a veto counts whenever it comes: guardians who conspire are undone, and a thief of old roots
//! can at most delay.

use super::act::{self, Said};
use super::attestation::Mandate;
use super::body::{self, BodyError};
use super::keys::Succeeding;
use crate::id::RecordId;
use serde::{Deserialize, Serialize};

/// The record kind of a proposal.
pub const RECOVERY: u16 = 7;
/// The record kind of a confirmation.
pub const CONFIRMATION: u16 = 8;
/// The record kind of a veto.
pub const VETO: u16 = 9;

/// New roots for an organisation, signed by more than half of its guardians; without effect until it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recovery(pub Succeeding);

impl Said for Recovery {
    const KIND: u16 = RECOVERY;

    fn check(&self) -> Result<(), BodyError> {
        self.0.check()
    }
}

/// That a recovery takes effect, signed by more than half of the same guardians, claimed no earlier than the delay after the proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The record of the recovery.
    pub recovery: RecordId,
    /// The decision behind it.
    pub mandate: Mandate,
}

impl Said for Confirmation {
    const KIND: u16 = CONFIRMATION;

    fn check(&self) -> Result<(), BodyError> {
        act::check_mandate(&self.mandate)
    }
}

/// That a recovery must not take effect, signed by the roots that it would replace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Veto {
    /// The record of the recovery.
    pub recovery: RecordId,
    /// Why, for everybody to read.
    pub ground: String,
    /// The decision behind it.
    pub mandate: Mandate,
}

impl Said for Veto {
    const KIND: u16 = VETO;

    fn check(&self) -> Result<(), BodyError> {
        body::check_ground(&self.ground)?;
        act::check_mandate(&self.mandate)
    }
}
