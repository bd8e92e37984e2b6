//! What a reader can prove: when a record was there, by the API, on its page and from its bundle; and all of it in the reader's own browser.

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

#[path = "api/house.rs"]
#[expect(dead_code, reason = "the tests of the API need more of it")]
mod house;
#[path = "witness/running.rs"]
#[expect(dead_code, reason = "the tests of witnesses need more of it")]
mod running;
#[path = "witness/scene.rs"]
mod scene;

use house::{House, eventually};
use koinon_protocol::bundle::{self, Reliance, Time};
use running::{Running, get, listener};
use scene::Scene;
use serde_json::Value;
use std::process::Command;

#[test]
fn a_records_time_is_the_same_by_the_api_on_its_page_and_from_its_bundle() {
    let mut scene = Scene::open();
    scene.is_witnessed();
    let shown = scene.record();
    let at = shown["witnessed_at"].as_u64().unwrap();
    assert_eq!((&shown["witnessed"]["quorum"], &shown["witnessed"]["why"]), (&Value::from(1), &Value::Null));
    assert_eq!(shown["witnessed"]["by"][0]["witness"], scene.witness.name().as_str());

    // What comes later moves no time, and a later checkpoint is not needed for an earlier record.
    let later = scene.author.example("need", "A second lorry");
    scene.house.publish(&later);
    eventually("the next checkpoint covers it", || {
        scene.json(&format!("/api/v1/records/{}", later.id()))["witnessed_at"].is_u64()
    });
    assert_eq!(scene.record()["witnessed_at"], at);

    let bytes = scene.get(&format!("/api/v1/bundle/{}", scene.record.id())).bytes;
    let network = scene.house.founding.network();
    let on = |witnesses| Reliance { network: Some(network), witnesses, quorum: None };
    for witnesses in [vec![], vec![scene.witness.clone()]] {
        let report = bundle::check(&bytes, &on(witnesses)).unwrap();
        assert!(report.verified, "{report:?}");
        assert!(matches!(&report.records[0].witnessed, Some(Time::Proven { at: seen, .. }) if seen.0 == at));
    }
    let page = scene.page();
    assert!(page.contains("Proven by 1 witness to have been here by"), "{page}");
    let status = scene.json("/api/v1/status");
    assert_eq!(status["witnesses"][0], scene.witness.to_string());
    assert_eq!(status["checkpoint"], 3);
    let page = scene.get("/node").text();
    assert!(page.contains(status["log"].as_str().unwrap()) && page.contains(&scene.witness.to_string()), "{page}");
    scene.end();
}

#[test]
fn what_is_missing_where_no_time_is_proven_is_said() {
    let house = House::open();
    let mut author = house.founder();
    house.publish(&author.inception.clone());
    let practice = author.example("practice", "One waste lorry for three communes");
    house.publish(&practice);
    let shown = house.json(&format!("/api/v1/records/{}", practice.id()));
    assert_eq!((&shown["witnessed_at"], &shown["witnessed"]["why"]), (&Value::Null, &Value::from("no_checkpoint")));
    let kept = tempfile::tempdir().unwrap();
    let alone = Running::start(&house, kept.path(), listener(&house), Vec::new(), Vec::new());
    let shown = || {
        let answer = get(&format!("{}/api/v1/records/{}", alone.url(), practice.id()));
        serde_json::from_slice::<Value>(&answer.bytes).unwrap()
    };
    eventually("the node signed its journal, and asks no witness", || shown()["witnessed"]["why"] == "no_witness");
    assert!(shown()["witnessed_at"].is_null());
    alone.end();
}

/// In Chromium: what tests/browser/verify.py says of itself.
#[test]
fn a_reader_verifies_a_record_in_the_browser_and_sees_what_was_tampered_with() {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !has("python3") || !has("chromium") {
        eprintln!("skipped: python3 or chromium is missing (apt-get install python3 chromium)");
        return;
    }
    let scene = Scene::open();
    scene.is_witnessed();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/browser/verify.py");
    let mut look = Command::new("python3");
    let texts = [
        scene.node.url().replace("127.0.0.1", "localhost"),
        scene.record.id().to_string(),
        scene.house.founding.network().to_string(),
    ];
    let output = look.arg(script).args(texts).arg(scene.witness.to_string()).output().unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    scene.end();
}
