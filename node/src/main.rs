//! `koinond`: runs a Koinon node.

use clap::{Args, Parser, Subcommand};
use indicatif::ProgressBar;
use koinon_protocol::id::RecordId;
use koinond::admin::{Hidden, client};
use koinond::charter::Founding;
use koinond::config::{Config, Settings};
use koinond::upkeep::{self, Progress, Upkeep, UpkeepError};
use koinond::{demo, logging, run};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// Runs a Koinon node: a replica of what local governments have learned, signed by those who learned it.
#[derive(Parser)]
#[command(
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    before_help = "Examples:\n  koinond demo\n  koinond init --charter network.record\n  koinond run --peers /dns4/node.example.org/tcp/8481"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Found a network of three associations on this machine and show it
    Demo(demo::Options),
    /// Prepare a data directory for the network of a charter
    Init(Init),
    /// Run the node until it is told to end
    Run(Where),
    /// Read every record again and tell what is damaged; the node may run
    Scrub(Data),
    /// Copy everything that is acknowledged into a new directory; the node may run
    Backup(Backup),
    /// Put a backup into a new data directory
    Restore(Restore),
    /// Do not show a record on this node, which runs; it is kept and passed on, and other nodes may show it
    Hide(Hide),
    /// Show a hidden record again
    Unhide(Unhide),
    /// List the records that this node hides, and why
    Hidden(Data),
    /// Print the configuration in force, as a file that would have the same effect
    Config(Where),
}

#[derive(Args)]
struct Init {
    /// The record file of the network's founding charter
    #[arg(long, value_name = "FILE")]
    charter: PathBuf,
    #[command(flatten)]
    data: Data,
}

#[derive(Args)]
struct Backup {
    /// A directory that is empty or not there
    to: PathBuf,
    #[command(flatten)]
    data: Data,
}

#[derive(Args)]
struct Hide {
    /// The record, 64 digits
    record: RecordId,
    /// Why, in words for whoever asks this node for it
    #[arg(long, value_name = "TEXT")]
    ground: String,
    #[command(flatten)]
    data: Data,
}

#[derive(Args)]
struct Unhide {
    /// The record, 64 digits
    record: RecordId,
    #[command(flatten)]
    data: Data,
}

#[derive(Args)]
struct Restore {
    /// The directory of the backup
    from: PathBuf,
    #[command(flatten)]
    data: Data,
}

#[derive(Args)]
struct Data {
    /// The data directory
    #[arg(long, env = "KOINON_DATA", value_name = "DIR", default_value = "koinon-data")]
    data: PathBuf,
}

#[derive(Args)]
struct Where {
    #[command(flatten)]
    data: Data,
    /// The configuration file [default: koinond.toml in the data directory, if it is there]
    #[arg(long, env = "KOINON_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

impl Where {
    fn load(self) -> Result<Config, koinond::config::ConfigError> {
        Config::load(self.data.data, self.config.as_deref(), self.settings)
    }
}

fn main() -> ExitCode {
    match carry_out(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("koinond: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Does `work` behind a bar, which only a terminal shows.
fn shown<T>(verb: &'static str, work: impl FnOnce(&mut dyn FnMut(Progress)) -> Result<T, UpkeepError>) -> Result<T, UpkeepError> {
    let bar = ProgressBar::new(0).with_message(verb);
    let done = work(&mut |at| {
        bar.set_length(at.total);
        bar.set_position(at.done);
    });
    bar.finish_and_clear();
    done
}

fn carry_out(command: Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Demo(options) => demo::run(&options)?,
        Command::Init(Init { charter, data }) => {
            let founding = Founding::read(&charter)?;
            founding.install(&data.data)?;
            println!("{} is ready for the network {}.", data.data.display(), founding.network());
        }
        Command::Run(place) => {
            let config = place.load()?;
            logging::start(config.log, config.log_format);
            run::run(&config)?;
        }
        Command::Scrub(Data { data }) => {
            let report = shown("scrubbing", |progress| Upkeep::of(&data)?.scrub(progress))?;
            println!("{}.", report.damage());
        }
        Command::Backup(Backup { to, data }) => {
            let about = shown("copying", |progress| Upkeep::of(&data.data)?.backup(&to, progress))?;
            println!("{} records are in {}. Keys are not: keep them elsewhere.", about.records, to.display());
        }
        Command::Restore(Restore { from, data }) => {
            let about = shown("copying", |progress| upkeep::restore(&from, &data.data, progress))?;
            println!("{} records are in {}.", about.records, data.data.display());
        }
        Command::Hide(Hide { record, ground, data }) => {
            client::hide(&data.data, record, &ground)?;
            println!("This node does not show {record} any more. It keeps it and passes it on; other nodes may show it.");
        }
        Command::Unhide(Unhide { record, data }) => {
            client::show(&data.data, record)?;
            println!("This node shows {record} again.");
        }
        Command::Hidden(Data { data }) => {
            for Hidden { record, why } in client::hidden(&data)? {
                println!("{record}  {}", why.ground.escape_debug());
            }
        }
        Command::Config(place) => print!("{}", place.load()?),
    }
    Ok(())
}
