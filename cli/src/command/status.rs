//! `koinon status`: whether a node runs, what it has, and whom it knows.

use super::HELP;
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::paper::Paper;
use serde_json::Value;

/// The arguments of `koinon status`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon status
  koinon status --node https://koinon.example.org --json")]
pub struct Status {
    #[command(flatten)]
    node: NodeArgs,
}

impl Status {
    /// JSON: the API's object, `{version, network, name, records, root, indexed, split_views, peers, failure}`.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let node = Client::new(&self.node);
        let status = node.object("status", &[])?;
        let text = |name: &str| status[name].as_str().map_or_else(|| status[name].to_string(), str::to_owned);
        let peers = status["peers"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut paper = Paper::new();
        match status["failure"].as_str() {
            Some(failure) => paper.bad(&format!("{} runs, and takes no records: {failure}", text("name"))),
            None => paper.good(&format!("{} runs.", text("name"))),
        };
        for split in status["split_views"].as_array().into_iter().flatten() {
            say_split_view(split, &mut paper);
        }
        paper.gap();
        paper.field("address", node.address());
        for (label, name) in
            [("version", "version"), ("network", "network"), ("records", "records"), ("indexed", "indexed"), ("root", "root")]
        {
            paper.field(label, &text(name));
        }
        paper.field("peers", &peers.len().to_string());
        for peer in peers {
            let round_trip = peer["round_trip_ms"].as_u64().map(|ms| format!(", {ms} ms")).unwrap_or_default();
            let way = if peer["dialled"].as_bool() == Some(true) { "to" } else { "from" };
            let address = peer["address"].as_str().unwrap_or_default();
            paper.text(4, &format!("{way} {address}{round_trip}"));
        }
        Ok(Answer::ok(paper.finish(), status))
    }
}

/// That a log showed two trees, with where the proof is.
fn say_split_view(split: &Value, paper: &mut Paper) {
    let log = split["log"].as_str().unwrap_or_default();
    if split["own"].as_bool() == Some(true) {
        paper.bad(&format!("The node's own log contradicts itself: {log}"));
    } else {
        paper.bad(&format!("A log showed two different journals: {log}"));
    }
    for case in split["cases"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        paper.text(4, &format!("the proof: /evidence/{case}"));
    }
}
