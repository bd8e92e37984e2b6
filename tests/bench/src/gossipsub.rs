//! Gossipsub alone, tuned for few and quiet peers: the same topology, no records, no disk, nothing checked.

use crate::koinon::live::{MESSAGES, NODES, PAUSE, SETTLING, Spread, dialled};
use crate::nodes::port;
use crate::wire;
use libp2p::futures::StreamExt as _;
use libp2p::gossipsub::{Behaviour, ConfigBuilder, Event, IdentTopic, MessageAuthenticity, MessageId, ValidationMode};
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, Swarm, SwarmBuilder, noise, tcp, yamux};
use sha2::{Digest as _, Sha256};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Bytes of a message: a record and what is around it.
const MESSAGE: usize = 1200;

pub fn measure() -> Spread {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let ports: Vec<u16> = (0..NODES).map(|_| port()).collect();
        let (heard, mut hears) = mpsc::unbounded_channel();
        let nodes: Vec<_> = (0..NODES).map(|node| start(node, &ports, heard.clone())).collect();
        tokio::time::sleep(SETTLING).await;
        let mut bytes = wire::bytes();
        let mut times = Vec::new();
        for number in 0..2 * MESSAGES {
            // The first half warms the mesh.
            if number == MESSAGES {
                (bytes, times) = (wire::bytes(), Vec::new());
            }
            tokio::time::sleep(PAUSE).await;
            let mut message = vec![7; MESSAGE];
            message[..8].copy_from_slice(&(number as u64).to_be_bytes());
            let began = Instant::now();
            nodes[number * 7 % NODES].send(message).unwrap();
            let mut missing = NODES - 1;
            while missing > 0 {
                let got = tokio::time::timeout(Duration::from_secs(30), hears.recv()).await.expect("a message was lost").unwrap();
                missing -= usize::from(got == number as u64);
            }
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        Spread::of(times, wire::bytes() - bytes)
    })
}

fn behaviour() -> Behaviour {
    let config = ConfigBuilder::default()
        .validation_mode(ValidationMode::Anonymous)
        .message_id_fn(|message| MessageId::new(&Sha256::digest(&message.data)[..16]))
        .flood_publish(false)
        .mesh_n(3)
        .mesh_n_low(3)
        .mesh_n_high(5)
        .mesh_outbound_min(1)
        .gossip_lazy(2)
        .gossip_factor(0.0)
        .build();
    Behaviour::new(MessageAuthenticity::Anonymous, config.unwrap()).unwrap()
}

fn start(node: usize, ports: &[u16], heard: mpsc::UnboundedSender<u64>) -> mpsc::UnboundedSender<Vec<u8>> {
    let address = |port: u16| format!("/ip4/127.0.0.1/tcp/{port}").parse::<Multiaddr>().unwrap();
    let mut swarm: Swarm<Behaviour> = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|_| behaviour())
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(600)))
        .build();
    let topic = IdentTopic::new("bench");
    swarm.behaviour_mut().subscribe(&topic).unwrap();
    swarm.listen_on(address(ports[node])).unwrap();
    let peers: Vec<Multiaddr> = dialled(node).map(|peer| address(ports[peer])).collect();
    let (publish, mut publishes) = mpsc::unbounded_channel::<Vec<u8>>();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        peers.into_iter().for_each(|peer| swarm.dial(peer).unwrap());
        loop {
            tokio::select! {
                Some(message) = publishes.recv() => drop(swarm.behaviour_mut().publish(topic.hash(), message).unwrap()),
                event = swarm.select_next_some() => if let SwarmEvent::Behaviour(Event::Message { message, .. }) = event {
                    let _ = heard.send(u64::from_be_bytes(message.data[..8].try_into().unwrap()));
                },
                else => break,
            }
        }
    });
    publish
}
