//! A network of replicas on a virtual clock: links that lose, delay and double, partitions, crashes, authors who fork, hostile peers.

#[path = "traffic.rs"]
mod traffic;

use crate::acts::{Council, Decision};
use crate::bug::{Bug, Buggy, Faulty};
use crate::oracle;
use crate::people::{Deed, People, START, What};
use crate::plan::{Cost, Plan};
use koinon_protocol::id::RecordId;
use koinon_protocol::ledger::{Entry, Ledger, MemoryLedger};
use koinon_protocol::record::{Body, RecordError, Signed, Verified};
use koinon_protocol::replica::{Batch, Checked, Effect, Effects, Input, Keeper, Peer, Replica, Submission, Verify};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::erasure;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::rc::Rc;
use traffic::Message;

/// After which an organisation that could not begin tries again.
const RETRY: u64 = 3_000;

/// The longest that a disk or the checking of records takes.
const SLOW: u64 = 60;
/// Records that are checked at a time.
const SHARE: NonZeroUsize = NonZeroUsize::new(3).unwrap();

type Memo = BTreeMap<(RecordId, [u8; 64]), Result<Verified, RecordError>>;

/// Checks each record once in the whole world.
#[derive(Clone)]
pub(crate) struct Checker {
    network: koinon_protocol::id::NetworkId,
    memo: Rc<RefCell<Memo>>,
}

impl Verify for Checker {
    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>> {
        let mut memo = self.memo.borrow_mut();
        let key = |signed: &Signed| (signed.header().id(), signed.signature().0);
        records.into_iter().map(|signed| *memo.entry(key(&signed)).or_insert_with(|| signed.verify(self.network))).collect()
    }
}

pub(crate) struct Node {
    pub(crate) replica: Replica,
    pub(crate) keeper: Keeper<Faulty, Checker>,
    pub(crate) acknowledged: BTreeSet<RecordId>,
    life: u64,
    wake: Option<Millis>,
    /// What is told when the disk is done.
    unsynced: Vec<Effect>,
    /// When the last of the records that are checked apart will be.
    checked: Millis,
    /// Peers of whom it wants to hear no more.
    shunned: BTreeSet<usize>,
}

enum Event {
    Deliver { from: (usize, u64), to: (usize, u64), message: Message, double: bool },
    Tick(usize),
    Checked { node: usize, life: u64, checked: Box<Checked> },
    Synced { node: usize, life: u64 },
    Do(Deed),
    Fork { author: usize, other: usize },
    Crash(usize),
    Erase(usize),
    Notice(usize),
    Damage(usize),
}

pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) people: People,
    pub(crate) nodes: Vec<Node>,
    now: Millis,
    random: u64,
    links: Vec<Vec<usize>>,
    events: BTreeMap<(Millis, u64), Event>,
    order: u64,
    checker: Checker,
    written: BTreeMap<u64, RecordId>,
    trace: Sha256,
    /// Which record came to which replica in which of its lives.
    came: BTreeSet<(Peer, RecordId)>,
    pub(crate) cost: Cost,
}

impl World {
    pub(crate) fn new(plan: Plan, seed: u64) -> Self {
        let people = People::new(plan.authors);
        let checker = Checker { network: people.trust.network(), memo: Rc::default() };
        let mut world = Self {
            plan,
            people,
            nodes: Vec::new(),
            now: START,
            random: seed,
            links: vec![Vec::new(); plan.replicas + plan.hostile],
            events: BTreeMap::new(),
            order: 0,
            checker,
            written: BTreeMap::new(),
            trace: Sha256::new(),
            came: BTreeSet::new(),
            cost: Cost::default(),
        };
        for node in 0..plan.replicas {
            let keeper = world.open(MemoryLedger::default());
            let acknowledged = BTreeSet::new();
            let replica = Replica::new(Vec::new(), seed ^ node as u64);
            let (unsynced, shunned) = (Vec::new(), BTreeSet::new());
            let node = Node { replica, keeper, acknowledged, life: 0, wake: None, unsynced, checked: START, shunned };
            world.nodes.push(node);
        }
        world.lay_links();
        world.plan_storm();
        world
    }

