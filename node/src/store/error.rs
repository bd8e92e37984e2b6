//! What can go wrong with a store, sorted by who must act.

use std::io;

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process works on the directory.
    #[error("another process holds this data directory; stop it, or give this node a directory of its own")]
    Locked,
    /// The file system refused.
    #[error("{file}: {source}")]
    Io {
        /// Which file.
        file: String,
        /// What it said.
        source: io::Error,
    },
    /// A file begins with other bytes than this network and this version of the format.
    #[error("{file} does not begin as a segment of this network in format {format}: wrong network, newer program, or damaged; \
             nothing was changed", format = super::frame::FORMAT)]
    Foreign {
        /// Which file.
        file: String,
    },
    /// What was written a moment ago reads differently now.
    #[error(
        "the journal was mended and cannot be read: the disk does not keep what is written; replace it, and restore a backup"
    )]
    Unsteady,
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// An earlier write or sync failed, so nothing more is known of the disk.
    #[error("the store is read-only until it is opened again, since: {0}")]
    ReadOnly(String),
    /// The file system refused; after a write the store is read-only from now on.
    #[error("the disk failed: {0}")]
    Io(#[from] io::Error),
    /// A frame that was written cannot be read.
    #[error("record {0} is damaged on disk; scrub the store")]
    Damaged(u64),
    /// Nothing says how many records were acknowledged: there is no store, or its mark is damaged.
    #[error("this is no store whose size can be read; start the node once, which mends it")]
    NoMark,
    /// No record stands there.
    #[error("the journal holds no record {0}")]
    NotThere(u64),
    /// The body was erased and may not come back.
    #[error("the body of record {0} was erased")]
    Erased(u64),
    /// The body is another record's.
    #[error("the body does not belong to record {0}")]
    OtherBody(u64),
    /// The record does not follow the head that its log has here.
    #[error("record {0} would not follow the head of its log")]
    Order(u64),
}
