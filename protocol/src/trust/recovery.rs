//! How guardians recover an organisation that lost its roots: they propose, wait for as long as the organisation once said, and confirm. Its
//! roots, if they still exist, veto.
//!
//! No time that anybody claims can carry a deadline, so a veto counts whenever it comes: guardians who conspire are undone, and a thief of old roots
//! can at most delay.

use super::Trust;
use super::act::{self, Said};
use super::acts::Deed;
use super::attestation::Mandate;
use super::body::{self, BodyError};
use super::keys::Succeeding;
use crate::id::{OrganisationId, RecordId};
use crate::time::Millis;
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

/// How far a recovery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovering {
    /// Its record.
    pub record: RecordId,
    /// When it says that it was written.
    pub proposed_at: Millis,
    /// The first moment at which it can be confirmed; none when the roots that it would replace are no longer those that act.
    pub due: Option<Millis>,
    /// Whether it was.
    pub confirmed: bool,
    /// Whether the roots objected.
    pub vetoed: bool,
}

impl Trust {
    /// The recoveries that an organisation's guardians proposed, in the order of their records' ids.
    pub fn recoveries(&self, organisation: OrganisationId) -> Vec<Recovering> {
        let Some(known) = self.organisation(organisation) else { return Vec::new() };
        let proposed = self.acts.of(organisation).filter_map(|act| match &act.deed {
            Deed::Recovery(said) => Some((act, said.previous)),
            _ => None,
        });
        let recovering = proposed.map(|(act, previous)| Recovering {
            record: act.record,
            proposed_at: act.claimed_at,
            due: (previous == known.event).then(|| act.claimed_at.plus(known.guardians.delay)),
            confirmed: self.acts.is_confirmed(act),
            vetoed: self.acts.is_vetoed(act),
        });
        recovering.collect()
    }
}
