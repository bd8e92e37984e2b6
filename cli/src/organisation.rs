//! An organisation as a node tells it: its roots, guardians and devices. What is proposed on its word is read by whoever signs it, and refused
//! by every node where the word was wrong.

use crate::failure::Failure;
use koinon_protocol::id::{DeviceKey, OrganisationId, RecordId};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::inception::Guardians;
use koinon_protocol::trust::{Last, Listed};
use serde::Deserialize;
use serde_json::Value;

/// What a node says of an organisation.
#[derive(Clone, Debug, Deserialize)]
pub struct OrganisationState {
    /// The organisation.
    pub id: OrganisationId,
    /// Its name.
    pub name: Value,
    /// The key event whose roots act; none when rotations contradict each other.
    pub key_event: Option<RecordId>,
    /// Those roots.
    pub roots: RootsState,
    /// Who can recover it.
    #[serde(default)]
    pub guardians: Guardians,
    /// Its devices.
    pub devices: Vec<DeviceState>,
    /// Its acts.
    #[serde(default)]
    pub acts: Vec<ActState>,
}

/// The roots of an organisation.
#[derive(Clone, Debug, Deserialize)]
pub struct RootsState {
    /// How many of them act.
    pub threshold: u32,
    /// The keys.
    pub keys: Vec<DeviceKey>,
    /// The digest of those that come next.
    pub next: RecordId,
}

/// A device of an organisation.
#[derive(Clone, Debug, Deserialize)]
pub struct DeviceState {
    /// Its key.
    pub key: DeviceKey,
    /// What the organisation calls it.
    pub label: String,
    /// Where its log ended.
    #[serde(default)]
    pub ended: Option<Last>,
}

/// An act of an organisation.
#[derive(Clone, Debug, Deserialize)]
pub struct ActState {
    /// The record that carries it.
    pub record: RecordId,
    /// Its name.
    pub name: RecordId,
    /// Its kind.
    pub kind: u16,
    /// When its record says that it was written.
    pub claimed_at: Millis,
}

impl OrganisationState {
    /// The key event whose roots act.
    ///
    /// # Errors
    /// [`Failure::Contested`] when there are none.
    pub fn event(&self) -> Result<RecordId, Failure> {
        self.key_event.filter(|_| !self.roots.keys.is_empty()).ok_or(Failure::Contested(self.id))
    }

    /// A device.
    ///
    /// # Errors
    /// [`Failure::NoDevice`].
    pub fn device(&self, key: DeviceKey) -> Result<&DeviceState, Failure> {
        self.devices.iter().find(|device| device.key == key).ok_or(Failure::NoDevice(key))
    }

    /// All devices as a key event lists them, where they ended and where they go on.
    pub fn listed(&self) -> Vec<Listed> {
        self.devices.iter().map(DeviceState::listed).collect()
    }
}

impl DeviceState {
    /// As a key event lists it.
    pub fn listed(&self) -> Listed {
        Listed { device: self.key, label: self.label.clone(), last: self.ended }
    }
}
