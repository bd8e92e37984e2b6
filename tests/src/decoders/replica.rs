//! A whole replica that is told anything in any order: by peers who lie, over links that lose, with crashes in between.

mod world;

use super::cast::{self, CAST, Piece, START};
use super::input::Input;
use super::message;
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::Frontier;
use koinon_protocol::ledger::{Ledger, MemoryLedger, Plane, Ranges};
use koinon_protocol::log::link;
use koinon_protocol::reconcile::{Item, Range, Summary, respond};
use koinon_protocol::record::{Sealed, Signed};
use koinon_protocol::replica::message::{Carried, Parcel, Request, Response};
use koinon_protocol::replica::{Input as Event, Peer};
use koinon_protocol::time::Millis;
use std::sync::LazyLock;
use world::World;

/// Peers that come and go.
const PEERS: usize = 4;

/// What an honest peer has: all that is of the network and continues its log.
pub(super) static FULL: LazyLock<MemoryLedger> = LazyLock::new(|| {
    let mut ledger = MemoryLedger::default();
    for piece in CAST.pieces.iter().filter(|piece| piece.record.header().network == CAST.network) {
        let head = ledger.head(&cast::log_of(&piece.record)).expect("the ledger never fails");
        if let Ok(linked) = link(piece.record, head.as_ref()) {
            ledger.append(&linked, Some(&piece.body)).expect("the ledger never fails");
        }
    }
    ledger
});

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
                let from = peer(&mut input);
                world.happen(match input.byte() {
                    254 => Event::Pruned(from),
                    255 => Event::Grafted(from),
                    _ => Event::Pushed { from, record: parcel(&mut input) },
                });
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
    match input.below(8) {
        0 => {
            let (size, forks) = (u64::from(input.byte()), Summary { count: u64::from(input.byte()), sum: [0; 32] });
            let root = world.root_at(size).unwrap_or_default();
            Request::Pull { size, root, whole: input.byte() == 1, forks }
        }
        1 => Request::Fetch { ids: (0..input.byte()).map(|_| piece(input).id()).collect() },
        2 => Request::Survey,
        3 => Request::Reconcile(input.piece().to_vec()),
        4 => Request::Control { after: Item { claimed_at: Millis(START.wrapping_add(input.number())), id: RecordId::ZERO } },
        5 => Request::FetchAt { from: input.number(), bits: input.piece().to_vec() },
        6 => Request::Pull { size: input.number(), root: input.array(), whole: true, forks: Summary::default() },
        _ => Request::decode(input.piece()).unwrap_or(Request::Fetch { ids: vec![RecordId::ZERO; 3000] }),
    }
}

/// Answers one of the open questions, truly or not.
fn answer(input: &mut Input<'_>, world: &mut World) {
    let Some((from, call, request)) = world.question(usize::from(input.byte())) else { return };
    let response = match input.below(4) {
        0 | 1 => honest(&request),
        2 => lie(input),
        _ => twist(honest(&request), input),
    };
    world.happen(Event::Response { from, call, response });
}

/// The answer of one who has all records that can be kept.
fn honest(request: &Request) -> Response {
    let size = FULL.size();
    let parcel = |id: RecordId| CAST.pieces.iter().find(|piece| piece.id() == id).map(message::parcel);
    match request {
        Request::Pull { size: from, .. } => {
            let ids = (*from..size).map(|place| FULL.id(place)).collect::<Result<_, _>>().expect("the ledger never fails");
            Response::Ids { ids, size, forks: Vec::new() }
        }
        Request::FetchAt { from, bits } => {
            let wanted = (0..8 * bits.len()).filter(|place| bits[place / 8] >> (place % 8) & 1 == 1);
            let ids = wanted.filter_map(|place| FULL.id(from.saturating_add(place as u64)).ok());
            Response::Parcels { parcels: ids.filter_map(parcel).collect(), unread: 0 }
        }
        Request::Fetch { ids } => Response::Parcels { parcels: ids.iter().filter_map(|id| parcel(*id)).collect(), unread: 0 },
        Request::Survey => {
            let edge = Frontier::at(size, |level, index| FULL.node(level, index)).expect("the ledger never fails");
            let print = |plane| FULL.summary(plane, &Range::ALL).expect("the ledger never fails").fingerprint();
            Response::Survey { frontier: edge.encode(), control: print(Plane::Control), content: print(Plane::Content) }
        }
        Request::Reconcile(message) => Response::Reconcile(respond(message, &*FULL).expect("a replica asks what has an answer")),
        Request::Control { after } => {
            let range = Range { from: *after, until: Item::LAST };
            let items = FULL.items(Plane::Control, &range, 64).expect("the ledger never fails");
            let parcels = items.iter().filter(|item| *item > after).filter_map(|item| parcel(item.id)).collect();
            Response::Control { parcels, more: false }
        }
    }
}

