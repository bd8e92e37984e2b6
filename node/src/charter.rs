//! The founding charter in the data directory: it names the network, and stands beside the journal, not in it.

use koinon_protocol::id::{NetworkId, RecordId};
use koinon_protocol::limit;
use koinon_protocol::record::{Body, RecordError, Sealed, Signed, Verified};
use koinon_protocol::trust::{Charter, CharterError, Trust};
use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The name of its file.
pub const FILE: &str = "charter.record";
/// Bytes of the longest record file.
pub const MOST: usize = limit::SIGNED + limit::SALT + limit::BODY;

/// A founding charter that was checked.
#[derive(Clone, Debug)]
pub struct Founding {
    record: Verified,
    body: Body,
    trust: Trust,
}

/// Why there is no charter to work with.
#[derive(Debug, thiserror::Error)]
pub enum FoundingError {
    /// The data directory was never prepared.
    #[error("{0} has no {FILE}: prepare the directory with `koinond init --charter FILE`")]
    Absent(PathBuf),
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The directory belongs to a network already.
    #[error("{0} belongs to a network already; a node serves one network: give it a directory of its own")]
    Taken(PathBuf),
    /// The file is no record file.
    #[error("this is not a charter: {0}")]
    Record(#[from] RecordError),
    /// The record is no charter.
    #[error("this is not a charter: {0}")]
    Charter(#[from] CharterError),
    /// The file ends before the body.
    #[error("this is not a charter: it has {0} bytes, and salt and body are missing")]
    Short(usize),
}

impl Founding {
    /// Reads and checks a record file.
    ///
    /// # Errors
    /// [`FoundingError::Record`], [`FoundingError::Charter`], [`FoundingError::Short`].
    pub fn decode(bytes: &[u8]) -> Result<Self, FoundingError> {
        let (header, rest) = bytes.split_at_checked(limit::SIGNED).ok_or(FoundingError::Short(bytes.len()))?;
        let (salt, body) = rest.split_first_chunk().ok_or(FoundingError::Short(bytes.len()))?;
        let signed = Signed::decode(header)?;
        let record = signed.verify(signed.header().id().into())?;
        let body = record.open(Sealed { salt: *salt, bytes: body.to_vec() })?;
        let trust = Trust::found(&record, &body)?;
        Ok(Self { record, body, trust })
    }

    /// Reads and checks the record file at `path`.
    ///
    /// # Errors
    /// [`FoundingError::Io`] and those of [`Founding::decode`].
    pub fn read(path: &Path) -> Result<Self, FoundingError> {
        let bytes = read(path).map_err(|source| FoundingError::Io { path: path.to_owned(), source })?;
        Self::decode(&bytes)
    }

    /// Reads the charter of a data directory.
    ///
    /// # Errors
    /// [`FoundingError`].
    pub fn load(data: &Path) -> Result<Self, FoundingError> {
        match Self::read(&data.join(FILE)) {
            Err(FoundingError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Err(FoundingError::Absent(data.to_owned()))
            }
            read => read,
        }
    }

    /// Prepares a data directory for the network of this charter; one that is prepared for the same network stays as it is.
    ///
    /// # Errors
    /// [`FoundingError::Taken`] and [`FoundingError::Io`].
    pub fn install(&self, data: &Path) -> Result<(), FoundingError> {
        let path = data.join(FILE);
        let failed = |source| FoundingError::Io { path: path.clone(), source };
        std::fs::create_dir_all(data).map_err(failed)?;
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let same = read(&path).is_ok_and(|bytes| bytes == self.encode());
                return if same { Ok(()) } else { Err(FoundingError::Taken(data.to_owned())) };
            }
            Err(source) => return Err(failed(source)),
        };
        file.write_all(&self.encode()).and_then(|()| file.sync_all()).map_err(failed)
    }

    /// The record file.
    pub fn encode(&self) -> Vec<u8> {
        [&self.record.signed().encode()[..], &self.body.sealed().salt, self.body.bytes()].concat()
    }

    /// The network that it founds.
    pub fn network(&self) -> NetworkId {
        self.record.id().into()
    }

    /// Its name as a record.
    pub fn id(&self) -> RecordId {
        self.record.id()
    }

    /// The record.
    pub fn record(&self) -> &Verified {
        &self.record
    }

    /// Its body.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// What it says.
    pub fn charter(&self) -> &Charter {
        self.trust.charter()
    }

    /// What is known of trust before any organisation began.
    pub fn trust(&self) -> Trust {
        self.trust.clone()
    }
}

/// One byte more than the longest is read, so that a longer file is noticed and not read whole.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MOST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
