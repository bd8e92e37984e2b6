//! A copy of the store that can be checked without the node: its files, what journal they hold, and their SHA-256 sums in the format of
//! `sha256sum`.
//!
//! The node may run meanwhile. Segments only grow, so that their beginnings up to the acknowledged size are a store of that size. Bodies
//! may be erased while they are copied; what had been erased when [`create`] was called is in no copy, and [`forget`] takes out of an
//! older one what has been erased since. No key is copied.

use super::frame;
use super::layout::{Layout, body_name, header_name};
use super::sweep::Placed as _;
use super::view::View;
use super::{StoreError, evidence};
use koinon_protocol::id::{NetworkId, RecordId};
use koinon_protocol::journal::Frontier;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

const SUMS: &str = "SHA256SUMS";
const ABOUT: &str = "backup.json";
/// Headers that are read at once.
const CHUNK: u64 = 1024;
/// Bytes that are copied at once.
const BUFFER: usize = 1 << 20;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The version of the segments.
    pub format: u32,
    /// Whose records these are.
    pub network: NetworkId,
    /// How many there are.
    pub records: u64,
    /// The root of the journal.
    pub root: RecordId,
    /// Bytes at which a segment begins anew.
    pub segment: u64,
}

/// How far the work is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that are done.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// Why there is no backup, or none that is good.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The place is taken.
    #[error("{0} is there already and not empty; nothing is overwritten: name a directory that is empty or not there")]
    Taken(PathBuf),
    /// What is to be copied cannot be read.
    #[error("the store cannot be copied: {0}")]
    Store(#[from] StoreError),
    /// It was never a store, or what it acknowledged cannot be read at the moment.
    #[error("{0} holds no store whose size can be read; start the node there once, which mends it")]
    NoStore(PathBuf),
    /// A file is not what its sum says.
    #[error("{0} is not the file that was copied: the backup is damaged")]
    Sum(String),
    /// A file is missing, or is there and has no sum.
    #[error("{0} is missing, or has no line in SHA256SUMS: the backup is not whole")]
    Files(String),
    /// The description cannot be read.
    #[error("backup.json: {0}")]
    About(#[from] serde_json::Error),
    /// The file system.
    #[error("{file}: {source}")]
    Io {
        /// Which file.
        file: String,
        /// What it said.
        source: io::Error,
    },
}

/// Copies the store in `data` to `target`, which is empty or not there, as far as it is acknowledged. `extra` are files beside the store
/// that belong to it, such as the charter; those that are not there are left out.
///
/// # Errors
/// [`BackupError`]; what was copied until then is left for whoever asks why.
pub fn create(
    data: &Path,
    target: &Path,
    network: NetworkId,
    segment: u64,
    extra: &[&Path],
    progress: &mut dyn FnMut(Progress),
) -> Result<About, BackupError> {
    empty(target)?;
    let layout = Layout::new(segment);
    let acknowledged = evidence::acknowledged(&View::new(data, segment)).ok_or_else(|| BackupError::NoStore(data.to_owned()))?;
    let mut copying = Copying { from: data, to: target, progress, done: 0, total: size(data).map_err(failed("store"))? };
    let mut left = acknowledged.records;
    for number in 0.. {
        let frames = left.min(layout.frames());
        if frames == 0 {
            break;
        }
        copying.file(&header_name(number), frame::PREAMBLE as u64 + frames * frame::HEADER as u64)?;
        left -= frames;
    }
    let (root, ends) = headers(&View::new(target, segment), acknowledged.records)?;
    for (number, end) in ends {
        copying.file(&body_name(number as usize), end)?;
    }
    copying.file(evidence::FORKS, evidence::length(acknowledged.forks))?;
    copying.bytes(evidence::MARK, &acknowledged.encode())?;
    for path in extra {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match fs::read(path) {
            Ok(bytes) => copying.bytes(&name, &bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(BackupError::Io { file: name, source }),
        }
    }
    let about = About { format: frame::FORMAT, network, records: acknowledged.records, root, segment };
    copying.bytes(ABOUT, &serde_json::to_vec_pretty(&about)?)?;
    erase(data, target, &about)?;
    seal(target)?;
    Ok(about)
}

/// Reads every file of a backup and compares it with its sum.
///
/// # Errors
/// [`BackupError::Sum`] and [`BackupError::Files`] name the file.
pub fn verify(backup: &Path, progress: &mut dyn FnMut(Progress)) -> Result<About, BackupError> {
    let sums = read_sums(backup)?;
    let names: BTreeSet<String> = names(backup)?.into_iter().filter(|name| name != SUMS).collect();
    if let Some(name) = names.iter().find(|name| !sums.contains_key(*name)).or(sums.keys().find(|name| !names.contains(*name))) {
        return Err(BackupError::Files(name.clone()));
    }
    let (mut done, total) = (0, size(backup).map_err(failed(SUMS))?);
    for (name, expected) in &sums {
        let (sum, length) = sum(&backup.join(name)).map_err(failed(name))?;
        if sum != *expected {
            return Err(BackupError::Sum(name.clone()));
        }
        done += length;
        progress(Progress { done, total });
    }
    about(backup)
}

/// Puts the store of a backup into `data`, which is empty or not there, once every sum was compared.
///
/// # Errors
/// As [`verify`]; [`BackupError::Taken`].
pub fn restore(backup: &Path, data: &Path, progress: &mut dyn FnMut(Progress)) -> Result<About, BackupError> {
    let about = verify(backup, &mut |_| ())?;
    empty(data)?;
    let total = size(backup).map_err(failed(SUMS))?;
    let mut copying = Copying { from: backup, to: data, progress, done: 0, total };
    for (name, expected) in read_sums(backup)?.into_iter().filter(|(name, _)| name != ABOUT) {
        copying.file(&name, u64::MAX)?;
        if sum(&data.join(&name)).map_err(failed(&name))?.0 != expected {
            return Err(BackupError::Sum(name));
        }
    }
    File::open(data).and_then(|directory| directory.sync_all()).map_err(failed("store"))?;
    Ok(about)
}

/// Takes out of a backup the bodies that the store in `data` has erased since. Gives how many.
///
/// # Errors
/// [`BackupError`].
pub fn forget(data: &Path, backup: &Path) -> Result<u64, BackupError> {
    let erased = erase(data, backup, &about(backup)?)?;
    seal(backup)?;
    Ok(erased)
}

/// Root of the journal, and the end of the bodies in each of their segments.
fn headers(view: &View, records: u64) -> Result<(RecordId, BTreeMap<u32, u64>), BackupError> {
    let (mut frontier, mut ends) = (Frontier::default(), BTreeMap::new());
    for first in (0..records).step_by(CHUNK as usize) {
        for found in view.headers(first, CHUNK.min(records - first))? {
            frontier.push(&found.id);
            let place = found.place();
            ends.insert(place.segment, u64::from(place.offset) + frame::body_size(found.signed.header().body_length));
        }
    }
    Ok((RecordId(frontier.root()), ends))
}

/// Writes over each body of the copy that is erased in the original.
fn erase(data: &Path, copy: &Path, about: &About) -> Result<u64, BackupError> {
    let (original, copied) = (View::new(data, about.segment), View::new(copy, about.segment));
    let (mut erased, mut files) = (0, BTreeMap::new());
    for first in (0..about.records).step_by(CHUNK as usize) {
        for found in copied.headers(first, CHUNK.min(about.records - first))? {
            // A journal that was mended since has its records in other places, but their bodies where they were.
            let (Some(now), Some(then)) = (original.state(&found)?, copied.state(&found)?) else { continue };
            if now == then || original.body(&found)? != frame::Slot::Erased {
                continue;
            }
            let place = found.place();
            let name = body_name(place.segment as usize);
            let file = match files.entry(place.segment) {
                std::collections::btree_map::Entry::Occupied(file) => file.into_mut(),
                std::collections::btree_map::Entry::Vacant(free) => {
                    free.insert(File::options().write(true).open(copy.join(&name)).map_err(failed(&name))?)
                }
            };
            let slot = frame::erased(found.signed.header().body_length);
            file.write_all_at(&slot, place.offset.into()).map_err(failed(&name))?;
            erased += 1;
        }
    }
    for (segment, file) in files {
        file.sync_all().map_err(failed(&body_name(segment as usize)))?;
    }
    Ok(erased)
}

/// Copies files, and says how far it is.
struct Copying<'a> {
    from: &'a Path,
    to: &'a Path,
    progress: &'a mut dyn FnMut(Progress),
    done: u64,
    total: u64,
}

impl Copying<'_> {
    /// Copies at most `length` bytes from the beginning of a file.
    fn file(&mut self, name: &str, length: u64) -> Result<(), BackupError> {
        let from = File::open(self.from.join(name)).map_err(failed(name))?;
        let mut to = File::create_new(self.to.join(name)).map_err(failed(name))?;
        let (mut from, mut buffer) = (from.take(length), vec![0; BUFFER]);
        loop {
            let count = from.read(&mut buffer).map_err(failed(name))?;
            if count == 0 {
                break;
            }
            to.write_all(&buffer[..count]).map_err(failed(name))?;
            self.done += count as u64;
            (self.progress)(Progress { done: self.done, total: self.total.max(self.done) });
        }
        to.sync_all().map_err(failed(name))
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        let mut file = File::create_new(self.to.join(name)).map_err(failed(name))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed(name))
    }
}

