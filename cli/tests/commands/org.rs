//! `koinon org create` makes a record that every node accepts as an inception.

use crate::support::{json, koinon, new_key};
use koinon_protocol::id::NetworkId;
use koinon_protocol::limit;
use koinon_protocol::record::{Sealed, Signed};
use koinon_protocol::trust::inception::{Inception, KIND, roots_digest};
use std::path::Path;
use std::process::Output;

#[test]
fn the_record_is_an_inception_that_verifies_and_that_the_root_consented_to() {
    let home = tempfile::tempdir().unwrap();
    let devices: Vec<String> = ["office", "root", "next"].iter().map(|key| new_key(home.path(), key)).collect();
    let file = home.path().join("a.record");
    let created = json(&create(home.path(), &file, ["office", "root", "next"]));
    let bytes = std::fs::read(&file).unwrap();
    let network = NetworkId([1; 32]);
    let record = Signed::decode(&bytes[..limit::SIGNED]).unwrap().verify(network).unwrap();
    let (salt, body) = bytes[limit::SIGNED..].split_first_chunk().unwrap();
    let body = record.open(Sealed { salt: *salt, bytes: body.to_vec() }).unwrap();
    let inception = Inception::read(body.bytes(), network, record.header().device).unwrap();
    assert_eq!(record.header().kind, KIND);
    assert_eq!(record.header().device.to_string(), devices[0]);
    assert_eq!(inception.roots[0].to_string(), devices[1]);
    assert_eq!(inception.next_roots, roots_digest(1, &[devices[2].parse().unwrap()]));
    assert_eq!(inception.name["pl"], "Dolna Wieś");
    assert_eq!(created["organisation"], record.author().to_string());
    assert_eq!(koinon(home.path(), &["verify", file.to_str().unwrap()]).status.code(), Some(0));
}

#[test]
fn one_key_cannot_be_device_and_root_and_a_missing_key_is_not_found() {
    let home = tempfile::tempdir().unwrap();
    new_key(home.path(), "office");
    let file = home.path().join("a.record");
    assert_eq!(create(home.path(), &file, ["office", "office", "office"]).status.code(), Some(2));
    assert_eq!(create(home.path(), &file, ["office", "root", "next"]).status.code(), Some(4));
    assert!(!file.exists());
}

#[test]
fn a_key_founds_one_organisation_at_most_because_a_second_would_be_a_fork() {
    let home = tempfile::tempdir().unwrap();
    for key in ["office", "root", "next"] {
        new_key(home.path(), key);
    }
    let (one, other) = (home.path().join("one.record"), home.path().join("other.record"));
    assert_eq!(create(home.path(), &one, ["office", "root", "next"]).status.code(), Some(0));
    assert_eq!(create(home.path(), &other, ["office", "root", "next"]).status.code(), Some(1));
    assert!(!other.exists());
}

fn create(home: &Path, file: &Path, [device, root, next]: [&str; 3]) -> Output {
    let network = NetworkId([1; 32]).to_string();
    let names = ["--name", "pl=Dolna Wieś", "--name", "en=Lower Village", "--country", "PL", "--network", &network];
    let keys = ["--device", device, "--root", root, "--next-root", next, "--json", file.to_str().unwrap()];
    koinon(home, &[&["org", "create"], &names[..], &keys[..]].concat())
}
