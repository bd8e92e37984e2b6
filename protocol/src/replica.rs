//! How replicas agree: a machine without IO that takes what happened and gives what is to be done.
//!
//! Whoever lacks something asks for it; a replica that answers keeps nothing about the asker. Gossip brings short records unasked and
//! only hints at others, so that its loss costs time and never records. Every door (gossip, pull, fetch, submit) ends in the one function
//! of `ingest.rs`.
//!
//! With a new peer, and whenever a cursor or a record was lost, two replicas find their differences by reconciliation, control records
//! first. From then on the peer's journal is read by a cursor. One who has nothing yet reads records whole, control records first.

mod check;
mod fetch;
mod gossip;
mod heal;
mod ingest;
mod keeper;
mod lacks;
pub mod message;
mod parked;
mod pull;
mod serve;
mod stage;
mod submission;
mod tree;

use crate::id::{NetworkId, OrganisationId, RecordId};
use crate::ledger::{Fault, Ledger};
use crate::log::{ForkClaim, ForkProof, Linked, LogId};
use crate::reconcile::Summary;
use crate::record::{Body, RecordError, Signed, Verified};
use crate::time::Millis;
use crate::trust::admit::Ended;
use crate::trust::{Missing, NoStanding, Refused};
pub use check::{Batch, Checked, CheckedShare, Rest, Share};
pub use ingest::Refusal;
pub use keeper::{Keeper, Verify};
use message::{Parcel, Request, Response};
pub use parked::Wait;
use std::collections::{BTreeMap, BTreeSet};
pub use submission::Submission;

/// A connection to another replica, by a number that the host gives and never gives again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer(pub u64);

/// What the place where a replica runs does for it, at once. [`Keeper`] is the one for production.
pub trait Host {
    /// Where records are kept.
    type Ledger: Ledger;
    /// Whose records these are.
    fn network(&self) -> NetworkId;
    /// To read.
    fn ledger(&self) -> &Self::Ledger;
    /// Appends a record that was admitted. Gives the organisations whose waiting records may be admissible now.
    ///
    /// # Errors
    /// The ledger's.
    fn append(&mut self, record: &Linked, body: Option<&Body>) -> Result<BTreeSet<OrganisationId>, Fault>;
    /// Keeps bodies, each at its place in the journal. Gives what [`Host::append`] gives.
    ///
    /// # Errors
    /// The ledger's.
    fn put_bodies(&mut self, bodies: &[(u64, Body)]) -> Result<BTreeSet<OrganisationId>, Fault>;
    /// Whether the body of this record was erased by its author.
    fn is_erased(&self, record: &Verified) -> bool;
    /// Keeps the evidence of a fork: from there on its log stands still and counts for nothing.
    ///
    /// # Errors
    /// The ledger's.
    fn freeze(&mut self, fork: &ForkProof) -> Result<(), Fault>;
    /// [`Signed::verify`] of each, in order, for the host's network.
    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>>;
    /// Whether its author may say this now, by what was appended before. A control record needs its body, any other is kept without one:
    /// it may have been erased, by a record that stands behind it in its log.
    fn standing(&mut self, record: &Linked, body: Option<&Body>) -> Standing;
}

/// What the rules of trust say of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is accepted.
    Admitted,
    /// Only its body is missing.
    BodyMissing,
    /// It may be accepted when more is known.
    Waits(Lack),
    /// It will never be accepted.
    Refused(Refused),
}

