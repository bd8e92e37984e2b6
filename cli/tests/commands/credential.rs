//! `koinon credential` writes what others can check without Koinon, and only for records of one's own; `koinon verify` checks it.

use crate::network::{NEED, Town};
use crate::support::{assert_code, errors, json, koinon, text};
use koinon_protocol::credential::did;
use serde_json::Value;
use std::fs;

/// A town with a published need: its id, and its credential.
fn exported(town: &Town) -> (String, String) {
    let need = town.write("need.toml", NEED);
    let published = json(&town.run(&["publish", "--json", "--key", "office", &need]));
    let (id, file) = (published["id"].as_str().unwrap().to_owned(), town.file("need.json"));
    let made = json(&town.run(&["credential", &id, "--json", "--output", &file, "--bundle-at", "https://koinon.example.org/"]));
    assert_eq!(made["id"], id);
    (id, file)
}

#[test]
fn a_credential_says_who_says_what_and_is_checked_without_a_node() {
    let town = Town::vouched();
    let (id, file) = exported(&town);
    let said: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(said["credentialSubject"]["content"]["title"]["en"], "A shared inspector");
    assert_eq!(said["evidence"][1]["id"], format!("https://koinon.example.org/api/v1/bundle/{id}"));
    let auditor = tempfile::tempdir().unwrap();
    let proven = json(&koinon(auditor.path(), &["verify", "--json", &file]));
    assert_eq!((&proven["id"], &proven["organisation"]), (&id.clone().into(), &town.member.clone().into()));
    assert_eq!(said["issuer"]["id"], did::did(proven["device"].as_str().unwrap().parse().unwrap()));
    let shown = text(&koinon(auditor.path(), &["verify", &file, "--network", proven["network"].as_str().unwrap()]));
    for expected in ["VERIFIED", "We cannot fill the post alone.", &id, "Dolna Wieś"] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert_code(&koinon(auditor.path(), &["verify", &file, "--network", &"11".repeat(32)]), 3);
}

#[test]
fn a_credential_that_was_changed_proves_nothing() {
    let town = Town::vouched();
    let (_, file) = exported(&town);
    let text = fs::read_to_string(&file).unwrap();
    for (from, to) in [("shared inspector", "shared dictator"), ("\"kind\":", "\"rank\":"), ("eddsa-jcs-2022", "eddsa-rdfc-2022")]
    {
        assert!(text.contains(from), "{from}");
        fs::write(town.file("changed.json"), text.replace(from, to)).unwrap();
        let refused = town.run(&["verify", &town.file("changed.json")]);
        assert_code(&refused, 3);
        assert!(errors(&refused).contains("proves nothing"), "{}", errors(&refused));
    }
    assert_code(&town.run(&["verify", &town.write("none.json", "{}")]), 3);
}

#[test]
fn only_the_key_of_a_record_signs_a_credential_of_it_and_a_file_serves_as_well_as_a_node() {
    let town = Town::vouched();
    let (id, _) = exported(&town);
    let file = town.file("need.record");
    assert_code(&town.run(&["get", &id, &file]), 0);
    let stranger = tempfile::tempdir().unwrap();
    let refused = koinon(stranger.path(), &["credential", &file, "--output", &town.file("stolen.json")]);
    assert_code(&refused, 1);
    assert!(
        errors(&refused).contains("not on this computer") && errors(&refused).contains("koinon bundle"),
        "{}",
        errors(&refused)
    );
    let made = town.file("offline.json");
    assert_code(&koinon(town.home.path(), &["credential", &file, "--output", &made]), 0);
    let proven = json(&koinon(stranger.path(), &["verify", "--json", &made]));
    assert_eq!((proven["id"].as_str(), &proven["bundle"]), (Some(&*id), &Value::Null));
    let charter = town.run(&["credential", &town.file("charter.record"), "--output", &town.file("charter.json")]);
    assert_code(&charter, 1);
}
