//! The peers, what is asked of them and when.

use super::check::{CHECKING, Then};
use super::lacks::Lacks;
use super::message::{Parcel, Request, Response};
use super::stage::Stage;
use super::tree::{Link, Missed};
use super::{Effect, Effects, Host, Peer, Replica};
use crate::id::RecordId;
use crate::journal::Frontier;
use crate::ledger::{Fault, Ledger};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// Between two questions for a journal that was read to its end.
pub(super) const POLL: u64 = 5_000;
/// An answer that takes longer is not waited for.
const PATIENCE: u64 = 10_000;
/// Before differences are looked for again because a record that was named is not to be had.
const REPAIR: u64 = 30_000;
/// The score at which a peer is disconnected.
const LIMIT: u32 = 10;

/// What is known of a connected peer.
pub(super) struct State {
    pub(super) stage: Stage,
    /// How far its journal was read.
    pub(super) cursor: Frontier,
    /// When its journal is asked about next.
    pub(super) ask_at: Millis,
    /// When differences with it were last looked for.
    pub(super) surveyed: Option<Millis>,
    quiet_until: Millis,
    repair_at: Option<Millis>,
    pub(super) asking: bool,
    fetching: bool,
    /// How many of its answers are being checked.
    pub(super) checking: u8,
    faults: u32,
    window: Millis,
    asked: u32,
    pub(super) lacks: Lacks,
    pub(super) link: Link,
    pub(super) missed: Option<Missed>,
}

impl State {
    fn may_be_asked(&self, now: Millis) -> bool {
        self.quiet_until <= now && self.checking < CHECKING
    }

    /// Counts a question of the peer's: false when it has asked `most` in this window of `span` milliseconds.
    pub(super) fn may_ask(&mut self, now: Millis, span: u64, most: u32) -> bool {
        if now.since(self.window) >= span {
            (self.window, self.asked) = (now, 0);
        }
        self.asked = self.asked.saturating_add(1);
        self.asked <= most
    }
}

/// An open question.
pub(super) struct Call {
    peer: Peer,
    deadline: Millis,
    subject: Subject,
}

enum Subject {
    /// What its stage asks.
    Stage,
    Fetch(Vec<RecordId>),
}

impl Replica {
    /// Greets a peer; one who has nothing yet reads whole records from the first.
    pub(super) fn connected(&mut self, peer: Peer, now: Millis, ledger: &impl Ledger) {
        let first = self.primary.is_none() && ledger.size() == 0;
        let state = State {
            stage: if first { Stage::CONTROL } else { Stage::Survey },
            cursor: Frontier::default(),
            ask_at: now,
            surveyed: None,
            quiet_until: now,
            repair_at: None,
            asking: false,
            fetching: false,
            checking: 0,
            faults: 0,
            window: now,
            asked: 0,
            lacks: Lacks::new(now, ledger.size()),
            link: Link::Eager,
            missed: None,
        };
        self.peers.insert(peer, state);
        self.fetch.join(peer);
        self.heal.hurry(now);
        if first {
            self.primary = Some(peer);
        }
    }

    pub(super) fn disconnected(&mut self, peer: Peer) {
        self.peers.remove(&peer);
        let gone: Vec<u64> = self.calls.iter().filter(|(_, call)| call.peer == peer).map(|(number, _)| *number).collect();
        for call in gone.iter().filter_map(|number| self.calls.remove(number)).collect::<Vec<_>>() {
            self.failed(call);
        }
        let lost = self.fetch.forget(peer);
        self.gave_up(&lost);
        self.leave_primary(peer);
    }

    /// Counts a fault of the peer's.
    pub(super) fn punish(&mut self, peer: Peer, out: &mut Effects) {
        let Some(state) = self.peers.get_mut(&peer) else { return };
        state.faults += 1;
        if state.faults == LIMIT {
            out.now.push(Effect::Disconnect(peer));
        }
    }

    /// Takes an answer; one to no open question is too late and ignored.
    pub(super) fn answered(
        &mut self,
        from: Peer,
        call: u64,
        response: Response,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        if self.calls.get(&call).is_none_or(|call| call.peer != from) {
            return Ok(());
        }
        let Some(call) = self.calls.remove(&call) else { return Ok(()) };
        let Some(state) = self.peers.get_mut(&from) else { return Ok(()) };
        match (call.subject, response) {
            (subject, Response::Busy(pause)) => {
                state.quiet_until = now.plus(pause.min(POLL));
                self.failed(Call { subject, ..call });
                Ok(())
            }
            (Subject::Stage, response) => {
                state.asking = false;
                self.take_stage(from, response, now, host, out)
            }
            (Subject::Fetch(ids), Response::Parcels { parcels, unread }) => {
                state.fetching = false;
                self.take_parcels(from, ids, parcels, unread, now, host, out)
            }
            (subject, _) => {
                self.failed(Call { subject, ..call });
                self.punish(from, out);
                Ok(())
            }
        }
    }

