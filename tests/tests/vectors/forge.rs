//! Records and signatures of every kind: the right ones, and those that only a lax reader would take.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use koinon_protocol::id::{DeviceKey, NetworkId, OrganisationId, RecordId, Tag};
use koinon_protocol::key::Signer;
use koinon_protocol::record::{Header, Sealed, VERSION};
use koinon_protocol::time::Millis;
use koinon_protocol::wire;
use sha2::{Digest, Sha512};

pub(crate) const NETWORK: NetworkId = NetworkId([0x11; 32]);

/// 2026-01-01 in milliseconds.
const NEW_YEAR: u64 = 1_767_225_600_000;
/// The order of the base point, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0x10,
];

pub(crate) fn sealed() -> Sealed {
    Sealed { salt: [0x5a; 32], bytes: r#"{"title":"Gemeinsame Kläranlage"}"#.as_bytes().to_vec() }
}

/// The signer of all records that are not forged.
pub(crate) fn signer() -> Signer {
    Signer::from_seed(&[7; 32])
}

/// The first record of a log, right in every field.
pub(crate) fn header() -> Header {
    Header {
        version: VERSION,
        kind: 3,
        network: NETWORK,
        organisation: OrganisationId([0x22; 32]),
        device: signer().public(),
        seq: 0,
        previous: RecordId::ZERO,
        claimed_at: Millis(NEW_YEAR),
        body_length: sealed().bytes.len() as u32,
        body: sealed().commitment(),
        subject: RecordId([0x33; 32]),
        territory: *b"AT130_90001\0",
        topic: 520,
        flags: 0,
    }
}

/// [`header`] after a change.
pub(crate) fn header_with(change: impl FnOnce(&mut Header)) -> Header {
    let mut header = header();
    change(&mut header);
    header
}

/// The record that follows `before` in its log, a minute later.
pub(crate) fn after(before: &Header) -> Header {
    Header { seq: before.seq + 1, previous: before.id(), claimed_at: before.claimed_at.plus(60_000), ..*before }
}

/// Header and signature, whatever the header says.
pub(crate) fn sign(header: &Header) -> Vec<u8> {
    [wire::encode(header), signer().sign(&message(header)).0.to_vec()].concat()
}

/// What a record's signature covers.
pub(crate) fn message(header: &Header) -> Vec<u8> {
    [Tag::RECORD.bytes(), &wire::encode(header)].concat()
}

/// The signature of `record` with S + L instead of S: equal modulo the order.
pub(crate) fn with_greater_s(mut record: Vec<u8>) -> Vec<u8> {
    let mut carry = 0;
    let s = record.len() - 32;
    for (byte, more) in record[s..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    record
}

/// A key of small order that signs everything: [1]P with the neutral element as A.
pub(crate) fn signed_by_weak_key() -> Vec<u8> {
    let header = header_with(|header| header.device = neutral_key());
    let nonce = Scalar::from(5u8);
    assemble(&header, encode(&(ED25519_BASEPOINT_POINT * nonce)), nonce)
}

/// A signature whose R is `bytes`, an encoding of the neutral element: S·B = k·A holds.
pub(crate) fn with_neutral_r(bytes: [u8; 32]) -> Vec<u8> {
    let secret = Scalar::from(9u8);
    let header = header_with(|header| header.device = DeviceKey(encode(&(ED25519_BASEPOINT_POINT * secret))));
    let challenge = challenge(&bytes, &header);
    assemble(&header, bytes, challenge * secret)
}

/// A signature under a key with a component of order 8. The equation without cofactor holds exactly when 8 divides k: `fits` chooses.
pub(crate) fn under_mixed_key(fits: bool) -> Vec<u8> {
    let secret = Scalar::from(9u8);
    let key = encode(&(ED25519_BASEPOINT_POINT * secret + EIGHT_TORSION[1]));
    let header = header_with(|header| header.device = DeviceKey(key));
    (1u64..)
        .find_map(|nonce| {
            let nonce = Scalar::from(nonce);
            let r = encode(&(ED25519_BASEPOINT_POINT * nonce));
            let challenge = challenge(&r, &header);
            (challenge.as_bytes()[0].is_multiple_of(8) == fits).then(|| assemble(&header, r, nonce + challenge * secret))
        })
        .expect("one nonce in eight fits")
}

/// y = 1, the neutral element.
pub(crate) fn neutral_key() -> DeviceKey {
    DeviceKey(small_y(1))
}

/// The canonical encoding of a small y with an even x.
pub(crate) fn small_y(y: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = y;
    bytes
}

/// The same point as [`small_y`], written as p + y.
pub(crate) fn greater_y(y: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    (bytes[0], bytes[31]) = (0xed + y, 0x7f);
    bytes
}

fn assemble(header: &Header, r: [u8; 32], s: Scalar) -> Vec<u8> {
    [wire::encode(header).as_slice(), &r, s.as_bytes()].concat()
}

fn challenge(r: &[u8; 32], header: &Header) -> Scalar {
    let hash = Sha512::new().chain_update(r).chain_update(header.device.0).chain_update(message(header)).finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

fn encode(point: &EdwardsPoint) -> [u8; 32] {
    point.compress().to_bytes()
}
