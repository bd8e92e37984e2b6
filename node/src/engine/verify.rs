//! Signatures of records that come alone, checked by whoever asks.

use koinon_protocol::id::NetworkId;
use koinon_protocol::key::Keys;
use koinon_protocol::record::{RecordError, Signed, Verified};
use koinon_protocol::replica::Verify;

/// Verifies for one network, and remembers the keys that it checked.
#[derive(Clone, Debug)]
pub struct Signatures {
    network: NetworkId,
    keys: Keys,
}

impl Signatures {
    /// For this network.
    pub fn new(network: NetworkId) -> Self {
        Self { network, keys: Keys::default() }
    }
}

impl Verify for Signatures {
    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>> {
        Signed::verify_all(&records, self.network, &mut self.keys)
    }
}
