//! Records and what is made of them: keys, headers with a signature, record files, sealed bodies, fork claims.

use super::cast::{self, CAST};
use super::vectors;
use koinon_protocol::id::{DeviceKey, NetworkId, OrganisationId};
use koinon_protocol::key::{PublicKey, Signature};
use koinon_protocol::limit;
use koinon_protocol::log::{ForkClaim, ForkProof};
use koinon_protocol::record::{RecordError, Sealed, Signed};
use koinon_protocol::record_file::RecordFile;
use koinon_protocol::wire;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The accepted records that were signed by whoever holds the key: no others can be found.
static SIGNED: LazyLock<BTreeSet<Vec<u8>>> = LazyLock::new(|| {
    let heads = [records(), files(), halves()].concat().into_iter().map(|bytes| bytes[..limit::SIGNED.min(bytes.len())].to_vec());
    heads.filter(|bytes| Signed::decode(bytes).is_ok_and(|signed| signed.verify(own_network(&signed)).is_ok())).collect()
});

pub(super) fn record(bytes: &[u8]) {
    let Ok(signed) = Signed::decode(bytes) else { return };
    assert_eq!(signed.encode(), bytes, "a record has one form");
    check_signature(&signed);
    assert_eq!(signed.verify(NetworkId([0xee; 32])), Err(RecordError::Network));
}

fn check_signature(signed: &Signed) {
    let Ok(record) = cast::verify(*signed, own_network(signed)) else { return };
    assert!(SIGNED.contains(&signed.encode()), "nobody signed this, and it is accepted");
    assert_eq!((record.id(), record.signed()), (signed.header().id(), signed));
    let author = record.author();
    assert!(author == signed.header().organisation || author == OrganisationId::from(record.id()));
}

pub(super) fn file(bytes: &[u8]) {
    let Ok(file) = RecordFile::decode(bytes) else { return };
    assert_eq!(file.encode(), bytes, "a record file has one form");
    check_signature(&file.signed);
    let Ok(record) = cast::verify(file.signed, file.claimed_network()) else { return };
    if let (Some(Ok(())), Some(sealed)) = (file.check_body(&record), file.sealed) {
        assert_eq!(sealed.bytes.len(), record.header().body_length as usize);
        assert_eq!(sealed.commitment(), record.header().body);
    }
}

pub(super) fn sealed(bytes: &[u8]) {
    let Ok(sealed) = wire::decode::<Sealed, { limit::SALT + 8 + limit::BODY }>(bytes) else { return };
    assert_eq!(wire::encode(&sealed), bytes, "a body has one form");
    assert!(sealed.bytes.len() <= limit::BODY);
}

pub(super) fn fork(bytes: &[u8]) {
    let Ok(claim) = wire::decode::<ForkClaim, { 2 * limit::SIGNED }>(bytes) else { return };
    assert_eq!(wire::encode(&claim), bytes, "a claim has one form");
    if let Ok(proof) = ForkProof::check(&claim, own_network(&claim.first)) {
        assert_eq!(proof.claim(), claim);
        for half in [claim.first, claim.second] {
            assert!(SIGNED.contains(&half.encode()), "nobody signed this, and it is evidence");
        }
    }
}

/// 32 bytes of a key, 64 of a signature, then the message.
pub(super) fn key(bytes: &[u8]) {
    let Some((key, rest)) = bytes.split_first_chunk() else { return };
    let Ok(public) = PublicKey::check(DeviceKey(*key)) else { return };
    assert_eq!(public.bytes(), DeviceKey(*key), "a key has one form");
    let Some((signature, message)) = rest.split_first_chunk() else { return };
    if public.verify(message, &Signature(*signature)).is_ok() {
        assert!(keys().iter().any(|seed| seed == bytes), "nobody signed this, and it is accepted");
    }
}

/// The network that the record names; a charter founds its own.
fn own_network(signed: &Signed) -> NetworkId {
    let header = signed.header();
    if header.network.is_zero() { header.id().into() } else { header.network }
}

pub(super) fn records() -> Vec<Vec<u8>> {
    let own = CAST.pieces.iter().chain([&CAST.charter]).map(|piece| piece.signed().encode());
    vectors::inputs(vectors::RECORD).into_iter().chain(own).collect()
}

pub(super) fn files() -> Vec<Vec<u8>> {
    let own = CAST.pieces.iter().chain([&CAST.charter]).map(cast::Piece::file);
    let Sealed { salt, bytes } = longest();
    let long = [CAST.charter.signed().encode(), salt.to_vec(), bytes].concat();
    [vectors::inputs(vectors::FILE), vectors::inputs(vectors::CONTROL), own.collect(), vec![long]].concat()
}

pub(super) fn sealed_seeds() -> Vec<Vec<u8>> {
    let own = CAST.pieces.iter().map(cast::Piece::sealed).chain([longest()]).map(|sealed| wire::encode(&sealed));
    vectors::inputs(vectors::SEALED).into_iter().chain(own).collect()
}

/// A body of the greatest length, which no record commits to.
pub(super) fn longest() -> Sealed {
    Sealed { salt: [8; limit::SALT], bytes: vec![b' '; limit::BODY] }
}

pub(super) fn forks() -> Vec<Vec<u8>> {
    let mut forks = vectors::inputs(vectors::FORK);
    forks.push(wire::encode(&CAST.fork.claim()));
    forks
}

fn halves() -> Vec<Vec<u8>> {
    forks().iter().flat_map(|claim| claim.chunks_exact(limit::SIGNED).map(<[u8]>::to_vec).collect::<Vec<_>>()).collect()
}

pub(super) fn keys() -> Vec<Vec<u8>> {
    let signed = |number: u8, message: &[u8]| {
        let signer = cast::root(number);
        [&signer.public().0[..], &signer.sign(message).0, message].concat()
    };
    let mut keys = vectors::inputs(vectors::KEY);
    keys.extend([signed(1, b""), signed(2, b"a message"), signed(3, &[0; 64])]);
    keys
}
