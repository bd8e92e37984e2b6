//! A network of three associations with k of n, towns below them, and the replica's keeper that production runs.

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::ledger::{Ledger, MemoryLedger};
use koinon_protocol::log::{ForkProof, LogId, link};
use koinon_protocol::record::{Body, RecordError, Sealed, Signed, Verified};
use koinon_protocol::replica::{Host, Keeper, Standing};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::act::{Cover, Said};
use koinon_protocol::trust::attestation::{self, Attestation, Mandate, PUBLISH, VOUCH};
use koinon_protocol::trust::charter::{self, Charter, Founder, Thresholds};
use koinon_protocol::trust::device::{self, Device};
use koinon_protocol::trust::inception::{self, Guardian, Guardians, Inception};
use koinon_protocol::trust::keys::Succeeding;
use koinon_protocol::trust::{Last, Listed, Paper, Place, Trust};
use std::collections::BTreeMap;

pub(crate) const NOW: Millis = Millis(1_000_000);
pub(crate) const DELAY: u64 = 1_000;
pub(crate) const CASE: u16 = 40;

pub(crate) type Record = (Verified, Body);
type Checker = Box<dyn FnMut(Vec<Signed>) -> Vec<Result<Verified, RecordError>>>;

/// Keys follow from a number and a role: 0 the device, 1 a second one, 10 and 11 the first roots, 20 and 21 the next, 30 and 31 those after.
pub(crate) fn signer(number: u8, role: u8) -> Signer {
    let mut seed = [role; 32];
    seed[0] = number;
    Signer::from_seed(&seed)
}

pub(crate) fn roots(number: u8, generation: u8) -> [Signer; 2] {
    [signer(number, 10 * generation), signer(number, 10 * generation + 1)]
}

pub(crate) fn digest(number: u8, generation: u8) -> RecordId {
    inception::roots_digest(2, &roots(number, generation).map(|root| root.public()))
}

pub(crate) fn mandate() -> Mandate {
    Mandate { resolution: "12/2026".into(), date: "2026-11-24".into(), attachment: None }
}

/// Towns 6, 7 and 8 guard every organisation.
pub(crate) fn guardians() -> Guardians {
    let member = |number| Guardian { organisation: OrganisationId([number; 32]), key: signer(number, 99).public() };
    Guardians { members: (6..9).map(member).collect(), delay: DELAY }
}

pub(crate) struct Town {
    pub(crate) keeper: Keeper<MemoryLedger, Checker>,
    pub(crate) charter: Charter,
    founding: Trust,
    carriers: u8,
}

impl Town {
    /// Associations 0, 1 and 2 found it; 0 vouches for 3, and 3 for 4.
    pub(crate) fn new() -> Self {
        let founder = |number| Founder { name: text(), country: "FI".into(), key: signer(number, 0).public() };
        let charter = Charter {
            name: text(),
            purpose: text(),
            founders: (0..3).map(founder).collect(),
            thresholds: Thresholds { amendment: 2 },
            admission: text(),
            licence: "CC-BY-4.0".into(),
            witnesses: text(),
            depth: 4,
            kinds: vec![CASE],
            minimum_version: None,
        };
        let (draft, sealed) = charter::draft(&charter, NOW, [0; 32]);
        let (record, body) = draft.sign(&signer(0, 0), sealed).unwrap();
        let founding = Trust::found(&record, &body).unwrap();
        let keeper = open(MemoryLedger::default(), founding.clone());
        let mut town = Self { keeper, charter, founding, carriers: 0 };
        for number in 0..3 {
            town.say(&town.inception(number)).unwrap();
        }
        for (voucher, number) in [(0, 3), (3, 4)] {
            let vouch = town.vouch(voucher, number, NOW);
            town.say(&vouch).unwrap();
            town.say(&town.inception(number)).unwrap();
        }
        town
    }

    pub(crate) fn network(&self) -> NetworkId {
        self.founding.network()
    }

    pub(crate) fn trust(&self) -> &Trust {
        self.keeper.trust()
    }

    pub(crate) fn id(&self, number: u8) -> OrganisationId {
        self.inception(number).0.author()
    }

    pub(crate) fn inception(&self, number: u8) -> Record {
        let (device, roots) = (signer(number, 0), roots(number, 1));
        let keys = roots.each_ref().map(Signer::public).to_vec();
        let consents = roots.each_ref().map(|root| inception::consent(root, self.network(), device.public(), 2, &keys));
        let inception = Inception {
            name: text(),
            country: "FI".into(),
            threshold: 2,
            next_roots: digest(number, 2),
            guardians: guardians(),
            consents: consents.to_vec(),
            roots: keys,
        };
        let (draft, sealed) = inception::draft(self.network(), &inception, NOW, [0; 32]);
        draft.sign(&device, sealed).unwrap()
    }

    fn place(&self, number: u8, role: u8, now: Millis) -> Place {
        let log = LogId { organisation: self.id(number), device: signer(number, role).public() };
        Place { network: self.network(), organisation: self.id(number), head: self.keeper.ledger().head(&log).unwrap(), now }
    }

    pub(crate) fn vouch(&self, voucher: u8, number: u8, now: Millis) -> Record {
        let said = Attestation {
            scope: vec![PUBLISH.into(), VOUCH.into()],
            depth: 3,
            from: NOW,
            until: Millis(1 << 40),
            evidence: "register".into(),
            mandate: mandate(),
        };
        let (draft, sealed) = attestation::draft(&self.place(voucher, 0, now), self.id(number), &said, [0; 32]);
        draft.sign(&signer(voucher, 0), sealed).unwrap()
    }

