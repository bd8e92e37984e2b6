//! `koinon org expiring`: attestations that end soon, those for an organisation and those that it gave.

use super::HELP;
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::home::Home;
use crate::language::{LanguageArgs, pick_json};
use crate::named::{OrganisationArg, only_own};
use crate::paper::Paper;
use crate::utc::{day_or_moment, now};
use koinon_protocol::time::Millis;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DAY: u64 = 24 * 60 * 60 * 1000;
/// A council meets once a quarter.
const WITHIN: u64 = 90;
/// A century.
const MOST: u64 = 36_525;

/// The arguments of `koinon org expiring`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org expiring                      (of the only organisation of this computer)
  koinon org expiring riverland --within 180", after_help = "To renew an attestation, vouch again: koinon vouch. One that is followed by a later one of the same \
voucher is not listed.")]
pub struct Expiring {
    /// The organisation: 64 digits, or the name of a key that speaks for it [default: the only one of this computer]
    #[arg(value_name = "ORGANISATION")]
    organisation: Option<OrganisationArg>,
    /// In how many days from now, at most
    #[arg(long, value_name = "DAYS", default_value_t = WITHIN, value_parser = clap::value_parser!(u64).range(..=MOST))]
    within: u64,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    language: LanguageArgs,
}

/// An attestation that ends.
struct Ends {
    organisation: String,
    name: String,
    record: String,
    until: Millis,
}

impl Expiring {
    /// JSON: `{organisation, within, received, given}`, each of the two `[{organisation, name, record, until}]`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let id = match &self.organisation {
            Some(named) => named.find(home)?,
            None => only_own(home)?,
        };
        let wanted = self.language.wanted();
        let node = Client::new(&self.node).with_languages(&wanted);
        let object = node.object(&format!("organisations/{id}"), &[])?;
        let (received, given) = (self.ending(&object["vouched_by"], &wanted), self.ending(&object["vouches_for"], &wanted));
        let mut paper = Paper::new();
        if received.is_empty() && given.is_empty() {
            paper.text(0, &format!("No attestation for it or by it ends within {} days.", self.within));
        }
        write(&mut paper, "Vouches for it", &received, |_| None);
        write(&mut paper, "It vouches for", &given, |each| Some(format!("koinon vouch {} --until …", each.organisation)));
        let list = |all: &[Ends]| all.iter().map(Ends::json).collect::<Vec<_>>();
        let json = json!({ "organisation": id, "within": self.within, "received": list(&received), "given": list(&given) });
        Ok(Answer::ok(paper.finish(), json))
    }

    /// Of each organisation the attestation that holds longest, if that ends in time.
    fn ending(&self, held: &Value, wanted: &[String]) -> Vec<Ends> {
        let mut longest: BTreeMap<String, Ends> = BTreeMap::new();
        for each in held.as_array().into_iter().flatten() {
            let text = |name: &str| each[name].as_str().unwrap_or_default().to_owned();
            let until = Millis(each["until"].as_u64().unwrap_or_default());
            let ends = Ends {
                organisation: text("organisation"),
                name: pick_json(&each["name"], wanted),
                record: text("record"),
                until,
            };
            match longest.get(&ends.organisation) {
                Some(other) if other.until >= until => {}
                _ => drop(longest.insert(ends.organisation.clone(), ends)),
            }
        }
        let (now, last) = (now(), now().plus(self.within * DAY));
        let mut soon: Vec<_> = longest.into_values().filter(|each| now < each.until && each.until <= last).collect();
        soon.sort_by_key(|each| each.until);
        soon
    }
}

fn write(paper: &mut Paper, title: &str, all: &[Ends], command: impl Fn(&Ends) -> Option<String>) {
    if all.is_empty() {
        return;
    }
    paper.title(title);
    for each in all {
        paper.text(2, &format!("until {}: {} ({})", day_or_moment(each.until), each.name, each.organisation));
        command(each).map(|command| paper.command(&command));
    }
    paper.gap();
}

impl Ends {
    fn json(&self) -> Value {
        json!({ "organisation": self.organisation, "name": self.name, "record": self.record, "until": self.until })
    }
}
