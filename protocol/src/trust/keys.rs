//! Key events: how the roots of an organisation follow each other. The first is its inception.

use super::act::{self, Last, Listed, Paper, Said};
use super::attestation::Mandate;
use super::body::BodyError;
use super::inception::{self, Guardians};
use crate::id::{DeviceKey, RecordId};
use crate::limit;
use serde::{Deserialize, Serialize};

/// The record kind of a rotation.
pub const ROTATION: u16 = 5;

/// The roots of an organisation from one key event to the next, and who and what comes after them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots {
    /// The keys.
    pub keys: Vec<DeviceKey>,
    /// How many of them act.
    pub threshold: u32,
    /// [`inception::roots_digest`] of those that come next.
    pub next: RecordId,
    /// Who can recover the organisation.
    pub guardians: Guardians,
}

/// What a rotation says, and a recovery proposes: new roots, and *all* devices that the organisation has from now on. Devices that are not
/// listed count for nothing, from their first record on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Succeeding {
    /// The key event that this one follows: the id of the inception, or the name of an act.
    pub previous: RecordId,
    /// The new roots; in a rotation those that the previous key event committed to.
    pub roots: Vec<DeviceKey>,
    /// How many of them act.
    pub threshold: u32,
    /// [`inception::roots_digest`] of the roots after them.
    pub next_roots: RecordId,
    /// Who can recover the organisation from now on.
    #[serde(default)]
    pub guardians: Guardians,
    /// All its devices.
    pub devices: Vec<Listed>,
    /// The names of suspensions by earlier roots that no longer count.
    #[serde(default)]
    pub withdraws: Vec<RecordId>,
    /// The decision behind it.
    pub mandate: Mandate,
}

impl Succeeding {
    pub(super) fn check(&self) -> Result<(), BodyError> {
        inception::check_roots(&self.roots, self.threshold, &self.guardians)?;
        act::check_listed(&self.devices)?;
        if self.withdraws.len() > limit::ROOTS {
            return Err(BodyError::Devices);
        }
        act::check_mandate(&self.mandate)
    }

    /// Checks, as a rotation, that the roots which it follows committed to these, and that these signed.
    pub(super) fn check_after(&self, previous: &Roots, paper: &Paper, cover: &act::Cover) -> Result<(), BodyError> {
        if inception::roots_digest(self.threshold, &self.roots) != previous.next {
            return Err(BodyError::NextRoots);
        }
        paper.check_signed(cover, &self.roots, self.threshold)
    }

    /// The roots that it gives the organisation.
    pub fn roots(&self) -> Roots {
        let Self { roots, threshold, next_roots, guardians, .. } = self.clone();
        Roots { keys: roots, threshold, next: next_roots, guardians }
    }
}

/// New roots, revealed and signed by themselves. Whoever steals the present ones cannot make it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rotation(pub Succeeding);

impl Said for Rotation {
    const KIND: u16 = ROTATION;

    fn check(&self) -> Result<(), BodyError> {
        self.0.check()
    }
}

/// The earlier of two ends of a log; none is no end.
pub(super) fn earlier(one: Option<Last>, other: Option<Last>) -> Option<Last> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Devices that are in both lists, each until where both say.
pub(super) fn meet(one: &[Listed], other: &[Listed]) -> Vec<Listed> {
    let both = |listed: &Listed| {
        let found = other.iter().find(|other| other.device == listed.device)?;
        let label = listed.label.clone().min(found.label.clone());
        Some(Listed { device: listed.device, label, last: earlier(listed.last, found.last) })
    };
    let mut met: Vec<Listed> = one.iter().filter_map(both).collect();
    met.sort_by_key(|listed| listed.device);
    met
}
