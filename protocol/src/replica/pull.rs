//! Reading the journals of peers, and the timetable of questions.

use super::message::{Parcel, Request, Response};
use super::{Effect, Effects, Host, Peer, Replica};
use crate::id::RecordId;
use crate::journal::Frontier;
use crate::ledger::{Fault, Ledger};
use crate::log::{ForkClaim, ForkProof};
use crate::time::Millis;

/// Between two questions for a journal that was read to its end.
const POLL: u64 = 5_000;
/// An answer that takes longer is not waited for.
const PATIENCE: u64 = 10_000;
/// Before a journal is read again because a record that it names was lost.
const REPAIR: u64 = 30_000;
/// The score at which a peer is disconnected.
const LIMIT: u32 = 10;

/// What is known of a connected peer.
pub(super) struct State {
    cursor: Frontier,
    pull_at: Millis,
    repair_at: Option<Millis>,
    pulling: bool,
    fetching: bool,
    faults: u32,
    window: Millis,
    asked: u32,
}

impl State {
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
    Pull,
    Fetch(Vec<RecordId>),
}

impl Replica {
    /// Greets a peer; one who has nothing yet reads whole records from the first.
    pub(super) fn connected(&mut self, peer: Peer, now: Millis, host: &impl Host) {
        let state = State {
            cursor: Frontier::default(),
            pull_at: now,
            repair_at: None,
            pulling: false,
            fetching: false,
            faults: 0,
            window: now,
            asked: 0,
        };
        self.peers.insert(peer, state);
        if self.primary.is_none() && host.ledger().size() == 0 {
            self.primary = Some(peer);
        }
    }

