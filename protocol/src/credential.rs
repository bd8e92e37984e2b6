//! A record as a Verifiable Credential 2.0 of the W3C, for whoever reads credentials and has never heard of records.
//!
//! The device that signed the record signs the credential, with a proof of [`proof`]. The record is inside, as a record file; all else that the
//! credential says follows from it, but for three things: the author's name, where the bundle is, and when it was made. So [`Credential::read`]
//! takes the record and these three, makes the document anew and compares: a credential cannot say what its record does not, nor anything more.

pub mod did;
pub mod proof;
#[cfg(test)]
mod tests;

use crate::id::DeviceKey;
use crate::json::{Document, JsonError, canonical, difference};
use crate::key::Signer;
use crate::kind::is_url;
use crate::record::{Body, RecordError, Verified};
use crate::record_file::RecordFile;
use crate::time::Millis;
use crate::trust::{Localised, charter};
use data_encoding::BASE64URL_NOPAD;
use proof::ProofError;
use serde_json::{Map, Value, json};

/// Bytes of the longest credential: a body of 64 KiB once as JSON and once in base64, 88 KiB, an author's name of 64 KiB, and room for white
/// space.
pub const BYTES: usize = 256 * 1024;
/// The terms of credentials, and one meaning for all terms that nobody defined: nothing has to be fetched from a place that could cease to be.
const CONTEXT: [&str; 2] = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2"];

/// What a credential says. Made by [`Credential::new`], before it is signed, and by [`Credential::read`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    record: Verified,
    body: Option<Body>,
    name: Localised,
    bundle: Option<String>,
    created: Millis,
}

