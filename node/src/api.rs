//! The HTTP API under /api/v1, and what watches a node: /healthz, /readyz, /metrics.
//!
//! Reading needs nothing, writing a valid signature; there are no accounts. Each resource is a file, and one line of `routes`.

mod answer;
mod asked;
mod bundle;
pub(crate) mod charter;
mod health;
mod journal;
mod kinds;
mod openapi;
mod organisations;
pub mod problem;
mod query;
mod records;
mod search;
mod status;
mod submit;
mod words;

pub use openapi::document;

use crate::charter::Founding;
use crate::engine::Handle;
use crate::net::Link;
use crate::reader::Reader;
use crate::receipts;
use crate::witness::Sightings;
use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{Method, Uri};
use axum::middleware::{Next, from_fn};
use axum::routing::{MethodRouter, any, get, post};
use problem::{Code, Problem};
use prometheus_client::registry::Registry;
use query::Parameters;
use std::sync::Arc;
use tokio::sync::watch;

/// What the resources read from; cheap to clone.
#[derive(Clone)]
pub struct State {
    /// Records that are durable.
    pub reader: Reader,
    /// Takes records; knows who stands in the network.
    pub handle: Handle,
    /// Who is connected.
    pub links: watch::Receiver<Vec<Link>>,
    /// What nodes say of the texts that they erased.
    pub receipts: receipts::Handle,
    /// The founding charter.
    pub charter: Arc<Founding>,
    /// The node's name for people.
    pub name: Arc<str>,
    /// What proves when a record was there.
    pub sightings: Sightings,
    /// The numbers of /metrics.
    pub registry: Arc<Registry>,
}

impl State {
    /// Does `work` where waiting for a disk holds nobody else up.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let state = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&state)).await;
        done.unwrap_or_else(|error| {
            tracing::error!(%error, "a request ended in a panic");
            Err(Problem::new(Code::Storage, "the node failed over this request; whoever runs it finds the reason in its log"))
        })
    }
}

/// The API, to be merged with the pages and served by [`crate::serve`].
pub fn router(state: State) -> Router {
    let mut router = Router::new();
    for Route { path, parameters, handler, .. } in routes() {
        let known = move |given: Parameters, request: Request, next: Next| async move {
            given.only(parameters)?;
            Ok::<_, Problem>(next.run(request).await)
        };
        router = router.route(path, handler.route_layer(from_fn(known)));
    }
    router
        .route("/api", any(no_such_path))
        .route("/api/{*path}", any(no_such_path))
        .method_not_allowed_fallback(no_such_method)
        .with_state(state)
}

/// One resource and one thing that can be done with it.
pub(crate) struct Route {
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares it with the document"))]
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    /// The parameters that it has.
    pub(crate) parameters: &'static [&'static str],
    handler: MethodRouter<State>,
}

impl Route {
    fn get<H: Handler<T, State>, T: 'static>(path: &'static str, parameters: &'static [&'static str], handler: H) -> Self {
        Self { method: Method::GET, path, parameters, handler: get(handler) }
    }

    fn post<H: Handler<T, State>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self { method: Method::POST, path, parameters: &[], handler: post(handler) }
    }
}

/// Every resource.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/status", &[], status::status),
        Route::get("/api/v1/charter", &[], charter::charter),
        Route::post("/api/v1/records", submit::submit),
        Route::post("/api/v1/records/check", submit::check),
        Route::get("/api/v1/records", records::PARAMETERS, records::list),
        Route::get("/api/v1/records/{id}", &[], records::record),
        Route::get("/api/v1/records/{id}/file", &[], records::record_file),
        Route::get("/api/v1/records/{id}/receipts", &[], records::receipts),
        Route::get("/api/v1/search", search::PARAMETERS, search::search),
        Route::get("/api/v1/organisations", &["after", "limit"], organisations::list),
        Route::get("/api/v1/organisations/{id}", &[], organisations::organisation),
        Route::get("/api/v1/organisations/{id}/logs/{device}", &[], organisations::log),
        Route::get("/api/v1/journal", &[], journal::journal),
        Route::get("/api/v1/journal/ids", &["from", "limit"], journal::ids),
        Route::get("/api/v1/journal/inclusion", &["id", "size"], journal::inclusion),
        Route::get("/api/v1/journal/consistency", &["from", "to"], journal::consistency),
        Route::get("/api/v1/bundle/{id}", &[], bundle::bundle),
        Route::get("/api/v1/kinds", &[], kinds::list),
        Route::get("/api/v1/kinds/{name}/schema", &[], kinds::schema),
        Route::get("/api/v1/openapi.json", &[], openapi::openapi),
        Route::get("/healthz", &[], health::healthz),
        Route::get("/readyz", &[], health::readyz),
        Route::get("/metrics", &[], health::metrics),
    ]
}

async fn no_such_path(uri: Uri) -> Problem {
    Problem::new(Code::NoSuchPath, format!("there is no resource at '{}'; /api/v1/openapi.json lists them all", uri.path()))
}

async fn no_such_method(method: Method, uri: Uri) -> Problem {
    Problem::new(
        Code::Method,
        format!("the resource at '{}' has no method {method}; the header Allow names those it has", uri.path()),
    )
}
