//! `koinon key`: the keys that sign records.

mod export;
mod import;
mod list;
mod new;

use super::HELP;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore::{KeyName, StoredKey};
use serde_json::{Value, json};

/// What to do with keys.
#[derive(clap::Subcommand, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon key new council-office
  koinon key list
  koinon key export council-office --output backup.pem", disable_help_subcommand = true)]
pub enum Key {
    /// Make a key and store it encrypted
    New(new::New),
    /// List the keys of this computer
    List(list::List),
    /// Write a key, still encrypted, for a backup or another computer
    Export(export::Export),
    /// Store a key from a PKCS#8 PEM file, encrypted
    Import(import::Import),
}

impl Key {
    /// Does it.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self, home: &Home) -> Result<Answer, Failure> {
        match self {
            Self::New(new) => new.run(home),
            Self::List(list) => list.run(home),
            Self::Export(export) => export.run(home),
            Self::Import(import) => import.run(home),
        }
    }
}

/// `{name, device, file}`, as every command about keys gives it.
fn object(key: &StoredKey) -> Value {
    json!({ "name": key.name.to_string(), "device": key.device, "file": key.path })
}

fn stored(key: &StoredKey) -> Answer {
    let text = format!(
        "{}  {}\nStored in {}, encrypted. Keep a copy elsewhere: koinon key export {} --output FILE\n",
        key.name,
        key.device,
        key.path.display(),
        key.name
    );
    Answer::ok(text, object(key))
}

/// A name on the command line; clap prints what is wrong with it and exits with the code for usage.
pub(crate) fn name(text: &str) -> Result<KeyName, String> {
    text.parse().map_err(|failure: Failure| format!("{failure}. {}", failure.advice()))
}
