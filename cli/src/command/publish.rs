//! `koinon publish`: a record file goes to a node.

use super::HELP;
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::home::read_bounded;
use crate::record_file::{self, RecordFile};
use koinon_protocol::record::RecordError;
use serde_json::json;
use std::path::PathBuf;

/// The arguments of `koinon publish`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon publish practice.record
  koinon publish --node https://koinon.example.org practice.record")]
pub struct Publish {
    /// The signed record, checked here before anything is sent
    file: PathBuf,
    #[command(flatten)]
    node: NodeArgs,
}

impl Publish {
    /// JSON: `{id, position}`, the place in the node's journal.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let bytes = read_bounded(&self.file, record_file::MOST)?;
        let record = RecordFile::decode(&bytes).map_err(|reason| Failure::NotARecord { path: self.file.clone(), reason })?;
        record.verify_whole().map_err(|reason| Failure::NotVerified { path: self.file.clone(), reason })?;
        let receipt = Client::new(&self.node).publish(&record)?;
        let text = format!("Published {}\nPlace {} in the node's journal.\n", receipt.id, receipt.position);
        Ok(Answer::ok(text, json!({ "id": receipt.id, "position": receipt.position })))
    }
}

impl RecordFile {
    /// Checks the signature and that the body is there and the signed one.
    fn verify_whole(&self) -> Result<(), RecordError> {
        let verified = self.signed.verify(self.claimed_network())?;
        self.check_body(&verified).unwrap_or(Err(RecordError::Commitment))
    }
}
