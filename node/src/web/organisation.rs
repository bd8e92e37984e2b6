//! One organisation: who it is, who vouches for it, what it published and for whom it vouches.

mod decisions;

use super::item::{Content, Item, address, organisation};
use super::layout::{Page, notice, summary_list};
use super::reading::{NEWEST, Reading};
use super::standing::{Verdict, verdict};
use super::text::{Said, clean};
use super::{date, fields, words};
use crate::ending::longest;
use crate::reader::{Listing, ReadError};
use crate::shown::is_shown;
use koinon_protocol::id::OrganisationId;
use koinon_protocol::kind::Kind;
use koinon_protocol::ledger::Plane;
use koinon_protocol::trust::{Attested, Organisation, Right};
use maud::{Markup, html};

/// Records on one page.
const PAGE: usize = 20;
/// How many of its records are looked at to fill a page, and to find the newest profile.
const LOOKED_AT: usize = 200;
/// The most organisations in one table.
const ROWS: usize = 200;

/// What the page says.
pub(crate) struct Model {
    /// The organisation.
    pub(crate) organisation: Organisation,
    /// What it last said of itself.
    pub(crate) profile: Option<Item>,
    /// Whether it may publish now.
    pub(crate) publish: Verdict,
    /// Whether it may vouch now.
    pub(crate) vouch: Verdict,
    /// Its content records on this page.
    pub(crate) published: Vec<Item>,
    /// The first place that is not to be trusted, of the first of its logs that is forked.
    pub(crate) frozen: Option<u64>,
    /// Where the next page begins.
    pub(crate) next: Option<u64>,
    /// Whether this is not the first page.
    pub(crate) later: bool,
}

/// Reads what the page says; none when the organisation is not known.
///
/// # Errors
/// [`ReadError`].
pub(crate) fn gather(id: OrganisationId, before: Option<u64>, reading: &Reading) -> Result<Option<Model>, ReadError> {
    let Some(organisation) = reading.trust.organisation(id).cloned() else { return Ok(None) };
    let (published, next) = published_before(id, before.unwrap_or(NEWEST), reading)?;
    Ok(Some(Model {
        profile: profile(id, reading)?,
        publish: verdict(id, Right::Publish, reading.now, reading),
        vouch: verdict(id, Right::Vouch, reading.now, reading),
        published,
        frozen: frozen(id, reading)?,
        next,
        later: before.is_some(),
        organisation,
    }))
}

/// Content records without profiles; those and the control records are told on the page in their own way.
fn published_before(id: OrganisationId, before: u64, reading: &Reading) -> Result<(Vec<Item>, Option<u64>), ReadError> {
    let places = reading.reader.newest(Listing::Author(id), before, LOOKED_AT)?;
    let mut found = Vec::new();
    for &position in &places {
        let item = reading
            .item(position)?
            .filter(|item| is_contribution(item) && is_shown(&reading.reader, &reading.trust, &item.entry));
        found.extend(item);
        if found.len() == PAGE {
            return Ok((found, places.last().filter(|last| **last < position).map(|_| position)));
        }
    }
    let next = places.last().copied().filter(|_| places.len() == LOOKED_AT);
    Ok((found, next))
}

fn is_contribution(item: &Item) -> bool {
    let number = item.header().kind;
    Plane::of(number) == Plane::Content && Kind::by_number(number).is_none_or(|kind| kind.name != "organisation")
}

fn frozen(id: OrganisationId, reading: &Reading) -> Result<Option<u64>, ReadError> {
    let forks = reading.reader.forks()?.into_iter().map(|fork| *fork.first.header());
    Ok(forks.filter(|header| header.organisation == id).map(|header| header.seq).min())
}

fn profile(id: OrganisationId, reading: &Reading) -> Result<Option<Item>, ReadError> {
    let Some(kind) = Kind::by_name("organisation") else { return Ok(None) };
    for position in reading.reader.newest(Listing::Author(id), NEWEST, LOOKED_AT)? {
        let Some(entry) = reading.reader.entry(position)? else { continue };
        if entry.signed.header().kind == kind.number && is_shown(&reading.reader, &reading.trust, &entry) {
            return Ok(Some(Item::new(position, entry, reading)));
        }
    }
    Ok(None)
}

/// The page.
pub(crate) fn view(model: &Model, reading: &Reading) -> Page {
    let name = reading.best(&model.organisation.name);
    Page {
        title: name.text.clone(),
        section: "/network",
        above: vec![("/network".to_owned(), Said::plain(words::NETWORK))],
        main: html! {
            header.head {
                p.kind { (words::ORGANISATION) }
                h1 { (name) }
                p.meta {
                    span { (words::country(&clean(&model.organisation.country))) } span.dot { (words::SINCE) " " (date::day(model.organisation.since)) }
                }
                (other_names(&model.organisation, &name))
            }
            (decisions::notices(&model.organisation, reading))
            @if !model.publish.stands() {
                (notice("bad", words::NO_STANDING_NOW, html! { p { (model.publish.sentence(reading)) } }))
            }
            @if let Some(seq) = model.frozen { (notice("bad", words::FORKED, html! { p { (words::forked_from(seq)) } })) }
            div.columns {
                div.said-column {
                    (published(model, reading))
                    (vouches_for(model.organisation.id, reading))
                }
                aside aria-label=(words::ABOUT_ORGANISATION) {
                    (profile_panel(model, reading))
                    (standing_panel(model, reading))
                    (decisions::ending_panel(&model.organisation, reading))
                    (vouchers_panel(model.organisation.id, reading))
                    (decisions::panel(&model.organisation, reading))
                    (details(&model.organisation, reading))
                }
            }
        },
    }
}

