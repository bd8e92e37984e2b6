//! `koinon verify` passes what its author signed, and names what is wrong with everything else.
use crate::support::{koinon, signer};
use koinon_protocol::id::{NetworkId, OrganisationId};
use koinon_protocol::limit;
use serde_json::Value;
use std::path::Path;

#[test]
fn a_record_as_signed_passes_and_says_who_and_when() {
    let (code, found) = verify(&record(), &[]);
    assert_eq!(code, 0);
    assert_eq!(found["verified"], true);
    assert_eq!(found["claimed_at"], "2026-03-12T08:00:00Z");
    assert_eq!(found["device"], signer().public().to_string());
    assert_eq!(found["organisation"], OrganisationId([2; 32]).to_string());
}

#[test]
fn every_changed_byte_is_found_and_named() {
    let record = record();
    for place in 0..record.len() {
        let mut changed = record.clone();
        changed[place] ^= 1;
        let (code, found) = check(&changed);
        assert_eq!(code, 3, "byte {place}");
        let expected = if place < limit::SIGNED { ["bad-signature", "bad-key"] } else { ["changed", "changed"] };
        let named = if place < limit::SIGNED { &found["signature"] } else { &found["body"] };
        let is_refused_at_once = found["error"].is_string();
        assert!(is_refused_at_once || expected.contains(&named.as_str().unwrap()), "byte {place}: {found}");
    }
}

#[test]
fn a_file_that_is_cut_or_lengthened_does_not_pass() {
    let record = record();
    for length in [0, 1, limit::SIGNED - 1, limit::SIGNED, limit::SIGNED + 31, record.len() - 1] {
        assert_eq!(verify(&record[..length], &[]).0, 3, "{length} bytes");
    }
    assert_eq!(verify(&[&record[..], b" "].concat(), &[]).0, 3);
    let oversized = vec![0; limit::SIGNED + limit::SALT + limit::BODY + 1];
    assert_eq!(verify(&oversized, &[]).0, 1);
}

#[test]
fn a_header_without_its_body_passes_only_when_asked_for() {
    let header = &record()[..limit::SIGNED];
    assert_eq!(verify(header, &[]).1["body"], "absent");
    assert_eq!(verify(header, &["--header-only"]).0, 0);
}

#[test]
fn a_record_of_another_network_is_refused_by_name() {
    let network = NetworkId([9; 32]).to_string();
    let (code, found) = verify(&record(), &["--network", &network]);
    assert_eq!((code, &found["signature"]), (3, &Value::from("other-network")));
    assert_eq!(verify(&record(), &["--network", &NetworkId([1; 32]).to_string()]).0, 0);
}

#[test]
fn a_missing_file_is_not_found() {
    let output = koinon(Path::new("."), &["verify", "no-such-file"]);
    assert_eq!(output.status.code(), Some(4));
}

fn record() -> Vec<u8> {
    crate::support::record(b"{\"title\":\"Shared lending shelf\"}").1
}

fn verify(bytes: &[u8], options: &[&str]) -> (i32, Value) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.record");
    std::fs::write(&file, bytes).unwrap();
    let output = koinon(folder.path(), &[&["--json", "verify", file.to_str().unwrap()], options].concat());
    let json = if output.stdout.is_empty() { &output.stderr } else { &output.stdout };
    (output.status.code().unwrap(), serde_json::from_slice(json).unwrap())
}

/// As [`verify`], in this process: a program for each of some hundred bytes would be slow.
fn check(bytes: &[u8]) -> (i32, Value) {
    use clap::Parser as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.record");
    std::fs::write(&file, bytes).unwrap();
    match koinon_cli::command::Cli::parse_from(["koinon", "verify", file.to_str().unwrap()]).run() {
        Ok(answer) => (answer.code as i32, answer.json),
        Err(failure) => (failure.code() as i32, failure.json()),
    }
}
