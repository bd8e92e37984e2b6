//! What the search knows of a record: what its kind's field list says can be read, in whatever language.

use super::{Document, Facet, Text};
use koinon_protocol::json;
use koinon_protocol::kind::{Kind, Shape};
use koinon_protocol::ledger::Entry;
use koinon_protocol::record::Header;
use serde_json::Value;

/// The fields that name a record; the first that a kind has is its title.
const TITLES: [&str; 3] = ["title", "name", "description"];
/// Inhabitants from which a band begins, with its name.
const BANDS: [(u64, &str); 6] = [
    (0, "under 2000"),
    (2_000, "2000 to 10000"),
    (10_000, "10000 to 50000"),
    (50_000, "50000 to 250000"),
    (250_000, "250000 to 1000000"),
    (1_000_000, "over 1000000"),
];

/// The document of a content record whose body is here and conforms to its kind; none of any other.
pub fn document(entry: &Entry) -> Option<Document> {
    let header = entry.signed.header();
    let kind = Kind::by_number(header.kind)?;
    let body = json::Document::parse(&entry.body.as_ref()?.bytes).ok()?;
    kind.check(&body).ok()?;
    let mut made = Document {
        id: entry.id,
        claimed_at: header.claimed_at,
        title: Vec::new(),
        text: Vec::new(),
        facets: facets(kind, header, body.fields()),
    };
    let own = body.fields().get("language").and_then(Value::as_str);
    let title = TITLES.into_iter().find(|name| body.fields().contains_key(*name));
    for field in kind.fields {
        if let Some(value) = body.fields().get(field.name) {
            let into = if title == Some(field.name) { &mut made.title } else { &mut made.text };
            read(&field.shape, value, own, into);
        }
    }
    let languages = made.title.iter().chain(&made.text).map(|text| text.language.clone()).filter(|code| !code.is_empty());
    let languages: std::collections::BTreeSet<String> = languages.collect();
    made.facets.extend(languages.into_iter().map(|code| (Facet::Language, code)));
    Some(made)
}

fn read(shape: &Shape, value: &Value, language: Option<&str>, into: &mut Vec<Text>) {
    match (shape, value) {
        (Shape::Localised(_), Value::Object(texts)) => {
            into.extend(texts.iter().filter_map(|(language, words)| text(language, words)));
        }
        (Shape::Text(_), words) => into.extend(text(language.unwrap_or_default(), words)),
        (Shape::List(item, _), Value::Array(items)) => items.iter().for_each(|value| read(item, value, language, into)),
        (Shape::Group(fields), Value::Object(object)) => {
            let parts = fields.iter().filter_map(|field| Some((field, object.get(field.name)?)));
            parts.for_each(|(field, value)| read(&field.shape, value, language, into));
        }
        _ => {}
    }
}

fn text(language: &str, words: &Value) -> Option<Text> {
    Some(Text { language: language.to_owned(), words: words.as_str()?.to_owned() })
}

fn facets(kind: &Kind, header: &Header, body: &serde_json::Map<String, Value>) -> Vec<(Facet, String)> {
    let mut found = vec![(Facet::Kind, kind.name.to_owned())];
    let topic = body.get("topic").and_then(Value::as_u64).unwrap_or(header.topic.into());
    if topic > 0 {
        found.push((Facet::Topic, topic.to_string()));
    }
    let code = std::str::from_utf8(&header.territory).unwrap_or_default().trim_end_matches('\0');
    let places = body.get("places").and_then(Value::as_array).into_iter().flatten();
    let mut codes: Vec<&str> =
        places.filter_map(|place| place["code"].as_str()).chain([code]).filter(|code| !code.is_empty()).collect();
    codes.sort_unstable();
    codes.dedup();
    found.extend(codes.into_iter().map(|code| (Facet::Territory, code.to_owned())));
    for (facet, name) in [(Facet::Cooperation, "cooperation_form"), (Facet::Outcome, "outcome")] {
        found.extend(body.get(name).and_then(Value::as_str).map(|value| (facet, value.to_owned())));
    }
    if let Some(inhabitants) = body.get("population").and_then(|population| population["inhabitants"].as_u64()) {
        let band = BANDS.iter().rev().find(|(from, _)| *from <= inhabitants);
        found.extend(band.map(|(_, name)| (Facet::Population, (*name).to_owned())));
    }
    found
}
