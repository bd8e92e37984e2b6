//! Signatures: of answers on every core, of what comes alone by whoever asks.

use koinon_protocol::id::NetworkId;
use koinon_protocol::key::Keys;
use koinon_protocol::record::{RecordError, Signed, Verified};
use koinon_protocol::replica::{CheckedShare, Share, Verify};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::io;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Verifies for one network.
#[derive(Clone, Debug)]
pub struct Cores {
    network: NetworkId,
    threads: Arc<ThreadPool>,
    /// Those of records that came alone.
    keys: Keys,
}

impl Cores {
    /// A thread for each core that the caller may use. They end with the last who has this.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(network: NetworkId) -> io::Result<Self> {
        let threads = ThreadPoolBuilder::new().thread_name(|_| "check".to_owned()).panic_handler(|_| ()).build();
        Ok(Self { network, threads: Arc::new(threads.map_err(io::Error::other)?), keys: Keys::default() })
    }

    /// Checks a share on the core that is free next, behind those that came before. Nothing comes when a check panicked.
    pub(super) fn check(&self, share: Share) -> oneshot::Receiver<CheckedShare> {
        let (network, (done, checked)) = (self.network, oneshot::channel());
        self.threads.spawn_fifo(move || {
            let share = share.check(|records| Signed::verify_all(&records, network, &mut Keys::default()));
            // Whoever waits may have gone.
            let _ = done.send(share);
        });
        checked
    }
}

impl Verify for Cores {
    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>> {
        Signed::verify_all(&records, self.network, &mut self.keys)
    }
}
