//! Every decoder of untrusted bytes, and what it must hold to whatever it is given. The fuzzer in `tests/fuzz` gives it all it can think
//! of; the test `corpus` gives it again what the fuzzer found worth keeping.
#![expect(clippy::expect_used, reason = "a check fails as a test does")]

mod act;
mod bundle;
mod cast;
mod checkpoint;
mod control;
mod credential;
mod input;
mod journal;
mod json;
mod link;
mod message;
mod receipt;
mod reconcile;
mod record;
mod replica;
mod vectors;

use koinon_protocol::journal::Frontier;
use koinon_protocol::limit;
use koinon_protocol::receipt::PAGE_LENGTH;

/// One decoder, or one machine that is driven by bytes.
pub struct Decoder {
    /// Its name, and that of its corpus.
    pub name: &'static str,
    /// Bytes of the longest input that is tried. Longer ones find the same places, more slowly.
    pub longest: usize,
    /// What one check may hold in memory at a time.
    pub memory: Memory,
    /// Panics where the decoder does not hold to what it must.
    pub check: fn(&[u8]),
    /// Inputs to begin with, among them ones that are accepted.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// A bound on bytes allocated at a time, by the length of the input.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// However short the input is.
    pub fixed: usize,
    /// For each byte of it.
    pub each: usize,
}

impl Memory {
    /// The bound for an input of so many bytes.
    pub fn bound(self, length: usize) -> usize {
        self.fixed + self.each * length
    }
}

/// A value of fixed size, the bytes that it is compared with, and what is signed and hashed for it.
const SMALL: Memory = Memory { fixed: 16 * limit::SIGNED, each: 4 };

/// The counts in a message may reserve as much as the whole message may have, once for the value and once for the lists in it; to compare
/// it with its one form takes the same again, twice while a buffer grows.
const fn message(limit: usize) -> Memory {
    Memory { fixed: 2 * limit, each: 4 }
}

/// A body and what is read from it: the smallest object, `{"":0},`, is a node of a map with room for eleven entries of 56 bytes.
const BODY: Memory = Memory { fixed: 16 * 1024, each: 128 };

/// A body and the text in it, each with what it is compared with.
const TWICE: Memory = Memory { fixed: 32 * 1024, each: 256 };

/// A document, what is made from the record in it to compare, and the canonical text of both, twice over.
const CREDENTIAL: Memory = Memory { fixed: 64 * 1024, each: 512 };

/// The document, and the two readings that it is compared with.
const THRICE: Memory = Memory { fixed: 16 * 1024, each: 256 };
/// One answer, and the ranges and ids that it is made of.
const RECONCILE: Memory = Memory { fixed: limit::RESPONSE, each: 64 };
/// Hashes on the way to a root.
const PATH: Memory = Memory { fixed: 8 * 1024, each: 4 };
/// A text, its signatures as bytes, and both written down again.
const NOTE: Memory = Memory { fixed: 16 * 1024, each: 16 };
/// Two answers of the greatest length, and for each byte, which may name a record, what is kept of it.
const REPLICA: Memory = Memory { fixed: 2 * limit::RESPONSE, each: 16 * 1024 };

/// All of them, the faster ones first.
pub const DECODERS: &[Decoder] = &[
    decoder("sealed", 1024, message(limit::BODY), record::sealed, record::sealed_seeds),
    decoder("request", 2048, message(limit::REQUEST), message::request, message::requests),
    decoder("response", 4096, message(limit::RESPONSE), message::response, message::responses),
    decoder("gossip", 1024, message(limit::GOSSIP_UNPACKED), message::gossip, message::gossips),
    decoder("receipts", 1024, message(PAGE_LENGTH), receipt::page, receipt::pages),
    decoder("frontier", Frontier::BYTES + 8, SMALL, journal::frontier, journal::frontiers),
    decoder("link", 64, SMALL, link::check, link::seeds),
    decoder("proof", 2560, PATH, journal::proof, journal::proofs),
    decoder("key", 256, SMALL, record::key, record::keys),
    decoder("record", limit::SIGNED + 8, SMALL, record::record, record::records),
    decoder("record_file", 2048, SMALL, record::file, record::files),
    decoder("fork", 2 * limit::SIGNED + 8, SMALL, record::fork, record::forks),
    decoder("json", 2048, THRICE, json::check, json::seeds),
    decoder("checkpoint", 1024, NOTE, checkpoint::note, checkpoint::notes),
    decoder("add_checkpoint", 3072, NOTE, checkpoint::request, checkpoint::requests),
    decoder("signature_line", 512, NOTE, checkpoint::line, checkpoint::lines),
    decoder("evidence", 3072, NOTE, checkpoint::evidence, checkpoint::exhibits),
    decoder("attestation", 1024, BODY, control::attestation, control::attestations),
    decoder("erasure", 1024, BODY, control::erasure, control::erasures),
    decoder("notice", 1024, BODY, control::notice, control::notices),
    decoder("charter", 2048, BODY, control::charter, control::charters),
    decoder("inception", 2048, BODY, control::inception, control::inceptions),
    decoder("device", 1024, BODY, control::device, control::devices),
    decoder("act", 2048, TWICE, act::check, act::seeds),
    decoder("kind", 2048, BODY, control::kind, control::kinds),
    decoder("reconcile_request", 2048, RECONCILE, reconcile::request, reconcile::requests),
    decoder("reconcile_response", 512, RECONCILE, reconcile::response, reconcile::responses),
    decoder("credential", 4096, CREDENTIAL, credential::check, credential::seeds),
    decoder("bundle", 6144, message(koinon_protocol::bundle::BYTES), bundle::check, bundle::seeds),
    decoder("replica", 512, REPLICA, replica::check, replica::seeds),
];

const fn decoder(name: &'static str, longest: usize, memory: Memory, check: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>) -> Decoder {
    Decoder { name, longest, memory, check, seeds }
}

/// The decoder of this name.
pub fn by_name(name: &str) -> Option<&'static Decoder> {
    DECODERS.iter().find(|decoder| decoder.name == name)
}