fn empty(target: &Path) -> Result<(), BackupError> {
    let file = target.display().to_string();
    fs::create_dir_all(target).map_err(failed(&file))?;
    match fs::read_dir(target).map_err(failed(&file))?.next() {
        None => Ok(()),
        Some(_) => Err(BackupError::Taken(target.to_owned())),
    }
}

/// Writes the sums of all files, in place of those that were there.
fn seal(backup: &Path) -> Result<(), BackupError> {
    let mut lines = String::new();
    for name in names(backup)?.into_iter().filter(|name| name != SUMS) {
        let (sum, _) = sum(&backup.join(&name)).map_err(failed(&name))?;
        lines.push_str(&format!("{}  {name}\n", RecordId(sum)));
    }
    let (new, place) = (backup.join(format!("{SUMS}.new")), backup.join(SUMS));
    let mut file = File::create(&new).map_err(failed(SUMS))?;
    file.write_all(lines.as_bytes()).and_then(|()| file.sync_all()).map_err(failed(SUMS))?;
    fs::rename(new, place).and_then(|()| File::open(backup)?.sync_all()).map_err(failed(SUMS))
}

fn read_sums(backup: &Path) -> Result<BTreeMap<String, [u8; 32]>, BackupError> {
    let text = fs::read_to_string(backup.join(SUMS)).map_err(failed(SUMS))?;
    let line = |line: &str| {
        let (sum, name) = line.split_once("  ")?;
        let plain = !name.is_empty() && !name.contains('/') && name != "..";
        plain.then(|| Some((name.to_owned(), sum.parse::<RecordId>().ok()?.0)))?
    };
    text.lines().map(line).collect::<Option<_>>().ok_or_else(|| BackupError::Sum(SUMS.to_owned()))
}

