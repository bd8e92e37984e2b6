//! `koinon notice`: an organisation that moderates the network takes away the text of anybody's record, on a legal ground.

use super::HELP;
use crate::answer::Answer;
use crate::author::Author;
use crate::client::Client;
use crate::failure::Failure;
use crate::home::Home;
use crate::taking::{Taking, TakingArgs};
use crate::utc::{day, day_or_moment};
use koinon_protocol::id::RecordId;
use koinon_protocol::limit;
use koinon_protocol::record::{Draft, Header, Sealed};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::attestation::Mandate;
use koinon_protocol::trust::notice::{self, Notice as Said};
use koinon_protocol::trust::{BodyError, Place};

/// The arguments of `koinon notice`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon notice 5c…09 --as riverland --ground \"It names a private person, who objected.\" \\
    --law \"Regulation (EU) 2016/679, article 17\" --resolution 12/2026 --date 2026-03-02", after_help = "Only the founding associations of the \
network's charter moderate. A notice names its ground, its law and the decision behind it for good, and everybody can read them.")]
pub struct Notice {
    /// The legal basis
    #[arg(long, value_name = "TEXT")]
    law: String,
    /// The decision of the council or board: its number or title
    #[arg(long, value_name = "TEXT")]
    resolution: String,
    /// The day of the decision, YYYY-MM-DD
    #[arg(long, value_name = "DAY", value_parser = day)]
    date: Millis,
    #[command(flatten)]
    taking: TakingArgs,
}

impl Notice {
    /// As [`TakingArgs::run`].
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let mandate = Mandate { resolution: self.resolution, date: day_or_moment(self.date), attachment: None };
        let said = Said { ground: self.taking.ground.clone(), law: self.law, mandate };
        self.taking.run(home, &said)
    }
}

impl Taking for Said {
    const NAME: &'static str = "Notice";

    /// A notice by anybody else would be kept for good and have no effect.
    fn may(&self, node: &Client, author: &Author, _: &Header) -> Result<(), Failure> {
        let said = node.object(&format!("organisations/{}", author.own.organisation), &[])?;
        if said["moderates"] == true {
            return Ok(());
        }
        Err(Failure::MayNotErase("this organisation is none of those that moderate the network"))
    }

    fn draft(&self, place: &Place, subject: RecordId, salt: [u8; limit::SALT]) -> Result<(Draft, Sealed), BodyError> {
        let (draft, sealed) = notice::draft(place, subject, self, salt);
        Self::read(&sealed.bytes).map(|_| (draft, sealed))
    }
}
