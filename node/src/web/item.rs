//! A record as lists and pages show it.

use super::reading::{Reading, short};
use super::text::Said;
use super::{date, vocabulary, words};
use crate::shown::{author, is_shown};
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::json::Document;
use koinon_protocol::kind::{Kind, Problem};
use koinon_protocol::ledger::Entry;
use koinon_protocol::record::Header;
use koinon_protocol::trust::acts::is_act;
use koinon_protocol::trust::attestation;
use maud::{Markup, html};
use serde_json::{Map, Value};

/// The most languages of a body that are told in a list.
const LANGUAGES: usize = 8;
/// The most characters of a title; a longer text stands in for one with its beginning.
const TITLE: usize = 120;

/// What is known of a record's body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    /// It has not arrived, or was erased.
    Absent,
    /// It keeps to the field list of its kind, or its kind is not known here.
    Sound(Map<String, Value>),
    /// It does not: shown as it was signed, and found by no search.
    Odd(Vec<Problem>, String),
}

/// A record with what a page needs of it.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Its place in this node's journal.
    pub(crate) position: u64,
    /// Header, signature, body.
    pub(crate) entry: Entry,
    /// What it says.
    pub(crate) content: Content,
    /// What it is called.
    pub(crate) title: Said,
    /// Its author.
    pub(crate) author: OrganisationId,
    /// What its author is called.
    pub(crate) author_name: Said,
}

impl Item {
    /// What a page needs of `entry`.
    pub(crate) fn new(position: u64, entry: Entry, reading: &Reading) -> Self {
        let header = *entry.signed.header();
        let author = author(&entry);
        let author_name = if author.is_zero() { Said::plain(words::THE_FOUNDERS) } else { reading.name(author) };
        let content = Content::read(&header, entry.body.as_ref().map(|body| body.bytes.as_slice()));
        let title = content.title(reading).unwrap_or_else(|| untitled(&header, &entry.id, reading));
        Self { position, entry, content, title, author, author_name }
    }

    /// Takes another body, such as one with the texts of translations.
    pub(crate) fn retitle(&mut self, body: Map<String, Value>, reading: &Reading) {
        self.content = Content::Sound(body);
        if let Some(title) = self.content.title(reading) {
            self.title = title;
        }
    }

    /// Its header.
    pub(crate) fn header(&self) -> &Header {
        self.entry.signed.header()
    }

    /// Where its page is.
    pub(crate) fn address(&self) -> String {
        address(&self.entry.id)
    }

    /// A field of its body.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        match &self.content {
            Content::Sound(fields) => fields.get(name),
            _ => None,
        }
    }

    /// Whether its body is here and keeps to its kind.
    pub(crate) fn is_sound(&self) -> bool {
        matches!(self.content, Content::Sound(_))
    }

    /// Whether its author says that it is made up to show how the network works.
    pub(crate) fn illustrative(&self) -> bool {
        self.field("illustrative").is_some_and(|value| *value == Value::Bool(true))
    }

    /// The languages of its texts, in the order of their tags.
    pub(crate) fn languages(&self) -> Vec<&str> {
        let Content::Sound(fields) = &self.content else { return Vec::new() };
        let texts = fields.get("title").or_else(|| fields.get("description")).or_else(|| fields.get("name"));
        let tags = texts.and_then(Value::as_object).into_iter().flat_map(Map::keys).map(String::as_str);
        tags.chain(fields.get("language").and_then(Value::as_str)).take(LANGUAGES).collect()
    }

    /// The names of the places that it names, or their codes.
    pub(crate) fn places(&self) -> Vec<String> {
        let places = self.field("places").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let name = |place: &Value| place["name"].as_str().or_else(|| place["code"].as_str()).map(super::text::clean);
        let own = |place: &String| *place == self.author_name.text;
        let mut named: Vec<String> = places.iter().filter_map(name).filter(|place| !own(place)).take(3).collect();
        named.dedup();
        let territory = vocabulary::territory(self.header());
        if places.is_empty() && !territory.is_empty() { vec![territory] } else { named }
    }

    /// The record in a list: title, who, where, when, how it went, in which languages.
    pub(crate) fn card(&self, reading: &Reading) -> Markup {
        html! {
            li.card {
                p.kind {
                    (vocabulary::kind(self.header().kind)) @if self.illustrative() { " " span.tag.example { (words::ILLUSTRATIVE_TAG) } }
                }
                h3 { a href=(self.address()) { (self.title) } (named_language(&self.title, reading)) }
                p.meta {
                    a href=(organisation(self.author)) { (self.author_name) }
                    @for place in self.places() { span.dot { (place) } }
                    span.dot { (date::day(self.header().claimed_at)) }
                }
                @if let Some(summary) = self.summary(reading) { p.summary { (summary) } }
                (self.marks())
            }
        }
    }

    /// Outcome, status and languages.
    fn marks(&self) -> Markup {
        let languages = self.languages();
        let state =
            ["outcome", "status", "stage", "type"].into_iter().filter_map(|name| Some((name, self.field(name)?.as_str()?)));
        let state: Vec<_> = state.collect();
        html! {
            @if !state.is_empty() || !languages.is_empty() {
                p.marks {
                    @for (name, code) in state { span class={ "tag " (tone(name, code)) } { (vocabulary::code_of(self.header().kind, name, code)) } }
                    @for language in languages { span.language { (words::language(&super::text::clean(language))) } }
                }
            }
        }
    }

    fn summary(&self, reading: &Reading) -> Option<Said> {
        let texts = ["summary", "problem", "opinion", "kept"].into_iter().find_map(|name| self.field(name)?.as_object())?;
        let said = Said::of_field(texts, &reading.languages)?;
        Some(Said { text: shortened(&said.text, 200), ..said })
    }
}

