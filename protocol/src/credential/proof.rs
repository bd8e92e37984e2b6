//! Proofs of W3C's Data Integrity 1.0 with the cryptosuite `eddsa-jcs-2022`, by a key that its `did:key` names.

use super::did;
use crate::id::DeviceKey;
use crate::json::{canonical, difference};
use crate::key::{KeyError, PublicKey, Signature, Signer};
use crate::time::Millis;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// What a proof that holds says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The key that signed.
    pub key: DeviceKey,
    /// When it says that it did.
    pub created: Millis,
}

/// Why a proof is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// No proof, or several.
    #[error("there is no proof: one object in the member 'proof'")]
    Absent,
    /// The moment has no form, or another one.
    #[error("at /proof/created: should be a moment to the second, as in 2026-11-24T09:30:00Z")]
    Created,
    /// The key is named in another way than by itself.
    #[error("at /proof/verificationMethod: should be an Ed25519 key, as in did:key:z6Mk…#z6Mk…")]
    Method,
    /// No signature.
    #[error("at /proof/proofValue: should be 'z' and the 64 bytes of a signature in base58btc")]
    Value,
    /// Another kind of proof, with more members or fewer, or for another context than the document's.
    #[error("at {0}: not what a proof of eddsa-jcs-2022 for this document says there")]
    Differs(String),
    /// The key or the signature.
    #[error("{0}")]
    Key(#[from] KeyError),
}

/// The document with a proof by `signer`, made at `created`, of which the second counts.
///
/// # Errors
/// [`ProofError::Created`] from the year 10000 on.
pub fn sign(mut document: Map<String, Value>, created: Millis, signer: &Signer) -> Result<Map<String, Value>, ProofError> {
    let created = created.rfc3339().ok_or(ProofError::Created)?;
    let mut proof = options(&document, &created, signer.public());
    let signature = signer.sign(&hash_data(&document, &proof));
    proof.insert("proofValue".to_owned(), did::multibase(&signature.0).into());
    document.insert("proof".to_owned(), proof.into());
    Ok(document)
}

/// Checks the proof of a document. It has the members that [`sign`] writes and no others, and the document's context is the one that was
/// signed: the standard lets a document have more, which would change what it means.
///
/// # Errors
/// [`ProofError`].
pub fn verify(document: &Map<String, Value>) -> Result<Proven, ProofError> {
    let mut document = document.clone();
    let Some(Value::Object(mut proof)) = document.remove("proof") else { return Err(ProofError::Absent) };
    let text = |name| proof.get(name).and_then(Value::as_str);
    let created = text("created").and_then(Millis::from_rfc3339).ok_or(ProofError::Created)?;
    let key = text("verificationMethod").and_then(did::key_of).ok_or(ProofError::Method)?;
    let signature = text("proofValue").and_then(did::from_multibase).map(Signature).ok_or(ProofError::Value)?;
    proof.remove("proofValue");
    let expected = options(&document, &created.rfc3339().ok_or(ProofError::Created)?, key);
    if let Some(place) = difference(&expected.clone().into(), &proof.into()) {
        return Err(ProofError::Differs(format!("/proof{place}")));
    }
    PublicKey::check(key)?.verify(&hash_data(&document, &expected), &signature)?;
    Ok(Proven { key, created })
}

/// What is signed: SHA-256 of the proof without its value, then of the document without its proof, each in its canonical text.
pub fn hash_data(document: &Map<String, Value>, options: &Map<String, Value>) -> [u8; 64] {
    let mut hashes = [0; 64];
    for (hash, object) in hashes.chunks_exact_mut(32).zip([options, document]) {
        hash.copy_from_slice(&Sha256::digest(canonical(&object.clone().into())));
    }
    hashes
}

/// The proof without its value.
fn options(document: &Map<String, Value>, created: &str, key: DeviceKey) -> Map<String, Value> {
    let fields = [
        ("type", "DataIntegrityProof"),
        ("cryptosuite", "eddsa-jcs-2022"),
        ("created", created),
        ("verificationMethod", &did::method(key)),
        ("proofPurpose", "assertionMethod"),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.into()));
    let context = document.get("@context").map(|context| ("@context".to_owned(), context.clone()));
    fields.into_iter().chain(context).collect()
}