    /// Runs the storm and the calm after it.
    ///
    /// # Errors
    /// What a user could not rely on, in words.
    pub(crate) fn run(mut self) -> Result<Cost, String> {
        for node in 0..self.nodes.len() {
            self.greet(node)?;
        }
        let end = START.plus(self.plan.storm + self.plan.calm);
        while let Some((&key, _)) = self.events.first_key_value() {
            if key.0 > end {
                break;
            }
            let Some(event) = self.events.remove(&key) else { break };
            self.now = key.0;
            self.happen(event)?;
        }
        oracle::check(&mut self)?;
        self.cost.trace = self.trace.clone().finalize().into();
        Ok(self.cost)
    }

    pub(crate) fn open(&self, inner: MemoryLedger) -> Keeper<Faulty, Checker> {
        let (forks, bug) = (inner.forks().to_vec(), self.plan.bug);
        let opened = Keeper::open(Faulty { bug, inner }, self.checker.clone(), self.people.trust.clone(), &forks);
        opened.unwrap_or_else(|fault| panic!("a ledger in memory: {fault}"))
    }

    pub(crate) fn verified(&self, signed: Signed) -> Result<Verified, String> {
        let checked = self.checker.clone().verify(vec![signed]).pop();
        checked.ok_or("no answer")?.map_err(|error| error.to_string())
    }

    fn random(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    fn pick(&mut self, bound: usize) -> usize {
        self.random(bound as u64) as usize
    }

    fn salt(&mut self) -> [u8; 32] {
        std::array::from_fn(|_| self.random(256) as u8)
    }

    fn is_storm(&self) -> bool {
        self.now.since(START) < self.plan.storm
    }

    fn lay_links(&mut self) {
        for node in 1..self.plan.replicas + self.plan.hostile {
            let honest = node.min(self.plan.replicas);
            for _ in 0..self.plan.neighbours.div_ceil(2) {
                let other = self.pick(honest);
                if !self.links[node].contains(&other) {
                    self.links[node].push(other);
                    self.links[other].push(node);
                }
            }
        }
    }

    fn plan_storm(&mut self) {
        let plan = self.plan;
        for author in 0..plan.authors {
            let id = self.people.authors[author].id;
            if let Some(voucher) = People::voucher_of(author) {
                self.at(0, Event::Do(Deed { node: voucher, author: voucher, what: What::Vouch(id), tries: 40 }));
            }
            self.at(0, Event::Do(Deed { node: author, author, what: What::Begin, tries: 40 }));
        }
        for _ in 0..plan.records {
            let (at, author) = (self.random(plan.storm), self.pick(plan.authors));
            let (roll, home) = (self.random(16), self.pick(plan.replicas));
            let subject = self.pick(plan.authors);
            let subject = self.people.authors[subject].id;
            let (node, what) = match roll {
                0..2 => (author, What::Vouch(subject)),
                2 => (author, What::SecondDevice),
                3 => (home, What::Content { second: true }),
                _ => (author, What::Content { second: false }),
            };
            self.at(at, Event::Do(Deed { node, author, what, tries: 5 }));
        }
        for _ in 0..plan.forks {
            let (at, author, other) = (self.random(plan.storm), self.pick(plan.authors), self.pick(plan.replicas));
            self.at(at, Event::Fork { author, other });
        }
        for _ in 0..plan.crashes {
            let (at, node) = (self.random(plan.storm), self.pick(plan.replicas));
            self.at(at, Event::Crash(node));
        }
        for _ in 0..plan.erasures {
            let (at, author) = (self.random(plan.storm), self.pick(plan.authors));
            self.at(at, Event::Erase(author));
        }
        for _ in 0..plan.notices {
            let (at, author) = (self.random(plan.storm), self.pick(plan.authors.min(4)));
            self.at(at, Event::Notice(author));
        }
        for _ in 0..plan.acts {
            let (at, author, node) = (self.random(plan.storm), self.pick(plan.authors), self.pick(plan.replicas));
            let subject = self.pick(plan.authors);
            let decision = Decision::any(self.random(256), self.people.authors[subject].id);
            self.at(at, Event::Do(Deed { node, author, what: What::Decide(decision), tries: 3 }));
        }
        for _ in 0..plan.damage {
            let (at, node) = (self.random(plan.storm), self.pick(plan.replicas));
            self.at(at, Event::Damage(node));
        }
    }

    fn at(&mut self, after: u64, event: Event) {
        self.order += 1;
        self.events.insert((self.now.plus(after), self.order), event);
    }

    fn name(&self, node: usize) -> Peer {
        Peer(self.nodes.get(node).map_or(0, |node| node.life) << 16 | node as u64)
    }

    fn greet(&mut self, node: usize) -> Result<(), String> {
        for other in self.links[node].clone() {
            if !self.nodes[node].shunned.contains(&other) {
                let peer = self.name(other);
                self.step(node, Input::Connected(peer))?;
            }
        }
        Ok(())
    }

    fn happen(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Tick(node) if self.nodes[node].wake == Some(self.now) => self.step(node, Input::Tick),
            Event::Tick(_) => Ok(()),
            Event::Checked { node, life, checked } if life == self.nodes[node].life => self.step(node, Input::Checked(*checked)),
            Event::Synced { node, life } if life == self.nodes[node].life => self.sync(node),
            Event::Checked { .. } | Event::Synced { .. } => Ok(()),
            Event::Deliver { from, to, message, double } => self.deliver(from, to, message, double),
            Event::Do(deed) => self.attempt(deed),
            Event::Fork { author, other } => self.fork(author, other),
            Event::Crash(node) => self.crash(node),
            Event::Erase(author) => self.erase(author),
            Event::Notice(author) => self.notice(author),
            Event::Damage(node) => self.damage(node),
        }
    }

