//! The standard endpoints of a log (C2SP tlog-tiles) and of a witness (C2SP tlog-witness), for programs that are not ours.

pub(crate) mod tile;

use crate::reader::{ReadError, Reader};
use crate::witness::{Answer, Post};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use koinon_protocol::checkpoint::{AddCheckpoint, Published, Refusal};
use std::sync::Arc;
use tile::Tile;
use tokio::sync::watch;

const TEXT: &str = "text/plain; charset=utf-8";
/// What was served once is served for ever.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// What the endpoints read from; cheap to clone.
#[derive(Clone)]
pub struct State {
    /// Records that are durable.
    pub reader: Reader,
    /// The latest checkpoint.
    pub shown: watch::Receiver<Option<Arc<Published>>>,
    /// The witness.
    pub post: Post,
}

/// The endpoints, to be merged with pages and API.
pub fn router(state: State) -> Router {
    Router::new()
        .route("/checkpoint", get(checkpoint))
        .route("/tile/{*path}", get(tile))
        .route("/add-checkpoint", post(add))
        .route("/{log}/checkpoint", get(witnessed))
        .route("/evidence", get(cases))
        .route("/evidence/{case}/{file}", get(exhibit))
        .with_state(state)
}

async fn checkpoint(Shared(state): Shared<State>) -> Response {
    let shown = state.shown.borrow().clone();
    match shown {
        Some(published) => note(published.note().to_string()),
        None => text(StatusCode::NOT_FOUND, "this log has signed no checkpoint that stands"),
    }
}

/// What this witness cosigned last of a log.
async fn witnessed(Shared(state): Shared<State>, Path(log): Path<String>) -> Response {
    match state.post.latest(log).await {
        Some(cosigned) => note(cosigned),
        None => text(StatusCode::NOT_FOUND, "no checkpoint of such a log was cosigned here"),
    }
}

/// What is kept against logs, a name in each line.
async fn cases(Shared(state): Shared<State>) -> Response {
    match state.post.cases().await {
        Some(names) => note(names.iter().map(|name| format!("{name}\n")).collect()),
        None => busy(),
    }
}

/// One of the two notes that contradict each other, or what shows that they do.
async fn exhibit(Shared(state): Shared<State>, Path((case, file)): Path<(String, String)>) -> Response {
    match state.post.exhibit(case, file).await {
        Some(kept) => note(kept),
        None => text(StatusCode::NOT_FOUND, "no such evidence is kept here; /evidence lists what is"),
    }
}

/// A part of the tree or of its leaves, as far as it was signed.
async fn tile(Shared(state): Shared<State>, Path(path): Path<String>) -> Response {
    let signed = state.shown.borrow().as_ref().map_or(0, |published| published.checkpoint().size);
    let Some(tile) = Tile::parse(&path).filter(|tile| tile.is_within(signed)) else {
        return text(StatusCode::NOT_FOUND, "the signed tree has no such tile");
    };
    let read = tokio::task::spawn_blocking(move || tile.read(&state.reader)).await;
    match read {
        Ok(Ok(bytes)) => {
            ([(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, IMMUTABLE)], bytes).into_response()
        }
        Ok(Err(error)) => failed(&error),
        Err(error) => failed(&error),
    }
}

async fn add(Shared(state): Shared<State>, body: Bytes) -> Response {
    let (request, checkpoint) = match AddCheckpoint::parse(&body) {
        Ok(parsed) => parsed,
        Err(error) => return text(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    match state.post.add(request, checkpoint).await {
        Some(Answer::Cosigned(lines)) => ([(header::CONTENT_TYPE, TEXT)], lines).into_response(),
        Some(Answer::Unknown) => text(StatusCode::NOT_FOUND, "this witness does not know the log"),
        Some(Answer::Unsigned(why)) => text(StatusCode::FORBIDDEN, &why),
        Some(Answer::Proven(case)) => {
            let why =
                format!("this witness holds proof that the log showed two trees, and trusts its key no more: /evidence/{case}");
            text(StatusCode::FORBIDDEN, &why)
        }
        Some(Answer::Refused(Refusal::Conflict(size))) => {
            (StatusCode::CONFLICT, [(header::CONTENT_TYPE, "text/x.tlog.size")], format!("{size}\n")).into_response()
        }
        Some(Answer::Refused(refusal)) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
            text(status, &refusal.to_string())
        }
        Some(Answer::Failed) => text(StatusCode::INTERNAL_SERVER_ERROR, "the witness cannot write down what it cosigns"),
        None => busy(),
    }
}

fn busy() -> Response {
    text(StatusCode::SERVICE_UNAVAILABLE, "the witness has more to do than it can take")
}

/// It changes: caches must ask each time.
fn note(note: String) -> Response {
    ([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, "no-cache")], note).into_response()
}

fn text(status: StatusCode, text: &str) -> Response {
    (status, [(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, "no-store")], format!("{text}\n")).into_response()
}

fn failed(error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "a tile could not be read");
    text(StatusCode::INTERNAL_SERVER_ERROR, "the tile could not be read")
}
