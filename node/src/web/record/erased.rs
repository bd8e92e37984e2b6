//! That the text of a record was erased: who did it, why, by what law and on whose decision.

use crate::reader::ReadError;
use crate::shown::{Grounds, grounds};
use crate::web::item::{address, organisation};
use crate::web::reading::Reading;
use crate::web::text::clean;
use crate::web::{date, layout, words};
use koinon_protocol::ledger::Entry;
use koinon_protocol::trust::{Erased, notice};
use maud::{Markup, html};

/// What erased a record, and what that says where it is here.
pub(crate) struct Gone {
    erased: Erased,
    grounds: Option<Grounds>,
}

impl Gone {
    /// None when the record was not erased.
    pub(super) fn find(entry: &Entry, reading: &Reading) -> Result<Option<Self>, ReadError> {
        let Some(erased) = reading.trust.erased(entry.id, entry.signed.header()) else { return Ok(None) };
        Ok(Some(Self { erased, grounds: grounds(&reading.reader, &erased)? }))
    }

    pub(super) fn view(&self, reading: &Reading) -> Markup {
        let erased = &self.erased;
        let title = if erased.kind == notice::KIND { words::NOTICED } else { words::ERASED };
        layout::notice(
            "info",
            title,
            html! {
                p {
                    a href=(organisation(erased.organisation)) { (reading.name(erased.organisation)) } " " (words::ERASED_IT_ON) " "
                    (date::day(erased.claimed_at))
                    @if let Some(Grounds { ground, law, mandate }) = &self.grounds {
                        @if let Some(law) = law { " " (words::BY_LAW) " " (clean(law)) }
                        @if let Some(mandate) = mandate {
                            ", " (words::BY_RESOLUTION) " " (clean(&mandate.resolution)) " " (words::OF) " " (date::written(&mandate.date))
                        }
                        ": “" (clean(ground)) "”"
                    } @else { "." }
                }
                p { (words::ERASED_ADVICE) " " a href=(address(&erased.record)) { (words::ERASED_WHY) } }
            },
        )
    }
}
