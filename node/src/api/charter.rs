//! The founding charter.

use super::State;
use super::answer::{self, Form, Keep};
use super::openapi::Id;
use super::problem::Problem;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::Response;
use koinon_protocol::id::NetworkId;
use koinon_protocol::trust::Charter;
use serde::Serialize;
use utoipa::ToSchema;

/// The founding charter. Texts are by language.
#[derive(Serialize, ToSchema)]
pub(super) struct CharterView<'a> {
    /// The id of the charter.
    #[schema(value_type = Id)]
    network: NetworkId,
    /// `name`, `purpose`, `founders`, `thresholds`, `admission`, `licence`, `witnesses`, `depth` and `kinds`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    charter: &'a Charter,
}

/// The founding charter: its record file, or what it says
#[utoipa::path(get, path = "/api/v1/charter", tag = "network", responses(
    (status = 200, content((CharterView = "application/json"), (Vec<u8> = "application/octet-stream"))),
    (status = 304, description = "The asker has it"),
))]
pub(super) async fn charter(extract::State(state): extract::State<State>, headers: HeaderMap) -> Result<Response, Problem> {
    let network = state.handle.network();
    Ok(match answer::wanted(&headers, &[Form::Bytes, Form::Json])? {
        Form::Bytes => answer::tagged(&headers, Form::Bytes, Keep::Minutes, &format!("\"{network}\""), state.charter.encode()),
        _ => answer::json(&headers, Keep::Minutes, &CharterView { network, charter: state.charter.charter() }),
    })
}
