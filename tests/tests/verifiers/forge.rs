//! Records of authors whose keys we have: right ones, and ones that are wrong and rightly signed.

use crate::parts::{Kept, sha};
use koinon_protocol::id::{DeviceKey, NetworkId};
use koinon_protocol::key::Signer;
use serde_json::{Value, json};

/// When the vectors' network begins.
pub(crate) const START: u64 = 1_767_225_600_000;
pub(crate) const YEAR: u64 = 365 * 86_400_000;

/// The vectors' keys: the devices of founder, union and town, and the town's second; then those of organisations that only the mutants have.
pub(crate) fn signer(number: u8) -> Signer {
    Signer::from_seed(&[0x40 + number; 32])
}

/// The signer of a device of the vectors.
pub(crate) fn signer_of(device: DeviceKey) -> Option<Signer> {
    (0..=40).map(signer).find(|signer| signer.public() == device)
}

/// The root of the organisation whose first device this is.
pub(crate) fn root(device: &Signer) -> Signer {
    Signer::from_seed(&device.public().0)
}

/// What a header says beside its body.
pub(crate) struct Said {
    pub(crate) network: NetworkId,
    pub(crate) kind: u16,
    pub(crate) organisation: [u8; 32],
    pub(crate) subject: [u8; 32],
    pub(crate) claimed_at: u64,
}

/// A record with this body, as the first of its log: a bundle does not ask for the place.
pub(crate) fn write(said: &Said, body: &Value, signer: &Signer) -> Kept {
    let record = [
        &1_u16.to_be_bytes()[..],
        &said.kind.to_be_bytes(),
        &said.network.0,
        &said.organisation,
        &signer.public().0,
        &[0; 40],
        &said.claimed_at.to_be_bytes(),
        &[0; 36],
        &said.subject,
        &[0; 16],
        &[0; 64],
    ]
    .concat();
    Kept { record, sealed: None }.with_body(body.to_string().as_bytes()).signed(signer)
}

pub(crate) fn charter(founders: &[u8], depth: u8) -> Kept {
    let name = json!({ "en": "Trial" });
    let founder = |number: &u8| json!({ "name": name, "country": "AT", "key": signer(*number).public() });
    let body = json!({
        "name": name, "purpose": name, "founders": founders.iter().map(founder).collect::<Vec<_>>(),
        "thresholds": { "amendment": founders.len() }, "admission": name, "licence": "CC-BY-4.0", "witnesses": name,
        "depth": depth, "kinds": [34],
    });
    let said = Said { network: NetworkId([0; 32]), kind: 0, organisation: [0; 32], subject: [0; 32], claimed_at: START };
    write(&said, &body, &signer(founders[0]))
}

pub(crate) fn inception(network: NetworkId, device: &Signer, claimed_at: u64) -> Kept {
    let (one, own) = (1_u32.to_be_bytes(), root(device));
    let digest = sha(&[b"koinon/v1/roots\0", &one, &own.public().0]);
    let message = [b"koinon/v1/inception\0", &network.0[..], &device.public().0, &digest].concat();
    let body = json!({
        "name": { "en": "Organisation" }, "country": "AT", "roots": [own.public()], "threshold": 1, "next_roots": hex::encode(digest),
        "consents": [{ "root": own.public(), "signature": hex::encode(own.sign(&message).0) }],
    });
    write(&Said { network, kind: 1, organisation: [0; 32], subject: [0; 32], claimed_at }, &body, device)
}

/// An organisation and the signer of its first device.
#[derive(Clone)]
pub(crate) struct Party {
    pub(crate) id: [u8; 32],
    pub(crate) device: u8,
}

pub(crate) fn device(network: NetworkId, by: &Party, added: &Signer, claimed_at: u64) -> Kept {
    let (signer, added) = (signer(by.device), added.public());
    let message = [b"koinon/v1/device\0", &network.0[..], &by.id, &by.id, &added.0].concat();
    let own = root(&signer);
    let body = json!({
        "device": added, "label": "Desk", "authorisations": [{ "root": own.public(), "signature": hex::encode(own.sign(&message).0) }],
    });
    write(&Said { network, kind: 2, organisation: by.id, subject: [0; 32], claimed_at }, &body, &signer)
}

/// What an attestation says.
pub(crate) struct Terms<'a> {
    pub(crate) scope: &'a [&'a str],
    pub(crate) depth: u8,
    pub(crate) from: u64,
    pub(crate) until: u64,
    pub(crate) claimed_at: u64,
}

pub(crate) fn attestation(network: NetworkId, by: &Party, subject: [u8; 32], terms: &Terms) -> Kept {
    let Terms { scope, depth, from, until, claimed_at } = *terms;
    let body = json!({
        "scope": scope, "depth": depth, "from": from, "until": until, "evidence": "statutes",
        "mandate": { "resolution": "12", "date": "2026-01-01" },
    });
    write(&Said { network, kind: 3, organisation: by.id, subject, claimed_at }, &body, &signer(by.device))
}
