//! Attacks on who may say what: keys, dates, charters, organisations.

use crate::house::{House, RECORD, eventually};
use crate::scene::Scene;
use crate::town::{NOW, Record as Signed, Town, mandate, roots, signer as founder};
use koinon_protocol::id::RecordId;
use koinon_protocol::key::Signer;
use koinon_protocol::record::Draft;
use koinon_protocol::replica::Standing;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::act::{Cover, Said};
use koinon_protocol::trust::amendment::Amendment;
use koinon_protocol::trust::closing::Closing;
use koinon_protocol::trust::inception::{Guardians, roots_digest};
use koinon_protocol::trust::keys::{Rotation, Succeeding};
use koinon_protocol::trust::revocation::Revocation;
use koinon_protocol::trust::succession::{self, Succession};
use koinon_protocol::trust::{Last, Listed, Paper, Place};
use koinon_tests::author::{Author, NEXT_ROOT, ROOT, Record, attestation_of, signer};
use koinond::clock;
use serde_json::Value;
use std::sync::atomic::{AtomicU32, Ordering};

/// The seed of the town that the founder vouched for.
const TOWN: u32 = 7;

/// A node, its founder, and a town that may publish.
fn scene() -> (House, Author, Author) {
    let house = House::open();
    let (mut association, town) = (house.founder(), house.organisation(TOWN, "Saarikunta"));
    house.publish(&association.inception.clone());
    house.publish(&association.vouch(town.id(), &["publish"], 0));
    house.publish(&town.inception);
    (house, association, town)
}

/// An act of an organisation, which these sign.
fn act<T: Said>(of: &Author, said: &T, signers: &[Signer]) -> Record {
    static CARRIERS: AtomicU32 = AtomicU32::new(1000);
    let carrier = signer(CARRIERS.fetch_add(1, Ordering::Relaxed), 77);
    let cover = Cover { network: of.place.network, organisation: of.id(), kind: T::KIND, carrier: carrier.public() };
    let mut paper = Paper::new(said);
    signers.iter().for_each(|signer| paper.sign(signer, &cover));
    let (draft, sealed) = paper.draft(&cover, RecordId::ZERO, of.place.now, [9; 32]);
    let (record, body) = draft.sign(&carrier, sealed).unwrap();
    Record { record, body }
}

fn log_of(house: &House, author: &Author) -> Value {
    house.json(&format!("/api/v1/organisations/{}/logs/{}", author.id(), author.device()))
}

fn status(house: &House, record: &Record) -> u16 {
    house.get(&format!("/api/v1/records/{}", record.id()), &[]).status
}

#[test]
fn a_fork_of_ones_own_log_freezes_it_where_it_forks() {
    let (house, _, mut town) = scene();
    let before = town.example("practice", "First");
    house.publish(&before);
    let mut twin = house.organisation(TOWN, "Saarikunta");
    twin.place.head = town.place.head;
    let (one, other) = (town.example("need", "One thing"), twin.example("need", "Another thing"));
    house.publish(&one);
    // What its author tells one half of the network arrives at the other half.
    house.hear(&other);
    eventually("the log is frozen", || log_of(&house, &town)["frozen_at"] == 1);
    eventually("neither of the two is shown", || (status(&house, &one), status(&house, &other)) == (404, 404));
    assert_eq!(status(&house, &before), 200, "what stood before the fork stands");
    assert_eq!(house.submit(&town.example("need", "A third thing")).json()["code"], "log-frozen");
}

#[test]
fn a_restored_backup_does_not_fork_itself() {
    let (house, _, mut town) = scene();
    house.publish(&town.example("practice", "First"));
    let backup = town.place.head;
    house.publish(&town.example("practice", "Second"));
    let now = std::mem::replace(&mut town.place.head, backup);

    // The restored computer asks before it signs: the node would not take it, and holds nothing that proves a fork.
    let third = town.example("practice", "Third");
    let unsigned = [&third.record.signed().unsigned().encode()[..], &third.file()[296..]].concat();
    house.post("/api/v1/records/check", RECORD, &unsigned, &[]).problem(409, "log-taken");
    assert_eq!(log_of(&house, &town)["frozen_at"], Value::Null);

    town.place.head = now;
    assert_eq!(log_of(&house, &town)["head"]["id"], now.unwrap().id.to_string(), "the node says where it goes on");
    house.publish(&town.example("practice", "Third"));
    assert_eq!(log_of(&house, &town)["frozen_at"], Value::Null);
}

