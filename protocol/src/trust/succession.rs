//! How a successor, and an association beside, agree that an organisation ended into another. Each says so in a record of its own about the
//! [`Closing`](super::closing); only when all have does the succession count.

use super::act;
use super::attestation::Mandate;
use super::body::{self, BodyError, Place};
use super::{Right, Trust};
use crate::id::{OrganisationId, RecordId};
use crate::limit;
use crate::record::{Draft, Sealed};
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The record kind. The header's subject is the record of the closing.
pub const KIND: u16 = 14;

/// The body. Fields that are not named here are kept in the bytes and not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Succession {
    /// What is agreed to, for everybody to read.
    pub ground: String,
    /// The decision behind it.
    pub mandate: Mandate,
}

impl Succession {
    /// Reads and checks a body.
    ///
    /// # Errors
    /// [`BodyError`]: its form, ground or mandate.
    pub fn read(bytes: &[u8]) -> Result<Self, BodyError> {
        let succession: Self = body::read(bytes)?;
        body::check_ground(&succession.ground)?;
        act::check_mandate(&succession.mandate)?;
        Ok(succession)
    }
}

/// The draft of a record that agrees to a closing, and its body.
pub fn draft(place: &Place, closing: RecordId, succession: &Succession, salt: [u8; limit::SALT]) -> (Draft, Sealed) {
    (place.draft(KIND, closing), body::seal(succession, salt))
}

/// Who agreed to a closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Agreed {
    /// The organisation.
    pub organisation: OrganisationId,
    /// When it says that it did.
    pub claimed_at: Millis,
    /// By which record.
    pub record: RecordId,
}

/// How far a succession has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succeeded {
    /// The record of the closing.
    pub closing: RecordId,
    /// The successors that the closing names.
    pub successors: Vec<OrganisationId>,
    /// Those of them that have not agreed.
    pub silent: Vec<OrganisationId>,
    /// An association, neither side, that agreed and might vouch then; of several the one that was first.
    pub association: Option<Agreed>,
}

impl Succeeded {
    /// Whether both sides and an association say so.
    pub fn is_agreed(&self) -> bool {
        !self.successors.is_empty() && self.silent.is_empty() && self.association.is_some()
    }
}

impl Trust {
    /// Into whom a closed organisation went; none while it goes on.
    pub fn succession(&self, organisation: OrganisationId) -> Option<Succeeded> {
        let closed = self.organisation(organisation)?.closed.as_ref()?;
        let none = BTreeSet::new();
        let agreed = self.successions.get(&closed.record).unwrap_or(&none);
        let has_agreed = |successor: &OrganisationId| agreed.iter().any(|each| each.organisation == *successor);
        let is_side = |each: &Agreed| each.organisation == organisation || closed.successors.contains(&each.organisation);
        let may_vouch = |each: &Agreed| self.standing(each.organisation, Right::Vouch, each.claimed_at).is_ok();
        let associations = agreed.iter().filter(|each| !is_side(each) && may_vouch(each));
        Some(Succeeded {
            closing: closed.record,
            successors: closed.successors.clone(),
            silent: closed.successors.iter().filter(|each| !has_agreed(each)).copied().collect(),
            association: associations.min_by_key(|each| (each.claimed_at, each.record)).copied(),
        })
    }
}
