//! `koinon kinds`: which kinds of records there are.

use super::HELP;
use crate::answer::Answer;
use crate::paper::Paper;
use koinon_protocol::kind::KINDS;
use serde_json::{Value, json};

/// The arguments of `koinon kinds`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:\n  koinon kinds\n  koinon new practice")]
pub struct Kinds {}

impl Kinds {
    /// JSON: `{kinds: [{number, name, summary}]}`.
    pub(super) fn run(self) -> Answer {
        let mut paper = Paper::new();
        for kind in KINDS {
            paper.field(kind.name, kind.summary);
        }
        paper.gap().text(0, "Write one: koinon new KIND");
        let kinds: Vec<Value> =
            KINDS.iter().map(|kind| json!({ "number": kind.number, "name": kind.name, "summary": kind.summary })).collect();
        Answer::ok(paper.finish(), json!({ "kinds": kinds }))
    }
}
