//! Everything here is under `tests/`: whole-system tests that belong to no crate alone.

pub mod author;
pub mod decoders;
pub mod shared;