#[test]
fn an_author_who_backdates_is_seen_by_witnessed_time() {
    let began = clock::now();
    let mut scene = Scene::open();
    scene.is_witnessed();
    let shown = scene.record();
    let (claimed, witnessed) = (shown["claimed_at"].as_u64().unwrap(), shown["witnessed_at"].as_u64().unwrap());
    assert!(claimed + 3_000_000 < began.0, "the author claims that it was written an hour ago");
    assert!(witnessed + 1_000 >= began.0, "no witness saw it before it was there");
    let page = scene.page();
    assert!(page.contains("Proven by 1 witness to have been here by"), "{page}");

    let head = scene.author.place.head;
    let later = scene.author.example("practice", "Before the one before it");
    scene.author.place.head = head;
    let draft = Draft { claimed_at: Millis(claimed - 1), ..scene.author.place.draft(later.record.header().kind, RecordId::ZERO) };
    let earlier = scene.author.beside(draft, later.body.sealed().clone());
    assert_eq!(scene.house.submit(&earlier).json()["code"], "log-backwards", "its own log says that it is later");
    scene.end();
}

#[test]
fn an_author_whose_standing_ran_out_is_seen_to_backdate() {
    let mut scene = Scene::open();
    let (mut town, claimed) = (scene.house.organisation(TOWN, "Saarikunta"), scene.author.place.now);
    let vouch = attestation_of(&["publish"], 0, claimed, claimed.plus(60_000));
    let vouch = scene.author.attest(town.id(), &vouch);
    scene.house.publish(&vouch);
    scene.house.publish(&town.inception.clone());
    // Its standing ended an hour ago, less a minute.
    scene.record = town.example("practice", "Written before that, it says");
    scene.house.publish(&scene.record);
    scene.is_witnessed();
    assert_eq!(scene.record()["stood_when_witnessed"], false);
    let page = scene.page();
    assert!(page.contains("none when it was first proven to be here"), "{page}");

    scene.record = scene.author.example("practice", "By one who stands");
    scene.house.publish(&scene.record);
    scene.is_witnessed();
    assert_eq!(scene.record()["stood_when_witnessed"], true);
    assert!(!scene.page().contains("none when it was first proven to be here"));
    scene.end();
}

#[test]
fn a_device_that_was_revoked_cannot_backdate() {
    let (house, _, mut town) = scene();
    let (kept, late) = (town.example("practice", "Kept"), town.example("practice", "Written by the thief"));
    house.publish(&kept);
    house.publish(&late);
    let revocation = Revocation {
        under: town.id().into(),
        device: town.device(),
        last: Some(Last { seq: 0, id: kept.id() }),
        ground: "Stolen from a car.".into(),
        mandate: mandate(),
    };
    house.publish(&act(&town, &revocation, &[signer(TOWN, ROOT)]));
    eventually("what came after the end of the log is not shown", || status(&house, &late) == 404);
    assert_eq!(status(&house, &kept), 200);
    let backdated = town.example("practice", "Claimed to be of an hour ago");
    assert_eq!(house.submit(&backdated).json()["code"], "no-standing");
}

#[test]
fn a_stolen_root_key_rotates_nothing() {
    let (house, _, town) = scene();
    let (stolen, next, thief) = (signer(TOWN, ROOT), signer(TOWN, NEXT_ROOT), signer(666, ROOT));
    let to = |root: &Signer| {
        let roots = vec![root.public()];
        Rotation(Succeeding {
            previous: town.id().into(),
            next_roots: roots_digest(1, &roots),
            roots,
            threshold: 1,
            guardians: Guardians::default(),
            devices: vec![Listed { device: town.device(), label: "desk".into(), last: None }],
            withdraws: Vec::new(),
            mandate: mandate(),
        })
    };
    let by = |said: &Rotation, key: &Signer| house.submit(&act(&town, said, std::slice::from_ref(key)));
    assert!(by(&to(&thief), &stolen).problem(422, "body-fields").contains("root"));
    by(&to(&thief), &thief).problem(422, "body-fields");
    by(&to(&next), &stolen).problem(422, "body-fields");
    assert_eq!(house.handle.trust().organisation(town.id()).unwrap().roots, [stolen.public()]);

    assert_eq!(by(&to(&next), &next).status, 201, "only those rotate to whom the inception committed");
    eventually("it has other roots", || house.handle.trust().organisation(town.id()).unwrap().roots == [next.public()]);
}

