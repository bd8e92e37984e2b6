//! How an organisation ends, alone or into others: mergers, splits, dissolution.
//!
//! Each side speaks for itself. The roots of who ends close its logs and name the successors; a successor and an association say so in
//! [`Succession`](super::succession) records. Only together do they make a succession.

use super::act::{self, Listed, Said};
use super::attestation::Mandate;
use super::body::{self, BodyError};
use crate::id::{OrganisationId, RecordId};
use crate::limit;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The record kind.
pub const KIND: u16 = 10;

/// What it says. It counts while the roots that signed it are the organisation's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The key event whose roots sign.
    pub under: RecordId,
    /// Where the log of each of its devices ends; one that is not listed counts for nothing.
    pub devices: Vec<Listed>,
    /// Who succeeds it: one in a merger, several in a split, none when it is dissolved.
    pub successors: Vec<OrganisationId>,
    /// Why, for everybody to read.
    pub ground: String,
    /// The decision behind it.
    pub mandate: Mandate,
}

impl Said for Closing {
    const KIND: u16 = KIND;

    fn check(&self) -> Result<(), BodyError> {
        act::check_listed(&self.devices)?;
        let distinct: BTreeSet<_> = self.successors.iter().collect();
        if self.devices.iter().any(|listed| listed.last.is_none()) {
            return Err(BodyError::Devices);
        }
        if distinct.len() != self.successors.len() || distinct.len() > limit::ROOTS {
            return Err(BodyError::Successors);
        }
        body::check_ground(&self.ground)?;
        act::check_mandate(&self.mandate)
    }
}
