//! The kinds of content that are known here.

use super::answer::{self, Form, Keep};
use super::problem::{Code, Problem};
use super::query::Named;
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

/// What a body of a kind may say, as JSON Schema 2020-12
#[utoipa::path(get, path = "/api/v1/kinds/{name}/schema", tag = "kinds", params(
    ("name" = String, Path, description = "The name of a kind", example = "practice"),
), responses(
    (status = 200, body = Object, content_type = "application/schema+json"),
    (status = 404, description = "It is not known here"),
))]
pub(super) async fn schema(Named(name): Named<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let form = answer::wanted(&headers, &[Form::Schema, Form::Json])?;
    let kind = Kind::by_name(&name).ok_or_else(|| {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        Problem::new(Code::UnknownKind, format!("no kind is named '{name}' here; there are {}", names.join(", ")))
    })?;
    Ok(answer::json_as(form, &headers, Keep::Minutes, &kind.schema()))
}
