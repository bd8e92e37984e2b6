//! `koinon bundle`: a record with everything that proves it, for whoever has no node.

use super::HELP;
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::home::write_new;
use koinon_protocol::id::RecordId;
use serde_json::json;
use std::path::PathBuf;

/// The arguments of `koinon bundle`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon bundle 3f…e1 --output practice.bundle   (all 64 digits of a record's id)
  koinon verify practice.bundle                  (needs no node and no network)")]
pub struct Bundle {
    /// The id of the record, 64 digits
    id: RecordId,
    /// A new file, which only you can read
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    node: NodeArgs,
}

impl Bundle {
    /// JSON: `{id, file, bytes}`.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let bytes = Client::new(&self.node).bundle(self.id)?;
        write_new(&self.output, &bytes)?;
        let file = self.output.display();
        let text = format!("{} bytes written to {file}. Check them anywhere: koinon verify {file}\n", bytes.len());
        Ok(Answer::ok(text, json!({ "id": self.id, "file": self.output, "bytes": bytes.len() })))
    }
}
