//! The journal: an RFC 6962 Merkle tree over the ids of accepted records, in the order of acceptance.

/// A hash of the tree: SHA-256 as RFC 6962 section 2.1 has it, without a tag of ours, so that standard tools can check it.
pub type Hash = [u8; 32];
