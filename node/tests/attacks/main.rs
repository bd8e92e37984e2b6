//! Each attack of the list, staged: one test, named after it. docs/THREATS.md has a row for each, and a test here keeps it honest.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../net/attacker.rs"]
#[expect(dead_code, reason = "the tests of the network need more of it")]
mod attacker;
mod erasure;
#[path = "../api/house.rs"]
#[expect(dead_code, reason = "the tests of the API need more of it")]
mod house;
mod journals;
#[path = "../net/node.rs"]
#[expect(dead_code, reason = "the tests of the network need more of it")]
mod node;
mod records;
mod replication;
#[path = "../witness/running.rs"]
#[expect(dead_code, reason = "the tests of witnesses need more of it")]
mod running;
#[path = "../witness/scene.rs"]
#[expect(dead_code, reason = "the tests of proofs need more of it")]
mod scene;
mod service;
#[path = "../../../protocol/tests/reconcile/set.rs"]
mod set;
mod table;
mod threats;
#[path = "../../../protocol/tests/acts/town.rs"]
#[expect(dead_code, reason = "the tests of acts need more of it")]
mod town;
mod trust;
