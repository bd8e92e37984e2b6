//! `koinon org suspend`: an association takes back its word for another, for a time or for good.

use super::HELP;
use crate::act::decision::Decision;
use crate::act::proposal::{self, DeciderArgs, Proposal, ProposeArgs};
use crate::answer::Answer;
use crate::client::Client;
use crate::failure::Failure;
use crate::home::Home;
use crate::named::OrganisationArg;
use crate::utc::{day, now};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::suspension::Suspension;

/// The arguments of `koinon org suspend`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org suspend 3f…e1 suspension.json --as riverland --until 2027-04-01 \\
    --ground \"Its annual report is missing\" --resolution 7/2026 --date 2026-10-02
  koinon org suspend 3f…e1 suspension.json --as riverland --from 2027-01-01 \\
    --ground \"It left the association\" --resolution 8/2026 --date 2026-10-02", after_help = "To take a suspension back before its time, its roots \
withdraw it: koinon org rotate --withdraw.")]
pub struct Suspend {
    /// The organisation that was vouched for, 64 digits
    #[arg(value_name = "SUSPENDED")]
    suspended: OrganisationArg,
    #[command(flatten)]
    propose: ProposeArgs,
    /// The first day on which it is not vouched for, YYYY-MM-DD in UTC [default: from now on]
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<Millis>,
    /// The first day on which it is again, YYYY-MM-DD in UTC [default: not again]
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<Millis>,
    /// Why, in words that anybody may read
    #[arg(long, value_name = "TEXT")]
    ground: String,
    #[command(flatten)]
    decider: DeciderArgs,
}

impl Suspend {
    /// JSON: as of `koinon paper show`, and `file`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = Client::new(&self.propose.node);
        let organisation = self.decider.find(home, &node)?;
        let said = Suspension {
            under: organisation.event()?,
            subject: self.suspended.find(home)?,
            from: self.from.unwrap_or_else(now),
            until: self.until,
            ground: self.ground,
            mandate: self.propose.mandate()?,
        };
        let proposal = Proposal { home, node: &node, file: &self.propose.file, before: None };
        proposal.write(proposal::roots(&organisation, node.charter()?.network()), Decision::Suspension(said))
    }
}
