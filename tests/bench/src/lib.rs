//! What the benchmarks are made of: the machine's limits, records, nodes and replicas, others that do the same work, and tables.
//!
//! CPU is user + system of every thread of every process that takes part, from the scheduler's own clocks. Bytes are those that pass the loopback
//! interface of a network namespace that the run has for itself.

#![expect(missing_docs, reason = "read by nobody but the one program beside it")]

pub mod clock;
pub mod gossipsub;
pub mod ground;
pub mod koinon;
pub mod machine;
pub mod nodes;
pub mod pair;
pub mod peers;
pub mod report;
pub mod tables;
pub mod texts;
pub mod wire;

/// What a run may choose.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// Records of the small cold sync and of what is written once.
    pub small: u64,
    /// Records of the large syncs and of search.
    pub large: u64,
    /// Records of the largest store.
    pub million: u64,
    /// How often each short measurement is made; the median is what counts.
    pub runs: usize,
}

/// Each figure's median over some runs.
pub fn medians<const N: usize>(runs: usize, mut once: impl FnMut() -> [f64; N]) -> [f64; N] {
    let all: Vec<[f64; N]> = (0..runs.max(1)).map(|_| once()).collect();
    std::array::from_fn(|figure| median(all.iter().map(|run| run[figure]).collect()))
}

/// The one in the middle; there is one at least.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The value below which this share of them lies.
pub fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}