    pub(super) fn leave_primary(&mut self, peer: Peer) {
        if self.primary == Some(peer) {
            self.primary = None;
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a question, its answer, and what every step of the machine takes")]
    fn take_parcels(
        &mut self,
        from: Peer,
        mut ids: Vec<RecordId>,
        parcels: Vec<Parcel>,
        unread: u64,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let read = ids.len().saturating_sub(usize::try_from(unread).unwrap_or(usize::MAX));
        let asked: BTreeSet<&RecordId> = ids.iter().collect();
        let sent: BTreeSet<RecordId> = parcels.iter().map(|parcel| parcel.signed.header().id()).collect();
        if !sent.iter().all(|id| asked.contains(id)) || (unread > 0 && sent.is_empty()) {
            self.punish(from, out);
            let lost = self.fetch.failed(&ids, from);
            self.gave_up(&lost);
            return Ok(());
        }
        self.fetch.postpone(&ids[read..]);
        ids.truncate(read);
        self.ingest(from, parcels, Then::Fetched(ids), now, host, out)
    }

    /// The question will not be answered.
    fn failed(&mut self, call: Call) {
        match &call.subject {
            Subject::Fetch(ids) => self.fetch.unanswered(ids, call.peer),
            Subject::Stage => self.leave_primary(call.peer),
        }
        let Some(state) = self.peers.get_mut(&call.peer) else { return };
        match call.subject {
            Subject::Stage => {
                state.asking = false;
                state.stage.give_up();
            }
            Subject::Fetch(_) => state.fetching = false,
        }
    }

    /// Gives up what took too long, asks what is due, and says when to look again. Looks at every connection once, and at no record.
    pub(super) fn schedule(&mut self, now: Millis, out: &mut Effects) {
        let late: Vec<u64> = self.calls.iter().filter(|(_, call)| call.deadline <= now).map(|(number, _)| *number).collect();
        for call in late.into_iter().filter_map(|number| self.calls.remove(&number)).collect::<Vec<_>>() {
            self.failed(call);
        }
        self.repair(now);
        self.graft(now, out);
        let peers: Vec<Peer> = self.peers.keys().copied().collect();
        for peer in &peers {
            self.ask(*peer, now, out);
        }
        self.tell_lacks(out);
        out.wake = self.next_moment(now);
    }

    /// A record that was named is nowhere to be had: differences are looked for again, a little later.
    fn repair(&mut self, now: Millis) {
        let lost = std::mem::take(&mut self.incomplete);
        for state in self.peers.values_mut() {
            if lost && state.repair_at.is_none() {
                state.repair_at = Some(now.plus(REPAIR));
            }
            if !state.asking && state.repair_at.is_some_and(|moment| moment <= now) {
                (state.repair_at, state.stage, state.ask_at) = (None, Stage::Survey, now);
            }
        }
    }

    /// Whether this peer may be asked now for more than it was asked for already.
    fn is_served_by(&self, peer: Peer) -> bool {
        self.primary.is_none_or(|only| only == peer)
    }

    fn ask(&mut self, peer: Peer, now: Millis, out: &mut Effects) {
        if !self.is_served_by(peer) {
            return;
        }
        let (whole, forks, room) = (self.primary == Some(peer), self.fork_sum, self.fetch.has_room());
        let Some(state) = self.peers.get_mut(&peer).filter(|state| state.may_be_asked(now)) else { return };
        let fetches = !state.fetching;
        if room && !state.asking && state.ask_at <= now {
            state.asking = true;
            let request = state.stage.question(&state.cursor, whole, forks);
            self.call(peer, Subject::Stage, request, now, out);
        }
        if let Some((ids, request)) = fetches.then(|| self.fetch.ask(peer)).flatten() {
            self.peers.entry(peer).and_modify(|state| state.fetching = true);
            self.call(peer, Subject::Fetch(ids), request, now, out);
        }
    }

    fn call(&mut self, to: Peer, subject: Subject, request: Request, now: Millis, out: &mut Effects) {
        self.next_call += 1;
        self.calls.insert(self.next_call, Call { peer: to, deadline: now.plus(PATIENCE), subject });
        out.now.push(Effect::Ask { to, call: self.next_call, request });
    }

    fn next_moment(&self, now: Millis) -> Option<Millis> {
        let deadlines = self.calls.values().map(|call| call.deadline);
        let room = self.fetch.has_room();
        let is_free = |state: &State| room && !state.asking && state.checking < CHECKING;
        let free = self.peers.iter().filter(|(peer, state)| is_free(state) && self.is_served_by(**peer));
        let questions = free.map(|(_, state)| state.ask_at.max(state.quiet_until));
        let quiet = self.peers.values().map(|state| state.quiet_until).filter(|moment| *moment > now);
        let repairs = self.peers.values().filter(|state| !state.asking).filter_map(|state| state.repair_at);
        let missed = self.peers.values().filter_map(|state| state.missed).map(|missed| missed.until);
        let moments = deadlines
            .chain(missed)
            .chain(questions)
            .chain(quiet)
            .chain(repairs)
            .chain(self.parked.next())
            .chain(self.heal.next(self.peers.len()));
        moments.min().map(|moment| moment.max(now.plus(1)))
    }
}

/// Open questions by their number.
pub(super) type Calls = BTreeMap<u64, Call>;
