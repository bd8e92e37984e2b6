//! What a user relies on: what was acknowledged is there after a power cut, a reopening, and any damage is told.

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

use koinon_protocol::id::{NetworkId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::ledger::{Ledger as _, MemoryLedger, Plane};
use koinon_protocol::log::{ForkProof, Head, Linked, LogId, link};
use koinon_protocol::reconcile::Range;
use koinon_protocol::record::{Body, Draft, Sealed};
use koinon_protocol::time::Millis;
use koinond::store::disk::{Disk, Handle};
use koinond::store::{Options, Store, StoreError};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

const NETWORK: NetworkId = NetworkId([7; 32]);
const OPTIONS: Options = Options { segment: 8 * 1024, ballast: 4096 };

/// Records of four logs, in turns.
fn mixed(count: usize) -> Vec<(Linked, Body)> {
    let logs: Vec<_> = (0..4).map(|seed| log(seed, count as u64 / 4, 300)).collect();
    (0..count).map(|number| logs[number % 4][number / 4].clone()).collect()
}

/// Two records of one author at one place.
fn fork() -> ForkProof {
    let [one, other] = [100, 101].map(|length| *log(9, 1, length)[0].0.record());
    ForkProof::new(one, other).unwrap()
}

fn records(count: u64, length: usize) -> Vec<(Linked, Body)> {
    log(3, count, length)
}

fn log(seed: u8, count: u64, length: usize) -> Vec<(Linked, Body)> {
    let signer = Signer::from_seed(&[seed; 32]);
    let mut head: Option<Head> = None;
    let one = |seq| {
        let draft = Draft {
            kind: 40,
            network: NETWORK,
            organisation: RecordId([1; 32]).into(),
            seq,
            previous: head.map_or(RecordId::ZERO, |head| head.id),
            claimed_at: Millis(seq),
            subject: RecordId::ZERO,
            territory: [0; 12],
            topic: 0,
        };
        let text = format!("erase me {seq:08} ");
        let bytes = text.bytes().cycle().take(length).collect();
        let (verified, body) = draft.sign(&signer, Sealed { salt: [seq as u8; 32], bytes }).unwrap();
        let linked = link(verified, head.as_ref()).unwrap();
        head = Some(linked.head());
        (linked, body)
    };
    (0..count).map(one).collect()
}

/// A file as the disk has it for certain, and what was written since.
#[derive(Clone, Default)]
struct Memory {
    durable: Vec<u8>,
    now: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
    named: bool,
}

#[derive(Clone, Default)]
struct State {
    files: BTreeMap<String, Memory>,
    calls: u64,
    fail_at: Option<u64>,
}

/// A disk in memory whose power can be cut and whose n-th change can fail, with all after it.
#[derive(Clone, Default)]
struct Trial(Arc<Mutex<State>>);

struct Open(Trial, String);

impl Trial {
    fn change<T>(&self, act: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.0.lock().unwrap();
        state.calls += 1;
        if state.fail_at.is_some_and(|n| state.calls >= n) {
            return Err(io::Error::other("the disk failed"));
        }
        act(&mut state)
    }

    /// What the disk holds after a power cut: each sector written since the last sync is there or not.
    fn cut(&self, random: &mut Random, sector: usize) -> Trial {
        let mut state = self.0.lock().unwrap().clone();
        state.fail_at = None;
        state.files.retain(|_, file| file.named || random.below(2) == 0);
        for file in state.files.values_mut() {
            let mut image = std::mem::take(&mut file.durable);
            for (offset, bytes) in std::mem::take(&mut file.pending) {
                let mut at = 0;
                while at < bytes.len() {
                    let end = bytes.len().min(at + sector - (offset + at) % sector);
                    if random.below(2) == 0 {
                        image.resize(image.len().max(offset + end), 0);
                        image[offset + at..offset + end].copy_from_slice(&bytes[at..end]);
                    }
                    at = end;
                }
            }
            *file = Memory { durable: image.clone(), now: image, pending: Vec::new(), named: true };
        }
        Trial(Arc::new(Mutex::new(state)))
    }

    /// Another disk that holds what this one does now.
    fn cut_nothing(&self) -> Trial {
        Trial(Arc::new(Mutex::new(self.0.lock().unwrap().clone())))
    }

    fn holds(&self, text: &[u8]) -> bool {
        self.0.lock().unwrap().files.values().any(|file| file.now.windows(text.len()).any(|window| window == text))
    }

    fn store(&self) -> Store {
        Store::open_on(Box::new(self.clone()), NETWORK, OPTIONS).unwrap()
    }
}

impl Disk for Trial {
    fn open(&self, name: &str, create: bool) -> io::Result<Box<dyn Handle>> {
        let mut state = self.0.lock().unwrap();
        if !create && !state.files.contains_key(name) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.files.entry(name.to_owned()).or_default();
        Ok(Box::new(Open(self.clone(), name.to_owned())))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.0.lock().unwrap().files.keys().cloned().collect())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.change(|state| state.files.remove(name).map(|_| ()).ok_or(io::ErrorKind::NotFound.into()))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.change(|state| {
            let file = state.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
            state.files.insert(to.to_owned(), file);
            Ok(())
        })
    }

    fn set_aside(&self, name: &str) -> io::Result<()> {
        self.rename(name, &format!("damaged/{name}"))
    }

    fn sync_names(&self) -> io::Result<()> {
        self.change(|state| {
            state.files.values_mut().for_each(|file| file.named = true);
            Ok(())
        })
    }
}

