//! The keys of one person: a file for each, whose first line names the public key and whose rest is an encrypted PEM.
//!
//! Text before the PEM is allowed (RFC 7468, section 2), so OpenSSL reads the files as they are.

use crate::failure::Failure;
use crate::home::{Home, make_private_folder, names_in, read_bounded, write_new};
use crate::pem::{self, Freshness, PemError, Seed};
use koinon_protocol::id::DeviceKey;
use koinon_protocol::key::Signer;
use std::path::{Path, PathBuf};
use std::str::FromStr;

const SUFFIX: &str = ".pem";
const LABEL: &str = "Koinon key ";
/// Bytes of the longest key file that is read.
const MOST: usize = 16 * 1024;
/// Names that Windows gives to devices, whatever their suffix.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The name of a key: a file name that is safe on every platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName(String);

impl FromStr for KeyName {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let starts_well = text.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        let numbered = text.len() == 4 && (text.starts_with("com") || text.starts_with("lpt"));
        let is_device = DEVICES.contains(&text) || (numbered && text.ends_with(|last: char| last.is_ascii_digit()));
        if !starts_well || text.len() > 64 || !text.bytes().all(allowed) || is_device {
            return Err(Failure::KeyName(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Display for KeyName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key that exists, still encrypted.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// Its name.
    pub name: KeyName,
    /// Its public half, as the first line says; checked when the key is opened.
    pub device: DeviceKey,
    /// Its file.
    pub path: PathBuf,
    /// The encrypted PEM, with the first line.
    pub text: String,
}

impl StoredKey {
    /// The key, to sign with.
    ///
    /// # Errors
    /// [`Failure::WrongPassphrase`], [`Failure::OtherKey`] when the first line lies, and others for a damaged file.
    pub fn open(&self, passphrase: &str) -> Result<Signer, Failure> {
        let seed = pem::decrypt(&self.text, passphrase).map_err(|error| pem_failure(error, &self.path))?;
        let signer = Signer::from_seed(&seed);
        if signer.public() != self.device {
            return Err(Failure::OtherKey { path: self.path.clone(), said: self.device, found: signer.public() });
        }
        Ok(signer)
    }
}

/// Stores a key under a name that is not taken.
///
/// # Errors
/// [`Failure::Exists`] when it is taken, before anything is written; [`Failure::NotMade`], [`Failure::File`].
pub fn add(home: &Home, name: &KeyName, seed: &Seed, passphrase: &str) -> Result<StoredKey, Failure> {
    let path = free_path(home, name)?;
    let (device, text) = encrypted(seed, passphrase)?;
    make_private_folder(&home.keys())?;
    write_new(&path, text.as_bytes())?;
    Ok(StoredKey { name: name.clone(), device, path, text })
}

/// Writes a key to a file outside of the home, as [`add`] stores it; its public half.
///
/// # Errors
/// [`Failure::Exists`], [`Failure::NotMade`], [`Failure::File`].
pub fn write(path: &Path, seed: &Seed, passphrase: &str) -> Result<DeviceKey, Failure> {
    let (device, text) = encrypted(seed, passphrase)?;
    write_new(path, text.as_bytes())?;
    Ok(device)
}

fn encrypted(seed: &Seed, passphrase: &str) -> Result<(DeviceKey, String), Failure> {
    let fresh = Freshness { salt: random()?, iv: random()? };
    let pem = pem::encrypt(seed, passphrase, &fresh).map_err(|error| Failure::NotMade(error.to_string()))?;
    let device = Signer::from_seed(seed).public();
    Ok((device, format!("{LABEL}{device}\n{pem}")))
}

/// Where a key of this name would be stored.
///
/// # Errors
/// [`Failure::Exists`] when there is one, so that nobody types a passphrase in vain.
pub fn free_path(home: &Home, name: &KeyName) -> Result<PathBuf, Failure> {
    let path = home.keys().join(format!("{name}{SUFFIX}"));
    if path.exists() { Err(Failure::Exists(path)) } else { Ok(path) }
}

/// The key of this name.
///
/// # Errors
/// [`Failure::NoKey`], [`Failure::NotAKey`], [`Failure::File`].
pub fn get(home: &Home, name: &KeyName) -> Result<StoredKey, Failure> {
    let path = home.keys().join(format!("{name}{SUFFIX}"));
    if !path.exists() {
        return Err(Failure::NoKey(name.to_string()));
    }
    let text = read_text(&path)?;
    let device = text.lines().next().and_then(|line| line.strip_prefix(LABEL)?.parse().ok());
    match device {
        Some(device) => Ok(StoredKey { name: name.clone(), device, path, text }),
        None => Err(Failure::NotAKey(path)),
    }
}

/// All keys in the order of their names; other files in the folder are passed over.
///
/// # Errors
/// As [`get`].
pub fn list(home: &Home) -> Result<Vec<StoredKey>, Failure> {
    let files = names_in(&home.keys())?;
    let mut names: Vec<KeyName> = files.iter().filter_map(|file| file.strip_suffix(SUFFIX)?.parse().ok()).collect();
    names.sort();
    names.iter().map(|name| get(home, name)).collect()
}

/// The text of a key file, wherever it is.
///
/// # Errors
/// [`Failure::NotAKey`] when it is not text, [`Failure::TooLong`], [`Failure::File`].
pub fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read_bounded(path, MOST)?).map_err(|_| Failure::NotAKey(path.to_owned()))
}

/// Random bytes of the operating system.
///
/// # Errors
/// [`Failure::NotMade`] when it has none.
pub fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failure::NotMade(error.to_string()))?;
    Ok(bytes)
}

/// Says which file it was.
pub fn pem_failure(error: PemError, path: &Path) -> Failure {
    let path = path.to_owned();
    match error {
        PemError::NotAKey => Failure::NotAKey(path),
        PemError::Costly => Failure::Costly(path),
        PemError::Passphrase => Failure::WrongPassphrase(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_safe_files_everywhere_are_taken() {
        for good in ["a", "council-office", "7", "root_2026", &"x".repeat(64)] {
            assert!(good.parse::<KeyName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "-a",
            "_a",
            "A",
            "ä",
            "a.b",
            "con",
            "nul",
            "com1",
            "lpt9",
            "a b",
            "a\n",
            &"x".repeat(65),
        ] {
            assert!(bad.parse::<KeyName>().is_err(), "{bad}");
        }
    }
}
