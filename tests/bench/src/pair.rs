//! Two production replicas over stores on the disk, without a network between them: what they say is encoded, counted and decoded.

use crate::clock::Watch;
use crate::ground::Ground;
use koinon_protocol::replica::message::{Carried, Parcel, Request, Response};
use koinon_protocol::replica::{Effect, Input, Keeper, Peer, Replica};
use koinon_protocol::time::Millis;
use koinond::engine::Signatures;
use koinond::store::Store;
use std::collections::VecDeque;

/// Milliseconds of a round trip.
const ROUND_TRIP: u64 = 12;
/// The asker.
pub const ASKER: usize = 1;

/// What the asker sent and got.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traffic {
    /// Questions for a journal.
    pub pulls: u64,
    /// Questions that find differences.
    pub rounds: u64,
    /// Bytes of those and of their answers, without records.
    pub finding: u64,
    /// Bytes of everything else but records.
    pub around: u64,
    /// Bytes of records.
    pub records: u64,
    /// Seconds of wall that the asker worked.
    pub wall: f64,
    /// Seconds of CPU that the asker worked.
    pub cpu: f64,
    /// Seconds of CPU of both.
    pub both: f64,
}

/// Two replicas that are connected.
pub struct Pair {
    sides: [(Replica, Keeper<Store, Signatures>); 2],
    now: Millis,
    wake: [Option<Millis>; 2],
    queue: VecDeque<(usize, Said)>,
    pub traffic: Traffic,
}

/// A message on its way.
enum Said {
    Input(Box<Input>),
    Request(u64, Vec<u8>),
    Response(u64, Vec<u8>),
}

impl Pair {
    /// Two replicas that stand on these stores.
    pub fn new(ground: &Ground, stores: [Store; 2]) -> Self {
        let sides = stores.map(|store| {
            let verify = Signatures::new(ground.network());
            (Replica::new(Vec::new(), 1), Keeper::open(store, verify, ground.founding.trust(), &[]).unwrap())
        });
        let queue = (0..2).map(|side| (side, Said::Input(Box::new(Input::Connected(Peer(0)))))).collect();
        Self { sides, now: koinond::clock::now(), wake: [None; 2], queue, traffic: Traffic::default() }
    }

    pub fn size(&self, side: usize) -> u64 {
        self.sides[side].1.ledger().size()
    }

    pub fn store(&mut self, side: usize) -> &mut Store {
        self.sides[side].1.ledger_mut()
    }

    /// Runs until both hold as much; time passes only when nobody has anything to say.
    pub fn agree(&mut self) {
        while self.size(0) != self.size(1) {
            self.step();
        }
    }

    /// Runs until this moment passed and nothing is on its way.
    pub fn rest(&mut self, millis: u64) {
        let end = self.now.plus(millis);
        while self.now < end || !self.queue.is_empty() {
            self.step();
        }
    }

    fn step(&mut self) {
        match self.queue.pop_front() {
            Some((side, said)) => self.hear(side, said),
            None => {
                self.now = self.wake.iter().flatten().min().copied().map_or(self.now.plus(1000), |wake| wake.max(self.now));
                let due = (0..2).filter(|side| self.wake[*side].is_some_and(|wake| wake <= self.now));
                self.queue.extend(due.collect::<Vec<_>>().into_iter().map(|side| (side, Said::Input(Box::new(Input::Tick)))));
            }
        }
    }

    fn hear(&mut self, side: usize, said: Said) {
        if matches!(said, Said::Request(..)) {
            self.now = self.now.plus(ROUND_TRIP);
        }
        let watch = Watch::start();
        let from = Peer(0);
        let input = match said {
            Said::Input(input) => *input,
            Said::Request(call, bytes) => Input::Request { from, call, request: Request::decode(&bytes).unwrap() },
            Said::Response(call, bytes) => Input::Response { from, call, response: Response::decode(&bytes).unwrap() },
        };
        let (replica, keeper) = &mut self.sides[side];
        let effects = replica.handle(input, self.now, keeper).unwrap();
        keeper.ledger_mut().sync().unwrap();
        self.wake[side] = effects.wake;
        let said: Vec<_> =
            effects.now.into_iter().chain(effects.after_sync).filter_map(|effect| self.say(side, effect)).collect();
        self.queue.extend(said.into_iter().map(|said| (1 - side, said)));
        let (wall, cpu) = watch.read();
        self.traffic.both += cpu;
        if side == ASKER {
            self.traffic.wall += wall;
            self.traffic.cpu += cpu;
        }
    }

    /// The effect as bytes, counted.
    fn say(&mut self, side: usize, effect: Effect) -> Option<Said> {
        match effect {
            Effect::Ask { call, request, .. } => {
                let bytes = request.encode();
                if side == ASKER {
                    self.traffic.pulls += u64::from(matches!(request, Request::Pull { .. }));
                    self.count(is_search(&request), bytes.len(), 0);
                }
                Some(Said::Request(call, bytes))
            }
            Effect::Answer { call, response, .. } => {
                let bytes = response.encode();
                if side != ASKER {
                    let finds = matches!(response, Response::Survey { .. } | Response::Reconcile(_) | Response::Control { .. });
                    self.count(finds.then_some(false), bytes.len(), records(&response));
                }
                Some(Said::Response(call, bytes))
            }
            Effect::Disconnect(_) => panic!("an honest replica was disconnected"),
            _ => None,
        }
    }

    fn count(&mut self, search: Option<bool>, bytes: usize, records: usize) {
        self.traffic.records += records as u64;
        let around = (bytes - records) as u64;
        match search {
            Some(asked) => {
                self.traffic.rounds += u64::from(asked);
                self.traffic.finding += around;
            }
            None => self.traffic.around += around,
        }
    }
}

fn is_search(request: &Request) -> Option<bool> {
    matches!(request, Request::Survey | Request::Reconcile(_) | Request::Control { .. }).then_some(true)
}

/// Bytes of the records in an answer.
fn records(response: &Response) -> usize {
    let size = |parcel: &Parcel| 296 + 1 + parcel.body.as_ref().map_or(0, |body| 32 + 8 + body.bytes.len());
    match response {
        Response::Parcels { parcels, .. } | Response::Control { parcels, .. } => parcels.iter().map(size).sum(),
        Response::Whole { records, .. } => records
            .iter()
            .map(|carried| match carried {
                Carried::Whole(parcel) => size(parcel),
                Carried::Named(_) => 0,
            })
            .sum(),
        _ => 0,
    }
}
