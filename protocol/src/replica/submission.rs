//! The door for records that are written here or given over the API.

use crate::id::NetworkId;
use crate::record::{Body, RecordError, Sealed, Signed, Verified};

/// A record of a network whose signature holds, with its body. Made by [`Submission::open`] only.
#[derive(Clone, Debug)]
pub struct Submission {
    pub(super) record: Verified,
    pub(super) body: Body,
    pub(super) network: NetworkId,
}

impl Submission {
    /// Checks signature, network and body, on whatever thread its author waits.
    ///
    /// # Errors
    /// As [`Signed::verify`] and [`Verified::open`] have them.
    pub fn open(signed: Signed, sealed: Sealed, network: NetworkId) -> Result<Self, RecordError> {
        let record = signed.verify(network)?;
        let body = record.open(sealed)?;
        Ok(Self { record, body, network })
    }

    /// The record.
    pub fn record(&self) -> &Verified {
        &self.record
    }

    /// Its body.
    pub fn body(&self) -> &Body {
        &self.body
    }
}
