//! Signatures, checked on every core.

use koinon_protocol::id::NetworkId;
use koinon_protocol::key::Keys;
use koinon_protocol::record::{RecordError, Signed, Verified};
use koinon_protocol::replica::Verify;

/// Fewer records than this are verified faster on one core than on two.
const WORTH_SHARING: usize = 24;

/// Verifies for one network.
#[derive(Clone, Debug)]
pub struct Cores {
    network: NetworkId,
    cores: usize,
    /// Those of records that came alone.
    keys: Keys,
}

impl Cores {
    /// As many threads as the machine has cores, while there is enough to verify.
    pub fn new(network: NetworkId) -> Self {
        Self { network, cores: std::thread::available_parallelism().map_or(1, usize::from), keys: Keys::default() }
    }

    /// At most so many threads.
    #[must_use]
    pub fn at_most(self, cores: usize) -> Self {
        Self { cores: self.cores.min(cores), ..self }
    }

    /// How many threads there are at most.
    pub(super) fn count(&self) -> usize {
        self.cores
    }

    /// The network.
    pub(super) fn network(&self) -> NetworkId {
        self.network
    }
}

/// All of them on this thread.
pub(super) fn one_by_one(records: &[Signed], network: NetworkId) -> Vec<Result<Verified, RecordError>> {
    Signed::verify_all(records, network, &mut Keys::default())
}

impl Verify for Cores {
    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>> {
        if records.len() < WORTH_SHARING || self.cores < 2 {
            return Signed::verify_all(&records, self.network, &mut self.keys);
        }
        let verify = |records: &[Signed]| one_by_one(records, self.network);
        std::thread::scope(|scope| {
            let share = records.len().div_ceil(self.cores);
            let (own, others) = records.split_at(share);
            let others: Vec<_> = others.chunks(share).map(|chunk| (chunk, scope.spawn(move || verify(chunk)))).collect();
            let mut verified = verify(own);
            for (chunk, other) in others {
                verified.extend(other.join().unwrap_or_else(|_| verify(chunk)));
            }
            verified
        })
    }
}
