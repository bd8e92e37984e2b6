//! `koinon get`: a record comes from a node, and is stored only when it is what its author signed.

use super::HELP;
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::home::write_new;
use koinon_protocol::id::RecordId;
use serde_json::json;
use std::path::PathBuf;

/// The arguments of `koinon get`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon get 3f…e1 practice.record   (all 64 digits of the id)
  koinon get --node https://koinon.example.org 3f…e1 practice.record")]
pub struct Get {
    /// The id of the record, 64 digits
    id: RecordId,
    /// A new file, which only you can read
    file: PathBuf,
    #[command(flatten)]
    node: NodeArgs,
}

impl Get {
    /// JSON: `{id, file, body}`, where `body` is `ok`, or `absent` for an erased one.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let record = Client::new(&self.node).record(self.id)?;
        let bad = |error| Failure::BadAnswer(format!("{error}"));
        let verified = record.signed.verify(record.claimed_network()).map_err(bad)?;
        let body = record.check_body(&verified).transpose().map_err(bad)?.map_or("absent", |()| "ok");
        write_new(&self.file, &record.encode())?;
        let note = if body == "ok" { "signature and content checked" } else { "signature checked; the node has no body" };
        let text = format!("{} written to {}: {note}.\n", self.id, self.file.display());
        Ok(Answer::ok(text, json!({ "id": self.id, "file": self.file, "body": body })))
    }
}
