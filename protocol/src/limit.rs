//! Every bound of the protocol, in one table, with its arithmetic.

/// Bytes of an encoded [`Header`](crate::record::Header): 2+2+32+32+32+8+32+8+4+32+32+12+2+2.
pub const HEADER: usize = 232;
/// Bytes of an Ed25519 signature.
pub const SIGNATURE: usize = 64;
/// Bytes of a header and its signature.
pub const SIGNED: usize = HEADER + SIGNATURE;
/// Bytes of the salt that hides a body from its commitment.
pub const SALT: usize = 32;
/// Bytes of the longest body.
pub const BODY: usize = 64 * 1024;
/// Nesting of arrays and objects in a body.
pub const JSON_DEPTH: usize = 16;
/// The greatest integer that JavaScript and Rust read alike, 2^53 − 1.
pub const JSON_INTEGER: i64 = (1 << 53) - 1;
/// Bytes of one gossip message as it travels: with 200 of libp2p's around it, it goes in one packet of 1,500.
pub const GOSSIP: usize = 1232;
/// Bytes of one gossip message, uncompressed: a record whose body has some 7,800 bytes.
pub const GOSSIP_UNPACKED: usize = 8 * 1024;
/// Bytes of one request, uncompressed.
pub const REQUEST: usize = 128 * 1024;
/// Bytes of one response, uncompressed: a megabyte of records and one record of the greatest size beside it.
pub const RESPONSE: usize = 1024 * 1024 + 128 * 1024;
/// Ids in one request or response: 2,048 × 32 B is half of [`REQUEST`].
pub const IDS: usize = 2048;
/// Levels between the charter and the furthest organisation.
pub const VOUCH_DEPTH: u8 = 4;
/// Attestations of one device for one organisation that count, the first in its log; later ones are kept and do not count.
pub const ATTESTATIONS: usize = 64;
/// Erasures of one device that count, the first in its log; later ones are kept and do not count. 65,536 × 100 B is 6.5 MB beside the 11 MB
/// that the records themselves take in every replica's memory. A bound per organisation would count whichever came first.
pub const ERASURES: usize = 64 * 1024;
/// Receipts of one node that another keeps, the newest: 1,024 × 168 B is 168 KiB.
pub const RECEIPTS: usize = 1024;
/// Devices of one organisation.
pub const DEVICES: usize = 256;
/// Roots of one organisation, and founders of a network.
pub const ROOTS: usize = 32;
/// How far ahead of the receiver's clock a claimed time may be, in milliseconds: ten minutes.
pub const AHEAD: u64 = 10 * 60 * 1000;
/// Headers that wait for a predecessor, over all logs.
pub const WAITING: usize = 4096;
/// Headers that wait in one log.
pub const WAITING_PER_LOG: usize = 64;
/// Records in quarantine for one organisation without standing.
pub const QUARANTINE_PER_ORGANISATION: usize = 64;
/// Records in quarantine over all organisations.
pub const QUARANTINE: usize = 4096;
/// Bytes of the bodies of all records that wait, and as many again of all in quarantine: 4,096 of usual size, 2 KiB, take half. Without this
/// bound anybody could fill 256 MiB each way with bodies of the greatest size under keys made for it.
pub const PARKED: usize = 16 * 1024 * 1024;