impl Open {
    fn change(&self, act: impl FnOnce(&mut Memory)) -> io::Result<()> {
        self.0.change(|state| {
            act(state.files.get_mut(&self.1).ok_or(io::ErrorKind::NotFound)?);
            Ok(())
        })
    }
}

impl Handle for Open {
    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let state = self.0.0.lock().unwrap();
        let from = offset as usize;
        let bytes = state.files[&self.1].now.get(from..from + buffer.len());
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let offset = offset as usize;
        self.change(|file| {
            file.now.resize(file.now.len().max(offset + bytes.len()), 0);
            file.now[offset..offset + bytes.len()].copy_from_slice(bytes);
            file.pending.push((offset, bytes.to_vec()));
        })
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.0.lock().unwrap().files[&self.1].now.len() as u64)
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.change(|file| {
            file.now.resize(length as usize, 0);
            file.durable = file.now.clone();
            file.pending.clear();
        })
    }

    fn reserve(&self, length: u64) -> io::Result<()> {
        let length = length.min(16 * 1024) as usize;
        self.change(|file| file.now.resize(file.now.len().max(length), 0))
    }

    fn sync(&self) -> io::Result<()> {
        self.change(|file| {
            file.durable = file.now.clone();
            file.pending.clear();
        })
    }
}

/// splitmix64: a trial can be repeated from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

fn assert_holds(store: &Store, records: &[(Linked, Body)], acknowledged: usize) {
    assert!(store.size() as usize >= acknowledged, "{} of {acknowledged} are left", store.size());
    for (position, (linked, body)) in records.iter().take(store.size() as usize).enumerate() {
        let entry = store.entry(position as u64).unwrap();
        assert_eq!(entry.signed, *linked.record().signed());
        assert!(entry.body.as_ref().is_none_or(|sealed| sealed == body.sealed()));
        assert!(position >= acknowledged || entry.body.is_some(), "body {position} is lost");
        assert_eq!(store.find(&entry.id).unwrap(), Some(position as u64));
        assert_eq!(store.at(&linked.log(), position as u64).unwrap(), Some(position as u64));
    }
}

#[test]
fn nothing_acknowledged_is_lost_in_a_power_cut() {
    let records = records(60, 700);
    for seed in 0..600 {
        let random = &mut Random(seed);
        let disk = Trial::default();
        let mut store = disk.store();
        let mut acknowledged = 0;
        for (written, (linked, body)) in records.iter().enumerate().take(random.below(60) as usize) {
            store.append(linked, Some(body)).unwrap();
            if random.below(4) == 0 {
                store.sync().unwrap();
                acknowledged = written + 1;
            }
        }
        let after = disk.cut(random, if seed % 2 == 0 { 512 } else { 4096 });
        let mut store = after.store();
        assert_holds(&store, &records, acknowledged);
        for (linked, body) in &records[store.size() as usize..] {
            store.append(linked, Some(body)).unwrap();
        }
        store.sync().unwrap();
        assert_holds(&after.store(), &records, acknowledged);
        assert_eq!(after.store().size(), 60);
    }
}

