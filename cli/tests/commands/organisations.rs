//! What becomes of an organisation: it is recovered, closes, forks, and renews what ends.

use crate::network::{NEED, Town};
use crate::support::{assert_code, errors, json, new_key, text};
use koinon_protocol::log::LogId;
use serde_json::Value;
use std::path::Path;
use std::process::Output;

const MANDATE: [&str; 5] = ["--resolution", "9/2026", "--date", "2026-10-02", "--json"];

/// Proposes, signs with these keys and sends; what the node answers.
fn decide(town: &Town, command: &[&str], paper: &str, keys: &[&str]) -> Value {
    json(&propose(town, command));
    sign(town, paper, keys);
    json(&town.run(&["paper", "send", "--json", paper]))
}

fn propose(town: &Town, command: &[&str]) -> Output {
    town.run(&[command, &MANDATE].concat())
}

fn sign(town: &Town, paper: &str, keys: &[&str]) {
    let keys: Vec<_> = keys.iter().flat_map(|key| ["--key", *key]).collect();
    assert_code(&town.run(&[&["paper", "sign", paper], &keys[..]].concat()), 0);
}

fn shown(town: &Town, id: &str) -> Value {
    json(&town.run(&["org", "show", "--json", id]))
}

/// A town 'hill' whose root is lost and which two of three guardians can recover after a delay.
fn guarded(delay: &str) -> (Town, String) {
    let town = Town::vouched();
    let keys: Vec<_> = ["hill", "lost", "lost-next", "g1", "g2", "g3", "found", "found-next"]
        .iter()
        .map(|key| new_key(town.home.path(), key))
        .collect();
    let guardian = |key: &String| format!("{}={key}", town.founder);
    let guardians: Vec<_> = keys[3..6].iter().map(guardian).collect();
    let guardians: Vec<_> = guardians.iter().flat_map(|each| ["--guardian", each]).collect();
    let file = town.file("hill.record");
    let create = ["org", "create", "--name", "en=Hill", "--country", "PL", "--device", "hill", "--root", "lost", "--json", &file];
    let rest = ["--next-root", "lost-next", "--recovery-delay", delay];
    let hill = json(&town.run(&[&create[..], &rest, &guardians].concat()))["organisation"].as_str().unwrap().to_owned();
    let vouch = ["vouch", &hill, "--as", "riverland", "--until", "2090-01-01", "--evidence", "Seen"];
    assert_code(&propose(&town, &vouch), 0);
    assert_code(&town.run(&["publish", &file]), 0);
    (town, hill)
}

#[test]
fn guardians_recover_an_organisation_and_nobody_does_so_early_or_against_its_roots() {
    let (town, hill) = guarded("0");
    let (paper, confirmation, veto) = (town.file("recovery.json"), town.file("confirmation.json"), town.file("veto.json"));
    let recover = ["org", "recover", &hill, &paper, "--root", "found", "--next-root", "found-next", "--devices", "keep"];
    assert_code(&propose(&town, &["org", "confirm-recovery", &hill, &confirmation]), 4);
    json(&propose(&town, &recover));
    sign(&town, &paper, &["g1"]);
    assert_code(&town.run(&["paper", "send", &paper]), 1);
    sign(&town, &paper, &["g3"]);
    let recovery = json(&town.run(&["paper", "send", "--json", &paper]));
    assert_ne!(shown(&town, &hill)["key_event"], recovery["name"], "it is only proposed");
    decide(&town, &["org", "confirm-recovery", &hill, &confirmation], &confirmation, &["g1", "g2"]);
    assert_eq!(shown(&town, &hill)["key_event"], recovery["name"]);
    // The old root turns up and was not lost at all.
    let object = ["org", "veto", &hill, &veto, "--ground", "We are here", "--root", "lost"];
    decide(&town, &object, &veto, &["lost"]);
    assert_eq!(shown(&town, &hill)["key_event"], hill.as_str());
}

