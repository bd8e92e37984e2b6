//! nostr: events at a relay, in LMDB, reconciled by negentropy over a WebSocket without encryption.

use crate::{AUTHORS, GROUP, cpu, done, each, without};
use nostr_lmdb::NostrLMDB;
use nostr_relay_builder::LocalRelay;
use nostr_relay_builder::builder::{RateLimit, RelayBuilder};
use nostr_sdk::prelude::*;
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinSet;

/// When the first event says that it was written.
const BEGAN: u64 = 1_750_000_000;

fn open(directory: &Path) -> Arc<NostrLMDB> {
    std::fs::create_dir_all(directory).unwrap();
    Arc::new(NostrLMDB::open(directory).unwrap())
}

fn keys() -> Vec<Keys> {
    (0..AUTHORS).map(|author| Keys::new(SecretKey::from_slice(&[author as u8 + 1; 32]).unwrap())).collect()
}

fn write(keys: &[Keys], author: usize, place: usize, body: &[u8]) -> Event {
    let text = std::str::from_utf8(body).unwrap();
    let event = EventBuilder::text_note(text).custom_created_at(Timestamp::from(BEGAN + place as u64));
    event.sign_with_keys(&keys[author]).unwrap()
}

/// All at once, so that its writer can put them into one transaction.
async fn keep(store: &Arc<NostrLMDB>, events: Vec<Event>) {
    let mut saving = JoinSet::new();
    for event in events {
        let store = store.clone();
        saving.spawn(async move { store.save_event(&event).await.unwrap() });
    }
    while let Some(saved) = saving.join_next().await {
        assert!(saved.unwrap().is_success());
    }
}

pub async fn publish(directory: &Path, bodies: Vec<(usize, Vec<u8>)>) -> f64 {
    let (store, keys, before) = (open(directory), keys(), cpu());
    for (group, records) in bodies.chunks(GROUP).enumerate() {
        let write = |(place, (author, body)): (usize, &(usize, Vec<u8>))| write(&keys, *author, group * GROUP + place, body);
        keep(&store, records.iter().enumerate().map(write).collect()).await;
    }
    each(before, bodies.len())
}

fn events(bodies: &[(usize, Vec<u8>)]) -> Vec<(usize, Event)> {
    let keys = keys();
    bodies.iter().enumerate().map(|(place, (author, body))| (*author, write(&keys, *author, place, body))).collect()
}

pub async fn ingest(directory: &Path, bodies: Vec<(usize, Vec<u8>)>) -> f64 {
    let (store, events) = (open(directory), events(&bodies));
    let before = cpu();
    for group in events.chunks(GROUP) {
        let checked = group.iter().map(|(_, event)| {
            event.verify().unwrap();
            event.clone()
        });
        keep(&store, checked.collect()).await;
    }
    each(before, events.len())
}

pub async fn fill(directory: &Path, bodies: Vec<(usize, Vec<u8>)>, lacking: usize) {
    let (store, kept) = (open(directory), without(events(&bodies), lacking));
    for group in kept.chunks(4096) {
        keep(&store, group.iter().map(|(_, event)| event.clone()).collect()).await;
    }
}

pub async fn serve(directory: &Path) {
    let limit = RateLimit { max_reqs: 10_000, notes_per_minute: u32::MAX };
    let relay = RelayBuilder::default().database(open(directory)).rate_limit(limit);
    let relay = LocalRelay::new(relay.max_filter_limit(1 << 20).default_filter_limit(1 << 20));
    relay.run().await.unwrap();
    println!("{}", relay.url().await);
    std::future::pending::<()>().await;
}

pub async fn sync(directory: &Path, address: &str, count: usize) {
    let store = open(directory);
    let client = Client::builder().database(store.clone()).build();
    client.add_relay(address).await.unwrap();
    client.connect().await;
    loop {
        client.sync(Filter::new(), &SyncOptions::new().direction(SyncDirection::Down)).await.unwrap();
        if store.count(Filter::new()).await.unwrap() >= count {
            break;
        }
    }
    done();
}
