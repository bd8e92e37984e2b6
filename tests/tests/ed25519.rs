//! Every edge case of Ed25519 that is known to divide implementations gets one answer: the strict one of docs/PROTOCOL.md.
//!
//! The cases are others' (C2SP CCTV, Wycheproof) and not part of this repository; without them these tests say so and check nothing.
#![expect(clippy::expect_used, reason = "the helpers of a test fail as the test does")]

use koinon_protocol::id::DeviceKey;
use koinon_protocol::key::{KeyError, PublicKey, Signature};
use koinon_tests::shared;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// One case of C2SP's CCTV `ed25519vectors`; it says what is odd in it, not who should accept it.
#[derive(Deserialize)]
struct Edge {
    number: u32,
    key: String,
    sig: String,
    msg: String,
    #[serde(default)]
    flags: Option<Vec<String>>,
}

impl Edge {
    fn has(&self, flag: &str) -> bool {
        self.flags.iter().flatten().any(|own| own == flag)
    }

    fn answer(&self) -> Result<(), KeyError> {
        answer(&unhex(&self.key), self.msg.as_bytes(), &unhex(&self.sig))
    }
}

#[derive(Deserialize)]
struct Wycheproof {
    #[serde(rename = "testGroups")]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(rename = "publicKey")]
    key: GroupKey,
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct GroupKey {
    pk: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    tc_id: u32,
    msg: String,
    sig: String,
    result: String,
}

#[test]
fn edge_cases_are_accepted_exactly_when_strict_verification_with_a_canonical_key_accepts_them() {
    let Some(cases) = shared::<Vec<Edge>>("ed25519/edge.json") else { return };
    let accepted: Vec<&Edge> = cases.iter().filter(|case| case.answer().is_ok()).collect();
    assert_eq!((cases.len(), accepted.len()), (914, ACCEPTED));
    for case in accepted {
        for flag in ["low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R", "low_order_residue"] {
            assert!(!case.has(flag), "case {} is accepted although it is {flag}", case.number);
        }
    }
}

#[test]
fn a_key_that_is_not_canonical_is_not_a_point_and_a_weak_one_is_weak() {
    let Some(cases) = shared::<Vec<Edge>>("ed25519/edge.json") else { return };
    for case in cases {
        let expected = match (case.has("non_canonical_A"), case.has("low_order_A")) {
            (true, _) => Err(KeyError::NotAPoint),
            (false, true) => Err(KeyError::Weak),
            (false, false) => Ok(()),
        };
        assert_eq!(PublicKey::check(key(&unhex(&case.key))).map(|_| ()), expected, "case {}", case.number);
    }
}

#[test]
fn wycheproof_agrees_on_every_signature() {
    let Some(file) = shared::<Wycheproof>("ed25519/wycheproof.json") else { return };
    let mut checked = 0;
    for group in &file.groups {
        for case in &group.tests {
            let accepted = answer(&unhex(&group.key.pk), &unhex(&case.msg), &unhex(&case.sig)).is_ok();
            assert_eq!(accepted, case.result == "valid", "case {}", case.tc_id);
            checked += 1;
        }
    }
    assert_eq!(checked, 151);
}

#[test]
fn a_key_whose_y_is_not_below_p_is_not_a_point() {
    // y = 3 names a point that is not of small order; p + 3 is the same y in other bytes, which a lax reader accepts.
    let mut canonical = [0; 32];
    canonical[0] = 3;
    let mut other = [0xff; 32];
    (other[0], other[31]) = (0xf0, 0x7f);
    assert!(PublicKey::check(DeviceKey(canonical)).is_ok());
    assert_eq!(PublicKey::check(DeviceKey(other)), Err(KeyError::NotAPoint));
}

/// Of 914 edge cases `verify_strict` alone accepts 43; none of these has a key that is weak or not canonical.
const ACCEPTED: usize = 43;

fn answer(public: &[u8], message: &[u8], signature: &[u8]) -> Result<(), KeyError> {
    let signature = signature.try_into().map(Signature).map_err(|_| KeyError::BadSignature)?;
    PublicKey::check(key(public))?.verify(message, &signature)
}

fn key(bytes: &[u8]) -> DeviceKey {
    DeviceKey(bytes.try_into().expect("a key of 32 bytes"))
}

fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hexadecimal digits")
}

fn shared<T: DeserializeOwned>(name: &str) -> Option<T> {
    shared::read(name).map(|bytes| serde_json::from_slice(&bytes).expect("the file is of its published form"))
}
