//! What an auditor relies on: a bundle proves what was said and by whose leave, and nothing else is ever called proven.

mod decided;
mod witnessed;

use super::*;
use crate::id::{NetworkId, OrganisationId, RecordId};
use crate::key::Signer;
use crate::kind::Kind;
use crate::ledger::{Ledger, MemoryLedger};
use crate::log::{LogId, link};
use crate::record::{Draft, Sealed};
use crate::time::Millis;
use crate::trust::attestation::{self, Attestation, Mandate};
use crate::trust::charter::{self, Charter, Founder, Thresholds};
use crate::trust::device::{self, Device};
use crate::trust::inception::{self, Guardians, Inception};
use crate::trust::{Place, Trust, admit};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const DAY: u64 = 86_400_000;
const START: u64 = 1_773_273_600_000; // 12 March 2026
const SALT: [u8; 32] = [7; 32];

fn signer(number: u8, role: u8) -> Signer {
    let mut seed = [role; 32];
    seed[0] = number;
    Signer::from_seed(&seed)
}

fn text(words: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("en".to_owned(), words.to_owned())])
}

/// A network with its journal: an association that founded it, a union below, a town below that, and others that do not matter.
struct World {
    charter: (Verified, Body),
    trust: Trust,
    ledger: MemoryLedger,
    now: u64,
}

#[derive(Clone, Copy)]
struct Author {
    number: u8,
    id: OrganisationId,
}

impl World {
    fn new() -> Self {
        let founder = Founder { name: text("Association"), country: "PL".into(), key: signer(0, 0).public() };
        let charter = Charter {
            name: text("Exchange"),
            purpose: text("Learning from each other"),
            founders: vec![founder],
            thresholds: Thresholds { amendment: 1 },
            admission: text("Local governments"),
            licence: "CC-BY-4.0".into(),
            witnesses: text("Two hubs"),
            depth: 4,
            kinds: vec![33],
            minimum_version: None,
        };
        let (draft, sealed) = charter::draft(&charter, Millis(START), SALT);
        let charter = draft.sign(&signer(0, 0), sealed).unwrap();
        Self { trust: Trust::found(&charter.0, &charter.1).unwrap(), charter, ledger: MemoryLedger::default(), now: START }
    }

    fn append(&mut self, draft: Draft, signer: &Signer, sealed: Sealed, with_body: bool) -> RecordId {
        let log = LogId { organisation: draft.organisation, device: signer.public() };
        let (record, body) = draft.sign(signer, sealed).unwrap();
        let linked = link(record, self.ledger.head(&log).unwrap().as_ref()).unwrap();
        let admitted = admit(linked, Some(&body), &self.trust).unwrap();
        self.trust.apply(&admitted, Some(&body));
        self.ledger.append(&linked, with_body.then_some(&body)).unwrap();
        record.id()
    }

    fn place(&mut self, organisation: OrganisationId, device: &Signer) -> Place {
        self.now += 1000;
        let head = self.ledger.head(&LogId { organisation, device: device.public() }).unwrap();
        Place { network: self.trust.network(), organisation, head, now: Millis(self.now) }
    }

    fn id_of(&self, number: u8, name: &str) -> (Author, Draft, Sealed) {
        let (device, root) = (signer(number, 0), signer(number, 1));
        let (network, roots) = (self.trust.network(), vec![root.public()]);
        let inception = Inception {
            name: text(name),
            country: "PL".into(),
            threshold: 1,
            next_roots: inception::roots_digest(1, &[device.public()]),
            guardians: Guardians::default(),
            consents: vec![inception::consent(&root, network, device.public(), 1, &roots)],
            roots,
        };
        let (draft, sealed) = inception::draft(network, &inception, Millis(START), SALT);
        let id = draft.sign(&device, sealed.clone()).unwrap().0.author();
        (Author { number, id }, draft, sealed)
    }

    /// An organisation that `voucher` vouches for; without one, the founder.
    fn join(&mut self, number: u8, name: &str, voucher: Option<Author>, depth: u8) -> Author {
        let (author, draft, sealed) = self.id_of(number, name);
        if let Some(voucher) = voucher {
            self.vouch(voucher, author.id, depth);
        }
        self.append(draft, &signer(number, 0), sealed, true);
        author
    }

