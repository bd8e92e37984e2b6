//! The commands, one file for each.

pub mod completions;
pub mod get;
pub mod key;
pub mod org;
pub mod publish;
pub mod verify;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::home::Home;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Help begins with what it is for and examples, as people read it.
pub(crate) const HELP: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

/// The command line of `koinon`.
#[derive(Parser, Clone, Debug)]
#[command(
    name = "koinon",
    version,
    about = "Exchange good practice between local governments: keys, records and their proof",
    help_template = HELP,
    before_help = "Examples:\n  koinon key new council-office\n  koinon verify practice.record\n  koinon publish practice.record",
    after_help = "Exit codes: 0 ok, 1 failed, 2 usage, 3 verification not passed, 4 not found,\n5 node not running, 6 not authorised.",
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Write results, and errors, as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// The folder of keys and settings [default: the platform's place for data]
    #[arg(long, global = true, env = "KOINON_HOME", hide_env_values = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Make, list, export and import the keys that sign records
    #[command(subcommand)]
    Key(key::Key),
    /// Found an organisation
    #[command(subcommand)]
    Org(org::Org),
    /// Check a record file: who signed it, and whether its content is unchanged
    Verify(verify::Verify),
    /// Send a record file to a node
    Publish(publish::Publish),
    /// Fetch a record from a node, check it and store it as a file
    Get(get::Get),
    /// Print a completion script for a shell
    Completions(completions::Completions),
}

impl Cli {
    /// Does what the arguments say.
    ///
    /// # Errors
    /// [`Failure`], which says what to do next.
    pub fn run(self) -> Result<Answer, Failure> {
        match self.command {
            Command::Key(key) => key.run(&Home::find(self.home)?),
            Command::Org(org) => org.run(&Home::find(self.home)?),
            Command::Verify(verify) => verify.run(),
            Command::Publish(publish) => publish.run(),
            Command::Get(get) => get.run(),
            Command::Completions(completions) => Ok(completions.run()),
        }
    }
}
