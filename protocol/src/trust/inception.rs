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
    /// Organisations that together can recover this one; may be empty.
    #[serde(default)]
    pub guardians: Guardians,
    /// At least `threshold` roots over [`consent_message`].
    pub consents: Vec<Authorisation>,
}

/// Who can recover an organisation that lost its roots, and how long the roots can object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Guardians {
    /// At most [`limit::ROOTS`].
    pub organisations: Vec<OrganisationId>,
    /// Milliseconds between a recovery and its effect.
    pub delay: u64,
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
        body::check_keys(&self.roots)?;
        if self.threshold == 0 || self.threshold as usize > self.roots.len() {
            return Err(BodyError::Threshold { threshold: self.threshold, keys: self.roots.len() });
        }
        if self.guardians.organisations.len() > limit::ROOTS {
            return Err(BodyError::Keys);
        }
        Ok(())
    }
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
