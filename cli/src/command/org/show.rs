//! `koinon org show`: who an organisation is, and by what right it speaks.

use super::HELP;
use crate::answer::{Answer, Code};
use crate::chain::Chain;
use crate::charters::Charters;
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
        let chain = Chain::follow(&node, &Charters::fetch(&node)?, &object, &wanted)?;
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
    closed(paper, &object["closed"], wanted);
    devices(paper, object);
    roots(paper, object, wanted);
    vouches(paper, object, wanted);
    acts(paper, object);
}

fn closed(paper: &mut Paper, closed: &Value, wanted: &[String]) {
    if closed.is_null() {
        return;
    }
    paper.gap().bad("It is closed: it publishes nothing more.");
    for each in array(&closed["successors"]) {
        let agreed = if each["agreed"].as_bool() == Some(true) { "which agreed" } else { "which has not agreed yet" };
        paper.text(2, &format!("Succeeded by {} ({}), {agreed}.", pick_json(&each["name"], wanted), text(each, "organisation")));
    }
    if closed["association"].is_null() && !array(&closed["successors"]).is_empty() {
        paper.text(2, "No association that is neither side has agreed yet.");
    }
    paper.text(2, &format!("Record {}", text(closed, "record")));
}

fn devices(paper: &mut Paper, object: &Value) {
    paper.gap().title("Keys that sign for it");
    for device in array(&object["devices"]) {
        let key = device["key"].as_str().or(device.as_str()).unwrap_or_default();
        paper.text(2, &format!("{key} {}", text(device, "label")));
        if let Some(seq) = device["ended"]["seq"].as_u64() {
            paper.text(4, &format!("revoked; its log ends at place {seq}"));
        }
    }
}

fn roots(paper: &mut Paper, object: &Value, wanted: &[String]) {
    let keys = array(&object["roots"]["keys"]);
    if keys.is_empty() {
        paper.gap().bad("Two rotations contradict each other: it has no roots until its guardians recover it.");
    } else {
        paper.gap().title(&format!("Roots, of which {} of {} must sign", object["roots"]["threshold"], keys.len()));
    }
    for key in keys {
        paper.text(2, key.as_str().unwrap_or_default());
    }
    let guardians = array(&object["guardians"]["members"]);
    if !guardians.is_empty() {
        paper.gap().title(&format!("Guardians, of whom {} of {} must sign", object["guardians"]["threshold"], guardians.len()));
    }
    for each in guardians {
        paper.text(2, &format!("{} ({})", pick_json(&each["name"], wanted), text(each, "organisation")));
    }
}

fn vouches(paper: &mut Paper, object: &Value, wanted: &[String]) {
    let vouched = array(&object["vouches_for"]);
    if !vouched.is_empty() {
        paper.gap().title("Vouches for");
    }
    for each in vouched {
        let until = each["until"].as_u64().map(|until| format!(", until {}", day_or_moment(Millis(until)))).unwrap_or_default();
        let suspended = if each["suspended"].is_string() { "; suspended now" } else { "" };
        paper.text(2, &format!("{}{until}{suspended}", pick_json(&each["name"], wanted)));
    }
}

/// What its roots and guardians decided: other decisions name these.
fn acts(paper: &mut Paper, object: &Value) {
    let mut acts: Vec<_> = array(&object["acts"]).iter().collect();
    acts.sort_by_key(|act| act["claimed_at"].as_u64());
    if !acts.is_empty() {
        paper.gap().title("Decisions");
    }
    for act in acts {
        let day = act["claimed_at"].as_u64().map(|at| day_or_moment(Millis(at))).unwrap_or_default();
        paper.text(2, &format!("{} of {}", text(act, "kind_name"), day.split('T').next().unwrap_or_default()));
        paper.text(4, &format!("record {}", text(act, "record")));
        paper.text(4, &format!("name   {}", text(act, "name")));
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or_default()
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
