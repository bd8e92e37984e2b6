//! Who may speak, as a network relies on it: the same answer whatever the order of arrival, and nothing for who is not vouched for.

#![expect(clippy::unwrap_used, reason = "a test says by panicking that its ground is not what it took it to be")]

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::limit;
use koinon_protocol::log::{Head, Linked, LogId, link};
use koinon_protocol::record::{Body, Draft, Sealed};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::attestation::{Attestation, Mandate};
use koinon_protocol::trust::charter::{Charter, Founder, Thresholds};
use koinon_protocol::trust::device::Device;
use koinon_protocol::trust::inception::{Guardians, Inception};
use koinon_protocol::trust::{
    AdmitError, Admitted, BodyError, CharterError, Missing, NoStanding, Place, Refused, Right, Trust, admit, amendment,
    attestation, charter, device, inception,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const NOW: Millis = Millis(1_000_000);
const END: Millis = Millis(2_000_000);
const SALT: [u8; 32] = [7; 32];
const CASE: u16 = 40;

type Record = (Linked, Body);

struct Author {
    device: Signer,
    root: Signer,
    id: OrganisationId,
    head: Option<Head>,
}

impl Author {
    fn begin(network: NetworkId, number: u8) -> (Self, Record) {
        let (device, root) = (signer(number, 0), signer(number, 1));
        let (draft, sealed) = inception::draft(network, &inception_of(network, &device, &root), NOW, SALT);
        let record = sign(draft, &device, sealed, None);
        (Self { device, root, id: record.0.record().author(), head: None }, record)
    }

    fn place(&self, network: NetworkId) -> Place {
        Place { network, organisation: self.id, head: self.head, now: NOW }
    }

    fn say(&mut self, draft: Draft, sealed: Sealed) -> Record {
        let record = sign(draft, &self.device, sealed, self.head.as_ref());
        self.head = Some(record.0.head());
        record
    }

    fn vouch(&mut self, network: NetworkId, subject: OrganisationId, said: &Attestation) -> Record {
        let (draft, sealed) = attestation::draft(&self.place(network), subject, said, SALT);
        self.say(draft, sealed)
    }

    fn publish_at(&mut self, network: NetworkId, claimed_at: Millis) -> Record {
        let draft = Draft { claimed_at, ..self.place(network).draft(CASE, RecordId::ZERO) };
        self.say(draft, Sealed { salt: SALT, bytes: b"{}".to_vec() })
    }
}

fn signer(number: u8, role: u8) -> Signer {
    let mut seed = [role; 32];
    seed[0] = number;
    Signer::from_seed(&seed)
}

fn text(words: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("en".to_owned(), words.to_owned())])
}

fn inception_of(network: NetworkId, device: &Signer, root: &Signer) -> Inception {
    let roots = vec![root.public()];
    Inception {
        name: text("A town"),
        country: "FI".into(),
        threshold: 1,
        next_roots: inception::roots_digest(1, &[device.public()]),
        guardians: Guardians::default(),
        consents: vec![inception::consent(root, network, device.public(), 1, &roots)],
        roots,
    }
}

fn sign(draft: Draft, signer: &Signer, sealed: Sealed, head: Option<&Head>) -> Record {
    let (record, body) = draft.sign(signer, sealed).unwrap();
    (link(record, head).unwrap(), body)
}

fn charter_of(depth: u8) -> Charter {
    let founder = Founder { name: text("An association"), country: "FI".into(), key: signer(0, 0).public() };
    Charter {
        name: text("Exchange"),
        purpose: text("Learning from each other"),
        founders: vec![founder],
        thresholds: Thresholds { amendment: 1 },
        admission: text("Local governments"),
        licence: "CC-BY-4.0".into(),
        witnesses: text("Two hubs"),
        depth,
        kinds: vec![CASE],
        minimum_version: None,
    }
}

fn found(depth: u8) -> Trust {
    let (draft, sealed) = charter::draft(&charter_of(depth), NOW, SALT);
    let (record, body) = draft.sign(&signer(0, 0), sealed).unwrap();
    Trust::found(&record, &body).unwrap()
}

fn said(scope: &[&str], depth: u8) -> Attestation {
    Attestation {
        scope: scope.iter().map(|scope| (*scope).to_owned()).collect(),
        depth,
        from: NOW,
        until: END,
        evidence: "register".into(),
        mandate: Mandate { resolution: "12/2026".into(), date: "2026-11-24".into(), attachment: None },
    }
}

