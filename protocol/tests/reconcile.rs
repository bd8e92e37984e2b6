//! Two replicas find their differences, whatever they are, at the cost that the design promises, and whatever a peer sends.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "reconcile/set.rs"]
mod set;

use koinon_protocol::id::RecordId;
use koinon_protocol::ledger::Plane;
use koinon_protocol::reconcile::{Initiator, ReconcileError, Step, respond};
use negentropy::{Id, Negentropy, NegentropyStorageVector};
use proptest::prelude::*;
use set::{Set, item};
use std::collections::BTreeSet;

/// What a reconciliation found and what it cost.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    have: BTreeSet<RecordId>,
    need: BTreeSet<RecordId>,
    bytes: usize,
    rounds: usize,
}

fn ours(here: &Set, there: &Set) -> Outcome {
    let mut initiator = Initiator::new(Plane::Content);
    let mut outcome = Outcome { have: BTreeSet::new(), need: BTreeSet::new(), bytes: 0, rounds: 0 };
    let mut step = initiator.next(here).unwrap();
    while let Step::Send(request) = step {
        let response = respond(&request, there).unwrap();
        outcome.bytes += request.len() + response.len();
        outcome.rounds += 1;
        step = initiator.receive(&response, here).unwrap();
        let found = initiator.take();
        assert!(found.have.into_iter().all(|id| outcome.have.insert(id)), "an id is told once");
        assert!(found.need.into_iter().all(|id| outcome.need.insert(id)), "an id is told once");
    }
    outcome
}

fn negentropys(here: &Set, there: &Set) -> Outcome {
    let store = |set: &Set| {
        let mut store = NegentropyStorageVector::new();
        set.items.iter().for_each(|item| store.insert(item.claimed_at.0, Id::from_byte_array(item.id.0)).unwrap());
        store.seal().unwrap();
        store
    };
    let (mut initiator, stored) = (Negentropy::owned(store(here), 0).unwrap(), store(there));
    let (mut have, mut need, mut bytes, mut rounds) = (Vec::new(), Vec::new(), 0, 0);
    let mut next = Some(initiator.initiate().unwrap());
    while let Some(request) = next {
        let response = Negentropy::borrowed(&stored, 0).unwrap().reconcile(&request).unwrap();
        (bytes, rounds) = (bytes + request.len() + response.len(), rounds + 1);
        next = initiator.reconcile_with_ids(&response, &mut have, &mut need).unwrap();
    }
    let ids = |found: Vec<Id>| found.into_iter().map(|id| RecordId(*id)).collect();
    Outcome { have: ids(have), need: ids(need), bytes, rounds }
}

fn sets() -> impl Strategy<Value = (Set, Set)> {
    let kinds = prop_oneof![4 => Just(3u8), 1 => Just(1u8), 1 => Just(2u8)];
    (1u64..2_000, proptest::collection::vec((any::<u64>(), kinds), 0..1_500)).prop_map(|(times, items)| {
        let side =
            |mask: u8| Set::of(items.iter().filter(|(_, kind)| kind & mask != 0).map(|(name, _)| item(name % times, *name)));
        (side(1), side(2))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_differences_are_those_of_the_sets_and_of_negentropy((here, there) in sets()) {
        let found = ours(&here, &there);
        prop_assert_eq!(&found.have, &here.ids.difference(&there.ids).copied().collect());
        prop_assert_eq!(&found.need, &there.ids.difference(&here.ids).copied().collect());
        let oracle = negentropys(&here, &there);
        prop_assert_eq!((found.have, found.need), (oracle.have, oracle.need));
    }

    #[test]
    fn changed_messages_do_no_harm((here, there) in sets(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut initiator = Initiator::new(Plane::Content);
        let Step::Send(mut request) = initiator.next(&here).unwrap() else { return Ok(()) };
        let mut response = respond(&request, &there).unwrap();
        *place.get_mut(&mut request) = byte;
        let _ = respond(&request, &there);
        let _ = respond(&request[..place.index(request.len())], &there);
        *place.get_mut(&mut response) = byte;
        let _ = initiator.clone().receive(&response[..place.index(response.len())], &here);
        let _ = initiator.receive(&response, &here);
    }
}

#[test]
fn a_large_difference_arrives_in_bounded_messages() {
    let full = Set::of((0..20_000).map(|name| item(name / 50, name)));
    let empty = Set::default();
    assert_eq!(ours(&empty, &full).need, full.ids);
    assert_eq!(ours(&full, &empty).have, full.ids);
}

#[test]
#[expect(clippy::disallowed_macros, reason = "the figures are what this test is read for")]
fn few_differences_among_100_000_records_cost_few_bytes() {
    let all: Vec<_> = (0..100_000).map(|name| item(1_700_000_000_000 + name * 61_000 + name * name % 997, name)).collect();
    let whole = Set::of(all.iter().copied());
    let without =
        |missing: &dyn Fn(usize) -> bool| Set::of(all.iter().enumerate().filter(|(at, _)| !missing(*at)).map(|(_, item)| *item));
    let recent = without(&|at| at >= 99_990);
    let scattered = without(&|at| at % 10_000 == 7_321 * (at / 10_000 + 1) % 10_000);
    for (name, other, most) in [("recent", recent, 2_500), ("scattered", scattered, 16_000)] {
        let (own, oracle) = (ours(&other, &whole), negentropys(&other, &whole));
        println!("10 {name}: {} B in {} rounds; negentropy {} B in {}", own.bytes, own.rounds, oracle.bytes, oracle.rounds);
        assert_eq!(own.need.len(), 10);
        assert_eq!((&own.have, &own.need), (&oracle.have, &oracle.need));
        assert!(own.bytes <= most && own.rounds <= 4, "{name}: {own:?}");
        let back = ours(&whole, &other);
        assert!(back.have == own.need && back.bytes <= most && back.rounds <= 4, "{name}: {back:?}");
    }
}

/// A peer that says of the last range of every question that it differs, and never how.
#[test]
fn a_peer_that_never_converges_is_named() {
    let mine = Set::of((0..2_000).map(|name| item(name, name)));
    let mut initiator = Initiator::new(Plane::Content);
    let mut step = initiator.next(&mine);
    while let Ok(Step::Send(request)) = step {
        step = initiator.receive(&with_another_print(&request), &mine);
    }
    assert!(matches!(step, Err(ReconcileError::Endless { rounds }) if rounds < 40), "{step:?}");
}

/// The request, but for the last byte of its last fingerprint.
fn with_another_print(request: &[u8]) -> Vec<u8> {
    let mut changed = request.to_vec();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    changed
}

#[test]
fn an_answer_to_another_question_is_refused() {
    let (small, other) = (Set::of([item(1, 1)]), Set::of([item(2, 2)]));
    let mut content = Initiator::new(Plane::Content);
    let Step::Send(request) = content.next(&small).unwrap() else { panic!("one range is asked") };
    let mut response = respond(&request, &other).unwrap();
    response[0] = 0;
    assert_eq!(content.receive(&response, &small), Err(ReconcileError::NotAsked));
}
