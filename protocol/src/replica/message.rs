//! What replicas say to each other. The one who wants asks; the one who answers keeps nothing about the asker.
//!
//! No consistency proof travels: the asker recomputes the root of its peer's journal from the ids that it read, and the peer says
//! whether its journal still had that root at that size. That is a hundred bytes and one round trip beside the data.

use crate::id::RecordId;
use crate::journal::Hash;
use crate::limit;
use crate::log::ForkClaim;
use crate::reconcile::{Item, Summary};
use crate::record::{RecordError, Sealed, Signed};
use crate::wire::{self, Decode, Encode, WireError};

/// Fork proofs in one response: 128 × 592 B is 74 KiB.
pub const FORKS: usize = 128;

/// What one replica asks of another.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Request {
    /// What does your journal hold from place `size` on, if its root there was `root`?
    Pull {
        /// How much of the answerer's journal the asker read.
        size: u64,
        /// The RFC 6962 root over that.
        root: Hash,
        /// Whole content records, for one who has none yet; else ids.
        whole: bool,
        /// The asker's fork proofs: when the answerer's sum to something else, it sends some of its own.
        forks: Summary,
    },
    /// The records of these names, at most [`limit::IDS`].
    Fetch {
        /// The names.
        ids: Vec<RecordId>,
    },
    /// The records at these places of your journal, of which the asker read the names: 32 bytes less for each.
    FetchAt {
        /// The place of the lowest bit of the first byte.
        from: u64,
        /// A set bit for every place that is wanted, at most [`limit::IDS`] bits.
        bits: Vec<u8>,
    },
    /// Where does your journal end, and what do your planes sum to?
    Survey,
    /// A message of an [`Initiator`](crate::reconcile::Initiator).
    Reconcile(Vec<u8>),
    /// Your control records after this place in the order of reconciliation, whole, for one who has nothing yet.
    Control {
        /// The last one that the asker got; at first [`Item::FIRST`].
        after: Item,
    },
}

/// A record as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Parcel {
    /// Header and signature.
    pub signed: Signed,
    /// The body with its salt; none when the sender has none.
    pub body: Option<Sealed>,
}

impl Parcel {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads a gossip message, of at most [`limit::GOSSIP_UNPACKED`] bytes.
    ///
    /// # Errors
    /// Every input that [`Parcel::encode`] cannot have written, and headers that no record may have.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let parcel: Self = wire::decode::<_, { limit::GOSSIP_UNPACKED }>(bytes)?;
        parcel.signed.check_form()?;
        Ok(parcel)
    }

    /// Bytes on the wire.
    pub(super) fn length(&self) -> usize {
        limit::SIGNED + self.body.as_ref().map_or(1, |body| 1 + limit::SALT + 8 + body.bytes.len())
    }
}

/// A journal's entry for one who reads it whole.
#[expect(clippy::large_enum_variant, reason = "nearly all are whole")]
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Carried {
    /// A control record, which the asker got before.
    Named(RecordId),
    /// A content record.
    Whole(Parcel),
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Response {
    /// To a pull for ids: those from the asked place on.
    Ids {
        /// In the order of the journal.
        ids: Vec<RecordId>,
        /// How many records the journal holds now.
        size: u64,
        /// Proofs that the asker may lack, at most [`FORKS`].
        forks: Vec<ForkClaim>,
    },
    /// To a pull for whole records: those from the asked place on.
    Whole {
        /// In the order of the journal.
        records: Vec<Carried>,
        /// How many records the journal holds now.
        size: u64,
        /// Proofs that the asker may lack, at most [`FORKS`].
        forks: Vec<ForkClaim>,
    },
    /// To a pull: the journal did not have that root at that size. The asker begins anew.
    Diverged,
    /// To a fetch: those that are held here, in the order of the question.
    Parcels {
        /// The records.
        parcels: Vec<Parcel>,
        /// How many of the last names were not looked up, because the answer was full.
        unread: u64,
    },
    /// Ask again after so many milliseconds.
    Busy(u64),
    /// To a survey.
    Survey {
        /// The journal's [`Frontier`](crate::journal::Frontier), encoded: from there on the asker reads what is appended later.
        frontier: Vec<u8>,
        /// The [fingerprint](Summary::fingerprint) of the control plane.
        control: Hash,
        /// That of the content plane.
        content: Hash,
    },
    /// To a message of reconciliation: what [`respond`](crate::reconcile::respond) says.
    Reconcile(Vec<u8>),
    /// To a question for control records.
    Control {
        /// In the order of reconciliation.
        parcels: Vec<Parcel>,
        /// Whether there are further ones.
        more: bool,
    },
}

impl Request {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads at most [`limit::REQUEST`] bytes.
    ///
    /// # Errors
    /// Every input that [`Request::encode`] cannot have written.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        wire::decode::<_, { limit::REQUEST }>(bytes)
    }
}

impl Response {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads at most [`limit::RESPONSE`] bytes.
    ///
    /// # Errors
    /// Every input that [`Response::encode`] cannot have written.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        wire::decode::<_, { limit::RESPONSE }>(bytes)
    }
}
