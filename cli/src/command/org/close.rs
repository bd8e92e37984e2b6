//! `koinon org close`: an organisation ends, alone or into others.

use super::HELP;
use crate::act::decision::Decision;
use crate::act::proposal::{self, DeciderArgs, Proposal, ProposeArgs};
use crate::answer::Answer;
use crate::client::Client;
use crate::failure::Failure;
use crate::home::Home;
use crate::named::OrganisationArg;
use crate::organisation::OrganisationState;
use crate::past;
use koinon_protocol::log::LogId;
use koinon_protocol::trust::Listed;
use koinon_protocol::trust::closing::Closing;

/// The arguments of `koinon org close`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org close closing.json --as dolna-wies --into 3f…e1 \\
    --ground \"Merged by the act of 1 January\" --resolution 9/2026 --date 2026-10-02
  koinon org close closing.json --as project-office \\
    --ground \"The project has ended\" --resolution 10/2026 --date 2026-10-02", after_help = "What it published stays. Each key's log ends at the newest record \
that the node has, so publish everything before. The successors, and an association that is neither side, say that they agree with: koinon org \
agree.")]
pub struct Close {
    #[command(flatten)]
    propose: ProposeArgs,
    /// An organisation that succeeds it, 64 digits; given again in a split
    #[arg(long, value_name = "SUCCESSOR")]
    into: Vec<OrganisationArg>,
    /// Why, in words that anybody may read
    #[arg(long, value_name = "TEXT")]
    ground: String,
    #[command(flatten)]
    decider: DeciderArgs,
}

impl Close {
    /// JSON: as of `koinon paper show`, and `file`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = Client::new(&self.propose.node);
        let organisation = self.decider.find(home, &node)?;
        let said = Closing {
            under: organisation.event()?,
            devices: ends(&organisation, &node)?,
            successors: self.into.iter().map(|each| each.find(home)).collect::<Result<_, Failure>>()?,
            ground: self.ground,
            mandate: self.propose.mandate()?,
        };
        let proposal = Proposal { home, node: &node, file: &self.propose.file, before: None };
        proposal.write(proposal::roots(&organisation, node.charter()?.network()), Decision::Closing(said))
    }
}

/// Every key that signed something, with its last record; one that never did need not be listed.
fn ends(organisation: &OrganisationState, node: &Client) -> Result<Vec<Listed>, Failure> {
    let mut ends = Vec::new();
    for device in &organisation.devices {
        let newest = past::newest(node, LogId { organisation: organisation.id, device: device.key })?;
        let last = match (device.ended, newest) {
            (Some(ended), Some(newest)) => Some(ended.min(newest)),
            (ended, newest) => ended.or(newest),
        };
        if last.is_some() {
            ends.push(Listed { last, ..device.listed() });
        }
    }
    Ok(ends)
}
