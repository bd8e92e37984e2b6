//! One record: what it says, who says so, and what others made of it.

mod erased;
mod provenance;
mod related;
mod translated;

use super::fields;
use super::item::{Content, Item, named_language, organisation};
use super::layout::{self, Page};
use super::reading::{NEWEST, Reading};
use super::standing::{Verdict, verdict};
use super::text::{Said, clean};
use super::{assets, date, vocabulary, words};
use crate::reader::{Listing, ReadError};
use crate::shown::is_shown;
use erased::Gone;
use koinon_protocol::bundle::Time;
use koinon_protocol::id::RecordId;
use koinon_protocol::kind::{Kind, Problem};
use koinon_protocol::log::LogId;
use koinon_protocol::record::RecordError;
use koinon_protocol::trust::Right;
use koinon_protocol::trust::acts::is_act;
use maud::{Markup, html};
use related::Related;
use serde_json::{Map, Value};
use translated::Added;

/// The most records about a record that its page reads.
const ABOUT: usize = 200;

/// The most problems of a body that are named.
const PROBLEMS: usize = 20;

/// What the page of a record says.
pub(crate) struct Model {
    /// The record, with the texts that translations add.
    pub(crate) item: Item,
    /// Whether its signature and its body are what they should be, checked for this page.
    pub(crate) checked: Result<(), RecordError>,
    /// Whether its author might publish when it says that it wrote.
    pub(crate) standing: Verdict,
    /// Whether its author may publish now.
    pub(crate) standing_now: Verdict,
    /// Whether it is listed and passed on.
    pub(crate) shown: bool,
    /// The first place of its log that is not to be trusted, when the log is forked.
    pub(crate) frozen: Option<u64>,
    /// What erased its text, when something did.
    pub(crate) erased: Option<Gone>,
    /// What it is about, when that is a record that is here.
    pub(crate) subject: Option<Item>,
    /// What others made of it.
    pub(crate) related: Related,
    /// The languages that it can be read in.
    pub(crate) languages: Vec<String>,
    /// The translation that is shown, if one is.
    pub(crate) translator: Option<Item>,
    /// When it was there at the latest, by the word of witnesses, where somebody asked.
    pub(crate) witnessed: Option<Time>,
    /// Whether the author might publish at that time too, where there is one.
    pub(crate) standing_witnessed: Option<Verdict>,
    /// How many records the journal holds.
    pub(crate) size: u64,
}

/// Reads what the page of `id` says; none when the record is not here.
///
/// # Errors
/// [`ReadError`].
pub(crate) fn gather(id: &RecordId, reading: &Reading) -> Result<Option<Model>, ReadError> {
    let Some(item) = reading.find_any(id)? else { return Ok(None) };
    let subject = item.header().subject;
    let subject = if subject.is_zero() { None } else { reading.find(&subject)? };
    let about = reading.newest(Listing::Subject(*id), NEWEST, ABOUT)?;
    let frozen = reading.reader.frozen(&LogId::from(item.header()))?;
    let witnessed = reading.sightings.witnessed(item.position, &reading.reader)?;
    let standing_witnessed = witnessed.proven().map(|at| verdict(item.author, Right::Publish, at, reading));
    let witnessed = Some(witnessed);
    let erased = Gone::find(&item.entry, reading)?;
    Ok(Some(Model { frozen, witnessed, standing_witnessed, erased, ..model(item, subject, about, reading) }))
}

/// The model of a record, of what it is about, and of the records about it, the newest first.
pub(crate) fn model(item: Item, subject: Option<Item>, about: Vec<Item>, reading: &Reading) -> Model {
    let checked = check(&item, reading);
    let related = Related::sort(about, &item);
    let (item, languages, translator) = translate(item, &related, reading);
    let (author, at) = (item.author, item.header().claimed_at);
    Model {
        checked,
        standing: verdict(author, Right::Publish, at, reading),
        standing_now: verdict(author, Right::Publish, reading.now, reading),
        shown: is_shown(&reading.reader, &reading.trust, &item.entry),
        frozen: None,
        erased: None,
        subject,
        related,
        languages,
        translator,
        witnessed: None,
        standing_witnessed: None,
        size: reading.reader.size(),
        item,
    }
}

