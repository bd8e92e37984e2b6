//! What roots, guardians and founders decide in the simulated network, each by what the replica knows at which it is written.

use crate::people::{FOUNDERS, START, signer};
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::ledger::Ledger;
use koinon_protocol::log::LogId;
use koinon_protocol::record::{Body, Verified};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::act::{Cover, Said};
use koinon_protocol::trust::acts::Deed;
use koinon_protocol::trust::amendment::Amendment;
use koinon_protocol::trust::attestation::Mandate;
use koinon_protocol::trust::closing::Closing;
use koinon_protocol::trust::inception::{self, Guardian, Guardians};
use koinon_protocol::trust::keys::{Rotation, Succeeding};
use koinon_protocol::trust::recovery::{Confirmation, Recovery, Veto};
use koinon_protocol::trust::revocation::Revocation;
use koinon_protocol::trust::suspension::Suspension;
use koinon_protocol::trust::{Last, Listed, Organisation, Paper, Trust};

/// Guardians wait so long, in a storm of a minute.
const DELAY: u64 = 2_000;
/// How often roots change in one run at most.
const GENERATIONS: usize = 12;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Decision {
    Rotate,
    Revoke,
    Propose,
    Confirm,
    Veto,
    Close,
    Suspend(OrganisationId),
    Amend,
}

impl Decision {
    /// Any of them; closing is rare, since it silences for good.
    pub(crate) fn any(roll: u64, subject: OrganisationId) -> Self {
        match roll % 24 {
            0..5 => Self::Rotate,
            5..10 => Self::Revoke,
            10..13 => Self::Propose,
            13..16 => Self::Confirm,
            16 => Self::Veto,
            17 => Self::Close,
            18..21 => Self::Suspend(subject),
            _ => Self::Amend,
        }
    }
}

/// What an organisation's roots of a generation decide.
type Deciding<'a> = dyn Fn(&Organisation, usize) -> Option<(Verified, Body)> + 'a;

/// Who decides, where, and when.
pub(crate) struct Council<'a, L> {
    pub(crate) author: usize,
    pub(crate) id: OrganisationId,
    pub(crate) trust: &'a Trust,
    pub(crate) ledger: &'a L,
    pub(crate) now: Millis,
    pub(crate) salt: [u8; 32],
}

pub(crate) fn root(author: usize, generation: usize) -> Signer {
    signer(author, &format!("root {generation}"))
}

pub(crate) fn digest(author: usize, generation: usize) -> RecordId {
    inception::roots_digest(1, &[root(author, generation).public()])
}

/// The founders and the one after them guard everybody.
pub(crate) fn guardians() -> Guardians {
    let member = |number| Guardian { organisation: OrganisationId::ZERO, key: signer(number, "guardian").public() };
    Guardians { members: (0..=FOUNDERS).map(member).collect(), delay: DELAY }
}

