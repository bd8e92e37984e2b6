//! Records: one of them, and lists of the newest.

mod erased;
mod receipts;
mod view;

pub(super) use receipts::{__path_receipts, receipts};
pub(super) use view::{RecordView, Seen, Summary, body, organisation_name, title};

use super::State;
use super::answer::{self, Form, Keep};
use super::asked::Asked;
use super::openapi::Id;
use super::problem::{Code, Problem};
use super::query::{Named, Parameters};
use super::words::Languages;
use crate::hidden::Why;
use crate::reader::{Listing, Reader};
use crate::shown::{author, is_shown};
use axum::extract;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::ledger::Entry;
use koinon_protocol::receipt::Count;
use koinon_protocol::trust::Trust;
use serde::Serialize;
use utoipa::ToSchema;

/// Records that are looked at for one page. When filters let few through, a page is short and the next one goes on below it.
const LOOKED_AT: usize = 1000;

pub(super) const PARAMETERS: &[&str] = &["kind", "organisation", "subject", "before", "limit"];

/// A page of records, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Page {
    /// At most as many as were asked for.
    records: Vec<Summary>,
    /// `before` of the next page; null at the end.
    next: Option<u64>,
}

/// One record: its record file, or what it says
#[utoipa::path(get, path = "/api/v1/records/{id}", tag = "records", params(("id" = Id, Path, description = "The record")), responses(
    (status = 200, content((RecordView = "application/json"), (Vec<u8> = "application/octet-stream"))),
    (status = 304, description = "The asker has it"),
    (status = 404, description = "It is not known here"),
    (status = 410, description = "The operator of this node hides it; other nodes may show it"),
))]
pub(super) async fn record(
    extract::State(state): extract::State<State>,
    Named(id): Named<RecordId>,
    languages: Languages,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = answer::wanted(&headers, &[Form::Json, Form::Bytes])?;
    state
        .blocking(move |state| {
            let trust = state.handle.trust();
            let (position, entry) = find_shown(&state.reader, &trust, &id)?;
            let seen = Seen { reader: &state.reader, trust: &trust, languages: &languages };
            Ok(match form {
                Form::Bytes => answer::tagged(&headers, form, Keep::Ask, &tag(&entry), file(&entry)),
                _ => {
                    let time = state.sightings.witnessed(position, &state.reader)?;
                    let count = state.count(&entry, &trust);
                    answer::json(&headers, Keep::Ask, &RecordView::of(position, &entry, time, count.as_ref(), &seen)?)
                }
            })
        })
        .await
}

/// One record's file, for browsers to save
///
/// The same bytes as those of the record itself, with a name.
#[utoipa::path(get, path = "/api/v1/records/{id}/file", tag = "records", params(("id" = Id, Path, description = "The record")), responses(
    (status = 200, content((Vec<u8> = "application/octet-stream")), headers(("Content-Disposition", description = "`attachment`, with the name `ID.record`"))),
    (status = 304, description = "The asker has it"),
    (status = 404, description = "It is not known here"),
    (status = 410, description = "The operator of this node hides it; other nodes may show it"),
))]
pub(super) async fn record_file(
    extract::State(state): extract::State<State>,
    Named(id): Named<RecordId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    state
        .blocking(move |state| {
            let (_, entry) = find_shown(&state.reader, &state.handle.trust(), &id)?;
            let mut response = answer::tagged(&headers, Form::Bytes, Keep::Ask, &tag(&entry), file(&entry));
            let name = HeaderValue::from_str(&format!("attachment; filename=\"{id}.record\""));
            name.into_iter().for_each(|name| drop(response.headers_mut().insert(header::CONTENT_DISPOSITION, name)));
            Ok(response)
        })
        .await
}

/// The newest records
#[utoipa::path(get, path = "/api/v1/records", tag = "records", params(
    ("kind" = Option<String>, Query, description = "The name or number of a kind", example = "practice"),
    ("organisation" = Option<Id>, Query, description = "Who wrote them"),
    ("subject" = Option<Id>, Query, description = "The record that they revise, answer, translate, adopt or vouch for"),
    ("before" = Option<u64>, Query, description = "`next` of the page before"),
    ("limit" = Option<usize>, Query, description = "1 to 100; 20 if it is not given"),
), responses((status = 200, body = Page)))]
pub(super) async fn list(extract::State(state): extract::State<State>, asked: Asked) -> Result<Response, Problem> {
    let wanted = Wanted::read(&asked.parameters)?;
    let before = asked.parameters.read("before")?.unwrap_or(u64::MAX);
    let limit = asked.parameters.limit()?;
    state
        .blocking(move |state| {
            let trust = state.handle.trust();
            let (found, next) = newest(&state.reader, &trust, &wanted, before, limit)?;
            let seen = Seen { reader: &state.reader, trust: &trust, languages: &asked.languages };
            let records = found.iter().map(|(position, entry)| Summary::of(*position, entry, &seen)).collect::<Result<_, _>>()?;
            Ok(asked.page(&Page { records, next }, "before", next))
        })
        .await
}