    fn vouch(&mut self, voucher: Author, subject: OrganisationId, depth: u8) -> RecordId {
        let attestation = Attestation {
            scope: vec!["publish".into(), "vouch".into()],
            depth,
            from: Millis(START),
            until: Millis(START + 365 * DAY),
            evidence: "the statutes".into(),
            mandate: Mandate { resolution: "12/2026".into(), date: "2026-03-10".into(), attachment: None },
        };
        let device = signer(voucher.number, 0);
        let (draft, sealed) = attestation::draft(&self.place(voucher.id, &device), subject, &attestation, SALT);
        self.append(draft, &device, sealed, true)
    }

    fn add_device(&mut self, author: Author, added: &Signer) {
        let (network, key) = (self.trust.network(), added.public());
        let authorisations = vec![device::authorise(&signer(author.number, 1), network, author.id, author.id.into(), key)];
        let body = Device { device: key, label: "Town hall".into(), authorisations, under: None };
        let first = signer(author.number, 0);
        let (draft, sealed) = device::draft(&self.place(author.id, &first), &body, SALT);
        self.append(draft, &first, sealed, true);
    }

    fn publish(&mut self, author: Author, device: &Signer, with_body: bool) -> RecordId {
        let kind = Kind::by_name("practice").unwrap();
        let draft = self.place(author.id, device).draft(kind.number, RecordId::ZERO);
        self.append(draft, device, Sealed { salt: SALT, bytes: kind.example.as_bytes().to_vec() }, with_body)
    }

    fn bundle(&self, ids: &[RecordId]) -> Vec<u8> {
        assemble(ids, (&self.charter.0, &self.charter.1), &self.trust, "north.example", &self.ledger).unwrap()
    }

    fn network(&self) -> NetworkId {
        self.trust.network()
    }
}

/// The town publishes with its second device, between others who do likewise.
fn scene() -> (World, RecordId, [Author; 4]) {
    let mut world = World::new();
    let association = world.join(0, "Association", None, 0);
    let union = world.join(1, "Union", Some(association), 2);
    let stranger = world.join(9, "Stranger", Some(association), 1);
    let town = world.join(2, "Town", Some(union), 0);
    let desk = signer(2, 5);
    world.add_device(town, &desk);
    world.publish(stranger, &signer(9, 0), true);
    let record = world.publish(town, &desk, true);
    world.publish(stranger, &signer(9, 0), true);
    (world, record, [association, union, town, stranger])
}

fn contains(bytes: &[u8], part: &[u8; 32]) -> bool {
    bytes.windows(32).any(|window| window == part)
}

#[test]
fn a_bundle_says_who_signed_by_whose_leave_and_where_it_stands() {
    let (world, id, [association, union, town, stranger]) = scene();
    let bytes = world.bundle(&[id]);
    let report = check(&bytes, &world.network().into()).unwrap();
    assert!(report.verified && report.set_aside.is_empty(), "{report:?}");
    let record = &report.records[0];
    assert_eq!((record.id, record.author.as_ref().unwrap().id), (id, town.id));
    assert_eq!((record.device, record.device_label.as_str()), (signer(2, 5).public(), "Town hall"));
    let path: Vec<_> = record.vouched.iter().map(|each| (each.voucher.id, each.organisation.id)).collect();
    assert_eq!(path, [(association.id, union.id), (union.id, town.id)]);
    assert_eq!(record.vouched[0].mandate.resolution, "12/2026");
    let included = record.included.as_ref().unwrap();
    assert_eq!(
        (included.position, included.size),
        (Ledger::find(&world.ledger, &id).unwrap().unwrap(), Ledger::size(&world.ledger))
    );
    assert!(
        matches!(&record.content, Content::Intact { title, problems, .. } if title["en"].contains("lorry") && problems.is_empty())
    );
    assert!(!contains(&bytes, &stranger.id.0), "a bundle holds nothing that proves nothing");
}

