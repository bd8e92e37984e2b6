//! Ed25519 keys and strict verification: one answer for every input, the one that docs/PROTOCOL.md states.

use crate::id::DeviceKey;
use crate::wire::{Decode, Encode};
use ed25519_dalek::{Signer as _, SigningKey, Verifier as _, VerifyingKey};
use std::collections::BTreeMap;
use std::fmt;

/// How many [`Keys`] are kept, of some 200 bytes each; all are forgotten beyond that.
const KEYS: usize = 4096;

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
        // Decompression reduces y modulo p, so one point would have two names.
        let point = VerifyingKey::from_bytes(&key.0).ok().filter(|_| is_reduced(&key.0)).ok_or(KeyError::NotAPoint)?;
        if !point.is_weak() {
            return Ok(Self(point));
        }
        // Of the points with x = 0, which are weak, decompression takes one of either sign.
        Err(if is_small_order(&key.0) { KeyError::Weak } else { KeyError::NotAPoint })
    }

    /// Whether `signature` is this key's over `message`: RFC 8032 without cofactor, with S below the order and R not of small order.
    ///
    /// That is what `verify_strict` says, which decompresses R to tell its order. Since R is equal to a point that is compressed here, its
    /// bytes tell as well.
    ///
    /// # Errors
    /// [`KeyError::BadSignature`].
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), KeyError> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        if is_small_order(signature.r_bytes()) {
            return Err(KeyError::BadSignature);
        }
        self.0.verify(message, &signature).map_err(|_| KeyError::BadSignature)
    }

    /// The 32 bytes.
    pub fn bytes(&self) -> DeviceKey {
        DeviceKey(self.0.to_bytes())
    }
}

/// Keys that were checked before: that of a device is checked once, however many records are its.
#[derive(Clone, Debug, Default)]
pub struct Keys(BTreeMap<DeviceKey, PublicKey>);

impl Keys {
    /// [`PublicKey::check`].
    ///
    /// # Errors
    /// As that has it.
    pub fn check(&mut self, key: DeviceKey) -> Result<PublicKey, KeyError> {
        if let Some(known) = self.0.get(&key) {
            return Ok(*known);
        }
        let checked = PublicKey::check(key)?;
        if self.0.len() >= KEYS {
            self.0.clear();
        }
        self.0.insert(key, checked);
        Ok(checked)
    }
}

/// Whether these bytes name a y below p = 2^255 - 19.
fn is_reduced(point: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = point;
    *first < 0xed || *last & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff)
}

/// Whether these bytes are the canonical form of one of the eight points of small order.
fn is_small_order(point: &[u8; 32]) -> bool {
    let [front @ .., last] = point;
    let y = |bytes: [u8; 32]| front == &bytes[..31] && last & 0x7f == bytes[31];
    (*last < 0x80 && (y(ONE) || y(MINUS_ONE))) || y([0; 32]) || y(OF_ORDER_8) || y(OF_ORDER_8_NEGATED)
}

/// The y of the neutral point, which has no sign.
const ONE: [u8; 32] = {
    let mut one = [0; 32];
    one[0] = 1;
    one
};
/// The y of the point of order 2, which has no sign either.
const MINUS_ONE: [u8; 32] = {
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    minus_one
};
/// The y of two points of order 8: RFC 8032's curve, section 5.1.
const OF_ORDER_8: [u8; 32] = *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a";
/// The y of the two others, p less the former.
const OF_ORDER_8_NEGATED: [u8; 32] = *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05";

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

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
    use curve25519_dalek::edwards::EdwardsPoint;
    use curve25519_dalek::scalar::Scalar;
    use proptest::prelude::*;
    use sha2::{Digest, Sha512};

    fn is_weak(point: &[u8; 32]) -> bool {
        let decompressed = VerifyingKey::from_bytes(point).ok().filter(VerifyingKey::is_weak);
        decompressed.is_some_and(|key| key.to_edwards().compress().to_bytes() == *point)
    }

    #[test]
    fn the_eight_points_of_small_order_are_known_by_their_bytes() {
        for point in EIGHT_TORSION {
            let bytes = point.compress().to_bytes();
            assert!(is_weak(&bytes) && is_small_order(&bytes));
            assert_eq!(PublicKey::check(DeviceKey(bytes)), Err(KeyError::Weak));
            for (at, bit) in (0..32).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
                let mut other = bytes;
                other[at] ^= 1 << bit;
                assert_eq!(is_small_order(&other), is_weak(&other), "{other:?}");
            }
        }
    }

    /// A signature that fits the equation without cofactor, for a key and an R that may hold a part of small order.
    fn fitting(secret: Scalar, torsion: EdwardsPoint, message: &[u8], small: bool) -> Option<(DeviceKey, Signature)> {
        let public = (ED25519_BASEPOINT_POINT * secret + torsion).compress().to_bytes();
        EIGHT_TORSION.iter().find_map(|rest| {
            let nonce = if small { Scalar::ZERO } else { Scalar::from(7u64) };
            let r = (ED25519_BASEPOINT_POINT * nonce + rest).compress().to_bytes();
            let hash = Sha512::new().chain_update(r).chain_update(public).chain_update(message).finalize();
            let challenge = Scalar::from_bytes_mod_order_wide(&hash.into());
            let s = nonce + challenge * secret;
            let bytes: Vec<u8> = [r, s.to_bytes()].concat();
            let signature = Signature(bytes.try_into().ok()?);
            let dalek = ed25519_dalek::Signature::from_bytes(&signature.0);
            let fits = VerifyingKey::from_bytes(&public).ok()?.verify(message, &dalek).is_ok();
            fits.then_some((DeviceKey(public), signature))
        })
    }

    proptest! {
        #[test]
        fn a_signature_gets_the_answer_of_verify_strict(secret in 1u64.., torsion in 0usize..8, small: bool, message: [u8; 8]) {
            let fitting = fitting(Scalar::from(secret), EIGHT_TORSION[torsion], &message, small);
            if let Some((key, signature)) = fitting {
                let public = PublicKey::check(key).unwrap();
                let strict = public.0.verify_strict(&message, &ed25519_dalek::Signature::from_bytes(&signature.0));
                prop_assert_eq!(public.verify(&message, &signature).is_ok(), strict.is_ok());
                prop_assert_eq!(strict.is_ok(), !small);
                prop_assert!(public.verify(b"other", &signature).is_err());
            }
        }

        #[test]
        fn a_key_is_taken_when_it_is_the_canonical_form_of_a_point_that_is_not_weak(mut key: [u8; 32], high: bool) {
            if high {
                key[1..].fill(0xff);
                key[31] &= 0x7f | key[0];
            }
            let point = VerifyingKey::from_bytes(&key).ok().filter(|point| point.to_edwards().compress().to_bytes() == key);
            prop_assert_eq!(PublicKey::check(DeviceKey(key)).is_ok(), point.is_some_and(|point| !point.is_weak()));
        }
    }
}
