//! The names of things: SHA-256 digests under a domain tag, written as 64 lower-case hexadecimal digits.

use crate::wire::{Decode, Encode};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// SHA-256 over `tag ‖ part ‖ part …`. Every hashed or signed thing has a tag of its own, so that none can pass for another.
pub fn digest(tag: Tag, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(tag.0);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// A domain tag: ASCII, ended by a zero byte, so that no tag is a prefix of another.
#[derive(Clone, Copy)]
pub struct Tag(pub(crate) &'static [u8]);

impl Tag {
    /// The signature of a record covers this tag and the header.
    pub const RECORD: Tag = Tag(b"koinon/v1/record\0");
    /// The id of a record.
    pub const RECORD_ID: Tag = Tag(b"koinon/v1/record-id\0");
    /// The commitment to a body: tag ‖ salt ‖ body.
    pub const BODY: Tag = Tag(b"koinon/v1/body\0");
    /// A root's authorisation of a device: tag ‖ network ‖ organisation ‖ key event ‖ device.
    pub const DEVICE: Tag = Tag(b"koinon/v1/device\0");
    /// A root's consent to the inception: tag ‖ network ‖ device ‖ digest of the roots.
    pub const INCEPTION: Tag = Tag(b"koinon/v1/inception\0");
    /// The digest that commits to a set of roots: tag ‖ threshold ‖ root ‖ root …
    pub const ROOTS: Tag = Tag(b"koinon/v1/roots\0");
    /// The name of an act: tag ‖ network ‖ organisation ‖ kind ‖ text.
    pub const ACT_NAME: Tag = Tag(b"koinon/v1/act-name\0");
    /// A signature under an act: tag ‖ carrier ‖ name.
    pub const ACT: Tag = Tag(b"koinon/v1/act\0");
    /// The fingerprint of a range of ids.
    pub const RANGE: Tag = Tag(b"koinon/v1/range\0");
    /// A node's receipt: tag ‖ network ‖ erased record ‖ erasure ‖ time.
    pub const RECEIPT: Tag = Tag(b"koinon/v1/receipt\0");
    /// The digest that ends a bundle: tag ‖ all bytes before it.
    pub const BUNDLE: Tag = Tag(b"koinon/v1/bundle\0");

    /// The bytes of the tag, the closing zero included.
    pub fn bytes(self) -> &'static [u8] {
        self.0
    }
}

/// What is wrong with the text of an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id is 64 hexadecimal digits, 0-9 and a-f; this has {found} characters or another letter among them")]
pub struct BadId {
    /// How many characters were given.
    pub found: usize,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// All zero: "none" in a header.
            pub const ZERO: Self = Self([0; 32]);

            /// Whether this stands for "none".
            pub fn is_zero(&self) -> bool {
                *self == Self::ZERO
            }

            /// The 32 bytes.
            pub fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                hex32(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

id!(
    /// The name of a record: SHA-256 over [`Tag::RECORD_ID`] and its header.
    RecordId
);
id!(
    /// The name of a network: the id of its founding charter.
    NetworkId
);
id!(
    /// The name of an organisation: the id of its inception record.
    OrganisationId
);
id!(
    /// SHA-256 over [`Tag::BODY`], a 32-byte salt and the body.
    BodyCommitment
);
id!(
    /// A device's Ed25519 public key as it stands in a header; [`PublicKey`](crate::key::PublicKey) is one that was checked.
    DeviceKey
);

impl From<RecordId> for OrganisationId {
    fn from(inception: RecordId) -> Self {
        Self(inception.0)
    }
}

impl From<OrganisationId> for RecordId {
    fn from(organisation: OrganisationId) -> Self {
        Self(organisation.0)
    }
}

impl From<RecordId> for NetworkId {
    fn from(charter: RecordId) -> Self {
        Self(charter.0)
    }
}

fn hex32(text: &str) -> Result<[u8; 32], BadId> {
    let bad = || BadId { found: text.chars().count() };
    if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(bad());
    }
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = nibble(pair[0]) << 4 | nibble(pair[1]);
    }
    Ok(out)
}

fn nibble(digit: u8) -> u8 {
    if digit.is_ascii_digit() { digit - b'0' } else { digit - b'a' + 10 }
}