/// The signature and the commitment once more, so that the page vouches for what it shows and not for what was stored.
fn check(item: &Item, reading: &Reading) -> Result<(), RecordError> {
    let verified = item.entry.signed.verify(reading.trust.network())?;
    item.entry.body.clone().map_or(Ok(()), |body| verified.open(body).map(drop))
}

fn translate(mut item: Item, related: &Related, reading: &Reading) -> (Item, Vec<String>, Option<Item>) {
    let original: Vec<String> = item.languages().into_iter().map(str::to_owned).collect();
    let Content::Sound(mut body) = item.content.clone() else { return (item, Vec::new(), None) };
    let added = translated::add(&mut body, &related.translations, &item, &reading.languages);
    item.retitle(body, reading);
    let shown = item.title.language.clone().filter(|language| !original.contains(language));
    let by = shown.and_then(|language| added.iter().find(|each| each.language == language));
    let translator = by.and_then(|Added { by, .. }| related.translations.get(*by).cloned());
    let languages = original.into_iter().chain(added.into_iter().map(|each| each.language)).collect();
    (item, languages, translator)
}

/// The page.
pub(crate) fn view(model: &Model, reading: &Reading) -> Page {
    let item = &model.item;
    let kind = Kind::by_number(item.header().kind);
    let told = reading.also(item.title.language.as_deref());
    Page {
        title: item.title.text.clone(),
        section: section(kind),
        above: above(item, kind),
        main: html! {
            article.record {
                (head(model, reading))
                (notices(model, reading))
                div.columns {
                    div.said-column { (said(item, kind, &told)) (model.related.view(reading)) }
                    aside aria-label=(words::ABOUT_RECORD) { (glance(item, kind, &told)) (provenance::view(model, reading)) @if model.shown { (verifier(model)) } }
                }
            }
        },
    }
}

/// What the script beside it works in; without scripts it stays hidden.
fn verifier(model: &Model) -> Markup {
    html! {
        section.panel.verify #verify data-record=(model.item.entry.id) hidden {}
        script type="module" src=(assets::verifier()) {}
    }
}

fn head(model: &Model, reading: &Reading) -> Markup {
    let item = &model.item;
    html! {
        header.head {
            p.kind { (vocabulary::kind(item.header().kind)) }
            h1 { (item.title) (named_language(&item.title, reading)) }
            p.meta {
                a href=(organisation(item.author)) { (item.author_name) }
                @for place in item.places() { span.dot { (place) } }
                span.dot { (date::day(item.header().claimed_at)) }
            }
            @if model.languages.len() > 1 { (language_switch(model)) }
        }
    }
}

fn language_switch(model: &Model) -> Markup {
    let shown = model.item.title.language.as_deref();
    html! {
        nav.languages aria-label=(words::READ_IN) {
            span { (words::READ_IN) ":" }
            ul {
                @for language in model.languages.iter().map(|language| Said::plain(language).text) {
                    li {
                        @let here = shown == Some(language.as_str());
                        a href={ "?lang=" (language) } hreflang=(language) aria-current=[here.then_some("true")] { (words::language(&language)) }
                    }
                }
            }
        }
    }
}

fn notices(model: &Model, reading: &Reading) -> Markup {
    let item = &model.item;
    html! {
        @if let Err(error) = &model.checked {
            (layout::notice("bad", words::BAD_RECORD, html! { p { (error.to_string()) } p { (words::BAD_RECORD_ADVICE) } }))
        }
        @if item.illustrative() {
            (layout::notice("example", &words::illustrative(&vocabulary::kind(item.header().kind)), html! { p { (words::ILLUSTRATIVE_ADVICE) } }))
        }
        @if let Some(newer) = model.related.newer.first() {
            (layout::notice("info", words::NEWER, html! { p { a href=(newer.address()) { (newer.title) } ", " (date::day(newer.header().claimed_at)) } }))
        }
        @if let Some(seq) = model.frozen.filter(|seq| item.header().seq >= *seq) {
            (layout::notice("bad", words::FORKED, html! { p { (words::forked_from(seq)) } }))
        } @else if !model.shown {
            (layout::notice("bad", words::NOT_STANDING, html! { p { (words::NOT_STANDING_WHY) } }))
        }
        @if !model.standing.stands() && !is_act(item.header().kind) {
            (layout::notice("bad", words::NOT_VOUCHED_TITLE, html! { p { (model.standing.sentence(reading)) } }))
        }
        @if let Some(translation) = &model.translator { (translated_by(translation, &model.item)) }
        @if let Content::Odd(problems, _) = &item.content { (odd(problems)) }
        @if let Some(erased) = &model.erased { (erased.view(reading)) } @else if item.content == Content::Absent { (layout::notice("info", words::NO_BODY, html! { p { (words::NO_BODY_ADVICE) } })) }
    }
}

