//! Whom a person relies on when a proof is checked: a network, and witnesses of time.

use crate::client::Client;
use crate::failure::Failure;
use crate::named::NetworkArgs;
use koinon_protocol::bundle::{Reliance, Report, Time};
use koinon_protocol::checkpoint::WitnessKey;
use std::num::NonZeroUsize;

/// The network, the witnesses, and how many of them.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct RelianceArgs {
    #[command(flatten)]
    network: NetworkArgs,
    /// A witness of time to rely on, NAME+ID+KEY, instead of those that the node names; may be repeated
    #[arg(long, value_name = "VKEY")]
    witness: Vec<WitnessKey>,
    /// How many witnesses must have cosigned; more than half of them if it is not given
    #[arg(long, value_name = "NUMBER")]
    quorum: Option<NonZeroUsize>,
}

impl RelianceArgs {
    /// What was named on the command line.
    ///
    /// # Errors
    /// Those of [`NetworkArgs::given`].
    pub fn given(&self) -> Result<Reliance, Failure> {
        let network = self.network.given()?;
        Ok(Reliance { network, witnesses: self.witness.clone(), quorum: self.quorum })
    }

    /// What was named on the command line, and where no network was, that of the node.
    ///
    /// # Errors
    /// Those of [`NetworkArgs::or_of`].
    pub fn or_of(&self, node: &Client) -> Result<Reliance, Failure> {
        let network = Some(self.network.or_of(node)?);
        Ok(Reliance { network, witnesses: self.witness.clone(), quorum: self.quorum })
    }

    /// Whether the times are proven, as far as somebody asked for that: whoever names witnesses or their number does.
    pub fn is_met_by(&self, report: &Report) -> bool {
        let asked = !self.witness.is_empty() || self.quorum.is_some();
        !asked || report.records.iter().all(|record| matches!(record.witnessed, Some(Time::Proven { .. })))
    }
}