#[test]
fn what_is_appended_during_a_sync_waits_for_the_next_one_and_nothing_before_it_is_lost() {
    let records = records(60, 700);
    for seed in 0..300 {
        let random = &mut Random(seed);
        let disk = Trial::default();
        let mut store = disk.store();
        let (mut pending, mut acknowledged) = (None, 0);
        for (linked, body) in records.iter().take(random.below(60) as usize) {
            store.append(linked, Some(body)).unwrap();
            match pending.take() {
                None if random.below(4) == 0 => pending = store.begin_sync().unwrap().map(|begun| (begun, store.size())),
                Some((begun, size)) if random.below(3) == 0 => {
                    store.end_sync(koinond::store::Pending::carry_out(begun)).unwrap();
                    acknowledged = size;
                }
                under_way => pending = under_way,
            }
            assert_eq!(store.durable(), acknowledged);
        }
        let after = disk.cut(random, if seed % 2 == 0 { 512 } else { 4096 });
        assert_holds(&after.store(), &records, acknowledged as usize);
    }
}

#[test]
fn nothing_is_acknowledged_after_a_failure() {
    let records = records(20, 300);
    for n in 1..200 {
        let disk = Trial::default();
        let Ok(mut store) = Store::open_on(Box::new(disk.clone()), NETWORK, OPTIONS) else { continue };
        let opened = disk.0.lock().unwrap().calls;
        disk.0.lock().unwrap().fail_at = Some(opened + n);
        let mut acknowledged = 0;
        for (written, (linked, body)) in records.iter().enumerate() {
            if store.append(linked, Some(body)).and_then(|_| store.sync()).is_ok() {
                assert!(store.failure().is_none(), "acknowledged after a failure");
                acknowledged = written + 1;
            }
        }
        if store.failure().is_some() {
            assert!(matches!(store.sync(), Err(StoreError::ReadOnly(_))));
        }
        assert_holds(&disk.cut(&mut Random(n), 512).store(), &records, acknowledged);
    }
}

/// What a peer does: brings every record and body that is missing.
fn bring_back(store: &mut Store, records: &[(Linked, Body)]) {
    for (linked, body) in records {
        match store.find(&linked.record().id()).unwrap() {
            None => {
                store.append(linked, Some(body)).unwrap();
            }
            Some(position) if store.entry(position).unwrap().body.is_none() => store.put_body(position, body).unwrap(),
            Some(_) => {}
        }
    }
    store.sync().unwrap();
}

fn assert_nothing_wrong(store: &Store, records: &BTreeMap<RecordId, (Linked, Body)>) {
    for position in 0..store.size() {
        let entry = store.entry(position).unwrap();
        let (linked, body) = &records[&entry.id];
        assert_eq!(entry.signed, *linked.record().signed());
        assert!(entry.body.as_ref().is_none_or(|sealed| sealed == body.sealed()));
        assert_eq!(store.find(&entry.id).unwrap(), Some(position));
        assert_eq!(store.at(&linked.log(), linked.head().seq).unwrap(), Some(position));
    }
}

