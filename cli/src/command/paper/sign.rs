//! `koinon paper sign`: whoever holds a key that may sign reads what is decided, and signs it.

use super::{HELP, read, tell};
use crate::act::names::Names;
use crate::act::{Act, once, proposal};
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::command::key::name;
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore::{self, KeyName, StoredKey};
use crate::language::LanguageArgs;
use crate::paper::{Paper, is_attended};
use crate::passphrase::PassphraseArgs;
use koinon_protocol::id::RecordId;
use serde_json::json;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::slice;

/// The arguments of `koinon paper sign`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon paper sign amendment.json
  koinon paper sign rotation.json --key next-root --key second-next-root")]
pub struct Sign {
    /// The paper; the signature is added to the file
    #[arg(value_name = "PAPER")]
    file: PathBuf,
    /// The key that signs; may be given again [default: the only one of this computer that may and has not]
    #[arg(long = "key", value_name = "KEY", value_parser = name)]
    keys: Vec<KeyName>,
    /// The name of a paper that this key signed before for the same place, and of which every copy was destroyed
    #[arg(long, value_name = "ID")]
    instead_of: Option<RecordId>,
    /// Do not ask whether to go on
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    language: LanguageArgs,
}

impl Sign {
    /// JSON: as of `koinon paper show`, and `signed_with`, the names of the keys.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let mut act = read(slice::from_ref(&self.file))?;
        let keys = self.keys(home, &act)?;
        let (node, wanted) = (Client::new(&self.node), self.language.wanted());
        let names = Names::new(&node, &wanted);
        let says = tell(&act, &node, &names)?;
        if !self.yes && is_attended() {
            confirm(&act, &says, &names, &keys)?;
        }
        for key in &keys {
            let signer = self.passphrase.open(key)?;
            once::note(home, &act, key.device, self.instead_of)?;
            act.sign(&signer)?;
        }
        act.replace(&self.file)?;
        let mut paper = Paper::new();
        proposal::show(&mut paper, &act, &says, &names);
        paper.gap();
        if act.is_enough() {
            paper.good("Enough have signed. Give the file back to whoever proposed it, to be sent.");
        } else {
            paper.text(0, "Signed. Pass the file on to the others who may sign.");
        }
        let mut json = act.json();
        json["says"] = json!(says);
        json["signed_with"] = json!(keys.iter().map(|key| key.name.to_string()).collect::<Vec<_>>());
        Ok(Answer::ok(paper.finish(), json))
    }

    fn keys(&self, home: &Home, act: &Act) -> Result<Vec<StoredKey>, Failure> {
        let asked = |key: &StoredKey| act.asked().iter().any(|each| each.key == key.device);
        let named = self.keys.iter().map(|name| match keystore::get(home, name)? {
            key if asked(&key) => Ok(key),
            _ => Err(Failure::MayNotSign(name.to_string())),
        });
        let named: Vec<_> = named.collect::<Result<_, Failure>>()?;
        if !named.is_empty() {
            return Ok(named);
        }
        let mut own = keystore::list(home)?;
        own.retain(|key| asked(key) && !act.has_signed(key.device));
        match own.len() {
            0 => Err(Failure::NothingToSign),
            1 => Ok(own),
            _ => Err(Failure::SeveralKeys(own.iter().map(|key| key.name.to_string()).collect())),
        }
    }
}

/// Asks the person at the terminal.
fn confirm(act: &Act, says: &[String], names: &Names<'_>, keys: &[StoredKey]) -> Result<(), Failure> {
    let mut page = Paper::new();
    proposal::show(&mut page, act, says, names);
    let keys: Vec<_> = keys.iter().map(|key| format!("'{}'", key.name)).collect();
    let _ = write!(io::stderr(), "{}\nSign it with {}? [y/N] ", page.finish(), keys.join(" and "));
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    let agreed = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if read.is_ok() && agreed { Ok(()) } else { Err(Failure::NotSigned) }
}
