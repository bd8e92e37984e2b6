//! How an organisation adds a device: one that it has publishes the roots' authorisation of another.

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
    /// At least the threshold of the organisation's roots over [`message`].
    pub authorisations: Vec<Authorisation>,
}

impl Device {
    /// Reads and checks a body of `organisation`, whose `threshold` of `roots` must have signed.
    ///
    /// # Errors
    /// [`BodyError`]: its form, a weak key, or the roots' signatures.
    pub fn read(
        bytes: &[u8],
        network: NetworkId,
        organisation: OrganisationId,
        roots: &[DeviceKey],
        threshold: u32,
    ) -> Result<Self, BodyError> {
        let device: Self = body::read(bytes)?;
        PublicKey::check(device.device).map_err(|_| BodyError::Keys)?;
        let message = message(network, organisation, device.device);
        body::check_signatures(&device.authorisations, &message, roots, threshold)?;
        Ok(device)
    }
}

/// What a root signs: [`Tag::DEVICE`] ‖ network (32 bytes) ‖ organisation (32) ‖ device (32).
pub fn message(network: NetworkId, organisation: OrganisationId, device: DeviceKey) -> Vec<u8> {
    [Tag::DEVICE.bytes(), &network.0, &organisation.0, &device.0].concat()
}

/// `root`'s authorisation of `device` to speak for `organisation`.
pub fn authorise(root: &Signer, network: NetworkId, organisation: OrganisationId, device: DeviceKey) -> Authorisation {
    Authorisation::sign(root, &message(network, organisation, device))
}

/// The draft of a device record and its body, for a device that the organisation already has.
pub fn draft(place: &Place, device: &Device, salt: [u8; limit::SALT]) -> (Draft, Sealed) {
    (place.draft(KIND, RecordId::ZERO), body::seal(device, salt))
}
