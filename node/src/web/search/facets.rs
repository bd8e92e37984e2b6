//! The sidebar: what narrows a search, with how many records each value would leave.

use super::Asked;
use crate::search::{Count, Facet, Filter};
use crate::web::text::clean;
use crate::web::{vocabulary, words};
use maud::{Markup, html};

/// Values that are shown at once; the rest unfolds.
const SHOWN: usize = 6;

/// The sidebar; on a small screen it unfolds.
pub(super) fn view(asked: &Asked, counts: &[Count]) -> Markup {
    html! {
        aside.facets aria-label=(words::FILTERS) {
            details.filters {
                summary { (words::FILTERS) @if !asked.filters.is_empty() { " (" (asked.filters.len()) ")" } }
                @for facet in Facet::ALL {
                    @let values = values(facet, counts, asked);
                    @if values.len() > 1 || values.iter().any(|value| value.active) { (one(facet, &values)) }
                }
            }
        }
    }
}

struct Value {
    label: String,
    records: u64,
    active: bool,
    address: String,
}

fn values(facet: Facet, counts: &[Count], asked: &Asked) -> Vec<Value> {
    let mut counted: Vec<(String, u64)> =
        counts.iter().filter(|count| count.facet == facet).map(|count| (count.value.clone(), count.records)).collect();
    for filter in asked.filters.iter().filter(|filter| filter.facet == facet) {
        if !counted.iter().any(|(value, _)| *value == filter.value) {
            counted.insert(0, (filter.value.clone(), 0));
        }
    }
    counted.into_iter().map(|(value, records)| link(Filter { facet, value }, records, asked)).collect()
}

fn link(filter: Filter, records: u64, asked: &Asked) -> Value {
    let active = asked.filters.contains(&filter);
    let label = label(filter.facet, &filter.value);
    let address = if active { asked.without(&filter) } else { asked.with(filter) };
    Value { label, records, active, address }
}

fn one(facet: Facet, values: &[Value]) -> Markup {
    let (first, rest) = values.split_at(values.len().min(SHOWN));
    html! {
        section.facet {
            h3 { (words::facet(facet)) }
            ul { @for value in first { (item(value)) } }
            @if !rest.is_empty() {
                details open[rest.iter().any(|value| value.active)] {
                    summary { (words::more(rest.len())) }
                    ul { @for value in rest { (item(value)) } }
                }
            }
        }
    }
}

fn item(value: &Value) -> Markup {
    html! {
        li {
            a href=(value.address) rel="nofollow" aria-current=[value.active.then_some("true")] {
                span.value dir="auto" { (value.label) }
                @if value.records > 0 { " " span.count { span.hidden { "(" } (words::grouped(value.records)) span.hidden { ")" } } }
            }
        }
    }
}

/// A value in words.
pub(super) fn label(facet: Facet, value: &str) -> String {
    let value = clean(value);
    match (facet, vocabulary::country_of_place(&value)) {
        (Facet::Topic, _) => value.parse().map_or(value, vocabulary::topic),
        (Facet::Territory, Some(country)) if value.len() == 2 => country.to_owned(),
        (Facet::Territory, Some(country)) => format!("{value}, {country}"),
        (Facet::Territory, None) => value,
        (Facet::Language, _) => words::language(&value).to_owned(),
        (Facet::Kind, _) => vocabulary::code(&value),
        (Facet::Cooperation | Facet::Outcome | Facet::Population, _) => {
            koinon_protocol::kind::label(facet.name(), &value).map_or_else(|| vocabulary::code(&value), str::to_owned)
        }
    }
}
