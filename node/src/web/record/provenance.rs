//! Where a record comes from, in words, and how anybody can check it.

use super::Model;
use crate::web::item::{address, organisation};
use crate::web::layout::summary_list;
use crate::web::reading::Reading;
use crate::web::text::clean;
use crate::web::{date, words};
use koinon_protocol::bundle::Time;
use koinon_protocol::id::RecordId;
use koinon_protocol::record::Header;
use koinon_protocol::trust::acts::is_act;
use maud::{Markup, html};

/// The box beside a record. A signature or a body that is wrong hides every other tick.
pub(super) fn view(model: &Model, reading: &Reading) -> Markup {
    html! {
        section.panel.provenance {
            h2 { (words::PROVENANCE) }
            ul.ticks {
                @if model.checked.is_err() { li.bad { (words::BAD_RECORD) } } @else { (ticks(model, reading)) }
            }
            (details(model))
            p.actions {
                a href={ "/api/v1/bundle/" (model.item.entry.id) } download={ (model.item.entry.id) ".bundle" } { (words::GET_BUNDLE) }
                " " span.how { (words::GET_BUNDLE_ADVICE) }
            }
            @if model.shown {
                p.actions {
                    a href={ "/api/v1/records/" (model.item.entry.id) "/file" } download={ (model.item.entry.id) ".record" } { (words::GET_FILE) }
                    " " span.how { (words::GET_FILE_ADVICE) }
                }
            }
        }
    }
}

fn ticks(model: &Model, reading: &Reading) -> Markup {
    let item = &model.item;
    html! {
        li.good {
            (words::SIGNED_BY) " " a href=(organisation(item.author)) { (item.author_name) } " " (words::ON) " " (date::day(item.header().claimed_at))
            @if item.entry.body.is_some() { ", " (words::UNCHANGED) "." } @else { ". " (words::NO_BODY) }
        }
        @if is_act(item.header().kind) { li.good { (words::ACT_STANDS) } } @else { (standing(model, reading)) }
        li.fair { (words::ONLY_CLAIMED) }
    }
}

fn standing(model: &Model, reading: &Reading) -> Markup {
    html! {
        li class=(if model.standing.stands() { "good" } else { "bad" }) { (model.standing.sentence(reading)) }
        @if model.standing.stands() && !model.standing_now.stands() {
            li.fair { (words::NO_LONGER) " " (model.standing_now.sentence(reading)) }
        }
        (seen(model))
        @if let Some(then) = model.standing_witnessed.as_ref().filter(|then| model.standing.stands() && !then.stands()) {
            li.fair { (words::NOT_WHEN_SEEN) " " (then.sentence(reading)) }
        }
    }
}

/// By when witnesses prove that it was there, or that only its author says so.
fn seen(model: &Model) -> Markup {
    match &model.witnessed {
        Some(Time::Proven { at, by, .. }) => html! {
            li.good { (words::SEEN_BY) " " (words::witnesses(by.len())) " " (words::SEEN_UNTIL) " " (date::minute(*at)) "." }
        },
        Some(Time::Unproven { why, by, quorum }) => html! {
            li.fair { (words::ONLY_CLAIMED) " " (words::not_witnessed(*why, by.len(), quorum.get())) }
        },
        None => html! { li.fair { (words::ONLY_CLAIMED) } },
    }
}

fn details(model: &Model) -> Markup {
    let item = &model.item;
    let header = item.header();
    let row = |label: &str, value: Markup| (label.to_owned(), value);
    let code = |text: String| html! { code.id { (text) } };
    let mut rows = vec![
        row(words::ROW_ID, code(item.entry.id.to_string())),
        row(words::ROW_ORGANISATION, code(item.author.to_string())),
        row(words::ROW_DEVICE, code(header.device.to_string())),
        row(words::ROW_CLAIMED, date::minute(header.claimed_at)),
        row(words::ROW_WITNESSED, witnessed(model)),
        row(words::ROW_LOG, place_in_log(header)),
        row(words::ROW_JOURNAL, html! { (words::place_of(item.position + 1, model.size)) }),
        row(words::ROW_KIND, html! { (header.kind) ", " (words::version(header.version)) }),
        row(words::ROW_BODY, html! { (words::bytes(header.body_length)) }),
    ];
    if !header.subject.is_zero() {
        rows.push(row(words::ROW_SUBJECT, subject(model, &header.subject)));
    }
    html! {
        details {
            summary { (words::TECHNICAL) }
            (summary_list(&rows))
            p { a href={ "/api/v1/records/" (item.entry.id) } { (words::RAW_RECORD) } }
        }
    }
}

fn witnessed(model: &Model) -> Markup {
    match &model.witnessed {
        Some(Time::Proven { at, by, .. }) => html! {
            (date::minute(*at))
            ul.plain { @for each in by { li { code.id { (clean(&each.witness)) } ", " (date::minute(each.at)) } } }
        },
        _ => html! { (words::NOT_PROVEN) },
    }
}

fn place_in_log(header: &Header) -> Markup {
    html! {
        (header.seq + 1)
        @if !header.previous.is_zero() { ", " a href=(address(&header.previous)) { (words::PREVIOUS_RECORD) } }
    }
}

fn subject(model: &Model, id: &RecordId) -> Markup {
    match &model.subject {
        Some(subject) => html! { a href=(subject.address()) { (subject.title) } },
        None => html! { a href=(address(id)) { code.id { (id) } } },
    }
}
