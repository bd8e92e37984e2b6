//! `koinon paper`: decisions that several must sign, from hand to hand.

mod send;
mod show;
mod sign;

use super::HELP;
use crate::act::Act;
use crate::act::decision::Decision;
use crate::act::names::Names;
use crate::act::words::words;
use crate::answer::Answer;
use crate::charters::Charters;
use crate::client::Client;
use crate::failure::Failure;
use crate::home::Home;
use koinon_protocol::trust::charter::Charter;
use std::path::PathBuf;

/// What to do with a paper.
#[derive(clap::Subcommand, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon paper show amendment.json
  koinon paper sign amendment.json
  koinon paper send amendment.json", disable_help_subcommand = true, after_help = "A paper is proposed by commands such as 'koinon charter propose' and \
'koinon org rotate'. It is a file that goes by mail or on a stick from one signer to the next.")]
pub enum Paper {
    /// Say what a paper decides, who must sign it, and who has
    Show(show::Show),
    /// Read a paper and add the signature of a key of this computer
    Sign(sign::Sign),
    /// Publish a paper that enough have signed
    Send(send::Send),
}

impl Paper {
    /// Does it.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self, home: &Home) -> Result<Answer, Failure> {
        match self {
            Self::Show(show) => show.run(),
            Self::Sign(sign) => sign.run(home),
            Self::Send(send) => send.run(home),
        }
    }
}

/// The paper in a file, with the signatures of further copies of it.
fn read(files: &[PathBuf]) -> Result<Act, Failure> {
    let mut acts = files.iter().map(|file| Act::read(file));
    let mut first = acts.next().ok_or(Failure::OtherPaper)??;
    acts.try_for_each(|act| first.join(&act?))?;
    Ok(first)
}

/// What a paper decides, in words. Where no node answers, an amendment is told as a whole.
fn tell(act: &Act, node: &Client, names: &Names<'_>) -> Result<Vec<String>, Failure> {
    Ok(words(act.decision(), before(act, node)?.as_ref(), names))
}

fn before(act: &Act, node: &Client) -> Result<Option<Charter>, Failure> {
    let Decision::Amendment(said) = act.decision() else { return Ok(None) };
    match Charters::fetch(node) {
        Ok(charters) if charters.network() == act.network() => Ok(charters.named(said.previous).map(|term| term.charter.clone())),
        Ok(_) | Err(Failure::NotRunning { .. }) => Ok(None),
        Err(failure) => Err(failure),
    }
}
