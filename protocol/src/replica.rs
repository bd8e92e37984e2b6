//! How replicas agree: a machine without IO that takes what happened and gives what is to be done.
//!
//! Whoever lacks something asks for it; a replica that answers keeps nothing about the asker. Gossip only hints at what to ask for, so
//! that its loss costs time and never records. Every door (gossip, pull, fetch, submit) ends in the one function of `ingest.rs`.
//!
//! Each peer's journal is read by a cursor. A cursor starts at 0 and, when the peer's journal turns out to be another than the one
//! that was read, begins anew: ids travel again then (32 B each), bodies do not.

mod fetch;
mod ingest;
pub mod message;
mod parked;
mod pull;
mod serve;

use crate::id::RecordId;
use crate::ledger::{Fault, Ledger};
use crate::log::{ForkClaim, ForkProof, Linked, LogId};
use crate::record::{Body, RecordError, Sealed, Signed, Verified};
use crate::time::Millis;
pub use ingest::Refusal;
use message::{Request, Response};
pub use parked::Wait;
use std::collections::{BTreeMap, BTreeSet};

/// A connection to another replica, by a number that the host gives and never gives again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer(pub u64);

/// What the place where a replica runs does for it, at once.
pub trait Host {
    /// Where records are kept.
    type Ledger: Ledger;
    /// To read.
    fn ledger(&self) -> &Self::Ledger;
    /// To append.
    fn ledger_mut(&mut self) -> &mut Self::Ledger;
    /// [`Signed::verify`] of each, in order, for the host's network.
    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>>;
    /// Whether its author may say this now, by what was appended before; without a body, whether it is kept so.
    fn standing(&mut self, record: &Linked, body: Option<&Body>) -> Standing;
}

/// What the rules of trust say of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is accepted.
    Admitted,
    /// Only its body is missing.
    BodyMissing,
    /// Its organisation has no standing yet.
    Unknown,
    /// It will never be accepted.
    Refused,
}

/// What happened.
#[expect(clippy::large_enum_variant, reason = "one event lives at a time, and only until it is handled")]
#[derive(Clone, Debug)]
pub enum Input {
    /// A connection was made; `from` will answer requests.
    Connected(Peer),
    /// A connection ended.
    Disconnected(Peer),
    /// The moment of [`Effects::wake`] has come.
    Tick,
    /// A gossip message of at most [`GOSSIP_HEADERS`](crate::limit::GOSSIP_HEADERS) headers; `message` is the host's number for it.
    Gossip {
        /// Who passed it on.
        from: Peer,
        /// Named again in the verdict.
        message: u64,
        /// What it holds.
        headers: Vec<Signed>,
    },
    /// A peer asks.
    Request {
        /// Who.
        from: Peer,
        /// Named again in the answer.
        call: u64,
        /// What.
        request: Request,
    },
    /// A peer answers.
    Response {
        /// Who.
        from: Peer,
        /// The number of the question.
        call: u64,
        /// What.
        response: Response,
    },
    /// A record written here.
    Submit {
        /// Named again in the answer.
        submission: u64,
        /// Header and signature.
        signed: Signed,
        /// The body.
        body: Sealed,
    },
}

/// What the host is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send a request.
    Ask {
        /// To whom.
        to: Peer,
        /// Its number.
        call: u64,
        /// What.
        request: Request,
    },
    /// Answer a request.
    Answer {
        /// To whom.
        to: Peer,
        /// The number of the request.
        call: u64,
        /// What.
        response: Response,
    },
    /// Tell the gossip network what to do with a message.
    Verdict {
        /// The host's number for it.
        message: u64,
        /// Whether it is passed on.
        verdict: Verdict,
    },
    /// Gossip these headers, at most [`GOSSIP_HEADERS`](crate::limit::GOSSIP_HEADERS).
    Publish(Vec<Signed>),
    /// The submitted record is kept.
    Acknowledge(u64),
    /// The submitted record is not kept.
    Refuse(u64, Refusal),
    /// End the connection: the peer sent what no honest replica sends.
    Disconnect(Peer),
}

/// What gossip does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Pass it on.
    Accept,
    /// Punish who sent it.
    Reject,
    /// Neither.
    Ignore,
}

/// Carry out `now`, sync the ledger, carry out `after_sync`. A record that was told to anyone before it was durable could be lost in
/// a crash, and its author would write another at the same place: a fork.
#[derive(Debug, Default)]
pub struct Effects {
    /// In order.
    pub now: Vec<Effect>,
    /// In order.
    pub after_sync: Vec<Effect>,
    /// When the next [`Input::Tick`] is due.
    pub wake: Option<Millis>,
}

/// A record whose signature holds, with the body that came with it and who sent it.
#[derive(Clone)]
struct Candidate {
    record: Verified,
    body: Option<Body>,
    source: Option<Peer>,
}

/// One replica.
pub struct Replica {
    peers: BTreeMap<Peer, pull::State>,
    calls: BTreeMap<u64, pull::Call>,
    next_call: u64,
    primary: Option<Peer>,
    fetch: fetch::Fetch,
    parked: parked::Parked,
    rejected: BTreeSet<RecordId>,
    forks: BTreeMap<LogId, ForkProof>,
    random: u64,
    incomplete: bool,
}

impl Replica {
    /// A replica without peers. `forks` are those that its ledger froze; `seed` decides nothing but the spread of its polls.
    pub fn new(forks: Vec<ForkProof>, seed: u64) -> Self {
        let forks = forks.into_iter().map(|fork| (fork.place().0, fork)).collect();
        Self {
            peers: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_call: 0,
            primary: None,
            fetch: fetch::Fetch::default(),
            parked: parked::Parked::default(),
            rejected: BTreeSet::new(),
            forks,
            random: seed,
            incomplete: false,
        }
    }

    /// Takes one event and gives what is to be done for it.
    ///
    /// # Errors
    /// The ledger's; the replica is to be dropped then.
    pub fn handle(&mut self, input: Input, now: Millis, host: &mut impl Host) -> Result<Effects, Fault> {
        let mut effects = Effects::default();
        let out = &mut effects;
        match input {
            Input::Connected(peer) => self.connected(peer, now, host),
            Input::Disconnected(peer) => self.disconnected(peer),
            Input::Tick => {}
            Input::Gossip { from, message, headers } => self.gossip(from, message, headers, host, out)?,
            Input::Request { from, call, request } => self.serve(from, call, request, now, host, out)?,
            Input::Response { from, call, response } => self.answered(from, call, response, now, host, out)?,
            Input::Submit { submission, signed, body } => self.submit(submission, signed, body, now, host, out)?,
        }
        let due = self.parked.due(now);
        self.settle(due, now, host, out)?;
        self.schedule(now, out);
        Ok(effects)
    }

    /// The fork proofs that are known here, one per log.
    pub fn forks(&self) -> impl Iterator<Item = ForkClaim> + '_ {
        self.forks.values().map(ForkProof::claim)
    }

    /// A number below `bound`, by SplitMix64.
    fn random(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
