//! How an organisation adds a device: one that it has, or the new one itself, publishes the roots' authorisation.

use super::act;
use super::body::{self, Authorisation, BodyError, Place};
use crate::id::{DeviceKey, NetworkId, OrganisationId, RecordId, Tag};
use crate::key::{PublicKey, Signer};
use crate::limit;
use crate::record::{Draft, Sealed};
use serde::{Deserialize, Serialize};

/// The record kind.
pub const KIND: u16 = 2;

/// The body. Fields that are not named here are kept in the bytes and not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The key of the new device; its log (organisation, device) begins at 0.
    pub device: DeviceKey,
    /// What the organisation calls it.
    pub label: String,
    /// The key event whose roots sign; without one, the inception.
    #[serde(default, deserialize_with = "act::present", skip_serializing_if = "Option::is_none")]
    pub under: Option<RecordId>,
    /// At least the threshold of those roots over [`message`].
    pub authorisations: Vec<Authorisation>,
}

impl Device {
    /// Reads a body, without its signatures.
    ///
    /// # Errors
    /// [`BodyError`]: its form, or a weak key.
    pub fn read(bytes: &[u8]) -> Result<Self, BodyError> {
        let device: Self = body::read(bytes)?;
        PublicKey::check(device.device).map_err(|_| BodyError::Keys)?;
        Ok(device)
    }

    /// The key event of `organisation` whose roots sign.
    pub fn event(&self, organisation: OrganisationId) -> RecordId {
        self.under.unwrap_or(organisation.into())
    }

    /// Checks that `threshold` of `roots` signed.
    ///
    /// # Errors
    /// [`BodyError::Forged`] and [`BodyError::TooFew`].
    pub fn check_signed(
        &self,
        network: NetworkId,
        organisation: OrganisationId,
        roots: &[DeviceKey],
        threshold: u32,
    ) -> Result<(), BodyError> {
        let message = message(network, organisation, self.event(organisation), self.device);
        body::check_signatures(&self.authorisations, &message, roots, threshold)
    }
}

/// What a root signs: [`Tag::DEVICE`] ‖ network (32 bytes) ‖ organisation (32) ‖ key event (32) ‖ device (32).
pub fn message(network: NetworkId, organisation: OrganisationId, event: RecordId, device: DeviceKey) -> Vec<u8> {
    [Tag::DEVICE.bytes(), &network.0, &organisation.0, &event.0, &device.0].concat()
}

/// The authorisation of `device` to speak for `organisation`, by one of the roots that `event` gave it.
pub fn authorise(
    root: &Signer,
    network: NetworkId,
    organisation: OrganisationId,
    event: RecordId,
    device: DeviceKey,
) -> Authorisation {
    Authorisation::sign(root, &message(network, organisation, event, device))
}

/// The draft of a device record and its body, for a device that the organisation already has or for the new one to sign.
pub fn draft(place: &Place, device: &Device, salt: [u8; limit::SALT]) -> (Draft, Sealed) {
    (place.draft(KIND, RecordId::ZERO), body::seal(device, salt))
}
