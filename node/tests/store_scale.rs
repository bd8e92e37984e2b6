//! How long a large store takes to open and how much it takes of memory and disk. Run by hand, in release, one after the other:
//!
//! ```text
//! KOINON_SCALE=/some/dir KOINON_RECORDS=1000000 cargo test --release -p koinond --test store_scale -- --ignored --nocapture writing
//! KOINON_SCALE=/some/dir cargo test --release -p koinond --test store_scale -- --ignored --nocapture opening
//! ```

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::log::{Head, link};
use koinon_protocol::record::{Draft, Sealed};
use koinon_protocol::time::Millis;
use koinond::index::{Follower, follow};
use koinond::reader::{Listing, Reader};
use koinond::store::{Options, Store};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const NETWORK: NetworkId = NetworkId([7; 32]);
const AUTHORS: u64 = 1000;

fn directory() -> PathBuf {
    std::env::var_os("KOINON_SCALE").map(PathBuf::from).unwrap()
}

/// CPU of this process so far, user and system.
fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let ticks: u64 =
        stat.rsplit_once(')').unwrap().1.split_whitespace().skip(11).take(2).map(|n| n.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let lines =
        status.lines().filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM") || line.starts_with("RssAnon"));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(", ")
}

fn bytes(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let entries = fs::read_dir(path).into_iter().flatten().map(Result::unwrap);
    entries
        .map(
            |entry| {
                if entry.file_type().unwrap().is_dir() { bytes(&entry.path()) } else { entry.metadata().unwrap().blocks() * 512 }
            },
        )
        .sum()
}

fn body(number: u64) -> Vec<u8> {
    let text = format!("{{\"number\":{number},\"text\":\"{}\"}}", "koinon ".repeat(143));
    text.into_bytes().into_iter().take(1024).collect()
}

fn wait(follower: &Follower, reader: &Reader, size: u64) {
    while reader.size() < size {
        assert_eq!(follower.failure(), None);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
#[ignore = "a measurement, run by hand"]
fn writing() {
    let count: u64 = std::env::var("KOINON_RECORDS").unwrap().parse().unwrap();
    let path = directory();
    let mut store = Store::open(&path, NETWORK, Options::default()).unwrap();
    let signers: Vec<Signer> =
        (0..AUTHORS).map(|author| Signer::from_seed(&[author.to_be_bytes(); 4].concat().try_into().unwrap())).collect();
    let mut heads: Vec<Option<Head>> = vec![None; AUTHORS as usize];
    let (mut appending, start) = (Duration::ZERO, Instant::now());
    for number in 0..count {
        let author = (number * 7919 % AUTHORS) as usize;
        let head = heads[author];
        let draft = Draft {
            kind: if number % 50 == 0 { 2 } else { 33 + (number % 7) as u16 },
            network: NETWORK,
            organisation: OrganisationId([author as u8; 32]),
            seq: head.map_or(0, |head| head.seq + 1),
            previous: head.map_or(RecordId::ZERO, |head| head.id),
            claimed_at: Millis(1_700_000_000_000 + number * 1000),
            subject: head.filter(|_| number % 3 == 0).map_or(RecordId::ZERO, |head| head.id),
            territory: [0; 12],
            topic: 0,
        };
        let (record, body) = draft.sign(&signers[author], Sealed { salt: [number as u8; 32], bytes: body(number) }).unwrap();
        let linked = link(record, head.as_ref()).unwrap();
        heads[author] = Some(linked.head());
        let before = Instant::now();
        store.append(&linked, Some(&body)).unwrap();
        if number % 1000 == 999 {
            store.sync().unwrap();
        }
        appending += before.elapsed();
    }
    store.sync().unwrap();
    println!("{count} written in {:?}, of which append and sync {appending:?}", start.elapsed());
    let segments = bytes(&path);
    let (before, start) = (cpu(), Instant::now());
    let (follower, reader) = follow(&path, &store).unwrap();
    wait(&follower, &reader, count);
    let passed = start.elapsed();
    drop(follower);
    let each = (cpu() - before).as_secs_f64() * 1e6 / count as f64;
    println!("indexed in {passed:?}, in order after {:?}, {each:.1} µs CPU a record; {}", start.elapsed(), memory());
    println!(
        "bytes a record: segments {}, index {}, search {}",
        segments / count,
        bytes(&path.join("index")) / count,
        bytes(&path.join("search")) / count
    );
}

#[test]
#[ignore = "a measurement, run by hand"]
fn opening() {
    let path = directory();
    let (before, start) = (cpu(), Instant::now());
    let store = Store::open(&path, NETWORK, Options::default()).unwrap();
    println!("{} records: store opened in {:?}, {:?} CPU; {}", store.size(), start.elapsed(), cpu() - before, memory());
    let start = Instant::now();
    let (follower, reader) = follow(&path, &store).unwrap();
    println!("index opened in {:?}; {}", start.elapsed(), memory());
    wait(&follower, &reader, store.size());
    let size = store.size();
    let places: Vec<u64> = (0..1000).map(|n| n * 7_919_993 % size).collect();
    let time = |what: &str, act: &dyn Fn(u64)| {
        let start = Instant::now();
        places.iter().for_each(|&place| act(place));
        println!("{what}: {:?} each", start.elapsed() / 1000);
    };
    time("entry", &|place| assert!(reader.entry(place).unwrap().unwrap().body.is_some()));
    time("find", &|place| {
        let id = reader.ids(place, 1).unwrap()[0];
        assert_eq!(reader.find(&id).unwrap(), Some(place));
    });
    time("find nothing", &|place| assert_eq!(reader.find(&RecordId([place as u8; 32])).unwrap(), None));
    time("newest 50 of a kind", &|place| assert_eq!(reader.newest(Listing::Kind(33), place + 1_000, 50).unwrap().len(), 50));
    time("root", &|place| assert!(reader.root(place).is_ok()));
    time("inclusion", &|place| assert!(reader.inclusion(place, size).is_ok()));
    println!("{}", memory());
}