#[test]
fn a_store_opens_after_any_damage_serves_nothing_wrong_and_heals_from_a_peer() {
    let records = mixed(120);
    let all: BTreeMap<RecordId, (Linked, Body)> = records.iter().map(|pair| (pair.0.record().id(), pair.clone())).collect();
    let disk = Trial::default();
    let mut store = disk.store();
    for (linked, body) in &records {
        store.append(linked, Some(body)).unwrap();
    }
    let fork = fork();
    store.freeze(&fork).unwrap();
    store.sync().unwrap();
    drop(store);
    let names = disk.names().unwrap();
    let (mut mended, mut reported, mut harmless) = (0, 0, 0);
    for seed in 0..400 {
        let random = &mut Random(seed);
        let damaged = disk.cut(random, 512);
        let name = &names[seed as usize % names.len()];
        harm(&damaged, name, random);
        let mut store = damaged.store();
        assert_nothing_wrong(&store, &all);
        let lost = records.len() as u64 - store.size();
        assert_eq!(store.mended().map(|mended| mended.lost), (lost > 0).then_some(Some(lost)), "{name}, seed {seed}");
        assert!(store.mended().is_none() || name.starts_with("headers"), "only headers that are lost make a new journal: {name}");
        let report = store.scrub(None).unwrap();
        let absent = (0..store.size()).filter(|&position| store.entry(position).unwrap().body.is_none()).count();
        assert_eq!((report.damaged_headers.len(), report.damaged_bodies.len()), (0, absent));
        *if lost > 0 {
            &mut mended
        } else if absent > 0 {
            &mut reported
        } else {
            &mut harmless
        } += 1;
        if store.forks().is_empty() {
            assert_eq!(name, "forks.seg");
            store.freeze(&fork).unwrap();
        }
        bring_back(&mut store, &records);
        drop(store);
        let store = damaged.store();
        assert_eq!((store.size(), store.mended(), store.forks().len()), (records.len() as u64, None, 1));
        assert!(store.scrub(None).unwrap().is_clean());
        assert_nothing_wrong(&store, &all);
    }
    println!("400 trials: {mended} journals mended, {reported} with bodies to fetch, {harmless} harmless");
}

#[test]
fn mending_that_is_interrupted_anywhere_loses_nothing_more() {
    let records = mixed(120);
    let all: BTreeMap<RecordId, (Linked, Body)> = records.iter().map(|pair| (pair.0.record().id(), pair.clone())).collect();
    let disk = Trial::default();
    let mut store = disk.store();
    for (linked, body) in &records {
        store.append(linked, Some(body)).unwrap();
    }
    store.sync().unwrap();
    drop(store);
    let random = &mut Random(1);
    let damaged = disk.cut(random, 512);
    if let Some(file) = damaged.0.lock().unwrap().files.get_mut("headers-0001.seg") {
        file.durable[700] ^= 4;
        file.now = file.durable.clone();
    }
    let kept = damaged.cut_nothing().store().mended().unwrap().kept;
    assert!(kept > 60 && kept < 120);
    for n in 1..2000 {
        let trial = damaged.cut_nothing();
        trial.0.lock().unwrap().fail_at = Some(n);
        let failed = Store::open_on(Box::new(trial.clone()), NETWORK, OPTIONS).is_err();
        let after = trial.cut(random, 512);
        let mut store = after.store();
        assert_eq!(store.size(), kept, "interrupted at change {n}");
        assert_nothing_wrong(&store, &all);
        bring_back(&mut store, &records);
        assert!(store.scrub(None).unwrap().is_clean());
        if !failed {
            return;
        }
    }
    panic!("opening makes more changes than expected");
}

#[test]
fn a_body_whose_header_is_lost_is_in_no_file() {
    let records = records(60, 300);
    let disk = Trial::default();
    let mut store = disk.store();
    for (linked, body) in &records {
        store.append(linked, Some(body)).unwrap();
    }
    store.sync().unwrap();
    drop(store);
    disk.0.lock().unwrap().files.get_mut("headers-0001.seg").unwrap().now[100] ^= 1;
    let store = disk.store();
    let kept = store.mended().unwrap().kept;
    assert!(disk.holds(format!("erase me {:08}", kept - 1).as_bytes()));
    for seq in kept..60 {
        assert!(!disk.holds(format!("erase me {seq:08}").as_bytes()), "{seq}");
    }
}

fn harm(disk: &Trial, name: &str, random: &mut Random) {
    let mut state = disk.0.lock().unwrap();
    let bytes = &mut state.files.get_mut(name).unwrap().now;
    let at = random.below(bytes.len().max(1) as u64) as usize;
    match random.below(5) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
        1 => bytes.truncate(at),
        2 => bytes.iter_mut().skip(at).take(600).for_each(|byte| *byte = 0),
        3 => bytes.iter_mut().skip(at).take(600).for_each(|byte| *byte = random.below(256) as u8),
        _ => {
            state.files.remove(name);
        }
    }
}

