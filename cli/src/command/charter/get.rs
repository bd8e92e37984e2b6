//! `koinon charter get`: the record on which a network stands.

use super::{HELP, object};
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::home::write_new;
use crate::language::{LanguageArgs, pick};
use crate::paper::Paper;
use serde_json::json;
use std::path::PathBuf;

/// The arguments of `koinon charter get`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon charter get charter.record
  koinon charter get --node https://koinon.example.org charter.record")]
pub struct Get {
    /// A new file, which only you can read
    file: PathBuf,
    #[command(flatten)]
    node: NodeArgs,
}

impl Get {
    /// JSON: as of `koinon charter show`, and `file`.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let charter = Client::new(&self.node).charter()?;
        write_new(&self.file, &charter.record().encode())?;
        let mut json = object(charter.network(), charter.charter());
        json["file"] = json!(self.file);
        let mut paper = Paper::new();
        let name = pick(&charter.charter().name, &LanguageArgs::default().wanted()).to_owned();
        paper.text(0, &format!("Charter of {name}, network {}", charter.network()));
        paper.text(0, &format!("Signature and terms checked; written to {}.", self.file.display()));
        paper.text(0, "Compare the network's 64 digits with what its founders publish: they are the one thing to be sure of.");
        Ok(Answer::ok(paper.finish(), json))
    }
}
