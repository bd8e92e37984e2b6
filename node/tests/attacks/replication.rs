//! Attacks on replicas that look for what they lack.

use crate::set::{Set, item};
use crate::table::{HOUR, MINUTE, Table};
use koinon_protocol::ledger::Plane;
use koinon_protocol::reconcile::{Initiator, Item, ReconcileError, Step, respond};
use koinon_protocol::record::Signed;
use koinon_protocol::replica::message::Parcel;
use koinon_protocol::wire;
use koinon_tests::author::{Author, Record};
use std::collections::{BTreeMap, BTreeSet};

/// Of 600 items an even number whose exclusive or is zero. Any 258 hold some: linear algebra finds them at once.
fn cancelling(items: &[Item]) -> Vec<usize> {
    type Row = ([u8; 33], Vec<bool>);
    let mut basis: Vec<Option<Row>> = vec![None; 33 * 8];
    'items: for (number, item) in items.iter().enumerate() {
        // A bit that all have makes the number of them even.
        let mut sum = [1; 33];
        sum[..32].copy_from_slice(&item.id.0);
        let mut used = vec![false; items.len()];
        used[number] = true;
        for bit in 0..basis.len() {
            if sum[bit / 8] >> (bit % 8) & 1 == 0 {
                continue;
            }
            let Some((other, others)) = &basis[bit] else {
                basis[bit] = Some((sum, used));
                continue 'items;
            };
            sum.iter_mut().zip(other).for_each(|(byte, other)| *byte ^= other);
            used.iter_mut().zip(others).for_each(|(used, other)| *used ^= other);
        }
        return (0..items.len()).filter(|at| used[*at]).collect();
    }
    panic!("more items than bits have a sum of zero")
}

fn exclusive_or(items: &[Item], of: &[usize]) -> [u8; 32] {
    of.iter().fold([0; 32], |mut sum, at| {
        sum.iter_mut().zip(items[*at].id.0).for_each(|(byte, other)| *byte ^= other);
        sum
    })
}

#[test]
fn an_item_cannot_be_hidden_from_reconciliation() {
    let items: Vec<Item> = (0..600).map(|name| item(name, name)).collect();
    let chosen = cancelling(&items);
    let (ours, theirs) = chosen.split_at(chosen.len() / 2);
    assert_eq!(exclusive_or(&items, ours), exclusive_or(&items, theirs), "as many here as there, with one exclusive or");
    let without =
        |hidden: &[usize]| Set::of(items.iter().enumerate().filter(|(at, _)| !hidden.contains(at)).map(|(_, item)| *item));
    let (here, there) = (without(ours), without(theirs));

    let mut initiator = Initiator::new(Plane::Content);
    let (mut have, mut need) = (BTreeSet::new(), BTreeSet::new());
    let mut step = initiator.next(&here).unwrap();
    while let Step::Send(request) = step {
        step = initiator.receive(&respond(&request, &there).unwrap(), &here).unwrap();
        let found = initiator.take();
        have.extend(found.have);
        need.extend(found.need);
    }
    let names = |of: &[usize]| of.iter().map(|at| items[*at].id).collect::<BTreeSet<_>>();
    assert_eq!((need, have), (names(ours), names(theirs)));
}

#[test]
fn a_peer_that_never_converges_is_named() {
    let mine = Set::of((0..2_000).map(|name| item(name, name)));
    let mut initiator = Initiator::new(Plane::Content);
    let mut step = initiator.next(&mine);
    // It says of the last range of every question that it differs, and never how.
    while let Ok(Step::Send(mut request)) = step {
        *request.last_mut().unwrap() ^= 1;
        step = initiator.receive(&request, &mine);
    }
    assert!(matches!(step, Err(ReconcileError::Endless { rounds }) if rounds < 40), "{step:?}");
}

fn needs(author: &mut Author, count: usize) -> Vec<Record> {
    (0..count).map(|number| author.example("need", &format!("Need {number}"))).collect()
}

#[test]
fn replicas_agree_when_all_gossip_is_lost() {
    let (mut table, mut authors) = Table::new(&[1, 2], &[0, 0, 0]);
    let inceptions = [authors[0].inception.clone(), authors[1].inception.clone()];
    for (one, other) in [(0, 1), (1, 2)] {
        table.connect(one, other);
    }
    table.run(MINUTE);
    for (seat, inception) in [(0, &inceptions[0]), (2, &inceptions[1])] {
        assert!(table.give(seat, inception));
    }
    let (ours, theirs) = (needs(&mut authors[0], 50), needs(&mut authors[1], 50));
    for (one, other) in ours.iter().zip(&theirs) {
        assert!(table.give(0, one) && table.give(2, other));
        table.run(1_000);
    }
    table.run(MINUTE);
    assert_eq!(table.ids(0).len(), 102);
    assert!(table.ids(0) == table.ids(1) && table.ids(1) == table.ids(2));
}

fn bare(signed: Signed) -> Parcel {
    Parcel { signed, body: None }
}

