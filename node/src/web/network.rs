//! The network: its charter, how that changed, and its members.

mod history;

use super::item::organisation;
use super::layout::{Page, summary_list};
use super::reading::Reading;
use super::standing::verdict;
use super::text::{Said, clean};
use super::{date, words};
use koinon_protocol::trust::{Charter, Organisation, Right};
use maud::{Markup, html};

/// Members on one page.
const PAGE: usize = 100;

/// The page; `number` counts pages of members from 1.
pub(crate) fn view(number: usize, reading: &Reading) -> Page {
    let charter = &reading.trust.term_at(reading.now).charter;
    let mut members: Vec<(Said, &Organisation)> =
        reading.trust.organisations().map(|each| (reading.best(&each.name), each)).collect();
    members.sort_by_key(|(name, each)| (name.text.to_lowercase(), each.id));
    let last = members.len().div_ceil(PAGE).max(1);
    let number = number.clamp(1, last);
    Page {
        title: words::NETWORK.to_owned(),
        section: "/network",
        above: Vec::new(),
        main: html! {
            header.head {
                p.kind { (words::NETWORK) }
                h1 { (reading.network()) }
                div.lead { (reading.best(&charter.purpose).paragraphs()) }
            }
            (history::twice(reading))
            (self::charter(charter, reading))
            (history::view(reading))
            section {
                h2 #members { (words::MEMBERS) " (" (words::grouped(members.len() as u64)) ")" }
                p { (words::MEMBERS_ADVICE) }
                (table(members.iter().skip((number - 1) * PAGE).take(PAGE), reading))
                @if last > 1 { (paging(number, last)) }
            }
        },
    }
}

fn charter(charter: &Charter, reading: &Reading) -> Markup {
    let row = |label: &str, value: Markup| (label.to_owned(), value);
    let rows = [
        row(
            words::FOUNDERS,
            html! {
                ul.plain {
                    @for founder in &charter.founders { li { (founder_name(founder, reading)) ", " (words::country(&clean(&founder.country))) } }
                }
            },
        ),
        row(words::AMENDMENT, html! { (words::amendment(charter.thresholds.amendment, charter.founders.len())) }),
        row(words::ADMISSION, reading.best(&charter.admission).paragraphs()),
        row(words::WITNESSES, reading.best(&charter.witnesses).paragraphs()),
        row(words::LICENCE, html! { (clean(&charter.licence)) }),
        row(words::DEPTH, html! { (words::depth(charter.depth)) }),
        row(words::ROW_NETWORK, html! { code.id { (reading.trust.network()) } }),
    ];
    html! {
        section.panel {
            h2 { (words::CHARTER_TITLE) }
            p { (words::CHARTER_ADVICE) }
            (summary_list(&rows))
            p.actions { a href="/api/v1/charter" { (words::GET_CHARTER) } }
        }
    }
}

fn founder_name(founder: &koinon_protocol::trust::charter::Founder, reading: &Reading) -> Markup {
    let known = reading.trust.founders().find(|each| each.founding == founder.key);
    let name = reading.best(&founder.name);
    html! { @match known { Some(known) => a href=(organisation(known.id)) { (name) }, None => { (name) " " span.how { (words::NOT_JOINED) } } } }
}

fn table<'a>(members: impl Iterator<Item = &'a (Said, &'a Organisation)>, reading: &Reading) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(words::MEMBERS) {
            table.stacked {
                caption.hidden { (words::MEMBERS) }
                thead { tr {
                    th scope="col" { (words::ORGANISATION) }
                    th scope="col" { (words::COUNTRY) }
                    th scope="col" { (words::COL_SINCE) }
                    th scope="col" { (words::STANDING) }
                } }
                tbody { @for (name, member) in members { (row(name, member, reading)) } }
            }
        }
    }
}

fn row(name: &Said, member: &Organisation, reading: &Reading) -> Markup {
    let verdict = verdict(member.id, Right::Belong, reading.now, reading);
    html! {
        tr {
            th scope="row" { a href=(organisation(member.id)) { (name) } }
            td data-label=(words::COUNTRY) { (words::country(&clean(&member.country))) }
            td data-label=(words::COL_SINCE) { (date::day(member.since)) }
            td data-label=(words::STANDING) { (verdict.sentence(reading)) }
        }
    }
}

fn paging(number: usize, last: usize) -> Markup {
    html! {
        nav.pages aria-label=(words::PAGES) {
            @if number > 1 { a rel="prev" href={ "/network?page=" (number - 1) "#members" } { "← " (words::PREVIOUS_PAGE) } }
            span { (words::page_of(number, last)) }
            @if number < last { a rel="next" href={ "/network?page=" (number + 1) "#members" } { (words::NEXT_PAGE) " →" } }
        }
    }
}
