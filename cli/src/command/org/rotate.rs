//! `koinon org rotate`: the roots that were committed to before take over, and list every key that speaks from then on.

use super::HELP;
use super::guard::GuardianArgs;
use crate::act::decision::Decision;
use crate::act::proposal::{self, DeciderArgs, Proposal, ProposeArgs};
use crate::answer::Answer;
use crate::client::Client;
use crate::failure::Failure;
use crate::home::Home;
use crate::named::{KeyArg, find_keys};
use crate::next_roots::RootSet;
use crate::organisation::OrganisationState;
use koinon_protocol::id::RecordId;
use koinon_protocol::trust::Listed;
use koinon_protocol::trust::attestation::Mandate;
use koinon_protocol::trust::inception::Guardians;
use koinon_protocol::trust::keys::{Rotation, Succeeding};

/// The arguments of `koinon org rotate`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org rotate rotation.json --next-root newest --devices keep \\
    --resolution 9/2026 --date 2026-10-02
  koinon org rotate rotation.json --root b1 --root b2 --next-root c1 --next-root c2 --next-threshold 2 \\
    --devices office,3f…e1 --resolution 9/2026 --date 2026-10-02", after_help = "The new roots are those that were named as the next ones before, \
and they sign the paper themselves; whoever stole the present ones cannot. Two different rotations of the same roots leave the organisation without \
roots: sign one only.")]
pub struct Rotate {
    #[command(flatten)]
    propose: ProposeArgs,
    #[command(flatten)]
    decider: DeciderArgs,
    #[command(flatten)]
    succession: SuccessionArgs,
    /// A root that takes over, as it was named before; may be given again, in the same order [default: as this computer remembers them]
    #[arg(long = "root", value_name = "KEY")]
    roots: Vec<KeyArg>,
    /// How many of them must sign [default: more than half]
    #[arg(long, value_name = "COUNT", requires = "roots")]
    threshold: Option<u32>,
}

/// What comes after new roots, in a rotation and in a recovery.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct SuccessionArgs {
    /// A root that comes after those, to be kept apart; may be given again
    #[arg(long = "next-root", value_name = "KEY", required = true)]
    next_roots: Vec<KeyArg>,
    /// How many of the next roots must sign [default: more than half]
    #[arg(long, value_name = "COUNT")]
    next_threshold: Option<u32>,
    /// All keys that speak from then on: 'keep' for those that do now, 'none', or some of them
    #[arg(long, value_name = "KEYS", value_delimiter = ',', required = true)]
    devices: Vec<String>,
    /// The name of a suspension that earlier roots decided and that counts no more; may be given again
    #[arg(long = "withdraw", value_name = "ID")]
    withdraws: Vec<RecordId>,
    #[command(flatten)]
    guardians: GuardianArgs,
    /// Name nobody who can recover it [default: its guardians stay]
    #[arg(long, conflicts_with = "guardians")]
    no_guardians: bool,
}

impl Rotate {
    /// JSON: as of `koinon paper show`, and `file`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = Client::new(&self.propose.node);
        let organisation = self.decider.find(home, &node)?;
        let previous = organisation.event()?;
        let roots = self.roots(home, organisation.roots.next)?;
        let parties = proposal::signers(&organisation, node.charter()?.network(), roots.threshold, &roots.keys);
        let said = self.succession.after(home, &organisation, previous, roots, self.propose.mandate()?)?;
        let proposal = Proposal { home, node: &node, file: &self.propose.file, before: None };
        proposal.write(parties, Decision::Rotation(Rotation(said)))
    }

    fn roots(&self, home: &Home, committed: RecordId) -> Result<RootSet, Failure> {
        if self.roots.is_empty() {
            return RootSet::find(home, committed)?.ok_or(Failure::NextRootsUnknown);
        }
        let set = RootSet::new(find_keys(&self.roots, home)?, self.threshold);
        if set.digest() == committed { Ok(set) } else { Err(Failure::NextRoots(committed)) }
    }
}

impl SuccessionArgs {
    /// What a key event says when these roots follow `previous`. The roots after them are kept here under their digest.
    pub(super) fn after(
        &self,
        home: &Home,
        organisation: &OrganisationState,
        previous: RecordId,
        roots: RootSet,
        mandate: Mandate,
    ) -> Result<Succeeding, Failure> {
        let next = RootSet::new(find_keys(&self.next_roots, home)?, self.next_threshold);
        if next.keys.iter().any(|key| roots.keys.contains(key)) {
            return Err(Failure::SameKey);
        }
        next.keep(home)?;
        Ok(Succeeding {
            previous,
            roots: roots.keys,
            threshold: roots.threshold,
            next_roots: next.digest(),
            guardians: self.guardians(home, organisation)?,
            devices: self.devices(home, organisation)?,
            withdraws: self.withdraws.clone(),
            mandate,
        })
    }

    fn guardians(&self, home: &Home, organisation: &OrganisationState) -> Result<Guardians, Failure> {
        match (self.no_guardians, self.guardians.are_given()) {
            (true, _) => Ok(Guardians::default()),
            (_, true) => self.guardians.find(home),
            _ => Ok(organisation.guardians.clone()),
        }
    }

    /// A key that speaks now stands until where it ended; another begins.
    fn devices(&self, home: &Home, organisation: &OrganisationState) -> Result<Vec<Listed>, Failure> {
        match self.devices.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["keep"] => return Ok(organisation.listed()),
            ["none"] => return Ok(Vec::new()),
            _ => {}
        }
        let named = self.devices.iter().map(|text| {
            let key = text.parse::<KeyArg>().map_err(|_| Failure::KeyName(text.clone()))?.find(home)?;
            let known = organisation.device(key).map(crate::organisation::DeviceState::listed);
            Ok(known.unwrap_or(Listed { device: key, label: String::new(), last: None }))
        });
        named.collect()
    }
}
