//! Bodies come back to a node that lost them, and do not come back where they were erased: whole nodes, joined by a wire.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "bodies/author.rs"]
mod author;
#[path = "bodies/node.rs"]
mod node;
#[path = "bodies/receipts.rs"]
mod receipts;

use author::Author;
use koinon_protocol::key::Signer;
use koinon_protocol::record::{Body, Verified};
use koinon_protocol::replica::{Input, Peer};
use koinond::engine::Message;
use node::{MARKER, Node, eventually, join};
use std::fs;

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_a_disk_lost_come_back_from_a_peer() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut author = Author::new();
    let (mut one, mut other) = (Node::start(here.path()), Node::start(there.path()));
    let records: Vec<_> = (0..20).map(|number| author.need(&format!("a bridge, number {number}"))).collect();
    one.take(&author.inception).await;
    for record in &records {
        one.take(record).await;
    }
    join(&mut one, &mut other, 1).await;
    let whole = |node: &Node| records.iter().all(|(record, body)| node.body(&record.id()).as_deref() == Some(body.bytes()));
    eventually("the records arrive", || whole(&other)).await;
    other.end();

    // Every byte behind the preamble of the only segment of bodies, that of the inception among them.
    let file = there.path().join("bodies-0000.seg");
    let mut bytes = fs::read(&file).unwrap();
    bytes[60..].iter_mut().for_each(|byte| *byte ^= 0x5a);
    fs::write(&file, bytes).unwrap();
    // It holds what came last, and would mend that.
    fs::remove_file(there.path().join("redo")).unwrap();
    let mut other = Node::start(there.path());
    assert!(!whole(&other) && other.handle.trust().organisations().count() == 0);
    one.messages.send(Message::Input(Input::Disconnected(Peer(1)))).await.unwrap();
    one.end();
    let mut one = Node::start(here.path());
    join(&mut one, &mut other, 2).await;
    eventually("the bodies are back", || whole(&other)).await;
    eventually("so is who wrote them", || other.handle.trust().organisations().count() == 1).await;
    one.end();
    other.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_text_is_in_no_file_of_any_node_and_does_not_come_back() {
    let (mut founder, mut member) = (Author::new(), Author::of(Signer::from_seed(&[2; 32])));
    let told = [founder.inception.clone(), founder.vouch(member.inception.0.author()), member.inception.clone()];
    let (marked, kept) = (member.need(&format!("Call {MARKER} at home")), member.need("a bridge"));
    let erasure = member.erasure(marked.0.id());
    goes_for_good(&told, marked, kept, erasure).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_which_a_founder_gave_notice_is_in_no_file_of_any_node_and_does_not_come_back() {
    let (mut founder, mut member) = (Author::new(), Author::of(Signer::from_seed(&[2; 32])));
    let told = [founder.inception.clone(), founder.vouch(member.inception.0.author()), member.inception.clone()];
    let (marked, kept) = (member.need(&format!("Call {MARKER} at home")), member.need("a bridge"));
    let notice = founder.notice(marked.0.id());
    goes_for_good(&told, marked, kept, notice).await;
}

async fn goes_for_good(told: &[(Verified, Body)], marked: (Verified, Body), kept: (Verified, Body), taker: (Verified, Body)) {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [mut one, mut other, old] = [0, 1, 2].map(|number| Node::start(folders[number].path()));
    let id = marked.0.id();
    // The third node is one that was offline since before the erasure, and still has the body.
    for node in [&one, &old] {
        for record in told {
            node.take(record).await;
        }
        node.take(&marked).await;
    }
    one.take(&kept).await;
    join(&mut one, &mut other, 1).await;
    eventually("the text is found at both", || one.found() == 1 && other.found() == 1).await;
    assert!(!one.files_with_marker().is_empty() && !other.files_with_marker().is_empty());
    eventually("the old node finds it too", || old.found() == 1).await;

    one.take(&taker).await;
    assert_eq!(one.body(&id), None);
    eventually("it arrives at the other", || other.body(&id).is_none()).await;
    eventually("it is found no more", || one.found() + other.found() == 0).await;
    eventually("it is in no file", || one.files_with_marker().is_empty() && other.files_with_marker().is_empty()).await;
    assert_eq!(other.body(&kept.0.id()).as_deref(), Some(kept.1.bytes()));

    other.end();
    let (mut other, mut old) = (Node::start(folders[1].path()), old);
    join(&mut old, &mut other, 2).await;
    eventually("the old node forgets it as well", || old.body(&id).is_none() && old.files_with_marker().is_empty()).await;
    assert!(other.body(&id).is_none() && other.files_with_marker().is_empty());
    for node in [one, other, old] {
        node.end();
    }
}
