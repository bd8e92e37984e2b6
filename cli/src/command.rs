//! The commands, one file for each.

pub mod bundle;
pub mod charter;
pub mod completions;
pub mod credential;
pub mod device;
pub mod erase;
pub mod get;
pub mod key;
pub mod kinds;
pub mod log;
pub mod new;
pub mod notice;
pub mod org;
pub mod paper;
pub mod publish;
pub mod search;
pub mod show;
pub mod status;
pub mod verify;
pub mod vouch;

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
    before_help = "Examples:\n  koinon search waste lorry\n  koinon new practice lorry.toml\n  koinon publish lorry.toml\n  koinon verify practice.record",
    after_help = "Exit codes: 0 ok, 1 failed, 2 usage, 3 verification not passed, 4 not found,\n5 node not running, 6 not authorised.",
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Write results, and errors, as JSON
    #[arg(long, global = true, help_heading = "Options of every command")]
    pub json: bool,
    /// The folder of keys and settings [default: the platform's place for data]
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        env = "KOINON_HOME",
        hide_env_values = true,
        value_name = "DIR"
    )]
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
    /// Found a network, show on what terms it stands, or propose to change them
    #[command(subcommand)]
    Charter(charter::Charter),
    /// Found an organisation, decide about its keys, or show who vouches for one
    #[command(subcommand)]
    Org(org::Org),
    /// Read, sign and send what several decide together
    #[command(subcommand)]
    Paper(paper::Paper),
    /// Let another key speak for an organisation
    #[command(subcommand)]
    Device(device::Device),
    /// Vouch for an organisation
    Vouch(vouch::Vouch),
    /// Take back the text of a record, everywhere and for good
    Erase(erase::Erase),
    /// Take away the text of anybody's record, as a founder and on a legal ground
    Notice(notice::Notice),
    /// List the kinds of records
    Kinds(kinds::Kinds),
    /// Write a form to fill in
    New(new::New),
    /// Check, sign and publish a form that was filled in, or send a signed record
    Publish(publish::Publish),
    /// Find records
    Search(search::Search),
    /// Show a record, who signed it, and by what right they speak
    Show(show::Show),
    /// List what an organisation published
    Log(log::Log),
    /// Fetch a record from a node, check it and store it as a file
    Get(get::Get),
    /// Fetch a record with everything that proves it
    Bundle(bundle::Bundle),
    /// Write a record of your own as a W3C Verifiable Credential
    Credential(credential::CredentialArgs),
    /// Check a record file, a bundle or a credential, without a node and without a network
    Verify(verify::Verify),
    /// Say whether a node runs, what it has, and whom it knows
    Status(status::Status),
    /// Print a completion script for a shell
    Completions(completions::Completions),
}

impl Cli {
    /// Does what the arguments say.
    ///
    /// # Errors
    /// [`Failure`], which says what to do next.
    pub fn run(self) -> Result<Answer, Failure> {
        let home = || Home::find(self.home);
        match self.command {
            Command::Key(key) => key.run(&home()?),
            Command::Charter(charter) => charter.run(&home()?),
            Command::Org(org) => org.run(&home()?),
            Command::Paper(paper) => paper.run(&home()?),
            Command::Device(device) => device.run(&home()?),
            Command::Vouch(vouch) => vouch.run(&home()?),
            Command::Erase(erase) => erase.run(&home()?),
            Command::Notice(notice) => notice.run(&home()?),
            Command::Kinds(kinds) => Ok(kinds.run()),
            Command::New(new) => new.run(),
            Command::Publish(publish) => publish.run(&home()?),
            Command::Search(search) => search.run(),
            Command::Show(show) => show.run(),
            Command::Log(log) => log.run(&home()?),
            Command::Get(get) => get.run(),
            Command::Bundle(bundle) => bundle.run(),
            Command::Credential(credential) => credential.run(&home()?),
            Command::Verify(verify) => verify.run(),
            Command::Status(status) => status.run(),
            Command::Completions(completions) => Ok(completions.run()),
        }
    }
}
