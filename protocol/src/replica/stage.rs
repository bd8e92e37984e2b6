//! How far two replicas are with each other: differences first, control records before all else, then the journal by a cursor.

use super::check::Then;
use super::message::{Carried, FORKS, Parcel, Request, Response};
use super::pull::POLL;
use super::{Effects, Host, Peer, Replica};
use crate::id::RecordId;
use crate::journal::{Frontier, Hash};
use crate::ledger::{Fault, Ledger, Plane};
use crate::log::{ForkClaim, ForkProof};
use crate::reconcile::{Initiator, Item, Range, ReconcileError, Step, Summary};
use crate::time::Millis;

/// A journal of at most so many records is read from its start: its ids are fewer bytes than finding the differences.
const SHORT: u64 = 32;

/// What is asked of a peer next.
#[derive(Default)]
pub(super) enum Stage {
    /// Where its journal ends and what its planes sum to.
    #[default]
    Survey,
    /// Its control records, by one who has nothing.
    Control { after: Item },
    /// Its differences in one plane, and then in others.
    Reconcile { initiator: Box<Initiator>, message: Vec<u8>, then: Option<Plane> },
    /// What its journal holds beyond the cursor.
    Read,
}

impl Stage {
    /// Where one who has nothing begins.
    pub(super) const CONTROL: Self = Self::Control { after: Item::FIRST };

    pub(super) fn question(&self, cursor: &Frontier, whole: bool, forks: Summary) -> Request {
        match self {
            Self::Survey => Request::Survey,
            Self::Control { after } => Request::Control { after: *after },
            Self::Reconcile { message, .. } => Request::Reconcile(message.clone()),
            Self::Read => Request::Pull { size: cursor.size(), root: cursor.root(), whole, forks },
        }
    }

    /// The peer did not answer: it is no longer the one who gives everything.
    pub(super) fn give_up(&mut self) {
        if matches!(self, Self::Control { .. }) {
            *self = Self::Survey;
        }
    }
}

impl Replica {
    /// Takes the answer to what a stage asked.
    pub(super) fn take_stage(
        &mut self,
        from: Peer,
        response: Response,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let Some(state) = self.peers.get_mut(&from) else { return Ok(()) };
        match (std::mem::take(&mut state.stage), response) {
            (Stage::Survey, Response::Survey { frontier, control, content }) => match Frontier::decode(&frontier) {
                Ok(journal) => self.compare(from, journal, [control, content], now, host.ledger()),
                Err(_) => self.astray(from, now, out),
            },
            (Stage::Control { after }, Response::Control { parcels, more }) => {
                self.take_control(from, after, parcels, more, now, host, out)
            }
            (Stage::Reconcile { initiator, then, .. }, Response::Reconcile(message)) => {
                self.reconciled(from, initiator, &message, then, now, host, out)
            }
            (Stage::Read, Response::Diverged) => {
                self.survey_again(from, now);
                Ok(())
            }
            (Stage::Read, Response::Ids { ids, size, forks }) => {
                let start = state.cursor.size();
                if self.read(from, &ids, size, now) {
                    self.leave_primary(from);
                }
                self.take_forks(from, forks, host, out)?;
                let missed = self.want_unknown(from, ids.into_iter().zip((start..).map(Some)), host)?;
                missed.into_iter().for_each(|record| self.miss(from, record, now));
                Ok(())
            }
            (Stage::Read, Response::Whole { records, size, forks }) => {
                self.take_whole(from, records, size, forks, now, host, out)
            }
            _ => self.astray(from, now, out),
        }
    }

    /// The answer is none to the question.
    fn astray(&mut self, from: Peer, now: Millis, out: &mut Effects) -> Result<(), Fault> {
        self.leave_primary(from);
        self.survey_again(from, now);
        self.punish(from, out);
        Ok(())
    }

    /// Begins anew; a peer whose journal is never what it says it is does not make anybody busy.
    fn survey_again(&mut self, from: Peer, now: Millis) {
        if let Some(state) = self.peers.get_mut(&from) {
            state.stage = Stage::Survey;
            state.ask_at = state.surveyed.map_or(now, |last| now.max(last.plus(POLL)));
        }
    }

    /// Looks which planes differ, and from where the peer's journal is to be read.
    fn compare(
        &mut self,
        from: Peer,
        journal: Frontier,
        [control, content]: [Hash; 2],
        now: Millis,
        ledger: &impl Ledger,
    ) -> Result<(), Fault> {
        let Some(state) = self.peers.get_mut(&from) else { return Ok(()) };
        let differs = |plane, theirs| Ok(ledger.summary(plane, &Range::ALL)?.fingerprint() != theirs);
        let (control, content) = (differs(Plane::Control, control)?, differs(Plane::Content, content)?);
        let short = journal.size() <= SHORT;
        let from_start = (control || content) && (short || journal.size() / 2 > ledger.size());
        state.surveyed = Some(now);
        state.lacks.begin(now, ledger.size(), !from_start);
        state.cursor = if from_start { Frontier::default() } else { journal };
        let first = Some(Plane::Control).filter(|_| control && !short);
        let then = Some(Plane::Content).filter(|_| content && !from_start);
        self.reconcile(from, first, then, now, ledger)
    }

