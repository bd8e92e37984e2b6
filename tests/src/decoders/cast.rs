//! A small network that is the same on every run: who founded it, who was vouched for, and what they and others wrote.

use koinon_protocol::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::limit;
use koinon_protocol::log::{ForkProof, Head, LogId};
use koinon_protocol::record::{Body, Sealed, Signed, Verified};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::attestation::{self, Attestation, Mandate};
use koinon_protocol::trust::charter::{self, Charter, Founder, Thresholds};
use koinon_protocol::trust::device::{self, Device};
use koinon_protocol::trust::inception::{self, Inception};
use koinon_protocol::trust::{Localised, Place, Trust};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// When the network was founded.
pub(super) const START: u64 = 1_700_000_000_000;
/// A content kind.
pub(super) const PRACTICE: u16 = 33;

/// A record with its body.
#[derive(Clone)]
pub(super) struct Piece {
    pub(super) record: Verified,
    pub(super) body: Body,
}

impl Piece {
    pub(super) fn signed(&self) -> Signed {
        *self.record.signed()
    }

    pub(super) fn sealed(&self) -> Sealed {
        self.body.sealed().clone()
    }

    pub(super) fn id(&self) -> RecordId {
        self.record.id()
    }

    /// As a record file.
    pub(super) fn file(&self) -> Vec<u8> {
        let Sealed { salt, bytes } = self.sealed();
        [self.signed().encode(), salt.to_vec(), bytes].concat()
    }
}

/// The network.
pub(super) struct Cast {
    pub(super) network: NetworkId,
    pub(super) charter: Piece,
    /// What the charter says, before anything else is known.
    pub(super) trust: Trust,
    /// The town that was vouched for.
    pub(super) town: OrganisationId,
    /// The inceptions, devices and attestations, in an order in which they are admitted, then what was written; last what is not.
    pub(super) pieces: Vec<Piece>,
    /// Two records at one place.
    pub(super) fork: ForkProof,
}

/// The one network, signed once.
pub(super) static CAST: LazyLock<Cast> = LazyLock::new(found);

/// Its records by their canonical bytes: to check 64 bytes of a signature takes longer than all else.
static KNOWN: LazyLock<BTreeMap<Vec<u8>, Verified>> = LazyLock::new(|| {
    let pieces = CAST.pieces.iter().chain([&CAST.charter]);
    pieces.map(|piece| (piece.signed().encode(), piece.record)).collect()
});

/// The record, when its signature holds for the network, as [`Signed::verify`] says.
pub(super) fn verify(signed: Signed, network: NetworkId) -> Result<Verified, koinon_protocol::record::RecordError> {
    match KNOWN.get(&signed.encode()) {
        Some(known) if network == CAST.network => Ok(*known),
        _ => signed.verify(network),
    }
}

/// A text in English.
pub(super) fn text(text: &str) -> Localised {
    BTreeMap::from([("en".to_owned(), text.to_owned())])
}

pub(super) fn root(number: u8) -> Signer {
    Signer::from_seed(&[number; 32])
}

/// Who writes: a key with the log that it writes.
struct Author {
    signer: Signer,
    network: NetworkId,
    organisation: OrganisationId,
    head: Option<Head>,
}

impl Author {
    fn place(&self, at: u64) -> Place {
        Place { network: self.network, organisation: self.organisation, head: self.head, now: Millis(START + at) }
    }

    fn write(&mut self, at: u64, (kind, subject): (u16, RecordId), body: &str) -> Piece {
        let piece = self.beside(at, (kind, subject), body);
        self.head = Some(Head::from(&piece.record));
        piece
    }

    /// Writes without going on from there.
    fn beside(&self, at: u64, (kind, subject): (u16, RecordId), body: &str) -> Piece {
        let sealed = Sealed { salt: [9; limit::SALT], bytes: body.as_bytes().to_vec() };
        self.sign((self.place(at).draft(kind, subject), sealed))
    }

    fn sign(&self, (draft, sealed): (koinon_protocol::record::Draft, Sealed)) -> Piece {
        let (record, body) = draft.sign(&self.signer, sealed).expect("drafts of the network are of the right form");
        Piece { record, body }
    }

    fn log(&mut self, piece: Piece) -> Piece {
        self.head = Some(Head::from(&piece.record));
        piece
    }
}

