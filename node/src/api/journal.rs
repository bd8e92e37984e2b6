//! The journal: its root, its ids, and the proofs of RFC 6962 over them.

use super::State;
use super::asked::Asked;
use super::openapi::Id;
use super::problem::{Code, Problem};
use axum::extract;
use axum::response::Response;
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::Hash;
use serde::Serialize;
use utoipa::ToSchema;

/// The most ids in one answer: 64 KiB of JSON.
const IDS: usize = 1000;

/// The journal, as far as it can be read.
#[derive(Serialize, ToSchema)]
pub(super) struct Journal {
    /// How many records it holds.
    size: u64,
    /// The root of the tree over their ids.
    #[schema(value_type = Id)]
    root: RecordId,
}

/// Ids in the order in which this node accepted them.
#[derive(Serialize, ToSchema)]
pub(super) struct Ids {
    /// From the place that was asked for.
    #[schema(value_type = Vec<Id>)]
    ids: Vec<RecordId>,
    /// `from` of the next page; null at the end.
    next: Option<u64>,
}

/// That a record stands in the journal.
#[derive(Serialize, ToSchema)]
pub(super) struct Inclusion {
    /// Its place.
    position: u64,
    /// The size of the journal that the proof is for.
    size: u64,
    /// The root of that journal.
    #[schema(value_type = Id)]
    root: RecordId,
    /// The audit path, from the leaf up (RFC 6962, 2.1.1).
    #[schema(value_type = Vec<Id>)]
    hashes: Vec<RecordId>,
}

/// That a journal begins with an earlier one.
#[derive(Serialize, ToSchema)]
pub(super) struct Consistency {
    /// The size of the earlier one.
    from: u64,
    /// The size of the later one.
    to: u64,
    /// The proof (RFC 6962, 2.1.2).
    #[schema(value_type = Vec<Id>)]
    hashes: Vec<RecordId>,
}

/// The size and the root of the journal
#[utoipa::path(get, path = "/api/v1/journal", tag = "journal", responses((status = 200, body = Journal)))]
pub(super) async fn journal(extract::State(state): extract::State<State>, asked: Asked) -> Result<Response, Problem> {
    state
        .blocking(move |state| {
            let size = state.reader.size();
            let root = RecordId(state.reader.root(size)?);
            Ok(asked.json(&Journal { size, root }))
        })
        .await
}

/// Ids, in the order in which this node accepted them
#[utoipa::path(get, path = "/api/v1/journal/ids", tag = "journal", params(
    ("from" = Option<u64>, Query, description = "The first place; 0 if it is not given"),
    ("limit" = Option<usize>, Query, description = "1 to 1,000; 20 if it is not given"),
), responses((status = 200, body = Ids)))]
pub(super) async fn ids(extract::State(state): extract::State<State>, asked: Asked) -> Result<Response, Problem> {
    let from: u64 = asked.parameters.read("from")?.unwrap_or(0);
    let limit = asked.parameters.limit_to(IDS)?;
    state
        .blocking(move |state| {
            let size = state.reader.size();
            let ids = state.reader.ids(from, limit as u64)?;
            let next = Some(from + ids.len() as u64).filter(|next| !ids.is_empty() && *next < size);
            Ok(asked.page(&Ids { ids, next }, "from", next))
        })
        .await
}

/// The proof that a record stands in the journal
#[utoipa::path(get, path = "/api/v1/journal/inclusion", tag = "journal", params(
    ("id" = Id, Query, description = "The record"),
    ("size" = Option<u64>, Query, description = "The size of the journal that the proof is for; the present one if it is not given"),
), responses(
    (status = 200, body = Inclusion),
    (status = 404, description = "It is not known here"),
))]
pub(super) async fn inclusion(extract::State(state): extract::State<State>, asked: Asked) -> Result<Response, Problem> {
    let (id, size) = (asked.parameters.must::<RecordId>("id")?, asked.parameters.read("size")?);
    state
        .blocking(move |state| {
            let unknown =
                || Problem::new(Code::UnknownRecord, format!("no record {id} is known here; it may not have arrived yet"));
            let position = state.reader.find(&id)?.ok_or_else(unknown)?;
            let size = within(state, "size", size)?;
            if position >= size {
                let detail = format!("the record stands at place {position}, and a journal of {size} records ends before it");
                return Err(Problem::new(Code::BadParameter, detail));
            }
            let root = RecordId(state.reader.root(size)?);
            let hashes = texts(state.reader.inclusion(position, size)?);
            Ok(asked.json(&Inclusion { position, size, root, hashes }))
        })
        .await
}

/// The proof that the journal begins with an earlier one
#[utoipa::path(get, path = "/api/v1/journal/consistency", tag = "journal", params(
    ("from" = u64, Query, description = "The size of the earlier one", example = 0),
    ("to" = Option<u64>, Query, description = "The size of the later one; the present one if it is not given"),
), responses((status = 200, body = Consistency)))]
pub(super) async fn consistency(extract::State(state): extract::State<State>, asked: Asked) -> Result<Response, Problem> {
    let (from, to) = (asked.parameters.must::<u64>("from")?, asked.parameters.read("to")?);
    state
        .blocking(move |state| {
            let to = within(state, "to", to)?;
            if from > to {
                return Err(Problem::new(
                    Code::BadParameter,
                    format!("'from' is {from} and must not be above 'to', which is {to}"),
                ));
            }
            let hashes = texts(state.reader.consistency(from, to)?);
            Ok(asked.json(&Consistency { from, to, hashes }))
        })
        .await
}

/// A size that the journal has or had; the present one when none is given.
fn within(state: &State, name: &str, size: Option<u64>) -> Result<u64, Problem> {
    let present = state.reader.size();
    match size.unwrap_or(present) {
        size if size <= present => Ok(size),
        size => Err(Problem::new(Code::BadParameter, format!("'{name}' is {size}, and the journal has {present} records"))),
    }
}

/// Hashes are written as ids are.
fn texts(hashes: Vec<Hash>) -> Vec<RecordId> {
    hashes.into_iter().map(RecordId).collect()
}
