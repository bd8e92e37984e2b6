//! Audit bundles that were tampered with, from those among the vectors; and what is proven by what is left.
//!
//! Nearly all are given the digest that belongs to them: without it, every change has the same answer.

mod bodies;
mod headers;
mod networks;
mod octets;
mod sections;

use crate::directory;
use crate::parts::Parts;
use koinon_protocol::bundle::{self, BundleError, Content, Report};
use koinon_protocol::id::NetworkId;
use koinon_protocol::wire::WireError;
use serde_json::Value;
use std::fmt;

/// A bundle that was tampered with.
pub(crate) struct Mutant {
    /// How.
    what: String,
    /// The reader's.
    network: NetworkId,
    bytes: Vec<u8>,
}

/// Names of which each is given to some mutant.
pub(crate) const OUTCOMES: &[&str] = &[
    "Magic",
    "Damaged",
    "Malformed",
    "Trailing",
    "Bounds",
    "Network",
    "Charter",
    ",ok,",
    "other_network",
    "bad_key",
    "bad_signature",
    "malformed",
    "refused",
    "unknown_author",
    "unknown_device",
    "no_standing",
    "missing_body",
    "changed_body",
    "not_included",
];

/// All mutants, the same on every run.
pub(crate) fn mutants() -> Vec<Mutant> {
    let bases: Vec<Parts> = BASES.iter().map(|name| Parts::of(&vector(name))).collect();
    let mut mutants = Vec::new();
    for parts in &bases {
        let mut keep = |what: String, network, bytes| mutants.push(Mutant { what, network, bytes });
        octets::mutate(parts, &mut keep);
        sections::mutate(parts, &mut keep);
    }
    let mut keep = |what: String, network, bytes| mutants.push(Mutant { what, network, bytes });
    bodies::mutate(&bases[0], &mut keep);
    headers::mutate(&bases[0], &mut keep);
    networks::mutate(&bases[0], &mut keep);
    mutants
}

/// Takes a mutant.
pub(crate) type Keep<'a> = dyn FnMut(String, NetworkId, Vec<u8>) + 'a;

const BASES: &[&str] = &["signed with a second device", "a founder's own"];

fn vector(name: &str) -> Vec<u8> {
    let text = std::fs::read(directory("vectors").join("bundle.json")).expect("the vectors are part of the repository");
    let vectors: Vec<Value> = serde_json::from_slice(&text).expect("vectors are JSON");
    let found = vectors.iter().find(|vector| vector["name"] == name).expect("there is such a vector");
    hex::decode(found["input"].as_str().unwrap_or_default()).expect("hexadecimal digits")
}

pub(crate) fn packed(mutants: &[Mutant]) -> Vec<u8> {
    let one = |mutant: &Mutant| [&mutant.network.0[..], &(mutant.bytes.len() as u64).to_be_bytes(), &mutant.bytes].concat();
    mutants.iter().flat_map(one).collect()
}

pub(crate) fn answer(mutant: &Mutant) -> String {
    match bundle::check(&mutant.bytes, Some(mutant.network)) {
        Ok(report) => verdict(&report),
        Err(error) => name(&error).to_owned(),
    }
}

/// All that must be alike in three verifiers, in a line.
fn verdict(report: &Report) -> String {
    let mut lines = Vec::new();
    for record in &report.records {
        let failures: Vec<_> = record.failures.iter().map(|failure| failure.code()).collect();
        let failures = if failures.is_empty() { "ok".to_owned() } else { failures.join("+") };
        let author = record.author.as_ref().map_or("-".to_owned(), |author| author.id.to_string());
        let vouched: Vec<_> = record.vouched.iter().map(|held| held.record.to_string()).collect();
        let content = match record.content {
            Content::Intact { .. } => "intact",
            Content::Absent => "absent",
            Content::Unknown => "unknown",
        };
        let place = record.included.as_ref().map_or("-".to_owned(), |included| included.position.to_string());
        lines.push([record.id.to_string(), failures, author, vouched.join("+"), content.to_owned(), place].join(","));
    }
    lines.extend(report.set_aside.iter().map(|aside| format!("aside,{},{}", aside.id, aside.failure.code())));
    lines.join(";")
}

fn name(error: &BundleError) -> &'static str {
    match error {
        BundleError::TooLong(_) => "TooLong",
        BundleError::Magic => "Magic",
        BundleError::Damaged => "Damaged",
        BundleError::Form(WireError::Trailing(_)) => "Trailing",
        BundleError::Form(_) => "Malformed",
        BundleError::Bounds => "Bounds",
        BundleError::Network { .. } => "Network",
        BundleError::Charter(_) => "Charter",
    }
}

impl fmt::Debug for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.what, self.bytes.len())
    }
}

/// Numbers that look random and are the same on every run: xorshift64*.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        usize::try_from(drawn).unwrap_or_default() % bound
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}
