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
    /// Anybody gives notice of anything; those of founders have an effect.
    pub(crate) notices: usize,
    /// Rotations, revocations, recoveries, suspensions and amendments.
    pub(crate) acts: usize,
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
    /// Records that were pushed, each to one peer.
    pub(crate) pushed: u64,
    pub(crate) written: u64,
    pub(crate) bodies_received: u64,
    pub(crate) bodies_needed: u64,
    /// Records that stand at the end, and those that somebody's journal holds and that do not.
    pub(crate) standing: usize,
    pub(crate) fallen: usize,
    /// Records of which an erasure or a notice stands at the end; of how many it is a notice.
    pub(crate) erased: usize,
    pub(crate) noticed: usize,
    /// Acts that stand at the end.
    pub(crate) acts: usize,
    pub(crate) damaged: usize,
    pub(crate) trace: [u8; 32],
}

impl fmt::Display for Cost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            messages,
            bytes,
            appended,
            pushed,
            written,
            bodies_received,
            bodies_needed,
            standing,
            fallen,
            erased,
            acts,
            damaged,
            ..
        } = self;
        write!(out, "{messages} messages, {bytes} B; {written} records written, {standing} stand, {fallen} fell; ")?;
        write!(
            out,
            "{appended} appended, {pushed} pushed, {bodies_received} bodies received of {bodies_needed} needed, {erased} erased, {acts} acts, {damaged} lost and asked for"
        )
    }
}
