//! `koinon erase`: an organisation takes back the text of a record that it published, everywhere and for good.

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
use koinon_protocol::trust::erasure::{self, Erasure};
use koinon_protocol::trust::{BodyError, Place};

/// The arguments of `koinon erase`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon erase 5c…09 --as riverland --ground \"It named a private person.\"
  koinon erase 5c…09 --as riverland --ground \"It named a private person.\" --resolution 12/2026 --date 2026-03-02")]
pub struct Erase {
    /// The decision of the council or board behind it, if there is one: its number or title
    #[arg(long, value_name = "TEXT", requires = "date")]
    resolution: Option<String>,
    /// The day of the decision, YYYY-MM-DD
    #[arg(long, value_name = "DAY", value_parser = day, requires = "resolution")]
    date: Option<Millis>,
    #[command(flatten)]
    taking: TakingArgs,
}

impl Erase {
    /// As [`TakingArgs::run`].
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let mandate = self.resolution.zip(self.date);
        let mandate = mandate.map(|(resolution, date)| Mandate { resolution, date: day_or_moment(date), attachment: None });
        let said = Erasure { ground: self.taking.ground.clone(), mandate };
        self.taking.run(home, &said)
    }
}

impl Taking for Erasure {
    const NAME: &'static str = "Erasure";

    fn may(&self, _: &Client, author: &Author, subject: &Header) -> Result<(), Failure> {
        if subject.organisation == author.own.organisation {
            return Ok(());
        }
        Err(Failure::MayNotErase("this organisation did not write the record, and only its author can erase it"))
    }

    fn draft(&self, place: &Place, subject: RecordId, salt: [u8; limit::SALT]) -> Result<(Draft, Sealed), BodyError> {
        let (draft, sealed) = erasure::draft(place, subject, self, salt);
        Self::read(&sealed.bytes).map(|_| (draft, sealed))
    }
}
