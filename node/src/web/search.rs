//! Finding: a list of records with facets that narrow it. Every filter is a link, so that a search can be kept, sent and undone.

mod address;
mod facets;

pub(crate) use address::Asked;

use super::item::Item;
use super::layout::{Page, search_box};
use super::reading::Reading;
use super::text::Said;
use super::words;
use crate::reader::ReadError;
use crate::search::{Count, Facet, Found, Question};
use maud::{Markup, html};

/// Records on one page.
pub(crate) const PAGE: usize = 20;
/// The furthest page: what the index reaches.
pub(crate) const LAST_PAGE: usize = 500;

/// What the page says.
pub(crate) struct Model {
    /// What was asked.
    pub(crate) asked: Asked,
    /// How many records fit.
    pub(crate) total: usize,
    /// Those of this page.
    pub(crate) items: Vec<Item>,
    /// What can be narrowed; a facet that is filtered by is counted as if it were not.
    pub(crate) counts: Vec<Count>,
}

/// Reads what the page says.
///
/// # Errors
/// [`ReadError`].
pub(crate) fn gather(asked: Asked, reading: &Reading) -> Result<Model, ReadError> {
    let question = Question { skip: (asked.page - 1) * PAGE, limit: PAGE, ..asked.question() };
    let found = reading.reader.search(&question)?;
    let items = found.hits.iter().filter_map(|hit| reading.find(&hit.id).transpose()).collect::<Result<_, _>>()?;
    let counts = counts(&question, &found, reading)?;
    Ok(Model { asked, total: found.total, items, counts })
}

/// Filters of one facet widen: what else could be chosen in it is counted without them.
fn counts(question: &Question, found: &Found, reading: &Reading) -> Result<Vec<Count>, ReadError> {
    let mut counts = Vec::new();
    for facet in Facet::ALL {
        let filtered = question.filters.iter().any(|filter| filter.facet == facet);
        let of = |found: &Found| found.counts.iter().filter(|count| count.facet == facet).cloned().collect::<Vec<_>>();
        counts.extend(if filtered { of(&reading.reader.search(&without(question, facet))?) } else { of(found) });
    }
    Ok(counts)
}

fn without(question: &Question, facet: Facet) -> Question {
    let filters = question.filters.iter().filter(|filter| filter.facet != facet).cloned().collect();
    Question { filters, skip: 0, limit: 1, ..question.clone() }
}

/// The page.
pub(crate) fn view(model: &Model, reading: &Reading) -> Page {
    let heading = heading(&model.asked);
    let title = if model.asked.text.is_empty() { heading.clone() } else { format!("{} – {heading}", model.asked.text) };
    Page {
        title,
        section: model.asked.section(),
        above: Vec::new(),
        main: html! {
            h1 { (heading) }
            (search_box(&model.asked.text, words::SEARCH_LABEL, &model.asked.hidden()))
            div.results {
                (facets::view(&model.asked, &model.counts))
                section.found aria-labelledby="found" {
                    h2 #found { (words::found(model.total)) }
                    (active(&model.asked))
                    @if model.items.is_empty() { (nothing(&model.asked)) }
                    @else { ol.cards { @for item in &model.items { (item.card(reading)) } } (paging(&model.asked, model.total)) }
                }
            }
        },
    }
}

fn heading(asked: &Asked) -> String {
    match asked.only_kind() {
        Some("practice") => words::PRACTICES.to_owned(),
        Some("need") => words::NEEDS.to_owned(),
        Some("offer") => words::OFFERS.to_owned(),
        _ => words::SEARCH.to_owned(),
    }
}

/// The filters in force, each a link that takes it away.
fn active(asked: &Asked) -> Markup {
    html! {
        @if !asked.filters.is_empty() {
            ul.active aria-label=(words::ACTIVE_FILTERS) {
                @for filter in &asked.filters {
                    li { a href=(asked.without(filter)) rel="nofollow" {
                        span.hidden { (words::REMOVE_FILTER) " " }
                        (words::facet(filter.facet)) ": " (Said::plain(&facets::label(filter.facet, &filter.value)))
                        span.cross aria-hidden="true" { "×" }
                    } }
                }
                @if asked.filters.len() > 1 { li.all { a href=(asked.without_all()) { (words::REMOVE_ALL) } } }
            }
        }
    }
}

fn nothing(asked: &Asked) -> Markup {
    html! {
        div.none {
            p { strong { (words::NOTHING_FOUND) } }
            ul {
                @if !asked.filters.is_empty() { li { a href=(asked.without_all()) { (words::TRY_WITHOUT_FILTERS) } } }
                @if asked.text.contains(' ') { li { (words::TRY_FEWER_WORDS) } }
                li { (words::TRY_OTHER_LANGUAGE) }
                li { a href="/search" { (words::TRY_EVERYTHING) } }
            }
        }
    }
}

fn paging(asked: &Asked, total: usize) -> Markup {
    let last = total.div_ceil(PAGE).clamp(1, LAST_PAGE);
    html! {
        @if last > 1 {
            nav.pages aria-label=(words::PAGES) {
                @if asked.page > 1 { a rel="prev" href=(asked.at(asked.page - 1)) { "← " (words::PREVIOUS_PAGE) } }
                span { (words::page_of(asked.page, last)) }
                @if asked.page < last { a rel="next" href=(asked.at(asked.page + 1)) { (words::NEXT_PAGE) " →" } }
            }
        }
    }
}
