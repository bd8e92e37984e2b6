//! The few things that the store asks of a file system, so that tests can cut the power or let the n-th call fail.

use rustix::fs::FallocateFlags;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of a page.
const PAGE: u64 = 4096;

/// A flat directory of files, named by one path component.
pub trait Disk: Send {
    /// Opens a file for reading and writing; makes it when `create` is set and it is not there.
    ///
    /// # Errors
    /// As the file system has it; `NotFound` when it is not there and `create` is not set.
    fn open(&self, name: &str, create: bool) -> io::Result<Box<dyn Handle>>;
    /// The names in the directory, in any order.
    ///
    /// # Errors
    /// As the file system has it.
    fn names(&self) -> io::Result<Vec<String>>;
    /// Takes a file away.
    ///
    /// # Errors
    /// As the file system has it.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Gives a file another name, in place of what has it.
    ///
    /// # Errors
    /// As the file system has it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Takes a damaged file out of the way and keeps it for whoever wants to look into it.
    ///
    /// # Errors
    /// As the file system has it.
    fn set_aside(&self, name: &str) -> io::Result<()>;
    /// Makes the names that were added and taken away since the last call survive a power cut.
    ///
    /// # Errors
    /// As the file system has it; after one, nothing is known of these names.
    fn sync_names(&self) -> io::Result<()>;
}

/// Opens a file that may not be there.
pub(super) fn existing(disk: &dyn Disk, name: &str) -> io::Result<Option<Box<dyn Handle>>> {
    match disk.open(name, false) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        file => file.map(Some),
    }
}

/// Writes zeros, a page at a time: what is written at once, Linux keeps as one large page, and looks through all of it at each sync.
pub(super) fn blank(file: &dyn Handle, from: u64, until: u64) -> io::Result<()> {
    let mut offset = from;
    while offset < until {
        let length = (PAGE - offset % PAGE).min(until - offset);
        file.write(&[0; PAGE as usize][..length as usize], offset)?;
        offset += length;
    }
    Ok(())
}

/// An open file, which several threads may sync.
#[expect(clippy::len_without_is_empty, reason = "a segment is never empty")]
pub trait Handle: Send + Sync {
    /// Fills `buffer` from `offset`.
    ///
    /// # Errors
    /// `UnexpectedEof` when the file ends before.
    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// As the file system has it; some of the bytes may be written then.
    fn write(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Bytes in the file.
    ///
    /// # Errors
    /// As the file system has it.
    fn len(&self) -> io::Result<u64>;
    /// Cuts the file at `length`.
    ///
    /// # Errors
    /// As the file system has it.
    fn cut(&self, length: u64) -> io::Result<()>;
    /// Makes the file at least `length` bytes long; the new ones are zero and have their place on the disk.
    ///
    /// # Errors
    /// `StorageFull` before anything was written, which is the point of it.
    fn reserve(&self, length: u64) -> io::Result<()>;
    /// Makes everything written so far survive a power cut.
    ///
    /// # Errors
    /// After one, nothing is known of what was written since the last success, and calling again proves nothing.
    fn sync(&self) -> io::Result<()>;
}

/// A directory of the operating system, held by one process at a time.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Makes the directory if it is not there, and locks it until this is dropped.
    ///
    /// # Errors
    /// `WouldBlock` when another process holds it; else as the file system has it.
    pub fn lock(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(path.join("lock"))?;
        fs4::FileExt::try_lock(&lock).map_err(io::Error::from)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }
}

impl Disk for Directory {
    fn open(&self, name: &str, create: bool) -> io::Result<Box<dyn Handle>> {
        let file = OpenOptions::new().read(true).write(true).create(create).truncate(false).open(self.path.join(name))?;
        Ok(Box::new(OnDisk { file, reserved: AtomicU64::new(0) }))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(&self.path)?.collect::<io::Result<Vec<_>>>()?;
        Ok(entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok()).collect())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn set_aside(&self, name: &str) -> io::Result<()> {
        let damaged = self.path.join("damaged");
        fs::create_dir_all(&damaged)?;
        let free = (0..).map(|number| damaged.join(format!("{name}.{number}"))).find(|path| !path.exists());
        fs::rename(self.path.join(name), free.unwrap_or(damaged))
    }

    fn sync_names(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

struct OnDisk {
    file: File,
    /// The file is known to be at least so long, without asking the system for each write.
    reserved: AtomicU64,
}

impl Handle for OnDisk {
    fn read(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }

    fn write(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.reserved.fetch_min(length, Ordering::Relaxed);
        self.file.set_len(length)
    }

    fn reserve(&self, length: u64) -> io::Result<()> {
        if self.reserved.load(Ordering::Relaxed) >= length {
            return Ok(());
        }
        if self.len()? < length {
            rustix::fs::fallocate(&self.file, FallocateFlags::empty(), 0, length)?;
        }
        self.reserved.fetch_max(length, Ordering::Relaxed);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}
