//! What a command gives: the same result for a person and for a program.

use serde_json::Value;

/// The exit codes of `koinon`, the same for every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Code {
    /// Done.
    Ok = 0,
    /// Not done, for a reason that has no code of its own.
    Failed = 1,
    /// The command line is wrong; clap uses the same number.
    Usage = 2,
    /// The bytes were read and are not what they should be.
    NotVerified = 3,
    /// The thing that was named does not exist.
    NotFound = 4,
    /// No node answers at the address.
    NotRunning = 5,
    /// The passphrase or the right is missing.
    NotAuthorised = 6,
}

/// A result for standard output.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// For people: whole lines.
    pub text: String,
    /// For programs, under `--json`: one object, whose fields are only ever added to.
    pub json: Value,
    /// [`Code::Ok`], or [`Code::NotVerified`] when the result is that a check did not pass.
    pub code: Code,
}

impl Answer {
    /// A result of a command that did what was asked.
    pub fn ok(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, code: Code::Ok }
    }
}
