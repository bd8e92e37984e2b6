//! Attacks on a node as a machine on the network.

use crate::attacker::Attacker;
use crate::house::RECORD;
use crate::node::{Node, free_port, network, patiently, record, records, settings};
use crate::running::get;
use crate::scene::Scene;
use koinon_protocol::key::Signer;
use koinon_protocol::replica::Effect;
use koinon_protocol::replica::message::Parcel;
use koinon_protocol::wire;
use koinond::net::{Limits, Settings};
use std::collections::BTreeMap;
use std::time::Instant;

const TCP: &str = "/ip4/127.0.0.1/tcp/0";
/// Honest messages: more than the 512 junk ones that may be on their way when the first is judged.
const HONEST: u64 = 800;
/// Faults after which a replica ends a connection.
const FAULTS: u32 = 10;

/// A record as it is pushed by one who compresses nothing.
fn message(record: &Parcel) -> Vec<u8> {
    [&[0], record.encode().as_slice()].concat()
}

/// A message of the right form that nobody signed.
fn junk(number: u64) -> Vec<u8> {
    let header = *record(0).signed.header();
    let header =
        koinon_protocol::record::Header { topic: 1, seq: number + 1, previous: koinon_protocol::id::RecordId([1; 32]), ..header };
    let signature = Signer::from_seed(&[66; 32]).sign(&number.to_be_bytes());
    [&[0], &wire::encode(&header)[..], &signature.0, &[0]].concat()
}

/// Delivers so many honest messages, each when the one before has arrived; how many had to be judged until all were there.
async fn judged_until_delivered(flood: bool) -> u64 {
    let mut author = Node::start(settings(network(1), TCP, &[])).await;
    let mut victim = Node::start(settings(network(1), TCP, &[&author.address()])).await;
    victim.connected().await;
    author.connected().await;
    let attacker = match flood {
        true => Some(tokio::spawn(Attacker::connect(network(1), &victim.address()).await.floods(junk))),
        false => None,
    };
    let (mut judged, mut faults) = (0, BTreeMap::new());
    for honest in records(0, HONEST) {
        author.pushes(&honest).await;
        loop {
            let (from, heard) = victim.pushed().await;
            judged += 1;
            if heard == honest {
                break;
            }
            // What a replica does.
            let count: &mut u32 = faults.entry(from).or_default();
            *count += 1;
            if *count == FAULTS {
                victim.does(Effect::Disconnect(from)).await;
            }
        }
    }
    assert_eq!(flood, !faults.is_empty(), "the flood arrived");
    attacker.inspect(|attacker| attacker.abort());
    judged
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gossip_flood_at_most_doubles_what_honest_delivery_takes() {
    let began = Instant::now();
    let quiet = judged_until_delivered(false).await;
    let (quiet_took, began) = (began.elapsed(), Instant::now());
    let flooded = judged_until_delivered(true).await;
    println!("{quiet} messages in {quiet_took:.1?} without a flood, {flooded} in {:.1?} with one", began.elapsed());
    assert_eq!(quiet, HONEST);
    assert!(flooded <= 2 * quiet, "{flooded} messages for {HONEST} honest ones");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_eclipse_leaves_the_operators_peer() {
    const PLACES: usize = 8;
    let honest = format!("/ip4/127.0.0.1/tcp/{}", free_port());
    let limits = Limits { pending: PLACES, established: PLACES, loopback: PLACES };
    let mut victim = Node::start(Settings { limits, ..settings(network(1), TCP, &[&honest]) }).await;
    // The attacker takes every place that others can take, before the honest peer is there.
    let mut attackers = tokio::task::JoinSet::new();
    for _ in 0..PLACES {
        attackers.spawn(Attacker::connect(network(1), &victim.address()).await.answers(vec![0; 100]));
    }
    patiently(victim.links.wait_for(|links| links.len() == PLACES)).await.unwrap();
    let mut honest = Node::start(settings(network(1), &honest, &[])).await;
    victim.talks_with(&mut honest).await;
    let dialled: Vec<String> = victim.links.borrow().iter().filter(|link| link.dialled).map(|link| link.peer.clone()).collect();
    assert_eq!(dialled, [honest.id()], "nobody else's address is ever dialled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_opens_two_hundred_streams_is_heard_on_one() {
    let mut victim = Node::start(settings(network(1), TCP, &[])).await;
    let mut attacker = Attacker::connect(network(1), &victim.address()).await;
    let mut streams = Vec::new();
    for _ in 0..200 {
        streams.push(attacker.opens().await.unwrap());
    }
    assert!(attacker.pushes(&message(&record(7))).await);
    assert_eq!(victim.pushed().await.1, record(7), "on its last stream it is a peer like others");
    let mut honest = Node::start(settings(network(1), TCP, &[&victim.address()])).await;
    honest.talks_with(&mut victim).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_is_not_traceable_from_gossip() {
    let mut publisher = Node::start(settings(network(1), TCP, &[])).await;
    let mut middle = Node::start(settings(network(1), TCP, &[&publisher.address()])).await;
    middle.connected().await;
    publisher.connected().await;
    let mut listener = Attacker::connect(network(1), &middle.address()).await;
    middle.connected().await;
    let (passed_on, own) = (record(0), record(1));
    publisher.pushes(&passed_on).await;
    let (_, heard) = middle.pushed().await;
    middle.pushes(&heard).await;
    middle.pushes(&own).await;
    // What a node published itself and what it passed on differ in nothing but the records: each holds what the author signed, and
    // nothing else.
    for said in [passed_on, own] {
        let (from, bytes) = listener.hears().await;
        assert_eq!((from.to_string(), bytes), (middle.id(), message(&said)));
    }
}

#[test]
fn an_attachment_neither_unpacks_nor_runs() {
    let mut scene = Scene::open();
    let script = "<script>alert(1)</script><img src=x onerror=alert(2)><a href=\"javascript:alert(3)\">";
    let record = scene.author.example("practice", script);
    scene.house.publish(&record);
    let page = scene.get(&format!("/record/{}", record.id()));
    let html = page.text();
    assert!(html.contains("&lt;script&gt;alert(1)") && !html.contains("<script>alert") && !html.contains("<img src=x"), "{html}");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    // The node's own scripts are the only ones, since nothing that others wrote is served as one.
    let file = scene.get(&format!("/api/v1/records/{}/file", record.id()));
    assert_eq!((file.header("content-type"), file.header("x-content-type-options")), (RECORD, "nosniff"));

    // A body is a JSON text of 64 KiB at most: bytes that unpack are none, and nothing that arrives is unpacked.
    let bomb = zstd::bulk::compress(&vec![b' '; 64 << 20], 19).unwrap();
    for bytes in [&bomb[..], b"PK\x03\x04 a zip archive", b"\x1f\x8b\x08 a gzip stream"] {
        let attached = scene.author.beside(
            scene.author.place.draft(33, koinon_protocol::id::RecordId::ZERO),
            koinon_protocol::record::Sealed { salt: [1; 32], bytes: bytes.to_vec() },
        );
        assert_eq!(scene.house.submit(&attached).json()["code"], "body-not-json");
    }
    let packed = zstd::bulk::compress(&scene.author.example("practice", "Packed").file(), 3).unwrap();
    let answer = scene.house.post("/api/v1/records", RECORD, &packed, &[("Content-Encoding", "zstd")]);
    assert!((400..500).contains(&answer.status), "{}", answer.text());
    assert_eq!(get(&format!("http://{}/api/v1/status", scene.house.address)).status, 200);
    scene.end();
}
