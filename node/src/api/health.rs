//! What watches a node: whether it lives, whether it is ready, how it fares.

use super::State;
use crate::engine::Status;
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
    match readiness(&state.handle.status(), state.reader.size()) {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
    }
}

/// Whether the node takes records and shows nearly all that it has, or why not.
fn readiness(engine: &Status, indexed: u64) -> Result<(), String> {
    let behind = engine.records.saturating_sub(indexed);
    match &engine.failure {
        Some(failure) => Err(format!("the store is read-only: {failure}")),
        None if behind > BEHIND => Err(format!("the index is {behind} records behind the journal")),
        None => Ok(()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_cannot_write_or_is_far_behind_is_not_ready() {
        let engine = Status { records: 5000, ..Status::default() };
        assert_eq!(readiness(&engine, 5000), Ok(()));
        assert_eq!(readiness(&engine, 5000 - BEHIND), Ok(()));
        assert!(readiness(&engine, 5000 - BEHIND - 1).is_err_and(|reason| reason.contains("1001 records behind")));
        let broken = Status { failure: Some("no space left".into()), ..engine };
        assert!(readiness(&broken, 5000).is_err_and(|reason| reason.contains("no space left")));
    }
}