fn found() -> Cast {
    let key = root(1);
    let body = Charter {
        name: text("Trial"),
        purpose: text("Exchange"),
        founders: vec![Founder { name: text("Association"), country: "AT".to_owned(), key: key.public() }],
        thresholds: Thresholds { amendment: 1 },
        admission: text("Municipalities"),
        licence: "CC-BY-4.0".to_owned(),
        witnesses: text("None"),
        depth: 3,
        kinds: vec![0, 1, 2, 3, PRACTICE],
        minimum_version: None,
    };
    let (draft, sealed) = charter::draft(&body, Millis(START), [1; limit::SALT]);
    let (record, body) = draft.sign(&key, sealed).expect("the charter is of the right form");
    let charter = Piece { record, body };
    let trust = Trust::found(&charter.record, &charter.body).expect("the charter founds a network");
    let network = trust.network();

    let (founder, mut association) = begin(network, root(1), 11);
    let (town, mut clerk) = begin(network, root(2), 12);
    let vouched = vouch(&mut association, clerk.organisation);
    let (second, added) = add(&mut clerk, root(3), 12);
    let mut pieces = vec![founder, town, vouched, added];
    let content = (PRACTICE, RecordId::ZERO);
    pieces.extend((1..5).map(|at| clerk.write(10 * at, content, r#"{"title":{"en":"A lorry for three"}}"#)));
    pieces.push(clerk.write(60, (999, pieces[4].id()), "not even JSON"));

    let mut second = second;
    pieces.extend((0..2).map(|at| second.write(20 + at, content, "{}")));
    let (one, other) = (second.beside(30, content, r#"{"one":1}"#), second.write(31, content, r#"{"other":2}"#));
    let fork = ForkProof::new(one.record, other.record).expect("two records at one place");
    let after = second.write(32, content, "{}");
    pieces.extend([one, other, after]);
    pieces.push(Piece::backwards(&second));
    pieces.push(clerk.write(limit::AHEAD + 120_000, content, "{}"));
    pieces.push(clerk.write(limit::AHEAD + 120_001, content, "{}"));
    pieces.extend(strangers(network, &mut association));
    Cast { network, charter, trust, town: clerk.organisation, pieces, fork }
}

impl Piece {
    /// A record that claims to be older than the head of its log.
    fn backwards(author: &Author) -> Self {
        let mut place = author.place(0);
        place.head = place.head.map(|head| Head { claimed_at: Millis(0), ..head });
        let sealed = Sealed { salt: [9; limit::SALT], bytes: b"{}".to_vec() };
        author.sign((place.draft(PRACTICE, RecordId::ZERO), sealed))
    }
}

/// Records that wait for somebody to vouch for their author, the attestation, and records that nothing makes acceptable.
fn strangers(network: NetworkId, association: &mut Author) -> Vec<Piece> {
    let content = (PRACTICE, RecordId::ZERO);
    let (village, mut mayor) = begin(network, root(4), 14);
    let mut pieces = vec![village];
    pieces.extend((0..3).map(|at| mayor.write(5 + at, content, "{}")));
    let other = association.beside(2, (attestation::KIND, RecordId::from(mayor.organisation)), &attest_otherwise());
    pieces.extend([vouch(association, mayor.organisation), other]);
    let elsewhere = NetworkId([0x12; 32]);
    let mut nobody = Author { signer: root(5), network, organisation: OrganisationId([5; 32]), head: None };
    pieces.extend((0..3).map(|at| nobody.write(at, content, "{}")));
    let other = Author { signer: root(6), network: elsewhere, organisation: OrganisationId([6; 32]), head: None };
    pieces.push(other.beside(0, content, "{}"));
    // Control records without a body that can be read.
    let twice = Author { signer: root(2), network, organisation: OrganisationId::ZERO, head: None };
    pieces.push(twice.beside(1, (inception::KIND, RecordId::ZERO), "{}"));
    pieces.push(association.write(70, (attestation::KIND, RecordId::ZERO), "{}"));
    pieces
}

fn begin(network: NetworkId, signer: Signer, roots: u8) -> (Piece, Author) {
    let (root, device) = (root(roots), signer.public());
    let keys = vec![root.public()];
    let body = Inception {
        name: text("Town"),
        country: "AT".to_owned(),
        threshold: 1,
        next_roots: RecordId([7; 32]),
        guardians: inception::Guardians::default(),
        consents: vec![inception::consent(&root, network, device, 1, &keys)],
        roots: keys,
    };
    let author = Author { signer, network, organisation: OrganisationId::ZERO, head: None };
    let piece = author.sign(inception::draft(network, &body, Millis(START), [2; limit::SALT]));
    let organisation = piece.record.author();
    (piece, Author { organisation, ..author })
}

fn vouch(association: &mut Author, town: OrganisationId) -> Piece {
    let place = association.place(1);
    let piece = association.sign(attestation::draft(&place, town, &attest(), [3; limit::SALT]));
    association.log(piece)
}

/// An attestation to publish for a year.
pub(super) fn attest() -> Attestation {
    Attestation {
        scope: vec![attestation::PUBLISH.to_owned()],
        depth: 0,
        from: Millis(START),
        until: Millis(START + 365 * 86_400_000),
        evidence: "statutes".to_owned(),
        mandate: Mandate { resolution: "12/2026".to_owned(), date: "2026-01-01".to_owned(), attachment: None },
    }
}

/// Another decision, with which the association contradicts itself.
fn attest_otherwise() -> String {
    let mut otherwise = attest();
    otherwise.scope.push(attestation::VOUCH.to_owned());
    serde_json::to_string(&otherwise).expect("a body of the protocol is JSON")
}

/// A second device, authorised by the root.
pub(super) fn authorise(network: NetworkId, organisation: OrganisationId, roots: u8, device: DeviceKey) -> Device {
    let authorisation = device::authorise(&root(roots), network, organisation, organisation.into(), device);
    Device { device, label: "Office".to_owned(), under: None, authorisations: vec![authorisation] }
}

fn add(author: &mut Author, signer: Signer, roots: u8) -> (Author, Piece) {
    let body = authorise(author.network, author.organisation, roots, signer.public());
    let piece = author.sign(device::draft(&author.place(2), &body, [4; limit::SALT]));
    let added = Author { signer, network: author.network, organisation: author.organisation, head: None };
    (added, author.log(piece))
}

/// Which log a record stands in.
pub(super) fn log_of(record: &Verified) -> LogId {
    LogId::from(record.header())
}
