//! What clerks, coordinators and auditors do at a terminal.
//!
//! A command takes its arguments and gives an [`answer::Answer`] or a [`failure::Failure`]; only this file writes to the terminal.
//! Results go to standard output, everything else to standard error.

pub mod act;
pub mod answer;
pub mod author;
pub mod chain;
pub mod charter_file;
pub mod charters;
pub mod client;
pub mod command;
pub mod copies;
pub mod desk;
pub mod erased;
pub mod failure;
pub mod form;
pub mod home;
pub mod keystore;
pub mod language;
pub mod named;
pub mod next_roots;
pub mod organisation;
pub mod own;
pub mod paper;
pub mod passphrase;
pub mod past;
pub mod pem;
pub mod progress;
pub mod reading;
pub mod reliance;
pub mod sheet;
pub mod taking;
pub mod utc;

use answer::{Answer, Code};
use clap::Parser as _;
use command::Cli;
use failure::Failure;
use serde_json::Value;
use std::io::{self, Write as _};
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
    let text = if json { format!("{}\n", printable(&answer.json)) } else { answer.text.clone() };
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Code::Failed,
        _ => answer.code,
    }
}

fn complain(failure: &Failure, json: bool) -> Code {
    let text = if json {
        format!("{}\n", printable(&failure.json()))
    } else {
        paper::complaint(&format!("error: {failure}\n  {}", failure.advice()))
    };
    // Nobody is left to tell when standard error itself is closed.
    let _ = io::stderr().write_all(text.as_bytes());
    failure.code()
}

/// JSON escapes the control characters of ASCII; terminals obey those of Latin-1 too.
fn printable(json: &Value) -> String {
    let mut text = String::new();
    for letter in json.to_string().chars() {
        match letter {
            '\u{7f}'..='\u{9f}' => text.push_str(&format!("\\u{:04x}", u32::from(letter))),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_on_a_terminal_has_no_control_characters_and_says_the_same() {
        let json = serde_json::json!({ "a": "\u{9b}31m\u{7f}\u{1b}ț" });
        let text = printable(&json);
        assert!(!text.chars().any(char::is_control));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), json);
    }
}
