//! A network of replicas on a virtual clock: links that lose, delay and double, partitions, crashes, authors who fork.

use crate::book::{Book, Bug, ROOT, VOUCH};
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::ledger::Ledger;
use koinon_protocol::log::{Linked, LogId};
use koinon_protocol::record::{Body, Draft, RecordError, Sealed, Signed, Verified};
use koinon_protocol::replica::message::{Request, Response};
use koinon_protocol::replica::{Effect, Effects, Host, Input, Peer, Replica, Standing, Verdict};
use koinon_protocol::time::Millis;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

const NETWORK: NetworkId = NetworkId([9; 32]);
const START: u64 = 1_700_000_000_000;

/// What a run is made of; percentages are of messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) replicas: usize,
    pub(crate) neighbours: usize,
    pub(crate) records: usize,
    pub(crate) loss: u64,
    pub(crate) gossip_loss: u64,
    pub(crate) doubled: u64,
    pub(crate) crashes: usize,
    pub(crate) forks: usize,
    pub(crate) partition: bool,
    /// Milliseconds in which things are written and go wrong.
    pub(crate) storm: u64,
    /// Milliseconds of quiet after it, in which all must agree.
    pub(crate) calm: u64,
    pub(crate) bug: Bug,
}

/// What a run cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    pub(crate) appended: u64,
    pub(crate) written: u64,
    pub(crate) bodies_received: u64,
    pub(crate) trace: [u8; 32],
}

struct Place<'a> {
    book: &'a mut Book,
    memo: &'a mut BTreeMap<(RecordId, [u8; 64]), Result<Verified, RecordError>>,
}

impl Host for Place<'_> {
    type Ledger = Book;
    fn ledger(&self) -> &Book {
        self.book
    }
    fn ledger_mut(&mut self) -> &mut Book {
        self.book
    }
    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>> {
        let key = |signed: &Signed| (signed.header().id(), signed.signature().0);
        records.into_iter().map(|signed| *self.memo.entry(key(&signed)).or_insert_with(|| signed.verify(NETWORK))).collect()
    }
    fn standing(&mut self, record: &Linked, body: Option<&Body>) -> Standing {
        let known = self.book.bug == Bug::AdmitsEverybody || self.book.standing.contains(&record.record().author());
        match (known, body) {
            (false, _) => Standing::Unknown,
            (true, None) => Standing::BodyMissing,
            (true, Some(_)) => Standing::Admitted,
        }
    }
}

struct Node {
    replica: Replica,
    book: Book,
    life: u64,
    wake: Option<Millis>,
    heard: BTreeSet<[u8; 32]>,
    acknowledged: BTreeSet<RecordId>,
}

#[derive(Clone)]
enum Message {
    Gossip(Rc<Vec<Signed>>),
    Request(u64, Rc<Request>),
    Response(u64, Rc<Response>),
}

enum Event {
    Deliver { from: (usize, u64), to: (usize, u64), message: Message, double: bool },
    Tick(usize),
    Write { node: usize, author: usize, fork: Option<usize> },
    Vouch(usize),
    Crash(usize),
}

pub(crate) struct World {
    plan: Plan,
    now: Millis,
    random: u64,
    nodes: Vec<Node>,
    links: Vec<Vec<usize>>,
    events: BTreeMap<(Millis, u64), Event>,
    order: u64,
    memo: BTreeMap<(RecordId, [u8; 64]), Result<Verified, RecordError>>,
    gossiped: BTreeMap<u64, Rc<Vec<Signed>>>,
    written: BTreeMap<u64, RecordId>,
    trace: Sha256,
    cost: Cost,
}

