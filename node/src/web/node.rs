//! This node: what it holds, whom it is connected to, whether it is well.

use super::layout::{Page, notice, summary_list};
use super::text::clean;
use super::words;
use crate::engine::Status;
use crate::net::Link;
use crate::witness::{Proven, Sightings};
use maud::{Markup, html};
use std::sync::Arc;

/// The most peers in the table.
const ROWS: usize = 200;

/// Organisations that are linked in one row.
const LACKS: usize = 8;

/// What the page says.
pub(crate) struct Model {
    /// The node's name for people.
    pub(crate) name: Arc<str>,
    /// What the engine says of itself.
    pub(crate) status: Status,
    /// Who is connected.
    pub(crate) links: Vec<Link>,
    /// How many records can be read and found.
    pub(crate) indexed: u64,
    /// What it signs, and whom it asks to witness.
    pub(crate) sightings: Sightings,
}

/// The page.
pub(crate) fn view(model: &Model) -> Page {
    Page {
        title: words::NODE.to_owned(),
        section: "/node",
        above: Vec::new(),
        main: html! {
            header.head { h1 { (words::NODE) } p.lead { (words::NODE_ADVICE) } }
            @match &model.status.failure {
                Some(failure) => (notice("bad", words::READ_ONLY, html! { p { (clean(failure)) } p { (words::READ_ONLY_ADVICE) } })),
                None => (notice("good", words::WELL, html! { p { (words::WELL_ADVICE) } })),
            }
            @for proven in model.sightings.proven().iter() { (split_view(proven)) }
            section.panel { h2 { (words::HOLDS) } (summary_list(&holds(model))) p { (words::ROOT_ADVICE) } }
            @if let Some(log) = model.sightings.log() {
                section.panel { h2 { (words::SIGNS) } (summary_list(&signs(&log.to_string(), &model.sightings))) p { (words::SIGNS_ADVICE) } }
            }
            section {
                h2 { (words::PEERS) " (" (model.links.len()) ")" }
                @if model.links.is_empty() { p.none { (words::NO_PEERS) } } @else { (peers(&model.links)) }
            }
        },
    }
}

/// That a log showed two trees, with where the proof is.
fn split_view(proven: &Proven) -> Markup {
    let (title, advice) = if proven.own {
        (words::OWN_SPLIT_VIEW, words::OWN_SPLIT_VIEW_ADVICE)
    } else {
        (words::SPLIT_VIEW, words::SPLIT_VIEW_ADVICE)
    };
    let case = |case: &str| {
        let file = |file: &str, label: &str| html! { a href={ "/evidence/" (case) "/" (file) } { (label) } };
        html! { code.id { (case) } ": " (file("first.note", words::FIRST_CHECKPOINT)) ", " (file("second.note", words::SECOND_CHECKPOINT)) }
    };
    notice(
        "bad",
        title,
        html! {
            p { code.id { (clean(&proven.log.to_string())) } }
            p { (advice) }
            ul.plain { @for name in &proven.cases { li { (case(name)) } } }
        },
    )
}

fn holds(model: &Model) -> Vec<(String, Markup)> {
    let status = &model.status;
    let row = |label: &str, value: Markup| (label.to_owned(), value);
    let root: String = status.root.iter().map(|byte| format!("{byte:02x}")).collect();
    let behind = status.records.saturating_sub(model.indexed);
    vec![
        row(words::ROW_NAME, html! { (clean(&model.name)) }),
        row(words::ROW_RECORDS, html! { (words::grouped(status.records)) }),
        row(words::ROW_FOUND, html! { (words::grouped(model.indexed)) @if behind > 0 { " (" (words::behind(behind)) ")" } }),
        row(words::ROW_ROOT, html! { code.id { (root) } }),
        row(words::ROW_VERSION, html! { "koinond " (env!("CARGO_PKG_VERSION")) }),
    ]
}

/// The keys by which others know its checkpoints and cosignatures.
fn signs(log: &str, sightings: &Sightings) -> Vec<(String, Markup)> {
    let key = |text: String| html! { code.id { (clean(&text)) } };
    let asked = sightings.asked();
    let mut rows = vec![
        (
            words::ROW_CHECKPOINT.to_owned(),
            match sightings.checkpoint() {
                Some(size) => html! { a href="/checkpoint" { (words::covers(size)) } },
                None => html! { (words::NONE_YET) },
            },
        ),
        (words::ROW_LOG_KEY.to_owned(), key(log.to_owned())),
    ];
    rows.extend(sightings.own().map(|own| (words::ROW_WITNESS_KEY.to_owned(), key(own.to_string()))));
    rows.push((words::ROW_WITNESSES.to_owned(), html! {
        @if asked.is_empty() { (words::NOBODY) } @else { ul.plain { @for witness in asked { li { (key(witness.to_string())) } } } }
    }));
    rows
}

fn peers(links: &[Link]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(words::PEERS) {
            table.stacked {
                caption.hidden { (words::PEERS) }
                thead { tr {
                    th scope="col" { (words::COL_PEER) }
                    th scope="col" { (words::COL_ADDRESS) }
                    th scope="col" { (words::COL_PROGRAM) }
                    th.number scope="col" { (words::COL_ROUND_TRIP) }
                } }
                tbody { @for link in links.iter().take(ROWS) { (peer(link)) } }
            }
        }
    }
}

/// What a peer goes without, with whose it is.
fn lacks(link: &Link) -> Markup {
    html! {
        span.how { (words::LACKS) " " }
        @for (number, (organisation, records)) in link.lacks.iter().take(LACKS).enumerate() {
            @if number > 0 { ", " }
            a href={ "/organisation/" (organisation) } { (words::records(*records)) }
        }
        @if link.lacks.len() > LACKS { " …" }
    }
}

fn peer(link: &Link) -> Markup {
    html! {
        tr {
            th scope="row" { code.id { (clean(&link.peer)) } }
            td data-label=(words::COL_ADDRESS) {
                code.id { (clean(&link.address)) } br; span.how { (if link.dialled { words::DIALLED } else { words::CAME } ) }
                @if !link.lacks.is_empty() { br; (lacks(link)) }
            }
            td data-label=(words::COL_PROGRAM) { @match &link.agent { Some(agent) => (clean(agent)), None => "–" } }
            td.number data-label=(words::COL_ROUND_TRIP) {
                @match link.round_trip { Some(millis) => { (millis) " ms" }, None => "–" }
            }
        }
    }
}