fn full(depth: u8) -> Attestation {
    said(&[attestation::PUBLISH, attestation::VOUCH], depth)
}

/// Admits one record and takes it in.
fn take(trust: &mut Trust, record: &Record) -> Result<Admitted, AdmitError> {
    let admitted = admit(record.0, Some(&record.1), trust)?;
    trust.apply(&admitted, Some(&record.1));
    Ok(admitted)
}

/// A network of the founder, number 0, and `count − 1` others that have begun and wait.
fn world(count: u8, depth: u8) -> (Trust, Vec<Author>, Vec<Record>) {
    let mut trust = found(depth);
    let (authors, inceptions): (Vec<_>, Vec<_>) = (0..count).map(|number| Author::begin(trust.network(), number)).unzip();
    take(&mut trust, &inceptions[0]).unwrap();
    (trust, authors, inceptions)
}

/// Links 0 → 1 → 2 → … by attestations of these depths, as far as they are admitted.
fn chain(depths: &[u8]) -> (Trust, Vec<Author>) {
    let (mut trust, mut authors, inceptions) = world(depths.len() as u8 + 1, 4);
    for (number, depth) in depths.iter().enumerate() {
        let subject = authors[number + 1].id;
        let record = authors[number].vouch(trust.network(), subject, &full(*depth));
        if take(&mut trust, &record).is_err() {
            break;
        }
        take(&mut trust, &inceptions[number + 1]).unwrap();
    }
    (trust, authors)
}

fn deliver(start: &Trust, records: &[Record]) -> (Trust, BTreeSet<RecordId>) {
    let (mut trust, mut admitted) = (start.clone(), BTreeSet::new());
    let mut waiting: Vec<_> = records.iter().collect();
    loop {
        let before = waiting.len();
        waiting.retain(|record| match take(&mut trust, record) {
            Ok(_) => !admitted.insert(record.0.record().id()),
            Err(_) => true,
        });
        if waiting.len() == before {
            return (trust, admitted);
        }
    }
}

/// Delivers one record at a time and tries again only what [`Trust::apply`] names.
fn deliver_by_release(start: &Trust, records: &[Record]) -> BTreeSet<RecordId> {
    let (mut trust, mut admitted) = (start.clone(), BTreeSet::new());
    let mut quarantine: Vec<&Record> = Vec::new();
    for record in records {
        let mut todo = vec![record];
        while let Some(next) = todo.pop() {
            let Ok(yes) = admit(next.0, Some(&next.1), &trust) else {
                quarantine.push(next);
                continue;
            };
            admitted.insert(yes.linked().record().id());
            let released = trust.apply(&yes, Some(&next.1));
            let (free, kept) = quarantine.into_iter().partition(|held| released.contains(&held.0.record().author()));
            quarantine = kept;
            todo.extend::<Vec<_>>(free);
        }
    }
    admitted
}

#[test]
fn a_founder_speaks_and_a_stranger_waits() {
    let (mut trust, mut authors, inceptions) = world(2, 4);
    let network = trust.network();
    assert!(take(&mut trust, &authors[0].publish_at(network, NOW)).is_ok());
    let own = trust.standing(authors[0].id, Right::Publish, NOW).unwrap();
    assert_eq!(own.path.len(), 1);
    assert_eq!(take(&mut trust, &inceptions[1]), Err(AdmitError::NoStanding(NoStanding::Unknown)));
    let early = authors[1].publish_at(network, NOW);
    assert_eq!(take(&mut trust, &early), Err(AdmitError::Missing(Missing::Inception(authors[1].id))));
}

#[test]
fn the_path_names_every_record_that_proves_a_standing() {
    let (trust, authors) = chain(&[3, 2, 1, 0]);
    let path = trust.standing(authors[4].id, Right::Publish, NOW).unwrap().path;
    let named: Vec<_> = path.iter().map(|step| step.organisation).collect();
    assert_eq!(named, authors.iter().map(|author| author.id).collect::<Vec<_>>());
    assert_eq!(path[0].record, RecordId(trust.network().0));
    assert_eq!(path[4].record, trust.attestations_of(authors[4].id)[0].record);
    assert_eq!(trust.vouched_by(authors[0].id).collect::<Vec<_>>(), [authors[1].id]);
}

