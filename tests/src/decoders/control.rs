//! Bodies: those of the control records, and those of every content kind.

use super::cast::{self, CAST};
use koinon_protocol::id::RecordId;
use koinon_protocol::json::Document;
use koinon_protocol::kind::{KINDS, Kind};
use koinon_protocol::limit;
use koinon_protocol::trust::attestation::Attestation;
use koinon_protocol::trust::device::Device;
use koinon_protocol::trust::erasure::Erasure;
use koinon_protocol::trust::inception::Inception;
use koinon_protocol::trust::notice::Notice;
use koinon_protocol::trust::{BodyError, Charter};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Debug;

/// Who is understood is the same when it is written again; who is not is told why.
pub(super) fn understood<T: Serialize + PartialEq + Debug>(
    bytes: &[u8],
    read: impl Fn(&[u8]) -> Result<T, BodyError>,
) -> Option<T> {
    match read(bytes) {
        Ok(said) => {
            let again = serde_json::to_vec(&said).expect("a body of the protocol is JSON");
            // An understood body that is longer than the bound when written again cannot be compared.
            if again.len() <= limit::BODY {
                assert_eq!(read(&again).as_ref(), Ok(&said), "it says something else when it is written again");
            }
            Some(said)
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

pub(super) fn charter(bytes: &[u8]) {
    let Some(charter) = understood(bytes, Charter::read) else { return };
    let keys: BTreeSet<_> = charter.founders.iter().map(|founder| founder.key).collect();
    assert!(keys.len() == charter.founders.len() && (1..=limit::ROOTS).contains(&keys.len()));
    let threshold = charter.thresholds.amendment as usize;
    assert!(2 * threshold > keys.len() && threshold <= keys.len());
    assert!((1..=limit::VOUCH_DEPTH).contains(&charter.depth));
}

pub(super) fn inception(bytes: &[u8]) {
    let device = cast::root(2).public();
    let Some(inception) = understood(bytes, |bytes| Inception::read(bytes, CAST.network, device)) else { return };
    assert!((1..=inception.roots.len()).contains(&(inception.threshold as usize)));
    assert!(inception.consents.len() >= inception.threshold as usize);
    assert_eq!(inception.roots, [cast::root(12).public()], "these roots consented to nothing");
}

pub(super) fn device(bytes: &[u8]) {
    let roots = [cast::root(12).public(), cast::root(13).public()];
    let read = |bytes: &[u8]| {
        let device = Device::read(bytes)?;
        device.check_signed(CAST.network, CAST.town, &roots, 1)?;
        Ok(device)
    };
    if let Some(device) = understood(bytes, read) {
        assert_eq!(device.device, cast::root(3).public(), "no root authorised this device");
    }
}

pub(super) fn attestation(bytes: &[u8]) {
    let Some(attestation) = understood(bytes, Attestation::read) else { return };
    assert!(attestation.from < attestation.until && attestation.depth < limit::VOUCH_DEPTH);
}

pub(super) fn erasure(bytes: &[u8]) {
    let Some(erasure) = understood(bytes, Erasure::read) else { return };
    assert!(!erasure.ground.trim().is_empty() && erasure.ground.chars().count() <= 2_000);
}

pub(super) fn notice(bytes: &[u8]) {
    let Some(notice) = understood(bytes, Notice::read) else { return };
    assert!(!notice.ground.trim().is_empty() && !notice.law.trim().is_empty() && notice.law.chars().count() <= 500);
}

/// A byte that names the kind, then a body.
pub(super) fn kind(bytes: &[u8]) {
    let Some((number, body)) = bytes.split_first() else { return };
    let kind = KINDS[usize::from(*number) % KINDS.len()];
    let Ok(document) = Document::parse(body) else { return };
    let (values, words) = (kind.header_values(&document), kind.words(&document));
    assert_eq!((kind.header_values(&document), kind.words(&document)), (values, words));
    let (answered, asked) = kind.completeness(&document);
    assert!(answered <= asked);
    match kind.check(&document) {
        Ok(()) => conforms(kind, &document),
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(problem.place.starts_with('/') && !problem.to_string().is_empty());
            }
        }
    }
}

/// What is required is there, and its removal is a problem; what is not known is none.
fn conforms(kind: &Kind, document: &Document) {
    let fields = Value::Object(document.fields().clone());
    let check = |body: &Value| Document::parse(body.to_string().as_bytes()).ok().map(|body| kind.check(&body).is_ok());
    let mut more = fields.clone();
    more["\u{e000}"] = Value::Null;
    assert_ne!(check(&more), Some(false), "an unknown field is a problem");
    for field in kind.fields.iter().filter(|field| field.required) {
        let mut less = fields.clone();
        let gone = less.as_object_mut().and_then(|object| object.remove(field.name));
        assert!(gone.is_some(), "{} is required and may be absent", field.name);
        assert_ne!(check(&less), Some(true), "{} is required and may be absent", field.name);
    }
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("a body of the protocol is JSON")
}

/// The bodies of the cast's records of one control kind.
fn bodies(kind: u16) -> impl Iterator<Item = Vec<u8>> {
    let pieces = CAST.pieces.iter().chain([&CAST.charter]);
    pieces.filter(move |piece| piece.record.header().kind == kind).map(|piece| piece.body.bytes().to_vec())
}

pub(super) fn charters() -> Vec<Vec<u8>> {
    let mut charter = CAST.trust.charter().clone();
    charter.founders = vec![charter.founders[0].clone(); 3];
    (charter.founders[1].key, charter.founders[2].key) = (cast::root(2).public(), cast::root(3).public());
    charter.thresholds.amendment = 2;
    bodies(0).chain([json(&charter), b"{}".to_vec()]).collect()
}

pub(super) fn inceptions() -> Vec<Vec<u8>> {
    bodies(1).collect()
}

pub(super) fn devices() -> Vec<Vec<u8>> {
    bodies(2).chain([json(&cast::authorise(CAST.network, CAST.town, 13, cast::root(3).public()))]).collect()
}

pub(super) fn attestations() -> Vec<Vec<u8>> {
    bodies(3).chain([json(&cast::attest())]).collect()
}

pub(super) fn erasures() -> Vec<Vec<u8>> {
    let whole = br#"{"ground":"It names a child.","mandate":{"resolution":"12","date":"2026-01-01"}}"#;
    vec![whole.to_vec(), br#"{"ground":"It names a child."}"#.to_vec(), br#"{"ground":" ","mandate":null}"#.to_vec()]
}

pub(super) fn notices() -> Vec<Vec<u8>> {
    let whole = br#"{"ground":"It names a child.","law":"article 17","mandate":{"resolution":"12","date":"2026-01-01"}}"#;
    vec![whole.to_vec(), br#"{"ground":"a","law":" ","mandate":["12","2026-01-01"]}"#.to_vec()]
}

pub(super) fn kinds() -> Vec<Vec<u8>> {
    let reference = RecordId([1; 32]);
    let places = format!(r#"{{"places":[{{"code":"RO113","vintage":2024,"name":"x"}}],"derived_from":"{reference}"}}"#);
    let example = |number: usize| [&[u8::try_from(number).unwrap_or_default()], KINDS[number].example.as_bytes()].concat();
    (0..KINDS.len()).map(example).chain([[b"\0", places.as_bytes()].concat()]).collect()
}
