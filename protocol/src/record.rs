//! What a record is: a header of fixed size, a signature over it, and a body that may be erased.
//!
//! ```text
//! bytes ──Signed::decode──▶ Signed ──Signed::verify──▶ Verified ──log::link──▶ Linked ──trust::admit──▶ Admitted
//! ```
//! One type per stage, private fields, one fallible function per arrow: a skipped check does not compile.

use crate::id::{BodyCommitment, DeviceKey, NetworkId, OrganisationId, RecordId, Tag, digest};
use crate::key::{KeyError, Keys, PublicKey, Signature, Signer};
use crate::limit;
use crate::time::Millis;
use crate::wire::{self, Decode, Encode, WireError};

/// The version of the header that this program reads and writes.
pub const VERSION: u16 = 1;

/// What was said, by whom, and where it stands in its log; [`limit::HEADER`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Header {
    /// [`VERSION`].
    pub version: u16,
    /// The record kind; one that is not known is kept and relayed, not understood.
    pub kind: u16,
    /// The founding charter's id; zero in the founding charter itself.
    pub network: NetworkId,
    /// The author; zero in an inception, whose own id becomes the organisation's, and in the founding charter.
    pub organisation: OrganisationId,
    /// The key that signs.
    pub device: DeviceKey,
    /// Place in the log of (organisation, device), from 0.
    pub seq: u64,
    /// The id of the record at `seq − 1`; zero at 0.
    pub previous: RecordId,
    /// When the author says it was written; never decreasing in a log.
    pub claimed_at: Millis,
    /// Bytes of the body, at most [`limit::BODY`].
    pub body_length: u32,
    /// What the body must hash to, with its salt.
    pub body: BodyCommitment,
    /// The record that this one revises, answers, translates, adopts, vouches for or erases; zero for none.
    pub subject: RecordId,
    /// NUTS or LAU code in ASCII, filled with zeros.
    pub territory: [u8; 12],
    /// COFOG as division × 100 + group × 10 + class; zero for none.
    pub topic: u16,
    /// Reserved, zero.
    pub flags: u16,
}

impl Header {
    /// The record's name.
    pub fn id(&self) -> RecordId {
        RecordId(digest(Tag::RECORD_ID, &[&self.bytes()]))
    }

    /// Checks a body against the commitment.
    ///
    /// # Errors
    /// [`RecordError::Commitment`].
    pub fn check_body(&self, sealed: &Sealed) -> Result<(), RecordError> {
        let is_right = sealed.bytes.len() == self.body_length as usize && sealed.commitment() == self.body;
        if is_right { Ok(()) } else { Err(RecordError::Commitment) }
    }

    fn bytes(&self) -> Vec<u8> {
        wire::encode(self)
    }

    fn signed_bytes(&self) -> Vec<u8> {
        [Tag::RECORD.bytes(), &self.bytes()].concat()
    }
}

/// Why bytes are not a record that this network could accept, whoever sent them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not the canonical form of a header and a signature.
    #[error("not a signed header: {0}")]
    Wire(#[from] WireError),
    /// A version that this program does not know.
    #[error("version {0} is not known here; this program reads version {VERSION}")]
    Version(u16),
    /// A body over the bound.
    #[error("a body of {0} bytes is over the bound of {bound}", bound = limit::BODY)]
    BodyTooLong(u32),
    /// Reserved bits are set.
    #[error("the reserved flags are {0:#06x} and must be zero")]
    Flags(u16),
    /// `previous` is zero exactly at the first record of a log.
    #[error("the first record of a log, and no other, has no predecessor")]
    Previous,
    /// Territory is not a code of capital letters and digits filled with zeros.
    #[error("the territory is not a code of capital letters, digits, '_' or '-', filled with zeros")]
    Territory,
    /// The signing key or the signature.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// The record belongs to another network.
    #[error("the record belongs to another network")]
    Network,
    /// The body does not hash to what the header commits to.
    #[error("the body and its salt are not those that the header commits to")]
    Commitment,
}

/// What stands for a signature before there is one.
const NO_SIGNATURE: Signature = Signature([0; 64]);

