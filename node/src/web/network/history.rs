//! How a network's charter changed, and who contradicted himself about it.

use crate::web::item::address;
use crate::web::layout::notice;
use crate::web::reading::Reading;
use crate::web::text::clean;
use crate::web::{date, words};
use koinon_protocol::id::DeviceKey;
use koinon_protocol::trust::Term;
use maud::{Markup, html};

/// The most amendments that are listed, the newest.
const ROWS: usize = 100;
/// The most founders who contradicted themselves that are told of.
const TWICE: usize = 20;

/// The amendments that count, the newest first; nothing when there is none.
pub(super) fn view(reading: &Reading) -> Markup {
    let terms = reading.trust.terms();
    let current = reading.trust.term_at(reading.now);
    html! {
        @if terms.len() > 1 {
            section.panel {
                h2 #history { (words::HISTORY) }
                p { (words::HISTORY_ADVICE) }
                ol.ladder reversed {
                    @for (number, term) in terms.iter().enumerate().rev().take(ROWS) { li { (row(number, term, term.name == current.name, reading)) } }
                }
            }
        }
    }
}

fn row(number: usize, term: &Term, counts: bool, reading: &Reading) -> Markup {
    let founders = term.charter.founders.iter().map(|founder| reading.best(&founder.name));
    html! {
        @if number == 0 { (words::FOUNDING_CHARTER) } @else { a href=(address(&term.record)) { (words::amendment_number(number)) } }
        @if counts { " " span.tag { (words::COUNTS_NOW) } }
        @if number > 0 { span.how { (words::COUNTS_FROM) " " (date::day(term.from)) } }
        @if let Some(mandate) = &term.mandate {
            span.how { (words::DECIDED_BY) " " (clean(&mandate.resolution)) " " (words::OF_DAY) " " (date::written(&clean(&mandate.date))) }
        }
        span.how {
            (words::FOUNDERS_THEN) " "
            @for (index, name) in founders.enumerate() { @if index > 0 { ", " } (name) }
            "; " (words::amendment(term.charter.thresholds.amendment, term.charter.founders.len()))
            "; " (clean(&term.charter.licence))
        }
    }
}

/// Founders who signed two amendments for one place.
pub(super) fn twice(reading: &Reading) -> Markup {
    html! {
        @for each in reading.trust.signed_twice().into_iter().take(TWICE) {
            (notice("bad", words::SIGNED_TWICE, html! {
                p {
                    (founder(each.founder, reading)) ". " (words::SIGNED_TWICE_ADVICE) " "
                    a href=(address(&each.first)) { (words::ONE_PAPER) } ", " a href=(address(&each.second)) { (words::OTHER_PAPER) } "."
                }
            }))
        }
    }
}

fn founder(key: DeviceKey, reading: &Reading) -> Markup {
    let found = reading.trust.terms().iter().flat_map(|term| &term.charter.founders).find(|founder| founder.key == key);
    html! { @match found { Some(found) => (reading.best(&found.name)), None => code.id { (key) } } }
}
