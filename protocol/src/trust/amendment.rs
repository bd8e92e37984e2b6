//! How a charter changes: a chain of whole charters, each signed by as many founders of the one before as that one says, more than half.
//!
//! A founder who signs two amendments for one place has contradicted himself, and the two papers prove it. Where two have enough signatures, the
//! names of those who signed both count for neither.

use super::act::{self, Cover, Paper, Said};
use super::attestation::Mandate;
use super::body::BodyError;
use super::charter::Charter;
use crate::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use crate::key::PublicKey;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// The record kind. Its record names no organisation.
pub const KIND: u16 = 13;

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// Its place in the chain; the founding charter has 0.
    pub number: u32,
    /// The charter that it amends: the network's id, or the name of the amendment before.
    pub previous: RecordId,
    /// The first moment at which it counts; later than that of the one before.
    pub from: Millis,
    /// The whole charter from then on.
    pub charter: Charter,
    /// What changes and why, for everybody to read, and the decision behind it.
    pub mandate: Mandate,
}

impl Said for Amendment {
    const KIND: u16 = KIND;

    fn check(&self) -> Result<(), BodyError> {
        if self.number == 0 {
            return Err(BodyError::Number);
        }
        self.charter.check()?;
        act::check_mandate(&self.mandate)
    }
}

/// The cover of an amendment that this carrier will sign.
pub fn cover(network: NetworkId, carrier: DeviceKey) -> Cover {
    Cover { network, organisation: OrganisationId::ZERO, kind: KIND, carrier }
}

/// An amendment's paper and the key that its record is or would be signed with.
pub type Carried<'a> = (&'a Paper, DeviceKey);

/// Founders who signed two different amendments for one place: for each, both signatures hold. Neither paper need have enough others.
pub fn signed_twice(network: NetworkId, one: Carried<'_>, other: Carried<'_>) -> Vec<DeviceKey> {
    let read = |(paper, carrier): Carried<'_>| {
        let said: Amendment = paper.said().ok()?;
        let cover = cover(network, carrier);
        let holds = |key: DeviceKey, signature| {
            PublicKey::check(key).is_ok_and(|key| key.verify(&paper.message(&cover), signature).is_ok())
        };
        let signers: Vec<DeviceKey> =
            paper.signatures.iter().filter(|each| holds(each.root, &each.signature)).map(|each| each.root).collect();
        Some(((said.number, said.previous), paper.name(&cover), signers))
    };
    match (read(one), read(other)) {
        (Some((place, name, signers)), Some((other_place, other_name, others))) if place == other_place && name != other_name => {
            signers.into_iter().filter(|signer| others.contains(signer)).collect()
        }
        _ => Vec::new(),
    }
}
