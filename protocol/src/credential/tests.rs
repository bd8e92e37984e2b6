//! What a reader of credentials relies on: that the record's own device said all of it, and that it says what the record says.

use super::*;
use crate::id::{NetworkId, OrganisationId, RecordId};
use crate::key::KeyError;
use crate::record::{Draft, Sealed};
use proptest::prelude::*;

const BODY: &[u8] = br#"{"title":{"pl":"Wsp\u00f3lna \u015bmieciarka"},"year":2026,"costs":[{"amount":"12.50"},null,true]}"#;
const BUNDLE: &str = "https://koinon.example.org/api/v1/bundle/3f";

fn signer() -> Signer {
    Signer::from_seed(&[1; 32])
}

fn record(kind: u16, body: &[u8]) -> (Verified, Body) {
    let draft = Draft {
        kind,
        network: NetworkId([2; 32]),
        organisation: OrganisationId([3; 32]),
        seq: 0,
        previous: RecordId::ZERO,
        claimed_at: Millis(1_773_302_400_123),
        subject: RecordId([4; 32]),
        territory: *b"PL42\0\0\0\0\0\0\0\0",
        topic: 510,
    };
    draft.sign(&signer(), Sealed { salt: [5; 32], bytes: body.to_vec() }).unwrap()
}

fn credential(body: &[u8]) -> Credential {
    let (record, body) = record(33, body);
    let name = Localised::from([("pl".to_owned(), "Dolna Wieś".to_owned())]);
    Credential::new(record, Some(body), name, Some(BUNDLE.to_owned()), Millis(1_773_400_000_000)).unwrap()
}

fn document(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap()
}

/// As an author could who has the key and means to deceive.
fn signed(mut document: Map<String, Value>, signer: &Signer) -> Vec<u8> {
    document.remove("proof");
    let signed = proof::sign(document, Millis(1_773_400_000_000), signer).unwrap();
    Value::Object(signed).to_string().into_bytes()
}

#[test]
fn a_credential_says_what_its_record_says_and_is_read_as_it_was_made() {
    let credential = credential(BODY);
    let text = credential.sign(&signer()).unwrap();
    assert_eq!(Credential::read(text.as_bytes()).as_ref(), Ok(&credential));
    let said = document(&text);
    assert_eq!(said["credentialSubject"]["id"], format!("urn:koinon:record:{}", credential.record().id()));
    assert_eq!(said["credentialSubject"]["content"]["title"]["pl"], "Wspólna śmieciarka");
    assert_eq!(said["credentialSubject"]["claimedAt"], "2026-03-12T08:00:00Z");
    assert_eq!(said["issuer"]["organisation"], format!("urn:koinon:organisation:{}", OrganisationId([3; 32])));
    assert_eq!(said["issuer"]["id"], did::did(signer().public()));
    assert_eq!(said["issuer"]["name"][0]["@value"], "Dolna Wieś");
    assert_eq!(said["evidence"][1]["id"], BUNDLE);
    assert_eq!(said["proof"]["cryptosuite"], "eddsa-jcs-2022");
}

#[test]
fn white_space_and_order_are_no_part_of_what_is_signed() {
    let credential = credential(BODY);
    let spread = serde_json::to_string_pretty(&document(&credential.sign(&signer()).unwrap())).unwrap();
    assert_eq!(Credential::read(spread.as_bytes()), Ok(credential));
}

#[test]
fn a_record_whose_body_was_erased_has_a_credential_without_content() {
    let (record, _) = record(33, BODY);
    let credential = Credential::new(record, None, Localised::new(), None, Millis(0)).unwrap();
    let text = credential.sign(&signer()).unwrap();
    assert_eq!(Credential::read(text.as_bytes()), Ok(credential));
    let said = document(&text);
    assert!(said["credentialSubject"].get("content").is_none() && said["issuer"].get("name").is_none(), "{text}");
}

#[test]
fn every_claim_that_is_changed_afterwards_is_found() {
    let text = credential(BODY).sign(&signer()).unwrap();
    for (claim, other) in
        [("Dolna", "Gorna"), (":33,", ":34,"), ("12.50", "1250"), ("03-12T08", "03-11T08"), ("bundle/3f", "bundle/3e")]
    {
        assert_eq!(text.matches(claim).count(), 1, "{claim}");
        let refused = Credential::read(text.replace(claim, other).as_bytes());
        assert!(matches!(refused, Err(CredentialError::Proof(ProofError::Key(KeyError::BadSignature)))), "{claim}: {refused:?}");
    }
}

#[test]
fn not_even_the_author_can_sign_a_credential_that_says_other_than_its_record() {
    let said = document(&credential(BODY).sign(&signer()).unwrap());
    type Change = fn(&mut Map<String, Value>);
    let changes: [(&str, Change); 10] = [
        ("/credentialSubject/claimedAt", |said| said["credentialSubject"]["claimedAt"] = "2020-03-12T08:00:00Z".into()),
        ("/credentialSubject/content/year", |said| said["credentialSubject"]["content"]["year"] = 2027.into()),
        ("/credentialSubject/network", |said| said["credentialSubject"]["network"] = "urn:koinon:network:00".into()),
        ("/credentialSubject/award", |said| said["credentialSubject"]["award"] = "best practice".into()),
        ("/issuer/organisation", |said| said["issuer"]["organisation"] = "urn:koinon:organisation:00".into()),
        ("/issuer/id", |said| said["issuer"]["id"] = "did:web:ministry.example".into()),
        ("/issuer/name/0/@direction", |said| said["issuer"]["name"][0]["@direction"] = "rtl".into()),
        ("/evidence/2", |said| said["evidence"].as_array_mut().unwrap().push("more".into())),
        ("/@context/1", |said| said["@context"][1] = "https://other.example".into()),
        ("/validUntil", |said| drop(said.insert("validUntil".into(), "2090-01-01T00:00:00Z".into()))),
    ];
    for (place, change) in changes {
        let mut other = said.clone();
        change(&mut other);
        let refused = Credential::read(&signed(other, &signer()));
        assert_eq!(refused, Err(CredentialError::Differs(place.to_owned())), "{place}");
    }
    let mut foreign = said.clone();
    foreign["evidence"][1]["id"] = "javascript:alert(1)".into();
    assert_eq!(Credential::read(&signed(foreign, &signer())), Err(CredentialError::Address));
    let mut without = said;
    without["evidence"] = json!([]);
    assert_eq!(Credential::read(&signed(without, &signer())), Err(CredentialError::NoRecord));
}

