//! `koinon org revoke-device`: a key speaks no more, from a place of its log on.

use super::HELP;
use crate::act::decision::Decision;
use crate::act::proposal::{self, DeciderArgs, Proposal, ProposeArgs};
use crate::answer::Answer;
use crate::client::Client;
use crate::failure::Failure;
use crate::home::Home;
use crate::named::KeyArg;
use crate::past;
use koinon_protocol::log::LogId;
use koinon_protocol::trust::revocation::Revocation;
use std::str::FromStr;

/// The arguments of `koinon org revoke-device`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org revoke-device old-office revocation.json --last newest \\
    --ground \"The clerk left\" --resolution 9/2026 --date 2026-10-02
  koinon org revoke-device 3f…e1 revocation.json --last 41 \\
    --ground \"Stolen on 3 October; record 41 is the last of ours\" --resolution 9/2026 --date 2026-10-04", after_help = "A key ends at a record and \
never at a date, since a thief could claim any. What it signed up to that record still counts. See its records with: koinon log.")]
pub struct RevokeDevice {
    /// The key that speaks no more: 64 digits, or the name of a key of yours
    #[arg(value_name = "KEY")]
    device: KeyArg,
    #[command(flatten)]
    propose: ProposeArgs,
    /// The place of its last record that counts; 'newest' for all that the node has, 'none' if not even the first counts
    #[arg(long, value_name = "PLACE")]
    last: LastArg,
    /// Why, in words that anybody may read
    #[arg(long, value_name = "TEXT")]
    ground: String,
    #[command(flatten)]
    decider: DeciderArgs,
}

#[derive(Clone, Copy, Debug)]
enum LastArg {
    None,
    Newest,
    Place(u64),
}

impl FromStr for LastArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "newest" => Ok(Self::Newest),
            place => place.parse().map(Self::Place).map_err(|_| "give a place of its log, 'newest' or 'none'".into()),
        }
    }
}

impl RevokeDevice {
    /// JSON: as of `koinon paper show`, and `file`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = Client::new(&self.propose.node);
        let organisation = self.decider.find(home, &node)?;
        let device = organisation.device(self.device.find(home)?)?.key;
        let log = LogId { organisation: organisation.id, device };
        let last = match self.last {
            LastArg::None => None,
            LastArg::Newest => past::newest(&node, log)?,
            LastArg::Place(seq) => Some(past::at(home, &node, log, seq)?),
        };
        let under = organisation.event()?;
        let said = Revocation { under, device, last, ground: self.ground, mandate: self.propose.mandate()? };
        let proposal = Proposal { home, node: &node, file: &self.propose.file, before: None };
        proposal.write(proposal::roots(&organisation, node.charter()?.network()), Decision::Revocation(said))
    }
}
