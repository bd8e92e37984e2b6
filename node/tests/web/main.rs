//! The pages over a whole node: what a reader sees, and that what strangers wrote stays text.

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

mod decisions;
mod house;
mod pages;
mod town;
mod tree;

use house::House;
use koinond::net::Link;
use std::time::Duration;

/// Serves the pages of the test's town for people: `cargo test -p koinond --test web -- --ignored preview --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "serves pages for a quarter of an hour"]
async fn preview() {
    let (town, base) = served().await;
    addresses(&town).iter().for_each(|address| println!("{base}{address}"));
    tokio::time::sleep(Duration::from_secs(900)).await;
}

/// Every page in Chromium, on a telephone and on a desk, light and dark; see tests/browser/check.py for what is looked at.
#[tokio::test(flavor = "multi_thread")]
async fn pages_look_right_in_a_browser() {
    let has = |program: &str| std::process::Command::new(program).arg("--version").output().is_ok();
    if !has("python3") || !has("chromium") {
        eprintln!("skipped: python3 or chromium is missing (apt-get install python3 chromium)");
        return;
    }
    let (town, base) = served().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/browser/check.py");
    let mut look = tokio::process::Command::new("python3");
    let output = look.arg(script).arg(&base).args(addresses(&town)).kill_on_drop(true).output().await.unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}

async fn served() -> (town::Town, String) {
    let town = town::town().await;
    town.house.connected(vec![Link {
        peer: "12D3KooWGjMC1ePqSQK2JBLoDkWxGnGHDmRZ7HLhUvVhAHy7wqJQ".into(),
        address: "/ip4/127.0.0.1/udp/24001/quic-v1".into(),
        dialled: true,
        agent: Some("koinond/0.1.0".into()),
        round_trip: Some(3),
        lacks: vec![(town.city.id(), 40)],
    }]);
    let router = town.house.open(town.found).await;
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", socket.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(socket, router).await });
    (town, base)
}

fn addresses(town: &town::Town) -> Vec<String> {
    let fixed = [
        "/",
        "/search?kind=practice",
        "/search?q=zzz",
        "/search?topic=500&territory=RO",
        "/network",
        "/node",
        "/help",
        "/nowhere",
    ];
    let records = [town.practice, town.polish, town.odd].map(|id| format!("/record/{id}"));
    let organisations = [&town.founder, &town.commune, &town.city].map(|author| format!("/organisation/{}", author.id()));
    fixed.map(str::to_owned).into_iter().chain(records).chain(organisations).collect()
}
