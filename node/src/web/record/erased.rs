//! That the text of a record was erased: who did it, why, by what law and on whose decision.

use crate::net::peer_id;
use crate::reader::ReadError;
use crate::shown::{Grounds, grounds};
use crate::web::item::{address, organisation};
use crate::web::reading::Reading;
use crate::web::text::clean;
use crate::web::{date, layout, words};
use koinon_protocol::ledger::Entry;
use koinon_protocol::receipt::Count;
use koinon_protocol::trust::{Erased, notice};
use maud::{Markup, html};

/// The most silent nodes that a page names; the API names them all.
const NAMED: usize = 10;

/// What erased a record, what that says where it is here, and on which nodes the text is gone.
pub(crate) struct Gone {
    erased: Erased,
    grounds: Option<Grounds>,
    count: Option<Count>,
}

impl Gone {
    /// None when the record was not erased.
    pub(super) fn find(entry: &Entry, reading: &Reading) -> Result<Option<Self>, ReadError> {
        let Some(erased) = reading.trust.erased(entry.id, entry.signed.header()) else { return Ok(None) };
        let (grounds, count) = (grounds(&reading.reader, &erased)?, reading.receipts.count(entry.id));
        Ok(Some(Self { erased, grounds, count }))
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
                @if let Some(Count { erased, silent }) = &self.count {
                    p {
                        (words::erased_on(erased.len(), erased.len() + silent.len()))
                        @if !silent.is_empty() {
                            " " (words::SILENT) " "
                            @for (number, key) in silent.iter().take(NAMED).enumerate() {
                                @if number > 0 { ", " }
                                code { (peer_id(*key).map(|peer| peer.to_string()).unwrap_or_default()) }
                            }
                            @if silent.len() > NAMED { ", …" } @else { "." }
                        }
                    }
                }
                p { (words::ERASED_ADVICE) " " a href=(address(&erased.record)) { (words::ERASED_WHY) } }
            },
        )
    }
}
