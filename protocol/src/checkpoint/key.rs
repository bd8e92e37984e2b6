//! The keys of logs (signed-note, type 1) and of witnesses (tlog-cosignature, type 4), and what they sign.

use super::note::{Note, SignatureLine};
use crate::id::DeviceKey;
use crate::key::{KeyError, PublicKey, Signature, Signer};
use crate::time::Millis;
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// Signs the text of a note.
const LOG: u8 = 1;
/// Signs the text of a note with the time.
const WITNESS: u8 = 4;
/// Bytes of the longest name: a byte counts them in other formats of witnesses.
const NAME: usize = 255;
/// A time beyond this is none (tlog-cosignature).
const LATEST: u64 = u64::MAX >> 1;

/// The name of a key: 1 to 255 bytes without blanks, control characters and `+`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a key has 1 to {NAME} bytes, without blanks, control characters and '+'")]
pub struct NameError;

impl Name {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        let allowed = |letter: char| !letter.is_whitespace() && !letter.is_control() && letter != '+';
        let right = (1..=NAME).contains(&text.len()) && text.chars().all(allowed);
        if right { Ok(Self(text.to_owned())) } else { Err(NameError) }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A public key with its name; written as `NAME+ID+BASE64` (a *vkey* of signed-note). `TYPE` is the byte that tells kinds of signatures
/// apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vkey<const TYPE: u8> {
    name: Name,
    key: PublicKey,
}

/// The key of a log.
pub type LogKey = Vkey<LOG>;
/// The key of a witness.
pub type WitnessKey = Vkey<WITNESS>;

/// Why a text is not a key of the kind that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VkeyError {
    /// Its form.
    #[error("a key is written NAME+ID+KEY: the id in 8 digits 0-9a-f, the key in base64")]
    Form,
    /// Its name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Another kind.
    #[error("this is a key of type {found}, and one of type {expected} is wanted: 1 for a log, 4 for a witness, both Ed25519")]
    Type {
        /// What was given.
        found: u8,
        /// What is wanted.
        expected: u8,
    },
    /// The id is another key's, so that one of the parts was altered.
    #[error("the id does not fit name and key: copy the whole line again")]
    Id,
    /// The key itself.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Why a note is not signed as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No signature of the key.
    #[error("the note has no signature of this key")]
    Missing,
    /// One that names the key and does not hold.
    #[error("a signature that names the key '{0}' does not hold")]
    Wrong(Name),
}

impl<const TYPE: u8> Vkey<TYPE> {
    /// A key under a name.
    pub fn new(name: Name, key: PublicKey) -> Self {
        Self { name, key }
    }

    /// Its name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The key.
    pub fn key(&self) -> DeviceKey {
        self.key.bytes()
    }

    /// The first four bytes of SHA-256(name ‖ line feed ‖ type ‖ key).
    pub fn id(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name.0).chain_update([b'\n', TYPE]).chain_update(self.key.bytes().0);
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        [a, b, c, d]
    }

    /// Whether a line claims to be a signature of this key.
    pub fn is_named_by(&self, line: &SignatureLine) -> bool {
        line.name == self.name && line.id == self.id()
    }

    /// The lines that claim to be this key's, each of which `check` must accept, and of which there must be one.
    fn each<T>(&self, note: &Note, check: impl Fn(&[u8]) -> Option<T>) -> Result<Vec<T>, SignatureError> {
        let id = self.id();
        let own = note.lines().iter().filter(|line| line.name == self.name && line.id == id);
        let found: Vec<T> = own.map(|line| check(&line.signature)).collect::<Option<_>>().ok_or_else(|| self.wrong())?;
        if found.is_empty() { Err(SignatureError::Missing) } else { Ok(found) }
    }

    fn wrong(&self) -> SignatureError {
        SignatureError::Wrong(self.name.clone())
    }

    fn holds(&self, message: &[u8], signature: &[u8; 64]) -> Option<()> {
        self.key.verify(message, &Signature(*signature)).ok()
    }
}

impl LogKey {
    /// Checks that the log signed the note.
    ///
    /// # Errors
    /// [`SignatureError`]; also when one of several signatures under its name does not hold.
    pub fn verify(&self, note: &Note) -> Result<(), SignatureError> {
        self.each(note, |signature| self.holds(note.text().as_bytes(), signature.try_into().ok()?)).map(drop)
    }
}

