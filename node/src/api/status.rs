//! How the node is.

use super::State;
use super::answer::{self, Form, Keep};
use super::openapi::Id;
use super::problem::Problem;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::Response;
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use serde::Serialize;
use utoipa::ToSchema;

/// How the node is.
#[derive(Serialize, ToSchema)]
pub(super) struct Status {
    /// Of the program.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// The founding charter's id.
    #[schema(value_type = Id)]
    network: NetworkId,
    /// The node's name.
    name: String,
    /// Records in the journal.
    records: u64,
    /// The journal's root.
    #[schema(value_type = Id)]
    root: RecordId,
    /// Records of the journal that can be read and listed.
    indexed: u64,
    /// The key of this node's log, as NAME+ID+KEY; its checkpoint is at `/checkpoint`.
    log: Option<String>,
    /// How many records the latest checkpoint covers.
    checkpoint: Option<u64>,
    /// The keys of the witnesses that this node asks to cosign its checkpoints.
    witnesses: Vec<String>,
    /// The key with which this node cosigns the checkpoints of others.
    witness: Option<String>,
    /// Logs that this node knows and that showed two trees, with the proofs that it keeps; empty as long as they are honest.
    split_views: Vec<SplitView>,
    /// Who is connected.
    peers: Vec<Peer>,
    /// Why the node takes no records, when it does not.
    failure: Option<String>,
}

/// A log against which there is proof.
#[derive(Serialize, ToSchema)]
struct SplitView {
    /// The log's key, as NAME+ID+KEY.
    log: String,
    /// Whether it is this node's own log.
    own: bool,
    /// The cases: the proof of each is at `/evidence/CASE/first.note`, `second.note` and, where the trees have two sizes, `prefix`.
    cases: Vec<String>,
}

/// A node that is connected.
#[derive(Serialize, ToSchema)]
struct Peer {
    /// Its libp2p peer id.
    peer: String,
    /// Where it is.
    #[schema(example = "/ip4/192.0.2.1/udp/8481/quic-v1")]
    address: String,
    /// Whether this node dialled it.
    dialled: bool,
    /// What program it says that it is.
    agent: Option<String>,
    /// The last round trip.
    round_trip_ms: Option<u64>,
    /// What it goes without, though it has been here for an hour or longer: the peer withholds it, does not accept it, or is far behind.
    lacks: Vec<Lacks>,
}

/// Records that a peer goes without.
#[derive(Serialize, ToSchema)]
struct Lacks {
    /// Whose.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// How many.
    records: u64,
}

/// How the node is
#[utoipa::path(get, path = "/api/v1/status", tag = "node", responses((status = 200, body = Status)))]
pub(super) async fn status(extract::State(state): extract::State<State>, headers: HeaderMap) -> Result<Response, Problem> {
    answer::wanted(&headers, &[Form::Json])?;
    let engine = state.handle.status();
    let links = state.links.borrow().clone();
    let peers = links.into_iter().map(|link| Peer {
        peer: link.peer,
        address: link.address,
        dialled: link.dialled,
        agent: link.agent,
        round_trip_ms: link.round_trip,
        lacks: link.lacks.into_iter().map(|(organisation, records)| Lacks { organisation, records }).collect(),
    });
    let proven = state.sightings.proven();
    let split_views = proven.iter().map(|proven| SplitView {
        log: proven.log.to_string(),
        own: proven.own,
        cases: proven.cases.iter().cloned().collect(),
    });
    let status = Status {
        version: env!("CARGO_PKG_VERSION"),
        network: state.handle.network(),
        name: state.name.to_string(),
        records: engine.records,
        root: RecordId(engine.root),
        indexed: state.reader.size(),
        log: state.sightings.log().map(ToString::to_string),
        checkpoint: state.sightings.checkpoint(),
        witnesses: state.sightings.asked().iter().map(ToString::to_string).collect(),
        witness: state.sightings.own().map(ToString::to_string),
        split_views: split_views.collect(),
        peers: peers.collect(),
        failure: engine.failure,
    };
    Ok(answer::json(&headers, Keep::Ask, &status))
}