impl<L: Ledger> Council<'_, L> {
    /// The record of the decision; none where there is nothing to decide about.
    pub(crate) fn decide(&self, decision: Decision) -> Option<(Verified, Body)> {
        if matches!(decision, Decision::Amend) {
            return self.amend();
        }
        let known = self.trust.organisation(self.id)?;
        let own = |said: &Deciding<'_>| said(known, self.generation(known)?);
        match decision {
            Decision::Rotate => own(&|known, generation| {
                let said = self.succeeding(known, generation + 1);
                self.act(&Rotation(said), &[root(self.author, generation + 1)], RecordId::ZERO)
            }),
            Decision::Revoke => own(&|known, generation| self.revoke(known, generation)),
            Decision::Propose => {
                let said = self.succeeding(known, usize::from(self.salt[3]) % GENERATIONS);
                self.act(&Recovery(said), &self.guards(), RecordId::ZERO)
            }
            Decision::Confirm => {
                let said = Confirmation { recovery: self.recovery()?, mandate: mandate() };
                self.act(&said, &self.guards(), RecordId::ZERO)
            }
            Decision::Veto => own(&|_, generation| {
                let said = Veto { recovery: self.recovery()?, ground: "we are here".into(), mandate: mandate() };
                self.act(&said, &[root(self.author, generation)], RecordId::ZERO)
            }),
            Decision::Close => own(&|known, generation| {
                let listed = self.devices(known).into_iter().filter(|listed| listed.last.is_some());
                let (devices, ground) = (listed.collect(), "dissolved".into());
                let said = Closing { under: known.event, devices, successors: Vec::new(), ground, mandate: mandate() };
                self.act(&said, &[root(self.author, generation)], RecordId::ZERO)
            }),
            Decision::Suspend(subject) => own(&|known, generation| {
                let from = Millis(self.now.0.saturating_sub(u64::from(self.salt[4]) * 50).max(START.0));
                let until = (self.salt[5] < 200).then(|| from.plus(1 + u64::from(self.salt[5]) * 100));
                let (under, ground) = (known.event, "does not answer".into());
                let said = Suspension { under, subject, from, until, ground, mandate: mandate() };
                self.act(&said, &[root(self.author, generation)], subject.into())
            }),
            Decision::Amend => None,
        }
    }

    /// Which of its roots act; none while two rotations contradict each other.
    fn generation(&self, known: &Organisation) -> Option<usize> {
        let acting = |generation: &usize| known.roots == [root(self.author, *generation).public()];
        (0..GENERATIONS + 2).find(acting).filter(|_| !known.event.is_zero())
    }

    fn succeeding(&self, known: &Organisation, generation: usize) -> Succeeding {
        let previous = if known.event.is_zero() { self.id.into() } else { known.event };
        let suspensions = self.trust.acts_of(self.id).filter(|act| matches!(act.deed, Deed::Suspension(_)));
        Succeeding {
            previous,
            roots: vec![root(self.author, generation).public()],
            threshold: 1,
            next_roots: digest(self.author, generation + 1),
            guardians: guardians(),
            devices: self.devices(known),
            withdraws: suspensions.filter(|_| self.salt[6] < 128).map(|act| act.name).take(1).collect(),
            mandate: mandate(),
        }
    }

    /// Its devices: most go on, some end somewhere, some are left out.
    fn devices(&self, known: &Organisation) -> Vec<Listed> {
        let mut listed = Vec::new();
        for (number, (device, state)) in known.devices.iter().enumerate() {
            let roll = self.salt[(8 + number) % 32];
            let last = if roll < 160 { state.last } else { self.somewhere(*device, roll).or(state.last) };
            if roll >= 16 {
                listed.push(Listed { device: *device, label: state.label.clone(), last });
            }
        }
        listed
    }

    /// A record in the log of a device, as far as this replica knows it.
    fn somewhere(&self, device: koinon_protocol::id::DeviceKey, roll: u8) -> Option<Last> {
        let log = LogId { organisation: self.id, device };
        let head = self.ledger.head(&log).ok()??;
        let seq = u64::from(roll) % (head.seq + 1);
        let position = self.ledger.at(&log, seq).ok()??;
        Some(Last { seq, id: self.ledger.id(position).ok()? })
    }

    fn revoke(&self, known: &Organisation, generation: usize) -> Option<(Verified, Body)> {
        let devices: Vec<_> = known.devices.keys().collect();
        let device = **devices.get(usize::from(self.salt[2]) % devices.len().max(1))?;
        let last = self.somewhere(device, self.salt[1]).filter(|_| self.salt[0] < 230);
        let said = Revocation { under: known.event, device, last, ground: "lost".into(), mandate: mandate() };
        self.act(&said, &[root(self.author, generation)], RecordId::ZERO)
    }

    fn recovery(&self) -> Option<RecordId> {
        let all: Vec<_> = self.trust.acts_of(self.id).filter(|act| matches!(act.deed, Deed::Recovery(_))).collect();
        all.get(usize::from(self.salt[7]) % all.len().max(1)).map(|act| act.record)
    }

    fn guards(&self) -> Vec<Signer> {
        let pair = if self.salt[9] < 128 { [0, 1] } else { [1, 2] };
        pair.into_iter().map(|number| signer(number, "guardian")).collect()
    }

    fn amend(&self) -> Option<(Verified, Body)> {
        let last = self.trust.terms().last()?;
        let mut charter = last.charter.clone();
        charter.depth = if charter.depth == 4 { 3 } else { 4 };
        if self.salt[10] < 64 {
            charter.founders.truncate(1);
            charter.thresholds.amendment = 1;
        }
        let number = u32::try_from(self.trust.terms().len()).ok()?;
        let from = Millis(last.from.0.max(self.now.0.saturating_sub(u64::from(self.salt[11]) * 40)) + 1);
        let said = Amendment { number, previous: last.name, from, charter, mandate: mandate() };
        let signers: Vec<Signer> = (0..last.charter.founders.len()).map(|number| signer(number, "device")).collect();
        self.act(&said, &signers, RecordId::ZERO)
    }

    fn act<T: Said>(&self, said: &T, signers: &[Signer], subject: RecordId) -> Option<(Verified, Body)> {
        let carrier = Signer::from_seed(&self.salt);
        let organisation = if T::KIND == koinon_protocol::trust::amendment::KIND { OrganisationId::ZERO } else { self.id };
        let cover = Cover { network: self.trust.network(), organisation, kind: T::KIND, carrier: carrier.public() };
        let mut paper = Paper::new(said);
        signers.iter().for_each(|signer| paper.sign(signer, &cover));
        let (draft, sealed) = paper.draft(&cover, subject, self.now, self.salt);
        draft.sign(&carrier, sealed).ok()
    }
}

fn mandate() -> Mandate {
    Mandate { resolution: "1".into(), date: "2026-11-24".into(), attachment: None }
}
