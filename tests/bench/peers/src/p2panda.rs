//! p2panda: operations in append-only logs, in SQLite, synced by log heights over TCP. Its own transport would encrypt; this does not.

use crate::{AUTHORS, GROUP, cpu, done, each, without};
use futures::{SinkExt as _, StreamExt as _, future};
use p2panda_core::cbor::{decode_cbor, encode_cbor};
use p2panda_core::operation::{validate_backlink, validate_operation};
use p2panda_core::{Body, Hash, Header, Operation, SigningKey, Timestamp};
use p2panda_store::Transaction as _;
use p2panda_store::logs::LogStore;
use p2panda_store::operations::OperationStore as _;
use p2panda_store::sqlite::{SqliteStore, SqliteStoreBuilder};
use p2panda_sync::protocols::{LogSync, LogSyncEvent, LogSyncMessage};
use p2panda_sync::traits::Protocol as _;
use std::collections::BTreeMap;
use std::path::Path;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_util::bytes::{Bytes, BytesMut};
use tokio_util::codec::{Framed, LengthDelimitedCodec};

/// Each author has one log.
const LOG: u64 = 0;
/// Events that wait for the one who keeps: a whole sync.
const EVENTS: usize = 1 << 18;

type Op = Operation<()>;

fn key(author: usize) -> SigningKey {
    SigningKey::from_bytes(&[author as u8 + 1; 32])
}

async fn open(directory: &Path) -> SqliteStore {
    std::fs::create_dir_all(directory).unwrap();
    let url = format!("sqlite://{}", directory.join("p2panda.sqlite").display());
    SqliteStoreBuilder::new().database_url(&url).build().await.unwrap()
}

/// Writes operations at the ends of their logs.
struct Writer {
    keys: Vec<SigningKey>,
    heads: BTreeMap<usize, (u64, Hash)>,
}

impl Writer {
    fn new() -> Self {
        Self { keys: (0..AUTHORS).map(key).collect(), heads: BTreeMap::new() }
    }

    fn write(&mut self, author: usize, bytes: &[u8]) -> Op {
        let (body, head) = (Body::new(bytes), self.heads.get(&author));
        let mut header = Header {
            version: 1,
            verifying_key: self.keys[author].verifying_key(),
            signature: None,
            payload_size: body.size(),
            payload_hash: Some(body.hash()),
            timestamp: Timestamp::now(),
            seq_num: head.map_or(0, |(seq, _)| seq + 1),
            backlink: head.map(|(_, hash)| *hash),
            extensions: (),
        };
        header.sign(&self.keys[author]);
        let hash = header.hash();
        self.heads.insert(author, (header.seq_num, hash));
        Operation { hash, header, body: Some(body) }
    }
}

async fn keep(store: &SqliteStore, operations: &[Op]) {
    let permit = store.begin().await.unwrap();
    for operation in operations {
        store.insert_operation(&operation.hash, operation, &LOG).await.unwrap();
    }
    store.commit(permit).await.unwrap();
}

/// What p2panda asks to be done with what others send: signature, body, place in the log.
fn check(operation: &Op, heads: &mut BTreeMap<[u8; 32], Header<()>>) {
    validate_operation(operation).unwrap();
    let author = *operation.header.verifying_key.as_bytes();
    if let Some(head) = heads.get(&author) {
        validate_backlink(head, &operation.header).unwrap();
    }
    heads.insert(author, operation.header.clone());
}

pub async fn publish(directory: &Path, bodies: Vec<(usize, Vec<u8>)>) -> f64 {
    let (store, mut writer, before) = (open(directory).await, Writer::new(), cpu());
    for group in bodies.chunks(GROUP) {
        let operations: Vec<Op> = group.iter().map(|(author, body)| writer.write(*author, body)).collect();
        keep(&store, &operations).await;
    }
    each(before, bodies.len())
}

pub async fn ingest(directory: &Path, bodies: Vec<(usize, Vec<u8>)>) -> f64 {
    let (store, mut writer) = (open(directory).await, Writer::new());
    let operations: Vec<Op> = bodies.iter().map(|(author, body)| writer.write(*author, body)).collect();
    let (mut heads, before) = (BTreeMap::new(), cpu());
    for group in operations.chunks(GROUP) {
        group.iter().for_each(|operation| check(operation, &mut heads));
        keep(&store, group).await;
    }
    each(before, operations.len())
}

pub async fn fill(directory: &Path, bodies: Vec<(usize, Vec<u8>)>, lacking: usize) {
    let (store, mut writer) = (open(directory).await, Writer::new());
    let all: Vec<(usize, Op)> = bodies.iter().map(|(author, body)| (*author, writer.write(*author, body))).collect();
    let kept: Vec<Op> = without(all, lacking).into_iter().map(|(_, operation)| operation).collect();
    for group in kept.chunks(4096) {
        keep(&store, group).await;
    }
}

pub async fn serve(directory: &Path) {
    let store = open(directory).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (events, kept) = broadcast::channel(16);
        run(&store, stream, events).await;
        drop(kept);
    }
}

pub async fn sync(directory: &Path, address: &str, count: usize) {
    let store = open(directory).await;
    let (events, mut received) = broadcast::channel(EVENTS);
    let keeping = store.clone();
    let keeper = tokio::spawn(async move {
        let (mut heads, mut group) = (BTreeMap::new(), Vec::with_capacity(GROUP));
        while let Ok(event) = received.recv().await {
            if let LogSyncEvent::OperationReceived { operation, .. } = event {
                check(&operation, &mut heads);
                group.push(*operation);
            }
            if group.len() == GROUP {
                keep(&keeping, &group).await;
                group.clear();
            }
        }
        keep(&keeping, &group).await;
    });
    run(&store, TcpStream::connect(address).await.unwrap(), events).await;
    keeper.await.unwrap();
    let held = heights(&store).await;
    assert_eq!(held, count, "not everything has arrived");
    done();
}

async fn run(store: &SqliteStore, stream: TcpStream, events: broadcast::Sender<LogSyncEvent<()>>) {
    stream.set_nodelay(true).unwrap();
    let (sink, stream) =
        Framed::new(stream, LengthDelimitedCodec::builder().max_frame_length(64 << 20).new_codec()).split::<Bytes>();
    let encode = |message: LogSyncMessage<u64>| future::ready(Ok::<_, std::io::Error>(encode_cbor(&message).unwrap().into()));
    let mut sink = Box::pin(sink.with(encode));
    let decode = |frame: Result<BytesMut, std::io::Error>| frame.map(|frame| decode_cbor(&frame[..]).unwrap());
    let mut stream = stream.map(decode);
    let logs = (0..AUTHORS).map(|author| (key(author).verifying_key(), vec![LOG])).collect();
    let session = LogSync::<u64, (), SqliteStore, LogSyncEvent<()>>::new(store.clone(), logs, events);
    session.run(&mut sink, &mut stream).await.unwrap();
}

async fn heights(store: &SqliteStore) -> usize {
    let mut held = 0;
    for author in 0..AUTHORS {
        let logs = LogStore::<Op, _, u64, u64, Hash>::get_log_heights(store, &key(author).verifying_key(), &[LOG]).await.unwrap();
        held += logs.and_then(|logs| logs.get(&LOG).copied()).map_or(0, |height| height as usize + 1);
    }
    held
}
