//! Vectors of audit bundles: a small network, what proves one of its records, and bundles that prove less than they claim.

mod decided;

use crate::Subject::Bundle;
use crate::Values;
use crate::forge::NETWORK;
use crate::table::Row;
use koinon_protocol::bundle::{self, BundleError, Content, Cosignature, Issuer, MAGIC, Source, Time};
use koinon_protocol::checkpoint::{Checkpoint, LogSigner, Name, Published, WitnessSigner};
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId, Tag, digest};
use koinon_protocol::key::Signer;
use koinon_protocol::kind::Kind;
use koinon_protocol::ledger::{Ledger, MemoryLedger};
use koinon_protocol::log::{LogId, link};
use koinon_protocol::record::{Body, Draft, Sealed, Verified};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::attestation::{Attestation, Mandate};
use koinon_protocol::trust::charter::{Charter, Founder, Thresholds};
use koinon_protocol::trust::device::Device;
use koinon_protocol::trust::erasure::{self, Erasure};
use koinon_protocol::trust::inception::{Guardians, Inception};
use koinon_protocol::trust::notice::{self, Notice};
use koinon_protocol::trust::{Place, Trust, admit, attestation, charter, device, inception};
use koinon_protocol::wire::WireError;
use std::collections::BTreeMap;

const START: u64 = 1_767_225_600_000;
const YEAR: u64 = 365 * 86_400_000;
const SALT: [u8; 32] = [0x5a; 32];

/// What is proven of the one record, or the first thing that is not.
pub(crate) fn check(network: NetworkId, input: &[u8]) -> Result<Values, &'static str> {
    let report = bundle::check(input, &network.into()).map_err(bundle_error)?;
    let record = &report.records[0];
    if let Some(failure) = record.failures.first() {
        return Err(failure.code());
    }
    if let Some(failure) = report.checkpoints.iter().find_map(|checkpoint| checkpoint.failures.first()) {
        return Err(failure.code());
    }
    let (author, included) = record.author.as_ref().zip(record.included.as_ref()).expect("all of a proven record is known");
    let path: Vec<_> = record.vouched.iter().map(|vouched| vouched.record.to_string()).collect();
    Ok(Values::from([
        ("id", record.id.to_string()),
        ("author", author.id.to_string()),
        ("vouched", path.join(" ")),
        ("body", if matches!(record.content, Content::Absent) { "absent" } else { "intact" }.to_owned()),
        ("node", included.node.clone()),
        ("position", included.position.to_string()),
        ("size", included.size.to_string()),
        ("root", included.root.to_string()),
        ("erased", record.erased.as_ref().map_or("-".to_owned(), |erased| erased.record.to_string())),
        ("ground", record.erased.as_ref().map_or("-".to_owned(), |erased| erased.ground.clone())),
        ("witnessed", record.witnessed.as_ref().map_or("-".to_owned(), witnessed)),
        (
            "cosignatures",
            report.checkpoints.iter().flat_map(|each| &each.cosignatures).map(cosignature).collect::<Vec<_>>().join(" "),
        ),
    ]))
}

/// The moment, or what is missing.
fn witnessed(time: &Time) -> String {
    match time {
        Time::Proven { at, .. } => at.0.to_string(),
        Time::Unproven { why, .. } => why.code().to_owned(),
    }
}

fn cosignature(cosignature: &Cosignature) -> String {
    format!("{}@{}", cosignature.key, cosignature.at.0)
}

fn bundle_error(error: BundleError) -> &'static str {
    match error {
        BundleError::TooLong(_) => "TooLong",
        BundleError::Magic => "Magic",
        BundleError::Damaged => "Damaged",
        BundleError::Form(WireError::Trailing(_)) => "Trailing",
        BundleError::Form(_) => "Malformed",
        BundleError::Bounds => "Bounds",
        BundleError::Network { .. } => "Network",
        BundleError::Charter(_) => "Charter",
        BundleError::Key(_) => "Key",
        BundleError::Note(_) | BundleError::Checkpoint(_) => "Checkpoint",
    }
}

