//! What a run is made of, and what it cost.

use crate::bug::Bug;
use std::fmt;

/// What a run is made of; percentages are of messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) replicas: usize,
    /// Each has its home at the replica of its number.
    pub(crate) authors: usize,
    /// Peers that answer with whatever does harm; beside the replicas.
    pub(crate) hostile: usize,
    pub(crate) neighbours: usize,
    pub(crate) records: usize,
    pub(crate) loss: u64,
    pub(crate) gossip_loss: u64,
    pub(crate) doubled: u64,
    pub(crate) crashes: usize,
    pub(crate) forks: usize,
    /// Authors take back something that they said, or try to take back what another said.
    pub(crate) erasures: usize,
    /// Disks that lose bodies of which a neighbour has a copy.
    pub(crate) damage: usize,
    /// In the second half of the storm.
    pub(crate) partition: bool,
    /// Milliseconds in which things are written and go wrong.
    pub(crate) storm: u64,
    /// Milliseconds of quiet after it, in which all must agree.
    pub(crate) calm: u64,
    pub(crate) bug: Bug,
}

/// What a run cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    pub(crate) appended: u64,
    pub(crate) written: u64,
    pub(crate) bodies_received: u64,
    pub(crate) bodies_needed: u64,
    /// Records that stand at the end, and those that somebody's journal holds and that do not.
    pub(crate) standing: usize,
    pub(crate) fallen: usize,
    /// Records of which the author's erasure stands at the end.
    pub(crate) erased: usize,
    pub(crate) damaged: usize,
    pub(crate) trace: [u8; 32],
}

impl fmt::Display for Cost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            messages, bytes, appended, written, bodies_received, bodies_needed, standing, fallen, erased, damaged, ..
        } = self;
        write!(out, "{messages} messages, {bytes} B; {written} records written, {standing} stand, {fallen} fell with a fork; ")?;
        write!(
            out,
            "{appended} appended, {bodies_received} bodies received of {bodies_needed} needed, {erased} erased, {damaged} lost and asked for"
        )
    }
}
