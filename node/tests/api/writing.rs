//! Submitting records: what is taken, what is refused and how that is said.

use crate::house::{House, RECORD, eventually};
use koinon_protocol::id::RecordId;
use koinon_protocol::time::Millis;
use koinon_tests::author::{Author, Record};
use serde_json::json;

fn house() -> (House, Author) {
    let house = House::open();
    let author = house.founder();
    house.publish(&author.inception);
    (house, author)
}

#[test]
fn a_record_is_taken_once_and_again() {
    let (house, mut author) = house();
    let record = author.example("practice", "One lorry");
    let first = house.submit(&record);
    assert_eq!(first.status, 201);
    assert_eq!(first.json(), json!({ "id": record.id().to_string(), "position": 1 }));
    assert_eq!(first.header("location"), format!("/api/v1/records/{}", record.id()));
    eventually("the engine says that it has two", || house.handle.status().records == 2);
    let again = house.submit(&record);
    assert_eq!((again.status, again.json()), (200, first.json()));
    assert_eq!(house.json("/api/v1/status")["records"], 2);
}

#[test]
fn bytes_that_are_no_record_are_refused_with_what_one_is() {
    let (house, mut author) = house();
    let record = author.example("practice", "One lorry");
    let file = record.file();
    let refused = |bytes: &[u8], status, code| house.post("/api/v1/records", RECORD, bytes, &[]).problem(status, code);
    refused(b"", 400, "malformed-record");
    refused(&file[..100], 400, "malformed-record");
    assert!(refused(&file[..296], 400, "malformed-record").contains("32 of salt"));
    refused(&file[..file.len() - 1], 400, "other-body");
    let changed = |at: usize| {
        let mut bytes = file.clone();
        bytes[at] ^= 1;
        bytes
    };
    assert!(refused(&changed(1), 400, "malformed-record").contains("version 0"));
    refused(&changed(5), 400, "other-network");
    refused(&changed(150), 400, "bad-signature");
    refused(&changed(300), 400, "other-body");
    let answer = house.post("/api/v1/records", RECORD, &vec![0; 65_865], &[]);
    assert!(answer.problem(413, "too-large").contains("65864"));
    assert_eq!(answer.headers["connection"], "close", "the rest of what was sent is nobody's request");
    let answer = house.post("/api/v1/records", "application/json", &file, &[]);
    assert!(answer.problem(415, "media-type").contains(RECORD));
    assert_eq!(house.json("/api/v1/status")["records"], 1, "nothing changed");
}