/// What a record lacks that others can supply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    /// Its organisation must find a voucher.
    #[error("the author has no standing: {0}")]
    Standing(NoStanding),
    /// A record that it rests on is not known here.
    #[error("{0}")]
    Known(Missing),
    /// Its roots ended the log of the device.
    #[error("{0}")]
    Ended(Ended),
    /// A record of its log before it was admitted on the word of an organisation that forked its own log, and stands no more.
    #[error("an earlier record of its log was vouched for by an organisation that contradicts itself")]
    Predecessor,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// A connection was made; `from` will answer requests.
    Connected(Peer),
    /// A connection ended.
    Disconnected(Peer),
    /// The moment of [`Effects::wake`] has come.
    Tick,
    /// A peer pushed news.
    Pushed {
        /// Who.
        from: Peer,
        /// A record, with its body or without.
        record: Parcel,
    },
    /// A peer asks that neither pushes to the other, until one of them says otherwise.
    Pruned(Peer),
    /// A peer asks that both push to each other.
    Grafted(Peer),
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
    /// What [`Effects::checks`] gave was checked.
    Checked(Checked),
    /// A record written here.
    Submit {
        /// Named again in the answer.
        number: u64,
        /// The record and its body.
        submission: Submission,
    },
}

/// What the host is to do.
#[expect(clippy::large_enum_variant, reason = "few live at a time, and only until they are carried out")]
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
    /// Push this record to these peers: with its body where both fit into [`limit::GOSSIP`](crate::limit::GOSSIP) bytes, else without, and
    /// whoever wants the body asks for it.
    Push {
        /// To whom; somebody at least.
        to: Vec<Peer>,
        /// What.
        record: Parcel,
    },
    /// Tell a peer what [`Input::Pruned`] says.
    Prune(Peer),
    /// Tell a peer what [`Input::Grafted`] says.
    Graft(Peer),
    /// The submitted record is kept.
    Acknowledge(u64),
    /// The submitted record is not kept.
    Refuse(u64, Refusal),
    /// End the connection: the peer sent what no honest replica sends.
    Disconnect(Peer),
    /// Tell people, in place of what was told of this peer before: it goes without so many records of these organisations, which have been
    /// here for an hour or longer.
    Lacks {
        /// Who.
        peer: Peer,
        /// How many of whom; none when it lacks none any more.
        organisations: BTreeMap<OrganisationId, u64>,
    },
}

/// Carry out `now`, sync the ledger, carry out `after_sync`. A record that was told to anyone before it was durable could be lost in
/// a crash, and its author would write another at the same place: a fork.
#[derive(Debug, Default)]
pub struct Effects {
    /// In order.
    pub now: Vec<Effect>,
    /// In order.
    pub after_sync: Vec<Effect>,
    /// In order, and before the sync while nothing that was [submitted](Input::Submit) waits for one: what others wrote can be had
    /// from others again, so that a replica may pass it on before it is durable. None of [`Replica::handle`].
    pub after_own: Vec<Effect>,
    /// Records to check, at any time and on any thread; see [`Batch::check`]. None of [`Replica::handle`].
    pub checks: Vec<Batch>,
    /// When the next [`Input::Tick`] is due.
    pub wake: Option<Millis>,
}

impl Effects {
    fn join(&mut self, later: Self) {
        self.now.extend(later.now);
        self.after_sync.extend(later.after_sync);
        self.after_own.extend(later.after_own);
        self.checks.extend(later.checks);
        self.wake = later.wake;
    }
}

/// A record whose signature holds, with the body that came with it and who sent it.
#[derive(Clone, Debug)]
struct Candidate {
    record: Verified,
    body: Option<Body>,
    source: Option<Peer>,
}

/// One replica.
pub struct Replica {
    peers: BTreeMap<Peer, pull::State>,
    calls: pull::Calls,
    next_call: u64,
    primary: Option<Peer>,
    fetch: fetch::Fetch,
    heal: heal::Heal,
    parked: parked::Parked,
    rejected: BTreeSet<RecordId>,
    /// Headers that were pushed and checked and are being fetched, so that they are not checked again.
    heard: BTreeMap<RecordId, Verified>,
    /// Records that were pushed and go on once they are kept, and who pushed them.
    unpassed: BTreeMap<RecordId, Peer>,
    news: tree::News,
    forks: BTreeMap<LogId, ForkProof>,
    fork_sum: Summary,
    random: u64,
    /// A record that was named is not to be had at the moment: differences are to be looked for again.
    incomplete: bool,
    /// A record found no room in quarantine: it is to be looked for again when somebody gains standing.
    overflowed: bool,
}

