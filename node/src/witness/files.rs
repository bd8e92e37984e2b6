//! Files that are whole under their name or not there at all.

use crate::private_file;
use koinon_protocol::checkpoint::{LogKey, Note, Published};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Bytes of a key file: an Ed25519 seed.
const SEED: usize = 32;

/// Why a file of keys or promises cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no key.
    #[error("{0} is not a key; move it away, and the node makes a new one and is known by another name")]
    NotAKey(PathBuf),
    /// Others on this machine can read it.
    #[error("others on this machine can read the key {0} and sign with it; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// It holds no checkpoint of the log whose key the node has.
    #[error(
        "{0} is not a checkpoint that its log signed; put back the file as it was, or move it away together with the secret key beside it"
    )]
    NotACheckpoint(PathBuf),
}

impl FileError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}

/// The seed in a key file; a new one when there is no such file.
pub(super) fn seed(path: &Path) -> Result<[u8; SEED], FileError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return create(path),
        Err(source) => return Err(FileError::Io { path: path.to_owned(), source }),
    };
    if private_file::is_exposed(&file).map_err(FileError::io(path))? {
        return Err(FileError::Exposed(path.to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(SEED as u64 + 1).read_to_end(&mut bytes).map_err(FileError::io(path))?;
    bytes.try_into().map_err(|_| FileError::NotAKey(path.to_owned()))
}

fn create(path: &Path) -> Result<[u8; SEED], FileError> {
    let mut seed = [0; SEED];
    getrandom::fill(&mut seed).map_err(|error| FileError::io(path)(io::Error::other(error)))?;
    replace(path, &seed)?;
    Ok(seed)
}

/// Puts `bytes` in place of whatever the file held, durably: after a power cut it is the one or the other.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    private_file::replace(path, bytes).map_err(FileError::io(path))
}

/// Makes a directory, and the entry for it durable.
pub(super) fn directory(path: &Path) -> Result<(), FileError> {
    let make = || {
        fs::create_dir_all(path)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    make().map_err(FileError::io(path))
}

/// The checkpoint of a log in a file; none when there is no such file.
pub(super) fn checkpoint(path: &Path, log: &LogKey) -> Result<Option<Published>, FileError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(FileError::Io { path: path.to_owned(), source }),
    };
    let published = Note::parse(&bytes).ok().and_then(|note| Published::open(note, log).ok());
    published.map(Some).ok_or_else(|| FileError::NotACheckpoint(path.to_owned()))
}

/// The numbers that name files in a directory.
pub(super) fn numbers(folder: &Path) -> Result<BTreeSet<u64>, FileError> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(FileError::io(folder))?;
    Ok(entries.iter().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}
