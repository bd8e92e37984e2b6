//! `koinon`: the program that people and auditors run.

use std::process::ExitCode;

fn main() -> ExitCode {
    koinon_cli::main()
}
