//! The organisations of the tests.

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::json::Document;
use koinon_protocol::key::Signer;
use koinon_protocol::kind::Kind;
use koinon_protocol::log::Head;
use koinon_protocol::record::{Body, Draft, Sealed, Verified};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::Place;
use koinon_protocol::trust::attestation::{self, Attestation, Mandate, PUBLISH};
use koinon_protocol::trust::charter::{self, Charter, Founder, Thresholds};
use koinon_protocol::trust::erasure::{self, Erasure};
use koinon_protocol::trust::inception::{self, Guardians, Inception};
use koinon_protocol::trust::notice::{self, Notice};
use koinond::clock;
use std::collections::BTreeMap;

pub(crate) fn name() -> BTreeMap<String, String> {
    BTreeMap::from([("en".to_owned(), "Riverland".to_owned())])
}

pub(crate) fn signer() -> Signer {
    Signer::from_seed(&[1; 32])
}

pub(crate) fn founding() -> (Verified, Body) {
    let charter = Charter {
        name: name(),
        purpose: name(),
        founders: vec![Founder { name: name(), country: "RO".into(), key: signer().public() }],
        thresholds: Thresholds { amendment: 1 },
        admission: name(),
        licence: "CC-BY-4.0".into(),
        witnesses: name(),
        depth: 4,
        kinds: (32..39).collect(),
        minimum_version: None,
    };
    let (draft, sealed) = charter::draft(&charter, Millis(1_700_000_000_000), [5; 32]);
    draft.sign(&signer(), sealed).unwrap()
}

pub(crate) fn network() -> NetworkId {
    founding().0.id().into()
}

/// An organisation's log: its inception, then records of the kinds and bodies that are asked for.
pub(crate) struct Author {
    signer: Signer,
    pub(crate) inception: (Verified, Body),
    head: Option<Head>,
}

impl Author {
    /// The founder.
    pub(crate) fn new() -> Self {
        Self::of(signer())
    }

    pub(crate) fn of(signer: Signer) -> Self {
        let root = Signer::from_seed(&[9; 32]);
        let roots = vec![root.public()];
        let said = Inception {
            name: name(),
            country: "RO".into(),
            threshold: 1,
            next_roots: inception::roots_digest(1, &roots),
            guardians: Guardians::default(),
            consents: vec![inception::consent(&root, network(), signer.public(), 1, &roots)],
            roots,
        };
        let (draft, sealed) = inception::draft(network(), &said, clock::now(), [6; 32]);
        Self { inception: draft.sign(&signer, sealed).unwrap(), signer, head: None }
    }

    pub(crate) fn place(&self) -> Place {
        Place { network: network(), organisation: self.inception.0.id().into(), head: self.head, now: clock::now() }
    }

    pub(crate) fn sign(&mut self, draft: Draft, sealed: Sealed) -> (Verified, Body) {
        let signed = draft.sign(&self.signer, sealed).unwrap();
        self.head = Some(Head::from(&signed.0));
        signed
    }

    pub(crate) fn need(&mut self, text: &str) -> (Verified, Body) {
        let kind = Kind::by_name("need").unwrap();
        let mut body: serde_json::Value = serde_json::from_str(kind.example).unwrap();
        body["title"] = serde_json::json!({ "en": text });
        let bytes = body.to_string().into_bytes();
        let document = Document::parse(&bytes).unwrap();
        kind.check(&document).unwrap();
        let values = kind.header_values(&document);
        let draft = self.place().draft(kind.number, RecordId::ZERO);
        self.sign(Draft { territory: values.territory, topic: values.topic, ..draft }, Sealed { salt: [7; 32], bytes })
    }

    pub(crate) fn vouch(&mut self, subject: OrganisationId) -> (Verified, Body) {
        let said = Attestation {
            scope: vec![PUBLISH.into()],
            depth: 0,
            from: Millis(0),
            until: Millis(1 << 52),
            evidence: "Seen.".into(),
            mandate: mandate(),
        };
        let (draft, sealed) = attestation::draft(&self.place(), subject, &said, [9; 32]);
        self.sign(draft, sealed)
    }

    pub(crate) fn notice(&mut self, subject: RecordId) -> (Verified, Body) {
        let said = Notice { ground: "It names a child.".into(), law: "article 17".into(), mandate: mandate() };
        let (draft, sealed) = notice::draft(&self.place(), subject, &said, [8; 32]);
        self.sign(draft, sealed)
    }

    pub(crate) fn erasure(&mut self, subject: RecordId) -> (Verified, Body) {
        let said = Erasure { ground: "It named a child.".into(), mandate: None };
        let (draft, sealed) = erasure::draft(&self.place(), subject, &said, [8; 32]);
        self.sign(draft, sealed)
    }
}

pub(crate) fn mandate() -> Mandate {
    Mandate { resolution: "1/2026".into(), date: "2026-01-01".into(), attachment: None }
}