/// A header and a signature of the right form; nobody has checked that they belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Signed {
    header: Header,
    signature: Signature,
}

impl Signed {
    /// Reads [`limit::SIGNED`] bytes. The door for bytes from the network, the API, a bundle and the store.
    ///
    /// # Errors
    /// Any form that [`Signed::encode`] cannot have written, and values that no version-1 record may have.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let signed: Self = wire::decode::<_, { limit::SIGNED }>(bytes)?;
        signed.check_form()?;
        Ok(signed)
    }

    /// The canonical [`limit::SIGNED`] bytes.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Checks the signature and that the record belongs to `network`; the charter is its own network's first record.
    ///
    /// # Errors
    /// [`RecordError::Network`] and [`RecordError::Key`].
    pub fn verify(self, network: NetworkId) -> Result<Verified, RecordError> {
        self.verify_by(network, PublicKey::check)
    }

    /// [`Signed::verify`] of each, in order. An answer holds many records of few authors, whose keys are checked once.
    pub fn verify_all(records: &[Self], network: NetworkId, keys: &mut Keys) -> Vec<Result<Verified, RecordError>> {
        records.iter().map(|signed| signed.verify_by(network, |device| keys.check(device))).collect()
    }

    fn verify_by(
        self,
        network: NetworkId,
        key: impl FnOnce(DeviceKey) -> Result<PublicKey, KeyError>,
    ) -> Result<Verified, RecordError> {
        let id = self.check_network(network)?;
        key(self.header.device)?.verify(&self.header.signed_bytes(), &self.signature)?;
        Ok(Verified { id, signed: self })
    }

    /// Checks what [`Signed::verify`] does, except that 64 zero bytes may stand where the signature will be. They never are one: as R they
    /// are a point of small order.
    ///
    /// # Errors
    /// [`RecordError::Network`] and [`RecordError::Key`], also for a signature that is there and does not hold.
    pub fn propose(self, network: NetworkId) -> Result<Proposed, RecordError> {
        let id = self.check_network(network)?;
        let key = PublicKey::check(self.header.device)?;
        if self.signature != NO_SIGNATURE {
            key.verify(&self.header.signed_bytes(), &self.signature)?;
        }
        Ok(Proposed { id, header: self.header })
    }

    /// The same header with 64 zero bytes for a signature, to be asked about without giving away a signature.
    #[must_use]
    pub fn unsigned(self) -> Self {
        Self { signature: NO_SIGNATURE, ..self }
    }

    /// What it says; not checked.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The signature; not checked.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The id, when the form is right and the record belongs to `network`.
    fn check_network(&self, network: NetworkId) -> Result<RecordId, RecordError> {
        self.check_form()?;
        let id = self.header.id();
        let is_charter = self.header.network.is_zero() && NetworkId::from(id) == network;
        if self.header.network != network && !is_charter {
            return Err(RecordError::Network);
        }
        Ok(id)
    }

    /// What [`Signed::decode`] checks beside the form of the bytes.
    pub(crate) fn check_form(&self) -> Result<(), RecordError> {
        let header = &self.header;
        if header.version != VERSION {
            return Err(RecordError::Version(header.version));
        }
        if header.body_length as usize > limit::BODY {
            return Err(RecordError::BodyTooLong(header.body_length));
        }
        if header.flags != 0 {
            return Err(RecordError::Flags(header.flags));
        }
        if (header.seq == 0) != header.previous.is_zero() {
            return Err(RecordError::Previous);
        }
        if !is_territory(&header.territory) {
            return Err(RecordError::Territory);
        }
        Ok(())
    }
}

/// A record whose signature is its device's. Made by [`Signed::verify`] and [`Draft::sign`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verified {
    id: RecordId,
    signed: Signed,
}

impl Verified {
    /// The record's name.
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// What it says.
    pub fn header(&self) -> &Header {
        &self.signed.header
    }

    /// The header with its signature, to store or send.
    pub fn signed(&self) -> &Signed {
        &self.signed
    }

