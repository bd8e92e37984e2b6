//! What watches a node: whether it lives, whether it is ready, how it fares.

use super::State;
use axum::extract;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Records that the index may be behind the journal while the node still counts as ready: under a second of its work.
const BEHIND: u64 = 1000;

/// Whether the process answers
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = String, content_type = "text/plain")))]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the node takes records and shows those it has
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, body = String, content_type = "text/plain"),
    (status = 503, description = "It is not, and why", body = String, content_type = "text/plain"),
))]
pub(super) async fn readyz(extract::State(state): extract::State<State>) -> (StatusCode, String) {
    let engine = state.handle.status();
    let behind = engine.records.saturating_sub(state.reader.size());
    match engine.failure {
        Some(failure) => (StatusCode::SERVICE_UNAVAILABLE, format!("the store is read-only: {failure}\n")),
        None if behind > BEHIND => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("the index is {behind} records behind the journal\n"))
        }
        None => (StatusCode::OK, "ready\n".to_owned()),
    }
}

/// Numbers, for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "operation", responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
pub(super) async fn metrics(extract::State(state): extract::State<State>) -> Response {
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, &state.registry) {
        Ok(()) => ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
