//! A record has one byte form, one author and one place, whatever anybody sends.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::{Keys, Signer};
use koinon_protocol::limit;
use koinon_protocol::log::{ForkError, ForkProof, Head, LinkError, link};
use koinon_protocol::record::{Body, Draft, RecordError, Sealed, Signed, Verified};
use koinon_protocol::time::Millis;
use proptest::prelude::*;

const NETWORK: NetworkId = NetworkId([7; 32]);

fn draft(seq: u64, previous: RecordId, claimed_at: u64) -> Draft {
    Draft {
        kind: 33,
        network: NETWORK,
        organisation: OrganisationId([9; 32]),
        seq,
        previous,
        claimed_at: Millis(claimed_at),
        subject: RecordId::ZERO,
        territory: *b"RO111\0\0\0\0\0\0\0",
        topic: 511,
    }
}

fn sign(draft: Draft, text: &str) -> (Verified, Body) {
    draft.sign(&Signer::from_seed(&[3; 32]), Sealed { salt: [5; 32], bytes: text.as_bytes().to_vec() }).unwrap()
}

fn first(text: &str) -> Verified {
    sign(draft(0, RecordId::ZERO, 1_000), text).0
}

#[test]
fn what_is_signed_is_accepted_with_its_body() {
    let (record, body) = sign(draft(0, RecordId::ZERO, 1_000), "{}");
    let received = Signed::decode(&record.signed().encode()).unwrap().verify(NETWORK).unwrap();
    assert_eq!(received, record);
    assert_eq!(received.open(body.sealed().clone()).unwrap(), body);
}

#[test]
fn a_record_of_another_network_is_refused() {
    assert_eq!(first("{}").signed().verify(NetworkId([8; 32])), Err(RecordError::Network));
}

#[test]
fn another_salt_or_another_text_is_not_the_body() {
    let (record, body) = sign(draft(0, RecordId::ZERO, 1_000), "{\"a\":1}");
    let other_salt = Sealed { salt: [6; 32], ..body.sealed().clone() };
    let other_text = Sealed { bytes: b"{\"a\":2}".to_vec(), ..body.sealed().clone() };
    assert_eq!(record.open(other_salt), Err(RecordError::Commitment));
    assert_eq!(record.open(other_text), Err(RecordError::Commitment));
}

#[test]
fn nobody_signs_what_nobody_accepts() {
    let signer = Signer::from_seed(&[3; 32]);
    let sealed = |length: usize| Sealed { salt: [5; 32], bytes: vec![b' '; length] };
    let refused = |draft: Draft, length| draft.sign(&signer, sealed(length)).unwrap_err();
    let good = draft(0, RecordId::ZERO, 1_000);
    assert_eq!(refused(good, limit::BODY + 1), RecordError::BodyTooLong(limit::BODY as u32 + 1));
    assert_eq!(refused(Draft { previous: RecordId([1; 32]), ..good }, 2), RecordError::Previous);
    assert_eq!(refused(Draft { territory: *b"ro111\0\0\0\0\0\0\0", ..good }, 2), RecordError::Territory);
    assert_eq!(refused(Draft { territory: *b"RO\x00111\0\0\0\0\0\0", ..good }, 2), RecordError::Territory);
}

#[test]
fn a_log_takes_the_next_record_and_no_other() {
    let zero = first("{}");
    let (one, _) = sign(draft(1, zero.id(), 1_000), "{}");
    let (two, _) = sign(draft(2, one.id(), 1_000), "{}");
    let (backwards, _) = sign(draft(1, zero.id(), 999), "{}");
    let (stranger, _) = sign(draft(1, RecordId([1; 32]), 1_000), "{}");
    let head = link(zero, None).unwrap().head();
    assert_eq!(link(one, Some(&head)).unwrap().head(), Head { seq: 1, id: one.id(), claimed_at: Millis(1_000) });
    assert_eq!(link(one, None), Err(LinkError::Gap { next: 0 }));
    assert_eq!(link(two, Some(&head)), Err(LinkError::Gap { next: 1 }));
    assert_eq!(link(zero, Some(&head)), Err(LinkError::Taken { seq: 0 }));
    assert_eq!(link(backwards, Some(&head)), Err(LinkError::Backwards));
    assert_eq!(link(stranger, Some(&head)), Err(LinkError::Predecessor));
}

#[test]
fn two_records_at_one_place_prove_a_fork_in_one_form() {
    let (one, other) = (first("{\"a\":1}"), first("{\"a\":2}"));
    let proof = ForkProof::new(one, other).unwrap();
    assert_eq!(proof, ForkProof::new(other, one).unwrap());
    assert_eq!(ForkProof::check(&proof.claim(), NETWORK).unwrap(), proof);
    let mut swapped = proof.claim();
    std::mem::swap(&mut swapped.first, &mut swapped.second);
    assert_eq!(ForkProof::check(&swapped, NETWORK), Err(ForkError::Order));
    assert_eq!(ForkProof::new(one, one), Err(ForkError::Order));
    assert_eq!(ForkProof::new(one, sign(draft(1, one.id(), 1_000), "{}").0), Err(ForkError::Apart));
}

proptest! {
    #[test]
    fn bytes_that_decode_are_the_bytes_that_encode(bytes in proptest::collection::vec(any::<u8>(), 0..320)) {
        if let Ok(signed) = Signed::decode(&bytes) {
            prop_assert_eq!(signed.encode(), bytes);
        }
    }

    #[test]
    fn one_changed_bit_is_noticed(byte in 0..limit::SIGNED, bit in 0..8u8) {
        let mut bytes = first("{}").signed().encode();
        bytes[byte] ^= 1 << bit;
        prop_assert!(Signed::decode(&bytes).and_then(|signed| signed.verify(NETWORK)).is_err());
    }

    /// Keys that are good, weak and none, signatures that hold and not, of this network and another, in any order.
    #[test]
    fn many_records_are_judged_as_each_alone(choices in proptest::collection::vec((0..6u8, 0..3u8), 0..24)) {
        let records: Vec<Signed> = choices
            .into_iter()
            .map(|(fault, author)| {
                let (seed, network) = ([author + 1; 32], if fault == 5 { NetworkId([8; 32]) } else { NETWORK });
                let draft = Draft { network, ..draft(0, RecordId::ZERO, 1_000) };
                let (record, _) = draft.sign(&Signer::from_seed(&seed), Sealed { salt: [5; 32], bytes: b"{}".to_vec() }).unwrap();
                let mut bytes = record.signed().encode();
                let key = bytes.windows(32).position(|part| part == record.header().device.0).unwrap();
                match fault {
                    0 => bytes[limit::SIGNED - 40] ^= 1,
                    1 => bytes[key..key + 32].copy_from_slice(&[&[1][..], &[0; 31]].concat()),
                    2 => bytes[key..key + 32].copy_from_slice(&[&[2][..], &[0; 31]].concat()),
                    _ => {}
                }
                Signed::decode(&bytes).unwrap()
            })
            .collect();
        let alone: Vec<_> = records.iter().map(|signed| signed.verify(NETWORK)).collect();
        prop_assert_eq!(Signed::verify_all(&records, NETWORK, &mut Keys::default()), alone);
    }

    #[test]
    fn bytes_cut_short_or_followed_by_others_are_refused(length in 0..2 * limit::SIGNED) {
        let mut bytes = first("{}").signed().encode();
        bytes.resize(length, 0);
        prop_assert_eq!(Signed::decode(&bytes).is_ok(), length == limit::SIGNED);
    }
}
