//! What the bodies of the control records share: text in languages, signatures in hexadecimal, and the draft that a body is sealed for.

use crate::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use crate::json::{Document, JsonError};
use crate::key::{PublicKey, Signature, Signer};
use crate::limit;
use crate::log::Head;
use crate::record::{Draft, Sealed};
use crate::time::Millis;
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One text in several languages: BCP 47 tag → text.
pub type Localised = BTreeMap<String, String>;

/// Why the body of a control record is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Not of the JSON that bodies are written in.
    #[error("{0}")]
    Json(#[from] JsonError),
    /// A field is missing or of another type.
    #[error("the body is not of this kind's form: {0}")]
    Form(String),
    /// No name, or no text in it.
    #[error("the name needs a text in at least one language")]
    Name,
    /// Keys repeat, are too many or none, or one is no usable Ed25519 key.
    #[error("there must be 1 to {bound} keys, all different, each a strong Ed25519 key", bound = limit::ROOTS)]
    Keys,
    /// The threshold cannot be reached, or is too low.
    #[error("a threshold of {threshold} of {keys} is not allowed here")]
    Threshold {
        /// The threshold in the body.
        threshold: u32,
        /// How many keys there are.
        keys: usize,
    },
    /// One of the signatures in the body is not of the key beside it, is of a key that is no root, or comes twice.
    #[error("a signature in the body is forged, comes twice, or is of a key that is no root: {0}")]
    Forged(DeviceKey),
    /// Fewer roots signed than the threshold says.
    #[error("{found} roots signed; {needed} must")]
    TooFew {
        /// How many signed.
        found: usize,
        /// The threshold.
        needed: u32,
    },
    /// A depth over the bound.
    #[error("a depth of {found} is not between {least} and {most}")]
    Depth {
        /// The depth in the body.
        found: u8,
        /// The least depth that is allowed.
        least: u8,
        /// The greatest.
        most: u8,
    },
    /// The roots are not those that the key event before committed to.
    #[error("these roots are not those that were committed to before")]
    NextRoots,
    /// A list of devices or of withdrawn acts.
    #[error("devices must be all different, at most {bound}, each a strong Ed25519 key, each last place with its record", bound = limit::DEVICES)]
    Devices,
    /// Successors repeat, or are too many.
    #[error("successors must be all different, and at most {bound}", bound = limit::ROOTS)]
    Successors,
    /// A decision without a resolution.
    #[error("the mandate must name its resolution")]
    Mandate,
    /// An amendment does not follow the one before.
    #[error("an amendment has the number after the one it follows, and counts from a later moment")]
    Number,
    /// A ground that is blank or too long.
    #[error("the ground must be text of 1 to {most} characters, not all of them blank")]
    Ground {
        /// The most characters.
        most: usize,
    },
    /// A legal basis that is blank or too long.
    #[error("the law must be text of 1 to {most} characters, not all of them blank")]
    Law {
        /// The most characters.
        most: usize,
    },
    /// `from` is not before `until`, or `until` is beyond [`limit::JSON_INTEGER`].
    #[error("the attestation must begin before it ends, and end at 2^53 - 1 ms at the latest")]
    Period,
}

/// A root's signature, with the root that made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorisation {
    /// The root key.
    pub root: DeviceKey,
    /// 128 lower-case hexadecimal digits in JSON.
    #[serde(serialize_with = "write_signature", deserialize_with = "read_signature")]
    pub signature: Signature,
}

impl Authorisation {
    /// `root`'s signature over `message`.
    pub fn sign(root: &Signer, message: &[u8]) -> Self {
        Self { root: root.public(), signature: root.sign(message) }
    }
}

/// Where an author's next record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The network.
    pub network: NetworkId,
    /// The author.
    pub organisation: OrganisationId,
    /// The head of the log of (organisation, device); none before its first record.
    pub head: Option<Head>,
    /// Now; the draft takes the head's time when that is later.
    pub now: Millis,
}

impl Place {
    /// The draft of a record of this kind about `subject`, without territory and topic.
    pub fn draft(&self, kind: u16, subject: RecordId) -> Draft {
        Draft {
            kind,
            network: self.network,
            organisation: self.organisation,
            seq: self.head.map_or(0, |head| head.seq.saturating_add(1)),
            previous: self.head.map_or(RecordId::ZERO, |head| head.id),
            claimed_at: self.head.map_or(self.now, |head| head.claimed_at.max(self.now)),
            subject,
            territory: [0; 12],
            topic: 0,
        }
    }
}

