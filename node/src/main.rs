//! `koinond`: runs a Koinon node.

use clap::{Args, Parser, Subcommand};
use koinond::config::{Config, ConfigError, Settings};
use std::path::PathBuf;
use std::process::ExitCode;

/// Runs a Koinon node: a replica of what local governments have learned, signed by those who learned it.
#[derive(Parser)]
#[command(version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the configuration in force, as a file that would have the same effect
    Config(Where),
}

#[derive(Args)]
struct Where {
    /// The data directory
    #[arg(long, env = "KOINON_DATA", value_name = "DIR", default_value = "koinon-data")]
    data: PathBuf,
    /// The configuration file [default: koinond.toml in the data directory, if it is there]
    #[arg(long, env = "KOINON_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("koinond: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), ConfigError> {
    match command {
        Command::Config(Where { data, config, settings }) => {
            print!("{}", Config::load(data, config.as_deref(), settings)?);
            Ok(())
        }
    }
}
