//! The replica that production runs, in networks that fail: every seed replays exactly.

#![expect(clippy::expect_used, reason = "a test says by panicking that its ground is not what it took it to be")]
#![expect(clippy::disallowed_macros, clippy::disallowed_methods, reason = "what a run cost is what it is read for")]

#[path = "simulator/acts.rs"]
mod acts;
#[path = "simulator/bug.rs"]
mod bug;
#[path = "simulator/hostile.rs"]
mod hostile;
#[path = "simulator/oracle.rs"]
mod oracle;
#[path = "simulator/people.rs"]
mod people;
#[path = "simulator/plan.rs"]
mod plan;
#[path = "simulator/world.rs"]
mod world;

use bug::Bug;
use plan::{Cost, Plan};
use std::time::Instant;
use world::World;

const PLAN: Plan = Plan {
    replicas: 6,
    authors: 6,
    hostile: 0,
    neighbours: 3,
    records: 60,
    loss: 20,
    gossip_loss: 20,
    doubled: 10,
    crashes: 3,
    forks: 2,
    erasures: 8,
    notices: 6,
    acts: 8,
    damage: 2,
    partition: false,
    storm: 60_000,
    calm: 600_000,
    bug: Bug::None,
};

/// Five of a hundred peers are hostile.
const REGION: Plan = Plan {
    replicas: 100,
    authors: 40,
    hostile: 5,
    neighbours: 6,
    records: 300,
    loss: 30,
    gossip_loss: 30,
    crashes: 20,
    forks: 12,
    erasures: 30,
    notices: 20,
    acts: 20,
    damage: 10,
    partition: true,
    storm: 120_000,
    calm: 300_000,
    ..PLAN
};

fn run(plan: Plan, seed: u64) -> Cost {
    World::new(plan, seed).run().unwrap_or_else(|what| panic!("seed {seed} of {plan:?}: {what}"))
}

/// The seeds of a test, or those from `KOINON_SEEDS` (such as `400..10000`).
fn seeds(usual: std::ops::Range<u64>) -> std::ops::Range<u64> {
    let Ok(asked) = std::env::var("KOINON_SEEDS") else { return usual };
    let bounds = asked.split_once("..").and_then(|(from, until)| Some(from.parse().ok()?..until.parse().ok()?));
    bounds.expect("KOINON_SEEDS is two numbers with .. between them")
}

#[test]
fn replicas_agree_under_loss_crashes_and_forks() {
    let (mut standing, mut fallen, mut erased, mut noticed, mut damaged) = (0, 0, 0, 0, 0);
    for seed in seeds(0..400) {
        let cost = run(Plan { hostile: 1, partition: seed % 2 == 0, ..PLAN }, seed);
        standing += cost.standing;
        fallen += cost.fallen;
        erased += cost.erased;
        noticed += cost.noticed;
        damaged += cost.damaged;
    }
    println!(
        "{standing} records stand, {fallen} fell, {erased} were erased, {noticed} of them by notice, {damaged} bodies were lost and came back"
    );
    assert!(fallen > 0, "forks must take something back, or nothing is shown");
    assert!(erased > noticed && noticed > 0 && damaged > 0, "bodies must go, or nothing is shown");
}

#[test]
fn replicas_agree_without_any_gossip_and_after_a_partition() {
    for seed in seeds(0..60) {
        run(Plan { gossip_loss: 100, loss: 30, partition: seed % 2 == 0, ..PLAN }, seed);
    }
}

#[test]
fn replicas_agree_among_hostile_peers() {
    for seed in seeds(0..60) {
        run(Plan { replicas: 10, authors: 10, hostile: 3, ..PLAN }, seed);
    }
}

#[test]
fn a_hundred_replicas_agree_and_a_body_travels_once() {
    let mut total = Cost::default();
    for seed in seeds(0..3) {
        let (began, gossip_loss) = (Instant::now(), if seed % 2 == 0 { 30 } else { 100 });
        let cost = run(Plan { gossip_loss, doubled: 0, ..REGION }, seed);
        println!("seed {seed}: {:?}, {cost}", began.elapsed());
        total.bodies_needed += cost.bodies_needed;
        total.bodies_received += cost.bodies_received;
    }
    assert!(total.bodies_received as f64 <= 1.05 * total.bodies_needed as f64, "{total}");
}

#[test]
#[ignore = "minutes long: cargo test -p koinon-protocol --test simulator thousand -- --ignored --nocapture"]
fn a_thousand_replicas_agree() {
    let plan = Plan { replicas: 1000, authors: 60, hostile: 50, neighbours: 8, crashes: 200, ..REGION };
    for seed in seeds(0..2) {
        let (began, gossip_loss) = (Instant::now(), if seed % 2 == 0 { 30 } else { 100 });
        let cost = run(Plan { gossip_loss, ..plan }, seed);
        println!("seed {seed}: {:?}, {cost}", began.elapsed());
    }
}

/// The links that a record crosses are nearly as few as there are replicas, however many there are.
#[test]
fn news_cross_the_links_of_a_tree() {
    for (seed, neighbours) in seeds(0..10).zip([4, 8].into_iter().cycle()) {
        let quiet = Plan {
            loss: 0,
            gossip_loss: 0,
            doubled: 0,
            crashes: 0,
            forks: 0,
            erasures: 0,
            notices: 0,
            acts: 0,
            damage: 0,
            ..PLAN
        };
        let cost = run(Plan { replicas: 20, neighbours, records: 300, storm: 300_000, ..quiet }, seed);
        println!("seed {seed}, {neighbours} neighbours: {cost}");
        let crossed = cost.pushed as f64 / cost.appended as f64;
        assert!((0.5..1.3).contains(&crossed), "seed {seed}: each record was pushed {crossed} times to each replica");
    }
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 0..5 {
        assert_eq!(run(PLAN, seed), run(PLAN, seed));
    }
}

#[test]
fn planted_bugs_are_found() {
    use Bug::{
        AdmitsEverybody, ForgetsForks, HidesLast, KeepsErased, KeepsForkedWord, LosesBodies, StaleHead, SyncDoesNothing,
        TellsBeforeSync,
    };
    let bugs = [
        TellsBeforeSync,
        SyncDoesNothing,
        LosesBodies,
        ForgetsForks,
        KeepsForkedWord,
        AdmitsEverybody,
        StaleHead,
        HidesLast,
        KeepsErased,
    ];
    for bug in bugs {
        let plan = Plan { gossip_loss: 100, bug, ..PLAN };
        let found = (0..500).find_map(|seed| World::new(plan, seed).run().err().map(|what| (seed, what)));
        println!("{bug:?}: {found:?}");
        assert!(found.is_some(), "{bug:?} was not found in 500 seeds");
    }
}