#[test]
fn the_sentences_are_those_that_a_council_reads() {
    let (world, id, _) = scene();
    let sentences = check(&world.bundle(&[id]), &Reliance::default()).unwrap().sentences();
    assert_eq!(sentences[0], "Everything that this file claims holds.");
    assert!(sentences[2].starts_with("\u{201c}One waste lorry for three communes\u{201d}, a record of kind practice, "));
    assert_eq!(sentences[3], "Signed by Town (PL), which dates it 12 March 2026; content unchanged.");
    assert_eq!(sentences[4], "The charter names Association (PL) as a founder.");
    assert_eq!(
        sentences[5],
        "Association (PL) vouches for Union (PL) (publish, vouch) from 12 March 2026 to 11 March 2027, by resolution 12/2026 of \
         2026-03-10; checked was: the statutes."
    );
    assert_eq!(sentences[7], "When it was there is not proven: no checkpoint of the journal covers it yet.");
    assert!(
        sentences[8].starts_with("By the word of the node north.example it is entry 10 of the 11 in its journal"),
        "{}",
        sentences[8]
    );
}

#[test]
fn an_erased_body_leaves_the_rest_proven() {
    let (mut world, _, [_, _, town, _]) = scene();
    let id = world.publish(town, &signer(2, 0), false);
    let report = check(&world.bundle(&[id]), &world.network().into()).unwrap();
    assert!(report.verified);
    assert_eq!(report.records[0].content, Content::Absent);
    assert!(report.sentences()[3].ends_with("its content is not in this file."));
}

#[test]
fn every_record_of_the_journal_has_a_bundle_control_records_too() {
    let (world, ..) = scene();
    let ids: Vec<_> = (0..Ledger::size(&world.ledger)).map(|position| world.ledger.id(position).unwrap()).collect();
    for id in &ids {
        let report = check(&world.bundle(&[*id]), &world.network().into()).unwrap();
        assert!(report.verified, "{report:?}");
    }
    let report = check(&world.bundle(&ids), &world.network().into()).unwrap();
    assert!(report.verified && report.records.len() == ids.len());
}

#[test]
fn another_network_and_a_record_that_is_not_there_are_named() {
    let (world, id, _) = scene();
    let elsewhere = NetworkId([9; 32]);
    let found = world.network();
    assert_eq!(check(&world.bundle(&[id]), &elsewhere.into()), Err(BundleError::Network { expected: elsewhere, found }));
    let absent = RecordId([9; 32]);
    let charter = (&world.charter.0, &world.charter.1);
    assert_eq!(assemble(&[absent], charter, &world.trust, "", &world.ledger), Err(AssembleError::NotFound(absent)));
    assert_eq!(assemble(&[], charter, &world.trust, "", &world.ledger), Err(AssembleError::Bounds(BundleError::Bounds)));
}

fn codes(contents: &Contents, network: NetworkId) -> Vec<&'static str> {
    let report = check(&contents.encode(), &network.into()).unwrap();
    assert!(!report.verified);
    report.records[0].failures.iter().map(Failure::code).collect()
}

#[test]
fn each_way_in_which_a_record_is_not_proven_has_its_name() {
    let (world, id, _) = scene();
    let (network, whole) = (world.network(), Contents::decode(&world.bundle(&[id])).unwrap());
    let altered = |change: &dyn Fn(&mut Contents)| {
        let mut contents = whole.clone();
        change(&mut contents);
        codes(&contents, network)
    };
    let drop_kind = |contents: &mut Contents, kind: u16| contents.control.retain(|kept| kept.signed.header().kind != kind);
    assert_eq!(altered(&|contents| contents.control.clear()), ["unknown_author"]);
    assert_eq!(altered(&|contents| drop_kind(contents, device::KIND)), ["unknown_device"]);
    assert_eq!(altered(&|contents| contents.control.iter_mut().for_each(|kept| kept.body = None)), ["unknown_author"]);
    assert_eq!(altered(&|contents| contents.records[0].record.body.as_mut().unwrap().bytes[20] ^= 1), ["changed_body"]);
    assert_eq!(altered(&|contents| contents.root[0] ^= 1), ["not_included"]);
    assert_eq!(altered(&|contents| contents.records[0].path.truncate(1)), ["not_included"]);
    let forged = altered(&|contents| {
        let mut bytes = contents.records[0].record.signed.encode();
        bytes[147] ^= 1;
        contents.records[0].record.signed = Signed::decode(&bytes).unwrap();
    });
    assert_eq!(forged, ["bad_signature"]);
}