impl State {
    /// On which nodes the text of a record is gone, when it was erased.
    fn count(&self, entry: &Entry, trust: &Trust) -> Option<Count> {
        trust.erased(entry.id, entry.signed.header())?;
        self.receipts.count(entry.id)
    }
}

/// Which records are wanted: all conditions hold.
struct Wanted {
    kind: Option<u16>,
    organisation: Option<OrganisationId>,
    subject: Option<RecordId>,
}

impl Wanted {
    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let kind = parameters.text("kind")?.map(|text| {
            let unknown = || {
                Problem::new(
                    Code::BadParameter,
                    format!("there is no kind '{text}'; /api/v1/kinds lists them; a number names any"),
                )
            };
            view::kind_number(text).ok_or_else(unknown)
        });
        Ok(Self { kind: kind.transpose()?, organisation: parameters.read("organisation")?, subject: parameters.read("subject")? })
    }

    /// The listing that leaves out most; what it lets through is filtered.
    fn listing(&self) -> Listing {
        let subject = self.subject.map(Listing::Subject);
        subject.or(self.organisation.map(Listing::Author)).or(self.kind.map(Listing::Kind)).unwrap_or(Listing::All)
    }

    fn holds(&self, entry: &Entry) -> bool {
        let header = entry.signed.header();
        self.kind.is_none_or(|kind| header.kind == kind)
            && self.organisation.is_none_or(|organisation| author(entry) == organisation)
            && self.subject.is_none_or(|subject| header.subject == subject)
    }
}

/// An entry and its place in the journal.
type Placed = (u64, Entry);

/// The newest shown entries below `before`, and where the next page begins.
fn newest(
    reader: &Reader,
    trust: &Trust,
    wanted: &Wanted,
    before: u64,
    limit: usize,
) -> Result<(Vec<Placed>, Option<u64>), Problem> {
    let (mut found, mut below) = (Vec::new(), before);
    for _ in 0..LOOKED_AT.div_ceil(limit) {
        let places = reader.newest(wanted.listing(), below, limit)?;
        let is_last = places.len() < limit;
        for place in places {
            below = place;
            let Some(entry) = reader.entry(place)?.filter(|entry| wanted.holds(entry) && is_shown(reader, trust, entry)) else {
                continue;
            };
            found.push((place, entry));
            if found.len() == limit {
                return Ok((found, Some(below)));
            }
        }
        if is_last {
            return Ok((found, None));
        }
    }
    Ok((found, Some(below)))
}

/// The record of this id, if it is shown.
pub(super) fn find_shown(reader: &Reader, trust: &Trust, id: &RecordId) -> Result<Placed, Problem> {
    let unknown = || Problem::new(Code::UnknownRecord, format!("no record {id} is known here; it may not have arrived yet"));
    let position = reader.find(id)?.ok_or_else(unknown)?;
    let entry = reader.entry(position)?.ok_or_else(unknown)?;
    if let Some(Why { ground, .. }) = reader.hidden(id) {
        let text =
            format!("this node does not show the record {id}: {ground}. It is kept and passed on; other nodes may show it");
        return Err(Problem::new(Code::Hidden, text));
    }
    if !is_shown(reader, trust, &entry) {
        return Err(Problem::new(
            Code::UnknownRecord,
            format!("the record {id} is here and not shown: it rests on a log that its author forked"),
        ));
    }
    Ok((position, entry))
}

/// Signed header, salt and body; the header alone when there is no body.
pub(super) fn file(entry: &Entry) -> Vec<u8> {
    let mut bytes = entry.signed.encode();
    if let Some(sealed) = &entry.body {
        bytes.extend(sealed.salt);
        bytes.extend(&sealed.bytes);
    }
    bytes
}

/// A record never changes; its body may arrive or be erased.
fn tag(entry: &Entry) -> String {
    let part = if entry.body.is_some() { "" } else { "-header" };
    format!("\"{}{part}\"", entry.id)
}
