//! What the search knows of a record: what its kind says that it is found by.

use super::{Document, Text};
use koinon_protocol::json;
use koinon_protocol::kind::Kind;
use koinon_protocol::ledger::Entry;

/// The document of a content record whose body is here and conforms to its kind; none of any other.
pub fn document(entry: &Entry) -> Option<Document> {
    let header = entry.signed.header();
    let kind = Kind::by_number(header.kind)?;
    let body = json::Document::parse(&entry.body.as_ref()?.bytes).ok()?;
    kind.check(&body).ok()?;
    let words = kind.words(&body);
    let facets = words.facets.into_iter().filter_map(|(name, value)| Some((name.parse().ok()?, value))).collect();
    let texts = |texts: Vec<(String, String)>| texts.into_iter().map(|(language, words)| Text { language, words }).collect();
    Some(Document { id: entry.id, claimed_at: header.claimed_at, title: texts(words.title), text: texts(words.text), facets })
}