/// Why there is no credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Over [`BYTES`].
    #[error("{0} bytes are over the bound of {BYTES}")]
    TooLong(usize),
    /// Not of the JSON that bodies are written in, apart from its length.
    #[error("{0}")]
    Json(#[from] JsonError),
    /// The proof.
    #[error("{0}")]
    Proof(#[from] ProofError),
    /// A credential of something else.
    #[error("at /evidence/0/record: should be a record file, as 'u' and base64url without padding")]
    NoRecord,
    /// The record inside does not hold.
    #[error("the record inside does not hold: {0}")]
    Record(#[from] RecordError),
    /// A founding charter has no author, but founders.
    #[error("a founding charter is nobody's statement: there is no credential of it")]
    Charter,
    /// A moment that RFC 3339 cannot write.
    #[error("the claimed time and the time of the export must be before the year 10000")]
    Time,
    /// Not an address.
    #[error("the bundle's address must begin with https:// or http:// and have at most 2000 characters, none of them blank")]
    Address,
    /// Somebody else than the record's device signs.
    #[error("the record was signed by the key {device}, so the key {signer} cannot sign a credential of it")]
    Signer {
        /// The key that signed the record.
        device: DeviceKey,
        /// The key of the proof.
        signer: DeviceKey,
    },
    /// It says what does not follow from the record inside.
    #[error("at {0}: not what the record inside says")]
    Differs(String),
}

impl Credential {
    /// A credential of a record, not signed so far: `name` is what its author is called, empty when that is not known; `bundle` the address of
    /// its audit bundle; `created` is now, of which the second counts.
    ///
    /// # Errors
    /// [`CredentialError::Charter`], [`CredentialError::Time`], [`CredentialError::Address`], and [`RecordError::Commitment`] for the body of
    /// another record.
    pub fn new(
        record: Verified,
        body: Option<Body>,
        name: Localised,
        bundle: Option<String>,
        created: Millis,
    ) -> Result<Self, CredentialError> {
        if record.header().kind == charter::KIND {
            return Err(CredentialError::Charter);
        }
        if record.header().claimed_at.max(created) >= Millis::YEAR_10000 {
            return Err(CredentialError::Time);
        }
        if bundle.as_deref().is_some_and(|address| !is_url(address)) {
            return Err(CredentialError::Address);
        }
        if body.as_ref().is_some_and(|body| body.of() != record.id()) {
            return Err(RecordError::Commitment.into());
        }
        Ok(Self { record, body, name, bundle, created: Millis(created.0 - created.0 % 1000) })
    }

    /// The credential as it is stored and sent: signed, in canonical JSON.
    ///
    /// # Errors
    /// [`CredentialError::Signer`] for another key than the record's; [`CredentialError::Json`] for a body that is nested too deeply to stand
    /// inside another object.
    pub fn sign(&self, signer: &Signer) -> Result<String, CredentialError> {
        self.check_signer(signer.public())?;
        let text = canonical(&proof::sign(self.document(), self.created, signer)?.into());
        if text.len() > BYTES {
            return Err(CredentialError::TooLong(text.len()));
        }
        Document::read(text.as_bytes())?;
        Ok(text)
    }

    /// Reads a credential and checks all of it. What it cannot prove is that the author may speak: the bundle does.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn read(bytes: &[u8]) -> Result<Self, CredentialError> {
        if bytes.len() > BYTES {
            return Err(CredentialError::TooLong(bytes.len()));
        }
        let mut document = Document::read(bytes)?.into_fields();
        let proven = proof::verify(&document)?;
        document.remove("proof");
        let credential = Self::said(&document, proven.created)?;
        credential.check_signer(proven.key)?;
        match difference(&credential.document().into(), &document.into()) {
            Some(place) => Err(CredentialError::Differs(place)),
            None => Ok(credential),
        }
    }

    /// The record.
    pub fn record(&self) -> &Verified {
        &self.record
    }

    /// What the record says; none when it was made without the body.
    pub fn body(&self) -> Option<&Body> {
        self.body.as_ref()
    }

    /// What the author calls itself; nothing in the credential proves it.
    pub fn name(&self) -> &Localised {
        &self.name
    }

    /// Where the audit bundle is said to be.
    pub fn bundle(&self) -> Option<&str> {
        self.bundle.as_deref()
    }

    /// When it says that it was made.
    pub fn created(&self) -> Millis {
        self.created
    }

    fn check_signer(&self, signer: DeviceKey) -> Result<(), CredentialError> {
        let device = self.record.header().device;
        if device == signer { Ok(()) } else { Err(CredentialError::Signer { device, signer }) }
    }

    /// The record in a document, and what is said beside it as far as it can be read: the comparison finds the rest.
    fn said(document: &Map<String, Value>, created: Millis) -> Result<Self, CredentialError> {
        let evidence = |place| document.get("evidence")?.pointer(place)?.as_str();
        let bytes = evidence("/0/record").and_then(|text| BASE64URL_NOPAD.decode(text.strip_prefix('u')?.as_bytes()).ok());
        let file = RecordFile::decode(&bytes.ok_or(CredentialError::NoRecord)?)?;
        let record = file.signed.verify(file.claimed_network())?;
        let body = file.sealed.map(|sealed| record.open(sealed)).transpose()?;
        let name = document.get("issuer").and_then(|issuer| issuer.get("name")).map(read_name).unwrap_or_default();
        Self::new(record, body, name, evidence("/1/id").map(str::to_owned), created)
    }

    /// The document without its proof.
    fn document(&self) -> Map<String, Value> {
        let mut evidence = vec![json!({ "type": "KoinonRecordFile", "record": self.file() })];
        evidence.extend(self.bundle.as_ref().map(|address| json!({ "type": "KoinonBundle", "id": address })));
        [
            ("@context", json!(CONTEXT)),
            ("type", json!(["VerifiableCredential", "KoinonRecordCredential"])),
            ("issuer", self.issuer()),
            ("credentialSubject", self.subject()),
            ("evidence", evidence.into()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
    }

    fn issuer(&self) -> Value {
        let organisation = format!("urn:koinon:organisation:{}", self.record.author());
        let mut issuer = json!({ "id": did::did(self.record.header().device), "organisation": organisation });
        if !self.name.is_empty() {
            issuer["name"] = self.name.iter().map(|(language, text)| json!({ "@language": language, "@value": text })).collect();
        }
        issuer
    }

    fn subject(&self) -> Value {
        let header = self.record.header();
        let mut subject = json!({
            "id": format!("urn:koinon:record:{}", self.record.id()),
            "type": "KoinonRecord",
            "network": format!("urn:koinon:network:{}", header.network),
            "kind": header.kind,
            "claimedAt": header.claimed_at.rfc3339(),
        });
        if !header.subject.is_zero() {
            subject["about"] = format!("urn:koinon:record:{}", header.subject).into();
        }
        if let Some(content) = self.body.as_ref().and_then(|body| Document::parse(body.bytes()).ok()) {
            subject["content"] = content.into_fields().into();
        }
        subject
    }

    fn file(&self) -> String {
        let sealed = self.body.as_ref().map(|body| body.sealed().clone());
        format!("u{}", BASE64URL_NOPAD.encode(&RecordFile { signed: *self.record.signed(), sealed }.encode()))
    }
}

fn read_name(name: &Value) -> Localised {
    let texts = name.as_array().into_iter().flatten().filter_map(|text| {
        let member = |name| text.get(name).and_then(Value::as_str).map(str::to_owned);
        Some((member("@language")?, member("@value")?))
    });
    texts.collect()
}
