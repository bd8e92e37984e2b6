//! Runs a Koinon replica.

pub mod charter;
pub mod clock;
pub mod config;
pub mod engine;
pub mod index;
pub mod logging;
pub mod net;
pub mod reader;
pub mod search;
pub mod store;
