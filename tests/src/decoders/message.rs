//! What replicas say to each other.

use super::cast::{CAST, Piece};
use koinon_protocol::id::RecordId;
use koinon_protocol::limit;
use koinon_protocol::reconcile::{Item, Summary};
use koinon_protocol::record::Signed;
use koinon_protocol::replica::message::{Carried, Parcel, Request, Response};
use koinon_protocol::wire;

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
    if let Ok(headers) = wire::decode::<Vec<Signed>, { limit::GOSSIP }>(bytes) {
        assert_eq!(wire::encode(&headers), bytes, "a gossip message has one form");
    }
}

pub(super) fn requests() -> Vec<Vec<u8>> {
    let forks = Summary::default().with(&RecordId([3; 32]));
    let ids: Vec<RecordId> = CAST.pieces.iter().map(Piece::id).collect();
    let requests = [
        Request::Pull { size: 0, root: [0; 32], whole: true, forks: Summary::default() },
        Request::Pull { size: 300, root: [7; 32], whole: false, forks },
        Request::Fetch { ids: Vec::new() },
        Request::Fetch { ids },
        Request::Survey,
        Request::Reconcile(vec![0, 63]),
        Request::Control { after: Item::FIRST },
    ];
    requests.iter().map(Request::encode).collect()
}

pub(super) fn responses() -> Vec<Vec<u8>> {
    let ids: Vec<RecordId> = CAST.pieces.iter().map(Piece::id).collect();
    let parcels: Vec<Parcel> = CAST.pieces.iter().map(parcel).collect();
    let bare = CAST.pieces.iter().map(|piece| Parcel { signed: piece.signed(), body: None });
    let responses = [
        Response::Ids { ids: Vec::new(), size: 0, forks: Vec::new() },
        Response::Ids { ids, size: 40, forks: vec![CAST.fork.claim()] },
        Response::Whole { records: parcels[..3].iter().cloned().map(Carried::Whole).collect(), size: 3, forks: Vec::new() },
        Response::Whole { records: vec![Carried::Named(RecordId([5; 32]))], size: 1, forks: vec![CAST.fork.claim(); 3] },
        Response::Diverged,
        Response::Parcels { parcels: parcels[3..6].to_vec(), unread: 2 },
        Response::Parcels { parcels: bare.take(4).collect(), unread: 0 },
        Response::Busy(1000),
    ];
    responses.iter().map(Response::encode).collect()
}

pub(super) fn gossips() -> Vec<Vec<u8>> {
    let headers: Vec<Signed> = CAST.pieces.iter().map(Piece::signed).collect();
    [0, 1, 9].map(|count| wire::encode(&headers[..count].to_vec())).to_vec()
}

pub(super) fn parcel(piece: &Piece) -> Parcel {
    Parcel { signed: piece.signed(), body: Some(piece.sealed()) }
}
