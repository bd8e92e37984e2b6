//! Runs a Koinon replica.

pub mod charter;
pub mod clock;
pub mod config;
pub mod engine;
pub mod logging;
pub mod index;
pub mod net;
pub mod reader;
pub mod search;
pub mod store;
pub mod web;