pub(super) fn read<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, BodyError> {
    let form = |error: serde_json::Error| BodyError::Form(error.to_string());
    let said = Value::Object(Document::parse(bytes)?.into_fields());
    let body = T::deserialize(&said).map_err(form)?;
    let read = serde_json::to_value(&body).map_err(form)?;
    if has_shape(&said, &read) { Ok(body) } else { Err(BodyError::Form("a list stands in the place of an object".to_owned())) }
}

/// Whether there is an object in `said` where `read` has one: serde reads a list as the fields of a struct in their order, which no other
/// reader of this body would do.
fn has_shape(said: &Value, read: &Value) -> bool {
    match (said, read) {
        (Value::Object(said), Value::Object(read)) => {
            read.iter().all(|(name, read)| said.get(name).is_none_or(|said| has_shape(said, read)))
        }
        (Value::Array(said), Value::Array(read)) => said.iter().zip(read).all(|(said, read)| has_shape(said, read)),
        (Value::Array(_), Value::Object(_)) => false,
        _ => true,
    }
}

pub(super) fn seal<T: Serialize>(body: &T, salt: [u8; limit::SALT]) -> Sealed {
    #[expect(clippy::expect_used, reason = "the bodies have text keys only, and writing to memory does not fail")]
    let bytes = serde_json::to_vec(body).expect("a body of the protocol is JSON");
    Sealed { salt, bytes }
}

/// Characters of a ground.
pub const GROUND: usize = 2_000;

/// Whether a text says something, in `most` characters at most.
pub fn is_text(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most
}

pub(super) fn check_ground(ground: &str) -> Result<(), BodyError> {
    if is_text(ground, GROUND) { Ok(()) } else { Err(BodyError::Ground { most: GROUND }) }
}

pub(super) fn check_name(name: &Localised) -> Result<(), BodyError> {
    if name.values().any(|text| !text.trim().is_empty()) { Ok(()) } else { Err(BodyError::Name) }
}

pub(super) fn check_keys(keys: &[DeviceKey]) -> Result<(), BodyError> {
    let distinct: BTreeSet<_> = keys.iter().collect();
    let sound = (1..=limit::ROOTS).contains(&keys.len()) && distinct.len() == keys.len();
    if sound && keys.iter().all(|key| PublicKey::check(*key).is_ok()) { Ok(()) } else { Err(BodyError::Keys) }
}

/// Checks that at least `threshold` of `roots` signed `message`, and that no signature in the list is anything else.
pub(super) fn check_signatures(
    signatures: &[Authorisation],
    message: &[u8],
    roots: &[DeviceKey],
    threshold: u32,
) -> Result<(), BodyError> {
    let mut signed = BTreeSet::new();
    for Authorisation { root, signature } in signatures {
        let forged = |_| BodyError::Forged(*root);
        if !roots.contains(root) || !signed.insert(root) {
            return Err(BodyError::Forged(*root));
        }
        PublicKey::check(*root).and_then(|key| key.verify(message, signature)).map_err(forged)?;
    }
    if signed.len() < threshold as usize {
        return Err(BodyError::TooFew { found: signed.len(), needed: threshold });
    }
    Ok(())
}

fn write_signature<S: Serializer>(signature: &Signature, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&signature.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn read_signature<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Signature, D::Error> {
    let text = String::deserialize(deserializer)?;
    let (first, second) = text.split_at_checked(64).ok_or_else(|| de::Error::custom("a signature is 128 hexadecimal digits"))?;
    let mut bytes = [0; limit::SIGNATURE];
    for (half, text) in bytes.chunks_exact_mut(32).zip([first, second]) {
        let digits: RecordId = text.parse().map_err(de::Error::custom)?;
        half.copy_from_slice(digits.as_bytes());
    }
    Ok(Signature(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonProblem;

    #[test]
    fn a_name_in_one_language_twice_is_refused_and_not_chosen_from() {
        let twice = br#"{"en":"Riverland","en":"Otherland"}"#;
        let refused = read::<Localised>(twice).unwrap_err();
        assert!(matches!(refused, BodyError::Json(JsonError { problem: JsonProblem::Duplicate(_), .. })), "{refused}");
    }
}
