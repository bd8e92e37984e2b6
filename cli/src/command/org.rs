//! `koinon org`: an organisation begins.

mod create;

use super::HELP;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::home::Home;

/// What to do with an organisation.
#[derive(clap::Subcommand, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:\n  koinon org create --help", disable_help_subcommand = true)]
pub enum Org {
    /// Found an organisation: make and sign its first record
    Create(create::Create),
}

impl Org {
    /// Does it.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self, home: &Home) -> Result<Answer, Failure> {
        match self {
            Self::Create(create) => create.run(home),
        }
    }
}
