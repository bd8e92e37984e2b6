//! An organisation as its inception, its devices and its acts make it.

use super::act::Last;
use super::acts::{Closed, Resolved};
use super::body::Localised;
use super::device;
use super::inception::{Guardians, Inception};
use super::keys::{Roots, earlier};
use crate::id::{DeviceKey, OrganisationId, RecordId};
use crate::limit;
use crate::record::Header;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// An organisation whose inception was admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// The id of its inception.
    pub id: OrganisationId,
    /// Its name.
    pub name: Localised,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// When it says that it began.
    pub since: Millis,
    /// The device that signed its inception.
    pub founding: DeviceKey,
    /// The key event whose roots act: its inception, or the name of an act; zero when two rotations contradict each other.
    pub event: RecordId,
    /// Its roots.
    pub roots: Vec<DeviceKey>,
    /// How many roots act for it.
    pub threshold: u32,
    /// What its present roots committed to for the next.
    pub next_roots: RecordId,
    /// Who can recover it.
    pub guardians: Guardians,
    /// Its devices, those whose logs ended among them.
    pub devices: BTreeMap<DeviceKey, Device>,
    /// That it ended.
    pub closed: Option<Closed>,
    pub(super) begun: Roots,
    said: BTreeMap<DeviceKey, BTreeSet<SaidDevice>>,
}

/// A device that speaks for an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// What the organisation calls it; empty for the one that signed the inception.
    pub label: String,
    /// Where its log ended.
    pub last: Option<Last>,
}

/// What one record said of a device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct SaidDevice {
    claimed_at: Millis,
    record: RecordId,
    event: RecordId,
    label: String,
}

impl Organisation {
    pub(super) fn begin(id: OrganisationId, header: &Header, inception: Inception) -> Self {
        let Inception { name, country, roots, threshold, next_roots, guardians, .. } = inception;
        let begun = Roots { keys: roots.clone(), threshold, next: next_roots, guardians: guardians.clone() };
        Self {
            id,
            name,
            country,
            since: header.claimed_at,
            founding: header.device,
            event: id.into(),
            roots,
            threshold,
            next_roots,
            guardians,
            devices: BTreeMap::new(),
            closed: None,
            begun,
            said: BTreeMap::new(),
        }
    }

    /// Takes in a record that adds a device.
    pub(super) fn say(&mut self, record: RecordId, header: &Header, said: &device::Device) {
        let (claimed_at, event, label) = (header.claimed_at, said.event(self.id), said.label.clone());
        self.said.entry(said.device).or_default().insert(SaidDevice { claimed_at, record, event, label });
    }

    pub(super) fn is_full(&self) -> bool {
        self.said.len() + 1 >= limit::DEVICES
    }

    /// The record by which the present roots added a device, of several the one that was written first.
    pub(super) fn device_record(&self, device: DeviceKey) -> Option<RecordId> {
        self.said_now(device).map(|said| said.record)
    }

    /// Every device that a record of its own ever added, and the first.
    pub(super) fn all_devices(&self) -> impl Iterator<Item = DeviceKey> {
        self.said.keys().copied().chain([self.founding])
    }

    fn said_now(&self, device: DeviceKey) -> Option<&SaidDevice> {
        self.said.get(&device)?.iter().find(|said| said.event == self.event)
    }

    /// Takes over what its acts add up to. Gives the devices whose logs end earlier than before.
    pub(super) fn settle(&mut self, resolved: &Resolved) -> Vec<(DeviceKey, Option<Last>)> {
        let Roots { keys, threshold, next, guardians } = resolved.roots.clone();
        (self.event, self.roots, self.threshold, self.next_roots, self.guardians) =
            (resolved.event, keys, threshold, next, guardians);
        self.closed.clone_from(&resolved.closed);
        let before = std::mem::take(&mut self.devices);
        self.devices = self.devices_by(resolved);
        let cut = |(device, was): (DeviceKey, Device)| match self.devices.get(&device) {
            None => Some((device, None)),
            Some(now) if now.last != was.last && now.last == earlier(now.last, was.last) => Some((device, now.last)),
            Some(_) => None,
        };
        before.into_iter().filter_map(cut).collect()
    }

    fn devices_by(&self, resolved: &Resolved) -> BTreeMap<DeviceKey, Device> {
        let mut devices: BTreeMap<DeviceKey, Device> = match &resolved.listed {
            None => BTreeMap::from([(self.founding, Device::default())]),
            Some(listed) => {
                listed.iter().map(|each| (each.device, Device { label: each.label.clone(), last: each.last })).collect()
            }
        };
        for device in self.said.keys() {
            if let Some(said) = self.said_now(*device) {
                devices.entry(*device).or_insert_with(|| Device { label: said.label.clone(), last: None });
            }
        }
        for revoked in &resolved.revoked {
            match (revoked.last, devices.get_mut(&revoked.device)) {
                (Some(last), Some(device)) => device.last = earlier(device.last, Some(last)),
                _ => drop(devices.remove(&revoked.device)),
            }
        }
        if let Some(closed) = &resolved.closed {
            devices.retain(|key, device| {
                let listed = closed.devices.iter().find(|listed| listed.device == *key);
                listed.inspect(|listed| device.last = earlier(device.last, listed.last)).is_some()
            });
        }
        devices
    }
}
