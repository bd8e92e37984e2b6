//! The file of receipts: each 168 bytes, one after the other. It is written anew at each start without what it no longer needs.

use crate::private_file;
use koinon_protocol::receipt::{LENGTH, Receipt};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

pub(super) struct File(fs::File);

impl File {
    /// Gives every receipt in the file to `take`, which checks it and says whether it is kept. What is damaged, such as the end after a power
    /// cut, is left out: peers have it, and the node's own is signed again.
    pub(super) fn open(path: &Path, mut take: impl FnMut(Receipt) -> bool) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let read = bytes.chunks_exact(LENGTH).filter_map(|bytes| Receipt::decode(bytes).ok());
        let kept: Vec<u8> = read.filter(|receipt| take(*receipt)).flat_map(|receipt| receipt.encode()).collect();
        if kept != bytes {
            private_file::replace(path, &kept)?;
        }
        Ok(Self(OpenOptions::new().append(true).create(true).open(path)?))
    }

    pub(super) fn append(&mut self, receipt: &Receipt) -> io::Result<()> {
        self.0.write_all(&receipt.encode())
    }
}