fn amend(town: &mut Town, number: u32, previous: RecordId, depth: u8, by: &[u8]) -> Signed {
    let charter = koinon_protocol::trust::charter::Charter { depth, ..town.charter.clone() };
    let said = Amendment { number, previous, from: Millis(NOW.0 + u64::from(number)), charter, mandate: mandate() };
    let signers: Vec<Signer> = by.iter().map(|number| founder(*number, 0)).collect();
    town.act(None, &said, &signers, NOW)
}

fn depths(town: &Town) -> Vec<u8> {
    town.trust().terms().iter().map(|term| term.charter.depth).collect()
}

#[test]
fn the_history_of_a_charter_cannot_be_rewritten() {
    let mut town = Town::new();
    let first = RecordId(town.network().0);
    let one = amend(&mut town, 1, first, 3, &[0, 1]);
    town.say(&one).unwrap();
    // One of three founders, who claims all three names, and signs what came first anew, or what comes next.
    let (alone, skipping) = (amend(&mut town, 1, first, 1, &[2, 2, 2]), amend(&mut town, 2, first, 1, &[2]));
    let name = town.name(&one);
    let next = amend(&mut town, 2, name, 1, &[2]);
    for rewritten in [alone, skipping, next] {
        assert!(matches!(town.say(&rewritten), Err(Standing::Refused(_) | Standing::Waits(_))));
    }
    assert_eq!(depths(&town), [4, 3]);
    town.check_restart();
}

#[test]
fn a_councillor_who_signs_two_amendments_is_proven_to_have_done_so() {
    let mut town = Town::new();
    let first = RecordId(town.network().0);
    let (one, other) = (amend(&mut town, 1, first, 3, &[0, 1]), amend(&mut town, 1, first, 2, &[1, 2]));
    town.say(&one).unwrap();
    assert_eq!(depths(&town), [4, 3]);
    town.say(&other).unwrap();
    let twice: Vec<_> = town.trust().signed_twice().iter().map(|found| found.founder).collect();
    assert_eq!(twice, [founder(1, 0).public()]);
    assert_eq!(depths(&town), [4], "without his name neither has enough");
    town.check_restart();
}

#[test]
fn a_merger_that_one_side_alone_declares_is_none() {
    let mut town = Town::new();
    let own = town.case(4, 0, NOW);
    town.say(&own).unwrap();
    let listed = Listed { device: founder(4, 0).public(), label: "desk".into(), last: Town::last(&own) };
    let said = Closing {
        under: town.id(4).into(),
        devices: vec![listed],
        successors: vec![town.id(2)],
        ground: "merged".into(),
        mandate: mandate(),
    };
    // The one that would take over declares the other closed, then the other itself does.
    let forged = town.act(Some(4), &said, &roots(2, 1), NOW);
    assert!(matches!(town.say(&forged), Err(Standing::Refused(_))) && town.trust().succession(town.id(4)).is_none());
    let closing = town.act(Some(4), &said, &roots(4, 1), NOW);
    town.say(&closing).unwrap();
    assert!(!town.trust().succession(town.id(4)).unwrap().is_agreed(), "only one side has said so");
    for (number, agreed) in [(2, false), (1, true)] {
        let place = Place { network: town.network(), organisation: town.id(number), head: None, now: NOW };
        let said = Succession { ground: "agreed".into(), mandate: mandate() };
        let (draft, sealed) = succession::draft(&place, closing.0.id(), &said, [0; 32]);
        town.say(&draft.sign(&founder(number, 0), sealed).unwrap()).unwrap();
        assert_eq!(town.trust().succession(town.id(4)).unwrap().is_agreed(), agreed, "{number} said so too");
    }
    town.check_restart();
}

#[test]
fn sybil_organisations_that_vouch_for_each_other_are_none() {
    let (house, _, mut town) = scene();
    let mut sybils: Vec<Author> = (100..140).map(|seed| house.organisation(seed, "Sybil")).collect();
    let ids: Vec<_> = sybils.iter().map(Author::id).collect();
    for (number, sybil) in sybils.iter_mut().enumerate() {
        let inception = sybil.inception.clone();
        assert_eq!(house.submit(&inception).json()["code"], "no-standing");
        let vouch = sybil.vouch(ids[(number + 1) % ids.len()], &["publish", "vouch"], 3);
        assert_eq!(house.submit(&vouch).json()["code"], "no-standing");
    }
    // Nor does who may only publish let them in.
    assert_eq!(house.submit(&town.vouch(ids[0], &["publish"], 0)).json()["code"], "no-standing");
    assert_eq!(house.json("/api/v1/status")["records"], 3);
    assert_eq!(house.handle.trust().organisations().count(), 2);
}
