//! `koinon charter`: how a network begins, and on what terms.

mod create;
mod get;
mod propose;
mod show;

use super::HELP;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::home::Home;
use crate::language::pick;
use crate::paper::Paper;
use koinon_protocol::id::NetworkId;
use koinon_protocol::kind::Kind;
use koinon_protocol::trust::charter;
use serde_json::{Value, json};

/// What to do with a charter.
#[derive(clap::Subcommand, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon charter show --history
  koinon charter propose --help
  koinon charter create --help", disable_help_subcommand = true)]
pub enum Charter {
    /// Found a network: make and sign its charter
    Create(create::Create),
    /// Show who founded a network, and on what terms
    Show(show::Show),
    /// Propose to change the charter: a paper for the founders to sign
    Propose(Box<propose::Propose>),
    /// Fetch a node's charter, check it and store it as a file
    Get(get::Get),
}

impl Charter {
    /// Does it.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self, home: &Home) -> Result<Answer, Failure> {
        match self {
            Self::Create(create) => create.run(home),
            Self::Propose(propose) => propose.run(home),
            Self::Show(show) => show.run(),
            Self::Get(get) => get.run(),
        }
    }
}

/// `{network, name, purpose, founders, thresholds, admission, licence, witnesses, depth, kinds}`, as the charter's body has it.
fn object(network: NetworkId, charter: &charter::Charter) -> Value {
    let mut object = serde_json::to_value(charter).unwrap_or_default();
    object["network"] = json!(network);
    object
}

fn write(paper: &mut Paper, network: NetworkId, charter: &charter::Charter, wanted: &[String]) {
    paper.title(pick(&charter.name, wanted)).gap();
    paper.field("network", &network.to_string());
    for (label, texts) in [("purpose", &charter.purpose), ("admission", &charter.admission), ("witnesses", &charter.witnesses)] {
        if !texts.is_empty() {
            paper.field(label, pick(texts, wanted));
        }
    }
    paper.field("licence", &charter.licence);
    paper.field("depth", &format!("{} attestations at most between a founder and an organisation", charter.depth));
    let amendment = format!("{} of {} founders must sign an amendment", charter.thresholds.amendment, charter.founders.len());
    paper.field("amendment", &amendment);
    let kinds = charter.kinds.iter().map(|number| Kind::by_number(*number).map_or(number.to_string(), |kind| kind.name.into()));
    paper.field("kinds", &kinds.collect::<Vec<_>>().join(", "));
    paper.gap().title("Founders");
    for founder in &charter.founders {
        paper.text(2, &format!("{} ({})", pick(&founder.name, wanted), founder.country));
        paper.text(4, &format!("key {}", founder.key));
    }
}