    /// Writes, and tries again later when it is refused: who is not vouched for yet must wait.
    fn attempt(&mut self, deed: Deed) -> Result<(), String> {
        if !self.write(deed)? && deed.tries > 0 {
            self.at(RETRY, Event::Do(Deed { tries: deed.tries - 1, ..deed }));
        }
        Ok(())
    }

    /// One key at two replicas that do not know of each other: a fork, unless they learn of each other in time. It goes on at both.
    fn fork(&mut self, author: usize, other: usize) -> Result<(), String> {
        if self.random(12) == 0 {
            let again = &self.people.authors[author].other_inception.0;
            let id = again.author();
            if let Some(voucher) = People::voucher_of(author) {
                self.attempt(Deed { node: voucher, author: voucher, what: What::Vouch(id), tries: 10 })?;
            }
            return self.attempt(Deed { node: other, author, what: What::BeginAgain, tries: 10 });
        }
        for _ in 0..3 {
            for node in [author, other] {
                let subject = self.pick(self.plan.authors);
                let subject = self.people.authors[subject].id;
                let vouches = self.random(2) == 0;
                let what = if vouches { What::Vouch(subject) } else { What::Content { second: false } };
                let at = self.random(4_000);
                self.at(at, Event::Do(Deed { node, author, what, tries: 0 }));
            }
        }
        Ok(())
    }

    /// An author takes back one of its records, or tries it with any other.
    fn erase(&mut self, author: usize) -> Result<(), String> {
        let own = self.random(8) > 0;
        let (id, ledger) = (self.people.authors[author].id, &self.nodes[author].keeper.ledger().inner);
        let may =
            |entry: &Entry| (entry.signed.header().organisation == id && erasure::is_erasable(entry.signed.header().kind)) == own;
        let entries = (0..ledger.size()).filter_map(|position| ledger.entry(position).ok());
        let subjects: Vec<RecordId> = entries.filter(may).map(|entry| entry.id).collect();
        if subjects.is_empty() {
            return Ok(());
        }
        let subject = subjects[self.pick(subjects.len())];
        self.attempt(Deed { node: author, author, what: What::Erase(subject), tries: 3 })
    }

