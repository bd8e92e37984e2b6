//! Nodes on real sockets: what reaches the engine, what does not, and what an attacker gets.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "net/attacker.rs"]
#[expect(dead_code, reason = "the tests of attacks need more of it")]
mod attacker;
#[path = "net/node.rs"]
mod node;

use attacker::Attacker;
use koinon_protocol::replica::message::{Request, Response};
use koinon_protocol::replica::{Effect, Input, Peer};
use koinond::net::{Keypair, Limits, NetError, bind};
use node::{Node, network, patiently, record, records, settings};
use std::time::Duration;

const TCP: &str = "/ip4/127.0.0.1/tcp/0";
const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";
const WEBSOCKET: &str = "/ip4/127.0.0.1/tcp/0/ws";

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_ask_and_answer_over_every_transport() {
    for transport in [TCP, QUIC, WEBSOCKET] {
        let mut server = Node::start(settings(network(1), transport, &[])).await;
        let mut client = Node::start(settings(network(1), TCP, &[&server.address()])).await;
        server.talks_with(&mut client).await;
        client.talks_with(&mut server).await;
        let link = client.links.wait_for(|links| links.iter().any(|link| link.agent.is_some())).await.unwrap()[0].clone();
        assert!(link.dialled && link.agent.unwrap().starts_with("koinond/"), "{transport}");
        assert_eq!(format!("{}/p2p/{}", link.address, link.peer), server.address());
        client.stop().await;
        server.number_of_lost().await;
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_reaches_those_that_it_is_for_and_nobody_else() {
    let mut hub = Node::start(settings(network(1), TCP, &[])).await;
    let mut one = Node::start(settings(network(1), QUIC, &[&hub.address()])).await;
    let to_one = hub.connected().await;
    let mut other = Node::start(settings(network(1), TCP, &[&hub.address()])).await;
    let to_other = hub.connected().await;
    let to_hub = one.connected().await;
    let (first, second) = (record(0), record(1));
    hub.does(Effect::Push { to: vec![to_one], record: first.clone() }).await;
    hub.pushes(&second).await;
    assert_eq!(one.pushed().await, (to_hub, first));
    assert_eq!(one.pushed().await.1, second);
    assert_eq!(other.pushed().await.1, second, "the first was not for it");

    one.does(Effect::Prune(to_hub)).await;
    one.does(Effect::Graft(to_hub)).await;
    let turned = hub.next(|input| match input {
        Input::Pruned(peer) => Some((peer, false)),
        Input::Grafted(peer) => Some((peer, true)),
        _ => None,
    });
    assert_eq!(patiently(turned).await, (to_one, false));
    hub.does(Effect::Push { to: vec![to_other], record: record(2) }).await;
    assert_eq!(other.pushed().await.1, record(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_goes_on_over_another_connection_when_one_ends() {
    let hub = Node::start(settings(network(1), TCP, &[])).await;
    let mut leaf = Node::start(settings(network(1), TCP, &[&hub.address()])).await;
    leaf.connected().await;
    hub.stop().await;
    leaf.number_of_lost().await;
    let mut again = Node::start(settings(network(1), TCP, &[&leaf.address()])).await;
    leaf.connected().await;
    leaf.pushes(&record(0)).await;
    assert_eq!(again.pushed().await.1, record(0));
}

/// A victim, who is connected with an honest node and with an attacker, and the attacker's number there.
async fn attacked() -> (Node, Node, Attacker, Peer) {
    let mut victim = Node::start(settings(network(1), TCP, &[])).await;
    let mut honest = Node::start(settings(network(1), TCP, &[&victim.address()])).await;
    honest.connected().await;
    victim.connected().await;
    let attacker = Attacker::connect(network(1), &victim.address()).await;
    let number = victim.connected().await;
    (victim, honest, attacker, number)
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_that_is_pushed_goes_nowhere_and_ends_in_a_refusal() {
    let (mut victim, honest, mut attacker, number) = attacked().await;
    let of_another_version = [vec![0], vec![9; 296], vec![0]].concat();
    let of_no_kind = [4, 0, 0];
    let kinds = [&[][..], &[0; 7], &[1; 300], &of_another_version, &of_no_kind, &[0; 1300]];
    for garbage in kinds {
        assert!(attacker.pushes(garbage).await);
    }
    for garbage in kinds {
        attacker.pushes(garbage).await;
    }
    let lost = victim.next(|input| match input {
        Input::Disconnected(lost) => Some(lost),
        Input::Pushed { from, .. } => panic!("{from:?} got through"),
        _ => None,
    });
    assert_eq!(patiently(lost).await, number);
    assert!(!attacker.connects_again(&victim.address()).await);
    honest.pushes(&record(0)).await;
    assert_eq!(victim.pushed().await.1, record(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_in_requests_is_answered_by_nothing_and_ends_in_a_refusal() {
    let (mut victim, mut honest, mut attacker, number) = attacked().await;
    let bomb = [vec![1], zstd::bulk::compress(&vec![0; 64 << 20], 19).unwrap()].concat();
    let kinds = [vec![0], vec![0; 100], vec![2; 100], vec![1; 100], vec![0; 256 * 1024], bomb];
    let mut refused = 0;
    for garbage in kinds.iter().cycle().take(10) {
        refused += usize::from(attacker.asks(garbage.clone()).await.is_none());
    }
    assert_eq!(refused, 10);
    let lost = victim.next(|input| match input {
        Input::Disconnected(lost) => Some(lost),
        Input::Request { from, .. } => panic!("{from:?} got through"),
        _ => None,
    });
    assert_eq!(patiently(lost).await, number);
    assert!(!attacker.connects_again(&victim.address()).await);
    honest.talks_with(&mut victim).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_garbled_answer_is_no_answer() {
    let mut asker = Node::start(settings(network(1), TCP, &[])).await;
    let attacker = Attacker::connect(network(1), &asker.address()).await;
    let to = asker.connected().await;
    let answers = tokio::spawn(attacker.answers(vec![1; 3000]));
    let lost = async {
        loop {
            asker.does(Effect::Ask { to, call: 1, request: Request::Fetch { ids: vec![] } }).await;
            let next = asker.next(|input| match input {
                Input::Disconnected(lost) => Some(lost),
                Input::Response { response, .. } => panic!("{response:?} got through"),
                _ => None,
            });
            if let Ok(lost) = tokio::time::timeout(Duration::from_millis(20), next).await {
                return lost;
            }
        }
    };
    assert_eq!(patiently(lost).await, to);
    answers.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_the_engine_wants_gone_is_gone_and_stays_away() {
    let mut node = Node::start(settings(network(1), TCP, &[])).await;
    let mut attacker = Attacker::connect(network(1), &node.address()).await;
    let number = node.connected().await;
    node.does(Effect::Disconnect(number)).await;
    assert_eq!(node.number_of_lost().await, number);
    assert!(!attacker.connects_again(&node.address()).await);
    Node::start(settings(network(1), TCP, &[&node.address()])).await.talks_with(&mut node).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_restarts_on_its_address_is_found_again() {
    for transport in [TCP, QUIC] {
        let key = Keypair::generate_ed25519();
        let mut hub = Node::start_as(key.clone(), settings(network(1), transport, &[])).await;
        let address = hub.address();
        let mut node = Node::start(settings(network(1), TCP, &[&address])).await;
        let before = node.connected().await;
        hub.talks_with(&mut node).await;
        hub.stop().await;
        assert_eq!(node.number_of_lost().await, before);
        let listen = address.split("/p2p/").next().unwrap();
        let mut hub = Node::start_as(key, settings(network(1), listen, &[])).await;
        assert!(node.connected().await > before);
        hub.talks_with(&mut node).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_dial_each_other_at_once_have_a_link_that_works() {
    for _ in 0..5 {
        let ports = [node::free_port(), node::free_port()];
        let address = |port: u16| format!("/ip4/127.0.0.1/tcp/{port}");
        let first = Node::start(settings(network(1), &address(ports[0]), &[&address(ports[1])]));
        let second = Node::start(settings(network(1), &address(ports[1]), &[&address(ports[0])]));
        let (mut first, mut second) = tokio::join!(first, second);
        first.talks_with(&mut second).await;
        second.talks_with(&mut first).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_does_not_talk_to_itself() {
    let mut hub = Node::start(settings(network(1), TCP, &[])).await;
    let own = format!("/ip4/127.0.0.1/tcp/{}", node::free_port());
    let mut node = Node::start(settings(network(1), &own, &[&own, &hub.address()])).await;
    node.talks_with(&mut hub).await;
    assert_eq!(node.links.borrow().iter().map(|link| link.peer.clone()).collect::<Vec<_>>(), [hub.id()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_network_is_not_talked_to() {
    let mut node = Node::start(settings(network(1), TCP, &[])).await;
    let mut other = Node::start(settings(network(2), TCP, &[&node.address()])).await;
    let to = other.connected().await;
    other.does(Effect::Ask { to, call: 1, request: Request::Fetch { ids: vec![] } }).await;
    let lost = node.next(|input| match input {
        Input::Disconnected(lost) => Some(lost),
        Input::Request { .. } | Input::Pushed { .. } => panic!("another network was understood"),
        _ => None,
    });
    patiently(lost).await;
    assert_eq!(other.number_of_lost().await, to);
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_sockets_of_one_address_lock_nobody_out() {
    let limits = Limits { pending: 8, established: 8, loopback: 8 };
    let mut victim = Node::start(koinond::net::Settings { limits, ..settings(network(1), TCP, &[]) }).await;
    let silent = attacker::silent_sockets([127, 0, 0, 9], &victim.address(), 200).await;
    for _ in 0..3 {
        let mut honest = Node::start(settings(network(1), TCP, &[&victim.address()])).await;
        honest.talks_with(&mut victim).await;
        honest.stop().await;
    }
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_behind_loses_pushes_and_no_answers() {
    let mut registry = prometheus_client::registry::Registry::default();
    let bound = bind(&settings(network(1), TCP, &[]), Keypair::generate_ed25519(), Some(&mut registry)).unwrap();
    let mut busy = Node::run(bound).await;
    let mut eager = Node::start(settings(network(1), TCP, &[&busy.address()])).await;
    let (to, from) = (eager.connected().await, busy.connected().await);
    busy.does(Effect::Ask { to: from, call: 7, request: Request::Fetch { ids: vec![] } }).await;
    let asked = eager.request().await;
    let flood = async {
        for record in records(0, u64::MAX) {
            eager.pushes(&record).await;
            if !node::metrics(&registry).contains("net_dropped_pushes_total 0") {
                break;
            }
        }
    };
    patiently(flood).await;
    eager.does(Effect::Answer { to, call: asked, response: Response::Diverged }).await;
    let answer = busy.next(|input| match input {
        Input::Response { call, response, .. } => Some((call, response)),
        _ => None,
    });
    assert_eq!(patiently(answer).await, (7, Response::Diverged));
    eager.talks_with(&mut busy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_cannot_be_listened_on_is_named_with_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("/ip4/127.0.0.1/tcp/{}", taken.local_addr().unwrap().port());
    let refused = |listen: &str, peers: &[&str]| {
        let outcome = bind(&settings(network(1), listen, peers), Keypair::generate_ed25519(), None);
        outcome.err().unwrap()
    };
    let error = refused(&address, &[]).to_string();
    assert!(error.contains(&address) && error.contains("another port"), "{error}");
    assert!(matches!(refused("/ip4/127.0.0.1/sctp/7", &[]), NetError::NotForListening(_)));
    assert!(matches!(refused("127.0.0.1:8481", &[]), NetError::Address { .. }));
    assert!(matches!(refused(TCP, &["/ip4/192.0.2.7/udp/8481"]), NetError::Peer(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_network_does_can_be_read_as_metrics() {
    let mut registry = prometheus_client::registry::Registry::default();
    let hub = Node::start(settings(network(1), TCP, &[])).await;
    let settings = settings(network(1), TCP, &[&hub.address()]);
    let mut node = Node::run(bind(&settings, Keypair::generate_ed25519(), Some(&mut registry)).unwrap()).await;
    node.connected().await;
    let text = node::metrics(&registry);
    for metric in ["libp2p_swarm_connections_established", "net_dropped_pushes_total 0", "net_pushed_total 0"] {
        assert!(text.contains(metric), "{metric}\n{text}");
    }
}
