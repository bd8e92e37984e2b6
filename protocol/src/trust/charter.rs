//! The founding charter: who founds the network and on what terms. Its id is the network's; it stands beside every journal and in no log.

use super::act;
use super::body::{self, BodyError, Localised};
use crate::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use crate::limit;
use crate::record::{Draft, Sealed};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// The record kind.
pub const KIND: u16 = 0;

/// The body. Fields that are not named here are kept in the bytes and not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charter {
    /// The network's name.
    pub name: Localised,
    /// What the network is for.
    pub purpose: Localised,
    /// 1 to [`limit::ROOTS`]; the first one's key signs the charter.
    pub founders: Vec<Founder>,
    /// How many founders it takes.
    pub thresholds: Thresholds,
    /// Who may be vouched for, in words for people.
    pub admission: Localised,
    /// The licence of contents, as an SPDX expression.
    pub licence: String,
    /// Who witnesses journals and how many it takes, in words for people.
    pub witnesses: Localised,
    /// The greatest number of attestations between a founder and an organisation: 1 to [`limit::VOUCH_DEPTH`].
    pub depth: u8,
    /// The record kinds that the network agreed on; others are kept and relayed.
    pub kinds: Vec<u16>,
    /// The least version of the protocol that members' programs should read.
    #[serde(default, deserialize_with = "act::present", skip_serializing_if = "Option::is_none")]
    pub minimum_version: Option<u16>,
}

/// An association or organisation that founds the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Founder {
    /// Its name.
    pub name: Localised,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The key that signs its inception: the organisation so founded is this founder.
    pub key: DeviceKey,
}

/// How many founders it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// To amend the charter: more than half of them.
    pub amendment: u32,
}

impl Charter {
    /// Reads and checks a body.
    ///
    /// # Errors
    /// [`BodyError`]: its form, name, founders' keys, threshold (k > n/2) or depth.
    pub fn read(bytes: &[u8]) -> Result<Self, BodyError> {
        let charter: Self = body::read(bytes)?;
        charter.check()?;
        Ok(charter)
    }

    pub(super) fn check(&self) -> Result<(), BodyError> {
        body::check_name(&self.name)?;
        let keys = self.keys();
        body::check_keys(&keys)?;
        let threshold = self.thresholds.amendment;
        if threshold as usize > keys.len() || threshold as usize * 2 <= keys.len() {
            return Err(BodyError::Threshold { threshold, keys: keys.len() });
        }
        if !(1..=limit::VOUCH_DEPTH).contains(&self.depth) {
            return Err(BodyError::Depth { found: self.depth, least: 1, most: limit::VOUCH_DEPTH });
        }
        Ok(())
    }

    /// The keys of its founders, in their order.
    pub fn keys(&self) -> Vec<DeviceKey> {
        self.founders.iter().map(|founder| founder.key).collect()
    }
}

/// The draft of a founding charter and its body, for the first founder to sign.
pub fn draft(charter: &Charter, now: Millis, salt: [u8; limit::SALT]) -> (Draft, Sealed) {
    let place = body::Place { network: NetworkId::ZERO, organisation: OrganisationId::ZERO, head: None, now };
    (place.draft(KIND, RecordId::ZERO), body::seal(charter, salt))
}
