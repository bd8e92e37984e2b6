//! Runs a Koinon replica.

pub mod config;
pub mod engine;
pub mod index;
pub mod net;
pub mod reader;
pub mod search;
pub mod store;
