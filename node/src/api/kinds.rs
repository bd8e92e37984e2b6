//! The kinds of content that are known here.

use super::State;
use super::answer::{self, Form, Keep};
use super::problem::{Code, Problem};
use super::query::Named;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::Response;
use koinon_protocol::kind::{KINDS, Kind};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The kinds of content that are known here.
#[derive(Serialize, ToSchema)]
pub(super) struct Kinds {
    /// In the order of the table; a record of another kind is kept and relayed all the same.
    kinds: Vec<KindView>,
}

/// A kind of content.
#[derive(Serialize, ToSchema)]
struct KindView {
    /// In a header.
    #[schema(example = 33)]
    number: u16,
    /// In addresses.
    #[schema(value_type = String, example = "practice")]
    name: &'static str,
    /// What its records are.
    #[schema(value_type = String)]
    summary: &'static str,
    /// Where its JSON Schema is.
    #[schema(example = "/api/v1/kinds/practice/schema")]
    schema: String,
    /// An illustrative body.
    #[schema(value_type = Object)]
    example: Value,
}

/// The kinds of content that are known here
#[utoipa::path(get, path = "/api/v1/kinds", tag = "kinds", responses((status = 200, body = Kinds)))]
pub(super) async fn list(headers: HeaderMap) -> Result<Response, Problem> {
    answer::wanted(&headers, &[Form::Json])?;
    let view = |kind: &&'static Kind| KindView {
        number: kind.number,
        name: kind.name,
        summary: kind.summary,
        schema: format!("/api/v1/kinds/{}/schema", kind.name),
        example: serde_json::from_str(kind.example).unwrap_or_default(),
    };
    Ok(answer::json(&headers, Keep::Minutes, &Kinds { kinds: KINDS.iter().map(view).collect() }))
}
