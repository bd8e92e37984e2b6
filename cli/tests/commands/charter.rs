//! `koinon charter` founds a network that every node accepts, and shows on what terms.

use crate::support::network::{Network, open};
use crate::support::{assert_code, json, koinon, new_key, text};
use koinon_protocol::trust::Trust;
use std::path::Path;
use std::process::Output;

#[test]
fn a_charter_founds_the_network_whose_id_it_prints() {
    let home = tempfile::tempdir().unwrap();
    let (one, two) = (new_key(home.path(), "one"), new_key(home.path(), "two"));
    let file = home.path().join("charter.record");
    let second = format!("en=Second;ro=A doua;RO;{two}");
    let created = json(&create(home.path(), &file, &["--founder", "en=First;PL;one", "--founder", &second, "--depth", "2"]));
    let (record, body) = open(&std::fs::read(&file).unwrap()).unwrap();
    let trust = Trust::found(&record, &body).unwrap();
    assert_eq!(created["network"], trust.network().to_string());
    assert_eq!(trust.charter().founders[0].key.to_string(), one);
    assert_eq!(trust.charter().founders[1].key.to_string(), two);
    assert_eq!((trust.charter().thresholds.amendment, trust.charter().depth), (2, 2));
    assert!(trust.charter().kinds.contains(&33), "the kinds of contents are part of the terms");
}

#[test]
fn what_no_node_would_accept_is_not_written() {
    let home = tempfile::tempdir().unwrap();
    new_key(home.path(), "one");
    let file = home.path().join("charter.record");
    let stranger = format!("en=First;PL;{}", "d7".repeat(32));
    for (arguments, code) in [
        (&["--founder", "en=First;PL;one", "--threshold", "2"][..], 1),
        (&["--founder", "en=First;PL;one", "--founder", "en=Again;PL;one"], 1),
        (&["--founder", "en=First;PL;nobody"], 4),
        (&["--founder", &stranger], 1),
        (&["--founder", "First;PL;one"], 2),
        (&["--founder", "PL;one"], 2),
        (&["--founder", "en=First;PL;one", "--depth", "5"], 2),
    ] {
        assert_code(&create(home.path(), &file, arguments), code);
        assert!(!file.exists(), "{arguments:?}");
    }
}

#[test]
fn the_charter_of_a_node_is_checked_before_it_is_shown_or_stored() {
    let home = tempfile::tempdir().unwrap();
    new_key(home.path(), "one");
    let (file, copy) = (home.path().join("charter.record"), home.path().join("copy.record"));
    let created = json(&create(home.path(), &file, &["--founder", "pl=Pierwsza;en=First;PL;one"]));
    let bytes = std::fs::read(&file).unwrap();
    let (node, _state) = Network::serve(bytes.clone());
    let shown = text(&koinon(home.path(), &["charter", "show", "--node", &node, "--language", "pl"]));
    assert!(shown.contains(created["network"].as_str().unwrap()) && shown.contains("Pierwsza (PL)"), "{shown}");
    assert_code(&koinon(home.path(), &["charter", "get", "--node", &node, copy.to_str().unwrap()]), 0);
    assert_eq!(std::fs::read(&copy).unwrap(), bytes);
    let mut forged = bytes;
    *forged.last_mut().unwrap() ^= 1;
    let broken = home.path().join("broken.record");
    std::fs::write(&broken, &forged).unwrap();
    assert_code(&koinon(home.path(), &["charter", "show", broken.to_str().unwrap()]), 3);
}

pub(crate) fn create(home: &Path, file: &Path, rest: &[&str]) -> Output {
    let fixed = ["--json", "charter", "create", "--name", "en=Exchange", "--purpose", "en=Sharing what worked"];
    koinon(home, &[&fixed, rest, &[file.to_str().unwrap()]].concat())
}
