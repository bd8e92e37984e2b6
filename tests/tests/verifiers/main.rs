//! Three verifiers that share no code (the protocol crate, the modules that a node serves to browsers, `verify.py`) give one answer: to the vectors, to signatures that
//! divide other implementations, to JSON that is nearly right, and to audit bundles that were tampered with.
//!
//! The programs are called as an auditor calls them. Where one of them, or others' data, is absent, the tests say so and check the rest.
#![expect(clippy::expect_used, reason = "the helpers of a test fail as the test does")]

mod bundles;
mod forge;
mod journals;
mod json;
mod parts;
mod program;
mod signatures;

use program::PROGRAMS;
use std::path::{Path, PathBuf};

#[test]
fn every_vector_is_answered_as_expected() {
    let vectors = directory("vectors");
    let count: usize =
        std::fs::read_dir(&vectors).expect("the vectors are part of the repository").map(|file| vectors_in(&file)).sum();
    for program in PROGRAMS {
        let Some(lines) = program.lines(&[vectors.as_os_str()]) else { continue };
        let right = lines.iter().filter(|line| line.starts_with("ok ")).count();
        assert_eq!((right, lines.len()), (count, count), "{}", program.name);
    }
}

#[test]
fn signatures_that_divide_implementations_get_one_answer() {
    program::agree("--signatures", &signatures::rows(), signatures::packed, |(key, message, signature)| {
        signatures::answer(key, message, signature)
    });
}

#[test]
fn json_that_is_nearly_right_gets_one_answer() {
    program::agree("--json", &json::texts(), json::packed, |text| json::answer(text));
}

#[test]
fn proofs_that_a_journal_continues_another_get_one_answer() {
    let answers = program::agree("--journals", &journals::proofs(), journals::packed, journals::answer);
    assert!(answers.iter().filter(|answer| *answer == "ok").count() >= 231, "every pair of sizes has its proof");
}

#[test]
fn tampered_bundles_get_one_answer() {
    let mutants = bundles::mutants();
    assert!(mutants.len() >= 10_000, "{} mutants", mutants.len());
    let outcomes = program::agree("--bundles", &mutants, bundles::packed, bundles::answer);
    for name in bundles::OUTCOMES {
        assert!(outcomes.iter().any(|outcome| outcome.contains(name)), "no mutant is answered by {name}");
    }
}

fn vectors_in(file: &std::io::Result<std::fs::DirEntry>) -> usize {
    let path = file.as_ref().expect("the directory can be read").path();
    let text = std::fs::read(path).expect("the file can be read");
    serde_json::from_slice::<Vec<serde_json::Value>>(&text).expect("vectors are JSON").len()
}

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
