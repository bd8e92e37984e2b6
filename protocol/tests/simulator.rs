//! The replica that production runs, in networks that fail: every seed replays exactly.

#[path = "simulator/book.rs"]
mod book;
#[path = "simulator/world.rs"]
mod world;

use book::Bug;
use world::{Cost, Plan, World};

const PLAN: Plan = Plan {
    replicas: 6,
    neighbours: 3,
    records: 60,
    loss: 20,
    gossip_loss: 20,
    doubled: 10,
    crashes: 3,
    forks: 1,
    partition: false,
    storm: 60_000,
    calm: 240_000,
    bug: Bug::None,
};

fn run(plan: Plan, seed: u64) -> Cost {
    World::new(plan, seed).run().unwrap_or_else(|what| panic!("seed {seed} of {plan:?}: {what}"))
}

#[test]
fn replicas_agree_under_loss_crashes_and_forks() {
    for seed in 0..60 {
        run(PLAN, seed);
    }
}

#[test]
fn replicas_agree_without_any_gossip_and_after_a_partition() {
    for seed in 0..20 {
        run(Plan { gossip_loss: 100, partition: seed % 2 == 0, ..PLAN }, seed);
    }
}

#[test]
fn a_body_travels_once() {
    let mut total = Cost::default();
    for seed in 0..20 {
        let cost = run(Plan { crashes: 0, doubled: 0, ..PLAN }, seed);
        total.appended += cost.appended - cost.written;
        total.bodies_received += cost.bodies_received;
    }
    assert!(total.appended > 1000);
    assert!(total.bodies_received as f64 <= 1.05 * total.appended as f64, "{total:?}");
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 0..5 {
        assert_eq!(run(PLAN, seed), run(PLAN, seed));
    }
}

#[test]
fn planted_bugs_are_found() {
    use Bug::{AdmitsEverybody, ForgetsForks, HidesLast, LosesBodies, StaleHead, SyncDoesNothing, TellsBeforeSync};
    for bug in [TellsBeforeSync, SyncDoesNothing, LosesBodies, ForgetsForks, AdmitsEverybody, StaleHead, HidesLast] {
        let plan = Plan { gossip_loss: 100, bug, ..PLAN };
        let found = (0..500).find_map(|seed| World::new(plan, seed).run().err().map(|what| (seed, what)));
        assert!(found.is_some(), "{bug:?} was not found in 500 seeds");
    }
}