impl World {
    pub(crate) fn new(plan: Plan, seed: u64) -> Self {
        let mut world = Self {
            plan,
            now: Millis(START),
            random: seed,
            nodes: Vec::new(),
            links: vec![Vec::new(); plan.replicas],
            events: BTreeMap::new(),
            order: 0,
            memo: BTreeMap::new(),
            gossiped: BTreeMap::new(),
            written: BTreeMap::new(),
            trace: Sha256::new(),
            cost: Cost::default(),
        };
        for node in 0..plan.replicas {
            let replica = Replica::new(Vec::new(), seed ^ node as u64);
            let (heard, acknowledged) = (BTreeSet::new(), BTreeSet::new());
            world.nodes.push(Node { replica, book: Book::new(plan.bug), life: 0, wake: None, heard, acknowledged });
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
        let end = Millis(START + self.plan.storm + self.plan.calm);
        while let Some((&key, _)) = self.events.first_key_value() {
            if key.0 > end {
                break;
            }
            let Some(event) = self.events.remove(&key) else { break };
            self.now = key.0;
            self.happen(event)?;
        }
        self.check()?;
        self.cost.trace = self.trace.clone().finalize().into();
        Ok(self.cost)
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

    fn lay_links(&mut self) {
        let count = self.plan.replicas;
        for node in 1..count {
            for _ in 0..self.plan.neighbours.div_ceil(2) {
                let other = self.pick(node);
                if !self.links[node].contains(&other) {
                    self.links[node].push(other);
                    self.links[other].push(node);
                }
            }
        }
    }

    fn plan_storm(&mut self) {
        let (plan, count) = (self.plan, self.plan.replicas);
        for author in 1..count {
            let at = self.random(plan.storm / 2);
            self.at(at, Event::Vouch(author));
        }
        for _ in 0..plan.records {
            let (at, author) = (self.random(plan.storm), self.pick(count));
            self.at(at, Event::Write { node: author, author, fork: None });
        }
        for _ in 0..plan.forks {
            let (at, author, other) = (self.random(plan.storm), self.pick(count), self.pick(count));
            self.at(at, Event::Write { node: author, author, fork: Some(other) });
        }
        for _ in 0..plan.crashes {
            let (at, node) = (self.random(plan.storm), self.pick(count));
            self.at(at, Event::Crash(node));
        }
    }

    fn at(&mut self, after: u64, event: Event) {
        self.order += 1;
        self.events.insert((self.now.plus(after), self.order), event);
    }

    fn name(&self, node: usize) -> Peer {
        Peer(self.nodes[node].life << 16 | node as u64)
    }

    fn greet(&mut self, node: usize) -> Result<(), String> {
        for other in self.links[node].clone() {
            let peer = self.name(other);
            self.step(node, Input::Connected(peer))?;
        }
        Ok(())
    }

    fn happen(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Tick(node) if self.nodes[node].wake == Some(self.now) => self.step(node, Input::Tick),
            Event::Tick(_) => Ok(()),
            Event::Deliver { from, to, message, double } => self.deliver(from, to, message, double),
            Event::Write { node, author, fork } => self.write(node, author, fork),
            Event::Vouch(author) => self.submit(0, 0, VOUCH, organisation_of(author), None).map(drop),
            Event::Crash(node) => self.crash(node),
        }
    }

    fn write(&mut self, node: usize, author: usize, fork: Option<usize>) -> Result<(), String> {
        let head = self.submit(node, author, 100, OrganisationId::ZERO, None)?;
        match fork {
            Some(other) => self.submit(other, author, 100, OrganisationId::ZERO, Some(head)).map(drop),
            None => Ok(()),
        }
    }

    fn submit(
        &mut self,
        node: usize,
        author: usize,
        kind: u16,
        about: OrganisationId,
        head: Option<LogPlace>,
    ) -> Result<LogPlace, String> {
        let signer = Signer::from_seed(&seed_of(author));
        let organisation = organisation_of(author);
        let log = LogId { organisation, device: signer.public() };
        let place = head.unwrap_or_else(|| {
            let head = self.nodes[node].book.head(&log).ok().flatten();
            head.map_or((0, RecordId::ZERO, self.now), |head| (head.seq + 1, head.id, head.claimed_at.max(self.now)))
        });
        let salt = std::array::from_fn(|_| self.random(256) as u8);
        let sealed = Sealed { salt, bytes: vec![b'0'; 200] };
        let draft = Draft {
            kind,
            network: NETWORK,
            organisation,
            seq: place.0,
            previous: place.1,
            claimed_at: place.2,
            subject: RecordId(about.0),
            territory: [0; 12],
            topic: 0,
        };
        let (record, body) = draft.sign(&signer, sealed).map_err(|error| error.to_string())?;
        self.order += 1;
        self.written.insert(self.order, record.id());
        self.step(node, Input::Submit { submission: self.order, signed: *record.signed(), body: body.sealed().clone() })?;
        Ok(place)
    }

    fn crash(&mut self, node: usize) -> Result<(), String> {
        let old = self.name(node);
        let seed = self.random(u64::MAX);
        let lost = &mut self.nodes[node];
        lost.book.crash();
        lost.replica = Replica::new(lost.book.forks.values().copied().collect(), seed);
        (lost.life, lost.wake) = (lost.life + 1, None);
        lost.heard.clear();
        let new = self.name(node);
        for other in self.links[node].clone() {
            self.step(other, Input::Disconnected(old))?;
            self.step(other, Input::Connected(new))?;
        }
        self.greet(node)
    }

    fn step(&mut self, node: usize, input: Input) -> Result<(), String> {
        let me = &mut self.nodes[node];
        let before = me.book.entries.len();
        let mut place = Place { book: &mut me.book, memo: &mut self.memo };
        let effects = me.replica.handle(input, self.now, &mut place).map_err(|fault| fault.to_string())?;
        let grown = me.book.entries.len() - before;
        self.cost.appended += grown as u64;
        self.trace.update([node as u8]);
        self.trace.update(self.now.0.to_be_bytes());
        self.trace.update(format!("{effects:?}"));
        self.carry_out(node, effects, grown > 0)
    }

    fn carry_out(&mut self, node: usize, effects: Effects, grown: bool) -> Result<(), String> {
        let storm = self.now.0 < START + self.plan.storm;
        let crashes = storm && grown && self.plan.crashes > 0 && self.random(50) == 0;
        self.perform(node, effects.now);
        if self.plan.bug == Bug::TellsBeforeSync {
            self.perform(node, effects.after_sync);
            if crashes {
                return self.crash(node);
            }
            self.nodes[node].book.sync();
        } else {
            if crashes {
                return self.crash(node);
            }
            self.nodes[node].book.sync();
            self.perform(node, effects.after_sync);
        }
        self.nodes[node].wake = effects.wake;
        if let Some(wake) = effects.wake {
            self.order += 1;
            self.events.insert((wake, self.order), Event::Tick(node));
        }
        Ok(())
    }

    fn perform(&mut self, node: usize, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask { to, call, request } => self.send(node, to, Message::Request(call, Rc::new(request))),
                Effect::Answer { to, call, response } => self.send(node, to, Message::Response(call, Rc::new(response))),
                Effect::Publish(headers) => self.gossip(node, &Rc::new(headers)),
                Effect::Verdict { message, verdict } => {
                    if let (Some(headers), Verdict::Accept) = (self.gossiped.remove(&message), verdict) {
                        self.gossip(node, &headers);
                    }
                }
                Effect::Acknowledge(submission) => {
                    let id = self.written[&submission];
                    self.nodes[node].acknowledged.insert(id);
                    self.cost.written += 1;
                }
                Effect::Refuse(..) | Effect::Disconnect(_) => {}
            }
        }
    }

    fn gossip(&mut self, node: usize, headers: &Rc<Vec<Signed>>) {
        for other in self.links[node].clone() {
            let to = self.name(other);
            self.send(node, to, Message::Gossip(headers.clone()));
        }
    }

    fn send(&mut self, node: usize, to: Peer, message: Message) {
        let other = (to.0 & 0xffff) as usize;
        self.cost.messages += 1;
        self.cost.bytes += match &message {
            Message::Gossip(headers) => 296 * headers.len(),
            Message::Request(_, request) => request.encode().len(),
            Message::Response(_, response) => response.encode().len(),
        } as u64;
        let (storm, roll, doubled) = (self.now.0 < START + self.plan.storm, self.random(100), self.random(100));
        let loss = if matches!(message, Message::Gossip(_)) { self.plan.gossip_loss } else { self.plan.loss };
        let parted = self.plan.partition && storm && (node % 2) != (other % 2);
        if parted || roll < loss {
            return;
        }
        for double in [false, true] {
            if !double || doubled < self.plan.doubled {
                let delay = 5 + self.random(if storm { 1500 } else { 100 });
                let (from, to) = ((node, self.nodes[node].life), (other, to.0 >> 16));
                self.at(delay, Event::Deliver { from, to, message: message.clone(), double });
            }
        }
    }

    fn deliver(&mut self, from: (usize, u64), to: (usize, u64), message: Message, double: bool) -> Result<(), String> {
        if self.nodes[to.0].life != to.1 || self.nodes[from.0].life != from.1 {
            return Ok(());
        }
        let peer = self.name(from.0);
        let input = match message {
            Message::Gossip(headers) => {
                let name = Sha256::digest(format!("{headers:?}")).into();
                if !self.nodes[to.0].heard.insert(name) {
                    return Ok(());
                }
                self.order += 1;
                self.gossiped.insert(self.order, headers.clone());
                Input::Gossip { from: peer, message: self.order, headers: headers.to_vec() }
            }
            Message::Request(call, request) => Input::Request { from: peer, call, request: (*request).clone() },
            Message::Response(call, response) => {
                if let (Response::Parcels { parcels, .. } | Response::Whole { parcels, .. }, false) = (&*response, double) {
                    self.cost.bodies_received += parcels.len() as u64;
                }
                Input::Response { from: peer, call, response: (*response).clone() }
            }
        };
        self.step(to.0, input)
    }

    fn check(&self) -> Result<(), String> {
        let forks = self.nodes.iter().map(|node| node.replica.forks().collect::<Vec<_>>());
        let forks: BTreeSet<_> = forks.map(|forks| format!("{forks:?}")).collect();
        if forks.len() > 1 {
            return Err("replicas know different forks".into());
        }
        let mut agreed: Option<BTreeSet<RecordId>> = None;
        for (number, node) in self.nodes.iter().enumerate() {
            check_journal(&node.book).map_err(|what| format!("replica {number}: {what}"))?;
            if node.replica.forks().count() != node.book.forks.len() {
                return Err(format!("replica {number}: a fork is not kept"));
            }
            let held: BTreeSet<RecordId> = node.book.entries.iter().map(|entry| entry.id).collect();
            if let Some(id) = node.acknowledged.iter().find(|id| !held.contains(id)) {
                return Err(format!("replica {number}: acknowledged {id} and lost it"));
            }
            let trusted = node.book.entries.iter().filter(|entry| {
                let header = entry.signed.header();
                node.book.frozen(&LogId::from(header)).ok().flatten().is_none_or(|first| header.seq < first)
            });
            let trusted: BTreeSet<RecordId> = trusted.map(|entry| entry.id).collect();
            match &agreed {
                Some(others) if *others != trusted => {
                    return Err(format!("replica {number} holds {} records, replica 0 {}", trusted.len(), others.len()));
                }
                _ => agreed = Some(trusted),
            }
        }
        Ok(())
    }
}

/// Place in the log, predecessor, claimed time.
type LogPlace = (u64, RecordId, Millis);

fn seed_of(author: usize) -> [u8; 32] {
    Sha256::digest((author as u64).to_be_bytes()).into()
}

fn organisation_of(author: usize) -> OrganisationId {
    if author == 0 { ROOT } else { OrganisationId(seed_of(author)) }
}

/// Every record once, each continuing its log, with its body, by an organisation that had standing when it was accepted.
fn check_journal(book: &Book) -> Result<(), String> {
    let mut heads = BTreeMap::new();
    let mut standing = BTreeSet::from([ROOT]);
    for entry in &book.entries {
        let record = entry.signed.verify(NETWORK).map_err(|error| error.to_string())?;
        let log = LogId::from(record.header());
        let linked = koinon_protocol::log::link(record, heads.get(&log)).map_err(|error| error.to_string())?;
        heads.insert(log, linked.head());
        if !standing.contains(&record.author()) {
            return Err("accepted a record without standing".into());
        }
        if record.header().kind == VOUCH {
            standing.insert(OrganisationId(record.header().subject.0));
        }
        let body = entry.body.clone().ok_or("a body is missing")?;
        record.open(body).map_err(|error| error.to_string())?;
    }
    Ok(())
}
