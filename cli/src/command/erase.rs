//! `koinon erase`: an organisation takes back the text of a record that it published, everywhere and for good.

use super::HELP;
use crate::answer::Answer;
use crate::author::AuthorArgs;
use crate::client::{Client, NodeArgs};
use crate::desk::{Desk, LogArgs};
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore;
use crate::paper::Paper;
use koinon_protocol::id::RecordId;
use koinon_protocol::trust::erasure::{self, Erasure};
use serde_json::json;

/// The arguments of `koinon erase`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon erase 5c…09 --as riverland --ground \"It named a private person.\"")]
pub struct Erase {
    /// The record whose text goes, 64 digits; one that this organisation signed
    #[arg(value_name = "ID")]
    id: RecordId,
    /// Why, in words that anybody may read: they stay
    #[arg(long, value_name = "TEXT")]
    ground: String,
    /// Only say whether the node would take it; nothing is erased
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    author: AuthorArgs,
    #[command(flatten)]
    log: LogArgs,
    #[command(flatten)]
    node: NodeArgs,
}

impl Erase {
    /// JSON: `{id, subject}` and `position`, or `ok` with `--dry-run`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = Client::new(&self.node);
        let author = self.author.find(home, &node)?;
        let subject = *node.record(self.id)?.signed.header();
        if subject.organisation != author.own.organisation || !erasure::is_erasable(subject.kind) {
            return Err(Failure::NotMade("only its author can erase a record, and none of those that say who may speak".into()));
        }
        let mut desk = Desk::new(home, &node, &author, &self.log);
        let said = Erasure { ground: self.ground, mandate: None };
        let (draft, sealed) = erasure::draft(&desk.place()?, self.id, &said, keystore::random()?);
        Erasure::read(&sealed.bytes).map_err(Failure::Attestation)?;
        let checked = desk.check(draft, sealed)?;
        let mut json = json!({ "id": checked.id, "subject": self.id });
        if self.dry_run {
            json["ok"] = json!(true);
            return Ok(Answer::ok("The node would take the erasure. Nothing was erased.\n", json));
        }
        let (_, receipt) = desk.send(checked, &author.open()?)?;
        json["position"] = json!(receipt.position);
        let mut paper = Paper::new();
        paper.text(0, &format!("Erased {}; other nodes follow as they learn of it.", self.id));
        paper.text(0, &format!("Erasure {}, place {} in the node's journal.", receipt.id, receipt.position));
        Ok(Answer::ok(paper.finish(), json))
    }
}
