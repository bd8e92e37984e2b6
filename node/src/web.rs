//! The pages: server-rendered, for reading; a script verifies records in the browser, and nothing else needs one. `view(model) -> Page` over models that `reading` makes.

mod assets;
mod date;
mod error;
mod fields;
mod help;
mod home;
mod item;
mod layout;
mod network;
mod node;
mod organisation;
mod reading;
mod record;
mod search;
mod standing;
mod text;
mod visit;
mod vocabulary;
mod words;

use crate::engine::Handle;
use crate::net::Link;
use crate::reader::Reader;
use crate::receipts;
use crate::witness::Sightings;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use error::Failure;
use koinon_protocol::time::Millis;
use std::sync::Arc;
use tokio::sync::watch;
use visit::Visit;

/// What the pages read from.
#[derive(Clone)]
pub struct State {
    /// The records.
    pub reader: Reader,
    /// Trust, and the engine's health.
    pub engine: Handle,
    /// Who is connected.
    pub links: watch::Receiver<Vec<Link>>,
    /// What nodes say of the texts that they erased.
    pub receipts: receipts::Handle,
    /// The node's name for people.
    pub name: Arc<str>,
    /// What proves when a record was there.
    pub sightings: Sightings,
    /// The clock that standing is asked by.
    pub clock: fn() -> Millis,
}

/// Nothing is loaded from elsewhere, and nothing runs but this node's own modules, which make no markup from text.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The pages, with a page for every address that is not theirs.
pub fn router(state: State) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/search", get(search))
        .route("/practices", get(|| kind("practice")))
        .route("/needs", get(|| kind("need")))
        .route("/offers", get(|| kind("offer")))
        .route("/record/{id}", get(record))
        .route("/organisation/{id}", get(organisation))
        .route("/network", get(network))
        .route("/node", get(node))
        .route("/help", get(|visit: Visit| visit.page(|_| Ok(help::help()))))
        .route("/accessibility", get(|visit: Visit| visit.page(|_| Ok(help::accessibility()))))
        .route("/privacy", get(|visit: Visit| visit.page(|_| Ok(help::privacy()))))
        .route("/assets/{*name}", get(asset))
        .method_not_allowed_fallback(|visit: Visit| visit.page(|_| Err(Failure::Method)))
        .fallback(|visit: Visit| visit.page(|_| Err(Failure::NoPage)))
        .layer(axum::middleware::map_response(guarded))
        .with_state(state)
}

async fn home(visit: Visit) -> Response {
    visit.page(|reading| Ok(home::view(&home::gather(reading)?, reading))).await
}

async fn search(visit: Visit) -> Response {
    let asked = search::Asked::read(&visit.query);
    visit.page(|reading| Ok(search::view(&search::gather(asked, reading)?, reading))).await
}

async fn kind(name: &str) -> Response {
    Redirect::to(&format!("/search?kind={name}")).into_response()
}

async fn record(visit: Visit) -> Response {
    let id = visit.id();
    if id.as_ref().is_ok_and(|id| koinon_protocol::id::NetworkId::from(*id) == visit.network()) {
        return Redirect::to("/network").into_response();
    }
    visit
        .page(|reading| {
            let id = id?;
            if let Some(why) = reading.reader.hidden(&id) {
                return Err(Failure::Hidden(why.ground));
            }
            Ok(record::view(&record::gather(&id, reading)?.ok_or(Failure::NoRecord)?, reading))
        })
        .await
}

async fn organisation(visit: Visit) -> Response {
    let (id, before) = (visit.id(), visit.number("before"));
    visit
        .page(move |reading| {
            let model = organisation::gather(id?.into(), before, reading)?.ok_or(Failure::NoOrganisation)?;
            Ok(organisation::view(&model, reading))
        })
        .await
}

async fn network(visit: Visit) -> Response {
    let number = visit.number("page").and_then(|number| usize::try_from(number).ok()).unwrap_or(1);
    visit.page(move |reading| Ok(network::view(number, reading))).await
}

async fn node(visit: Visit) -> Response {
    let (status, links) = visit.health();
    let name = visit.node_name();
    let sightings = visit.sightings();
    visit.page(|reading| Ok(node::view(&node::Model { name, status, links, indexed: reading.reader.size(), sightings }))).await
}

async fn asset(visit: Visit) -> Response {
    match assets::serve(&visit.path, &visit.headers) {
        Some(asset) => asset,
        None => visit.page(|_| Err(Failure::NoPage)).await,
    }
}

async fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 5] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (VARY, "accept-language"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}
