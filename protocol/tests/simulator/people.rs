//! Who writes in the simulated network: two founding associations, and organisations that are vouched for, level by level.

use crate::acts::{Decision, digest, guardians, root};
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::log::{Head, LogId};
use koinon_protocol::record::{Body, Sealed, Verified};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::attestation::{self, Attestation, Mandate, PUBLISH, VOUCH};
use koinon_protocol::trust::charter::{Charter, Founder, Thresholds};
use koinon_protocol::trust::device::{self, Device};
use koinon_protocol::trust::erasure::{self, Erasure};
use koinon_protocol::trust::inception::{self, Inception};
use koinon_protocol::trust::notice::{self, Notice};
use koinon_protocol::trust::{Place, Trust, charter};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub(crate) const START: Millis = Millis(1_700_000_000_000);
/// The kind of content records.
const CASE: u16 = 100;
pub(crate) const FOUNDERS: usize = 2;

#[derive(Clone, Copy)]
pub(crate) enum What {
    Begin,
    BeginAgain,
    Vouch(OrganisationId),
    SecondDevice,
    Content { second: bool },
    Erase(RecordId),
    Notice(RecordId),
    Decide(Decision),
}

/// What is written, at which replica, by whom.
#[derive(Clone, Copy)]
pub(crate) struct Deed {
    pub(crate) node: usize,
    pub(crate) author: usize,
    pub(crate) what: What,
    /// How often it is tried again when it is refused.
    pub(crate) tries: u32,
}

pub(crate) struct Author {
    device: Signer,
    second: Signer,
    pub(crate) id: OrganisationId,
    pub(crate) inception: (Verified, Body),
    /// Another inception by the same key.
    pub(crate) other_inception: (Verified, Body),
}

pub(crate) struct People {
    /// Before anybody began.
    pub(crate) trust: Trust,
    pub(crate) authors: Vec<Author>,
}

impl People {
    pub(crate) fn new(count: usize) -> Self {
        let founder = |number| Founder { name: text(), country: "FI".into(), key: signer(number, "device").public() };
        let charter = Charter {
            name: text(),
            purpose: text(),
            founders: (0..FOUNDERS).map(founder).collect(),
            thresholds: Thresholds { amendment: 2 },
            admission: text(),
            licence: "CC-BY-4.0".into(),
            witnesses: text(),
            depth: 4,
            kinds: vec![CASE],
            minimum_version: None,
        };
        let (draft, sealed) = charter::draft(&charter, START, [0; 32]);
        let (record, body) = draft.sign(&signer(0, "device"), sealed).expect("a charter is a record");
        let trust = Trust::found(&record, &body).expect("the charter founds a network");
        let authors = (0..count).map(|number| Author::new(trust.network(), number)).collect();
        Self { trust, authors }
    }

    /// Who vouches first for an organisation; nobody for a founder.
    pub(crate) fn voucher_of(number: usize) -> Option<usize> {
        match number {
            0..FOUNDERS => None,
            2..4 => Some(number % FOUNDERS),
            _ => Some(2 + (number - 4) / 4),
        }
    }

    /// In which log it is written.
    pub(crate) fn log(&self, deed: &Deed) -> LogId {
        let writer = &self.authors[deed.author];
        let signer = if matches!(deed.what, What::Content { second: true }) { &writer.second } else { &writer.device };
        LogId { organisation: writer.id, device: signer.public() }
    }

    /// The record, next after `head`.
    pub(crate) fn write(
        &self,
        deed: &Deed,
        head: Option<Head>,
        now: Millis,
        salt: [u8; 32],
        trust: &Trust,
    ) -> Result<(Verified, Body), String> {
        let writer = &self.authors[deed.author];
        let place = Place { network: self.trust.network(), organisation: writer.id, head, now };
        let signer = if matches!(deed.what, What::Content { second: true }) { &writer.second } else { &writer.device };
        let (draft, sealed) = match deed.what {
            What::Begin => return Ok(writer.inception.clone()),
            What::BeginAgain => return Ok(writer.other_inception.clone()),
            What::Vouch(subject) => {
                let from = if salt[0] < 64 { now } else { START };
                attestation::draft(&place, subject, &Self::attestation(from), salt)
            }
            What::SecondDevice => device::draft(&place, &self.second_device(deed.author, trust), salt),
            What::Decide(decision) => return Err(format!("{decision:?} needs a council")),
            What::Erase(subject) => {
                let erasure = Erasure { ground: "names a child".into(), mandate: None };
                erasure::draft(&place, subject, &erasure, salt)
            }
            What::Notice(subject) => {
                let mandate = Mandate { resolution: "1".into(), date: "2026-11-24".into(), attachment: None };
                let notice = Notice { ground: "names a child".into(), law: "article 17".into(), mandate };
                notice::draft(&place, subject, &notice, salt)
            }
            What::Content { .. } => (place.draft(CASE, RecordId::ZERO), Sealed { salt, bytes: vec![b'0'; 200] }),
        };
        draft.sign(signer, sealed).map_err(|error| error.to_string())
    }

    fn attestation(from: Millis) -> Attestation {
        Attestation {
            scope: vec![PUBLISH.into(), VOUCH.into()],
            depth: 3,
            from,
            until: START.plus(1 << 40),
            evidence: "register".into(),
            mandate: Mandate { resolution: "1".into(), date: "2026-11-24".into(), attachment: None },
        }
    }

    /// Authorised by the roots that act as far as `trust` knows.
    fn second_device(&self, number: usize, trust: &Trust) -> Device {
        let author = &self.authors[number];
        let known = trust.organisation(author.id);
        let event = known.map(|known| known.event).filter(|event| !event.is_zero());
        let acting = |generation: &usize| known.is_some_and(|known| known.roots == [root(number, *generation).public()]);
        let generation = (0..16).find(acting).unwrap_or_default();
        let device = author.second.public();
        let (network, under) = (self.trust.network(), event.filter(|event| *event != author.id.into()));
        let signed = |generation| {
            device::authorise(&root(number, generation), network, author.id, event.unwrap_or(author.id.into()), device)
        };
        Device { device, label: "second".into(), authorisations: vec![signed(generation)], under }
    }
}

impl Author {
    fn new(network: NetworkId, number: usize) -> Self {
        let (device, root) = (signer(number, "device"), root(number, 0));
        let roots = vec![root.public()];
        let inception = Inception {
            name: text(),
            country: "FI".into(),
            threshold: 1,
            next_roots: digest(number, 1),
            guardians: guardians(),
            consents: vec![inception::consent(&root, network, device.public(), 1, &roots)],
            roots,
        };
        let sign = |salt: u8| {
            let (draft, sealed) = inception::draft(network, &inception, START, [salt; 32]);
            draft.sign(&device, sealed).expect("an inception is a record")
        };
        let (inception, other_inception) = (sign(1), sign(2));
        let id = inception.0.author();
        Self { second: signer(number, "second"), device, id, inception, other_inception }
    }
}

fn text() -> BTreeMap<String, String> {
    BTreeMap::from([("en".to_owned(), "A town".to_owned())])
}

pub(crate) fn signer(number: usize, role: &str) -> Signer {
    Signer::from_seed(&Sha256::digest(format!("{number} {role}")).into())
}
