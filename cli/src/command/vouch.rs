//! `koinon vouch`: one organisation vouches for another, on a decision of its council or board.

use super::HELP;
use crate::act::proposal::MandateArgs;
use crate::answer::Answer;
use crate::desk::WriterArgs;
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore;
use crate::paper::Paper;
use crate::utc::{day, day_or_moment, now};
use koinon_protocol::id::OrganisationId;
use koinon_protocol::limit;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::attestation::{self, Attestation, PUBLISH, VOUCH};
use serde_json::json;

/// The arguments of `koinon vouch`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon vouch 3f…e1 --as riverland --until 2029-01-01 \\
    --evidence \"Seal and mayor's letter seen\" --resolution 12/2026 --date 2026-03-02
  koinon vouch 3f…e1 --as riverland --scope publish,vouch --depth 1 --until 2029-01-01 \\
    --evidence \"Statute seen\" --resolution 13/2026 --date 2026-03-02   (it may vouch for others)")]
pub struct Vouch {
    /// The organisation to vouch for, 64 digits
    #[arg(value_name = "ORGANISATION")]
    organisation: OrganisationId,
    /// What it may do
    #[arg(long, value_name = "SCOPE", value_delimiter = ',', default_value = PUBLISH, value_parser = [PUBLISH, VOUCH])]
    scope: Vec<String>,
    /// How many levels may follow below it, 0 to 3; with 0 it vouches for nobody
    #[arg(long, value_name = "LEVELS", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..i64::from(limit::VOUCH_DEPTH)))]
    depth: u8,
    /// The first day on which it counts, YYYY-MM-DD in UTC [default: from now on]
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<Millis>,
    /// The first day on which it no longer counts, YYYY-MM-DD in UTC
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Millis,
    /// What was checked, in words that anybody may read
    #[arg(long, value_name = "TEXT")]
    evidence: String,
    #[command(flatten)]
    mandate: MandateArgs,
    /// Only say whether the node would take it; nothing is signed or published
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    writer: WriterArgs,
}

impl Vouch {
    /// JSON: `{id, organisation, scope, depth, from, until}` and `position`, or `ok` with `--dry-run`; moments in milliseconds.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = self.writer.node();
        let author = self.writer.author(home, &node)?;
        let mut desk = self.writer.desk(home, &node, &author);
        let place = desk.place()?;
        let said = self.attestation()?;
        let (draft, sealed) = attestation::draft(&place, self.organisation, &said, keystore::random()?);
        Attestation::read(&sealed.bytes).map_err(Failure::Attestation)?;
        let checked = desk.check(draft, sealed)?;
        let mut json = json!({
            "id": checked.id, "organisation": self.organisation, "scope": said.scope, "depth": said.depth,
            "from": said.from, "until": said.until,
        });
        if self.dry_run {
            json["ok"] = json!(true);
            return Ok(Answer::ok("The node would take the attestation. Nothing was published.\n", json));
        }
        let (_, receipt) = desk.send(checked, &author.open()?)?;
        json["position"] = json!(receipt.position);
        let mut paper = Paper::new();
        let until = day_or_moment(said.until);
        paper.text(0, &format!("Vouched for {} until {until}.", self.organisation));
        paper.text(0, &format!("Attestation {}, place {} in the node's journal.", receipt.id, receipt.position));
        Ok(Answer::ok(paper.finish(), json))
    }

    fn attestation(&self) -> Result<Attestation, Failure> {
        Ok(Attestation {
            scope: self.scope.clone(),
            depth: self.depth,
            from: self.from.unwrap_or_else(now),
            until: self.until,
            evidence: self.evidence.clone(),
            mandate: self.mandate.mandate()?,
        })
    }
}
