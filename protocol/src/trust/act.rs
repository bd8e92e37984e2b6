//! Acts: what an organisation's roots, its guardians or a network's founders decide together.
//!
//! An act is a text, kept byte for byte, with signatures beside it, so that it can go from hand to hand until enough have signed. It stands
//! alone: its record is the first and only one of a log whose key, the *carrier*, is made for it and is signed with it. So no fork, revocation
//! or loss of a device takes an act away, and nobody but who holds the carrier can put it into a record.

use super::attestation::Mandate;
use super::body::{self, Authorisation, BodyError};
use crate::id::{DeviceKey, NetworkId, OrganisationId, RecordId, Tag, digest};
use crate::key::{PublicKey, Signer};
use crate::limit;
use crate::record::{Draft, Header, Sealed};
use crate::time::Millis;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The body of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// A JSON object: what is decided.
    pub text: String,
    /// Who signed.
    pub signatures: Vec<Authorisation>,
}

/// What a text says.
pub trait Said: Serialize + DeserializeOwned {
    /// The record kind.
    const KIND: u16;

    /// Checks what can be checked of the text alone.
    ///
    /// # Errors
    /// [`BodyError`].
    fn check(&self) -> Result<(), BodyError>;
}

/// For whom a paper speaks and in which record it will stand: what its signatures cover beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cover {
    /// The network.
    pub network: NetworkId,
    /// The organisation that the act is of; zero in an amendment of the charter.
    pub organisation: OrganisationId,
    /// The record kind.
    pub kind: u16,
    /// The key that signs the record.
    pub carrier: DeviceKey,
}

impl Cover {
    pub(super) fn of(header: &Header) -> Self {
        Self { network: header.network, organisation: header.organisation, kind: header.kind, carrier: header.device }
    }
}

impl Paper {
    /// A paper that nobody signed yet.
    pub fn new(said: &impl Said) -> Self {
        #[expect(clippy::expect_used, reason = "what is said has text keys only, and writing to memory does not fail")]
        let text = serde_json::to_string(said).expect("a body of the protocol is JSON");
        Self { text, signatures: Vec::new() }
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`BodyError`]: its form.
    pub fn read(bytes: &[u8]) -> Result<Self, BodyError> {
        body::read(bytes)
    }

    /// What the text says.
    ///
    /// # Errors
    /// [`BodyError`]: of its JSON, its form, or its rules.
    pub fn said<T: Said>(&self) -> Result<T, BodyError> {
        let said: T = body::read(self.text.as_bytes())?;
        said.check()?;
        Ok(said)
    }

    /// The act's name: SHA-256 over [`Tag::ACT_NAME`] ‖ network (32) ‖ organisation (32) ‖ kind (2) ‖ text. The same decision has the same
    /// name in whatever record it stands.
    pub fn name(&self, cover: &Cover) -> RecordId {
        let parts: [&[u8]; 4] = [&cover.network.0, &cover.organisation.0, &cover.kind.to_be_bytes(), self.text.as_bytes()];
        RecordId(digest(Tag::ACT_NAME, &parts))
    }

    /// What is signed: [`Tag::ACT`] ‖ carrier (32) ‖ name (32).
    pub fn message(&self, cover: &Cover) -> Vec<u8> {
        [Tag::ACT.bytes(), &cover.carrier.0, &self.name(cover).0].concat()
    }

    /// Adds a signature; one of the same key is replaced.
    pub fn sign(&mut self, key: &Signer, cover: &Cover) {
        let signature = Authorisation::sign(key, &self.message(cover));
        self.signatures.retain(|other| other.root != signature.root);
        self.signatures.push(signature);
    }

    /// Checks that at least `threshold` of `keys` signed, and that there is no other signature.
    ///
    /// # Errors
    /// [`BodyError::Forged`] and [`BodyError::TooFew`].
    pub fn check_signed(&self, cover: &Cover, keys: &[DeviceKey], threshold: u32) -> Result<(), BodyError> {
        body::check_signatures(&self.signatures, &self.message(cover), keys, threshold)
    }

    /// The draft of the record, for the carrier to sign, and its body. `subject` is what it is about: of a suspension the organisation.
    pub fn draft(&self, cover: &Cover, subject: RecordId, now: Millis, salt: [u8; limit::SALT]) -> (Draft, Sealed) {
        let place = body::Place { network: cover.network, organisation: cover.organisation, head: None, now };
        (place.draft(cover.kind, subject), body::seal(self, salt))
    }
}

/// Until where a device's log counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Last {
    /// The place of its last record that counts.
    pub seq: u64,
    /// That record.
    pub id: RecordId,
}

impl Last {
    /// Whether the log may hold this record at this place.
    pub fn allows(&self, seq: u64, id: RecordId) -> bool {
        seq < self.seq || (seq == self.seq && id == self.id)
    }
}

/// A device in a list of all that an organisation has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its key.
    pub device: DeviceKey,
    /// What the organisation calls it.
    pub label: String,
    /// Where its log ends; it goes on when there is none.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub last: Option<Last>,
}

/// A member that is named is one: `null` is none of the forms in docs/PROTOCOL.md.
pub(super) fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

pub(super) fn check_listed(devices: &[Listed]) -> Result<(), BodyError> {
    let distinct: BTreeSet<_> = devices.iter().map(|listed| listed.device).collect();
    let sound = devices.len() <= limit::DEVICES && distinct.len() == devices.len();
    let known = |listed: &Listed| PublicKey::check(listed.device).is_ok() && is_place(listed.last);
    if sound && devices.iter().all(known) { Ok(()) } else { Err(BodyError::Devices) }
}

pub(super) fn is_place(last: Option<Last>) -> bool {
    last.is_none_or(|last| last.seq <= limit::JSON_INTEGER.unsigned_abs())
}

pub(super) fn check_mandate(mandate: &Mandate) -> Result<(), BodyError> {
    if mandate.resolution.trim().is_empty() { Err(BodyError::Mandate) } else { Ok(()) }
}
