//! The records of one log as this computer signed them. The last one is the high-water mark: no place of a log is signed twice here.

use crate::failure::Failure;
use crate::home::{Home, make_private_folder, names_in, overwrite, read_bounded, write_new};
use koinon_protocol::id::RecordId;
use koinon_protocol::log::{Head, LogId};
use koinon_protocol::record_file::{self, RecordFile};
use std::path::PathBuf;

const SUFFIX: &str = ".record";
/// Digits of the greatest place, so that names sort as places do.
const DIGITS: usize = 20;

/// The copies of one log.
#[derive(Clone, Debug)]
pub struct Copies {
    log: LogId,
    folder: PathBuf,
}

impl Copies {
    /// Those of `log`; there may be none yet.
    pub fn new(home: &Home, log: LogId) -> Self {
        Self { log, folder: home.log(log) }
    }

    /// The last record that was signed here, or taken over from a node.
    ///
    /// # Errors
    /// [`Failure::BadCopy`] when it was changed, [`Failure::File`].
    pub fn head(&self) -> Result<Option<Head>, Failure> {
        let places = names_in(&self.folder)?.into_iter().filter_map(|name| name.strip_suffix(SUFFIX)?.parse::<u64>().ok());
        let Some(seq) = places.max() else { return Ok(None) };
        let record = self.get(seq)?.ok_or(Failure::NoCopy { log: self.log, seq })?;
        let header = record.signed.header();
        Ok(Some(Head { seq, id: header.id(), claimed_at: header.claimed_at }))
    }

    /// The record at a place, checked; none when there is no copy of it.
    ///
    /// # Errors
    /// As [`Copies::head`].
    pub fn get(&self, seq: u64) -> Result<Option<RecordFile>, Failure> {
        let path = self.path(seq);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = read_bounded(&path, record_file::MOST)?;
        let bad = |reason: String| Failure::BadCopy { path: path.clone(), reason };
        let record = RecordFile::decode(&bytes).map_err(|error| bad(error.to_string()))?;
        let verified = record.verify().map_err(|error| bad(error.to_string()))?;
        if LogId::from(verified.header()) != self.log || verified.header().seq != seq {
            return Err(bad("it stands elsewhere".into()));
        }
        Ok(Some(record))
    }

    /// Keeps a record, before anybody else sees it. The same one again is kept already.
    ///
    /// # Errors
    /// [`Failure::WouldFork`] when another record is kept at its place; [`Failure::File`].
    pub fn keep(&self, record: &RecordFile) -> Result<(), Failure> {
        let header = record.signed.header();
        make_private_folder(&self.folder)?;
        match write_new(&self.path(header.seq), &record.encode()) {
            Err(Failure::Exists(_)) => match self.get(header.seq)? {
                Some(kept) if kept.signed == record.signed => Ok(()),
                _ => Err(Failure::WouldFork { log: self.log, seq: header.seq }),
            },
            other => other,
        }
    }

    /// Keeps a record that came from elsewhere, if it is the next one here: with a gap below it, it could not be sent again in order, and the
    /// node's head tells of it anyway.
    ///
    /// # Errors
    /// As [`Copies::keep`].
    pub fn keep_next(&self, record: &RecordFile) -> Result<(), Failure> {
        let next = self.head()?.map_or(0, |head| head.seq.saturating_add(1));
        if record.signed.header().seq <= next { self.keep(record) } else { Ok(()) }
    }

    /// Writes over the body of a copy and keeps the header and the signature; false when no copy of that record with a body is here.
    ///
    /// # Errors
    /// As [`Copies::head`].
    pub fn erase(&self, seq: u64, id: RecordId) -> Result<bool, Failure> {
        let Some(record) = self.get(seq)?.filter(|kept| kept.signed.header().id() == id && kept.sealed.is_some()) else {
            return Ok(false);
        };
        overwrite(&self.path(seq), &RecordFile { sealed: None, ..record }.encode())?;
        Ok(true)
    }

    fn path(&self, seq: u64) -> PathBuf {
        self.folder.join(format!("{seq:0DIGITS$}{SUFFIX}"))
    }
}