    pub(super) fn disconnected(&mut self, peer: Peer) {
        self.peers.remove(&peer);
        let (gone, kept) = std::mem::take(&mut self.calls).into_iter().partition(|(_, call)| call.peer == peer);
        self.calls = kept;
        let gone: std::collections::BTreeMap<u64, Call> = gone;
        gone.into_values().for_each(|call| self.failed(call));
        self.incomplete |= self.fetch.forget(peer) > 0;
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
                state.pull_at = now.plus(pause.min(POLL));
                self.failed(Call { subject, ..call });
                Ok(())
            }
            (Subject::Pull, Response::Diverged) => {
                (state.pulling, state.cursor, state.pull_at) = (false, Frontier::default(), now);
                Ok(())
            }
            (Subject::Pull, Response::Ids { ids, size, forks }) => {
                self.read(from, &ids, size, now);
                self.take_forks(from, forks, host, out)?;
                for id in ids {
                    if !self.knows(&id, host)? {
                        self.want(id, Some(from));
                    }
                }
                Ok(())
            }
            (Subject::Pull, Response::Whole { parcels, size, forks }) => {
                let ids: Vec<RecordId> = parcels.iter().map(|parcel| parcel.signed.header().id()).collect();
                self.read(from, &ids, size, now);
                self.take_forks(from, forks, host, out)?;
                self.ingest(from, parcels, now, host, out)
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

    /// Moves the cursor over what was read.
    fn read(&mut self, from: Peer, ids: &[RecordId], size: u64, now: Millis) {
        let pause = POLL / 2 + self.random(POLL);
        let Some(state) = self.peers.get_mut(&from) else { return };
        ids.iter().for_each(|id| state.cursor.push(id));
        state.pulling = false;
        let at_end = ids.is_empty() || state.cursor.size() >= size;
        state.pull_at = if at_end { now.plus(pause) } else { now };
        if at_end {
            self.leave_primary(from);
        }
    }

    fn leave_primary(&mut self, peer: Peer) {
        if self.primary == Some(peer) {
            self.primary = None;
        }
    }

    fn take_forks(&mut self, from: Peer, forks: Vec<ForkClaim>, host: &mut impl Host, out: &mut Effects) -> Result<(), Fault> {
        let halves = forks.iter().flat_map(|fork| [fork.first, fork.second]).collect();
        for pair in host.verify(halves).chunks_exact(2) {
            let proof = match (pair[0], pair[1]) {
                (Ok(first), Ok(second)) => ForkProof::new(first, second).ok(),
                _ => None,
            };
            match proof {
                Some(fork) => self.freeze(fork, host)?,
                None => self.punish(from, out),
            }
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "a question, its answer, and what every step of the machine takes")]
    fn take_parcels(
        &mut self,
        from: Peer,
        ids: Vec<RecordId>,
        parcels: Vec<Parcel>,
        unread: u64,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let read = ids.len().saturating_sub(usize::try_from(unread).unwrap_or(usize::MAX));
        let sent: std::collections::BTreeSet<RecordId> = parcels.iter().map(|parcel| parcel.signed.header().id()).collect();
        if !sent.iter().all(|id| ids.contains(id)) || (unread > 0 && sent.is_empty()) {
            self.punish(from, out);
            self.incomplete |= self.fetch.failed(&ids, from) > 0;
            return Ok(());
        }
        self.ingest(from, parcels, now, host, out)?;
        self.fetch.postpone(&ids[read..]);
        self.incomplete |= self.fetch.failed(&ids[..read], from) > 0;
        Ok(())
    }

    /// The question will not be answered.
    fn failed(&mut self, call: Call) {
        if let Subject::Fetch(ids) = &call.subject {
            self.fetch.unanswered(ids, call.peer);
        }
        if matches!(call.subject, Subject::Pull) {
            self.leave_primary(call.peer);
        }
        let Some(state) = self.peers.get_mut(&call.peer) else { return };
        match call.subject {
            Subject::Pull => state.pulling = false,
            Subject::Fetch(_) => state.fetching = false,
        }
    }

    /// Gives up what took too long, asks what is due, and says when to look again.
    pub(super) fn schedule(&mut self, now: Millis, out: &mut Effects) {
        let late: Vec<u64> = self.calls.iter().filter(|(_, call)| call.deadline <= now).map(|(number, _)| *number).collect();
        for call in late.into_iter().filter_map(|number| self.calls.remove(&number)).collect::<Vec<_>>() {
            self.failed(call);
        }
        self.repair(now);
        let peers: Vec<Peer> = self.peers.keys().copied().collect();
        for peer in &peers {
            self.ask(*peer, now, out);
        }
        out.wake = self.next_moment(now);
    }

    /// A record that was named and is nowhere to be had: the journals are read again, a little later.
    fn repair(&mut self, now: Millis) {
        let lost = std::mem::take(&mut self.incomplete);
        for state in self.peers.values_mut() {
            if lost && state.repair_at.is_none() {
                state.repair_at = Some(now.plus(REPAIR));
            }
            if !state.pulling && state.repair_at.is_some_and(|moment| moment <= now) {
                (state.repair_at, state.cursor, state.pull_at) = (None, Frontier::default(), now);
            }
        }
    }

    fn ask(&mut self, peer: Peer, now: Millis, out: &mut Effects) {
        let whole = self.primary == Some(peer);
        let (forks, may_pull) = (self.fork_summary(), whole || self.primary.is_none());
        let Some(state) = self.peers.get_mut(&peer) else { return };
        if may_pull && !state.pulling && state.pull_at <= now {
            state.pulling = true;
            let request = Request::Pull { size: state.cursor.size(), root: state.cursor.root(), whole, forks };
            self.call(peer, Subject::Pull, request, now, out);
        }
        let Some(state) = self.peers.get_mut(&peer) else { return };
        if !state.fetching && may_pull {
            let ids = self.fetch.ask(peer);
            if !ids.is_empty() {
                state.fetching = true;
                self.call(peer, Subject::Fetch(ids.clone()), Request::Fetch { ids }, now, out);
            }
        }
    }

    fn call(&mut self, to: Peer, subject: Subject, request: Request, now: Millis, out: &mut Effects) {
        self.next_call += 1;
        self.calls.insert(self.next_call, Call { peer: to, deadline: now.plus(PATIENCE), subject });
        out.now.push(Effect::Ask { to, call: self.next_call, request });
    }

    fn next_moment(&self, now: Millis) -> Option<Millis> {
        let deadlines = self.calls.values().map(|call| call.deadline);
        let free = self.peers.iter().filter(|(peer, state)| !state.pulling && self.primary.is_none_or(|only| only == **peer));
        let pulls = free.map(|(_, state)| state.pull_at);
        let repairs = self.peers.values().filter(|state| !state.pulling).filter_map(|state| state.repair_at);
        let moments = deadlines.chain(pulls).chain(repairs).chain(self.parked.next());
        moments.min().map(|moment| moment.max(now.plus(1)))
    }
}
