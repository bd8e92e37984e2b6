//! Records given over the API: checked at the door, then by the engine, which alone decides.
//!
//! What can be refused without the engine is refused before it: form, signature, body. So a stranger who has no key that this network knows costs a
//! hash and a verification, and never a place in the engine's queue.

mod judge;

use super::State;
use super::answer::{self, Form, Keep};
use super::openapi::Id;
use super::problem::{Code, Problem};
use crate::engine::SubmitError;
use crate::reader::Reader;
use axum::body::Bytes;
use axum::extract;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use koinon_protocol::id::RecordId;
use koinon_protocol::kind::name_of;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// When to come again after the queue was full: several syncs of a slow disk.
const AFTER_BUSY: Duration = Duration::from_secs(1);
/// When to come again after the store went read-only: somebody must act.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// How long the answer waits for the index: it is behind by milliseconds, unless it is being made anew.
const FOLLOWING: Duration = Duration::from_secs(1);
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// The record is kept and survives a power cut of this node.
#[derive(Serialize, ToSchema)]
pub(super) struct Kept {
    /// The record.
    #[schema(value_type = Id)]
    id: RecordId,
    /// Its place in this node's journal.
    position: u64,
}

/// The record would be taken.
#[derive(Serialize, ToSchema)]
pub(super) struct Checked {
    /// The record.
    #[schema(value_type = Id)]
    id: RecordId,
    /// The number of its kind.
    kind: u16,
    /// The name of its kind; null when this node does not know it.
    #[schema(value_type = Option<String>)]
    kind_name: Option<&'static str>,
    /// Its place in this node's journal, when it is there already.
    position: Option<u64>,
    /// True.
    ok: bool,
}

/// Submit a record
///
/// Needs no account: the record's own signature is what authorises. The same record may be submitted again.
#[utoipa::path(post, path = "/api/v1/records", tag = "records",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "A record file: 296 bytes of signed header, 32 of salt, the body"),
    responses(
        (status = 201, description = "It is kept", body = Kept),
        (status = 200, description = "It was kept before", body = Kept),
        (status = 400, description = "It is not a record of this network, whoever sent it"),
        (status = 403, description = "Its author has no standing, or the rules refuse it"),
        (status = 409, description = "It does not continue its log"),
        (status = 413, description = "It is longer than any record file"),
        (status = 415, description = "It is not application/octet-stream"),
        (status = 422, description = "Its body is not what its kind asks for"),
        (status = 425, description = "It claims to be of the future"),
        (status = 429, description = "The address writes too often"),
        (status = 503, description = "The node takes no records at the moment"),
    ))]
pub(super) async fn submit(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Problem> {
    check_media(&headers)?;
    let submission = judge::open(&bytes, state.handle.network())?;
    let id = submission.record().id();
    // Whatever stands below this was kept before this request; the index may not have followed so far.
    let records = state.handle.status().records;
    let receipt = state.handle.submit(submission).await;
    match receipt {
        Ok(receipt) => {
            let position = receipt.position;
            readable(&state.reader, position).await;
            let mut response = answer::json(&HeaderMap::new(), Keep::Ask, &Kept { id, position });
            if position >= records {
                *response.status_mut() = StatusCode::CREATED;
                let place = HeaderValue::from_str(&format!("/api/v1/records/{id}"));
                place.into_iter().for_each(|place| drop(response.headers_mut().insert(header::LOCATION, place)));
            }
            Ok(response)
        }
        Err(SubmitError::Refused(refusal)) => Err(judge::refused(refusal)),
        Err(SubmitError::Busy) => Err(Problem::new(Code::Busy, SubmitError::Busy.to_string()).retry_after(AFTER_BUSY)),
        Err(error @ SubmitError::ReadOnly(_)) => Err(Problem::new(Code::ReadOnly, error.to_string()).retry_after(AFTER_FAILURE)),
        Err(SubmitError::Stopping) => {
            Err(Problem::new(Code::Stopping, "the node is stopping; another may take the record").retry_after(AFTER_FAILURE))
        }
    }
}

/// Check a record without submitting it
///
/// Changes nothing. Answers what a submission would be answered at this moment. The signature may be 64 zero bytes, and then everything but the
/// signature is checked: ask before you sign, since whoever sees two signed records for one place of your log can freeze it.
#[utoipa::path(post, path = "/api/v1/records/check", tag = "records",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "A record file; its signature may be 64 zero bytes"),
    responses((status = 200, description = "It would be kept, once it is signed", body = Checked)))]
pub(super) async fn check(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Problem> {
    check_media(&headers)?;
    state
        .blocking(move |state| {
            let proposal = judge::propose(&bytes, state.handle.network())?;
            let id = proposal.record.id();
            let position = state.reader.find(&id)?;
            if position.is_none() {
                judge::would_pass(&proposal, &state.reader, &state.handle.trust(), crate::clock::now())?;
            }
            let kind = proposal.record.header().kind;
            let checked = Checked { id, kind, kind_name: name_of(kind), position, ok: true };
            Ok(answer::json(&HeaderMap::new(), Keep::Ask, &checked))
        })
        .await
}

/// Waits until the index has followed to `position`, so that whoever submits finds the record, and reads a log's head with it, at once; but not
/// for long, since it is kept already.
async fn readable(reader: &Reader, position: u64) {
    let followed = async {
        while reader.size() <= position {
            reader.urge();
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    let _ = tokio::time::timeout(FOLLOWING, followed).await;
}

/// Refuses what says that it is something else than a record file.
fn check_media(headers: &HeaderMap) -> Result<(), Problem> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
    if media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(Form::Bytes.media()) {
        return Ok(());
    }
    let found = if media.is_empty() { "there is no Content-Type".to_owned() } else { format!("the Content-Type is '{media}'") };
    Err(Problem::new(Code::MediaType, format!("{found}; a record file is sent as {}", Form::Bytes.media())))
}
