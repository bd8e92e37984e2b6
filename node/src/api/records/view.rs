//! A record as JSON.

use super::erased::ErasedView;
use super::receipts::CountView;
use crate::api::openapi::Id;
use crate::api::words::Languages;
use crate::reader::{ReadError, Reader};
use crate::shown::author;
use koinon_protocol::bundle::{Cosignature, Time};
use koinon_protocol::id::{DeviceKey, OrganisationId, RecordId};
use koinon_protocol::json::Document;
use koinon_protocol::kind::{Kind, name_of, number_of};
use koinon_protocol::ledger::Entry;
use koinon_protocol::receipt::Count;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::{Right, Trust};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Characters of the longest title in a list.
const TITLE: usize = 200;

/// The number of a kind, by its name or as it stands.
pub(super) fn kind_number(text: &str) -> Option<u16> {
    number_of(text).or_else(|| text.parse().ok())
}

/// What the header of a record says.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Heading {
    /// Its name.
    #[schema(value_type = Id)]
    id: RecordId,
    /// Its place in this node's journal.
    position: u64,
    /// The number of its kind.
    #[schema(example = 33)]
    kind: u16,
    /// The name of its kind; null when this node does not know it.
    #[schema(value_type = Option<String>, example = "practice")]
    kind_name: Option<&'static str>,
    /// Who wrote it; zeros for an amendment of the charter, which the founders decide.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// The name of who wrote it, in the best language for the asker.
    organisation_name: String,
    /// The key that signed it.
    #[schema(value_type = Id)]
    device: DeviceKey,
    /// Its place in the log of (organisation, device).
    seq: u64,
    /// The record before it in that log; null at place 0.
    #[schema(value_type = Option<Id>)]
    previous: Option<RecordId>,
    /// When its author says it was written: milliseconds since 1970-01-01 UTC.
    #[schema(value_type = u64, example = 1_772_000_000_000u64)]
    claimed_at: Millis,
    /// The record or organisation that it is about; null for none.
    #[schema(value_type = Option<Id>)]
    subject: Option<RecordId>,
    /// NUTS or LAU code; null for none.
    #[schema(example = "RO113")]
    territory: Option<String>,
    /// COFOG as division × 100 + group × 10 + class; null for none.
    #[schema(example = 511)]
    topic: Option<u16>,
    /// Whether this node has the body: it may not have arrived, or be erased.
    present: bool,
    /// Who erased the body, by which record, and why; null when it was not erased.
    erased: Option<ErasedView>,
    /// Whether the body is here, is JSON of the profile, and has the fields of its kind as far as this node knows it.
    conforms: bool,
}

/// What records are seen by, and for whom.
pub(in crate::api) struct Seen<'a> {
    pub(in crate::api) reader: &'a Reader,
    pub(in crate::api) trust: &'a Trust,
    pub(in crate::api) languages: &'a Languages,
}

/// A record in a list.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Summary {
    #[serde(flatten)]
    heading: Heading,
    /// Its title or name, or the beginning of its description, in the best language for the asker; null when it has none.
    title: Option<String>,
}

/// A record.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct RecordView {
    #[serde(flatten)]
    heading: Heading,
    /// When it was there at the latest, by the word of the witnesses that this node asks, milliseconds since 1970-01-01 UTC; null when that is not
    /// proven. The proof is in the bundle.
    #[schema(value_type = Option<u64>, example = 1_772_000_600_000u64)]
    witnessed_at: Option<Millis>,
    /// Whether its author might publish at that time too; null when the time is null. One that might only at the claimed time perhaps claims an
    /// earlier one than it was.
    stood_when_witnessed: Option<bool>,
    /// On what that rests.
    witnessed: Witnessed,
    /// On how many nodes its text is gone; null when it was not erased, or this node keeps no receipts.
    receipts: Option<CountView>,
    /// What it says; null when the body is not here or not JSON of the profile. The bytes that were signed are in the record file.
    #[schema(value_type = Option<Object>)]
    body: Option<Map<String, Value>>,
}

/// Who saw a record in this node's journal.
#[derive(Serialize, ToSchema)]
struct Witnessed {
    /// The witnesses that cosigned, the earliest first.
    by: Vec<SeenBy>,
    /// How many must have: `witnessed_at` is the time of this one.
    quorum: usize,
    /// What is missing when the time is not proven: `no_checkpoint` that covers the record yet, `no_witness` is asked, `too_few` cosigned; else null.
    why: Option<&'static str>,
}