#[test]
fn a_recovery_waits_for_as_long_as_the_organisation_said() {
    let (town, hill) = guarded("1");
    let (paper, confirmation) = (town.file("recovery.json"), town.file("confirmation.json"));
    let recover = ["org", "recover", &hill, &paper, "--root", "found", "--next-root", "found-next", "--devices", "none"];
    decide(&town, &recover, &paper, &["g1", "g2"]);
    json(&propose(&town, &["org", "confirm-recovery", &hill, &confirmation]));
    sign(&town, &confirmation, &["g1", "g2"]);
    let early = town.run(&["paper", "send", &confirmation]);
    assert_code(&early, 6);
    assert!(errors(&early).contains("can be confirmed from"), "{}", errors(&early));
    assert!(text(&town.run(&["paper", "show", &paper])).contains("No key speaks for it from then on"));
}

#[test]
fn a_merger_counts_when_both_sides_and_an_association_agree() {
    let town = Town::vouched();
    let need = town.write("need.toml", NEED);
    assert_code(&town.run(&["publish", "--key", "office", &need]), 0);
    let paper = town.file("closing.json");
    let close = ["org", "close", &paper, "--as", "office", "--into", &town.founder, "--ground", "Merged"];
    let closing = decide(&town, &close, &paper, &["root"]);
    let closing = closing["id"].as_str().unwrap();
    assert_eq!(shown(&town, &town.member)["closed"]["successors"][0]["agreed"], false);
    let later = town.write("later.toml", &NEED.replace("shared", "joint"));
    assert_code(&town.run(&["publish", "--key", "office", &later]), 6);
    let agree = ["org", "agree", closing, "--as", "riverland", "--ground", "We take it over"];
    assert_eq!(json(&propose(&town, &agree))["closed"], town.member);
    let closed = shown(&town, &town.member)["closed"].clone();
    assert_eq!((&closed["successors"][0]["agreed"], &closed["agreed"]), (&true.into(), &false.into()), "no association has");
    let told = text(&town.run(&["org", "show", &town.member]));
    assert!(told.contains("It is closed") && told.contains("No association that is neither side has agreed yet."), "{told}");
    let wrong = ["org", "agree", &town.member, "--as", "riverland", "--ground", "We take it over"];
    assert_code(&propose(&town, &wrong), 1);
}