#[test]
fn an_honest_peer_that_is_ahead_is_not_punished() {
    let (mut table, mut authors) = Table::new(&[1], &[0, 0]);
    let author = &mut authors[0];
    let inception = author.inception.clone();
    assert!(table.give(0, &inception) && table.give(1, &inception));
    let records = needs(author, 60);
    assert!(records.iter().all(|record| table.give(0, record)));
    table.connect(0, 1);
    // More messages than a peer may have faults, all of records whose predecessors the hearer lacks.
    for record in &records[20..] {
        table.push(0, 1, bare(*record.record.signed()));
    }
    table.run(MINUTE);
    assert_eq!(table.ended, []);
    assert_eq!(table.ids(1), table.ids(0));

    // What nobody signed is another matter, and so is another record's body.
    let body = Some(records[0].body.sealed().clone());
    for (number, fault) in (0..10).zip(["signature", "body"].iter().cycle()) {
        assert_eq!(table.ended, []);
        let fresh = author.example("need", &format!("Another {number}"));
        let signed = *fresh.record.signed();
        table.push(0, 1, if *fault == "body" { Parcel { signed, body: body.clone() } } else { bare(forged(signed)) });
        table.run(1_000);
    }
    assert_eq!(table.ended, [(1, 0)]);
    assert_eq!(table.ids(1), table.ids(0));
}

/// The same header under a signature that is none.
fn forged(signed: Signed) -> Signed {
    let mut bytes = [&wire::encode(signed.header())[..], &signed.signature().0].concat();
    bytes[295] ^= 1;
    Signed::decode(&bytes).unwrap()
}

#[test]
fn a_hub_that_withholds_one_author_is_noticed_by_who_asks_others_too() {
    const AUTHOR: usize = 0;
    const HUB: usize = 1;
    const READER: usize = 2;
    const OTHER: usize = 3;
    let (mut table, mut authors) = Table::new(&[1, 2], &[0; 4]);
    table.withholds = Some((HUB, authors[0].id()));
    let inceptions = [authors[0].inception.clone(), authors[1].inception.clone()];
    assert!(inceptions.iter().all(|inception| table.give(AUTHOR, inception)));
    let (withheld, passed_on) = (needs(&mut authors[0], 40), needs(&mut authors[1], 40));
    assert!(withheld.iter().chain(&passed_on).all(|record| table.give(AUTHOR, record)));
    table.connect(AUTHOR, HUB);
    table.connect(AUTHOR, OTHER);
    table.connect(HUB, READER);
    table.run(10 * MINUTE);
    let of = |table: &Table, records: &[Record]| records.iter().filter(|record| table.holds(READER, record)).count();
    assert_eq!((of(&table, &withheld), of(&table, &passed_on)), (0, 40), "with one peer alone nobody can tell");
    table.connect(OTHER, READER);
    table.run(MINUTE);
    assert_eq!((of(&table, &withheld), of(&table, &passed_on)), (40, 40));
    assert!(table.lacks.is_empty(), "a hub may be a while behind");
    table.run(3 * HOUR);
    // The reader has told the hub's fault from what others do, and so has the author's own node.
    let fault = BTreeMap::from([(authors[0].id(), 40)]);
    assert_eq!(table.lacks, BTreeMap::from([((AUTHOR, HUB), fault.clone()), ((READER, HUB), fault)]));
    table.withholds = None;
    table.run(3 * HOUR);
    assert!(
        table.lacks.values().all(BTreeMap::is_empty),
        "it gives what it has, and nothing is held against it: {:?}",
        table.lacks
    );
}

#[test]
fn a_clock_that_is_an_hour_off_delays_and_loses_nothing() {
    const RIGHT: usize = 0;
    const BEHIND: usize = 1;
    const AHEAD: usize = 2;
    let hour = i64::try_from(HOUR).unwrap();
    let (mut table, mut authors) = Table::new(&[1, 2], &[0, -hour, hour]);
    let inceptions = [authors[0].inception.clone(), authors[1].inception.clone()];
    table.connect(RIGHT, BEHIND);
    table.connect(RIGHT, AHEAD);
    assert!(inceptions.iter().all(|inception| table.give(RIGHT, inception)));
    table.run(MINUTE);
    // Each by the clock of the machine at which it is written.
    authors[0].place.now = table.now;
    authors[1].place.now = table.now.plus(HOUR);
    let (right, early) = (authors[0].example("need", "Now"), authors[1].example("need", "In an hour"));
    assert!(!table.give(RIGHT, &early), "the author is told");
    assert!(table.give(RIGHT, &right) && table.give(AHEAD, &early));
    table.run(5 * MINUTE);
    let held = |table: &Table, record: &Record| [RIGHT, BEHIND, AHEAD].map(|seat| table.holds(seat, record));
    assert_eq!(held(&table, &right), [true, false, true], "a clock that is behind lets its own node wait");
    assert_eq!(held(&table, &early), [false, false, true], "one that is ahead lets its own author wait");
    table.run(HOUR);
    assert_eq!(held(&table, &right), [true; 3]);
    assert_eq!(held(&table, &early), [true, false, true]);
    table.run(HOUR);
    assert_eq!(held(&table, &early), [true; 3]);
    assert_eq!(table.ended, [], "it is no fault");
}
