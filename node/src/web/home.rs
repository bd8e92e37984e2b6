//! The first page: one question, what is new, who looks for help and who offers it.

use super::item::Item;
use super::layout::{Page, search_box};
use super::reading::{NEWEST, Reading};
use super::{date, words};
use crate::reader::{Listing, ReadError};
use crate::search::{Facet, Question};
use koinon_protocol::kind::Kind;
use koinon_protocol::record::Header;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Practices on the page.
const PRACTICES: usize = 6;
/// Needs, and offers.
const OPEN: usize = 4;
/// How many records are looked at to find those that are open and not replaced.
const LOOKED_AT: usize = 40;

/// What the page says.
pub(crate) struct Model {
    /// The newest practices.
    pub(crate) practices: Vec<Item>,
    /// The newest needs that are open.
    pub(crate) needs: Vec<Item>,
    /// The newest offers that have not ended.
    pub(crate) offers: Vec<Item>,
    /// Records, organisations, countries, languages.
    pub(crate) figures: [u64; 4],
}

/// Reads what the page says.
///
/// # Errors
/// [`ReadError`].
pub(crate) fn gather(reading: &Reading) -> Result<Model, ReadError> {
    let countries: BTreeSet<&str> = reading.trust.organisations().map(|each| each.country.as_str()).collect();
    let languages = reading.reader.search(&Question { limit: 1, ..Question::default() })?;
    let languages = languages.counts.iter().filter(|count| count.facet == Facet::Language).count();
    Ok(Model {
        practices: newest("practice", PRACTICES, |_| true, reading)?,
        needs: newest("need", OPEN, |item| item.field("status").is_some_and(|status| status == "open"), reading)?,
        offers: newest("offer", OPEN, |item| is_open(item, reading), reading)?,
        figures: [reading.reader.size(), reading.trust.organisations().count() as u64, countries.len() as u64, languages as u64],
    })
}

fn is_open(offer: &Item, reading: &Reading) -> bool {
    offer.field("until").and_then(|until| until.as_str()).is_none_or(|until| until >= date::iso(reading.now).as_str())
}

/// The newest of a kind that can be read, fit, and were not replaced by one that is newer still.
fn newest(kind: &str, most: usize, fits: impl Fn(&Item) -> bool, reading: &Reading) -> Result<Vec<Item>, ReadError> {
    let Some(kind) = Kind::by_name(kind) else { return Ok(Vec::new()) };
    let items = reading.newest(Listing::Kind(kind.number), NEWEST, LOOKED_AT)?;
    let replaced: BTreeSet<_> =
        items.iter().map(Item::header).map(|header: &Header| (header.organisation, header.subject)).collect();
    let current = items.into_iter().filter(|item| !replaced.contains(&(item.author, item.entry.id)) && item.is_sound());
    Ok(current.filter(fits).take(most).collect())
}

/// The page.
pub(crate) fn view(model: &Model, reading: &Reading) -> Page {
    Page {
        title: words::HOME.to_owned(),
        section: "/",
        above: Vec::new(),
        main: html! {
            div.hero {
                h1 { (words::QUESTION) }
                p.lead { (words::PURPOSE) }
                (search_box("", words::SEARCH_LABEL, &[("kind", "practice")]))
                p.hint {
                    (words::EXAMPLES) ": "
                    @for (index, (address, name)) in words::EXAMPLE_TOPICS.iter().enumerate() {
                        @if index > 0 { " · " }
                        a href=(address) { (name) }
                    }
                }
            }
            (figures(model.figures))
            (list(words::NEWEST_PRACTICES, "/practices", words::ALL_PRACTICES, &model.practices, words::NO_PRACTICES, reading))
            div.pair {
                (list(words::OPEN_NEEDS, "/needs", words::ALL_NEEDS, &model.needs, words::NO_NEEDS, reading))
                (list(words::OPEN_OFFERS, "/offers", words::ALL_OFFERS, &model.offers, words::NO_OFFERS, reading))
            }
        },
    }
}

fn figures(figures: [u64; 4]) -> Markup {
    let labels = [words::FIGURE_RECORDS, words::FIGURE_ORGANISATIONS, words::FIGURE_COUNTRIES, words::FIGURE_LANGUAGES];
    html! {
        dl.figures { @for (label, figure) in labels.into_iter().zip(figures) { div { dt { (label) } dd { (words::grouped(figure)) } } } }
    }
}

fn list(heading: &str, all: &str, all_name: &str, items: &[Item], none: &str, reading: &Reading) -> Markup {
    html! {
        section {
            h2 { (heading) }
            @if items.is_empty() { p.none { (none) } } @else { ul.cards { @for item in items { (item.card(reading)) } } }
            p.more { a href=(all) { (all_name) } }
        }
    }
}