fn other_names(organisation: &Organisation, shown: &Said) -> Markup {
    let others: Vec<Said> =
        organisation.name.iter().map(|(tag, text)| Said::new(tag, text)).filter(|each| each != shown).take(30).collect();
    html! {
        @if !others.is_empty() {
            p.meta {
                (words::ALSO) " "
                @for (index, name) in others.iter().enumerate() { @if index > 0 { ", " } (name) }
            }
        }
    }
}

fn profile_panel(model: &Model, reading: &Reading) -> Markup {
    let Some(profile) = &model.profile else {
        return html! { section.panel { h2 { (words::PROFILE) } p.none { (words::NO_PROFILE) } } };
    };
    let (Content::Sound(body), Some(kind)) = (&profile.content, Kind::by_number(profile.header().kind)) else { return html! {} };
    html! {
        section.panel {
            h2 { (words::PROFILE) }
            (summary_list(&fields::facts(kind, body, reading)))
            p.actions { a href=(profile.address()) { (words::SEE_PROFILE) } ", " (date::day(profile.header().claimed_at)) }
        }
    }
}

fn standing_panel(model: &Model, reading: &Reading) -> Markup {
    html! {
        section.panel.provenance {
            h2 { (words::STANDING) }
            ul.ticks {
                li class=(if model.publish.stands() {
                    "good" } else { "bad" }) { (if model.publish.stands() { words::MAY_PUBLISH } else { words::MAY_NOT_PUBLISH })
                }
                li class=(if model.vouch.stands() {
                    "good" } else { "fair" }) { (if model.vouch.stands() { words::MAY_VOUCH } else { words::MAY_NOT_VOUCH })
                }
            }
            h3 { (words::LADDER) }
            (model.publish.ladder(reading))
        }
    }
}

fn vouchers_panel(id: OrganisationId, reading: &Reading) -> Markup {
    let held = reading.trust.attestations_of(id);
    html! {
        @if !held.is_empty() {
            section.panel {
                h2 { (words::VOUCHED_FOR_BY) }
                ul.plain { @for each in held.iter().take(ROWS) { li { (attestation(each, reading)) } } }
            }
        }
    }
}

fn attestation(held: &Attested, reading: &Reading) -> Markup {
    let state = if reading.now < held.from {
        words::NOT_YET
    } else if reading.now >= held.until {
        words::ENDED
    } else {
        ""
    };
    html! {
        a href=(organisation(held.voucher)) { (reading.name(held.voucher)) } ", "
        a href=(address(&held.record)) { (date::day(held.from)) " – " (date::day(held.until)) }
        @if !state.is_empty() { " " span.tag.poor { (state) } } @else { (decisions::suspension(held, reading)) }
        br; span.how { (words::scope(held.publish, held.vouch)) }
    }
}

fn published(model: &Model, reading: &Reading) -> Markup {
    html! {
        section {
            h2 #published { (words::PUBLISHED) }
            @if model.published.is_empty() { p.none { (words::NOTHING_PUBLISHED) } }
            @else { ul.cards { @for item in &model.published { (item.card(reading)) } } }
            @if model.later || model.next.is_some() {
                nav.pages aria-label=(words::PAGES) {
                    @if model.later { a href=(organisation(model.organisation.id)) { "← " (words::NEWEST_PAGE) } }
                    @if let Some(next) = model.next {
                        a rel="next" href={ (organisation(model.organisation.id)) "?before=" (next) "#published" } { (words::OLDER_PAGE) " →" }
                    }
                }
            }
        }
    }
}

fn vouches_for(id: OrganisationId, reading: &Reading) -> Markup {
    let vouched: Vec<OrganisationId> = reading.trust.vouched_by(id).take(ROWS).collect();
    html! {
        @if !vouched.is_empty() {
            section {
                h2 { (words::VOUCHES_FOR) }
                div.scroll tabindex="0" role="region" aria-label=(words::VOUCHES_FOR) {
                    table.stacked {
                        caption.hidden { (words::VOUCHES_FOR) }
                        thead {
                            tr { th scope="col" { (words::ORGANISATION) } th scope="col" { (words::COUNTRY) } th scope="col" { (words::COL_UNTIL) } }
                        }
                        tbody { @for each in vouched { (vouched_row(each, id, reading)) } }
                    }
                }
            }
        }
    }
}

fn vouched_row(id: OrganisationId, voucher: OrganisationId, reading: &Reading) -> Markup {
    let held = longest(&reading.trust, voucher, id);
    let country = reading.trust.organisation(id).map(|each| clean(&each.country)).unwrap_or_default();
    html! {
        tr {
            th scope="row" { a href=(organisation(id)) { (reading.name(id)) } }
            td data-label=(words::COUNTRY) { (words::country(&country)) }
            td data-label=(words::COL_UNTIL) { @if let Some(held) = held { (date::day(held.until)) (decisions::suspension(&held, reading)) } }
        }
    }
}

fn details(model: &Organisation, reading: &Reading) -> Markup {
    let row = |label: &str, value: Markup| (label.to_owned(), value);
    let rows = [
        row(words::ROW_ID, html! { code.id { (model.id) } }),
        row(words::ROW_GUARDIANS, decisions::guardians(model, reading)),
        row(words::ROW_ROOTS, html! { (words::roots(model.threshold, model.roots.len())) }),
        row(
            words::ROW_DEVICES,
            html! {
                ul.plain {
                    @for (key, device) in model.devices.iter().take(ROWS) { li { (decisions::device(key, device)) } }
                }
            },
        ),
    ];
    html! {
        section.panel {
            details {
                summary { (words::TECHNICAL) } (summary_list(&rows)) p { a href=(address(&model.id.into())) { (words::INCEPTION_RECORD) } }
            }
        }
    }
}
