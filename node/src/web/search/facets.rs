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
    /// None where records with two values below it would be counted twice.
    records: Option<u64>,
    active: bool,
    below: bool,
    address: String,
}

/// The value above another: a topic's division, a place's country.
pub(super) fn parent(facet: Facet, value: &str) -> Option<String> {
    let above = match facet {
        Facet::Topic => (value.parse::<u64>().ok()? / 100 * 100).to_string(),
        Facet::Territory => value.get(..2)?.to_owned(),
        _ => return None,
    };
    (above != value).then_some(above)
}

/// The values of a facet. Those below another are shown once it, or one of them, is chosen.
fn values(facet: Facet, counts: &[Count], asked: &Asked) -> Vec<Value> {
    let chosen: Vec<&str> =
        asked.filters.iter().filter(|filter| filter.facet == facet).map(|filter| filter.value.as_str()).collect();
    let mut counted: Vec<(String, Option<u64>)> = Vec::new();
    let missing = chosen.iter().map(|value| ((*value).to_owned(), 0));
    for (value, records) in
        counts.iter().filter(|count| count.facet == facet).map(|count| (count.value.clone(), count.records)).chain(missing)
    {
        if !counted.iter().any(|(known, _)| *known == value) {
            counted.push((value, Some(records)));
        }
    }
    let (mut tops, below): (Vec<_>, Vec<_>) = counted.into_iter().partition(|(value, _)| parent(facet, value).is_none());
    for (value, records) in &below {
        let Some(above) = parent(facet, value) else { continue };
        let one = below.iter().filter(|(other, _)| parent(facet, other).as_ref() == Some(&above)).count() == 1;
        if !tops.iter().any(|(top, _)| *top == above) {
            tops.push((above, records.filter(|_| one)));
        }
    }
    let mut values = Vec::new();
    for (top, records) in tops {
        let children: Vec<_> = below.iter().filter(|(value, _)| parent(facet, value).as_ref() == Some(&top)).collect();
        let open = chosen.contains(&top.as_str()) || children.iter().any(|(value, _)| chosen.contains(&value.as_str()));
        values.push(link(Filter { facet, value: top }, records, false, asked));
        values.extend(
            children
                .into_iter()
                .filter(|_| open)
                .map(|(value, records)| link(Filter { facet, value: value.clone() }, *records, true, asked)),
        );
    }
    values
}

fn link(filter: Filter, records: Option<u64>, below: bool, asked: &Asked) -> Value {
    let active = asked.filters.contains(&filter);
    let label = label(filter.facet, &filter.value);
    let address = if active { asked.without(&filter) } else { asked.with(filter) };
    Value { label, records, active, below, address }
}

fn one(facet: Facet, values: &[Value]) -> Markup {
    let (first, rest) = values.split_at(values.len().min(SHOWN));
    html! {
        section.facet {
            h2 { (words::facet(facet)) }
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
        li.below[value.below] {
            a href=(value.address) rel="nofollow" aria-current=[value.active.then_some("true")] {
                span.value dir="auto" { (value.label) }
                @if let Some(records) = value.records.filter(|records| *records > 0) {
                    " " span.count { span.hidden { "(" } (words::grouped(records)) span.hidden { ")" } }
                }
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
