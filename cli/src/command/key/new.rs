//! `koinon key new`: a key from the operating system's randomness.

use super::{HELP, name, stored};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore::{self, KeyName};
use crate::passphrase::PassphraseArgs;
use crate::pem::Seed;

/// The arguments of `koinon key new`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon key new council-office
  koinon key new root --passphrase-file /media/safe/passphrase")]
pub struct New {
    /// 1 to 64 of a-z, 0-9, '-' and '_'
    #[arg(value_parser = name)]
    name: KeyName,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

impl New {
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        keystore::free_path(home, &self.name)?;
        let passphrase = self.passphrase.new_one()?;
        let seed = Seed::new(keystore::random()?);
        Ok(stored(&keystore::add(home, &self.name, &seed, &passphrase)?))
    }
}
