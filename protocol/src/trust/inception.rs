//! How an organisation begins: its record's id is its name. The signing device is its first.

use super::body::{self, Authorisation, BodyError, Localised};
use crate::id::{DeviceKey, NetworkId, OrganisationId, RecordId, Tag, digest};
use crate::key::Signer;
use crate::limit;
use crate::record::{Draft, Sealed};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// The record kind.
pub const KIND: u16 = 1;

/// The body. Fields that are not named here are kept in the bytes and not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inception {
    /// The organisation's name.
    pub name: Localised,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// 1 to [`limit::ROOTS`] keys that are kept away from daily work.
    pub roots: Vec<DeviceKey>,
    /// How many roots act for the organisation.
    pub threshold: u32,
    /// [`roots_digest`] of the roots that come next: whoever steals a root cannot name its successor.
    pub next_roots: RecordId,
    /// Who can recover this one; may be nobody.
    #[serde(default)]
    pub guardians: Guardians,
    /// At least `threshold` roots over [`consent_message`].
    pub consents: Vec<Authorisation>,
}

/// Who can recover an organisation that lost its roots, and how long they must wait.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Guardians {
    /// At most [`limit::ROOTS`]; more than half of them act.
    pub members: Vec<Guardian>,
    /// Milliseconds between the proposal of a recovery and its confirmation.
    pub delay: u64,
}

/// An organisation that helps to recover another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guardian {
    /// Who.
    pub organisation: OrganisationId,
    /// The key that it keeps for this.
    pub key: DeviceKey,
}

impl Guardians {
    /// Their keys.
    pub fn keys(&self) -> Vec<DeviceKey> {
        self.members.iter().map(|member| member.key).collect()
    }

    /// How many must sign: more than half.
    pub fn threshold(&self) -> u32 {
        u32::try_from(self.members.len() / 2 + 1).unwrap_or(u32::MAX)
    }
}

impl Inception {
    /// Reads and checks the body of the inception that `device` signed for `network`.
    ///
    /// # Errors
    /// [`BodyError`]: its form, name, roots, threshold, or consents.
    pub fn read(bytes: &[u8], network: NetworkId, device: DeviceKey) -> Result<Self, BodyError> {
        let inception: Self = body::read(bytes)?;
        inception.check()?;
        let message = consent_message(network, device, inception.threshold, &inception.roots);
        body::check_signatures(&inception.consents, &message, &inception.roots, inception.threshold)?;
        Ok(inception)
    }

    fn check(&self) -> Result<(), BodyError> {
        body::check_name(&self.name)?;
        check_roots(&self.roots, self.threshold, &self.guardians)
    }
}

/// What holds of roots and guardians wherever they are named.
pub(super) fn check_roots(roots: &[DeviceKey], threshold: u32, guardians: &Guardians) -> Result<(), BodyError> {
    body::check_keys(roots)?;
    if threshold == 0 || threshold as usize > roots.len() {
        return Err(BodyError::Threshold { threshold, keys: roots.len() });
    }
    if guardians.members.is_empty() { Ok(()) } else { body::check_keys(&guardians.keys()) }
}

/// SHA-256 over [`Tag::ROOTS`] ‖ threshold (4 bytes, big-endian) ‖ the roots, 32 bytes each, in the order of the body.
pub fn roots_digest(threshold: u32, roots: &[DeviceKey]) -> RecordId {
    let keys: Vec<u8> = roots.iter().flat_map(|root| root.0).collect();
    RecordId(digest(Tag::ROOTS, &[&threshold.to_be_bytes(), &keys]))
}

/// What a root signs: [`Tag::INCEPTION`] ‖ network (32 bytes) ‖ device (32) ‖ [`roots_digest`] (32).
pub fn consent_message(network: NetworkId, device: DeviceKey, threshold: u32, roots: &[DeviceKey]) -> Vec<u8> {
    [Tag::INCEPTION.bytes(), &network.0, &device.0, &roots_digest(threshold, roots).0].concat()
}

/// `root`'s consent that `device` founds an organisation with these roots.
pub fn consent(root: &Signer, network: NetworkId, device: DeviceKey, threshold: u32, roots: &[DeviceKey]) -> Authorisation {
    Authorisation::sign(root, &consent_message(network, device, threshold, roots))
}

/// The draft of an inception and its body, for the organisation's first device to sign.
pub fn draft(network: NetworkId, inception: &Inception, now: Millis, salt: [u8; limit::SALT]) -> (Draft, Sealed) {
    let place = body::Place { network, organisation: OrganisationId::ZERO, head: None, now };
    (place.draft(KIND, RecordId::ZERO), body::seal(inception, salt))
}
