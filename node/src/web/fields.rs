//! A body as its kind's field list describes it: short values as a list of facts, long texts as sections. A new kind needs no page.

use super::item::{address, named_language, organisation, tone};
use super::reading::{Reading, short};
use super::text::{Said, clean, linked};
use super::{date, vocabulary, words};
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::kind::{Field, Kind, Shape};
use maud::{Markup, html};
use serde_json::{Map, Value};

/// Localised texts that may be at least this long are sections with a heading of their own.
const SECTION: usize = 1000;
/// What a page says elsewhere.
const ELSEWHERE: [&str; 4] = ["title", "name", "summary", "illustrative"];
/// The order in which a practice is read: the problem, what was done, what it took, what came of it, what others can make of it.
const ORDER: [&str; 8] = [
    "problem",
    "solution",
    "resources",
    "evidence",
    "difficulties_lessons",
    "transfer_potential",
    "not_suitable_when",
    "contact",
];

/// A text with a heading.
pub(crate) struct Section {
    /// The field.
    pub(crate) name: &'static str,
    /// The heading.
    pub(crate) label: &'static str,
    /// The text.
    pub(crate) text: Markup,
}

/// The long texts of a body, in the order in which they are read.
pub(crate) fn sections(kind: &Kind, body: &Map<String, Value>, reading: &Reading) -> Vec<Section> {
    let long = kind.fields.iter().filter(|field| is_section(field));
    let mut sections: Vec<Section> = long.filter_map(|field| section(field, body, reading)).collect();
    sections.sort_by_key(|section| ORDER.iter().position(|name| *name == section.name).unwrap_or(ORDER.len()));
    sections
}

fn section(field: &Field, body: &Map<String, Value>, reading: &Reading) -> Option<Section> {
    let text = match (field.shape, body.get(field.name)?) {
        (Shape::Localised(_), Value::Object(texts)) => prose(&Said::of_field(texts, &reading.languages)?, reading),
        (shape, value) => self::value(field.name, &shape, value, reading),
    };
    Some(Section { name: field.name, label: field.label, text })
}

fn prose(said: &Said, reading: &Reading) -> Markup {
    html! {
        (said.paragraphs())
        @if said.foreign(&reading.languages).is_some() { p.meta { (named_language(said, reading)) } }
    }
}

fn is_section(field: &Field) -> bool {
    !ELSEWHERE.contains(&field.name) && is_long(&field.shape)
}

/// Whether a value is more than a line: long text, or a group with text or a group in it.
fn is_long(shape: &Shape) -> bool {
    let line =
        |field: &Field| !matches!(field.shape, Shape::Localised(_) | Shape::Group(_) | Shape::List(..)) && !is_long(&field.shape);
    match shape {
        Shape::Localised(most) | Shape::Text(most) => *most >= SECTION,
        Shape::Group(fields) => !fields.iter().all(line),
        Shape::List(item, _) => is_long(item),
        _ => false,
    }
}

/// The short values of a body, in the order of the field list, and then what the list does not name.
pub(crate) fn facts(kind: &Kind, body: &Map<String, Value>, reading: &Reading) -> Vec<(String, Markup)> {
    let short = kind.fields.iter().filter(|field| !is_section(field) && !ELSEWHERE.contains(&field.name));
    let named =
        short.filter_map(|field| Some((field.label.to_owned(), value(field.name, &field.shape, body.get(field.name)?, reading))));
    named.chain(others(kind, body)).collect()
}

/// Fields of a later version of the kind.
fn others(kind: &Kind, body: &Map<String, Value>) -> impl Iterator<Item = (String, Markup)> {
    let known = |name: &String| kind.fields.iter().any(|field| field.name == *name) || ELSEWHERE.contains(&name.as_str());
    body.iter().filter(move |(name, _)| !known(name)).map(|(name, value)| (vocabulary::code(name), any(value)))
}

