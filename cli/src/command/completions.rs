//! `koinon completions`: what a shell needs to complete commands.

use super::{Cli, HELP};
use crate::answer::Answer;
use clap::CommandFactory as _;
use clap_complete::Shell;
use serde_json::json;

/// The arguments of `koinon completions`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon completions bash > ~/.local/share/bash-completion/completions/koinon
  koinon completions fish > ~/.config/fish/completions/koinon.fish")]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// The script. JSON: `{shell, script}`.
    pub fn run(self) -> Answer {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "koinon", &mut script);
        let script = String::from_utf8_lossy(&script).into_owned();
        Answer::ok(script.clone(), json!({ "shell": self.shell.to_string(), "script": script }))
    }
}
