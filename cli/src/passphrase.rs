//! Where a passphrase comes from: a file, the environment, or the person at the terminal, in this order.

use crate::failure::Failure;
use crate::home::read_bounded;
use crate::keystore::StoredKey;
use crate::progress::during;
use koinon_protocol::key::Signer;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use zeroize::Zeroizing;

const VARIABLE: &str = "KOINON_PASSPHRASE";
const LEAST: usize = 8;
const MOST: usize = 1024;

/// The options of every command that opens or makes a key.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct PassphraseArgs {
    /// Read the passphrase from the first line of FILE [else from KOINON_PASSPHRASE, else from the terminal]
    #[arg(long, value_name = "FILE", env = "KOINON_PASSPHRASE_FILE", hide_env_values = true)]
    pub passphrase_file: Option<PathBuf>,
}

impl PassphraseArgs {
    /// The passphrase of a key that exists.
    ///
    /// # Errors
    /// [`Failure::NoTerminal`] when nobody can be asked; [`Failure::File`].
    pub fn existing(&self, of: &str) -> Result<Zeroizing<String>, Failure> {
        match self.without_asking()? {
            Some(passphrase) => Ok(passphrase),
            None => ask(&format!("Passphrase of {of}: ")),
        }
    }

    /// A key that is stored here, to sign with.
    ///
    /// # Errors
    /// As [`PassphraseArgs::existing`] and [`StoredKey::open`].
    pub fn open(&self, key: &StoredKey) -> Result<Signer, Failure> {
        let passphrase = self.existing(&key.name.to_string())?;
        during("opening the key", || key.open(&passphrase))
    }

    /// A new passphrase, asked for twice.
    ///
    /// # Errors
    /// As [`PassphraseArgs::existing`], and [`Failure::ShortPassphrase`], [`Failure::PassphrasesDiffer`].
    pub fn new_one(&self) -> Result<Zeroizing<String>, Failure> {
        if let Some(passphrase) = self.without_asking()? {
            return long_enough(passphrase);
        }
        let passphrase = long_enough(ask("New passphrase: ")?)?;
        if *ask("The same again: ")? != *passphrase {
            return Err(Failure::PassphrasesDiffer);
        }
        Ok(passphrase)
    }

    fn without_asking(&self) -> Result<Option<Zeroizing<String>>, Failure> {
        let Some(path) = &self.passphrase_file else {
            return Ok(std::env::var(VARIABLE).ok().map(Zeroizing::new));
        };
        let bytes = Zeroizing::new(read_bounded(path, MOST)?);
        let text = String::from_utf8_lossy(&bytes);
        Ok(Some(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())))
    }
}

/// Off a terminal nobody could answer: a script must fail, not hang.
fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::NoTerminal);
    }
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|_| Failure::NoTerminal)
}

fn long_enough(passphrase: Zeroizing<String>) -> Result<Zeroizing<String>, Failure> {
    if passphrase.chars().count() < LEAST { Err(Failure::ShortPassphrase { least: LEAST }) } else { Ok(passphrase) }
}
