//! Credentials are signed as others sign them: the W3C's own vectors of `eddsa-jcs-2022`, and the test data of RFC 8785, byte for byte.
//!
//! The vectors are others' and not part of this repository; without them these tests say so and check nothing.
#![expect(clippy::expect_used, reason = "the helpers of a test fail as the test does")]

use koinon_protocol::credential::proof::{self, ProofError};
use koinon_protocol::credential::{Credential, CredentialError, did};
use koinon_protocol::json::canonical;
use koinon_protocol::key::{KeyError, Signer};
use koinon_protocol::time::Millis;
use koinon_tests::shared;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

type Object = Map<String, Value>;

/// What the W3C publishes of one credential, from the key to the signed document.
struct Vectors {
    unsigned: Object,
    config: Object,
    signed: Object,
    signer: Signer,
    created: Millis,
}

impl Vectors {
    fn read() -> Option<Self> {
        let object = |name| Some(serde_json::from_slice::<Object>(&shared::read(name)?).expect("the file is a JSON object"));
        let config = object("vc/eddsa-jcs-2022/proofConfigJCS.json")?;
        let created = Millis::from_rfc3339(config["created"].as_str().expect("a text")).expect("a moment");
        let signer = signer(&object("vc/keyPair.json")?);
        let signed = object("vc/eddsa-jcs-2022/signedJCS.json")?;
        Some(Self { unsigned: object("vc/unsigned.json")?, config, signed, signer, created })
    }
}

#[test]
fn every_step_of_a_proof_is_the_w3c_s_byte_for_byte() {
    let Some(Vectors { unsigned, config, signed, signer, created }) = Vectors::read() else { return };
    assert_eq!(canonical(&unsigned.clone().into()), text("canonDocJCS.txt"));
    assert_eq!(canonical(&config.clone().into()), text("proofCanonJCS.txt"));
    assert_eq!(hex::encode(Sha256::digest(canonical(&unsigned.clone().into()))), text("docHashJCS.txt"));
    assert_eq!(hex::encode(Sha256::digest(canonical(&config.clone().into()))), text("proofHashJCS.txt"));
    let data = proof::hash_data(&unsigned, &config);
    assert_eq!(hex::encode(data), text("combinedHashJCS.txt"));
    let signature = signer.sign(&data);
    assert_eq!(hex::encode(signature.0), text("sigHexJCS.txt"));
    assert_eq!(did::multibase(&signature.0), text("sigBTC58JCS.txt"));
    let made = proof::sign(unsigned, created, &signer).expect("the moment has a form");
    assert_eq!(canonical(&made.into()), canonical(&signed.into()));
}

#[test]
fn the_w3c_s_document_verifies_and_no_part_of_it_can_be_changed() {
    let Some(Vectors { signed, signer, created, .. }) = Vectors::read() else { return };
    let proven = proof::verify(&signed).expect("the W3C signed it");
    assert_eq!((proven.key, proven.created), (signer.public(), created));
    let members = signed.iter().filter(|(_, value)| value.is_string()).map(|(name, _)| name.clone());
    for member in members.chain(["credentialSubject".to_owned()]) {
        let mut changed = signed.clone();
        changed[&member] = "other".into();
        assert_eq!(proof::verify(&changed), Err(ProofError::Key(KeyError::BadSignature)), "{member}");
    }
    let mut wider = signed;
    wider["@context"].as_array_mut().expect("a list").push("https://other.example".into());
    assert_eq!(proof::verify(&wider), Err(ProofError::Differs("/proof/@context/2".to_owned())));
}

#[test]
fn a_credential_of_something_else_than_a_record_is_none_here() {
    let Some(bytes) = shared::read("vc/eddsa-jcs-2022/signedJCS.json") else { return };
    assert_eq!(Credential::read(&bytes), Err(CredentialError::NoRecord));
}

#[test]
fn the_test_data_of_rfc_8785_have_its_one_text() {
    for name in ["arrays", "french", "structures", "unicode", "values", "weird"] {
        let files = (shared::read(&format!("vc/jcs/input/{name}.json")), shared::read(&format!("vc/jcs/output/{name}.json")));
        let (Some(input), Some(output)) = files else { return };
        let value: Value = serde_json::from_slice(&input).expect("the input is JSON");
        assert_eq!(canonical(&value), String::from_utf8(output).expect("the output is UTF-8").trim_end(), "{name}");
    }
}

/// The secret key, as a Multikey: its multicodec is 0x1300.
fn signer(pair: &Object) -> Signer {
    let text = pair["privateKeyMultibase"].as_str().expect("a text");
    let [0x80, 0x26, seed @ ..] = did::from_multibase::<34>(text).expect("34 bytes in base58btc") else {
        panic!("another kind of key");
    };
    Signer::from_seed(&seed)
}

fn text(name: &str) -> String {
    let bytes = shared::read(&format!("vc/eddsa-jcs-2022/{name}")).expect("the vectors are all there or none");
    String::from_utf8(bytes).expect("a text").trim_end().to_owned()
}