#[test]
fn a_forked_log_is_ended_and_its_author_says_again_what_fell() {
    let town = Town::vouched();
    new_key(town.home.path(), "office-2");
    let add = ["device", "add", "office-2", "--label", "Office", "--root", "root", "--as", "office"];
    assert_code(&town.run(&add), 0);
    let texts: Vec<_> =
        (0..3).map(|number| town.write(&format!("{number}.toml"), &NEED.replace("shared", &format!("{number}.")))).collect();
    let ids: Vec<_> =
        texts.iter().map(|file| json(&town.run(&["publish", "--json", "--key", "office", file]))["id"].clone()).collect();
    let paper = town.file("reconciliation.json");
    let reconcile = ["org", "reconcile", "office", &paper, "--as", "office", "--ground", "A backup signed again"];
    assert_code(&propose(&town, &reconcile), 1);
    let device = json(&town.run(&["key", "list", "--json"]))["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["name"] == "office")
        .unwrap()["device"]
        .clone();
    let log = LogId { organisation: town.member.parse().unwrap(), device: device.as_str().unwrap().parse().unwrap() };
    town.state.lock().unwrap().frozen.insert(log, 2);
    let proposed = json(&propose(&town, &reconcile));
    let fallen: Vec<_> = proposed["fallen"].as_array().unwrap().iter().map(|each| each["id"].clone()).collect();
    assert_eq!(fallen, ids[1..], "place 0 holds the key that was added, and place 1 the first need");
    assert_eq!(proposed["decision"]["last"]["id"], ids[0]);
    let republish = ["org", "republish", "office", "--key", "office-2", "--json"];
    assert_code(&town.run(&republish), 1);
    sign(&town, &paper, &["root"]);
    assert_code(&town.run(&["paper", "send", &paper]), 0);
    let again = json(&town.run(&republish));
    let was: Vec<_> = again["republished"].as_array().unwrap().iter().map(|each| each["was"].clone()).collect();
    assert_eq!(was, ids[1..]);
    assert_eq!(json(&town.run(&republish))["republished"], Value::Array(Vec::new()), "each is said again once");
}

#[test]
fn what_ends_soon_is_listed_until_it_is_renewed() {
    let town = Town::found();
    assert_code(&town.run(&["publish", &town.file("riverland.record")]), 0);
    let day = |days: u64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        koinon_cli::utc::day_or_moment(koinon_protocol::time::Millis((now / 86_400 + days) * 86_400_000))
    };
    let vouch = |until: &str| {
        let command = ["vouch", &town.member, "--as", "riverland", "--until", until, "--evidence", "Seen"];
        json(&propose(&town, &command))["id"].clone()
    };
    let first = vouch(&day(30));
    assert_code(&town.run(&["publish", &town.file("office.record")]), 0);
    let of = |who: &str, rest: &[&str]| json(&town.run(&[&["org", "expiring", who, "--json"], rest].concat()));
    assert_eq!(of("office", &[])["received"][0]["record"], first);
    assert_eq!(of("riverland", &[])["given"][0]["organisation"], town.member);
    assert_eq!(of("riverland", &["--within", "7"])["given"], Value::Array(Vec::new()));
    vouch(&day(1000));
    assert_eq!(of("office", &[])["received"], Value::Array(Vec::new()));
    assert!(text(&town.run(&["org", "expiring", "riverland"])).contains("No attestation for it or by it ends within 90 days."));
}

#[test]
fn the_next_roots_go_to_a_stick_and_are_nowhere_else() {
    let town = Town::found();
    for key in ["third", "chair", "secretary"] {
        new_key(town.home.path(), key);
    }
    let stick = tempfile::tempdir().unwrap();
    let file = town.file("third.record");
    let create = ["org", "create", "--name", "en=Third", "--country", "PL", "--device", "third", "--json", &file];
    let elsewhere = "ab".repeat(32);
    let roots = ["--root", "chair", "--root", "secretary", "--threshold", "2", "--next-roots-in", stick.path().to_str().unwrap()];
    assert_code(&town.run(&[&create[..], &roots, &["--root", &elsewhere]].concat()), 1);
    assert_code(&town.run(&[&create[..], &roots[..6]].concat()), 2);
    assert!(!Path::new(&file).exists());
    for left in std::fs::read_dir(stick.path()).unwrap() {
        std::fs::remove_file(left.unwrap().path()).unwrap();
    }
    let made = json(&town.run(&[&create[..], &roots].concat()));
    assert_eq!((&made["threshold"], made["roots"].as_array().unwrap().len()), (&2.into(), 2));
    let mut names: Vec<_> =
        std::fs::read_dir(stick.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["third-next-root-1.pem", "third-next-root-2.pem"]);
    // Imported again for a rotation, they are what was committed to.
    for (name, file) in ["n1", "n2"].iter().zip(&names) {
        let path = stick.path().join(file).to_str().unwrap().to_owned();
        assert_code(&town.run(&["key", "import", name, &path]), 0);
    }
    let list = json(&town.run(&["key", "list", "--json"]));
    let key = |name: &str| {
        let found = list["keys"].as_array().unwrap().iter().find(|key| key["name"] == name).unwrap();
        found["device"].as_str().unwrap().parse().unwrap()
    };
    let digest = koinon_protocol::trust::inception::roots_digest(2, &[key("n1"), key("n2")]);
    assert_eq!(made["next_roots"], digest.to_string());
}