#[test]
fn nothing_a_forged_record_says_is_repeated() {
    let (world, id, _) = scene();
    let mut contents = Contents::decode(&world.bundle(&[id])).unwrap();
    contents.control.clear();
    let report = check(&contents.encode(), &world.network().into()).unwrap();
    let said = serde_json::to_string(&report).unwrap();
    assert!(!said.contains("lorry") && !report.sentences().concat().contains("Town"), "{said}");
}

#[test]
fn a_changed_byte_is_noticed_wherever_it_stands() {
    let (world, id, _) = scene();
    let bytes = world.bundle(&[id]);
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (place % 8);
        let expected = if place < MAGIC.len() { BundleError::Magic } else { BundleError::Damaged };
        assert_eq!(check(&changed, &Reliance::default()), Err(expected), "at {place}");
        assert!(check(&bytes[..place], &Reliance::default()).is_err());
    }
}

/// The report without what only the node vouches for: its name and the size of its journal. (A proof fits several sizes, and for a last
/// entry several places.)
fn proven(mut report: Report) -> Report {
    report.records.iter_mut().for_each(|record| record.included = None);
    report
}

/// Whether the second says what the first does, or less: of an erasure or of cosignatures that do not hold it says nothing.
fn says_no_more(honest: &Report, report: &Report) -> bool {
    let apart = |report: &Report| {
        let mut rest = report.clone();
        (rest.checkpoints, rest.witnesses.keys) = (Vec::new(), Vec::new());
        rest.set_aside.clear();
        rest.records.iter_mut().for_each(|record| (record.witnessed, record.erased) = (None, None));
        rest
    };
    let seen = |report: &Report| report.checkpoints.iter().flat_map(|each| each.cosignatures.clone()).collect::<Vec<_>>();
    let known = seen(honest);
    let erased = |report: &Report| report.records.iter().map(|record| record.erased.clone()).collect::<Vec<_>>();
    let same_erasure = erased(honest) == erased(report) || !report.set_aside.is_empty() && erased(report) == [None];
    same_erasure && apart(honest) == apart(report) && seen(report).iter().all(|cosignature| known.contains(cosignature))
}

#[test]
fn who_changes_a_byte_and_repairs_the_digest_is_not_believed() {
    let (bytes, network, honest) = HONEST.clone();
    for place in MAGIC.len()..bytes.len() - DIGEST {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (place % 8);
        repair(&mut changed);
        if let Ok(report) = check(&changed, &network.into()).map(proven).as_ref() {
            assert!(!report.verified || says_no_more(&honest, report), "at {place}");
        }
    }
}

fn repair(bytes: &mut [u8]) {
    if let Some((inner, end)) = bytes.split_last_chunk_mut::<DIGEST>() {
        *end = digest(Tag::BUNDLE, &[inner]);
    }
}

static HONEST: LazyLock<(Vec<u8>, NetworkId, Report)> = LazyLock::new(|| {
    let (mut world, id, [_, _, town, _]) = scene();
    world.erase(id, town);
    let (bytes, network) = (world.witnessed(&[id]), world.network());
    let report = proven(check(&bytes, &network.into()).unwrap());
    (bytes, network, report)
});

proptest! {
    #[test]
    fn any_bytes_get_an_answer(mut bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(check(&bytes, &Reliance::default()).is_err());
        bytes.splice(0..0, *MAGIC);
        bytes.extend([0; DIGEST]);
        repair(&mut bytes);
        prop_assert!(check(&bytes, &Reliance::default()).is_err());
    }

    #[test]
    fn a_bundle_that_is_spliced_anywhere_is_not_believed(from in 0_usize..6000, length in 0_usize..400, to in 0_usize..6000) {
        let (bytes, network, honest) = HONEST.clone();
        let inner = MAGIC.len()..bytes.len() - DIGEST;
        let part: Vec<u8> = bytes[inner.clone()].iter().copied().cycle().skip(from).take(length).collect();
        let mut changed = bytes;
        let place = inner.start + to % inner.len();
        let end = (place + length).min(inner.end);
        changed.splice(place..end, part);
        repair(&mut changed);
        if let Ok(report) = check(&changed, &network.into()).map(proven) {
            prop_assert!(!report.verified || says_no_more(&honest, &report));
        }
    }
}
