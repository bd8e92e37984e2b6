//! The pages over a whole node: what a reader sees, and that what strangers wrote stays text.

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

mod house;
mod pages;
mod town;
mod tree;

use house::House;
use koinond::net::Link;
use std::time::Duration;

/// Serves the pages of the test's town for people and browsers: `cargo test -p koinond --test web -- --ignored preview --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "serves pages for a quarter of an hour"]
async fn preview() {
    let town = town::town().await;
    town.house.connected(vec![Link {
        peer: "12D3KooWGjMC1ePqSQK2JBLoDkWxGnGHDmRZ7HLhUvVhAHy7wqJQ".into(),
        address: "/ip4/127.0.0.1/udp/24001/quic-v1".into(),
        dialled: true,
        agent: Some("koinond/0.1.0".into()),
        round_trip: Some(3),
    }]);
    let router = town.house.open(town.found).await;
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    println!("http://{address}/");
    println!("http://{address}/record/{}", town.practice);
    println!("http://{address}/record/{}", town.polish);
    println!("http://{address}/organisation/{}", town.commune.id);
    println!("http://{address}/organisation/{}", town.city.id);
    println!("http://{address}/organisation/{}", town.founder.id);
    let serve = axum::serve(socket, router);
    let _ = tokio::time::timeout(Duration::from_secs(900), async { serve.await }).await;
}
