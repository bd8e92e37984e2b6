//! Organisations that write records, for tests: a network with its founders, and whoever they vouch for.

#![expect(clippy::expect_used, reason = "a helper of a test fails as the test does")]

use koinon_protocol::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::kind::Kind;
use koinon_protocol::log::Head;
use koinon_protocol::record::{Body, Draft, Sealed, Verified};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::act::{Cover, Said};
use koinon_protocol::trust::attestation::{self, Attestation, Mandate};
use koinon_protocol::trust::charter::{self, Charter, Founder, Thresholds};
use koinon_protocol::trust::inception::{self, Guardians, Inception};
use koinon_protocol::trust::{Localised, Paper, Place};
use serde_json::{Value, json};

/// Of an organisation whose country does not matter.
const COUNTRY: &str = "RO";
/// What the keys of one seed are for: the first device,
pub const DEVICE: u8 = 0;
/// the root,
pub const ROOT: u8 = 1;
/// and the root after it, to which the inception commits.
pub const NEXT_ROOT: u8 = 2;
const CARRIER: u8 = 3;

/// A signed record with its body.
#[derive(Clone, Debug)]
pub struct Record {
    /// The header, whose signature holds.
    pub record: Verified,
    /// The body.
    pub body: Body,
}

impl Record {
    /// Its name.
    pub fn id(&self) -> RecordId {
        self.record.id()
    }

    /// As a record file.
    pub fn file(&self) -> Vec<u8> {
        [&self.record.signed().encode()[..], &self.body.sealed().salt, self.body.bytes()].concat()
    }
}

/// An organisation with one device.
pub struct Author {
    signer: Signer,
    /// The record that founds it.
    pub inception: Record,
    /// Where its next record stands, and when it is written.
    pub place: Place,
}

/// Founds a network whose founders' keys follow from `seeds`, at the moment `now`: the charter, and the founders.
pub fn found(seeds: &[u32], now: Millis) -> (Record, Vec<Author>) {
    let names: Vec<_> = seeds.iter().map(|&seed| (seed, name(seed))).collect();
    let charter = charter(&terms(&names), seeds[0], now);
    let network = charter.id().into();
    (charter, seeds.iter().map(|&seed| Author::begin(network, seed, now)).collect())
}

/// The terms of a network whose founders have these names, and keys that follow from their seeds.
pub fn terms(founders: &[(u32, Localised)]) -> Charter {
    let founder = |(seed, name): &(u32, Localised)| Founder {
        name: name.clone(),
        country: COUNTRY.into(),
        key: signer(*seed, DEVICE).public(),
    };
    Charter {
        name: english("Test network"),
        purpose: english("Tests"),
        founders: founders.iter().map(founder).collect(),
        thresholds: Thresholds { amendment: u32::try_from(founders.len() / 2 + 1).unwrap_or(u32::MAX) },
        admission: english("Local governments"),
        licence: "CC-BY-4.0".into(),
        witnesses: english("None"),
        depth: 3,
        kinds: vec![32, 33, 34, 35, 36, 37, 38],
        minimum_version: None,
    }
}

/// The charter with these terms, signed by the founder of this seed, which must be the first.
pub fn charter(terms: &Charter, seed: u32, now: Millis) -> Record {
    let (draft, sealed) = charter::draft(terms, now, [5; 32]);
    sign(&signer(seed, DEVICE), draft, sealed)
}

impl Author {
    /// Founds an organisation whose keys and name follow from `seed`.
    pub fn begin(network: NetworkId, seed: u32, now: Millis) -> Self {
        Self::named(network, seed, name(seed), COUNTRY, now)
    }

    /// Founds an organisation whose keys follow from `seed`.
    pub fn named(network: NetworkId, seed: u32, name: Localised, country: &str, now: Millis) -> Self {
        let (device, root) = (signer(seed, DEVICE), signer(seed, ROOT));
        let roots = vec![root.public()];
        let body = Inception {
            name,
            country: country.into(),
            threshold: 1,
            next_roots: inception::roots_digest(1, &[signer(seed, NEXT_ROOT).public()]),
            guardians: Guardians::default(),
            consents: vec![inception::consent(&root, network, device.public(), 1, &roots)],
            roots,
        };
        let (draft, sealed) = inception::draft(network, &body, now, [6; 32]);
        let inception = sign(&device, draft, sealed);
        let organisation = OrganisationId::from(inception.id());
        Self { signer: device, inception, place: Place { network, organisation, head: None, now } }
    }

