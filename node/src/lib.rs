//! Runs a Koinon replica.
pub mod config;
pub mod search;
