//! Ed25519 keys and strict verification: one answer for every input, the one that docs/PROTOCOL.md states.

use crate::id::DeviceKey;
use crate::wire::{Decode, Encode};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use std::fmt;

/// Why a key or a signature is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The 32 bytes are not the canonical form of a point of the curve.
    #[error("the public key is not a point of the curve")]
    NotAPoint,
    /// The key is of small order: signatures under it prove nothing.
    #[error("the public key is weak (of small order)")]
    Weak,
    /// The signature is not this key's over these bytes, by the strict rules.
    #[error("the signature does not fit the key and the signed bytes")]
    BadSignature,
}

/// A public key that was checked: canonical and not weak. Made by [`PublicKey::check`] and [`Signer::public`] only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key in these bytes.
    ///
    /// # Errors
    /// [`KeyError::NotAPoint`] also for encodings that are not canonical, [`KeyError::Weak`] for small order.
    pub fn check(key: DeviceKey) -> Result<Self, KeyError> {
        let point = VerifyingKey::from_bytes(&key.0).map_err(|_| KeyError::NotAPoint)?;
        // Decompression reduces y modulo p, so one point would have two names.
        if point.to_edwards().compress().to_bytes() != key.0 {
            return Err(KeyError::NotAPoint);
        }
        if point.is_weak() {
            return Err(KeyError::Weak);
        }
        Ok(Self(point))
    }

    /// Whether `signature` is this key's over `message`: `verify_strict` of RFC 8032 without cofactor, with S below the order and R not
    /// of small order.
    ///
    /// # Errors
    /// [`KeyError::BadSignature`].
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), KeyError> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0.verify_strict(message, &signature).map_err(|_| KeyError::BadSignature)
    }

    /// The 32 bytes.
    pub fn bytes(&self) -> DeviceKey {
        DeviceKey(self.0.to_bytes())
    }
}

/// 64 bytes that claim to be an Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature(")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, ")")
    }
}

/// A secret key. It signs; it is never printed, and its memory is wiped when it is dropped.
pub struct Signer(SigningKey);

impl Signer {
    /// The key whose RFC 8032 seed is these 32 bytes, which must come from a cryptographic source of randomness.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    pub fn public(&self) -> DeviceKey {
        DeviceKey(self.0.verifying_key().to_bytes())
    }

    /// The signature over `message`.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.public())
    }
}
