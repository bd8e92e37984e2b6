//! A whole replica that is told anything in any order: by peers who lie, over links that lose, with crashes in between.

mod world;

use super::cast::{CAST, Piece};
use super::input::Input;
use super::message;
use koinon_protocol::id::RecordId;
use koinon_protocol::reconcile::Summary;
use koinon_protocol::record::{Sealed, Signed};
use koinon_protocol::replica::message::{Carried, Parcel, Request, Response};
use koinon_protocol::replica::{Input as Event, Peer};
use koinon_protocol::wire;
use world::World;

/// Peers that come and go.
const PEERS: usize = 4;

/// Each step begins with a byte that says what happens.
pub(super) fn check(bytes: &[u8]) {
    let (mut input, mut world) = (Input(bytes), World::new());
    while !input.is_empty() {
        match input.below(12) {
            0 => world.happen(Event::Connected(peer(&mut input))),
            1 => world.happen(Event::Disconnected(peer(&mut input))),
            2 => world.wait(u64::from(input.byte()) << 4),
            3 => world.wait(u64::from(input.byte()) << 12),
            4 => {
                let (from, message) = (peer(&mut input), u64::from(input.byte()));
                let headers = (0..input.below(8)).map(|_| header(&mut input)).collect();
                world.happen(Event::Gossip { from, message, headers });
            }
            5 => {
                let (from, call) = (peer(&mut input), u64::from(input.byte()));
                let request = request(&mut input, &world);
                world.happen(Event::Request { from, call, request });
            }
            6 | 7 => answer(&mut input, &mut world),
            8 => {
                let (from, call) = (peer(&mut input), u64::from(input.byte()));
                if let Ok(response) = Response::decode(input.piece()) {
                    world.happen(Event::Response { from, call, response });
                }
            }
            9 => submit(&mut input, &mut world),
            10 => world.sync(),
            _ => world.crash(),
        }
    }
}

fn peer(input: &mut Input<'_>) -> Peer {
    Peer(input.below(PEERS) as u64)
}

fn piece(input: &mut Input<'_>) -> &'static Piece {
    &CAST.pieces[input.below(CAST.pieces.len())]
}

/// A record's header; at times with a bit changed, which nobody signed.
fn header(input: &mut Input<'_>) -> Signed {
    let choice = input.byte();
    let signed = CAST.pieces[usize::from(choice) % CAST.pieces.len()].signed();
    if choice < 240 {
        return signed;
    }
    let mut bytes = signed.encode();
    let place = usize::from(u16::from_be_bytes(input.array())) % bytes.len();
    bytes[place] ^= 1 << input.below(8);
    Signed::decode(&bytes).unwrap_or(signed)
}

/// A record as it travels; at times without its body, or with another's.
fn parcel(input: &mut Input<'_>) -> Parcel {
    let signed = header(input);
    let own = CAST.pieces.iter().find(|piece| piece.signed() == signed);
    let body = match input.below(8) {
        0 => None,
        1 => Some(Sealed { salt: [0; 32], bytes: input.piece().to_vec() }),
        2 => Some(piece(input).sealed()),
        _ => own.map(Piece::sealed),
    };
    Parcel { signed, body }
}

fn request(input: &mut Input<'_>, world: &World) -> Request {
    match input.below(4) {
        0 => {
            let (size, forks) = (u64::from(input.byte()), Summary { count: u64::from(input.byte()), sum: [0; 32] });
            let root = world.root_at(size).unwrap_or_default();
            Request::Pull { size, root, whole: input.byte() == 1, forks }
        }
        1 => Request::Fetch { ids: (0..input.byte()).map(|_| piece(input).id()).collect() },
        2 => Request::Pull { size: input.number(), root: input.array(), whole: true, forks: Summary::default() },
        _ => Request::decode(input.piece()).unwrap_or(Request::Fetch { ids: vec![RecordId::ZERO; 3000] }),
    }
}

/// Answers one of the open questions, truly or not.
fn answer(input: &mut Input<'_>, world: &mut World) {
    let Some((from, call, request)) = world.question(usize::from(input.byte())) else { return };
    let size = u64::from(input.byte());
    let forks = if size % 8 == 7 { vec![CAST.fork.claim()] } else { Vec::new() };
    let honest = |ids: &[RecordId]| {
        let asked = CAST.pieces.iter().filter(|piece| ids.contains(&piece.id()));
        Response::Parcels { parcels: asked.map(message::parcel).collect(), unread: 0 }
    };
    let response = match (input.below(8), &request) {
        (0, _) => Response::Diverged,
        (1, _) => Response::Busy(input.number()),
        (2, _) => Response::Parcels { parcels: parcels(input), unread: u64::from(input.byte()) },
        (3 | 4, Request::Fetch { ids }) => honest(ids),
        (3 | 4, Request::Pull { size: from, .. }) => all_from(*from),
        (5, _) => Response::Whole { records: carried(input), size, forks },
        (6, _) => Response::Whole { records: carried(input), size: u64::MAX, forks },
        _ => Response::Ids { ids: (0..input.below(32)).map(|_| piece(input).id()).collect(), size, forks },
    };
    world.happen(Event::Response { from, call, response });
}

fn carried(input: &mut Input<'_>) -> Vec<Carried> {
    parcels(input)
        .into_iter()
        .map(|parcel| if input.below(4) == 0 { Carried::Named(parcel.signed.header().id()) } else { Carried::Whole(parcel) })
        .collect()
}

fn parcels(input: &mut Input<'_>) -> Vec<Parcel> {
    (0..input.below(8)).map(|_| parcel(input)).collect()
}

/// The answer of one who has all records, in the order of the cast.
fn all_from(place: u64) -> Response {
    let skipped = usize::try_from(place).unwrap_or(usize::MAX).min(CAST.pieces.len());
    let ids = CAST.pieces[skipped..].iter().map(Piece::id).collect();
    Response::Ids { ids, size: CAST.pieces.len() as u64, forks: Vec::new() }
}

fn submit(input: &mut Input<'_>, world: &mut World) {
    let (submission, Parcel { signed, body }) = (u64::from(input.byte()), parcel(input));
    let body = body.unwrap_or(Sealed { salt: [0; 32], bytes: Vec::new() });
    world.submit(submission, signed, body);
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    // A first contact: the peer is read to its end, what it names is fetched, a minute passes.
    let contact = [0, 1, 6, 0, 0, 3, 3, 15, 6, 0, 0, 3, 6, 0, 0, 3, 6, 0, 0, 3, 10, 3, 15, 11];
    let submissions = (0..CAST.pieces.len()).flat_map(|place| [9, 1, u8::try_from(place).unwrap_or_default(), 3]).collect();
    let gossip = [0, 0, 0, 2, 4, 0, 1, 3, 0, 1, 2, 6, 0, 0, 3, 6, 1, 0, 3, 1, 0, 3, 9, 5, 2, 3, 0, 4, 0, 1];
    let whole = [0, 0, 6, 0, 40, 5, 4, 0, 3, 1, 3, 2, 3, 3, 3, 6, 0, 7, 5, 2, 12, 3, 13, 3, 10, 5, 0, 9, 0, 3, 0, 1];
    let raw = [&[0, 2, 8, 2, 1, 12][..], &Response::Busy(7).encode(), &[5, 2, 1, 3, 12], &wire::encode(&2u32), &[0; 8]].concat();
    vec![contact.to_vec(), submissions, gossip.to_vec(), whole.to_vec(), raw]
}
