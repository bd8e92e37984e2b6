//! `koinon key export`: the encrypted key as it is stored, or the public half.

use super::{HELP, name};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::home::{Home, write_new};
use crate::keystore::{self, KeyName};
use crate::pem;
use serde_json::json;
use std::path::PathBuf;

/// The arguments of `koinon key export`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon key export council-office --output backup.pem
  koinon key export council-office --public")]
pub struct Export {
    /// The name of the key
    #[arg(value_parser = name)]
    name: KeyName,
    /// Write only the public key
    #[arg(long)]
    public: bool,
    /// Write a new file, which only you can read, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    /// JSON: `{name, device, pem}`, or `{name, device, file}` with `--output`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let key = keystore::get(home, &self.name)?;
        let pem =
            if self.public { pem::public(key.device).map_err(|error| Failure::NotMade(error.to_string()))? } else { key.text };
        let name = key.name.to_string();
        let Some(path) = self.output else {
            return Ok(Answer::ok(pem.clone(), json!({ "name": name, "device": key.device, "pem": pem })));
        };
        write_new(&path, pem.as_bytes())?;
        let text = format!("{name} written to {}\n", path.display());
        Ok(Answer::ok(text, json!({ "name": name, "device": key.device, "file": path })))
    }
}
