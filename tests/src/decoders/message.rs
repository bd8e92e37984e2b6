//! What replicas say to each other.

use super::cast::{CAST, Piece};
use super::{reconcile, record};
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::Frontier;
use koinon_protocol::ledger::Plane;
use koinon_protocol::limit;
use koinon_protocol::reconcile::Item;
use koinon_protocol::reconcile::Summary;
use koinon_protocol::replica::message::{Carried, Parcel, Request, Response};

pub(super) fn request(bytes: &[u8]) {
    if let Ok(request) = Request::decode(bytes) {
        assert_eq!(request.encode(), bytes, "a request has one form");
    }
}

pub(super) fn response(bytes: &[u8]) {
    if let Ok(response) = Response::decode(bytes) {
        assert_eq!(response.encode(), bytes, "a response has one form");
    }
}

pub(super) fn gossip(bytes: &[u8]) {
    if let Ok(parcel) = Parcel::decode(bytes) {
        assert_eq!(parcel.encode(), bytes, "a gossip message has one form");
    }
}

pub(super) fn gossips() -> Vec<Vec<u8>> {
    let bare = CAST.pieces.iter().map(|piece| Parcel { signed: piece.signed(), body: None });
    bare.take(2).chain(CAST.pieces.iter().map(parcel)).map(|parcel| parcel.encode()).collect()
}

pub(super) fn requests() -> Vec<Vec<u8>> {
    let forks = Summary::default().with(&RecordId([3; 32]));
    let ids: Vec<RecordId> = CAST.pieces.iter().map(Piece::id).collect();
    let requests = [
        Request::Pull { size: 0, root: [0; 32], whole: true, forks: Summary::default() },
        Request::Pull { size: 300, root: [7; 32], whole: false, forks },
        Request::Fetch { ids: Vec::new() },
        Request::Fetch { ids },
        Request::Fetch { ids: vec![RecordId([1; 32]); limit::REQUEST / 32 - 1] },
        Request::FetchAt { from: 3, bits: vec![0x5a, 1] },
        Request::Survey,
        Request::Reconcile(reconcile::question(Plane::Content)),
        Request::Control { after: Item::FIRST },
    ];
    requests.iter().map(Request::encode).collect()
}

pub(super) fn responses() -> Vec<Vec<u8>> {
    let ids: Vec<RecordId> = CAST.pieces.iter().map(Piece::id).collect();
    let parcels: Vec<Parcel> = CAST.pieces.iter().map(parcel).collect();
    let bare = CAST.pieces.iter().map(|piece| Parcel { signed: piece.signed(), body: None });
    let whole = vec![Carried::Named(CAST.pieces[0].id()), Carried::Whole(parcels[4].clone())];
    let long = Parcel { signed: CAST.charter.signed(), body: Some(record::longest()) };
    let responses = [
        Response::Ids { ids: Vec::new(), size: 0, forks: Vec::new() },
        Response::Ids { ids, size: 40, forks: vec![CAST.fork.claim()] },
        Response::Whole { records: whole, size: 3, forks: Vec::new() },
        Response::Whole { records: Vec::new(), size: 0, forks: vec![CAST.fork.claim(); 3] },
        Response::Diverged,
        Response::Parcels { parcels: parcels[3..6].to_vec(), unread: 2 },
        Response::Parcels { parcels: bare.take(4).collect(), unread: 0 },
        Response::Busy(1000),
        Response::Parcels { parcels: vec![long; limit::RESPONSE / (limit::BODY + 1024)], unread: 0 },
        Response::Survey { frontier: Frontier::default().encode(), control: [1; 32], content: [2; 32] },
        Response::Reconcile(reconcile::question(Plane::Control)),
        Response::Control { parcels: parcels[..3].to_vec(), more: true },
    ];
    responses.iter().map(Response::encode).collect()
}

pub(super) fn parcel(piece: &Piece) -> Parcel {
    Parcel { signed: piece.signed(), body: Some(piece.sealed()) }
}
