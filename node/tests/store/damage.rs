//! Damage to what a store has written: it is told, nothing wrong is served, and a peer makes it whole again.

use crate::ground::{NETWORK, fork, mixed, records};
use crate::trial::{OPTIONS, Random, Trial};
use koinon_protocol::id::RecordId;
use koinon_protocol::ledger::Ledger;
use koinon_protocol::log::Linked;
use koinon_protocol::record::Body;
use koinond::store::Store;
use koinond::store::disk::Disk as _;
use std::collections::BTreeMap;

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
    let disk = Trial::with(&records);
    let fork = fork();
    let mut store = disk.store();
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
        let absent: Vec<u64> = (0..store.size()).filter(|&position| store.entry(position).unwrap().body.is_none()).collect();
        assert_eq!((report.damaged_headers.len(), &report.damaged_bodies), (0, &absent));
        assert_eq!(Ledger::lacking(&store, 0, u64::MAX).unwrap(), absent, "{name}, seed {seed}");
        *if lost > 0 {
            &mut mended
        } else if !absent.is_empty() {
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
    let disk = Trial::with(&records);
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
    let disk = Trial::with(&records);
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