#[test]
fn an_erased_body_is_in_no_file_and_does_not_come_back() {
    let records = records(30, 300);
    let disk = Trial::default();
    let mut store = disk.store();
    for (linked, body) in &records {
        store.append(linked, Some(body)).unwrap();
    }
    store.sync().unwrap();
    assert!(disk.holds(b"erase me 00000011"));
    store.erase_body(11).unwrap();
    let mut store = disk.cut(&mut Random(1), 512).store();
    assert!(!disk.holds(b"erase me 00000011"));
    assert_eq!(store.entry(11).unwrap().body, None);
    assert!(matches!(store.put_body(11, &records[11].1), Err(StoreError::Erased(11))));
    assert_eq!(store.scrub(Some(NETWORK)).unwrap().erased, 1);
}

#[test]
fn a_body_that_comes_later_is_kept() {
    let records = records(3, 300);
    let disk = Trial::default();
    let mut store = disk.store();
    for (linked, _) in &records {
        store.append(linked, None).unwrap();
    }
    assert!(matches!(store.put_body(0, &records[1].1), Err(StoreError::OtherBody(0))));
    store.put_body(1, &records[1].1).unwrap();
    store.sync().unwrap();
    let store = disk.cut(&mut Random(1), 512).store();
    assert_eq!(store.entry(1).unwrap().body.as_ref(), Some(records[1].1.sealed()));
    assert_eq!(store.entry(0).unwrap().body, None);
    let log: LogId = records[0].0.log();
    assert_eq!(store.head(&log).unwrap(), Some(records[2].0.head()));
}

#[test]
fn one_process_holds_a_directory_and_a_record_takes_little_more_than_its_bytes() {
    let records = records(10_000, 1024);
    let directory = tempfile::tempdir().unwrap();
    let open = || Store::open(directory.path(), NETWORK, Options { ballast: 0, ..Options::default() });
    let mut store = open().unwrap();
    assert!(matches!(open(), Err(koinond::store::OpenError::Locked)));
    let start = std::time::Instant::now();
    for (linked, body) in &records {
        store.append(linked, Some(body)).unwrap();
    }
    store.sync().unwrap();
    let written = start.elapsed();
    drop(store);
    let start = std::time::Instant::now();
    let store = open().unwrap();
    let opened = start.elapsed();
    assert_eq!(store.size(), 10_000);
    drop(store);
    let entries = std::fs::read_dir(directory.path()).unwrap();
    let bytes: u64 = entries.map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    println!("10,000 records of 1 KiB: {} B each; written in {written:?}, opened in {opened:?}", bytes / 10_000);
    assert!(bytes / 10_000 < 1536 + 256, "{bytes}");
}

#[test]
fn a_reopened_store_answers_as_a_ledger_in_memory_does() {
    let records = records(50, 64);
    let (disk, mut model) = (Trial::default(), MemoryLedger::default());
    for (linked, body) in &records {
        let mut store = disk.store();
        let body = (linked.head().seq % 3 > 0).then_some(body);
        assert_eq!(store.append(linked, body).unwrap(), model.append(linked, body).unwrap());
        assert!(matches!(store.append(linked, body), Err(StoreError::Order(_))));
        store.sync().unwrap();
    }
    let store = disk.store();
    for position in 0..model.size() {
        assert_eq!(store.entry(position).ok(), model.entry(position).ok());
        assert_eq!(store.id(position), model.id(position));
        assert_eq!(store.nth(Plane::Content, &Range::ALL, position), model.nth(Plane::Content, &Range::ALL, position));
    }
    for level in 0..6 {
        assert_eq!(store.node(level, 0), model.node(level, 0));
    }
    for plane in [Plane::Control, Plane::Content] {
        assert_eq!(store.summary(plane, &Range::ALL), model.summary(plane, &Range::ALL));
        assert_eq!(store.items(plane, &Range::ALL, 20), model.items(plane, &Range::ALL, 20));
    }
}
