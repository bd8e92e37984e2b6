//! One request for a page.

use super::State;
use super::error::Failure;
use super::layout::{Page, document};
use super::reading::Reading;
use super::text::Languages;
use crate::engine::Status;
use crate::net::Link;
use crate::witness::Sightings;
use axum::extract::{FromRequestParts, Query};
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use koinon_protocol::id::{NetworkId, RecordId};
use std::convert::Infallible;
use std::sync::Arc;

/// What was asked, and what answers it.
pub(crate) struct Visit {
    state: State,
    /// The path of the address.
    pub(crate) path: String,
    /// The query's pairs.
    pub(crate) query: Vec<(String, String)>,
    /// The headers.
    pub(crate) headers: HeaderMap,
}

impl FromRequestParts<State> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        let query = Query::try_from_uri(&parts.uri).map(|Query(pairs)| pairs).unwrap_or_default();
        Ok(Self { state: state.clone(), path: parts.uri.path().to_owned(), query, headers: parts.headers.clone() })
    }
}

impl Visit {
    /// The id at the end of the path.
    pub(crate) fn id(&self) -> Result<RecordId, Failure> {
        self.path.rsplit('/').next().unwrap_or_default().parse().map_err(|_| Failure::BadId)
    }

    /// A number in the query.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.value(name)?.parse().ok()
    }

    /// The network.
    pub(crate) fn network(&self) -> NetworkId {
        self.state.engine.network()
    }

    /// What the engine says of itself, and who is connected.
    pub(crate) fn health(&self) -> (Status, Vec<Link>) {
        (self.state.engine.status(), self.state.links.borrow().clone())
    }

    /// What the node signs, and whom it asks.
    pub(crate) fn sightings(&self) -> Sightings {
        self.state.sightings.clone()
    }

    /// The node's name for people.
    pub(crate) fn node_name(&self) -> Arc<str> {
        self.state.name.clone()
    }

    /// Makes a page, or the page that says why there is none, on a thread that may wait for the disk.
    pub(crate) async fn page<F>(self, make: F) -> Response
    where
        F: FnOnce(&Reading) -> Result<Page, Failure> + Send + 'static,
    {
        let reading = Arc::new(self.reading());
        let theirs = Arc::clone(&reading);
        let made = tokio::task::spawn_blocking(move || make(&theirs)).await;
        respond(made.unwrap_or(Err(Failure::Broken)), &reading)
    }

    fn reading(self) -> Reading {
        let header = self.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Reading {
            languages: Languages::read(self.value("lang"), header),
            trust: self.state.engine.trust(),
            now: (self.state.clock)(),
            sightings: self.state.sightings,
            receipts: self.state.receipts,
            reader: self.state.reader,
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn respond(made: Result<Page, Failure>, reading: &Reading) -> Response {
    let (status, page) = match made {
        Ok(page) => (StatusCode::OK, page),
        Err(failure) => (failure.status(), failure.view()),
    };
    (status, document(&page, &reading.network())).into_response()
}