    /// Looks for the differences of one plane and then of another; when there is none, the journal is read.
    fn reconcile(
        &mut self,
        from: Peer,
        first: Option<Plane>,
        then: Option<Plane>,
        now: Millis,
        ledger: &impl Ledger,
    ) -> Result<(), Fault> {
        let Some(state) = self.peers.get_mut(&from) else { return Ok(()) };
        state.ask_at = now;
        state.stage = match first {
            None if then.is_some() => return self.reconcile(from, then, None, now, ledger),
            None => {
                state.lacks.end();
                Stage::Read
            }
            Some(plane) => {
                let mut initiator = Box::new(Initiator::new(plane));
                match initiator.next(ledger) {
                    Ok(Step::Send(message)) => Stage::Reconcile { initiator, message, then },
                    Ok(Step::Done) => return self.reconcile(from, then, None, now, ledger),
                    Err(_) => return Err(Fault),
                }
            }
        };
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "a question, its answer, and what every step of the machine takes")]
    fn reconciled(
        &mut self,
        from: Peer,
        mut initiator: Box<Initiator>,
        answer: &[u8],
        then: Option<Plane>,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let step = initiator.receive(answer, host.ledger());
        let found = initiator.take();
        self.count_lacks(from, &found.have, host.ledger())?;
        self.want_unknown(from, found.need.into_iter().map(|id| (id, None)), host)?;
        match step {
            Ok(Step::Send(message)) => {
                let Some(state) = self.peers.get_mut(&from) else { return Ok(()) };
                (state.stage, state.ask_at) = (Stage::Reconcile { initiator, message, then }, now);
                Ok(())
            }
            Ok(Step::Done) => self.reconcile(from, then, None, now, host.ledger()),
            Err(ReconcileError::Ledger(fault)) => Err(fault),
            Err(_) => self.astray(from, now, out),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a question, its answer, and what every step of the machine takes")]
    fn take_control(
        &mut self,
        from: Peer,
        after: Item,
        parcels: Vec<Parcel>,
        more: bool,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let mut last = after;
        for parcel in &parcels {
            let header = parcel.signed.header();
            let item = Item { claimed_at: header.claimed_at, id: header.id() };
            if item <= last || Plane::of(header.kind) != Plane::Control {
                return self.astray(from, now, out);
            }
            last = item;
        }
        // Whoever is vouched for is asked about when the vouchers are taken in.
        self.peers.entry(from).and_modify(|state| state.asking = true);
        self.ingest(from, parcels, Then::Control { last, more }, now, host, out)
    }

    /// Goes on behind the last control record, unless what came was of no use.
    pub(super) fn read_control_on(&mut self, from: Peer, last: Item, more: bool, grown: bool, now: Millis) {
        let idle = more && !grown;
        if idle {
            self.leave_primary(from);
        }
        let Some(state) = self.peers.get_mut(&from) else { return };
        (state.asking, state.ask_at) = (false, now);
        state.stage = match more {
            _ if idle => Stage::Survey,
            true => Stage::Control { after: last },
            false => Stage::Read,
        };
    }

    /// Takes whole records; the next ones can be asked for at once.
    #[expect(clippy::too_many_arguments, reason = "a question, its answer, and what every step of the machine takes")]
    fn take_whole(
        &mut self,
        from: Peer,
        records: Vec<Carried>,
        size: u64,
        forks: Vec<ForkClaim>,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let ids: Vec<RecordId> = records.iter().map(Carried::id).collect();
        let at_end = self.read(from, &ids, size, now);
        self.take_forks(from, forks, host, out)?;
        let (mut named, mut parcels) = (Vec::new(), Vec::new());
        for record in records {
            match record {
                Carried::Named(id) => named.push(id),
                Carried::Whole(parcel) => parcels.push(parcel),
            }
        }
        self.want_unknown(from, named.into_iter().map(|id| (id, None)), host)?;
        let then = Then::Whole { sent: !parcels.is_empty(), at_end };
        self.ingest(from, parcels, then, now, host, out)
    }

    /// Wants what is not known here of what the peer has, with the places in its journal; gives the first.
    fn want_unknown(
        &mut self,
        from: Peer,
        ids: impl Iterator<Item = (RecordId, Option<u64>)>,
        host: &impl Host,
    ) -> Result<Option<RecordId>, Fault> {
        let mut first = None;
        for (id, place) in ids {
            if !self.knows(&id, host)? {
                self.want(id, Some(from), place);
                first = first.or(Some(id));
            }
        }
        Ok(first)
    }

    /// Moves the cursor over what was read, and says whether this is the end.
    fn read(&mut self, from: Peer, ids: &[RecordId], size: u64, now: Millis) -> bool {
        let pause = POLL / 2 + self.random(POLL);
        let Some(state) = self.peers.get_mut(&from) else { return true };
        ids.iter().for_each(|id| state.cursor.push(id));
        let at_end = ids.is_empty() || state.cursor.size() >= size;
        let next = if at_end && state.lacks.is_due(now) { Stage::Survey } else { Stage::Read };
        (state.stage, state.ask_at) = (next, if at_end { now.plus(pause) } else { now });
        at_end
    }

    fn take_forks(&mut self, from: Peer, forks: Vec<ForkClaim>, host: &mut impl Host, out: &mut Effects) -> Result<(), Fault> {
        if forks.len() > FORKS {
            self.punish(from, out);
            return Ok(());
        }
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
}
