//! `koinon log`: what an organisation published, the newest first.

use super::HELP;
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::home::Home;
use crate::language::{LanguageArgs, pick_json};
use crate::named::OrganisationArg;
use crate::paper::Paper;
use crate::utc::rfc3339;
use koinon_protocol::time::Millis;
use serde_json::Value;

/// The arguments of `koinon log`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon log council-office               (the organisation for which this key of yours speaks)
  koinon log 3f…e1 --kind practice        (all 64 digits of an organisation's id)")]
pub struct Log {
    /// The organisation: 64 digits, or the name of a key of yours that speaks for it
    #[arg(value_name = "ORGANISATION")]
    organisation: OrganisationArg,
    /// Only records of this kind
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// The most records to show, 1 to 100
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = wanted_count)]
    limit: u64,
    /// Only records before this place in the node's journal: for the next page
    #[arg(long, value_name = "PLACE")]
    before: Option<u64>,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    language: LanguageArgs,
}

impl Log {
    /// JSON: the API's object, `{records: […], next}`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let wanted = self.language.wanted();
        let node = Client::new(&self.node).with_languages(&wanted);
        let mut query = vec![("organisation", self.organisation.find(home)?.to_string()), ("limit", self.limit.to_string())];
        query.extend(self.kind.map(|kind| ("kind", kind)));
        query.extend(self.before.map(|before| ("before", before.to_string())));
        let page = node.object("records", &query)?;
        let records = page["records"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut paper = Paper::new();
        for record in records {
            line(&mut paper, record, &wanted);
        }
        match page["next"].as_u64() {
            Some(next) => paper.text(0, &format!("Older ones: --before {next}")),
            None if records.is_empty() => paper.text(0, "No records of this organisation are shown by the node."),
            None => &mut paper,
        };
        Ok(Answer::ok(paper.finish(), page))
    }
}

/// One record of a list: what it is called, and below it who wrote it, when, and its id.
pub(super) fn line(paper: &mut Paper, record: &Value, wanted: &[String]) {
    let kind = ["kind_name", "kind"]
        .iter()
        .find_map(|name| record[*name].as_str())
        .map_or_else(|| format!("kind {}", record["kind"]), str::to_owned);
    let title = pick_json(&record["title"], wanted);
    paper.title(if title.is_empty() { &kind } else { &title });
    let when = record["claimed_at"].as_u64().map(|at| rfc3339(Millis(at))).unwrap_or_default();
    let day = when.split('T').next().unwrap_or_default();
    paper.text(2, &format!("{kind} · {} · {day}", pick_json(&record["organisation_name"], wanted)));
    paper.text(2, record["id"].as_str().unwrap_or_default()).gap();
}

/// How many records the API gives at once.
pub(super) fn wanted_count(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|count| (1..=100).contains(count)).ok_or_else(|| "give a number from 1 to 100".into())
}
