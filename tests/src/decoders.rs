//! Every decoder of untrusted bytes, and what it must hold to whatever it is given. The fuzzer in `tests/fuzz` gives it all it can think
//! of; the test `corpus` gives it again what the fuzzer found worth keeping.
#![expect(clippy::expect_used, reason = "a check fails as a test does")]

mod cast;
mod control;
mod input;
mod journal;
mod json;
mod link;
mod message;
mod reconcile;
mod record;
mod replica;
mod vectors;

use koinon_protocol::journal::Frontier;
use koinon_protocol::limit;

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

/// All of them.
pub const DECODERS: &[Decoder] = &[
    Decoder { name: "sealed", longest: 1024, memory: message(limit::BODY), check: record::sealed, seeds: record::sealed_seeds },
    Decoder {
        name: "request",
        longest: 2048,
        memory: message(limit::REQUEST),
        check: message::request,
        seeds: message::requests,
    },
    Decoder {
        name: "response",
        longest: 4096,
        memory: message(limit::RESPONSE),
        check: message::response,
        seeds: message::responses,
    },
    Decoder { name: "gossip", longest: 4096, memory: message(limit::GOSSIP), check: message::gossip, seeds: message::gossips },
    Decoder {
        name: "frontier",
        longest: Frontier::BYTES + 8,
        memory: SMALL,
        check: journal::frontier,
        seeds: journal::frontiers,
    },
    Decoder { name: "json", longest: 2048, memory: BODY, check: json::check, seeds: json::seeds },
    Decoder { name: "kind", longest: 2048, memory: BODY, check: control::kind, seeds: control::kinds },
    Decoder { name: "attestation", longest: 1024, memory: BODY, check: control::attestation, seeds: control::attestations },
    Decoder { name: "charter", longest: 2048, memory: BODY, check: control::charter, seeds: control::charters },
    Decoder { name: "inception", longest: 2048, memory: BODY, check: control::inception, seeds: control::inceptions },
    Decoder { name: "device", longest: 1024, memory: BODY, check: control::device, seeds: control::devices },
    Decoder { name: "link", longest: 64, memory: SMALL, check: link::check, seeds: link::seeds },
    Decoder {
        name: "proof",
        longest: 2560,
        memory: Memory { fixed: 8192, each: 4 },
        check: journal::proof,
        seeds: journal::proofs,
    },
    Decoder {
        name: "reconcile_request",
        longest: 2048,
        memory: Memory { fixed: limit::RESPONSE, each: 64 },
        check: reconcile::request,
        seeds: reconcile::requests,
    },
    Decoder {
        name: "reconcile_response",
        longest: 2048,
        memory: Memory { fixed: limit::RESPONSE, each: 64 },
        check: reconcile::response,
        seeds: reconcile::responses,
    },
    Decoder { name: "record", longest: limit::SIGNED + 8, memory: SMALL, check: record::record, seeds: record::records },
    Decoder { name: "record_file", longest: 2048, memory: SMALL, check: record::file, seeds: record::files },
    Decoder { name: "fork", longest: 2 * limit::SIGNED + 8, memory: SMALL, check: record::fork, seeds: record::forks },
    Decoder { name: "key", longest: 256, memory: SMALL, check: record::key, seeds: record::keys },
    Decoder {
        name: "replica",
        longest: 512,
        memory: Memory { fixed: 2 * limit::RESPONSE, each: 16 * 1024 },
        check: replica::check,
        seeds: replica::seeds,
    },
];

/// The decoder of this name.
pub fn by_name(name: &str) -> Option<&'static Decoder> {
    DECODERS.iter().find(|decoder| decoder.name == name)
}
