//! One record in a file: signed header, salt and body one after the other, as a node gives it.

use crate::id::NetworkId;
use crate::limit;
use crate::record::{Body, RecordError, Sealed, Signed, Verified};
use crate::trust::erasure;

/// Bytes of the longest record file.
pub const MOST: usize = limit::SIGNED + limit::SALT + limit::BODY;

/// What a record file holds; only its form was checked.
#[derive(Clone, Debug)]
pub struct RecordFile {
    /// The header and its signature.
    pub signed: Signed,
    /// The body and its salt; none when the file ends with the header, as it does after an erasure.
    pub sealed: Option<Sealed>,
}

impl RecordFile {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`RecordError`] when there is no header of the right form at the beginning. Whether the rest is the body is for
    /// [`RecordFile::check_body`] to say.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let (header, rest) = bytes.split_at(limit::SIGNED.min(bytes.len()));
        let signed = Signed::decode(header)?;
        let sealed = match rest.split_first_chunk() {
            Some((salt, body)) => Some(Sealed { salt: *salt, bytes: body.to_vec() }),
            None if rest.is_empty() => None,
            None => return Err(RecordError::Commitment),
        };
        Ok(Self { signed, sealed })
    }

    /// The bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.signed.encode();
        if let Some(sealed) = &self.sealed {
            bytes.extend(sealed.salt);
            bytes.extend(&sealed.bytes);
        }
        bytes
    }

    /// The network that the record says it belongs to; a founding charter is its own.
    pub fn claimed_network(&self) -> NetworkId {
        let header = self.signed.header();
        if header.network.is_zero() { header.id().into() } else { header.network }
    }

    /// Checks the signature and that the body is there and the signed one.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn open(&self) -> Result<(Verified, Body), RecordError> {
        let verified = self.signed.verify(self.claimed_network())?;
        let body = verified.open(self.sealed.clone().ok_or(RecordError::Commitment)?)?;
        Ok((verified, body))
    }

    /// Checks the signature, and the body where there is one. Only content may be without: of that, the text can be erased.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn verify(&self) -> Result<Verified, RecordError> {
        if self.sealed.is_none() && erasure::is_erasable(self.signed.header().kind) {
            return self.signed.verify(self.claimed_network());
        }
        self.open().map(|(verified, _)| verified)
    }

    /// A record that was signed here.
    pub fn new(record: &Verified, body: &Body) -> Self {
        Self { signed: *record.signed(), sealed: Some(body.sealed().clone()) }
    }

    /// The same without its signature, to be asked about.
    pub fn unsigned(&self) -> Self {
        Self { signed: self.signed.unsigned(), sealed: self.sealed.clone() }
    }

    /// Whether the body is the one that the author signed; `None` when there is none to check.
    pub fn check_body(&self, record: &Verified) -> Option<Result<(), RecordError>> {
        self.sealed.clone().map(|sealed| record.open(sealed).map(|_| ()))
    }
}
