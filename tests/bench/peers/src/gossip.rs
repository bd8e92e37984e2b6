//! iroh-gossip: HyParView and Plumtree over QUIC, tuned as they are by default. Without relays, and the addresses that a node begins with are given.

use crate::number;
use futures::{StreamExt as _, future};
use iroh::address_lookup::memory::MemoryLookup;
use iroh::endpoint::presets;
use iroh::protocol::Router;
use iroh::{Endpoint, EndpointAddr, TransportAddr};
use iroh_gossip::api::{Event, GossipReceiver, GossipSender};
use iroh_gossip::{ALPN, Gossip, TopicId};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// What all of them speak of.
const TOPIC: TopicId = TopicId::from_bytes([7; 32]);
/// A message that takes longer is lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is sent, and when.
pub struct Plan {
    pub messages: usize,
    /// Bytes of a message.
    pub size: usize,
    /// Between two messages.
    pub pause: Duration,
    /// Before the first one.
    pub settling: Duration,
}

/// Sends twice as many messages, the first half to warm up; `dialled` names those that each node begins with.
pub async fn live(plan: &Plan, dialled: &[&str]) {
    let endpoints = future::join_all(dialled.iter().map(|_| bind())).await;
    let (heard, mut hears) = mpsc::unbounded_channel();
    let start = |(node, dialled): (&Endpoint, &&str)| {
        let known = dialled.split(',').map(|other| address(&endpoints[number(other)])).collect();
        Node::start(node.clone(), known, heard.clone())
    };
    let nodes = future::join_all(endpoints.iter().zip(dialled).map(start)).await;
    tokio::time::sleep(plan.settling).await;
    let mut times = Vec::new();
    for message in 0..2 * plan.messages {
        if message == plan.messages {
            println!("warm");
            times.clear();
        }
        tokio::time::sleep(plan.pause).await;
        let mut bytes = vec![7; plan.size];
        bytes[..8].copy_from_slice(&(message as u64).to_be_bytes());
        let began = Instant::now();
        nodes[message * 7 % nodes.len()].sender.broadcast(bytes.into()).await.unwrap();
        let mut missing = nodes.len() - 1;
        while missing > 0 {
            let got = tokio::time::timeout(PATIENCE, hears.recv()).await.expect("a message was lost").unwrap();
            missing -= usize::from(got == message as u64);
        }
        times.push((began.elapsed().as_secs_f64() * 1e3).to_string());
    }
    println!("{}", times.join(" "));
}

async fn bind() -> Endpoint {
    let builder = Endpoint::builder(presets::Minimal).clear_ip_transports().bind_addr("127.0.0.1:0").unwrap();
    builder.bind().await.unwrap()
}

fn address(endpoint: &Endpoint) -> EndpointAddr {
    EndpointAddr::new(endpoint.id()).with_addrs(endpoint.bound_sockets().into_iter().map(TransportAddr::Ip))
}

/// A node that takes part.
struct Node {
    sender: GossipSender,
    /// Without it, nobody is let in.
    _router: Router,
}

impl Node {
    async fn start(endpoint: Endpoint, known: Vec<EndpointAddr>, heard: mpsc::UnboundedSender<u64>) -> Self {
        let bootstrap = known.iter().map(|address| address.id).collect();
        endpoint.address_lookup().unwrap().add(MemoryLookup::from_endpoint_info(known));
        let gossip = Gossip::builder().spawn(endpoint.clone());
        let router = Router::builder(endpoint).accept(ALPN, gossip.clone()).spawn();
        let (sender, receiver) = gossip.subscribe(TOPIC, bootstrap).await.unwrap().split();
        tokio::spawn(hear(receiver, heard));
        Self { sender, _router: router }
    }
}

/// Tells the number of each message that comes.
async fn hear(mut receiver: GossipReceiver, heard: mpsc::UnboundedSender<u64>) {
    while let Some(event) = receiver.next().await {
        match event.unwrap() {
            Event::Received(message) => {
                let _ = heard.send(u64::from_be_bytes(message.content[..8].try_into().unwrap()));
            }
            Event::Lagged => panic!("a message was lost"),
            Event::NeighborUp(_) | Event::NeighborDown(_) => {}
        }
    }
}
