//! The head of a request that is answered in JSON.

use super::answer::{self, Form, Keep};
use super::problem::Problem;
use super::query::Parameters;
use super::words::Languages;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Serialize;
use std::fmt::Display;

/// What is asked of a resource that is there as JSON and in no other form.
pub(super) struct Asked {
    /// The parameters.
    pub(super) parameters: Parameters,
    /// The languages that are read.
    pub(super) languages: Languages,
    uri: Uri,
    headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let parameters = Parameters::of(&parts.uri)?;
        let Ok(languages) = Languages::from_request_parts(parts, state).await;
        answer::wanted(&parts.headers, &[Form::Json])?;
        Ok(Self { parameters, languages, uri: parts.uri.clone(), headers: parts.headers.clone() })
    }
}

impl Asked {
    /// The answer.
    pub(super) fn json(&self, answer: &impl Serialize) -> Response {
        answer::json(&self.headers, Keep::Ask, answer)
    }

    /// The answer, one page of a list; the next one has the same parameters and this value of `cursor`.
    pub(super) fn page(&self, answer: &impl Serialize, cursor: &str, next: Option<impl Display>) -> Response {
        let more = next.map(|next| self.parameters.with(self.uri.path(), cursor, next));
        answer::page(&self.headers, answer, more)
    }
}
