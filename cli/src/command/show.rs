//! `koinon show`: a record as people read it, who signed it, and by what right they speak.

use super::HELP;
use super::bundle::code;
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::erased::Erased;
use crate::failure::Failure;
use crate::language::{LanguageArgs, pick};
use crate::paper::Paper;
use crate::reading;
use crate::reliance::RelianceArgs;
use crate::utc::rfc3339;
use koinon_protocol::bundle::{self, Content, Erasure, Report, Statement, Time};
use koinon_protocol::id::RecordId;
use koinon_protocol::kind::Kind;
use serde_json::json;

/// The arguments of `koinon show`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, visible_alias = "explain", before_help = "Examples:
  koinon show 3f…e1                       (all 64 digits of a record's id)
  koinon show --language ro 3f…e1
  koinon explain --proof-only 3f…e1", after_help = "The node sends the proof with the record, and all of it is checked on this computer: the \
signature, the content, the key, and everybody who vouches for its owner. Without --network or --charter it is checked against the node's own \
charter.")]
pub struct Show {
    /// The id of the record, 64 digits
    id: RecordId,
    /// Leave out the content: only who signed, and by what right
    #[arg(long)]
    proof_only: bool,
    #[command(flatten)]
    reliance: RelianceArgs,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    language: LanguageArgs,
}

impl Show {
    /// JSON: `{network, verified}` and what is proven of the record: `{id, failures, author, device, device_label, device_ended, kind,
    /// kind_name, claimed_at, seq, subject, amended, vouched, content, witnessed, included}`; `erased` says by what its text was erased, or
    /// is null.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let wanted = self.language.wanted();
        let node = Client::new(&self.node).with_languages(&wanted);
        let reliance = self.reliance.or_of(&node)?;
        let bad = |error: bundle::BundleError| Failure::BadAnswer(error.to_string());
        let report = bundle::check(&node.bundle(self.id)?, &reliance).map_err(bad)?;
        let Some(found) = report.records.iter().find(|record| record.id == self.id) else {
            return Err(Failure::BadAnswer("the proof is about another record".into()));
        };
        let absent = found.content == Content::Absent;
        let erased = if absent { Erased::find(&node, &reliance, report.network, found)? } else { None };
        let mut paper = Paper::new();
        if !self.proof_only {
            match &erased {
                Some(erased) => {
                    erased.write(&mut paper, &wanted);
                    paper.gap();
                }
                None => content(&mut paper, found, &wanted),
            }
        }
        proof(&mut paper, &report, found, &wanted);
        let mut json = json!(found);
        json["network"] = json!(report.network);
        json["verified"] = json!(report.verified);
        json["erased"] = erased.map_or(serde_json::Value::Null, |erased| erased.json());
        Ok(Answer { text: paper.finish(), json, code: code(&report, &self.reliance) })
    }
}

fn content(paper: &mut Paper, found: &Statement, wanted: &[String]) {
    let kind = Kind::by_number(found.kind);
    match &found.content {
        Content::Intact { title, body, problems } => {
            let body = body.as_ref().and_then(serde_json::Value::as_object).cloned().unwrap_or_default();
            let title = pick(title, wanted);
            paper
                .title(if title.is_empty() {
                    found.kind_name.unwrap_or("a record of a kind that is not known here")
                } else {
                    title
                })
                .gap();
            reading::write(paper, kind, &body, wanted);
            if !problems.is_empty() {
                paper.gap().bad("This is not in the form of its kind; read it with care.");
                paper.texts(2, problems);
            }
        }
        Content::Absent => {
            let erased = found.erased.as_ref().map(Erasure::sentence);
            paper.text(0, &erased.unwrap_or_else(|| "The content is not here: it has not arrived, or was lost.".to_owned()));
        }
        Content::Unknown => {
            paper.bad("Nothing is shown: what is below does not hold.");
        }
    }
    paper.gap();
}

fn proof(paper: &mut Paper, report: &Report, found: &Statement, wanted: &[String]) {
    let sentences = found.sentences(&report.witnesses);
    let (headline, rest) = sentences.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    match (&found.author, report.verified) {
        (Some(author), true) => {
            let name = pick(&author.name, wanted);
            paper.good(&format!("Proven: {} says this, and may.", if name.is_empty() { "the organisation below" } else { name }))
        }
        _ => paper.bad(&format!("Not proven. {headline}")),
    };
    paper.texts(2, rest);
    paper.gap();
    paper.field("record", &found.id.to_string());
    if let Some(author) = &found.author {
        paper.field("organisation", &author.id.to_string());
        paper.field("key", &format!("{} {}", found.device, found.device_label));
        paper.field("place in log", &found.seq.to_string());
        paper.field("claimed time", &rfc3339(found.claimed_at));
        paper.field("proven time", &proven(found));
        if !found.subject.is_zero() {
            paper.field("about", &found.subject.to_string());
        }
    }
    paper.field("network", &report.network.to_string());
}

fn proven(found: &Statement) -> String {
    match &found.witnessed {
        Some(Time::Proven { at, by, .. }) => {
            format!("{}, by {} witness{}", rfc3339(*at), by.len(), if by.len() == 1 { "" } else { "es" })
        }
        _ => "not proven".to_owned(),
    }
}