/// The rows of this file.
pub(crate) fn rows() -> Vec<Row> {
    let (world, [town, desk, absent, first, erased, noticed]) = scene();
    let network = world.trust.network();
    let good = world.bundle(town);
    let [recovered, ended] = decided::bundles();
    let size = Ledger::size(&world.ledger);
    let two = world.witnessed(erased, &[world.checkpoint(size, &[0, 1])]);
    let row = |name, expected, bytes: Vec<u8>| (Bundle, name, expected, network, bytes);
    let damaged = |place: usize| changed(&good, place, false);
    let forged = |place: usize| changed(&good, place, true);
    let of_charter = 16 + 296 + 1 + 32 + 8;
    let charter_length = world.charter.1.bytes().len();
    let control = of_charter + charter_length;
    let tail = good.len() - 32;
    let body = Kind::by_name("need").expect("the kind is known").example.len();
    let path = 4 * 32 + 8;
    let record = tail - path - 8 - body - 8 - 32 - 1 - 296;
    vec![
        row("a town that a union vouches for, which a founder vouches for", "ok", good.clone()),
        row("signed with a second device", "ok", world.bundle(desk)),
        row("the body is not there", "ok", world.bundle(absent)),
        row("the body was erased, and two of three witnesses prove the time", "ok", two.clone()),
        row("a founder gave notice of it", "ok", world.bundle(noticed)),
        row("one witness of three is too few", "ok", world.witnessed(town, &[world.checkpoint(size, &[1])])),
        row("a checkpoint that nobody cosigned", "ok", world.witnessed(town, &[world.checkpoint(size, &[])])),
        row("two notes of one checkpoint", "ok", {
            world.witnessed(town, &[world.checkpoint(size - 1, &[0]), world.checkpoint(size - 1, &[2])])
        }),
        row("a founder's own", "ok", world.bundle(first)),
        row("a village that guardians recovered, under an amended charter", "ok", recovered),
        row("written before the log of its device ended", "ok", ended),
        (Bundle, "another network than the reader's", "Network", NETWORK, good.clone()),
        row("another kind of file", "Magic", damaged(3)),
        row("cut short", "Damaged", good[..good.len() - 1].to_vec()),
        row("a bit is flipped", "Damaged", damaged(400)),
        row("the charter's name is changed and the digest repaired", "Charter", forged(of_charter + 20)),
        row("a byte too many before the digest", "Trailing", repaired([&good[..tail], &[0], &good[tail..]].concat())),
        row("a list that would take all memory", "Malformed", {
            let mut bytes = good.clone();
            bytes[control..control + 8].copy_from_slice(&u64::MAX.to_be_bytes());
            repaired(bytes)
        }),
        row("no record", "Bounds", repaired([&good[..record - 8], &[0; 8], &good[tail..]].concat())),
        row("the founder's inception is changed", "unknown_author", forged(control + 8 + 150)),
        row("the claimed time is changed", "bad_signature", forged(record + 147)),
        row("the body is changed", "changed_body", forged(record + 296 + 1 + 32 + 8 + 12)),
        row("the key of the log is changed", "Key", replaced(&two, "vectors/log+", "vectors/log-")),
        row("the key of a witness is changed", "Key", replaced(&two, "vectors/witness0+", "vectors/witness9+")),
        row("the checkpoint is no note", "Checkpoint", replaced(&two, "\n\n", "\n\u{1}")),
        row("the checkpoint's size is no number", "Checkpoint", replaced(&two, "\n14\n", "\n1x\n")),
        row("the checkpoint is of another size", "bad_log_signature", replaced(&two, "\n14\n", "\n15\n")),
        row("the checkpoint is of another log", "other_log", replaced(&two, "vectors/log\n", "vectors/lug\n")),
        row("a cosignature is another's", "bad_cosignature", {
            let mut note = world.checkpoint(size, &[0, 1]).note().to_string();
            let (zero, one) =
                (note.lines().nth(5).unwrap_or_default().to_owned(), note.lines().nth(6).unwrap_or_default().to_owned());
            let forged = [&zero[..zero.len() - 90], &one[one.len() - 90..]].concat();
            note = note.replace(&zero, &forged);
            replaced(&two, &world.checkpoint(size, &[0, 1]).note().to_string(), &note)
        }),
        row("the tree of the proof is another one than the checkpoint's", "not_included", {
            let root = Source::root(&world.ledger, size).expect("memory answers");
            let mut bytes = two.clone();
            let at = bytes.windows(32).position(|window| window == root).expect("the root is in the bundle");
            bytes[at] ^= 1;
            repaired(bytes)
        }),
        row("another place in the journal", "not_included", forged(tail - path - 1)),
        row("another hash on the way to the root", "not_included", forged(tail - 1)),
    ]
}

