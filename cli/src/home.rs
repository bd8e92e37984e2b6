//! Where `koinon` keeps its files, and how a file comes to be.

use crate::failure::Failure;
use etcetera::BaseStrategy as _;
use koinon_protocol::log::LogId;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The folder of one person's keys and settings.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// The folder that is given, else the platform's place for data, such as `~/.local/share/koinon`.
    ///
    /// # Errors
    /// [`Failure::NoHome`] when the platform names none.
    pub fn find(given: Option<PathBuf>) -> Result<Self, Failure> {
        match given {
            Some(folder) => Ok(Self(folder)),
            None => {
                let base = etcetera::choose_base_strategy().map_err(|_| Failure::NoHome)?;
                Ok(Self(base.data_dir().join("koinon")))
            }
        }
    }

    /// The folder of the keys; it need not exist.
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// The folder of one log's records, as they were signed here; it need not exist.
    pub fn log(&self, log: LogId) -> PathBuf {
        self.0.join("logs").join(log.organisation.to_string()).join(log.device.to_string())
    }

    /// The folder of the records by which keys of this computer became devices of an organisation; it need not exist.
    pub fn devices(&self) -> PathBuf {
        self.0.join("devices")
    }

    /// The folder of the keys that carry papers proposed here, and of their records; it need not exist.
    pub fn carriers(&self) -> PathBuf {
        self.0.join("carriers")
    }

    /// The folder of what keys of this computer signed where only one decision may follow; it need not exist.
    pub fn decided(&self) -> PathBuf {
        self.0.join("decided")
    }

    /// The folder of the public halves of roots that were committed to here; it need not exist.
    pub fn next_roots(&self) -> PathBuf {
        self.0.join("next-roots")
    }

    /// The folder of the inceptions that keys of this computer signed; it need not exist.
    pub fn founded(&self) -> PathBuf {
        self.0.join("founded")
    }
}

/// The bytes of a file of at most `bound` bytes.
///
/// # Errors
/// [`Failure::File`] and [`Failure::TooLong`].
pub fn read_bounded(path: &Path, bound: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|source| failure(path, source))?;
    file.take(bound as u64 + 1).read_to_end(&mut bytes).map_err(|source| failure(path, source))?;
    if bytes.len() > bound {
        return Err(Failure::TooLong { path: path.to_owned(), bound });
    }
    Ok(bytes)
}

/// Writes a file that only its owner can read; after a power cut it is there whole or not at all.
///
/// # Errors
/// [`Failure::Exists`] when there is a file of that name, which stays as it was; [`Failure::File`].
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".koinon-").tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path)?;
        sync_folder(folder)
    };
    write().map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => Failure::Exists(path.to_owned()),
        _ => failure(path, source),
    })
}

/// Writes a file anew; after a power cut it is as it was or as it should be.
///
/// # Errors
/// [`Failure::File`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".koinon-").tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        sync_folder(folder)
    };
    write().map_err(|source| failure(path, source))
}

/// Puts other bytes in the place of a file, and writes zeros over the old ones, which the disk would keep; after a power cut the file is the
/// old one or the new one.
///
/// # Errors
/// [`Failure::File`].
pub fn overwrite(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut old = File::options().write(true).open(path)?;
        let length = old.metadata()?.len();
        let mut file = tempfile::Builder::new().prefix(".koinon-").tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        sync_folder(folder)?;
        io::copy(&mut io::repeat(0).take(length), &mut old)?;
        old.sync_all()
    };
    write().map_err(|source| failure(path, source))
}

/// Makes a folder that only its owner can enter, and those above it.
///
/// # Errors
/// [`Failure::File`].
pub fn make_private_folder(path: &Path) -> Result<(), Failure> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| failure(path, source))
}

/// The names of the files in a folder; none when there is no such folder.
///
/// # Errors
/// [`Failure::File`].
pub fn names_in(folder: &Path) -> Result<Vec<String>, Failure> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|source| failure(folder, source))?,
    };
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
    names.collect::<io::Result<_>>().map_err(|source| failure(folder, source))
}

fn failure(path: &Path, source: io::Error) -> Failure {
    Failure::File { path: path.to_owned(), source }
}

/// On Unix the name of a new file is safe only when its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