#[test]
fn an_attestation_counts_from_its_first_moment_and_not_at_its_last() {
    let (trust, authors) = chain(&[0]);
    let at = |at| trust.standing(authors[1].id, Right::Publish, Millis(at)).map(drop);
    assert_eq!(at(NOW.0 - 1), Err(NoStanding::NotYet { from: NOW }));
    assert_eq!((at(NOW.0), at(END.0 - 1)), (Ok(()), Ok(())));
    assert_eq!(at(END.0), Err(NoStanding::Expired { until: END }));
}

#[test]
fn depth_bounds_who_may_vouch_further() {
    let (trust, authors) = chain(&[0]);
    assert_eq!(trust.standing(authors[1].id, Right::Vouch, NOW), Err(NoStanding::Depth));
    let (trust, authors) = chain(&[1, 3]);
    assert!(trust.standing(authors[2].id, Right::Publish, NOW).is_ok());
    assert_eq!(trust.standing(authors[2].id, Right::Vouch, NOW), Err(NoStanding::Depth));
    let (trust, authors) = chain(&[3, 3, 3, 3]);
    assert!(trust.standing(authors[4].id, Right::Publish, NOW).is_ok());
    assert_eq!(trust.standing(authors[4].id, Right::Vouch, NOW), Err(NoStanding::Depth));
}

#[test]
fn scope_bounds_what_an_organisation_may_do() {
    let (mut trust, mut authors, inceptions) = world(2, 4);
    let network = trust.network();
    let (id, only_vouch) = (authors[1].id, said(&[attestation::VOUCH, "a scope of later"], 1));
    take(&mut trust, &authors[0].vouch(network, id, &only_vouch)).unwrap();
    take(&mut trust, &inceptions[1]).unwrap();
    assert!(trust.standing(id, Right::Vouch, NOW).is_ok());
    assert_eq!(take(&mut trust, &authors[1].publish_at(network, NOW)), Err(AdmitError::NoStanding(NoStanding::Scope)));
}

#[test]
fn organisations_that_vouch_for_each_other_in_a_ring_gain_nothing() {
    let (mut trust, mut authors, inceptions) = world(4, 4);
    let network = trust.network();
    for number in 1..4 {
        let subject = authors[number % 3 + 1].id;
        let record = authors[number].vouch(network, subject, &full(3));
        trust.replay(record.0.record().id(), record.0.record().header(), Some(record.1.bytes()));
    }
    for number in 1..4 {
        assert!(matches!(
            trust.standing(authors[number].id, Right::Publish, NOW),
            Err(NoStanding::Voucher { .. } | NoStanding::Depth)
        ));
        assert!(take(&mut trust, &inceptions[number]).is_err());
    }
}

#[test]
fn a_forged_consent_is_refused() {
    let trust = found(4);
    let (network, device, root) = (trust.network(), signer(0, 0), signer(0, 1));
    let honest = inception_of(network, &device, &root);
    let thief = signer(9, 9);
    let forged = inception::consent(&thief, network, device.public(), 1, &honest.roots).signature;
    let elsewhere = inception::consent(&root, NetworkId([1; 32]), device.public(), 1, &honest.roots);
    let mut lies = [honest.clone(), honest.clone(), honest.clone()];
    lies[0].consents[0].signature = forged;
    lies[1].consents[0] = elsewhere;
    lies[2].consents.clear();
    for (lie, why) in lies.iter().zip([
        BodyError::Forged(root.public()),
        BodyError::Forged(root.public()),
        BodyError::TooFew { found: 0, needed: 1 },
    ]) {
        let (draft, sealed) = inception::draft(network, lie, NOW, SALT);
        let (linked, body) = sign(draft, &device, sealed, None);
        assert_eq!(admit(linked, Some(&body), &trust), Err(AdmitError::Refused(Refused::Body(why))));
    }
}

#[test]
fn a_key_founds_one_organisation() {
    let (mut trust, authors, _) = world(1, 4);
    let mut second = inception_of(trust.network(), &authors[0].device, &authors[0].root);
    second.name = text("Another town");
    let (draft, sealed) = inception::draft(trust.network(), &second, NOW, SALT);
    let record = sign(draft, &authors[0].device, sealed, None);
    assert_eq!(take(&mut trust, &record), Err(AdmitError::Refused(Refused::SecondInception(authors[0].id))));
}

