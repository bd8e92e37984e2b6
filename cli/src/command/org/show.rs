//! `koinon org show`: who an organisation is, and by what right it speaks.

use super::HELP;
use crate::answer::{Answer, Code};
use crate::chain::Chain;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::home::Home;
use crate::language::{LanguageArgs, pick_json};
use crate::named::OrganisationArg;
use crate::paper::Paper;
use crate::utc::day_or_moment;
use koinon_protocol::time::Millis;
use serde_json::Value;

/// The arguments of `koinon org show`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org show council-office          (the organisation for which this key of yours speaks)
  koinon org show 3f…e1                   (all 64 digits of its id)")]
pub struct Show {
    /// The organisation: 64 digits, or the name of a key of yours that speaks for it
    #[arg(value_name = "ORGANISATION")]
    organisation: OrganisationArg,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    language: LanguageArgs,
}

impl Show {
    /// JSON: the API's object of the organisation, and `chain`: `[{record, organisation, name, from, until, …, problem}]`. The exit code is 3
    /// when the node says that it may speak and the attestations do not show it.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let wanted = self.language.wanted();
        let node = Client::new(&self.node).with_languages(&wanted);
        let id = self.organisation.find(home)?;
        let mut object = node.object(&format!("organisations/{id}"), &[])?;
        let charter = node.charter()?;
        let chain = Chain::follow(&node, &charter, &object, &wanted)?;
        let mut paper = Paper::new();
        write(&mut paper, &object, &chain, &wanted);
        let said = ["publish", "vouch"].iter().any(|right| object["standing"][*right].as_bool() == Some(true));
        let code = if said && !chain.holds() { Code::NotVerified } else { Code::Ok };
        object["chain"] = chain.json();
        Ok(Answer { text: paper.finish(), json: object, code })
    }
}

fn write(paper: &mut Paper, object: &Value, chain: &Chain, wanted: &[String]) {
    paper.title(&pick_json(&object["name"], wanted)).gap();
    paper.field("organisation", object["id"].as_str().unwrap_or_default());
    paper.field("country", object["country"].as_str().unwrap_or_default());
    if let Some(since) = object["since"].as_u64() {
        paper.field("here since", &day_or_moment(Millis(since)));
    }
    paper.gap();
    standing(paper, &object["standing"], chain);
    paper.gap().title("Keys");
    for device in object["devices"].as_array().into_iter().flatten() {
        let key = device["key"].as_str().or(device.as_str()).unwrap_or_default();
        paper.text(2, &format!("{key} {}", device["label"].as_str().unwrap_or_default()));
    }
    let vouched: Vec<_> =
        object["vouches_for"].as_array().into_iter().flatten().map(|each| pick_json(&each["name"], wanted)).collect();
    if !vouched.is_empty() {
        paper.gap().title("Vouches for").text(2, &vouched.join("\n"));
    }
}

fn standing(paper: &mut Paper, standing: &Value, chain: &Chain) {
    let may = |right: &str| standing[right].as_bool() == Some(true);
    let rights: Vec<_> = [("publish", "publish"), ("vouch", "vouch for others")]
        .iter()
        .filter(|(name, _)| may(name))
        .map(|(_, say)| *say)
        .collect();
    let until = chain.until().map(|until| format!(", until {}", day_or_moment(until))).unwrap_or_default();
    match (rights.is_empty(), chain.holds()) {
        (false, true) => paper.good(&format!("It may {}{until}.", rights.join(" and "))),
        (false, false) => paper.bad("The node says that it may speak, and the proof does not hold. Ask another node."),
        (true, _) => {
            paper.bad(&format!("It may not publish: {}.", standing["reason"].as_str().unwrap_or("the node gives no reason")))
        }
    };
    chain.write(paper);
}
