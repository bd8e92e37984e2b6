//! `koinon device`: the keys of an organisation.

mod add;

use super::HELP;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::home::Home;

/// What to do with an organisation's keys.
#[derive(clap::Subcommand, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:\n  koinon device add --help", disable_help_subcommand = true)]
pub enum Device {
    /// Let another key speak for the organisation
    Add(add::Add),
}

impl Device {
    /// Does it.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self, home: &Home) -> Result<Answer, Failure> {
        match self {
            Self::Add(add) => add.run(home),
        }
    }
}