    /// The organisation that speaks: an inception founds the one that bears its id.
    pub fn author(&self) -> OrganisationId {
        if self.signed.header.organisation.is_zero() { self.id.into() } else { self.signed.header.organisation }
    }

    /// Checks a body against the header's commitment.
    ///
    /// # Errors
    /// [`RecordError::Commitment`].
    pub fn open(&self, sealed: Sealed) -> Result<Body, RecordError> {
        self.header().check_body(&sealed)?;
        Ok(Body { of: self.id, sealed })
    }
}

/// A header that a node may judge before anybody signed it; nothing takes it for a record. Made by [`Signed::propose`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Proposed {
    id: RecordId,
    header: Header,
}

impl Proposed {
    /// The name that the record will have.
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// What it will say.
    pub fn header(&self) -> &Header {
        &self.header
    }
}

/// A body and its salt, as they travel and are stored.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Sealed {
    /// 32 random bytes, erased with the body: without them the commitment tells nothing about a short body.
    pub salt: [u8; limit::SALT],
    /// UTF-8 JSON, kept byte for byte.
    pub bytes: Vec<u8>,
}

impl Sealed {
    /// What a header says of this body.
    pub fn commitment(&self) -> BodyCommitment {
        BodyCommitment(digest(Tag::BODY, &[&self.salt, &self.bytes]))
    }
}

/// A body that is the one its header commits to. Made by [`Verified::open`] and [`Draft::sign`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    of: RecordId,
    sealed: Sealed,
}

impl Body {
    /// The record that it belongs to.
    pub fn of(&self) -> RecordId {
        self.of
    }

    /// The JSON, byte for byte as its author signed it.
    pub fn bytes(&self) -> &[u8] {
        &self.sealed.bytes
    }

    /// The body and its salt, to store or send.
    pub fn sealed(&self) -> &Sealed {
        &self.sealed
    }
}

/// What an author means to say, before it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The record kind.
    pub kind: u16,
    /// Zero in a founding charter.
    pub network: NetworkId,
    /// Zero in a founding charter and in an inception.
    pub organisation: OrganisationId,
    /// Place in the log.
    pub seq: u64,
    /// The log's head; zero at 0.
    pub previous: RecordId,
    /// Now, and not before the log's head.
    pub claimed_at: Millis,
    /// Zero for none.
    pub subject: RecordId,
    /// ASCII filled with zeros.
    pub territory: [u8; 12],
    /// COFOG; zero for none.
    pub topic: u16,
}

impl Draft {
    /// Seals the body and signs.
    ///
    /// # Errors
    /// Values that [`Signed::decode`] would refuse, so that nobody signs what nobody accepts.
    pub fn sign(self, signer: &Signer, sealed: Sealed) -> Result<(Verified, Body), RecordError> {
        let Signed { header, .. } = self.unsigned(signer.public(), &sealed)?;
        let signed = Signed { header, signature: signer.sign(&header.signed_bytes()) };
        let verified = Verified { id: header.id(), signed };
        Ok((verified, Body { of: verified.id, sealed }))
    }

    /// What `device` would sign, with 64 zero bytes for the signature.
    ///
    /// # Errors
    /// As [`Draft::sign`].
    pub fn unsigned(self, device: DeviceKey, sealed: &Sealed) -> Result<Signed, RecordError> {
        let header = Header {
            version: VERSION,
            kind: self.kind,
            network: self.network,
            organisation: self.organisation,
            device,
            seq: self.seq,
            previous: self.previous,
            claimed_at: self.claimed_at,
            body_length: u32::try_from(sealed.bytes.len()).unwrap_or(u32::MAX),
            body: sealed.commitment(),
            subject: self.subject,
            territory: self.territory,
            topic: self.topic,
            flags: 0,
        };
        let signed = Signed { header, signature: NO_SIGNATURE };
        signed.check_form()?;
        Ok(signed)
    }
}

fn is_territory(code: &[u8; 12]) -> bool {
    let length = code.iter().position(|&byte| byte == 0).unwrap_or(code.len());
    let (text, rest) = code.split_at(length);
    text.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'))
        && rest.iter().all(|&byte| byte == 0)
}