    /// A founder, or another who may not, gives notice of any record, of those that say who may speak too.
    fn notice(&mut self, author: usize) -> Result<(), String> {
        let ledger = &self.nodes[author].keeper.ledger().inner;
        let size = ledger.size();
        let place = self.random(size.max(1));
        match self.nodes[author].keeper.ledger().inner.id(place) {
            Ok(subject) if place < size => self.attempt(Deed { node: author, author, what: What::Notice(subject), tries: 3 }),
            _ => Ok(()),
        }
    }

    /// A disk loses a third of the bodies of which a neighbour has a copy, and the replica starts again.
    fn damage(&mut self, node: usize) -> Result<(), String> {
        for other in self.links[node].clone() {
            if other < self.plan.replicas {
                self.sync(other)?;
            }
        }
        let ledger = &self.nodes[node].keeper.ledger().inner;
        let held: Vec<RecordId> = (0..ledger.size()).filter_map(|position| ledger.id(position).ok()).collect();
        for id in held {
            let (roll, has) = (self.random(3), |other: usize| self.body_of(other, &id).is_some());
            let copied = self.links[node].iter().any(|other| *other < self.plan.replicas && has(*other));
            let Some(position) = self.body_of(node, &id).filter(|_| copied && roll == 0) else { continue };
            self.nodes[node].keeper.ledger_mut().inner.damage_body(position);
            self.cost.damaged += 1;
        }
        self.crash(node)
    }

    /// Where a node has this record with its body.
    fn body_of(&self, node: usize, id: &RecordId) -> Option<u64> {
        let ledger = &self.nodes[node].keeper.ledger().inner;
        let position = ledger.find(id).ok()??;
        ledger.entry(position).ok()?.body.map(|_| position)
    }

    fn write(&mut self, deed: Deed) -> Result<bool, String> {
        let (salt, keeper) = (self.salt(), &self.nodes[deed.node].keeper);
        if let What::Decide(decision) = deed.what {
            let (id, trust, ledger) = (self.people.authors[deed.author].id, keeper.trust(), keeper.ledger());
            let council = Council { author: deed.author, id, trust, ledger, now: self.now, salt };
            let Some(record) = council.decide(decision) else { return Ok(false) };
            return self.submit(deed.node, &record);
        }
        let head = keeper.ledger().head(&self.people.log(&deed)).ok().flatten();
        let record = self.people.write(&deed, head, self.now, salt, keeper.trust())?;
        self.submit(deed.node, &record)
    }

    /// Whether it was acknowledged.
    fn submit(&mut self, node: usize, (record, body): &(Verified, Body)) -> Result<bool, String> {
        self.order += 1;
        self.written.insert(self.order, record.id());
        let before = self.nodes[node].life;
        let network = self.nodes[node].keeper.trust().network();
        let submission = Submission::open(*record.signed(), body.sealed().clone(), network).map_err(|error| error.to_string())?;
        self.step(node, Input::Submit { number: self.order, submission })?;
        Ok(self.nodes[node].life == before && self.nodes[node].acknowledged.contains(&record.id()))
    }

    fn crash(&mut self, node: usize) -> Result<(), String> {
        let old = self.name(node);
        let (seed, blank) = (self.random(u64::MAX), self.open(MemoryLedger::default()));
        let mut ledger = std::mem::replace(&mut self.nodes[node].keeper, blank).into_ledger().inner;
        ledger.crash();
        let replica = Replica::new(ledger.forks().to_vec(), seed);
        let keeper = self.open(ledger);
        let lost = &mut self.nodes[node];
        (lost.replica, lost.keeper) = (replica, keeper);
        (lost.life, lost.wake) = (lost.life + 1, None);
        lost.unsynced.clear();
        let new = self.name(node);
        for other in self.links[node].clone() {
            if other < self.plan.replicas {
                self.step(other, Input::Disconnected(old))?;
                self.step(other, Input::Connected(new))?;
            }
        }
        self.greet(node)
    }

