//! `koinond run`: opens what is kept, starts the owners, and ends them in order.

use crate::charter::{Founding, FoundingError};
use crate::config::Config;
use crate::engine::{Desk, EngineError, Keeper};
use crate::net::{self, NetError, Settings, Wires};
use std::io;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Waits for Ctrl-C or for the signal with which a service is ended.
///
/// # Errors
/// When the process cannot listen for signals.
pub async fn interrupted() -> io::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