    /// A content record of the device in this role.
    pub(crate) fn case(&self, number: u8, role: u8, now: Millis) -> Record {
        let draft = self.place(number, role, now).draft(CASE, RecordId::ZERO);
        draft.sign(&signer(number, role), Sealed { salt: [0; 32], bytes: b"{}".to_vec() }).unwrap()
    }

    /// That `role` speaks for an organisation, signed by the roots of a generation under `event`, written by the device itself.
    pub(crate) fn device(&self, number: u8, role: u8, generation: u8, event: Option<RecordId>) -> Record {
        let (device, organisation) = (signer(number, role), self.id(number));
        let under = event.unwrap_or(organisation.into());
        let sign = |root: &Signer| device::authorise(root, self.network(), organisation, under, device.public());
        let authorisations = roots(number, generation).iter().map(sign).collect();
        let said = Device { device: device.public(), label: "desk".into(), under: event, authorisations };
        let (draft, sealed) = device::draft(&self.place(number, role, NOW), &said, [0; 32]);
        draft.sign(&device, sealed).unwrap()
    }

    /// An act, signed by these, in a record of its own.
    pub(crate) fn act<T: Said>(&mut self, number: Option<u8>, said: &T, signers: &[Signer], now: Millis) -> Record {
        self.carry(number, RecordId::ZERO, said, signers, now)
    }

    /// The same, about another organisation.
    pub(crate) fn act_about<T: Said>(&mut self, number: u8, subject: OrganisationId, said: &T, signers: &[Signer]) -> Record {
        self.carry(Some(number), subject.into(), said, signers, NOW)
    }

    fn carry<T: Said>(&mut self, number: Option<u8>, subject: RecordId, said: &T, signers: &[Signer], now: Millis) -> Record {
        self.carriers += 1;
        let carrier = signer(self.carriers, 77);
        let organisation = number.map_or(OrganisationId::ZERO, |number| self.id(number));
        let cover = Cover { network: self.network(), organisation, kind: T::KIND, carrier: carrier.public() };
        let mut paper = Paper::new(said);
        signers.iter().for_each(|signer| paper.sign(signer, &cover));
        let (draft, sealed) = paper.draft(&cover, subject, now, [0; 32]);
        draft.sign(&carrier, sealed).unwrap()
    }

    /// The name of the act that a record carries.
    pub(crate) fn name(&self, record: &Record) -> RecordId {
        let header = record.0.header();
        let cover =
            Cover { network: header.network, organisation: header.organisation, kind: header.kind, carrier: header.device };
        Paper::read(record.1.bytes()).unwrap().name(&cover)
    }

    /// New roots of a generation, and the devices in these roles.
    pub(crate) fn succeeding(
        &self,
        number: u8,
        previous: RecordId,
        generation: u8,
        devices: &[(u8, Option<Last>)],
    ) -> Succeeding {
        let listed = |(role, last): &(u8, Option<Last>)| Listed {
            device: signer(number, *role).public(),
            label: "desk".into(),
            last: *last,
        };
        Succeeding {
            previous,
            roots: roots(number, generation).map(|root| root.public()).to_vec(),
            threshold: 2,
            next_roots: digest(number, generation + 1),
            guardians: guardians(),
            devices: devices.iter().map(listed).collect(),
            withdraws: Vec::new(),
            mandate: mandate(),
        }
    }

    /// Gives a record to the keeper, as a replica does.
    pub(crate) fn say(&mut self, record: &Record) -> Result<(), Standing> {
        let head = self.keeper.ledger().head(&LogId::from(record.0.header())).unwrap();
        let linked = link(record.0, head.as_ref()).map_err(|_| Standing::BodyMissing)?;
        match self.keeper.standing(&linked, Some(&record.1)) {
            Standing::Admitted => {
                self.keeper.append(&linked, Some(&record.1)).unwrap();
                Ok(())
            }
            other => Err(other),
        }
    }

    pub(crate) fn fork(&mut self, one: Verified, other: Verified) {
        self.keeper.freeze(&ForkProof::new(one, other).unwrap()).unwrap();
    }

    pub(crate) fn stands(&self, record: &Record) -> bool {
        let held = self.keeper.ledger().find(&record.0.id()).unwrap().is_some();
        held && self.trust().stands(record.0.id(), record.0.header())
    }

    /// The end of a log after a record.
    pub(crate) fn last(record: &Record) -> Option<Last> {
        Some(Last { seq: record.0.header().seq, id: record.0.id() })
    }

    /// Restarts without the body of a record: the disk lost it.
    pub(crate) fn lose(&mut self, record: &Record) {
        let mut ledger = self.keeper.ledger().clone();
        let position = ledger.find(&record.0.id()).unwrap().unwrap();
        ledger.damage_body(position);
        self.keeper = open(ledger, self.founding.clone());
    }

    /// A peer brings the body back.
    pub(crate) fn bring_back(&mut self, record: &Record) {
        let position = self.keeper.ledger().find(&record.0.id()).unwrap().unwrap();
        self.keeper.put_bodies(&[(position, record.1.clone())]).unwrap();
    }

    /// A restart gives the same trust.
    pub(crate) fn check_restart(&self) {
        let ledger = self.keeper.ledger().clone();
        assert_eq!(open(ledger, self.founding.clone()).trust(), self.keeper.trust(), "a restart changes nothing");
    }
}

fn open(ledger: MemoryLedger, trust: Trust) -> Keeper<MemoryLedger, Checker> {
    let forks = ledger.forks().to_vec();
    Keeper::open(ledger, checker(trust.network()), trust, &forks).unwrap()
}

fn checker(network: NetworkId) -> Checker {
    Box::new(move |records| records.into_iter().map(|signed| signed.verify(network)).collect())
}

pub(crate) fn text() -> BTreeMap<String, String> {
    BTreeMap::from([("en".to_owned(), "A town".to_owned())])
}
