//! What people find, in their own language and on their own keyboard.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use koinon_protocol::id::RecordId;
use koinon_protocol::time::Millis;
use koinond::search::{Cursor, Document, Facet, Filter, Found, Question, SearchIndex, Text};

fn document(number: u8, language: &str, title: &str, text: &str, facets: &[(Facet, &str)]) -> Document {
    let words = |words: &str| vec![Text { language: language.into(), words: words.into() }];
    Document {
        id: RecordId([number; 32]),
        claimed_at: Millis(u64::from(number)),
        title: words(title),
        text: words(text),
        facets: facets.iter().map(|&(facet, value)| (facet, value.to_owned())).collect(),
    }
}

fn library(directory: &std::path::Path) -> SearchIndex {
    let mut index = SearchIndex::open(directory).unwrap();
    let documents = [
        document(
            1,
            "ro",
            "Colectarea deșeurilor",
            "Trei comune împart un camion.",
            &[(Facet::Territory, "RO111"), (Facet::Kind, "practice")],
        ),
        document(2, "ro", "Deşeuri verzi", "Compost pentru grădini.", &[(Facet::Territory, "RO212"), (Facet::Kind, "offer")]),
        document(
            3,
            "de",
            "Gemeinsames Bauamt",
            "Vier Gemeinden teilen sich Fachleute.",
            &[(Facet::Territory, "DE71"), (Facet::Kind, "practice")],
        ),
        document(4, "fi", "Jätehuolto saaristossa", "Yhteinen alus.", &[(Facet::Territory, "FI1C"), (Facet::Kind, "practice")]),
    ];
    documents.iter().for_each(|document| index.put(document).unwrap());
    index.commit(Cursor { size: 4, root: [4; 32] }).unwrap();
    index
}

fn ask(index: &SearchIndex, text: &str, filters: &[(Facet, &str)]) -> Found {
    let filters = filters.iter().map(|&(facet, value)| Filter { facet, value: value.to_owned() }).collect();
    index
        .searching()
        .find(&Question { text: text.into(), filters, limit: 10, ..Question::default() }, std::iter::empty())
        .unwrap()
}

fn numbers(found: &Found) -> Vec<u8> {
    let mut numbers: Vec<u8> = found.hits.iter().map(|hit| hit.id.0[0]).collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn words_are_found_with_and_without_their_marks_and_endings() {
    let directory = tempfile::tempdir().unwrap();
    let index = library(directory.path());
    for typed in ["deseuri", "deșeuri", "deşeuri", "DESEURI"] {
        assert_eq!(numbers(&ask(&index, typed, &[])), [1, 2], "{typed}");
    }
    assert_eq!(numbers(&ask(&index, "jatehuolto", &[])), [4]);
    assert_eq!(numbers(&ask(&index, "gemeinde", &[])), [3]);
    assert!(ask(&index, "deseuri bauamt", &[]).hits.is_empty(), "every word must be there");
}

#[test]
fn facets_narrow_and_count_what_was_found() {
    let directory = tempfile::tempdir().unwrap();
    let index = library(directory.path());
    assert_eq!(numbers(&ask(&index, "", &[(Facet::Territory, "RO")])), [1, 2]);
    assert_eq!(
        numbers(&ask(&index, "", &[(Facet::Territory, "RO"), (Facet::Territory, "DE"), (Facet::Kind, "practice")])),
        [1, 3]
    );
    let found = ask(&index, "", &[]);
    let kinds: Vec<_> = found.counts.iter().filter(|c| c.facet == Facet::Kind).map(|c| (c.value.as_str(), c.records)).collect();
    assert_eq!(kinds, [("practice", 3), ("offer", 1)]);
    assert!(ask(&index, "", &[(Facet::Territory, "R.*")]).hits.len() <= 4, "a pattern is no code");
}

#[test]
fn a_removed_record_is_not_found_and_the_cursor_survives() {
    let directory = tempfile::tempdir().unwrap();
    let mut index = library(directory.path());
    index.remove(&RecordId([1; 32]));
    let cursor = Cursor { size: 5, root: [5; 32] };
    index.commit(cursor).unwrap();
    drop(index);
    let index = SearchIndex::open(directory.path()).unwrap();
    assert_eq!(index.cursor().unwrap(), Some(cursor));
    assert_eq!(numbers(&ask(&index, "deseuri", &[])), [2]);
}
