//! A backup that is taken while the node runs is a store, says when it is damaged, and keeps nothing that was erased.

use crate::ground::{NETWORK, fill, records};
use koinon_protocol::log::Linked;
use koinon_protocol::record::Body;
use koinond::store::backup::{self, BackupError};
use koinond::store::{Options, Store};
use std::fs;
use std::path::Path;
use std::process::Command;

const OPTIONS: Options = Options { segment: 16 * 1024, ballast: 0 };

fn store_with(path: &Path, records: &[(Linked, Body)]) -> Store {
    let mut store = Store::open(path, NETWORK, OPTIONS).unwrap();
    fill(&mut store, records);
    store
}

fn back_up(data: &Path, target: &Path) -> backup::About {
    backup::create(data, target, NETWORK, OPTIONS.segment, &[&data.join("charter.record")], &mut |_| ()).unwrap()
}

fn holds(directory: &Path, text: &str) -> bool {
    fs::read_dir(directory)
        .unwrap()
        .any(|entry| fs::read(entry.unwrap().path()).unwrap().windows(text.len()).any(|window| window == text.as_bytes()))
}

#[test]
fn a_backup_of_a_running_node_is_restored_as_the_store_that_was_acknowledged() {
    let (place, records) = (tempfile::tempdir().unwrap(), records(120, 500));
    let (data, copy, new) = (place.path().join("data"), place.path().join("copy"), place.path().join("new"));
    let mut store = store_with(&data, &records[..100]);
    fs::write(data.join("charter.record"), "the charter").unwrap();
    for (linked, body) in &records[100..] {
        store.append(linked, Some(body)).unwrap();
    }
    let mut told = Vec::new();
    let about = backup::create(&data, &copy, NETWORK, OPTIONS.segment, &[&data.join("charter.record")], &mut |progress| {
        told.push(progress)
    });
    let about = about.unwrap();
    assert_eq!((about.records, Some(about.root.0)), (100, store.root(100)), "what is not acknowledged is not in it");
    assert!(told.iter().all(|progress| progress.done <= progress.total));
    assert_eq!(backup::verify(&copy, &mut |_| ()).unwrap(), about);
    assert_eq!(backup::restore(&copy, &new, &mut |_| ()).unwrap(), about);
    let restored = Store::open(&new, NETWORK, OPTIONS).unwrap();
    assert_eq!((restored.size(), restored.mended()), (100, None));
    assert!(restored.scrub(Some(NETWORK)).unwrap().is_clean());
    assert!((0..100).all(|position| restored.entry(position).unwrap() == store.entry(position).unwrap()));
    assert_eq!(fs::read(new.join("charter.record")).unwrap(), b"the charter");
    assert!(matches!(backup::restore(&copy, &new, &mut |_| ()), Err(BackupError::Taken(_))));
    assert!(matches!(backup::create(&data, &copy, NETWORK, OPTIONS.segment, &[], &mut |_| ()), Err(BackupError::Taken(_))));
}

#[test]
fn the_sums_are_those_that_sha256sum_checks() {
    let place = tempfile::tempdir().unwrap();
    let (data, copy) = (place.path().join("data"), place.path().join("copy"));
    let _store = store_with(&data, &records(50, 500));
    back_up(&data, &copy);
    match Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&copy).output() {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) => println!("not checked, since there is no sha256sum here: {error}"),
    }
}

#[test]
fn any_changed_missing_or_added_file_is_named() {
    let place = tempfile::tempdir().unwrap();
    let (data, copy) = (place.path().join("data"), place.path().join("copy"));
    let _store = store_with(&data, &records(50, 500));
    back_up(&data, &copy);
    let names: Vec<_> = fs::read_dir(&copy).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.len() >= 6);
    for name in names {
        let (file, name) = (copy.join(&name), name.into_string().unwrap());
        let whole = fs::read(&file).unwrap();
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write(&file, changed).unwrap();
        let error = backup::verify(&copy, &mut |_| ()).unwrap_err();
        assert!(name == "SHA256SUMS" || error.to_string().contains(&name), "{error}");
        fs::remove_file(&file).unwrap();
        let error = backup::verify(&copy, &mut |_| ()).unwrap_err();
        assert!(error.to_string().contains(&name), "{error}");
        fs::write(&file, whole).unwrap();
        backup::verify(&copy, &mut |_| ()).unwrap();
    }
    fs::write(copy.join("stray"), "x").unwrap();
    assert!(matches!(backup::verify(&copy, &mut |_| ()), Err(BackupError::Files(name)) if name == "stray"));
}

#[test]
fn what_is_erased_is_taken_out_of_a_backup_too() {
    let place = tempfile::tempdir().unwrap();
    let (data, early, late) = (place.path().join("data"), place.path().join("early"), place.path().join("late"));
    let mut store = store_with(&data, &records(50, 500));
    back_up(&data, &early);
    store.erase_body(11).unwrap();
    back_up(&data, &late);
    assert!(!holds(&late, "erase me 00000011") && holds(&late, "erase me 00000012"));
    assert!(holds(&early, "erase me 00000011"));
    assert_eq!(backup::forget(&data, &early).unwrap(), 1);
    assert!(!holds(&early, "erase me 00000011") && holds(&early, "erase me 00000012"));
    backup::verify(&early, &mut |_| ()).unwrap();
}
