//! The keys that carry papers: made for one record each, and forgotten as soon as it is signed.
//!
//! A carrier can change nothing in what was decided, but two records of it would annul the decision. So the record is kept before it is sent, its
//! secret is deleted, and whoever sends again sends the same record. The secret is not encrypted: nobody can do with it what they could not do
//! by refusing to send the paper.

use super::Act;
use crate::failure::Failure;
use crate::home::{Home, make_private_folder, read_bounded, write_new};
use crate::keystore;
use crate::pem::Seed;
use koinon_protocol::id::DeviceKey;
use koinon_protocol::key::Signer;
use koinon_protocol::record_file::{self, RecordFile};
use std::fs;
use std::path::PathBuf;

/// Bytes of a secret.
const SECRET: usize = 32;

/// What this computer keeps of a paper that was proposed here.
pub enum Carrier {
    /// Its record was signed.
    Signed(RecordFile),
    /// The key that will sign it.
    Key(Signer),
}

/// Makes a carrier and keeps its secret.
///
/// # Errors
/// [`Failure::NotMade`], [`Failure::File`].
pub fn make(home: &Home) -> Result<DeviceKey, Failure> {
    let seed = Seed::new(keystore::random()?);
    let carrier = Signer::from_seed(&seed).public();
    make_private_folder(&home.carriers())?;
    write_new(&secret_path(home, carrier), seed.as_slice())?;
    Ok(carrier)
}

/// What is kept of a paper.
///
/// # Errors
/// [`Failure::NoCarrier`] when it was proposed elsewhere; [`Failure::BadCopy`], [`Failure::File`].
pub fn find(home: &Home, act: &Act) -> Result<Carrier, Failure> {
    let (carrier, record) = (act.carrier(), record_path(home, act.carrier()));
    let bad = |reason: String| Failure::BadCopy { path: record.clone(), reason };
    if record.exists() {
        let bytes = read_bounded(&record, record_file::MOST)?;
        let record = RecordFile::decode(&bytes).map_err(|error| bad(error.to_string()))?;
        record.open().map_err(|error| bad(error.to_string()))?;
        return Ok(Carrier::Signed(record));
    }
    let path = secret_path(home, carrier);
    if !path.exists() {
        return Err(Failure::NoCarrier);
    }
    let bytes = zeroize::Zeroizing::new(read_bounded(&path, SECRET)?);
    let seed = bytes.first_chunk().filter(|_| bytes.len() == SECRET).map(Signer::from_seed);
    match seed.filter(|signer| signer.public() == carrier) {
        Some(signer) => Ok(Carrier::Key(signer)),
        None => Err(Failure::BadCopy { path, reason: "it is not the key of this paper".into() }),
    }
}

/// Keeps the signed record of a paper; from then on nothing else is signed for it.
///
/// # Errors
/// [`Failure::File`], [`Failure::Exists`].
pub fn keep(home: &Home, carrier: DeviceKey, record: &RecordFile) -> Result<(), Failure> {
    write_new(&record_path(home, carrier), &record.encode())?;
    let path = secret_path(home, carrier);
    fs::remove_file(&path).map_err(|source| Failure::File { path, source })
}

fn secret_path(home: &Home, carrier: DeviceKey) -> PathBuf {
    home.carriers().join(format!("{carrier}.secret"))
}

fn record_path(home: &Home, carrier: DeviceKey) -> PathBuf {
    home.carriers().join(format!("{carrier}.record"))
}
