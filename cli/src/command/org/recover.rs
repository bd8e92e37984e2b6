//! `koinon org recover`, `confirm-recovery` and `veto`: guardians give an organisation new roots, after a delay in which the present ones
//! can object.

use super::HELP;
use super::rotate::SuccessionArgs;
use crate::act::decision::Decision;
use crate::act::proposal::{self, Proposal, ProposeArgs};
use crate::act::{MaySign, Parties};
use crate::answer::Answer;
use crate::chain::short;
use crate::client::Client;
use crate::failure::Failure;
use crate::home::Home;
use crate::named::{KeyArg, OrganisationArg, find_keys};
use crate::next_roots::RootSet;
use crate::organisation::OrganisationState;
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::trust::recovery::{self, Confirmation, Recovery, Veto};

/// The arguments of `koinon org recover`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org recover 3f…e1 recovery.json --root new-root --next-root after-it --devices keep \\
    --resolution 3/2027 --date 2027-02-01", after_help = "The guardians sign it with the keys that they keep for this, more than half of them. It has no \
effect before they have waited and confirmed it, and none if the present roots object.")]
pub struct Recover {
    /// The organisation that lost its roots, 64 digits
    #[arg(value_name = "ORGANISATION")]
    organisation: OrganisationArg,
    #[command(flatten)]
    propose: ProposeArgs,
    #[command(flatten)]
    succession: SuccessionArgs,
    /// A new root; may be given again
    #[arg(long = "root", value_name = "KEY", required = true)]
    roots: Vec<KeyArg>,
    /// How many of them must sign [default: more than half]
    #[arg(long, value_name = "COUNT")]
    threshold: Option<u32>,
}

/// The arguments of `koinon org confirm-recovery`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org confirm-recovery 3f…e1 confirmation.json --recovery 5c…09 \\
    --resolution 4/2027 --date 2027-02-20", after_help = "A node takes it when the delay that the organisation once named has passed since the recovery was \
proposed.")]
pub struct ConfirmRecovery {
    /// The organisation that lost its roots, 64 digits
    #[arg(value_name = "ORGANISATION")]
    organisation: OrganisationArg,
    #[command(flatten)]
    propose: ProposeArgs,
    /// The record of the recovery [default: the only one]
    #[arg(long, value_name = "ID")]
    recovery: Option<RecordId>,
}

/// The arguments of `koinon org veto`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org veto dolna-wies veto.json --ground \"We have our roots\" \\
    --resolution 5/2027 --date 2027-02-10", after_help = "The roots that the recovery would replace sign it. It counts whenever it comes, also when the \
recovery was confirmed.")]
pub struct VetoRecovery {
    /// The organisation that guardians would recover: 64 digits, or the name of a key that speaks for it
    #[arg(value_name = "ORGANISATION")]
    organisation: OrganisationArg,
    #[command(flatten)]
    propose: ProposeArgs,
    /// The record of the recovery [default: the only one]
    #[arg(long, value_name = "ID")]
    recovery: Option<RecordId>,
    /// Why, in words that anybody may read
    #[arg(long, value_name = "TEXT")]
    ground: String,
    /// The roots that it would replace, when it is in effect already; may be given again
    #[arg(long = "root", value_name = "KEY")]
    roots: Vec<KeyArg>,
    /// How many of them must sign [default: more than half]
    #[arg(long, value_name = "COUNT", requires = "roots")]
    threshold: Option<u32>,
}

impl Recover {
    /// JSON: as of `koinon paper show`, and `file`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = Client::new(&self.propose.node);
        let organisation = node.organisation(self.organisation.find(home)?)?;
        let previous = organisation.key_event.ok_or(Failure::Contested(organisation.id))?;
        let roots = RootSet::new(find_keys(&self.roots, home)?, self.threshold);
        let parties = guardians(&organisation, node.charter()?.network())?;
        let said = self.succession.after(home, &organisation, previous, roots, self.propose.mandate()?)?;
        let proposal = Proposal { home, node: &node, file: &self.propose.file, before: None };
        proposal.write(parties, Decision::Recovery(Recovery(said)))
    }
}

impl ConfirmRecovery {
    /// JSON: as of `koinon paper show`, and `file`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = Client::new(&self.propose.node);
        let organisation = node.organisation(self.organisation.find(home)?)?;
        let said = Confirmation { recovery: find(&organisation, self.recovery)?, mandate: self.propose.mandate()? };
        let parties = guardians(&organisation, node.charter()?.network())?;
        Proposal { home, node: &node, file: &self.propose.file, before: None }.write(parties, Decision::Confirmation(said))
    }
}

impl VetoRecovery {
    /// JSON: as of `koinon paper show`, and `file`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = Client::new(&self.propose.node);
        let organisation = node.organisation(self.organisation.find(home)?)?;
        let network = node.charter()?.network();
        let parties = if self.roots.is_empty() {
            proposal::roots(&organisation, network)
        } else {
            let roots = RootSet::new(find_keys(&self.roots, home)?, self.threshold);
            proposal::signers(&organisation, network, roots.threshold, &roots.keys)
        };
        let recovery = find(&organisation, self.recovery)?;
        let said = Veto { recovery, ground: self.ground, mandate: self.propose.mandate()? };
        Proposal { home, node: &node, file: &self.propose.file, before: None }.write(parties, Decision::Veto(said))
    }
}

/// The recovery that was named, or the only one that the node knows.
fn find(organisation: &OrganisationState, named: Option<RecordId>) -> Result<RecordId, Failure> {
    let all: Vec<_> = organisation.acts.iter().filter(|act| act.kind == recovery::RECOVERY).map(|act| act.record).collect();
    match (named, &all[..]) {
        (Some(named), all) if all.contains(&named) => Ok(named),
        (Some(named), _) => Err(Failure::NoRecovery(named)),
        (None, [only]) => Ok(*only),
        (None, []) => Err(Failure::NotProposed),
        (None, all) => Err(Failure::SeveralRecoveries(all.iter().map(ToString::to_string).collect())),
    }
}

fn guardians(organisation: &OrganisationState, network: NetworkId) -> Result<Parties, Failure> {
    let guardians = &organisation.guardians;
    if guardians.members.is_empty() {
        return Err(Failure::NoGuardians);
    }
    let who = |id: OrganisationId| format!("guardian {}", short(&id.to_string()));
    let may_sign = guardians.members.iter().map(|each| MaySign { key: each.key, who: who(each.organisation) });
    Ok(Parties { network, organisation: Some(organisation.id), threshold: guardians.threshold(), may_sign: may_sign.collect() })
}
