//! `koinon bundle`: a record with everything that proves it, for whoever has no node.

use super::HELP;
use crate::answer::{Answer, Code};
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::home::write_new;
use crate::paper::Paper;
use crate::reliance::RelianceArgs;
use koinon_protocol::bundle::{self, Report};
use koinon_protocol::id::RecordId;
use serde_json::json;
use std::path::PathBuf;

/// The arguments of `koinon bundle`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon bundle 3f…e1 --output practice.bundle   (all 64 digits of a record's id)
  koinon verify practice.bundle                  (needs no node and no network)",
    after_help = "Without --network or --charter the proof is checked against the node's own charter: compare its 64 digits with \
what the founders publish.")]
pub struct Bundle {
    /// The id of the record, 64 digits
    id: RecordId,
    /// A new file, which only you can read
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    reliance: RelianceArgs,
    #[command(flatten)]
    node: NodeArgs,
}

impl Bundle {
    /// JSON: `{id, file, bytes, report}`, with the report as of `koinon verify`.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let node = Client::new(&self.node);
        let reliance = self.reliance.or_of(&node)?;
        let bytes = node.bundle(self.id)?;
        let report = bundle::check(&bytes, &reliance).map_err(|error| Failure::BadAnswer(error.to_string()))?;
        if !report.records.iter().any(|record| record.id == self.id) {
            return Err(Failure::BadAnswer("the bundle is about another record".into()));
        }
        write_new(&self.output, &bytes)?;
        let mut paper = Paper::new();
        write(&mut paper, &report, &self.reliance);
        let file = self.output.display();
        paper.gap().text(0, &format!("{} bytes written. Check them anywhere:", bytes.len()));
        paper.command(&format!("koinon verify {file}"));
        let json = json!({ "id": self.id, "file": self.output, "bytes": bytes.len(), "report": report });
        Ok(Answer { text: paper.finish(), json, code: code(&report, &self.reliance) })
    }
}

/// The verdict, and then sentence by sentence what is proven.
pub(super) fn write(paper: &mut Paper, report: &Report, reliance: &RelianceArgs) {
    let sentences = report.sentences();
    let (verdict, rest) = sentences.split_first().map_or(("", &[][..]), |(verdict, rest)| (verdict.as_str(), rest));
    if !report.verified {
        paper.bad(&format!("NOT VERIFIED: {verdict}"));
    } else if !reliance.is_met_by(report) {
        paper.bad("NOT VERIFIED: Everything that this file claims holds, but the time is not proven by the witnesses that you asked for.");
    } else {
        paper.good(&format!("VERIFIED: {verdict}"));
    }
    paper.texts(2, rest);
}

pub(super) fn code(report: &Report, reliance: &RelianceArgs) -> Code {
    if report.verified && reliance.is_met_by(report) { Code::Ok } else { Code::NotVerified }
}
