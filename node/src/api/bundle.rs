//! The audit bundle of a record: what proves it to whoever has no network and trusts no node.

use super::State;
use super::answer::{self, Form, Keep};
use super::openapi::Id;
use super::problem::{Code, Problem};
use super::query::Named;
use super::records::find_shown;
use crate::reader::{ReadError, Reader};
use axum::extract;
use axum::http::HeaderMap;
use axum::response::Response;
use koinon_protocol::bundle::{self, AssembleError, Issuer, Source};
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::Hash;
use koinon_protocol::ledger::Entry;

/// The audit bundle of a record, which `koinon verify` checks without a node
#[utoipa::path(get, path = "/api/v1/bundle/{id}", tag = "records", params(("id" = Id, Path, description = "The record")), responses(
    (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 404, description = "It is not known here"),
))]
pub(super) async fn bundle(
    extract::State(state): extract::State<State>,
    Named(id): Named<RecordId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    answer::wanted(&headers, &[Form::Bytes])?;
    state
        .blocking(move |state| {
            let trust = state.handle.trust();
            let (position, _) = find_shown(&state.reader, &trust, &id)?;
            let charter = (state.charter.record(), state.charter.body());
            let journal = Journal(&state.reader, state.reader.size());
            let checkpoints = Vec::from_iter(state.sightings.covering(position, &state.reader)?);
            let (log, witnesses) = (state.sightings.log(), state.sightings.asked());
            let issuer = Issuer { name: &state.name, log, checkpoints: &checkpoints, witnesses };
            let bytes = bundle::assemble(&[id], charter, &trust, issuer, &journal).map_err(problem)?;
            // Journals grow, witnesses cosign and bodies are erased: what proves the record is another file then.
            let tag = format!("\"{:08x}-{:x}\"", crc32fast::hash(&bytes), bytes.len());
            Ok(answer::tagged(&headers, Form::Bytes, Keep::Ask, &tag, bytes))
        })
        .await
}

/// The journal as it was when the bundle was begun.
struct Journal<'a>(&'a Reader, u64);

impl Source for Journal<'_> {
    type Error = ReadError;

    fn size(&self) -> u64 {
        self.1
    }

    fn find(&self, id: &RecordId) -> Result<Option<(u64, Entry)>, ReadError> {
        let Some(position) = self.0.find(id)? else { return Ok(None) };
        Ok(self.0.entry(position)?.map(|entry| (position, entry)))
    }

    fn root(&self, size: u64) -> Result<Hash, ReadError> {
        self.0.root(size)
    }

    fn inclusion(&self, position: u64, size: u64) -> Result<Vec<Hash>, ReadError> {
        self.0.inclusion(position, size)
    }
}

fn problem(error: AssembleError<ReadError>) -> Problem {
    match error {
        AssembleError::Source(error) => error.into(),
        error @ AssembleError::NotFound(_) => Problem::new(Code::UnknownRecord, error.to_string()),
        error => Problem::new(Code::Unproven, error.to_string()),
    }
}
