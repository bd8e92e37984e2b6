//! Runs a Koinon replica.
pub mod config;
pub mod search;
pub mod store;
