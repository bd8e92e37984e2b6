//! What clerks, coordinators and auditors do at a terminal.
//!
//! A command takes its arguments and gives an [`answer::Answer`] or a [`failure::Failure`]; only this file writes to the terminal.
//! Results go to standard output, everything else to standard error.

pub mod answer;
pub mod client;
pub mod command;
pub mod failure;
pub mod home;
pub mod keystore;
pub mod passphrase;
pub mod pem;
pub mod record_file;
pub mod utc;

use answer::{Answer, Code};
use clap::Parser as _;
use command::Cli;
use failure::Failure;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

/// Runs the command in the arguments of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    let code = match cli.run() {
        Ok(answer) => print(&answer, json),
        Err(failure) => complain(&failure, json),
    };
    ExitCode::from(code as u8)
}

/// A reader that closes the pipe has seen enough; any other failure to write is one.
fn print(answer: &Answer, json: bool) -> Code {
    let text = if json { format!("{}\n", answer.json) } else { answer.text.clone() };
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Code::Failed,
        _ => answer.code,
    }
}

fn complain(failure: &Failure, json: bool) -> Code {
    let text = if json {
        format!("{}\n", failure.json())
    } else {
        let (red, plain) = if is_coloured() { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        format!("{red}error:{plain} {failure}\n  {}\n", failure.advice())
    };
    // Nobody is left to tell when standard error itself is closed.
    let _ = io::stderr().write_all(text.as_bytes());
    failure.code()
}

/// See <https://no-color.org>: any value but the empty one turns colours off.
fn is_coloured() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && io::stderr().is_terminal()
}