fn changed(bytes: &[u8], place: usize, repair: bool) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[place] ^= 1;
    if repair { repaired(bytes) } else { bytes }
}

/// A text of the bundle replaced by another of its length.
fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).expect("the text is in the bundle");
    bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    repaired(bytes)
}

/// The digest that somebody would write who means to deceive.
fn repaired(mut bytes: Vec<u8>) -> Vec<u8> {
    let inner = bytes.len() - 32;
    assert_eq!(&bytes[..16], MAGIC);
    let end = digest(Tag::BUNDLE, &[&bytes[..inner]]);
    bytes[inner..].copy_from_slice(&end);
    bytes
}

struct World {
    charter: (Verified, Body),
    trust: Trust,
    ledger: MemoryLedger,
}

/// A founder, a union below, a town below that; records of the town, of its second device, of the town without a body, of the founder, and one
/// that the town erased; last one that the founder gave notice of.
fn scene() -> (World, [RecordId; 6]) {
    let mut world = World::new();
    let (founder, union, town, desk) = (key(0), key(1), key(2), key(20));
    let ids = [&founder, &union, &town].map(|device| world.inception(device).0);
    world.begin(&founder);
    world.vouch(ids[0], &founder, ids[1], 1);
    world.begin(&union);
    world.vouch(ids[1], &union, ids[2], 0);
    world.begin(&town);
    let authorisations = vec![device::authorise(&root(&town), world.trust.network(), ids[2], ids[2].into(), desk.public())];
    let added = Device { device: desk.public(), label: "Desk".into(), authorisations, under: None };
    let (draft, sealed) = device::draft(&world.place(ids[2], &town), &added, SALT);
    world.append(draft, &town, sealed, true);
    let records = [
        world.publish(ids[2], &town, true),
        world.publish(ids[2], &desk, true),
        world.publish(ids[2], &town, false),
        world.publish(ids[0], &founder, true),
        world.publish(ids[2], &desk, true),
    ];
    let said = Erasure { ground: "A person is named.".into(), mandate: None };
    let (draft, sealed) = erasure::draft(&world.place(ids[2], &town), records[4], &said, SALT);
    world.append(draft, &town, sealed, true);
    let noticed = world.publish(ids[2], &town, true);
    let said = Notice {
        ground: "It names a child.".into(),
        law: "Regulation (EU) 2016/679, article 17".into(),
        mandate: Mandate { resolution: "8/2026".into(), date: "2026-01-01".into(), attachment: None },
    };
    let (draft, sealed) = notice::draft(&world.place(ids[0], &founder), noticed, &said, SALT);
    world.append(draft, &founder, sealed, true);
    let place = Ledger::find(&world.ledger, &records[4]).expect("memory answers").expect("it was written");
    world.ledger.erase_body(place).expect("memory answers");
    (world, [records[0], records[1], records[2], records[3], records[4], noticed])
}

fn key(number: u8) -> Signer {
    Signer::from_seed(&[0x40 + number; 32])
}

/// The root of the organisation whose first device this is.
fn root(device: &Signer) -> Signer {
    Signer::from_seed(&device.public().0)
}

fn text(words: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("en".to_owned(), words.to_owned())])
}

impl World {
    fn new() -> Self {
        let charter = Charter {
            name: text("Trial"),
            purpose: text("Exchange"),
            founders: vec![Founder { name: text("Association"), country: "AT".into(), key: key(0).public() }],
            thresholds: Thresholds { amendment: 1 },
            admission: text("Municipalities"),
            licence: "CC-BY-4.0".into(),
            witnesses: text("None"),
            depth: 3,
            kinds: vec![34],
            minimum_version: None,
        };
        let (draft, sealed) = charter::draft(&charter, Millis(START), SALT);
        let charter = draft.sign(&key(0), sealed).expect("a charter can be signed");
        let trust = Trust::found(&charter.0, &charter.1).expect("the charter founds a network");
        Self { charter, trust, ledger: MemoryLedger::default() }
    }

    fn place(&self, organisation: OrganisationId, device: &Signer) -> Place {
        let head = self.ledger.head(&LogId { organisation, device: device.public() }).expect("memory answers");
        Place { network: self.trust.network(), organisation, head, now: Millis(START + Ledger::size(&self.ledger) * 1000) }
    }

