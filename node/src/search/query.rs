//! A question, and what is found.

use super::fields::Fields;
use super::fold::{fold, words};
use super::stem::stems;
use koinon_protocol::id::RecordId;
use std::str::FromStr;
use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, DisjunctionMaxQuery, Occur, Query, RegexQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::IndexRecordOption;

/// The most words of a question that are read.
const WORDS: usize = 32;
/// A word in the title counts as much as this many in the text.
const TITLE: f32 = 3.0;
/// A word as it was typed counts as much as this many of its stem.
const AS_TYPED: f32 = 1.5;

/// What records can be filtered by and counted over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facet {
    /// The record kind's name.
    Kind,
    /// COFOG code.
    Topic,
    /// NUTS or LAU code; a filter also takes what begins with its value, so `RO` holds `RO1`.
    Territory,
    /// BCP 47 code.
    Language,
    /// The form of cooperation.
    Cooperation,
    /// How it went.
    Outcome,
    /// Inhabitants, in bands.
    Population,
}

impl Facet {
    /// Every facet, in the order in which people see them.
    pub const ALL: [Self; 7] =
        [Self::Kind, Self::Topic, Self::Territory, Self::Language, Self::Cooperation, Self::Outcome, Self::Population];

    /// Its name in addresses and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Topic => "topic",
            Self::Territory => "territory",
            Self::Language => "language",
            Self::Cooperation => "cooperation",
            Self::Outcome => "outcome",
            Self::Population => "population",
        }
    }
}

/// A facet of an unknown name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no facet of this name; there are kind, topic, territory, language, cooperation, outcome and population")]
pub struct UnknownFacet;

impl FromStr for Facet {
    type Err = UnknownFacet;
    fn from_str(name: &str) -> Result<Self, UnknownFacet> {
        Self::ALL.into_iter().find(|facet| facet.name() == name).ok_or(UnknownFacet)
    }
}

/// One facet must have one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The facet.
    pub facet: Facet,
    /// Its value.
    pub value: String,
}

/// What somebody wants to find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Free text; empty for everything.
    pub text: String,
    /// The language that the text is in, when it is known.
    pub language: Option<String>,
    /// Filters of one facet widen, filters of different facets narrow.
    pub filters: Vec<Filter>,
    /// How many hits to leave out.
    pub skip: usize,
    /// How many hits to give.
    pub limit: usize,
}

/// One record that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The record.
    pub id: RecordId,
    /// How well it fits; comparable within one answer.
    pub score: f32,
}

/// How many of the found records have a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The facet.
    pub facet: Facet,
    /// The value.
    pub value: String,
    /// How many.
    pub records: u64,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// How many records fit, those left out included.
    pub total: usize,
    /// The best first.
    pub hits: Vec<Hit>,
    /// Over all that fit, the most frequent first within each facet.
    pub counts: Vec<Count>,
}

/// The question as the index reads it: every word in some form, every facet in one of its values, and none of the records
/// that are to be left out.
pub(super) fn compile<'a>(question: &Question, without: impl Iterator<Item = &'a RecordId>, fields: &Fields) -> Box<dyn Query> {
    let mut parts: Vec<(Occur, Box<dyn Query>)> = words(&question.text)
        .take(WORDS)
        .map(|word| (Occur::Must, word_query(&word, question.language.as_deref(), fields)))
        .collect();
    for facet in Facet::ALL {
        let values: Vec<Box<dyn Query>> =
            question.filters.iter().filter(|f| f.facet == facet).filter_map(|f| filter_query(f, fields)).collect();
        if !values.is_empty() {
            parts.push((Occur::Must, Box::new(BoostQuery::new(Box::new(BooleanQuery::union(values)), 0.0))));
        }
    }
    if parts.is_empty() {
        parts.push((Occur::Must, Box::new(AllQuery)));
    }
    let without: Vec<Term> = without.map(|id| Term::from_field_bytes(fields.id, id.as_bytes())).collect();
    if !without.is_empty() {
        parts.push((Occur::MustNot, Box::new(TermSetQuery::new(without))));
    }
    Box::new(BooleanQuery::new(parts))
}

fn word_query(word: &str, language: Option<&str>, fields: &Fields) -> Box<dyn Query> {
    let typed = fold(word);
    let mut forms = vec![
        boosted(Term::from_field_text(fields.title, &typed), TITLE * AS_TYPED),
        boosted(Term::from_field_text(fields.words, &typed), AS_TYPED),
    ];
    for stem in stems(word, language) {
        forms.push(boosted(Term::from_field_text(fields.title, &stem), TITLE));
        forms.push(boosted(Term::from_field_text(fields.stems, &stem), 1.0));
    }
    Box::new(DisjunctionMaxQuery::new(forms))
}

fn boosted(term: Term, by: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)), by))
}

fn filter_query(filter: &Filter, fields: &Fields) -> Option<Box<dyn Query>> {
    let field = fields.facet(filter.facet);
    if filter.facet != Facet::Territory {
        return Some(Box::new(TermQuery::new(Term::from_field_text(field, &filter.value), IndexRecordOption::Basic)));
    }
    let is_code = filter.value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let prefix = format!("{}.*", filter.value.replace('-', "\\-"));
    RegexQuery::from_pattern(&prefix, field).ok().filter(|_| is_code).map(|query| Box::new(query) as Box<dyn Query>)
}
