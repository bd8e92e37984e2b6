//! One log per (organisation, device): each record names its predecessor, and two at one place are a proof against the author.

use crate::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use crate::record::{Header, RecordError, Signed, Verified};
use crate::time::Millis;
use crate::wire::{Decode, Encode};

/// Which log a record stands in. An inception stands alone in the log of (zero, device), so a key founds one organisation at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct LogId {
    /// The organisation in the header.
    pub organisation: OrganisationId,
    /// The signing key.
    pub device: DeviceKey,
}

impl From<&Header> for LogId {
    fn from(header: &Header) -> Self {
        Self { organisation: header.organisation, device: header.device }
    }
}

/// The last record of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Head {
    /// Its place.
    pub seq: u64,
    /// Its name.
    pub id: RecordId,
    /// Its claimed time: the next one's is not before it.
    pub claimed_at: Millis,
}

impl From<&Verified> for Head {
    fn from(record: &Verified) -> Self {
        Self { seq: record.header().seq, id: record.id(), claimed_at: record.header().claimed_at }
    }
}

/// A record that continues its log. Made by [`link`] only; the one thing a store takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Linked(Verified);

impl Linked {
    /// The record.
    pub fn record(&self) -> &Verified {
        &self.0
    }

    /// The log that it stands in.
    pub fn log(&self) -> LogId {
        LogId::from(self.0.header())
    }

    /// The head of the log after it.
    pub fn head(&self) -> Head {
        Head::from(&self.0)
    }
}

/// Why a record does not continue its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Missing, not wrong: predecessors have not arrived; `next` is the first that is wanted.
    #[error("the log stands at {next}; the records between are missing")]
    Gap {
        /// The first missing place.
        next: u64,
    },
    /// The place is taken: the same record again, or the other half of a fork.
    #[error("place {seq} of the log is taken")]
    Taken {
        /// The place.
        seq: u64,
    },
    /// It names another predecessor than the log's head: its author forked the log earlier, or made it up.
    #[error("the record names another predecessor than the log's head")]
    Predecessor,
    /// Its claimed time is before its predecessor's.
    #[error("the claimed time is before the predecessor's")]
    Backwards,
}

/// Checks that `record` is the next of the log whose head is `head`.
///
/// # Errors
/// [`LinkError`]; only [`LinkError::Gap`] can be cured by waiting.
pub fn link(record: Verified, head: Option<&Head>) -> Result<Linked, LinkError> {
    would_link(record.header(), head)?;
    Ok(Linked(record))
}

/// Checks that what has this header would be the next of the log whose head is `head`.
///
/// # Errors
/// As [`link`].
pub fn would_link(header: &Header, head: Option<&Head>) -> Result<(), LinkError> {
    let next = head.map_or(0, |head| head.seq.saturating_add(1));
    if header.seq > next {
        return Err(LinkError::Gap { next });
    }
    if header.seq < next {
        return Err(LinkError::Taken { seq: header.seq });
    }
    let Some(head) = head else { return Ok(()) };
    if header.previous != head.id {
        return Err(LinkError::Predecessor);
    }
    if header.claimed_at < head.claimed_at {
        return Err(LinkError::Backwards);
    }
    Ok(())
}

/// Two different records of one author at one place: evidence that needs nothing else. The one with the smaller id comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ForkProof {
    first: Verified,
    second: Verified,
}

/// Two signed headers that claim to be a fork, as they travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct ForkClaim {
    /// The one with the smaller id.
    pub first: Signed,
    /// The other.
    pub second: Signed,
}

/// Why two records prove no fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForkError {
    /// They are of two logs or two places.
    #[error("the two records stand at different places")]
    Apart,
    /// They are one record, or the greater id comes first.
    #[error("the two records are the same, or not in the order of their ids")]
    Order,
    /// One of them does not verify.
    #[error("{0}")]
    Record(#[from] RecordError),
}

impl ForkProof {
    /// The proof that `one` and `other` are, if they are, in either order.
    ///
    /// # Errors
    /// [`ForkError::Apart`] and [`ForkError::Order`].
    pub fn new(one: Verified, other: Verified) -> Result<Self, ForkError> {
        let (first, second) = if one.id() <= other.id() { (one, other) } else { (other, one) };
        if first.id() == second.id() {
            return Err(ForkError::Order);
        }
        if LogId::from(first.header()) != LogId::from(second.header()) || first.header().seq != second.header().seq {
            return Err(ForkError::Apart);
        }
        Ok(Self { first, second })
    }

    /// Checks a claim that came from elsewhere.
    ///
    /// # Errors
    /// [`ForkError`]; the order is part of the form, so that a fork has one form.
    pub fn check(claim: &ForkClaim, network: NetworkId) -> Result<Self, ForkError> {
        let (first, second) = (claim.first.verify(network)?, claim.second.verify(network)?);
        if first.id() >= second.id() {
            return Err(ForkError::Order);
        }
        Self::new(first, second)
    }

    /// The form in which it travels.
    pub fn claim(&self) -> ForkClaim {
        ForkClaim { first: *self.first.signed(), second: *self.second.signed() }
    }

    /// The log that is forked, and the first place that is not to be trusted.
    pub fn place(&self) -> (LogId, u64) {
        (LogId::from(self.first.header()), self.first.header().seq)
    }
}
