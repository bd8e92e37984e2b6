//! What Koinon does, measured.

pub mod cold;
pub mod ingest;
pub mod kept;
pub mod live;
pub mod publish;
pub mod search;
pub mod warm;