fn translated_by(translation: &Item, original: &Item) -> Markup {
    let method = translation
        .field("method")
        .and_then(Value::as_str)
        .map(|code| vocabulary::code_of(translation.header().kind, "method", code))
        .unwrap_or_default();
    let language = original.title.language.clone().unwrap_or_default();
    layout::notice(
        "info",
        &words::shown_in(words::language(&language)),
        html! {
            p { (words::TRANSLATED_BY) " " a href=(organisation(translation.author)) { (translation.author_name) } " (" (method.to_lowercase()) "). "
                a href=(translation.address()) { (words::SEE_TRANSLATION) } }
        },
    )
}

fn odd(problems: &[Problem]) -> Markup {
    layout::notice(
        "bad",
        words::ODD_BODY,
        html! {
            p { (words::ODD_BODY_ADVICE) }
            ul {
                @for problem in problems.iter().take(PROBLEMS) {
                    @let place = if problem.place.is_empty() { "/" } else { &problem.place };
                    li { code { (clean(place)) } ": " (clean(&problem.should)) }
                }
            }
        },
    )
}

fn said(item: &Item, kind: Option<&Kind>, reading: &Reading) -> Markup {
    match (&item.content, kind) {
        (Content::Absent, _) => layout::empty(),
        (Content::Odd(_, raw), _) => {
            html! { section { h2 { (words::AS_SIGNED) } pre.raw dir="auto" tabindex="0" { (clean(raw)) } } }
        }
        (Content::Sound(body), Some(kind)) => html! {
            @if let Some(summary) = lead(body, reading) { (summary) }
            @for section in fields::sections(kind, body, reading) { section id=(section.name) { h2 { (section.label) } (section.text) } }
        },
        (Content::Sound(body), None) => {
            html! { section { h2 { (words::WHAT_IT_SAYS) } (fields::any(&Value::Object(body.clone()))) } }
        }
    }
}

fn lead(body: &Map<String, Value>, reading: &Reading) -> Option<Markup> {
    let said = Said::of_field(body.get("summary")?.as_object()?, &reading.languages)?;
    Some(html! { div.lead { (said.paragraphs()) } })
}

fn glance(item: &Item, kind: Option<&Kind>, reading: &Reading) -> Markup {
    let (Content::Sound(body), Some(kind)) = (&item.content, kind) else { return layout::empty() };
    let facts = fields::facts(kind, body, reading);
    html! { @if !facts.is_empty() { section.panel { h2 { (words::AT_A_GLANCE) } (layout::summary_list(&facts)) } } }
}

fn section(kind: Option<&Kind>) -> &'static str {
    match kind.map(|kind| kind.name) {
        Some("practice" | "adoption" | "review") => "/practices",
        Some("need") => "/needs",
        Some("offer") => "/offers",
        _ => "",
    }
}

fn above(item: &Item, kind: Option<&Kind>) -> Vec<(String, Said)> {
    match kind.map(|kind| kind.name) {
        Some("practice") => vec![("/practices".to_owned(), Said::plain(words::PRACTICES))],
        Some("need") => vec![("/needs".to_owned(), Said::plain(words::NEEDS))],
        Some("offer") => vec![("/offers".to_owned(), Said::plain(words::OFFERS))],
        _ => vec![(organisation(item.author), item.author_name.clone())],
    }
}
