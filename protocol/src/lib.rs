//! What a Koinon record is, who may say it, and how replicas agree.
//!
//! Pure: no IO, no clock, no randomness, no threads, no async. Time and randomness are arguments.

pub mod bundle;
pub mod checkpoint;
pub mod credential;
pub mod id;
pub mod journal;
pub mod json;
pub mod key;
pub mod kind;
pub mod ledger;
pub mod limit;
pub mod log;
pub mod receipt;
pub mod reconcile;
pub mod record;
pub mod record_file;
pub mod replica;
pub mod time;
pub mod trust;
pub mod wire;
