//! Runs a Koinon replica.

pub mod admin;
pub mod api;
pub mod charter;
pub mod clock;
pub mod config;
pub mod demo;
pub mod ending;
pub mod engine;
pub mod hidden;
pub mod index;
pub mod logging;
pub mod net;
mod private_file;
pub mod reader;
pub mod receipts;
pub mod run;
pub mod search;
pub mod serve;
pub mod shown;
pub mod store;
pub mod tlog;
pub mod upkeep;
pub mod web;
pub mod witness;
