//! The sync under way, and what is held back for it.

use crate::store::{Pending, Synced};
use koinon_protocol::replica::Effect;
use koinon_protocol::trust::Trust;
use std::sync::Arc;
use tokio::runtime;
use tokio::task::{JoinError, JoinHandle};

/// What is told when a sync has ended well, and to nobody before.
#[derive(Default)]
pub(super) struct Cargo {
    pub(super) effects: Vec<Effect>,
    /// Whether something that was submitted here waits for the sync.
    pub(super) own: bool,
    /// Places whose bodies came or went.
    pub(super) changed: Vec<u64>,
    pub(super) trust: Option<Arc<Trust>>,
}

/// A sync that a thread of the runtime waits for.
pub(super) struct Flight {
    sync: JoinHandle<Synced>,
    cargo: Cargo,
}

impl Flight {
    pub(super) fn begin(pending: Pending, cargo: Cargo, runtime: &runtime::Handle) -> Self {
        Self { sync: runtime.spawn_blocking(|| pending.carry_out()), cargo }
    }

    pub(super) fn is_own(&self) -> bool {
        self.cargo.own
    }

    /// Waits for the one that there is; without one, for ever.
    pub(super) async fn landed(flight: &mut Option<Self>) -> Result<(Synced, Cargo), JoinError> {
        let Some(flying) = flight else { return std::future::pending().await };
        let synced = (&mut flying.sync).await;
        let cargo = flight.take().map(|landed| landed.cargo).unwrap_or_default();
        synced.map(|synced| (synced, cargo))
    }
}