impl Replica {
    /// A replica without peers. `forks` are those that its ledger froze; `seed` decides nothing but the spread of its polls.
    pub fn new(forks: Vec<ForkProof>, seed: u64) -> Self {
        let forks: BTreeMap<LogId, ForkProof> = forks.into_iter().map(|fork| (fork.place().0, fork)).collect();
        Self {
            fork_sum: forks.values().fold(Summary::default(), |sum, fork| sum.plus(&sum_of(fork))),
            peers: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_call: 0,
            primary: None,
            fetch: fetch::Fetch::default(),
            heal: heal::Heal::default(),
            parked: parked::Parked::default(),
            rejected: BTreeSet::new(),
            heard: BTreeMap::new(),
            unpassed: BTreeMap::new(),
            news: tree::News::default(),
            forks,
            random: seed,
            incomplete: false,
            overflowed: false,
        }
    }

    /// Takes one event and gives what is to be done for it. All signatures are checked meanwhile, by [`Host::verify`].
    ///
    /// # Errors
    /// The ledger's; the replica is to be dropped then.
    pub fn handle(&mut self, input: Input, now: Millis, host: &mut impl Host) -> Result<Effects, Fault> {
        let mut effects = self.handle_apart(input, now, host)?;
        while let Some(batch) = effects.checks.pop() {
            let checked = batch.check(|records| host.verify(records));
            effects.join(self.handle_apart(Input::Checked(checked), now, host)?);
        }
        effects.after_sync.append(&mut effects.after_own);
        Ok(effects)
    }

    /// [`Replica::handle`] for a host with threads: the records of answers are left to be checked apart, as [`Effects::checks`], and
    /// what need not wait for a sync is told apart, as [`Effects::after_own`].
    ///
    /// # Errors
    /// The ledger's; the replica is to be dropped then.
    pub fn handle_apart(&mut self, input: Input, now: Millis, host: &mut impl Host) -> Result<Effects, Fault> {
        let mut effects = Effects::default();
        let out = &mut effects;
        match input {
            Input::Connected(peer) => self.connected(peer, now, host.ledger()),
            Input::Disconnected(peer) => self.disconnected(peer),
            Input::Tick => {}
            Input::Pushed { from, record } => self.pushed(from, record, now, host, out)?,
            Input::Pruned(peer) => self.turned(peer, tree::Link::Lazy(0)),
            Input::Grafted(peer) => self.turned(peer, tree::Link::Eager),
            Input::Request { from, call, request } => self.serve(from, call, request, now, host, out)?,
            Input::Response { from, call, response } => self.answered(from, call, response, now, host, out)?,
            Input::Checked(checked) => self.checked(checked, now, host, out)?,
            Input::Submit { number, submission } => self.submit(number, submission, now, host, out)?,
        }
        let due = self.parked.due(now);
        self.settle(due, now, host, out)?;
        self.look_for_bodies(now, host.ledger())?;
        self.schedule(now, out);
        Ok(effects)
    }

    /// The fork proofs that are known here, one per log.
    pub fn forks(&self) -> impl Iterator<Item = ForkClaim> + '_ {
        self.forks.values().map(ForkProof::claim)
    }

    /// Keeps a fork in place of the one of its log that was known.
    fn know_fork(&mut self, fork: ForkProof) {
        let sum = self.fork_sum.plus(&sum_of(&fork));
        self.fork_sum = match self.forks.insert(fork.place().0, fork) {
            None => sum,
            Some(_) => self.forks.values().fold(Summary::default(), |sum, fork| sum.plus(&sum_of(fork))),
        };
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

fn sum_of(fork: &ForkProof) -> Summary {
    let claim = fork.claim();
    Summary::default().with(&claim.first.header().id()).with(&claim.second.header().id())
}