impl Content {
    fn read(header: &Header, bytes: Option<&[u8]>) -> Self {
        let Some(bytes) = bytes else { return Self::Absent };
        let raw = || String::from_utf8_lossy(bytes).into_owned();
        match Document::parse(bytes) {
            Err(error) => Self::Odd(vec![Problem { place: error.place, should: error.problem.to_string() }], raw()),
            Ok(document) => match Kind::by_number(header.kind).map_or(Ok(()), |kind| kind.check(&document)) {
                Ok(()) => Self::Sound(unfolded(header.kind, document.into_fields())),
                Err(problems) => Self::Odd(problems, raw()),
            },
        }
    }

    fn title(&self, reading: &Reading) -> Option<Said> {
        let Self::Sound(fields) = self else { return None };
        let texts = ["title", "name", "description"].into_iter().find_map(|name| fields.get(name)?.as_object())?;
        let said = Said::of_field(texts, &reading.languages)?;
        Some(Said { text: shortened(&said.text, TITLE), ..said })
    }
}

/// The text of an act is JSON in a text, which the signatures cover; people read what it says.
fn unfolded(kind: u16, mut fields: Map<String, Value>) -> Map<String, Value> {
    let text = fields.get("text").and_then(Value::as_str).filter(|_| is_act(kind)).map(|text| Document::parse(text.as_bytes()));
    if let Some(Ok(said)) = text {
        fields.insert("text".to_owned(), Value::Object(said.into_fields()));
    }
    fields
}

/// What a record without a title is called: its kind, and what it is about.
fn untitled(header: &Header, id: &RecordId, reading: &Reading) -> Said {
    let subject = OrganisationId::from(header.subject);
    match header.kind {
        attestation::KIND => Said::plain(&words::attestation_for(&reading.name(subject).text)),
        _ => match title_of(&header.subject, reading) {
            Some(title) => Said { text: format!("{}: {}", vocabulary::kind(header.kind), title.text), language: None },
            None => Said::plain(&format!("{} {}", vocabulary::kind(header.kind), short(&id.to_string()))),
        },
    }
}

/// The title that a record has of its own; what it is about is not followed, so that a long chain costs nothing.
fn title_of(id: &RecordId, reading: &Reading) -> Option<Said> {
    let entry = reading.reader.find(id).ok()?.and_then(|position| reading.reader.entry(position).ok()?)?;
    if !is_shown(&reading.reader, &reading.trust, &entry) {
        return None;
    }
    Content::read(entry.signed.header(), entry.body.as_ref().map(|body| body.bytes.as_slice())).title(reading)
}

/// The colour of a state.
pub(crate) fn tone(field: &str, code: &str) -> &'static str {
    match (field, code) {
        ("outcome", "worked") | ("stage", "operating") | ("status", "open") => "good",
        ("outcome", "partly" | "too_early") | ("stage", "planning" | "piloting" | "interested") => "fair",
        ("outcome", "did_not_work") | ("stage", "stopped" | "rejected") => "poor",
        _ => "quiet",
    }
}

/// The name of a text's language, when the reader did not ask for it.
pub(crate) fn named_language(said: &Said, reading: &Reading) -> Markup {
    html! { @if let Some(tag) = said.foreign(&reading.languages) { " " span.language { (words::language(tag)) } } }
}

/// Where a record's page is.
pub(crate) fn address(id: &RecordId) -> String {
    format!("/record/{id}")
}

/// Where an organisation's page is; that of the network for its founders together.
pub(crate) fn organisation(id: OrganisationId) -> String {
    if id.is_zero() { "/network".to_owned() } else { format!("/organisation/{id}") }
}

/// The beginning of a text, cut at a word.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let cut = text[..end].rfind(char::is_whitespace).filter(|at| *at > end / 2).unwrap_or(end);
    format!("{}…", text[..cut].trim_end())
}
