//! `koinon key list`: names and public keys; no passphrase is needed.

use super::{HELP, object};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore;
use serde_json::{Value, json};

/// The arguments of `koinon key list`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:\n  koinon key list\n  koinon key list --json")]
pub struct List {}

impl List {
    /// JSON: `{keys: [{name, device, file}]}`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let keys = keystore::list(home)?;
        let json = json!({ "keys": keys.iter().map(object).collect::<Vec<Value>>() });
        if keys.is_empty() {
            return Ok(Answer::ok("No keys yet. Make one: koinon key new NAME\n", json));
        }
        let width = keys.iter().map(|key| key.name.to_string().len()).max().unwrap_or(0);
        let text = keys.iter().map(|key| format!("{:width$}  {}\n", key.name.to_string(), key.device)).collect::<String>();
        Ok(Answer::ok(text, json))
    }
}