/// An answer that has to do with no question.
fn lie(input: &mut Input<'_>) -> Response {
    let size = u64::from(input.byte());
    let forks = if size % 8 == 7 { vec![CAST.fork.claim()] } else { Vec::new() };
    match input.below(8) {
        0 => Response::Diverged,
        1 => Response::Busy(input.number()),
        2 => Response::Parcels { parcels: parcels(input), unread: u64::from(input.byte()) },
        3 => Response::Whole { records: parcels(input).into_iter().map(Carried::Whole).collect(), size, forks },
        4 => Response::Whole { records: names(input).into_iter().map(Carried::Named).collect(), size: u64::MAX, forks },
        5 => Response::Control { parcels: parcels(input), more: input.byte() == 1 },
        6 => Response::Reconcile(input.piece().to_vec()),
        _ => Response::Ids { ids: names(input), size, forks },
    }
}

/// An answer with some of its bytes changed, if it is one then.
fn twist(response: Response, input: &mut Input<'_>) -> Response {
    let mut bytes = response.encode();
    let place = usize::from(u16::from_be_bytes(input.array())) % bytes.len();
    bytes[place] ^= input.byte();
    Response::decode(&bytes).unwrap_or(response)
}

fn parcels(input: &mut Input<'_>) -> Vec<Parcel> {
    (0..input.below(8)).map(|_| parcel(input)).collect()
}

fn names(input: &mut Input<'_>) -> Vec<RecordId> {
    (0..input.below(32)).map(|_| piece(input).id()).collect()
}

fn submit(input: &mut Input<'_>, world: &mut World) {
    let (submission, Parcel { signed, body }) = (u64::from(input.byte()), parcel(input));
    let body = body.unwrap_or(Sealed { salt: [0; 32], bytes: Vec::new() });
    world.submit(submission, signed, body);
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let honest = [6, 0, 0];
    let contact = [&[0, 1][..], &honest.repeat(12), &[10, 3, 15], &honest.repeat(3), &[11, 0, 1], &honest.repeat(6)].concat();
    let two = [&[0, 1, 0, 2][..], &[6, 1, 0].repeat(9), &[1, 1], &honest.repeat(9), &[3, 40], &honest.repeat(9)].concat();
    let submissions: Vec<u8> =
        (0..CAST.pieces.len()).flat_map(|place| [9, 1, u8::try_from(place).unwrap_or_default(), 3]).collect();
    let again = [&submissions[..], &[3, 255, 0, 0], &honest.repeat(8), &[10, 11], &submissions].concat();
    let pushes = [
        &[0, 0, 0, 2, 4, 0, 1, 0, 3, 4, 0, 2, 1, 0][..],
        &honest.repeat(4),
        &[4, 2, 3, 250, 1, 1, 1, 3, 4, 2, 4, 7, 2, 9, 4, 0, 254, 4, 2, 255],
    ]
    .concat();
    let lies = (0..8).flat_map(|kind| [0, kind % 4, 6, kind, 2, 7, kind, 3, 5, 4, 6, 5]).collect();
    let requests = (0..8).flat_map(|kind| [5, 0, 1, kind, 3, 9, 12, 1, 1]).collect();
    let raw = [&[0, 2, 8, 2, 1, 12][..], &Response::Busy(7).encode(), &[5, 2, 1, 7, 36], &[0; 36]].concat();
    vec![contact, two, submissions, again, pushes, lies, [vec![0, 0], requests].concat(), raw]
}
