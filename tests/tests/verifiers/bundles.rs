//! Audit bundles that were tampered with, from those among the vectors; and what is proven by what is left.
//!
//! Nearly all are given the digest that belongs to them: without it, every change has the same answer.

mod acts;
mod bodies;
mod headers;
mod networks;
mod octets;
mod sections;
mod times;

use crate::directory;
use crate::parts::Parts;
use koinon_protocol::bundle::{self, BundleError, Content, Reliance, Report, Time};
use koinon_protocol::id::NetworkId;
use koinon_protocol::wire::WireError;
use serde_json::Value;
use std::fmt;

/// A bundle that was tampered with.
pub(crate) struct Mutant {
    /// How.
    what: String,
    /// The reader's.
    reliance: Reliance,
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
    "Key",
    "Checkpoint",
    ",ok,",
    "other_network",
    "bad_key",
    "bad_signature",
    "malformed",
    "refused",
    "unknown_author",
    "unknown_device",
    "ended_device",
    "unknown_act",
    "no_standing",
    "missing_body",
    "changed_body",
    "not_included",
    "no_checkpoint",
    "no_witness",
    "too_few",
    "other_log",
    "bad_log_signature",
    "other_tree",
    "bad_cosignature",
];

/// All mutants, the same on every run.
pub(crate) fn mutants() -> Vec<Mutant> {
    let bases: Vec<Parts> = BASES.iter().map(|name| Parts::of(&vector(name))).collect();
    let mut mutants = Vec::new();
    for (parts, step) in bases.iter().zip([1, 2, 2, 11, 11]) {
        let mut keep = |what: String, network: NetworkId, bytes| mutants.push(Mutant { what, reliance: network.into(), bytes });
        octets::mutate(parts, step, &mut keep);
        sections::mutate(parts, &mut keep);
    }
    let mut keep = |what: String, network: NetworkId, bytes| mutants.push(Mutant { what, reliance: network.into(), bytes });
    bodies::mutate(&bases[0], 0, 3, &mut keep);
    headers::mutate(&bases[0], &mut keep);
    networks::mutate(&bases[0], &mut keep);
    bodies::mutate(&bases[3], 5, 9, &mut keep);
    acts::mutate(&bases[0], &mut keep);
    mutants.extend(times::mutants(&bases[2]));
    mutants
}

/// Takes a mutant.
pub(crate) type Keep<'a> = dyn FnMut(String, NetworkId, Vec<u8>) + 'a;

const BASES: &[&str] = &[
    "signed with a second device",
    "a founder's own",
    "the body was erased, and two of three witnesses prove the time",
    "a village that guardians recovered, under an amended charter",
    "written before the log of its device ended",
];

fn vector(name: &str) -> Vec<u8> {
    let text = std::fs::read(directory("vectors").join("bundle.json")).expect("the vectors are part of the repository");
    let vectors: Vec<Value> = serde_json::from_slice(&text).expect("vectors are JSON");
    let found = vectors.iter().find(|vector| vector["name"] == name).expect("there is such a vector");
    hex::decode(found["input"].as_str().unwrap_or_default()).expect("hexadecimal digits")
}

pub(crate) fn packed(mutants: &[Mutant]) -> Vec<u8> {
    let long = |bytes: &[u8]| [&(bytes.len() as u64).to_be_bytes()[..], bytes].concat();
    let one = |Mutant { reliance, bytes, .. }: &Mutant| {
        let quorum = reliance.quorum.map_or(0, |quorum| quorum.get() as u64);
        let witnesses: Vec<_> = reliance.witnesses.iter().map(ToString::to_string).collect();
        let network = reliance.network.unwrap_or_default();
        [&network.0[..], &quorum.to_be_bytes(), &long(witnesses.join("\n").as_bytes()), &long(bytes)].concat()
    };
    mutants.iter().flat_map(one).collect()
}

pub(crate) fn answer(mutant: &Mutant) -> String {
    match bundle::check(&mutant.bytes, &mutant.reliance) {
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
        let erased = record.erased.as_ref().map_or("-".to_owned(), |erased| erased.record.to_string());
        let time = record.witnessed.as_ref().map_or("-".to_owned(), moment);
        lines.push(
            [record.id.to_string(), failures, author, vouched.join("+"), content.to_owned(), place, erased, time].join(","),
        );
    }
    for checkpoint in &report.checkpoints {
        let failures: Vec<_> = checkpoint.failures.iter().map(|failure| failure.code()).collect();
        let seen: Vec<_> = checkpoint.cosignatures.iter().map(|each| format!("{}@{}", each.key, each.at.0)).collect();
        let failures = if failures.is_empty() { "ok".to_owned() } else { failures.join("+") };
        lines.push(format!("checkpoint,{failures},{}", seen.join("+")));
    }
    lines.extend(report.set_aside.iter().map(|aside| format!("aside,{},{}", aside.id, aside.failure.code())));
    lines.join(";")
}

/// When it was there, or what is missing.
fn moment(time: &Time) -> String {
    match time {
        Time::Proven { at, .. } => at.0.to_string(),
        Time::Unproven { why, .. } => why.code().to_owned(),
    }
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
        BundleError::Key(_) => "Key",
        BundleError::Note(_) | BundleError::Checkpoint(_) => "Checkpoint",
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
