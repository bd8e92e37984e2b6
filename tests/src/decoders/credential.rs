//! Credentials. The proof is made here over whatever is said, as an author could who means to deceive, since nobody finds it by trial.

use super::cast::{CAST, text};
use koinon_protocol::credential::{Credential, proof};
use koinon_protocol::key::Signer;
use koinon_protocol::time::Millis;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// The device of the town.
static DEVICE: LazyLock<Signer> = LazyLock::new(|| super::cast::root(2));

/// A document without its proof: whatever is accepted is what its record says, and is signed again to the same bytes.
pub(super) fn check(bytes: &[u8]) {
    let raw = Credential::read(bytes);
    assert!(raw.as_ref().map_or_else(|error| !error.to_string().is_empty(), |_| true));
    let Ok(document) = serde_json::from_slice::<Map<String, Value>>(bytes) else { return };
    let signed = proof::sign(document, Millis(1_700_000_000_000), &DEVICE).expect("the moment has a form");
    let Ok(read) = Credential::read(Value::Object(signed).to_string().as_bytes()) else { return };
    assert!(CAST.pieces.iter().any(|piece| piece.id() == read.record().id()), "nobody said this");
    let again = read.sign(&DEVICE).expect("it was signed by this key");
    assert_eq!(Credential::read(again.as_bytes()).as_ref(), Ok(&read), "it says another thing when it is made again");
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let make = |with_body: bool, name, bundle: Option<&str>| {
        let piece =
            CAST.pieces.iter().find(|piece| piece.record.header().device == DEVICE.public() && piece.record.header().seq > 2);
        let piece = piece.expect("the town wrote practices");
        let body = with_body.then(|| piece.body.clone());
        let made = Credential::new(piece.record, body, name, bundle.map(str::to_owned), Millis(1_700_000_000_000));
        let signed = made.and_then(|made| made.sign(&DEVICE)).expect("a record of the cast has a credential");
        let mut document: Map<String, Value> = serde_json::from_str(&signed).expect("a credential is JSON");
        document.remove("proof");
        [signed.into_bytes(), Value::Object(document).to_string().into_bytes()]
    };
    let bare = make(false, Default::default(), None);
    [bare, make(true, text("Town"), Some("https://a.example/b"))].concat()
}