#[test]
fn a_second_device_speaks_once_the_roots_allowed_it() {
    let (mut trust, mut authors, _) = world(1, 4);
    let network = trust.network();
    let (id, new) = (authors[0].id, signer(0, 2));
    let draft = Place { network, organisation: id, head: None, now: NOW }.draft(CASE, RecordId::ZERO);
    let first = sign(draft, &new, Sealed { salt: SALT, bytes: b"{}".to_vec() }, None);
    let missing = Missing::Device { organisation: id, device: new.public() };
    assert_eq!(take(&mut trust, &first), Err(AdmitError::Missing(missing)));
    let thief = device::authorise(&signer(9, 9), network, id, id.into(), new.public());
    let root = device::authorise(&authors[0].root, network, id, id.into(), new.public());
    for (authorisation, allowed) in [(thief, false), (root, true)] {
        let body = Device { device: new.public(), label: "Desk".into(), under: None, authorisations: vec![authorisation] };
        let (draft, sealed) = device::draft(&authors[0].place(network), &body, SALT);
        let record = authors[0].say(draft, sealed);
        assert_eq!(take(&mut trust, &record).is_ok(), allowed);
    }
    assert!(take(&mut trust, &first).is_ok());
}

#[test]
fn fields_that_are_not_known_survive() {
    let (trust, authors, _) = world(1, 4);
    let mut body = serde_json::to_value(inception_of(trust.network(), &signer(5, 0), &signer(5, 1))).unwrap();
    body["of a later version"] = serde_json::json!({"kept": true});
    let bytes = serde_json::to_vec(&body).unwrap();
    let (draft, _) = inception::draft(trust.network(), &inception_of(trust.network(), &signer(5, 0), &signer(5, 1)), NOW, SALT);
    let (linked, body) = sign(draft, &signer(5, 0), Sealed { salt: SALT, bytes: bytes.clone() }, None);
    assert_eq!(admit(linked, Some(&body), &trust), Err(AdmitError::NoStanding(NoStanding::Unknown)));
    assert_eq!(body.bytes(), bytes);
    assert!(trust.organisation(authors[0].id).is_some());
}

#[test]
fn a_charter_is_signed_by_its_first_founder_and_amended_by_more_than_half() {
    let read = |charter: &Charter, by: &Signer| {
        let (draft, sealed) = charter::draft(charter, NOW, SALT);
        let (record, body) = draft.sign(by, sealed).unwrap();
        Trust::found(&record, &body).map(drop)
    };
    assert_eq!(read(&charter_of(4), &signer(3, 3)), Err(CharterError::Signer));
    let mut two = charter_of(4);
    two.founders.push(Founder { key: signer(1, 0).public(), ..two.founders[0].clone() });
    let half = BodyError::Threshold { threshold: 1, keys: 2 };
    assert_eq!(read(&two, &signer(0, 0)), Err(CharterError::Body(half)));
    let deep = BodyError::Depth { found: 5, least: 1, most: 4 };
    assert_eq!(read(&charter_of(5), &signer(0, 0)), Err(CharterError::Body(deep)));
}

#[test]
fn a_control_record_waits_for_its_body_and_an_unknown_kind_does_not() {
    let (mut trust, mut authors, _) = world(1, 4);
    let network = trust.network();
    let (linked, _) = authors[0].vouch(network, OrganisationId([3; 32]), &full(1));
    assert_eq!(admit(linked, None, &trust), Err(AdmitError::Missing(Missing::Body(linked.record().id()))));
    let (linked, _) = authors[0].publish_at(network, NOW);
    let admitted = admit(linked, None, &trust).unwrap();
    assert!(trust.apply(&admitted, None).is_empty());
}

#[test]
fn a_renewal_releases_what_waits_further_down() {
    let (mut trust, mut authors, inceptions) = world(3, 4);
    let network = trust.network();
    let (first, second) = (authors[1].id, authors[2].id);
    let brief = Attestation { until: NOW.plus(5), ..full(1) };
    for record in [authors[0].vouch(network, first, &brief), inceptions[1].clone()] {
        take(&mut trust, &record).unwrap();
    }
    for record in [authors[1].vouch(network, second, &full(0)), inceptions[2].clone()] {
        take(&mut trust, &record).unwrap();
    }
    let late = authors[2].publish_at(network, NOW.plus(5));
    assert_eq!(take(&mut trust, &late), Err(AdmitError::NoStanding(NoStanding::Voucher { voucher: first })));
    let renewal = authors[0].vouch(network, first, &full(1));
    let admitted = admit(renewal.0, Some(&renewal.1), &trust).unwrap();
    assert_eq!(trust.apply(&admitted, Some(&renewal.1)), BTreeSet::from([first, second]));
    assert!(take(&mut trust, &late).is_ok());
}