    fn append(&mut self, draft: Draft, signer: &Signer, sealed: Sealed, with_body: bool) -> RecordId {
        let head =
            self.ledger.head(&LogId { organisation: draft.organisation, device: signer.public() }).expect("memory answers");
        let (record, body) = draft.sign(signer, sealed).expect("the draft can be signed");
        let linked = link(record, head.as_ref()).expect("it continues its log");
        let admitted = admit(linked, Some(&body), &self.trust).expect("its author has standing");
        self.trust.apply(&admitted, Some(&body));
        self.ledger.append(&linked, with_body.then_some(&body)).expect("memory answers");
        record.id()
    }

    fn inception(&self, device: &Signer) -> (OrganisationId, Draft, Sealed) {
        self.inception_with(device, Guardians::default())
    }

    fn inception_with(&self, device: &Signer, guardians: Guardians) -> (OrganisationId, Draft, Sealed) {
        let (network, roots) = (self.trust.network(), vec![root(device).public()]);
        let inception = Inception {
            name: text("Organisation"),
            country: "AT".into(),
            threshold: 1,
            next_roots: inception::roots_digest(1, &[device.public()]),
            guardians,
            consents: vec![inception::consent(&root(device), network, device.public(), 1, &roots)],
            roots,
        };
        let (draft, sealed) = inception::draft(network, &inception, Millis(START), SALT);
        (draft.sign(device, sealed.clone()).expect("an inception can be signed").0.author(), draft, sealed)
    }

    fn begin(&mut self, device: &Signer) {
        let (_, draft, sealed) = self.inception(device);
        self.append(draft, device, sealed, true);
    }

    fn vouch(&mut self, voucher: OrganisationId, device: &Signer, subject: OrganisationId, depth: u8) {
        let attestation = Attestation {
            scope: vec!["publish".into(), "vouch".into()],
            depth,
            from: Millis(START),
            until: Millis(START + YEAR),
            evidence: "statutes".into(),
            mandate: Mandate { resolution: "12/2026".into(), date: "2026-01-01".into(), attachment: None },
        };
        let (draft, sealed) = attestation::draft(&self.place(voucher, device), subject, &attestation, SALT);
        self.append(draft, device, sealed, true);
    }

    fn publish(&mut self, organisation: OrganisationId, device: &Signer, with_body: bool) -> RecordId {
        let kind = Kind::by_name("need").expect("the kind is known");
        let draft = self.place(organisation, device).draft(kind.number, RecordId::ZERO);
        self.append(draft, device, Sealed { salt: SALT, bytes: kind.example.as_bytes().to_vec() }, with_body)
    }

    fn bundle(&self, id: RecordId) -> Vec<u8> {
        let charter = (&self.charter.0, &self.charter.1);
        bundle::assemble(&[id], charter, &self.trust, "north.example", &self.ledger).expect("the journal proves the record")
    }

    /// A checkpoint of the first `size` records, which some of three witnesses cosigned, an hour apart.
    fn checkpoint(&self, size: u64, witnesses: &[u8]) -> Published {
        let log = log();
        let root = Source::root(&self.ledger, size).expect("memory answers");
        let note = Checkpoint { origin: log.vkey().name().to_string(), size, root }.sign(&log);
        let bare = Published::open(note, log.vkey()).expect("the log signed it");
        witnesses.iter().fold(bare, |published, number| {
            let witness = witness(*number);
            let line = witness.cosign(&published, START / 1000 + 3600 * (1 + u64::from(*number)));
            published.with(line, witness.vkey()).expect("the note has room")
        })
    }

    fn witnessed(&self, id: RecordId, checkpoints: &[Published]) -> Vec<u8> {
        let (log, witnesses) = (log(), [0, 1, 2].map(|number| witness(number).vkey().clone()));
        let issuer = Issuer { name: "north.example", log: Some(log.vkey()), checkpoints, witnesses: &witnesses };
        let charter = (&self.charter.0, &self.charter.1);
        bundle::assemble(&[id], charter, &self.trust, issuer, &self.ledger).expect("the journal proves the record")
    }
}

fn log() -> LogSigner {
    LogSigner::new(name("vectors/log"), key(30)).expect("a right key")
}

fn witness(number: u8) -> WitnessSigner {
    WitnessSigner::new(name(&format!("vectors/witness{number}")), key(31 + number)).expect("a right key")
}

fn name(text: &str) -> Name {
    text.parse().expect("a right name")
}