fn about(backup: &Path) -> Result<About, BackupError> {
    Ok(serde_json::from_slice(&fs::read(backup.join(ABOUT)).map_err(failed(ABOUT))?)?)
}

fn names(directory: &Path) -> Result<Vec<String>, BackupError> {
    let entries = fs::read_dir(directory).and_then(|entries| entries.collect::<io::Result<Vec<_>>>()).map_err(failed(SUMS))?;
    let mut names: Vec<String> = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    Ok(names)
}

fn sum(path: &Path) -> io::Result<([u8; 32], u64)> {
    let (mut file, mut hasher, mut length) = (File::open(path)?, Sha256::new(), 0);
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok((hasher.finalize().into(), length));
        }
        hasher.update(&buffer[..count]);
        length += count as u64;
    }
}

/// Bytes of the files in a directory, those in its own directories not among them.
fn size(directory: &Path) -> io::Result<u64> {
    fs::read_dir(directory)?
        .map(|entry| entry?.metadata())
        .map(|entry| Ok(entry.map_or(0, |entry| if entry.is_file() { entry.len() } else { 0 })))
        .sum()
}

fn failed(file: &str) -> impl FnOnce(io::Error) -> BackupError {
    let file = file.to_owned();
    move |source| BackupError::Io { file, source }
}
