//! Hiding records on this node, and showing them again.

use super::Admin;
use crate::clock;
use crate::hidden::{HideError, List, Why};
use crate::reader::Reader;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use koinon_protocol::id::RecordId;
use koinon_protocol::trust::erasure;
use serde::{Deserialize, Serialize};

/// Why a record is to be hidden.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ground {
    pub(super) ground: String,
}

/// A hidden record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// The record.
    pub record: RecordId,
    /// Why, and since when.
    #[serde(flatten)]
    pub why: Why,
}

pub(super) async fn hide(State(admin): State<Admin>, Path(record): Path<RecordId>, Json(said): Json<Ground>) -> Response {
    let reader = admin.reader.clone();
    // One that is not here yet may be hidden before it comes.
    let looked = tokio::task::spawn_blocking(move || speaks(&reader, &record)).await.unwrap_or(false);
    if looked {
        let why = "this record says who may speak; only contents can be hidden\n";
        return (StatusCode::CONFLICT, why).into_response();
    }
    answer(admin.hidden.hide(record, &said.ground, clock::now()).await)
}

pub(super) async fn show(State(admin): State<Admin>, Path(record): Path<RecordId>) -> Response {
    answer(admin.hidden.show(record).await)
}

pub(super) async fn list(State(admin): State<Admin>) -> Json<Vec<Hidden>> {
    let list: std::sync::Arc<List> = admin.hidden.list();
    Json(list.iter().map(|(record, why)| Hidden { record: *record, why: why.clone() }).collect())
}

/// Whether the record is here and says who may speak.
fn speaks(reader: &Reader, record: &RecordId) -> bool {
    let entry = reader.find(record).ok().flatten().and_then(|position| reader.entry(position).ok().flatten());
    entry.is_some_and(|entry| !erasure::is_erasable(entry.signed.header().kind))
}

fn answer(done: Result<(), HideError>) -> Response {
    let status = match &done {
        Ok(()) => return StatusCode::NO_CONTENT.into_response(),
        Err(HideError::Ground) => StatusCode::UNPROCESSABLE_ENTITY,
        Err(HideError::NotHidden(_)) => StatusCode::NOT_FOUND,
        Err(HideError::Full) => StatusCode::CONFLICT,
        Err(HideError::File(_) | HideError::Stopping) => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, done.err().map(|error| format!("{error}\n")).unwrap_or_default()).into_response()
}