impl WitnessKey {
    /// Checks that the witness cosigned the note, and gives the time: seconds since 1970, the earliest of several.
    ///
    /// # Errors
    /// [`SignatureError`]; also when one of several does not hold, or has no time.
    pub fn verify(&self, note: &Note) -> Result<u64, SignatureError> {
        let times = self.each(note, |signature| {
            let (time, signature) = signature.split_first_chunk()?;
            let time = u64::from_be_bytes(*time);
            self.holds(message(note.text(), time).as_bytes(), signature.try_into().ok()?)?;
            (1..=LATEST).contains(&time).then_some(time)
        })?;
        times.into_iter().min().ok_or(SignatureError::Missing)
    }

    /// When the witness cosigned the note, as [`WitnessKey::verify`] says, in the time of records.
    ///
    /// # Errors
    /// As [`WitnessKey::verify`].
    pub fn seen(&self, note: &Note) -> Result<Millis, SignatureError> {
        self.verify(note).map(|seconds| Millis(seconds.saturating_mul(1000)))
    }
}

/// What a cosignature covers.
fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl<const TYPE: u8> fmt::Display for Vkey<TYPE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[TYPE][..], &self.key.bytes().0].concat();
        write!(f, "{}+{}+{}", self.name, HEXLOWER.encode(&self.id()), BASE64.encode(&key))
    }
}

impl<const TYPE: u8> FromStr for Vkey<TYPE> {
    type Err = VkeyError;
    fn from_str(text: &str) -> Result<Self, VkeyError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VkeyError::Form);
        };
        let bytes = super::base64(key).ok_or(VkeyError::Form)?;
        let (&found, key) = bytes.split_first().ok_or(VkeyError::Form)?;
        if found != TYPE {
            return Err(VkeyError::Type { found, expected: TYPE });
        }
        let key = PublicKey::check(DeviceKey(key.try_into().map_err(|_| VkeyError::Form)?))?;
        let vkey = Self { name: name.parse()?, key };
        let same = HEXLOWER.decode(id.as_bytes()).map_err(|_| VkeyError::Form)? == vkey.id();
        if same { Ok(vkey) } else { Err(VkeyError::Id) }
    }
}

/// The secret key of a log.
#[derive(Debug)]
pub struct LogSigner {
    vkey: LogKey,
    signer: Signer,
}

impl LogSigner {
    /// A secret key under a name, which is the log's origin.
    ///
    /// # Errors
    /// [`KeyError::Weak`] never happens with seeds from a source of randomness.
    pub fn new(name: Name, signer: Signer) -> Result<Self, KeyError> {
        Ok(Self { vkey: Vkey::new(name, PublicKey::check(signer.public())?), signer })
    }

    /// The public half.
    pub fn vkey(&self) -> &LogKey {
        &self.vkey
    }

    pub(super) fn note(&self, text: String) -> Note {
        let signature = self.signer.sign(text.as_bytes()).0.to_vec();
        let line = SignatureLine { name: self.vkey.name.clone(), id: self.vkey.id(), signature };
        Note::of(text, line)
    }
}

/// The secret key of a witness. It must be no log's key too, and no other witness's: a cosignature does not name who makes it.
#[derive(Debug)]
pub struct WitnessSigner {
    vkey: WitnessKey,
    signer: Signer,
}

impl WitnessSigner {
    /// A secret key under a name.
    ///
    /// # Errors
    /// As [`LogSigner::new`].
    pub fn new(name: Name, signer: Signer) -> Result<Self, KeyError> {
        Ok(Self { vkey: Vkey::new(name, PublicKey::check(signer.public())?), signer })
    }

    /// The public half.
    pub fn vkey(&self) -> &WitnessKey {
        &self.vkey
    }

    /// The cosignature of a checkpoint at a time, in seconds since 1970: "the largest tree of this log that I saw by then has this root".
    pub fn cosign(&self, published: &super::Published, time: u64) -> SignatureLine {
        let time = time.clamp(1, LATEST);
        let signature = self.signer.sign(message(published.note().text(), time).as_bytes());
        let signature = [&time.to_be_bytes()[..], &signature.0].concat();
        SignatureLine { name: self.vkey.name.clone(), id: self.vkey.id(), signature }
    }
}
