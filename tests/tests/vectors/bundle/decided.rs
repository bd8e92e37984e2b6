//! A network in which much was decided: an amended charter, rotated roots, a recovered village, suspended and ended words.

use super::{SALT, START, World, YEAR, key, root, scene, text};
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::ledger::Ledger;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::act::{Cover, Said};
use koinon_protocol::trust::amendment::Amendment;
use koinon_protocol::trust::attestation::Mandate;
use koinon_protocol::trust::charter::Founder;
use koinon_protocol::trust::inception::{Guardian, Guardians, roots_digest};
use koinon_protocol::trust::keys::{Rotation, Succeeding};
use koinon_protocol::trust::recovery::{Confirmation, Recovery};
use koinon_protocol::trust::revocation::Revocation;
use koinon_protocol::trust::suspension::Suspension;
use koinon_protocol::trust::{Last, Listed, Paper};

/// The record of a device that a recovery listed, and one that was written before the log of its device ended.
pub(super) fn bundles() -> [Vec<u8>; 2] {
    let (mut world, [_, by_desk, ..]) = scene();
    let (founder, union, town, village) = (key(0), key(1), key(2), key(3));
    let [of_founder, of_union, of_town] = [&founder, &union, &town].map(|device| world.inception(device).0);
    world.amend();
    let guardians = Guardians { members: [25, 26, 27].map(|number| guardian(of_union, number)).to_vec(), delay: 5_000 };
    let (of_village, draft, sealed) = world.inception_with(&village, guardians.clone());
    world.vouch(of_union, &union, of_village, 0);
    world.append(draft, &village, sealed, true);
    world.suspend(of_founder, of_union);
    world.revoke(of_union, &union, &key(9), None);
    world.revoke(of_town, &town, &key(20), Some(Last { seq: 0, id: by_desk }));
    world.rotate(of_union, &union);
    world.recover(of_village, &village, guardians);
    let by_village = world.publish(of_village, &key(7), true);
    [by_village, by_desk].map(|id| world.bundle(id))
}

fn guardian(organisation: OrganisationId, number: u8) -> Guardian {
    Guardian { organisation, key: key(number).public() }
}

fn mandate() -> Mandate {
    Mandate { resolution: "40/2026".into(), date: "2026-03-01".into(), attachment: None }
}

impl World {
    /// An act whose carrier is the key of this number.
    fn act<T: Said>(&mut self, carrier: u8, of: (OrganisationId, RecordId), said: &T, signers: &[Signer]) -> RecordId {
        let (carrier, (organisation, subject)) = (key(carrier), of);
        let cover = Cover { network: self.trust.network(), organisation, kind: T::KIND, carrier: carrier.public() };
        let mut paper = Paper::new(said);
        signers.iter().for_each(|signer| paper.sign(signer, &cover));
        let now = Millis(START + Ledger::size(&self.ledger) * 1000);
        let (draft, sealed) = paper.draft(&cover, subject, now, SALT);
        self.append(draft, &carrier, sealed, true)
    }

    /// A second founder, from the fifth second on.
    fn amend(&mut self) {
        let mut charter = self.trust.charter().clone();
        charter.founders.push(Founder { name: text("Second"), country: "AT".into(), key: key(6).public() });
        charter.thresholds.amendment = 2;
        let (previous, from) = (RecordId(self.trust.network().0), Millis(START + 5_000));
        let said = Amendment { number: 1, previous, from, charter, mandate: mandate() };
        self.act(30, (OrganisationId::ZERO, RecordId::ZERO), &said, &[key(0)]);
    }

    /// From half a year on.
    fn suspend(&mut self, voucher: OrganisationId, subject: OrganisationId) {
        let (from, until) = (Millis(START + YEAR / 2), None);
        let said = Suspension { under: voucher.into(), subject, from, until, ground: "an enquiry".into(), mandate: mandate() };
        self.act(31, (voucher, subject.into()), &said, &[root(&key(0))]);
    }

    fn revoke(&mut self, organisation: OrganisationId, first: &Signer, device: &Signer, last: Option<Last>) {
        let (under, device) = (organisation.into(), device.public());
        let said = Revocation { under, device, last, ground: "lost".into(), mandate: mandate() };
        let carrier = if last.is_some() { 32 } else { 33 };
        self.act(carrier, (organisation, RecordId::ZERO), &said, &[root(first)]);
    }

    fn rotate(&mut self, organisation: OrganisationId, device: &Signer) {
        let said = succeeding(organisation, device, device, Guardians::default());
        self.act(34, (organisation, RecordId::ZERO), &Rotation(said), std::slice::from_ref(device));
    }

    /// Guardians give a village new roots and the device of number 7.
    fn recover(&mut self, organisation: OrganisationId, device: &Signer, guardians: Guardians) {
        let said = Recovery(succeeding(organisation, &root(device), &key(7), guardians));
        let recovery = self.act(35, (organisation, RecordId::ZERO), &said, &[key(25), key(26)]);
        for _ in 0..5 {
            self.publish(organisation, device, true);
        }
        let said = Confirmation { recovery, mandate: mandate() };
        self.act(36, (organisation, RecordId::ZERO), &said, &[key(26), key(27)]);
    }
}

fn succeeding(organisation: OrganisationId, root: &Signer, device: &Signer, guardians: Guardians) -> Succeeding {
    Succeeding {
        previous: organisation.into(),
        roots: vec![root.public()],
        threshold: 1,
        next_roots: roots_digest(1, &[key(8).public()]),
        guardians,
        devices: vec![Listed { device: device.public(), label: "Desk".into(), last: None }],
        withdraws: Vec::new(),
        mandate: mandate(),
    }
}