fn value(name: &str, shape: &Shape, value: &Value, reading: &Reading) -> Markup {
    match (shape, value) {
        (Shape::Localised(_), Value::Object(texts)) => match Said::of_field(texts, &reading.languages) {
            Some(said) => html! { (said) (named_language(&said, reading)) },
            None => html! {},
        },
        (Shape::Integer(..), Value::Number(number)) => {
            html! { (number.as_u64().map_or_else(|| number.to_string(), words::grouped)) }
        }
        (Shape::Topic, Value::Number(number)) => html! { (vocabulary::topic(number.as_u64().unwrap_or_default())) },
        (Shape::Date, Value::String(text)) => date::written(text),
        (Shape::Language, Value::String(text)) => html! { (words::language(&clean(text))) },
        (Shape::Country, Value::String(text)) => html! { (words::country(&clean(text))) },
        (Shape::Code(codes), Value::String(text)) => {
            html! { span class={ "tag " (tone(name, text)) } { (codes.label(text).map_or_else(|| vocabulary::code(text), str::to_owned)) } }
        }
        (Shape::Reference, Value::String(text)) => reference(text, reading),
        (Shape::List(item, _), Value::Array(items)) => html! {
            ul.plain.apart[is_long(item)] { @for each in items { li { (self::value(name, item, each, reading)) } } }
        },
        (Shape::Group(fields), Value::Object(object)) => {
            place(object).or_else(|| money(object)).unwrap_or_else(|| group(fields, object, reading))
        }
        _ => any(value),
    }
}

/// A place reads as its name with its code and its country.
fn place(object: &Map<String, Value>) -> Option<Markup> {
    let code = clean(object.get("code")?.as_str()?);
    object.get("vintage")?;
    let name = object.get("name").and_then(Value::as_str).map(clean);
    Some(html! {
        @match &name { Some(name) => { span dir="auto" { (name) } " " span.code { (code) } }, None => (code) }
        @if let Some(country) = vocabulary::country_of_place(&code) { ", " (country) }
    })
}

/// Money reads in whole units of its currency, with the year of its prices.
fn money(object: &Map<String, Value>) -> Option<Markup> {
    let (amount, currency) = (object.get("amount")?.as_u64()?, clean(object.get("currency")?.as_str()?));
    let (whole, rest) = (words::grouped(amount / 100), amount % 100);
    let year = object.get("year").and_then(Value::as_u64);
    Some(html! {
        (whole) @if rest > 0 { (format!(".{rest:02}")) } " " (currency)
        @if let Some(year) = year { " " span.how { (words::prices_of(year)) } }
    })
}

fn group(fields: &[Field], object: &Map<String, Value>, reading: &Reading) -> Markup {
    html! {
        dl.inner {
            @for field in fields {
                @if let Some(inner) = object.get(field.name) {
                    div { dt { (field.label) } dd { (value(field.name, &field.shape, inner, reading)) } }
                }
            }
        }
    }
}

/// A reference to a record by its title, to an organisation by its name.
pub(crate) fn reference(text: &str, reading: &Reading) -> Markup {
    let Ok(id) = text.parse::<RecordId>() else { return html! { (clean(text)) } };
    if reading.trust.organisation(OrganisationId::from(id)).is_some() {
        let id = OrganisationId::from(id);
        return html! { a href=(organisation(id)) { (reading.name(id)) } };
    }
    match reading.find(&id) {
        Ok(Some(item)) => html! { a href=(item.address()) { (item.title) } (named_language(&item.title, reading)) },
        _ => html! { a href=(address(&id)) { (short(text)) } " " span.how { (words::NOT_HERE) } },
    }
}

/// A value of which no field list tells anything.
pub(crate) fn any(value: &Value) -> Markup {
    match value {
        Value::Null => html! { (words::NOTHING) },
        Value::Bool(true) => html! { (words::YES) },
        Value::Bool(false) => html! { (words::NO) },
        Value::Number(number) => html! { (number.to_string()) },
        Value::String(text) => html! { span dir="auto" { (linked(&clean(text))) } },
        Value::Array(items) => html! { ul.plain { @for item in items { li { (any(item)) } } } },
        Value::Object(fields) => html! {
            dl.inner { @for (name, value) in fields { div { dt { (vocabulary::code(name)) } dd { (any(value)) } } } }
        },
    }
}
