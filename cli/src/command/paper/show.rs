//! `koinon paper show`: what a paper decides, and who signed it.

use super::{HELP, read, tell};
use crate::act::names::Names;
use crate::act::proposal;
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::language::LanguageArgs;
use crate::paper::Paper;
use serde_json::json;
use std::path::PathBuf;

/// The arguments of `koinon paper show`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon paper show amendment.json
  koinon paper show from-riverland.json from-valea.json    (two copies that were signed apart)")]
pub struct Show {
    /// The paper; or copies of it that were signed apart
    #[arg(value_name = "PAPER", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    language: LanguageArgs,
}

impl Show {
    /// JSON: `{name, kind, title, network, organisation, carrier, threshold, signed, enough, may_sign, resolution, date, attachment, decision,
    /// says}`.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let act = read(&self.files)?;
        let (node, wanted) = (Client::new(&self.node), self.language.wanted());
        let names = Names::new(&node, &wanted);
        let says = tell(&act, &node, &names)?;
        let mut paper = Paper::new();
        proposal::show(&mut paper, &act, &says, &names);
        if act.is_enough() {
            paper.gap().text(0, "Enough have signed. Where it was proposed, it can be sent:");
            paper.command(&format!("koinon paper send {}", self.files[0].display()));
        }
        let mut json = act.json();
        json["says"] = json!(says);
        Ok(Answer::ok(paper.finish(), json))
    }
}