    fn step(&mut self, node: usize, input: Input) -> Result<(), String> {
        let waits = matches!(input, Input::Submit { .. });
        let me = &mut self.nodes[node];
        let before = me.keeper.ledger().inner.size();
        let effects = me.replica.handle_apart(input, self.now, &mut Buggy(&mut me.keeper)).map_err(|fault| fault.to_string())?;
        let grown = me.keeper.ledger().inner.size() - before;
        self.cost.appended += grown;
        self.trace.update([node as u8, grown as u8]);
        self.trace.update(self.now.0.to_be_bytes());
        self.carry_out(node, effects, grown > 0, waits)
    }

    fn carry_out(&mut self, node: usize, effects: Effects, grown: bool, waits: bool) -> Result<(), String> {
        let crashes = self.is_storm() && grown && self.plan.crashes > 0 && self.random(50) == 0;
        let life = self.nodes[node].life;
        self.perform(node, effects.now)?;
        if waits {
            self.nodes[node].unsynced.extend(effects.after_own);
        } else {
            self.perform(node, effects.after_own)?;
        }
        effects.checks.into_iter().for_each(|batch| self.check(node, batch));
        self.nodes[node].unsynced.extend(effects.after_sync);
        if self.plan.bug == Bug::TellsBeforeSync {
            let told = std::mem::take(&mut self.nodes[node].unsynced);
            self.perform(node, told)?;
        }
        if crashes {
            return self.crash(node);
        }
        if waits || self.random(2) == 0 {
            self.sync(node)?;
        } else {
            let delay = self.random(SLOW);
            self.at(delay, Event::Synced { node, life });
        }
        self.nodes[node].wake = effects.wake;
        if let Some(wake) = effects.wake {
            self.order += 1;
            self.events.insert((wake, self.order), Event::Tick(node));
        }
        Ok(())
    }

    /// Checks records apart, few at a time: the answer comes in its turn.
    fn check(&mut self, node: usize, batch: Batch) {
        let (shares, rest) = batch.split(SHARE);
        let shares = shares.into_iter().map(|share| share.check(|records| self.checker.clone().verify(records)));
        let checked = Box::new(rest.join(shares));
        let delay = self.random(SLOW);
        let me = &mut self.nodes[node];
        me.checked = me.checked.max(self.now.plus(delay));
        let (after, life) = (me.checked.since(self.now), me.life);
        self.at(after, Event::Checked { node, life, checked });
    }

    /// The disk is done: what waited for it is told.
    fn sync(&mut self, node: usize) -> Result<(), String> {
        if self.plan.bug != Bug::SyncDoesNothing {
            self.nodes[node].keeper.ledger_mut().inner.sync();
        }
        let told = std::mem::take(&mut self.nodes[node].unsynced);
        self.perform(node, told)
    }

    fn perform(&mut self, node: usize, effects: Vec<Effect>) -> Result<(), String> {
        for effect in effects {
            match effect {
                Effect::Ask { to, call, request } => self.send(node, to, Message::Request(call, Rc::new(request))),
                Effect::Answer { to, call, response } => self.send(node, to, Message::Response(call, Rc::new(response))),
                Effect::Push { to, record } => self.push(node, &to, record),
                Effect::Prune(peer) => self.send(node, peer, Message::Turn(false)),
                Effect::Graft(peer) => self.send(node, peer, Message::Turn(true)),
                Effect::Acknowledge(submission) => {
                    let id = self.written[&submission];
                    self.cost.written += u64::from(self.nodes[node].acknowledged.insert(id));
                }
                Effect::Refuse(..) => {}
                Effect::Disconnect(peer) => self.shun(node, peer)?,
                Effect::Lacks { .. } => {}
            }
        }
        Ok(())
    }

    fn shun(&mut self, node: usize, peer: Peer) -> Result<(), String> {
        let other = (peer.0 & 0xffff) as usize;
        if other < self.plan.replicas {
            return Err(format!("replica {node} disconnects the honest replica {other}"));
        }
        self.nodes[node].shunned.insert(other);
        self.step(node, Input::Disconnected(peer))
    }
}
