//! What a node signs when a text that was erased is in none of its files any more, so that it can be counted on how many nodes it is gone.
//!
//! A receipt is a node's word: it is signed with the key by which its peers know it, and proves who said so, not that it is true.

mod book;

pub use book::{Book, Count};

use crate::id::{DeviceKey, NetworkId, RecordId, Tag};
use crate::key::{KeyError, PublicKey, Signature, Signer};
use crate::time::Millis;
use crate::wire::{self, Decode, Encode, WireError};

/// Bytes of a receipt: 32 + 32 + 32 + 8 + 64.
pub const LENGTH: usize = 168;
/// Receipts on one page: 256 × 168 B is 42 KiB.
pub const PAGE: usize = 256;
/// Bytes of the longest page: two numbers, a mark and a count before the receipts.
pub const PAGE_LENGTH: usize = 8 + 8 + 1 + 8 + PAGE * LENGTH;
/// Bytes of a question.
pub const QUESTION_LENGTH: usize = 16;

/// A node's signed word. About no record, it says only that there is such a node in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    /// The record whose body is gone; zero for none.
    pub record: RecordId,
    /// The erasure or the notice that was carried out; zero for none.
    pub erasure: RecordId,
    /// The node's key, the one by which its peers know it.
    pub node: DeviceKey,
    /// When the node says that it was done.
    pub at: Millis,
    /// By the node, over [`Tag::RECEIPT`], the network, the record, the erasure and the time.
    pub signature: Signature,
}

impl Receipt {
    /// That the body of `record` is gone here, by an erasure.
    pub fn sign(node: &Signer, network: NetworkId, record: RecordId, erasure: RecordId, at: Millis) -> Self {
        let signature = node.sign(&message(network, record, erasure, at));
        Self { record, erasure, node: node.public(), at, signature }
    }

    /// That the node is there.
    pub fn presence(node: &Signer, network: NetworkId, at: Millis) -> Self {
        Self::sign(node, network, RecordId::ZERO, RecordId::ZERO, at)
    }

    /// Whether this is about a record.
    pub fn is_of_a_record(&self) -> bool {
        !self.record.is_zero()
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn verify(&self, network: NetworkId) -> Result<(), KeyError> {
        let message = message(network, self.record, self.erasure, self.at);
        PublicKey::check(self.node)?.verify(&message, &self.signature)
    }

    /// The 168 bytes.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads 168 bytes; the signature is not checked.
    ///
    /// # Errors
    /// Every input that [`Receipt::encode`] cannot have written.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        wire::decode::<_, LENGTH>(bytes)
    }
}

fn message(network: NetworkId, record: RecordId, erasure: RecordId, at: Millis) -> Vec<u8> {
    [Tag::RECEIPT.bytes(), network.as_bytes(), record.as_bytes(), erasure.as_bytes(), &at.0.to_be_bytes()].concat()
}

/// Which receipts does your book hold from this place on?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Question {
    /// The book that the asker read before; zero for none. Of another the answer begins at the first place.
    pub book: u64,
    /// The first place that it did not read.
    pub place: u64,
}

/// A part of a book.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Page {
    /// Which book: a node that starts anew begins another.
    pub book: u64,
    /// The first place that is not on this page.
    pub place: u64,
    /// Whether there are more.
    pub more: bool,
    /// At most [`PAGE`].
    pub receipts: Vec<Receipt>,
}

impl Question {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads 16 bytes.
    ///
    /// # Errors
    /// Every input that [`Question::encode`] cannot have written.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        wire::decode::<_, QUESTION_LENGTH>(bytes)
    }
}

impl Page {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads at most [`PAGE_LENGTH`] bytes.
    ///
    /// # Errors
    /// Every input that [`Page::encode`] cannot have written.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        wire::decode::<_, PAGE_LENGTH>(bytes)
    }
}
