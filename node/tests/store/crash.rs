//! What a user relies on: what was acknowledged is there after a power cut and a reopening.

use crate::ground::{NETWORK, fill, records};
use crate::trial::{OPTIONS, Random, Trial};
use koinon_protocol::ledger::{Ledger, MemoryLedger, Plane, Ranges as _};
use koinon_protocol::log::{Linked, LogId};
use koinon_protocol::reconcile::Range;
use koinon_protocol::record::Body;
use koinond::store::{Options, Store, StoreError};

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
        let rest = store.size() as usize;
        fill(&mut store, &records[rest..]);
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
    for (n, once) in (1..200).flat_map(|n| [(n, false), (n, true)]) {
        let disk = Trial::default();
        let Ok(mut store) = Store::open_on(Box::new(disk.clone()), NETWORK, OPTIONS) else { continue };
        disk.fail(n, once);
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

#[test]
fn an_erased_body_is_in_no_file_and_does_not_come_back() {
    let records = records(30, 300);
    let disk = Trial::with(&records);
    let mut store = disk.store();
    assert!(disk.holds(b"erase me 00000011"));
    store.erase_body(11).unwrap();
    let mut store = disk.cut(&mut Random(1), 512).store();
    assert!(!disk.holds(b"erase me 00000011"));
    assert_eq!(store.entry(11).unwrap().body, None);
    assert!(matches!(store.put_body(11, &records[11].1), Err(StoreError::Erased(11))));
    assert_eq!(store.scrub(Some(NETWORK)).unwrap().erased, 1);
    assert!(Ledger::lacking(&store, 0, 30).unwrap().is_empty(), "what was erased is not asked for");
}

#[test]
fn a_record_that_comes_alone_costs_one_sync() {
    let records = records(200, 300);
    let disk = Trial::default();
    let mut store = Store::open_on(Box::new(disk.clone()), NETWORK, Options { segment: 1 << 20, ballast: 0 }).unwrap();
    fill(&mut store, &records[..1]);
    let before = disk.0.lock().unwrap().syncs;
    records[1..].chunks(1).for_each(|record| fill(&mut store, record));
    assert_eq!(disk.0.lock().unwrap().syncs - before, 199);
}

#[test]
fn what_came_alone_and_was_erased_is_in_no_file_and_nothing_else_is_lost() {
    let records = records(40, 300);
    for seed in 0..600 {
        let random = &mut Random(seed);
        let disk = Trial::default();
        let mut store = disk.store();
        let (mut acknowledged, mut erased, mut pending) = ((0, 0), Vec::new(), None);
        for (linked, body) in records.iter().take(1 + random.below(40) as usize) {
            store.append(linked, Some(body)).unwrap();
            match pending.take() {
                None => pending = store.begin_sync().unwrap().map(|begun| (begun, (store.size(), erased.len()))),
                Some((begun, until)) if random.below(2) == 0 => {
                    store.end_sync(koinond::store::Pending::carry_out(begun)).unwrap();
                    acknowledged = until;
                }
                under_way => pending = under_way,
            }
            if random.below(4) == 0 {
                let position = random.below(store.size());
                Ledger::erase_body(&mut store, position).unwrap();
                erased.push(position);
            }
        }
        let held = |position: &u64| disk.holds(format!("erase me {position:08}").as_bytes());
        assert!(!erased[..acknowledged.1].iter().any(held), "seed {seed}: {erased:?}");
        let after = disk.cut(random, 512).store();
        let (records_kept, erasures_kept) = acknowledged;
        for (position, (_, body)) in (0..records_kept).zip(&records) {
            let found = after.entry(position).unwrap().body;
            if erased[..erasures_kept].contains(&position) {
                assert_eq!(found, None, "seed {seed}: {position} came back");
            } else if !erased.contains(&position) {
                assert_eq!(found.as_ref(), Some(body.sealed()), "seed {seed}: {position} of {records_kept}");
            }
        }
    }
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
    assert_eq!(Ledger::lacking(&store, 1, 2).unwrap(), [1, 2]);
    store.put_body(1, &records[1].1).unwrap();
    store.sync().unwrap();
    assert_eq!(Ledger::lacking(&store, 0, 3).unwrap(), [0, 2]);
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
    fill(&mut store, &records);
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
