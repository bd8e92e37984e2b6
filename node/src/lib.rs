//! Runs a Koinon replica.