    /// Its name.
    pub fn id(&self) -> OrganisationId {
        self.place.organisation
    }

    /// The key that it signs with.
    pub fn device(&self) -> DeviceKey {
        self.signer.public()
    }

    /// The next record of its log.
    pub fn write(&mut self, kind: u16, subject: RecordId, body: &[u8]) -> Record {
        self.seal(kind, subject, Sealed { salt: [7; 32], bytes: body.to_vec() })
    }

    /// The same with a salt of its own.
    pub fn seal(&mut self, kind: u16, subject: RecordId, sealed: Sealed) -> Record {
        self.sign(self.place.draft(kind, subject), sealed)
    }

    /// The next record of its log, as it was drafted for [`Author::place`].
    pub fn sign(&mut self, draft: Draft, sealed: Sealed) -> Record {
        let record = self.beside(draft, sealed);
        self.place.head = Some(Head::from(&record.record));
        record
    }

    /// A record after which its log does not go on, as one that makes a fork.
    pub fn beside(&self, draft: Draft, sealed: Sealed) -> Record {
        sign(&self.signer, draft, sealed)
    }

    /// The example of a kind, which passes the check of that kind, with this title.
    pub fn example(&mut self, kind: &str, title: &str) -> Record {
        let kind = Kind::by_name(kind).expect("a kind that is known here");
        let mut body: Value = serde_json::from_str(kind.example).expect("an example is JSON");
        body["title"] = json!({ "en": title });
        self.write(kind.number, RecordId::ZERO, body.to_string().as_bytes())
    }

    /// Vouches for an organisation, from the author's moment on and for a year.
    pub fn vouch(&mut self, subject: OrganisationId, scope: &[&str], depth: u8) -> Record {
        let now = self.place.now;
        self.attest(subject, &attestation_of(scope, depth, now, now.plus(365 * 86_400_000)))
    }

    /// Says this of an organisation.
    pub fn attest(&mut self, subject: OrganisationId, said: &Attestation) -> Record {
        let (draft, sealed) = attestation::draft(&self.place, subject, said, [8; 32]);
        self.sign(draft, sealed)
    }
}

/// An attestation with this scope and depth, from one moment until another.
pub fn attestation_of(scope: &[&str], depth: u8, from: Millis, until: Millis) -> Attestation {
    Attestation {
        scope: scope.iter().map(|scope| (*scope).to_owned()).collect(),
        depth,
        from,
        until,
        evidence: "Seen.".into(),
        mandate: Mandate { resolution: "1/2026".into(), date: "2026-01-01".into(), attachment: None },
    }
}

/// A text in English.
pub fn english(text: &str) -> Localised {
    Localised::from([("en".to_owned(), text.to_owned())])
}

/// The key that signs in daily work for the organisation of this seed.
pub fn device(seed: u32) -> Signer {
    signer(seed, DEVICE)
}

/// The root of the organisation of this seed.
pub fn root(seed: u32) -> Signer {
    signer(seed, ROOT)
}

/// The root to which that of the organisation of this seed committed.
pub fn next_root(seed: u32) -> Signer {
    signer(seed, NEXT_ROOT)
}

/// A key that carries one act.
pub fn carrier(number: u32) -> Signer {
    signer(number, CARRIER)
}

/// An act of an organisation, or with zero of the founders, signed by these keys, in a record of its own.
pub fn act<T: Said>(
    network: NetworkId,
    organisation: OrganisationId,
    carrier: &Signer,
    subject: RecordId,
    said: &T,
    signers: &[Signer],
    now: Millis,
) -> Record {
    let cover = Cover { network, organisation, kind: T::KIND, carrier: carrier.public() };
    let mut paper = Paper::new(said);
    signers.iter().for_each(|signer| paper.sign(signer, &cover));
    let (draft, sealed) = paper.draft(&cover, subject, now, [9; 32]);
    sign(carrier, draft, sealed)
}

fn sign(signer: &Signer, draft: Draft, sealed: Sealed) -> Record {
    let (record, body) = draft.sign(signer, sealed).expect("a test signs what a node would take");
    Record { record, body }
}

/// The key of an author's seed in this role.
pub fn signer(seed: u32, role: u8) -> Signer {
    let mut bytes = [role; 32];
    bytes[..4].copy_from_slice(&seed.to_be_bytes());
    Signer::from_seed(&bytes)
}

fn name(seed: u32) -> Localised {
    english(&format!("Town {seed}"))
}
