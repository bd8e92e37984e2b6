//! `koinon org`: organisations, and who vouches for them.

mod agree;
mod close;
mod create;
mod expiring;
mod guard;
mod list;
mod reconcile;
mod recover;
mod republish;
mod revoke_device;
mod rotate;
mod show;
mod suspend;

use super::HELP;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::home::Home;

/// What to do with an organisation.
#[derive(clap::Subcommand, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org list
  koinon org show 3f…e1
  koinon org create --help", disable_help_subcommand = true)]
pub enum Org {
    /// Found an organisation: make and sign its first record
    Create(Box<create::Create>),
    /// Propose that the roots which were committed to take over: a paper for them to sign
    Rotate(Box<rotate::Rotate>),
    /// Propose that a key speaks no more: a paper for the roots to sign
    RevokeDevice(Box<revoke_device::RevokeDevice>),
    /// Propose to end a forked log before its fork: a paper for the roots to sign
    Reconcile(Box<reconcile::Reconcile>),
    /// Publish anew, with another key, what a revoked key said after its end
    Republish(Box<republish::Republish>),
    /// Propose new roots for an organisation that lost its own: a paper for its guardians to sign
    Recover(Box<recover::Recover>),
    /// Propose that a recovery takes effect, after the delay: a paper for the guardians to sign
    ConfirmRecovery(Box<recover::ConfirmRecovery>),
    /// Propose to object to a recovery: a paper for the present roots to sign
    Veto(Box<recover::VetoRecovery>),
    /// Propose to end an organisation, alone or into others: a paper for the roots to sign
    Close(Box<close::Close>),
    /// Agree to a closing, as a successor or as an association that is neither side
    Agree(Box<agree::Agree>),
    /// List attestations that end soon
    Expiring(expiring::Expiring),
    /// Propose to suspend its word for another organisation: a paper for the roots to sign
    Suspend(Box<suspend::Suspend>),
    /// List the organisations for which keys of this computer speak
    List(list::List),
    /// Show an organisation: who vouches for it and until when, and its keys
    Show(show::Show),
}

impl Org {
    /// Does it.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self, home: &Home) -> Result<Answer, Failure> {
        match self {
            Self::Create(create) => create.run(home),
            Self::Rotate(rotate) => rotate.run(home),
            Self::RevokeDevice(revoke) => revoke.run(home),
            Self::Reconcile(reconcile) => reconcile.run(home),
            Self::Republish(republish) => republish.run(home),
            Self::Recover(recover) => recover.run(home),
            Self::ConfirmRecovery(confirm) => confirm.run(home),
            Self::Veto(veto) => veto.run(home),
            Self::Close(close) => close.run(home),
            Self::Agree(agree) => agree.run(home),
            Self::Expiring(expiring) => expiring.run(home),
            Self::Suspend(suspend) => suspend.run(home),
            Self::List(list) => list.run(home),
            Self::Show(show) => show.run(home),
        }
    }
}

/// ISO 3166-1 alpha-2.
pub(crate) fn country(text: &str) -> Result<String, String> {
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code { Ok(text.into()) } else { Err("give two capital letters, as in PL".into()) }
}
