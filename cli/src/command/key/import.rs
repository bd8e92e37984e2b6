//! `koinon key import`: a key that another program made.

use super::{HELP, name, stored};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore::{self, KeyName, pem_failure};
use crate::passphrase::PassphraseArgs;
use crate::pem;
use std::path::PathBuf;

/// The arguments of `koinon key import`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon key import council-office backup.pem
  openssl genpkey -algorithm ed25519 -out plain.pem && koinon key import council-office plain.pem")]
pub struct Import {
    /// 1 to 64 of a-z, 0-9, '-' and '_'
    #[arg(value_parser = name)]
    name: KeyName,
    /// Ed25519 in PKCS#8 PEM: plain, or encrypted under the passphrase that it keeps
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

impl Import {
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        keystore::free_path(home, &self.name)?;
        let text = zeroize::Zeroizing::new(keystore::read_text(&self.file)?);
        let failure = |error| pem_failure(error, &self.file);
        let (seed, passphrase) = if pem::is_encrypted(&text).map_err(failure)? {
            let passphrase = self.passphrase.existing(&self.file.display().to_string())?;
            (pem::decrypt(&text, &passphrase).map_err(failure)?, passphrase)
        } else {
            (pem::read_plain(&text).map_err(failure)?, self.passphrase.new_one()?)
        };
        Ok(stored(&keystore::add(home, &self.name, &seed, &passphrase)?))
    }
}
