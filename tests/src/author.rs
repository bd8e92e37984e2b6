//! Organisations that write records, for tests: a network with its founders, and whoever they vouch for.

#![expect(clippy::expect_used, reason = "a helper of a test fails as the test does")]

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::kind::Kind;
use koinon_protocol::log::Head;
use koinon_protocol::record::{Body, Draft, Sealed, Verified};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::attestation::{self, Attestation, Mandate};
use koinon_protocol::trust::charter::{self, Charter, Founder, Thresholds};
use koinon_protocol::trust::inception::{self, Guardians, Inception};
use koinon_protocol::trust::{Localised, Place};
use serde_json::{Value, json};

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
pub fn found(seeds: &[u16], now: Millis) -> (Record, Vec<Author>) {
    let founders = seeds.iter().map(|&seed| Founder { name: name(seed), country: "RO".into(), key: signer(seed, 0).public() });
    let body = Charter {
        name: english("Test network"),
        purpose: english("Tests"),
        founders: founders.collect(),
        thresholds: Thresholds { amendment: u32::try_from(seeds.len() / 2 + 1).unwrap_or(u32::MAX) },
        admission: english("Local governments"),
        licence: "CC-BY-4.0".into(),
        witnesses: english("None"),
        depth: 3,
        kinds: vec![32, 33, 34, 35, 36, 37, 38],
        minimum_version: None,
    };
    let (draft, sealed) = charter::draft(&body, now, [5; 32]);
    let charter = sign(&signer(seeds[0], 0), draft, sealed);
    let network = charter.id().into();
    (charter, seeds.iter().map(|&seed| Author::begin(network, seed, now)).collect())
}

impl Author {
    /// Founds an organisation whose keys follow from `seed`.
    pub fn begin(network: NetworkId, seed: u16, now: Millis) -> Self {
        let (device, root) = (signer(seed, 0), signer(seed, 1));
        let roots = vec![root.public()];
        let body = Inception {
            name: name(seed),
            country: "RO".into(),
            threshold: 1,
            next_roots: inception::roots_digest(1, &[signer(seed, 2).public()]),
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

    /// The next record of its log.
    pub fn write(&mut self, kind: u16, subject: RecordId, body: &[u8]) -> Record {
        self.seal(kind, subject, Sealed { salt: [7; 32], bytes: body.to_vec() })
    }

    /// The same with a salt of its own.
    pub fn seal(&mut self, kind: u16, subject: RecordId, sealed: Sealed) -> Record {
        let record = sign(&self.signer, self.place.draft(kind, subject), sealed);
        self.place.head = Some(Head::from(&record.record));
        record
    }

    /// A practice that passes the check of its kind, with this title.
    pub fn practice(&mut self, title: &str) -> Record {
        let practice = Kind::by_name("practice").expect("a kind that is known here");
        let mut body: Value = serde_json::from_str(practice.example).expect("an example is JSON");
        body["title"] = json!({ "en": title });
        self.write(practice.number, RecordId::ZERO, body.to_string().as_bytes())
    }

    /// Vouches for an organisation, from the author's moment on and for a year.
    pub fn vouch(&mut self, subject: OrganisationId, scope: &[&str], depth: u8) -> Record {
        let said = Attestation {
            scope: scope.iter().map(|scope| (*scope).to_owned()).collect(),
            depth,
            from: self.place.now,
            until: self.place.now.plus(365 * 86_400_000),
            evidence: "Seen.".into(),
            mandate: Mandate { resolution: "1/2026".into(), date: "2026-01-01".into(), attachment: None },
        };
        let (draft, sealed) = attestation::draft(&self.place, subject, &said, [8; 32]);
        let record = sign(&self.signer, draft, sealed);
        self.place.head = Some(Head::from(&record.record));
        record
    }
}

fn sign(signer: &Signer, draft: Draft, sealed: Sealed) -> Record {
    let (record, body) = draft.sign(signer, sealed).expect("a test signs what a node would take");
    Record { record, body }
}

fn signer(seed: u16, role: u8) -> Signer {
    let mut bytes = [role; 32];
    bytes[..2].copy_from_slice(&seed.to_be_bytes());
    Signer::from_seed(&bytes)
}

fn name(seed: u16) -> Localised {
    english(&format!("Town {seed}"))
}

fn english(text: &str) -> Localised {
    Localised::from([("en".to_owned(), text.to_owned())])
}
