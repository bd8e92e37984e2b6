//! `koinon org`: organisations, and who vouches for them.

mod create;
mod guard;
mod list;
mod revoke_device;
mod rotate;
mod show;
mod suspend;

use super::HELP;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::home::Home;

/// What to do with an organisation.
#[derive(clap::Subcommand, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org list
  koinon org show 3f…e1
  koinon org create --help", disable_help_subcommand = true)]
pub enum Org {
    /// Found an organisation: make and sign its first record
    Create(create::Create),
    /// Propose that the roots which were committed to take over: a paper for them to sign
    Rotate(Box<rotate::Rotate>),
    /// Propose that a key speaks no more: a paper for the roots to sign
    RevokeDevice(Box<revoke_device::RevokeDevice>),
    /// Propose to suspend its word for another organisation: a paper for the roots to sign
    Suspend(Box<suspend::Suspend>),
    /// List the organisations for which keys of this computer speak
    List(list::List),
    /// Show an organisation: who vouches for it and until when, and its keys
    Show(show::Show),
}

impl Org {
    /// Does it.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self, home: &Home) -> Result<Answer, Failure> {
        match self {
            Self::Create(create) => create.run(home),
            Self::Rotate(rotate) => rotate.run(home),
            Self::RevokeDevice(revoke) => revoke.run(home),
            Self::Suspend(suspend) => suspend.run(home),
            Self::List(list) => list.run(home),
            Self::Show(show) => show.run(home),
        }
    }
}

/// ISO 3166-1 alpha-2.
pub(crate) fn country(text: &str) -> Result<String, String> {
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code { Ok(text.into()) } else { Err("give two capital letters, as in PL".into()) }
}
