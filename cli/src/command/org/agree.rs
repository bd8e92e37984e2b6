//! `koinon org agree`: a successor, or an association that is neither side, agrees to a closing.

use super::HELP;
use crate::act::proposal::MandateArgs;
use crate::answer::Answer;
use crate::desk::WriterArgs;
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore;
use crate::paper::Paper;
use koinon_protocol::id::RecordId;
use koinon_protocol::trust::closing;
use koinon_protocol::trust::succession::{self, Succession};
use serde_json::json;

/// The arguments of `koinon org agree`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org agree 5c…09 --as gorna-wies --ground \"We succeed Dolna Wieś\" \\
    --resolution 11/2026 --date 2026-10-12
  koinon org agree 5c…09 --as riverland --ground \"Both councils have decided\" \\
    --resolution 12/2026 --date 2026-10-20    (an association that is neither side)")]
pub struct Agree {
    /// The record of the closing, 64 digits; 'koinon org show' of the closed organisation names it
    #[arg(value_name = "CLOSING")]
    closing: RecordId,
    /// What is agreed to, in words that anybody may read
    #[arg(long, value_name = "TEXT")]
    ground: String,
    #[command(flatten)]
    mandate: MandateArgs,
    /// Only say whether the node would take it; nothing is signed or published
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    writer: WriterArgs,
}

impl Agree {
    /// JSON: `{id, closing, closed}` and `position`, or `ok` with `--dry-run`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = self.writer.node();
        let author = self.writer.author(home, &node)?;
        let closed = *node.record(self.closing)?.signed.header();
        if closed.kind != closing::KIND {
            return Err(Failure::Decision(format!("{} closes no organisation", self.closing)));
        }
        let mut desk = self.writer.desk(home, &node, &author);
        let said = Succession { ground: self.ground, mandate: self.mandate.mandate()? };
        let (draft, sealed) = succession::draft(&desk.place()?, self.closing, &said, keystore::random()?);
        Succession::read(&sealed.bytes).map_err(|error| Failure::Decision(error.to_string()))?;
        let checked = desk.check(draft, sealed)?;
        let mut json = json!({ "id": checked.id, "closing": self.closing, "closed": closed.organisation });
        if self.dry_run {
            json["ok"] = json!(true);
            return Ok(Answer::ok("The node would take it. Nothing was published.\n", json));
        }
        let (_, receipt) = desk.send(checked, &author.open()?)?;
        json["position"] = json!(receipt.position);
        let mut paper = Paper::new();
        paper.text(0, &format!("Agreed to the closing of {}.", closed.organisation));
        paper.text(0, &format!("Record {}, place {} in the node's journal.", receipt.id, receipt.position));
        paper.text(0, "Who has agreed, and who has not:");
        paper.command(&format!("koinon org show {}", closed.organisation));
        Ok(Answer::ok(paper.finish(), json))
    }
}