#[test]
fn a_body_that_does_not_conform_is_refused_with_every_place() {
    let (house, mut author) = house();
    let answer = house.submit(&author.write(33, RecordId::ZERO, br#"{"title":{"en":"Only a title"},"topic":"waste"}"#));
    assert!(answer.problem(422, "body-fields").contains("practice"));
    let errors = answer.json()["errors"].clone();
    let pointers: Vec<_> = errors.as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect();
    assert!(pointers.contains(&"/topic".to_owned()) && pointers.contains(&"/summary".to_owned()), "{errors}");

    let mut author = house.founder();
    let answer = house.submit(&author.write(33, RecordId::ZERO, br#"{"title":{"en":1.5}}"#));
    answer.problem(422, "body-not-json");
    assert_eq!(answer.json()["errors"][0]["pointer"], "/title/en");

    let mut author = house.founder();
    let unknown = author.write(4000, RecordId::ZERO, br#"{"from":"a later version"}"#);
    assert_eq!(house.submit(&unknown).status, 201, "a kind that is not known here is taken");
}

#[test]
fn a_record_must_continue_its_log() {
    let (house, mut author) = house();
    let first = author.example("practice", "First");
    let second = author.example("practice", "Second");
    assert!(house.post("/api/v1/records/check", RECORD, &second.file(), &[]).problem(409, "log-gap").contains("from place 0"));
    house.publish(&first);
    let mut other = house.founder();
    let fork = other.example("practice", "Another first");
    assert!(house.post("/api/v1/records/check", RECORD, &fork.file(), &[]).problem(409, "log-taken").contains("place 0"));
    house.submit(&fork).problem(409, "log-taken");
    let log = || house.json(&format!("/api/v1/organisations/{}/logs/{}", author.id(), author.device()));
    assert_eq!(log()["head"], json!({ "seq": 0, "id": first.id(), "claimed_at": first.record.header().claimed_at }));
    house.publish(&second);
    assert_eq!((&log()["head"]["seq"], &log()["frozen_at"]), (&json!(1), &json!(null)));
    let lost = other.write(4000, RecordId::ZERO, b"{}");
    house.submit(&lost).problem(409, "log-taken");
}

#[test]
fn what_rests_on_a_forked_log_is_hidden_and_the_log_takes_no_more() {
    let (house, mut author) = house();
    let first = author.example("practice", "First");
    house.publish(&first);
    let mut twin = house.founder();
    assert_eq!(twin.example("practice", "First").id(), first.id());
    let (second, other) = (author.example("practice", "Second"), twin.example("practice", "Another second"));
    house.publish(&second);
    house.hear(&other);
    let log = format!("/api/v1/organisations/{}/logs/{}", author.id(), author.device());
    eventually("the log is frozen", || house.json(&log)["frozen_at"] == 1);
    let path = format!("/api/v1/records/{}", second.id());
    eventually("what stands there is hidden", || house.get(&path, &[]).status == 404);
    assert!(house.get(&path, &[]).problem(404, "unknown-record").contains("forked"));
    assert_eq!(house.json("/api/v1/records?kind=practice")["records"][0]["id"], first.id().to_string());
    assert_eq!(house.json("/api/v1/journal")["size"], 3, "the journal only grows");
    let third = author.example("practice", "Third");
    house.submit(&third).problem(409, "log-frozen");
    house.post("/api/v1/records/check", RECORD, &third.file(), &[]).problem(409, "log-frozen");
}

#[test]
fn a_claimed_time_neither_goes_back_nor_far_ahead() {
    let (house, mut author) = house();
    house.publish(&author.example("practice", "First"));
    let head = author.place.head.as_mut().unwrap();
    head.claimed_at = Millis(1);
    author.place.now = Millis(1);
    let back = author.example("practice", "Back");
    house.submit(&back).problem(409, "log-backwards");
    let (house, mut author) = self::house();
    author.place.now = Millis(author.place.now.0 + 30 * 86_400_000);
    let ahead = author.example("practice", "Ahead");
    assert!(house.submit(&ahead).problem(425, "too-early").contains("clock"));
    house.post("/api/v1/records/check", RECORD, &ahead.file(), &[]).problem(425, "too-early");
}

#[test]
fn without_standing_nothing_is_taken_and_with_it_all_is() {
    let (house, mut founder) = house();
    let mut town = house.organisation(2, "Lakeside Town");
    let practice = town.example("practice", "Ours");
    let refused = |record: &Record| house.submit(record).problem(403, "no-standing");
    assert!(refused(&practice).contains("inception"));
    assert!(refused(&town.inception).contains("vouch"));
    house.post("/api/v1/records/check", RECORD, &town.inception.file(), &[]).problem(403, "no-standing");

    house.publish(&founder.vouch(town.id(), &["publish"], 0));
    assert_eq!(house.submit(&town.inception).status / 100, 2);
    assert_eq!(house.submit(&practice).status / 100, 2);
    eventually("it is shown", || house.get(&format!("/api/v1/records/{}", practice.id()), &[]).status == 200);
    let view = house.json(&format!("/api/v1/organisations/{}", town.id()));
    assert_eq!((&view["standing"]["publish"], &view["standing"]["vouch"]), (&json!(true), &json!(false)), "{view}");
    assert_eq!(view["standing"]["path"][0]["record"], house.founding.id().to_string());
    assert_eq!(view["standing"]["path"][1]["name"], "Lakeside Town");
    assert_eq!(view["vouched_by"][0]["name"], "Riverland Association");
    let vouch = town.vouch(founder.id(), &["publish"], 0);
    assert!(house.submit(&vouch).problem(403, "no-standing").contains("not for this"));
}

#[test]
fn a_check_changes_nothing_and_says_what_a_submission_would() {
    let (house, mut author) = house();
    let record = author.example("practice", "One lorry");
    let check = || house.post("/api/v1/records/check", RECORD, &record.file(), &[]);
    let before = check();
    assert_eq!(before.status, 200, "{}", before.text());
    assert_eq!(before.json()["ok"], true);
    assert_eq!((&before.json()["kind"], &before.json()["kind_name"]), (&json!(33), &json!("practice")));
    assert_eq!(before.json()["position"], json!(null));
    assert_eq!(house.json("/api/v1/status")["records"], 1);
    house.publish(&record);
    assert_eq!(check().json()["position"], 1);
}

#[test]
fn a_record_is_checked_before_it_is_signed_and_no_other_signature_passes_for_none() {
    let (house, mut author) = house();
    let record = author.example("practice", "One lorry");
    let unsigned = |file: &[u8]| [&file[..232], &[0; 64], &file[296..]].concat();
    let check = |file: &[u8]| house.post("/api/v1/records/check", RECORD, file, &[]);
    let answer = check(&unsigned(&record.file()));
    assert_eq!((answer.status, &answer.json()["id"]), (200, &json!(record.id())), "{}", answer.text());
    house.post("/api/v1/records", RECORD, &unsigned(&record.file()), &[]).problem(400, "bad-signature");
    let mut wrong = unsigned(&record.file());
    wrong[295] = 1;
    check(&wrong).problem(400, "bad-signature");

    let later = author.example("practice", "Two lorries");
    check(&unsigned(&later.file())).problem(409, "log-gap");
    let stranger = house.organisation(2, "Lakeside Town");
    check(&unsigned(&stranger.inception.file())).problem(403, "no-standing");
    let mut other = house.founder();
    check(&unsigned(&other.write(33, RecordId::ZERO, b"{}").file())).problem(422, "body-fields");
    let mut changed = unsigned(&record.file());
    *changed.last_mut().unwrap() ^= 1;
    check(&changed).problem(400, "other-body");
    assert_eq!(house.json("/api/v1/status")["records"], 1, "nothing changed");
}
