//! Whole parts left out, doubled, swapped and moved; bodies left out; other places and proofs; counts at their bounds.

use super::Keep;
use crate::parts::{Parts, Proven};

pub(super) fn mutate(parts: &Parts, keep: &mut Keep) {
    let network = parts.network();
    let mut save = |what: String, change: &dyn Fn(&mut Parts)| {
        let mut changed = parts.clone();
        change(&mut changed);
        keep(what, network, changed.bundle());
    };
    for n in 0..parts.control.len() {
        save(format!("without control {n}"), &|parts| drop(parts.control.remove(n)));
        save(format!("control {n} without its body"), &|parts| parts.control[n].sealed = None);
        save(format!("control {n} twice"), &|parts| parts.control.push(parts.control[n].clone()));
        save(format!("control {n} as the charter"), &|parts| parts.charter = parts.control[n].clone());
        save(format!("the charter as control {n}"), &|parts| parts.control[n] = parts.charter.clone());
        save(format!("control {n} as a record"), &|parts| parts.records[0].kept = parts.control[n].clone());
        save(format!("control {n} as a record only"), &|parts| parts.records[0].kept = parts.control.remove(n));
        save(format!("control {n} as a record without its body"), &|parts| {
            parts.records[0].kept = parts.control[n].clone();
            parts.records[0].kept.sealed = None;
        });
        for m in 0..n {
            save(format!("control {m} and {n} swapped"), &|parts| parts.control.swap(m, n));
            save(format!("control {m} with the body of {n}"), &|parts| parts.control[m].sealed = parts.control[n].sealed.clone());
            save(format!("control {n} with the body of {m}"), &|parts| parts.control[n].sealed = parts.control[m].sealed.clone());
            save(format!("control {n} with the signature of {m}"), &|parts| {
                let signature = parts.control[m].record[232..].to_vec();
                parts.control[n].record[232..].copy_from_slice(&signature);
            });
        }
    }
    save("the record among the control records".to_owned(), &|parts| parts.control.push(parts.records[0].kept.clone()));
    save("the record without its body".to_owned(), &|parts| parts.records[0].kept.sealed = None);
    save("the charter without its body".to_owned(), &|parts| parts.charter.sealed = None);
    save("the charter as the record".to_owned(), &|parts| parts.records[0].kept = parts.charter.clone());
    save("a body over the bound".to_owned(), &|parts| parts.records[0].kept.sealed = Some(([0; 32], vec![b' '; 70_000])));
    for count in [0, 2, 64, 65] {
        save(format!("{count} records"), &|parts| parts.records = vec![parts.records[0].clone(); count]);
    }
    for count in [0, 256, 257, 2_000] {
        save(format!("{count} control records"), &|parts| parts.control = vec![parts.control[0].clone(); count]);
    }
    for name in [
        &b""[..],
        &[b'x'; 200],
        &[b'x'; 201],
        "é".repeat(100).as_bytes(),
        "é".repeat(101).as_bytes(),
        b"\xff",
        b"\xef\xbb\xbf",
        b"\0",
    ] {
        save(format!("the name {name:?}"), &|parts| parts.node = name.to_vec());
    }
    proofs(parts, &mut save);
}

fn proofs(parts: &Parts, save: &mut dyn FnMut(String, &dyn Fn(&mut Parts))) {
    let Proven { place, path, .. } = parts.records[0].clone();
    for size in (0..40).chain([u64::MAX - 1, u64::MAX, 1 << 63, 1 << 53]) {
        save(format!("a journal of {size}"), &|parts| parts.size = size);
        save(format!("place {size}"), &|parts| parts.records[0].place = size);
        save(format!("the last of a journal of {size}"), &|parts| {
            (parts.size, parts.records[0].place) = (size, size.saturating_sub(1));
        });
    }
    for n in 0..path.len() {
        save(format!("without hash {n} of the proof"), &|parts| drop(parts.records[0].path.remove(n)));
        save(format!("hash {n} of the proof twice"), &|parts| parts.records[0].path.insert(n, path[n]));
        save(format!("hash {n} of the proof first"), &|parts| parts.records[0].path.swap(0, n));
    }
    save("no proof".to_owned(), &|parts| parts.records[0].path.clear());
    save("a long proof".to_owned(), &|parts| parts.records[0].path = vec![[0; 32]; 1_000]);
    save(format!("place {place} of the greatest journal with 64 hashes"), &|parts| {
        (parts.size, parts.records[0].path) = (u64::MAX, vec![[0; 32]; 64]);
    });
}