#[test]
fn a_voucher_fills_only_its_own_places() {
    let (mut trust, mut authors, inceptions) = world(3, 4);
    let (network, subject) = (trust.network(), authors[2].id);
    let (flooder, past) = (authors[1].id, Attestation { until: NOW.plus(1), ..full(0) });
    take(&mut trust, &authors[0].vouch(network, flooder, &full(1))).unwrap();
    take(&mut trust, &inceptions[1]).unwrap();
    for _ in 0..limit::ATTESTATIONS + 3 {
        take(&mut trust, &authors[1].vouch(network, subject, &past)).unwrap();
    }
    assert_eq!(trust.attestations_of(subject).len(), limit::ATTESTATIONS);
    take(&mut trust, &authors[0].vouch(network, subject, &full(0))).unwrap();
    assert!(trust.standing(subject, Right::Publish, NOW.plus(1)).is_ok());
}

#[test]
fn an_attestation_has_a_period_that_every_reader_understands() {
    let (mut trust, mut authors, _) = world(1, 4);
    let network = trust.network();
    for (from, until, sound) in [(5, 5, false), (5, 1 << 53, false), (5, (1 << 53) - 1, true)] {
        let said = Attestation { from: Millis(from), until: Millis(until), ..full(0) };
        let record = authors[0].vouch(network, OrganisationId([3; 32]), &said);
        assert_eq!(take(&mut trust, &record).is_ok(), sound);
    }
}

/// Seven organisations, number 0 the founder: random attestations, then one record of each.
fn history(edges: &[(usize, usize, u8, u64, u64)]) -> (Trust, Vec<Record>, Vec<OrganisationId>) {
    let start = found(4);
    let (mut authors, mut records): (Vec<_>, Vec<_>) = (0..7).map(|number| Author::begin(start.network(), number)).unzip();
    for (by, subject, depth, from, length) in edges {
        let (from, subject) = (Millis(NOW.0 - 10 + from), authors[*subject].id);
        let said = Attestation { from, until: from.plus(1 + length), ..full(*depth) };
        records.push(authors[*by].vouch(start.network(), subject, &said));
    }
    records.extend(authors.iter_mut().map(|author| author.publish_at(start.network(), Millis(NOW.0 + 5))));
    (start, records, authors.iter().map(|author| author.id).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn standing_does_not_depend_on_the_order_of_arrival(
        (edges, order) in prop::collection::vec((0..7usize, 0..7usize, 0..4u8, 0..20u64, 0..40u64), 0..24)
            .prop_flat_map(|edges| {
                let places: Vec<usize> = (0..edges.len() + 14).collect();
                (Just(edges), Just(places).prop_shuffle())
            })
    ) {
        let (start, records, ids) = history(&edges);
        let shuffled: Vec<_> = order.iter().map(|place| records[*place].clone()).collect();
        let ((one, admitted), (other, again)) = (deliver(&start, &records), deliver(&start, &shuffled));
        prop_assert_eq!(&admitted, &again);
        prop_assert_eq!(&admitted, &deliver_by_release(&start, &shuffled));
        prop_assert_eq!(&one, &other);
        for id in ids {
            for at in NOW.0 - 10..NOW.0 + 50 {
                prop_assert_eq!(one.standing(id, Right::Publish, Millis(at)), other.standing(id, Right::Publish, Millis(at)));
            }
        }
    }

    #[test]
    fn no_body_makes_it_panic(kind in 0..16u16, bytes in prop::collection::vec(any::<u8>(), 0..200), json in "[\\[\\]{}\":,a-z0-9]{0,80}") {
        let (mut trust, authors, _) = world(1, 4);
        for bytes in [bytes, json.into_bytes()] {
            let mut draft = authors[0].place(trust.network()).draft(kind, RecordId([1; 32]));
            if [inception::KIND, amendment::KIND].contains(&kind) {
                draft.organisation = OrganisationId::ZERO;
            }
            let record = sign(draft, &authors[0].device, Sealed { salt: SALT, bytes: bytes.clone() }, None);
            prop_assert_eq!(take(&mut trust, &record).is_ok(), kind == 15);
            trust.replay(record.0.record().id(), record.0.record().header(), Some(&bytes));
            prop_assert_eq!(LogId::from(record.0.record().header()).device, authors[0].device.public());
        }
    }
}