#[test]
fn nobody_but_the_device_of_the_record_signs_a_credential_of_it() {
    let (credential, thief) = (credential(BODY), Signer::from_seed(&[9; 32]));
    let expected = CredentialError::Signer { device: signer().public(), signer: thief.public() };
    assert_eq!(credential.sign(&thief), Err(expected.clone()));
    let mut said = document(&credential.sign(&signer()).unwrap());
    said["issuer"]["id"] = did::did(thief.public()).into();
    assert_eq!(Credential::read(&signed(said, &thief)), Err(expected));
}

#[test]
fn a_proof_has_exactly_the_members_of_its_suite() {
    let text = credential(BODY).sign(&signer()).unwrap();
    let differs = |place: &str| ProofError::Differs(format!("/proof/{place}"));
    for (member, value, expected) in [
        ("expires", json!("2090-01-01T00:00:00Z"), differs("expires")),
        ("id", json!("urn:x"), differs("id")),
        ("cryptosuite", json!("eddsa-rdfc-2022"), differs("cryptosuite")),
        ("type", json!("Ed25519Signature2020"), differs("type")),
        ("proofPurpose", json!("authentication"), differs("proofPurpose")),
        ("@context", json!(["https://www.w3.org/ns/credentials/v2"]), differs("@context/1")),
        ("created", json!("2026-03-13T11:06:40.0Z"), ProofError::Created),
        ("created", json!("2026-03-13T11:06:41Z"), ProofError::Key(KeyError::BadSignature)),
        ("verificationMethod", json!("did:web:town.example#key-1"), ProofError::Method),
        ("verificationMethod", json!(did::did(signer().public())), ProofError::Method),
        ("verificationMethod", json!(did::method(DeviceKey([0; 32]))), ProofError::Key(KeyError::Weak)),
        ("proofValue", json!("z11"), ProofError::Value),
        ("proofValue", json!(5), ProofError::Value),
    ] {
        let mut said = document(&text);
        said["proof"][member] = value.clone();
        let refused = Credential::read(Value::Object(said).to_string().as_bytes());
        assert_eq!(refused, Err(CredentialError::Proof(expected)), "{member}: {value}");
    }
    let mut several = document(&text);
    several["proof"] = json!([several["proof"]]);
    let refused = Credential::read(Value::Object(several).to_string().as_bytes());
    assert_eq!(refused, Err(CredentialError::Proof(ProofError::Absent)));
}

#[test]
fn what_has_no_credential_says_why() {
    let (charter, body) = record(0, BODY);
    let none = |record, body, bundle: Option<&str>, created| {
        Credential::new(record, body, Localised::new(), bundle.map(str::to_owned), created).unwrap_err()
    };
    assert_eq!(none(charter, Some(body.clone()), None, Millis(0)), CredentialError::Charter);
    let (practice, _) = record(33, BODY);
    assert_eq!(none(practice, Some(body), None, Millis(0)), CredentialError::Record(RecordError::Commitment));
    assert_eq!(none(practice, None, Some("town.example"), Millis(0)), CredentialError::Address);
    assert_eq!(none(practice, None, None, Millis::YEAR_10000), CredentialError::Time);
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(15), "]".repeat(15));
    assert!(matches!(credential(deep.as_bytes()).sign(&signer()), Err(CredentialError::Json(_))));
    assert_eq!(Credential::read(&vec![b' '; BYTES + 1]), Err(CredentialError::TooLong(BYTES + 1)));
}

#[test]
fn the_longest_body_and_one_that_is_no_json_fit() {
    let long = format!("{{\"a\":\"{}\"}}", "ș".repeat(32_764));
    for body in [long.as_bytes(), b"not JSON", &[0xff; crate::limit::BODY]] {
        let credential = credential(body);
        let text = credential.sign(&signer()).unwrap();
        assert_eq!(Credential::read(text.as_bytes()), Ok(credential));
    }
}

proptest! {
    #[test]
    fn no_byte_of_a_credential_can_be_changed_so_that_it_says_something_else(place: prop::sample::Index, flip in 1_u8..) {
        let credential = credential(BODY);
        let mut bytes = credential.sign(&signer()).unwrap().into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        if let Ok(read) = Credential::read(&bytes) {
            prop_assert_eq!(read, credential);
        }
    }

    #[test]
    fn bytes_in_multibase_are_read_as_they_were_and_no_other_text_is(bytes: [u8; 34]) {
        let text = did::multibase(&bytes);
        prop_assert_eq!(did::from_multibase(&text), Some(bytes));
        prop_assert_eq!(did::from_multibase::<33>(&text), None);
        prop_assert_eq!(did::from_multibase::<34>(&text.replacen('z', "z1", 1)), None);
    }
}
