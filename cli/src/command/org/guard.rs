//! Who can recover an organisation, as commands name them.

use crate::failure::Failure;
use crate::home::Home;
use crate::named::{KeyArg, OrganisationArg};
use koinon_protocol::trust::inception::{Guardian, Guardians};

const DAY: u64 = 24 * 60 * 60 * 1000;
/// Two weeks: a clerk on holiday must still be able to object.
const DELAY: u64 = 14;
/// A century: beyond it no delay means anything.
const MOST: u64 = 36_525;

/// The guardians of an organisation.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct GuardianArgs {
    /// An organisation that can help to recover this one, and the key that it keeps for that (64 digits each, or names of keys of yours); may
    /// be given again: more than half of them must sign
    #[arg(long = "guardian", value_name = "ORGANISATION=KEY", value_parser = guardian)]
    guardians: Vec<(OrganisationArg, KeyArg)>,
    /// How many days guardians must wait before a recovery takes effect, in which the roots can object
    #[arg(long, value_name = "DAYS", default_value_t = DELAY, value_parser = clap::value_parser!(u64).range(..=MOST))]
    recovery_delay: u64,
}

impl GuardianArgs {
    /// Whether any were named.
    pub(super) fn are_given(&self) -> bool {
        !self.guardians.is_empty()
    }

    /// As they stand in a body.
    ///
    /// # Errors
    /// Those of [`OrganisationArg::find`] and [`KeyArg::find`].
    pub(super) fn find(&self, home: &Home) -> Result<Guardians, Failure> {
        let members = self
            .guardians
            .iter()
            .map(|(organisation, key)| Ok(Guardian { organisation: organisation.find(home)?, key: key.find(home)? }));
        let members = members.collect::<Result<Vec<_>, Failure>>()?;
        let delay = if members.is_empty() { 0 } else { self.recovery_delay * DAY };
        Ok(Guardians { members, delay })
    }
}

fn guardian(text: &str) -> Result<(OrganisationArg, KeyArg), String> {
    let (organisation, key) = text.split_once('=').ok_or("give an organisation and a key, as in 3f…e1=5c…09")?;
    Ok((organisation.parse()?, key.parse()?))
}