/// That a witness saw a record in the journal.
#[derive(Serialize, ToSchema)]
struct SeenBy {
    /// The name of its key.
    witness: String,
    /// Its key.
    #[schema(value_type = Id)]
    key: DeviceKey,
    /// When, by its clock: milliseconds since 1970-01-01 UTC.
    #[schema(value_type = u64)]
    at: Millis,
}

impl Witnessed {
    fn of(time: Time) -> (Option<Millis>, Self) {
        let seen = |each: Cosignature| SeenBy { witness: each.witness, key: each.key, at: each.at };
        match time {
            Time::Proven { at, quorum, by } => {
                (Some(at), Self { by: by.into_iter().map(seen).collect(), quorum: quorum.get(), why: None })
            }
            Time::Unproven { why, by, quorum } => {
                (None, Self { by: by.into_iter().map(seen).collect(), quorum: quorum.get(), why: Some(why.code()) })
            }
        }
    }
}

impl Summary {
    pub(super) fn of(position: u64, entry: &Entry, seen: &Seen) -> Result<Self, ReadError> {
        let body = body(entry);
        let title = body.as_ref().and_then(|body| title(body, seen.languages));
        Ok(Self { heading: Heading::of(position, entry, body.as_ref(), seen)?, title })
    }
}

impl RecordView {
    pub(super) fn of(position: u64, entry: &Entry, time: Time, count: Option<&Count>, seen: &Seen) -> Result<Self, ReadError> {
        let body = body(entry);
        let heading = Heading::of(position, entry, body.as_ref(), seen)?;
        let (witnessed_at, witnessed) = Witnessed::of(time);
        let stood = |at| seen.trust.standing(author(entry), Right::Publish, at).is_ok();
        let stood_when_witnessed = witnessed_at.map(stood);
        let receipts = count.map(CountView::of);
        Ok(Self { heading, witnessed_at, stood_when_witnessed, witnessed, receipts, body: body.map(Document::into_fields) })
    }
}

impl Heading {
    fn of(position: u64, entry: &Entry, body: Option<&Document>, seen: &Seen) -> Result<Self, ReadError> {
        let header = entry.signed.header();
        let some = |id: RecordId| (!id.is_zero()).then_some(id);
        let territory: String = header.territory.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
        let organisation = author(entry);
        Ok(Self {
            id: entry.id,
            position,
            kind: header.kind,
            kind_name: name_of(header.kind),
            organisation,
            organisation_name: organisation_name(organisation, seen.trust, seen.languages),
            device: header.device,
            seq: header.seq,
            previous: some(header.previous),
            claimed_at: header.claimed_at,
            subject: some(header.subject),
            territory: Some(territory).filter(|code| !code.is_empty()),
            topic: Some(header.topic).filter(|topic| *topic != 0),
            present: entry.body.is_some(),
            erased: ErasedView::of(entry, seen.trust, seen.reader, seen.languages)?,
            conforms: body.is_some_and(|body| Kind::by_number(header.kind).is_none_or(|kind| kind.check(body).is_ok())),
        })
    }
}

/// The name of an organisation, empty when it is not known.
pub(in crate::api) fn organisation_name(organisation: OrganisationId, trust: &Trust, languages: &Languages) -> String {
    trust.organisation(organisation).map(|organisation| languages.pick(&organisation.name).to_owned()).unwrap_or_default()
}

/// The title or name in a body, or else the beginning of its description.
pub(in crate::api) fn title(body: &Document, languages: &Languages) -> Option<String> {
    let text = ["title", "name", "description"].into_iter().find_map(|field| match body.fields().get(field)? {
        Value::Object(texts) => languages.pick_json(texts),
        Value::String(text) => Some(text),
        _ => None,
    })?;
    match text.char_indices().nth(TITLE) {
        Some((end, _)) => Some(format!("{}…", &text[..end])),
        None => Some(text.to_owned()),
    }
}

/// What a record says, when it is here and JSON of the profile.
pub(in crate::api) fn body(entry: &Entry) -> Option<Document> {
    Document::parse(&entry.body.as_ref()?.bytes).ok()
}
