//! `koinon publish` and `koinon get` against a server of a few lines that speaks the bytes of the API.

use crate::support::server::serve_one;
use crate::support::{errors, json, record, text};
use koinon_protocol::id::RecordId;
use koinon_protocol::limit;
use serde_json::json;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

#[test]
fn publish_sends_the_bytes_of_the_file_and_shows_the_receipt() {
    let (id, bytes) = record(b"{}");
    let (node, server) = serve_one("201 Created", format!("{{\"id\":\"{id}\",\"position\":41}}").into_bytes());
    let output = publish(&node, &bytes);
    let request = server.join().unwrap();
    assert_eq!(code(&output), 0, "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("41"));
    assert_eq!(request.line, "POST /api/v1/records HTTP/1.1");
    assert_eq!(request.body, bytes);
}

#[test]
fn a_receipt_for_another_record_is_not_believed() {
    let (node, _server) = serve_one("201 Created", format!("{{\"id\":\"{}\",\"position\":1}}", RecordId::ZERO).into_bytes());
    assert_eq!(code(&publish(&node, &record(b"{}").1)), 3);
}

#[test]
fn a_refusal_is_shown_without_control_characters_and_has_its_code() {
    for (status, expected) in [("403 Forbidden", 6), ("409 Conflict", 1)] {
        let (node, _server) = serve_one(status, b"{\"detail\":\"not \\u001b[31mvouched for\"}".to_vec());
        let output = publish(&node, &record(b"{}").1);
        assert_eq!(code(&output), expected, "{output:?}");
        let shown = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(shown.contains("vouched for") && !shown.contains('\u{1b}'), "{shown}");
    }
}

#[test]
fn a_record_that_does_not_verify_is_not_sent() {
    let mut bytes = record(b"{}").1;
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(code(&publish("http://localhost:1", &bytes)), 3);
}

#[test]
fn without_a_node_the_code_is_5_and_the_advice_says_how_to_start_one() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = publish(&format!("http://{free}"), &record(b"{}").1);
    assert_eq!(code(&output), 5, "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("koinond run"));
}

#[test]
fn get_stores_the_record_byte_for_byte_up_to_the_greatest_size() {
    for body in [b"{}".to_vec(), vec![b' '; limit::BODY]] {
        let (id, bytes) = record(&body);
        let (node, server) = serve_one("200 OK", bytes.clone());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.record");
        let output = get(&node, id, &file);
        assert_eq!(code(&output), 0, "{output:?}");
        assert_eq!(server.join().unwrap().line, format!("GET /api/v1/records/{id} HTTP/1.1"));
        assert_eq!(std::fs::read(&file).unwrap(), bytes);
    }
}

#[test]
fn nothing_is_stored_when_the_answer_is_not_that_record() {
    let (id, bytes) = record(b"{}");
    let changed = [&bytes[..bytes.len() - 1], b"x"].concat();
    let unsigned = [&bytes[..limit::HEADER], &[7; 64], &bytes[limit::SIGNED..]].concat();
    let endless = vec![0; limit::SIGNED + limit::SALT + limit::BODY + 1];
    for (status, answer, expected) in [
        ("200 OK", changed, 3),
        ("200 OK", unsigned, 3),
        ("200 OK", record(b"{\"another\":1}").1, 3),
        ("200 OK", endless, 3),
        ("200 OK", b"<html>".to_vec(), 3),
        ("404 Not Found", Vec::new(), 4),
        ("302 Found", Vec::new(), 1),
    ] {
        let (node, _server) = serve_one(status, answer);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.record");
        let output = get(&node, id, &file);
        assert_eq!(code(&output), expected, "{output:?}");
        assert!(!file.exists());
    }
}

fn publish(node: &str, bytes: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.record");
    std::fs::write(&file, bytes).unwrap();
    koinon(&["publish", "--node", node, file.to_str().unwrap()])
}

fn get(node: &str, id: RecordId, file: &Path) -> Output {
    koinon(&["get", "--node", node, &id.to_string(), file.to_str().unwrap()])
}

fn koinon(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    crate::support::koinon(home.path(), arguments)
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn a_search_asks_what_was_asked_and_shows_what_was_found_without_control_characters() {
    let hit = json!({ "id": "3f".repeat(32), "title": "Wspólny\u{9b}31m wóz", "kind": "practice", "organisation_name": "Dolna\u{1b}[2J Wieś",
        "claimed_at": 1_773_302_400_000_u64 });
    let found = json!({ "total": 3, "hits": [hit], "facets": { "kind": [{ "value": "practice", "records": 2 }, { "value": "need", "records": 1 }] } });
    let (node, server) = serve_one("200 OK", found.to_string().into_bytes());
    let output =
        koinon(&["search", "--node", &node, "--kind", "practice", "--kind", "need", "--territory", "RO1", "wóz", "i śmieci"]);
    let shown = text(&output);
    assert!(shown.contains("Wspólny") && shown.contains("practice · Dolna") && shown.contains("2026-03-12"), "{shown}");
    assert!(shown.contains("1 of 3; the next with --skip 1") && shown.contains("practice (2), need (1)"), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{9b}']), "{shown}");
    let line = server.join().unwrap().line;
    for expected in ["q=w%C3%B3z%20i%20%C5%9Bmieci", "kind=practice&kind=need", "territory=RO1", "limit=20"] {
        assert!(line.contains(expected), "{expected}: {line}");
    }
}

#[test]
fn json_is_the_node_s_object_whole() {
    let status = json!({ "name": "n", "records": 7, "root": "00", "failure": null, "peers": [], "from_a_later_version": [1] });
    let (node, _server) = serve_one("200 OK", status.to_string().into_bytes());
    assert_eq!(json(&koinon(&["status", "--json", "--node", &node])), status);
}

#[test]
fn a_log_that_showed_two_journals_is_named_with_the_proof() {
    let of = |own: bool| json!({ "log": "koinon/1/log/2+01234567+AQ==\u{1b}[2J", "own": own, "cases": ["split-1-2"] });
    let status = json!({ "name": "Town", "failure": null, "peers": [], "split_views": [of(false), of(true)] });
    let (node, _server) = serve_one("200 OK", status.to_string().into_bytes());
    let shown = text(&koinon(&["status", "--node", &node]));
    for expected in ["A log showed two different journals", "own log contradicts itself", "/evidence/split-1-2"] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn a_node_that_takes_no_records_says_so_and_one_that_does_not_run_has_its_code() {
    let status = json!({ "name": "Town", "failure": "the disk is full", "peers": [] });
    let (node, _server) = serve_one("200 OK", status.to_string().into_bytes());
    assert!(text(&koinon(&["status", "--node", &node])).contains("takes no records: the disk is full"));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(code(&koinon(&["status", "--node", &format!("http://{free}")])), 5);
}

#[test]
fn fields_that_the_node_refuses_are_named() {
    let problem = json!({ "detail": "not as the kind has it", "errors": [{ "pointer": "/title", "detail": "is required" }] });
    let (node, _server) = serve_one("422 Unprocessable Entity", problem.to_string().into_bytes());
    let output = publish(&node, &record(b"{}").1);
    let shown = errors(&output);
    assert!(shown.contains("/title: is required") && shown.contains("Put right the fields"), "{shown}");
}
