//! Damage to any file of a data directory, sled's and tantivy's among them: the node starts, serves nothing wrong, and is whole again
//! once a peer brought what is lost.

use crate::ground::NETWORK;
use crate::trial::Random;
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::kind::Kind;
use koinon_protocol::ledger::Ledger as _;
use koinon_protocol::log::{Head, Linked, link};
use koinon_protocol::record::{Body, Draft, Sealed};
use koinon_protocol::time::Millis;
use koinond::index::{Follower, follow};
use koinond::reader::{Listing, Reader};
use koinond::search::Question;
use koinond::store::{Options, Store};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const OPTIONS: Options = Options { segment: 256 * 1024, ballast: 4096 };
const TRIALS: u64 = 208;

fn records() -> Vec<(Linked, Body)> {
    let mut heads: Vec<Option<Head>> = vec![None; 5];
    let one = |number: u64| {
        let author = (number % 5) as usize;
        let signer = Signer::from_seed(&[author as u8 + 1; 32]);
        let head = heads[author];
        let draft = Draft {
            kind: 34,
            network: NETWORK,
            organisation: OrganisationId([author as u8 + 1; 32]),
            seq: head.map_or(0, |head| head.seq + 1),
            previous: head.map_or(RecordId::ZERO, |head| head.id),
            claimed_at: Millis(number),
            subject: RecordId::ZERO,
            territory: [0; 12],
            topic: 0,
        };
        let example = Kind::by_name("need").unwrap().example;
        let text = example.replace("A shared building inspector", &format!("inspector number{number}"));
        let (record, body) = draft.sign(&signer, Sealed { salt: [number as u8; 32], bytes: text.into_bytes() }).unwrap();
        let linked = link(record, head.as_ref()).unwrap();
        heads[author] = Some(linked.head());
        (linked, body)
    };
    (0..600).map(one).collect()
}

fn open(path: &Path) -> (Store, Follower, Reader) {
    let store = Store::open(path, NETWORK, OPTIONS).unwrap();
    let (follower, reader) = follow(path, &store).unwrap();
    (store, follower, reader)
}

fn indexed(house: &(Store, Follower, Reader)) {
    house.1.durable(house.0.size());
    while house.2.size() < house.0.size() {
        assert_eq!(house.1.failure(), None);
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Many trials, each with many syncs: in memory, where there is such a place.
fn place() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn files(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    entries
        .flat_map(|entry| if entry.file_type().unwrap().is_dir() { files(&entry.path()) } else { vec![entry.path()] })
        .collect()
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
}

fn harm(file: &Path, random: &mut Random) {
    let mut bytes = fs::read(file).unwrap();
    // Segments are preallocated: harm what is written, which lies at the beginning.
    let used = bytes.iter().rposition(|&byte| byte != 0).map_or(1, |last| last as u64 + 1);
    let at = random.below(used) as usize;
    match random.below(5) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
        1 => bytes.truncate(at),
        2 => bytes.iter_mut().skip(at).take(4096).for_each(|byte| *byte = 0),
        3 => bytes.iter_mut().skip(at).take(4096).for_each(|byte| *byte = random.below(256) as u8),
        _ => return fs::remove_file(file).unwrap(),
    }
    fs::write(file, bytes).unwrap();
}

fn hits(reader: &Reader, number: u64) -> Vec<RecordId> {
    let question = Question { text: format!("number{number}"), limit: 10, ..Question::default() };
    reader.search(&question).unwrap().hits.into_iter().map(|hit| hit.id).collect()
}

/// Nothing is there that was not written, and all that is in the journal is found.
fn assert_serves(house: &(Store, Follower, Reader), all: &BTreeMap<RecordId, (Linked, Body)>, what: &str) {
    let reader = &house.2;
    for position in 0..reader.size() {
        let entry = reader.entry(position).unwrap().unwrap();
        let (linked, body) = &all[&entry.id];
        assert_eq!(entry.signed, *linked.record().signed(), "{what}");
        assert!(entry.body.as_ref().is_none_or(|sealed| sealed == body.sealed()), "{what}");
        assert_eq!(reader.find(&entry.id).unwrap(), Some(position), "{what}");
    }
    assert_eq!(reader.newest(Listing::Kind(34), u64::MAX, 2000).unwrap().len() as u64, reader.size(), "{what}");
    assert_eq!(Some(reader.root(reader.size()).unwrap()), house.0.root(house.0.size()), "{what}");
    for (linked, _) in all.values().take(5) {
        assert_eq!(reader.head(&linked.log()).unwrap(), house.0.head(&linked.log()).unwrap(), "{what}");
    }
}

fn bring_back(house: &mut (Store, Follower, Reader), records: &[(Linked, Body)]) {
    for (linked, body) in records {
        match house.0.find(&linked.record().id()).unwrap() {
            None => {
                house.0.append(linked, Some(body)).unwrap();
            }
            Some(position) if house.0.entry(position).unwrap().body.is_none() => {
                house.0.put_body(position, body).unwrap();
                house.1.body(position);
            }
            Some(_) => {}
        }
    }
    house.0.sync().unwrap();
    indexed(house);
}

#[test]
fn a_node_starts_after_damage_to_any_file_and_is_whole_once_peers_sent_what_is_lost() {
    let records = records();
    let all: BTreeMap<RecordId, (Linked, Body)> = records.iter().map(|pair| (pair.0.record().id(), pair.clone())).collect();
    let origin = place();
    let mut house = open(origin.path());
    for part in records.chunks(60) {
        for (linked, body) in part {
            house.0.append(linked, Some(body)).unwrap();
        }
        house.0.sync().unwrap();
        indexed(&house);
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(house);
    let mut names: Vec<PathBuf> =
        files(origin.path()).iter().map(|file| file.strip_prefix(origin.path()).unwrap().to_owned()).collect();
    names.sort_unstable();
    let (mut mended, mut healed) = (0, 0);
    for seed in 0..TRIALS {
        let random = &mut Random(seed);
        let name = &names[seed as usize % names.len()];
        let trial = place();
        copy(origin.path(), trial.path());
        harm(&trial.path().join(name), random);
        let what = format!("{}, seed {seed}", name.display());
        let mut house = open(trial.path());
        mended += u64::from(house.0.mended().is_some());
        indexed(&house);
        assert_serves(&house, &all, &what);
        bring_back(&mut house, &records);
        assert_eq!(house.0.size(), records.len() as u64);
        assert_serves(&house, &all, &what);
        drop(house);
        let house = open(trial.path());
        indexed(&house);
        assert_serves(&house, &all, &what);
        assert_eq!(house.0.mended(), None, "{what}");
        let probes: Vec<u64> = (0..12).map(|_| random.below(records.len() as u64)).collect();
        let found = |number: &u64| hits(&house.2, *number) == [records[*number as usize].0.record().id()];
        // The search is committed a moment after the last record.
        let waited = (0..400).find(|_| {
            std::thread::sleep(Duration::from_millis(5));
            probes.iter().all(found)
        });
        healed += u64::from(waited.is_some());
        if waited.is_none() {
            println!("not healed: {what}");
        }
    }
    println!("{TRIALS} trials over {} files: {mended} journals mended, {healed} whole again", names.len());
    assert!(healed * 100 >= TRIALS * 99, "{healed} of {TRIALS} healed");
}
