//! Runs a Koinon replica.
pub mod search;
