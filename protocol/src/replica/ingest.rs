//! The one way in: signature, place in the log, standing, journal.

use super::check::{Batch, Then, Unchecked};
use super::{Candidate, Effect, Effects, Host, Lack, Peer, Replica, Standing, Submission, Wait};
use crate::id::{OrganisationId, RecordId};
use crate::ledger::{Fault, Ledger};
use crate::limit;
use crate::log::{ForkProof, LinkError, Linked, LogId, link};
use crate::record::{RecordError, Verified};
use crate::replica::message::Parcel;
use crate::time::Millis;
use crate::trust::{Missing, Refused};
use std::collections::{BTreeSet, VecDeque};

/// Ids of refused records that are remembered, so that they are not fetched again; all are forgotten beyond that.
const REJECTED: usize = 16 * 1024;

/// Why a submitted record was not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It was checked for another network than this one.
    #[error("{}", RecordError::Network)]
    Network,
    /// It does not continue its log.
    #[error("{0}")]
    Link(#[from] LinkError),
    /// Its log is forked: only the organisation's roots can reconcile it.
    #[error("the log is forked and stands still")]
    Frozen,
    /// Its claimed time is too far ahead of the clock here.
    #[error("the claimed time is more than {bound} ms ahead of the clock here", bound = limit::AHEAD)]
    Ahead,
    /// It may be accepted when more is known here.
    #[error("{0}")]
    Lacks(#[from] Lack),
    /// The rules of trust refuse it.
    #[error("{0}")]
    Rules(#[from] Refused),
}

/// What became of a candidate.
enum Outcome {
    Appended(Linked, BTreeSet<OrganisationId>),
    Known,
    Wait(Wait, Refusal),
    Forked(Verified),
    Rejected(Refusal),
    BodyMissing,
}

impl Replica {
    /// Takes records that `source` sent: those that are not known here are checked first, and `then` it goes on.
    pub(super) fn ingest(
        &mut self,
        source: Peer,
        parcels: Vec<Parcel>,
        then: Then,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let (mut fresh, mut bodies) = (Vec::new(), Vec::new());
        for parcel in parcels {
            let id = parcel.signed.header().id();
            if self.heal.lacks(&id) {
                bodies.extend(parcel.body.map(|body| (id, body)));
                continue;
            }
            if self.knows(&id, host)? {
                self.fetch.settle(&id);
                continue;
            }
            let heard = self.heard.remove(&id).filter(|record| *record.signed() == parcel.signed);
            fresh.push(Unchecked { id, parcel, known: heard });
        }
        self.take_bodies(source, bodies, now, host, out)?;
        self.check(Batch::new(source, fresh, then), now, host, out)
    }

    /// Brings each candidate as far as it gets, and with it what waited for it.
    pub(super) fn settle(
        &mut self,
        candidates: Vec<Candidate>,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let mut queue = VecDeque::from(candidates);
        while let Some(candidate) = queue.pop_front() {
            let outcome = self.judge(&candidate, now, host)?;
            self.carry_out(candidate, outcome, &mut queue, host, out)?;
        }
        Ok(())
    }

    fn judge(&self, candidate: &Candidate, now: Millis, host: &mut impl Host) -> Result<Outcome, Fault> {
        let record = candidate.record;
        let log = LogId::from(record.header());
        if host.ledger().find(&record.id())?.is_some() {
            return Ok(Outcome::Known);
        }
        let linked = match link(record, host.ledger().head(&log)?.as_ref()) {
            Ok(linked) => linked,
            Err(error @ (LinkError::Gap { .. } | LinkError::Predecessor)) => {
                return Ok(match self.is_frozen(&log, record.header().seq, host)? {
                    true => Outcome::Rejected(Refusal::Frozen),
                    false => Outcome::Wait(Wait::Predecessor, error.into()),
                });
            }
            Err(LinkError::Taken { seq }) => return self.other_at(&log, seq, host),
            Err(error @ LinkError::Backwards) => return Ok(Outcome::Rejected(error.into())),
        };
        if self.is_frozen(&log, record.header().seq, host)? {
            return Ok(Outcome::Rejected(Refusal::Frozen));
        }
        let claimed_at = record.header().claimed_at;
        if claimed_at > now.plus(limit::AHEAD) {
            return Ok(Outcome::Wait(Wait::Until(Millis(claimed_at.0 - limit::AHEAD)), Refusal::Ahead));
        }
        let body = candidate.body.as_ref();
        Ok(match host.standing(&linked, body) {
            Standing::Admitted => Outcome::Appended(linked, host.append(&linked, body)?),
            Standing::BodyMissing => Outcome::BodyMissing,
            Standing::Waits(lack) => Outcome::Wait(Wait::Standing, lack.into()),
            Standing::Refused(why) => Outcome::Rejected(why.into()),
        })
    }

    fn carry_out(
        &mut self,
        candidate: Candidate,
        outcome: Outcome,
        queue: &mut VecDeque<Candidate>,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let (record, source) = (candidate.record, candidate.source);
        self.fetch.settle(&record.id());
        match outcome {
            Outcome::Known => {}
            Outcome::Appended(linked, gained) => {
                self.note_body(&candidate.record, candidate.body.is_some(), source, host)?;
                if let Some(from) = self.unpassed.remove(&record.id()) {
                    let body = candidate.body.as_ref().map(|body| body.sealed().clone());
                    out.after_own.extend(self.push(Parcel { signed: *record.signed(), body }, Some(from)));
                }
                if let Some(next) = record.header().seq.checked_add(1) {
                    queue.extend(self.parked.successors(linked.log(), next));
                }
                queue.extend(self.parked.quarantine(&gained));
                self.incomplete |= !gained.is_empty() && std::mem::take(&mut self.overflowed);
            }
            Outcome::Wait(wait, _) => {
                let previous = record.header().previous;
                if !self.parked.park(candidate, wait) {
                    self.overflowed |= wait == Wait::Standing;
                    self.incomplete |= wait != Wait::Standing;
                } else if wait == Wait::Predecessor && !self.knows(&previous, host)? {
                    self.want(previous, source, None);
                }
            }
            Outcome::Forked(other) => {
                self.reject(record.id());
                if let Ok(fork) = ForkProof::new(record, other) {
                    self.freeze(fork, host)?;
                }
            }
            Outcome::Rejected(refusal) => {
                self.reject(record.id());
                if matches!(refusal, Refusal::Link(LinkError::Backwards)) {
                    source.into_iter().for_each(|peer| self.punish(peer, out));
                }
            }
            Outcome::BodyMissing => self.incomplete = true,
        }
        Ok(())
    }

    /// Looks elsewhere for a body that did not come.
    fn note_body(&mut self, record: &Verified, came: bool, source: Option<Peer>, host: &impl Host) -> Result<(), Fault> {
        if !came && !host.is_erased(record) {
            let position = host.ledger().find(&record.id())?.ok_or(Fault)?;
            self.heal.note();
            self.want_body(record.id(), position, source);
        }
        Ok(())
    }

    /// The other half of a fork, when a place is taken by a record that is kept.
    fn other_at(&self, log: &LogId, seq: u64, host: &mut impl Host) -> Result<Outcome, Fault> {
        let position = host.ledger().at(log, seq)?.ok_or(Fault)?;
        let kept = host.ledger().entry(position)?.signed;
        let other = host.verify(vec![kept]).pop().and_then(Result::ok).ok_or(Fault)?;
        Ok(Outcome::Forked(other))
    }

    /// Keeps the evidence of a fork, of logs that are read here: anybody can make keys that contradict themselves. Of several forks of one log the earliest counts, then the one with the smaller ids, so that all
    /// replicas end with the same.
    pub(super) fn freeze(&mut self, fork: ForkProof, host: &mut impl Host) -> Result<(), Fault> {
        let (log, seq) = fork.place();
        let rank = |fork: &ForkProof| (fork.place().1, fork.claim().first.header().id(), fork.claim().second.header().id());
        if host.ledger().head(&log)?.is_none() || self.forks.get(&log).is_some_and(|known| rank(known) <= rank(&fork)) {
            return Ok(());
        }
        if host.ledger().frozen(&log)?.is_none_or(|frozen| seq <= frozen) {
            host.freeze(&fork)?;
        }
        self.know_fork(fork);
        Ok(())
    }

    fn is_frozen(&self, log: &LogId, seq: u64, host: &impl Host) -> Result<bool, Fault> {
        Ok(host.ledger().frozen(log)?.is_some_and(|first| seq >= first))
    }

    /// Whether fetching this would be in vain.
    pub(super) fn knows(&self, id: &RecordId, host: &impl Host) -> Result<bool, Fault> {
        Ok(self.parked.contains(id) || self.rejected.contains(id) || host.ledger().find(id)?.is_some())
    }

    pub(super) fn want(&mut self, id: RecordId, source: Option<Peer>, place: Option<u64>) {
        let wanted = source.is_some_and(|peer| self.fetch.want(id, peer, place));
        self.incomplete |= !wanted;
    }

    fn reject(&mut self, id: RecordId) {
        if self.rejected.len() >= REJECTED {
            self.rejected.clear();
        }
        self.rejected.insert(id);
    }

    /// Takes a record that was written here; it is acknowledged and pushed once it is durable.
    pub(super) fn submit(
        &mut self,
        number: u64,
        submission: Submission,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let Submission { record, body, network } = submission;
        if network != host.network() {
            out.now.push(Effect::Refuse(number, Refusal::Network));
            return Ok(());
        }
        let candidate = Candidate { record, body: Some(body), source: None };
        let outcome = self.judge(&candidate, now, host)?;
        match outcome {
            Outcome::Appended(..) => {
                self.news.note(record.id());
                out.after_sync.push(Effect::Acknowledge(number));
                let body = candidate.body.as_ref().map(|body| body.sealed().clone());
                out.after_sync.extend(self.push(Parcel { signed: *record.signed(), body }, None));
            }
            Outcome::Known => {
                candidate.body.iter().try_for_each(|body| self.given_again(&record, body, now, host, out))?;
                out.after_sync.push(Effect::Acknowledge(number));
            }
            Outcome::Wait(_, refusal) | Outcome::Rejected(refusal) => {
                out.now.push(Effect::Refuse(number, refusal));
                return Ok(());
            }
            Outcome::Forked(_) => {
                let taken = LinkError::Taken { seq: record.header().seq };
                out.now.push(Effect::Refuse(number, taken.into()));
                return Ok(());
            }
            Outcome::BodyMissing => {
                let missing = Lack::Known(Missing::Body(record.id()));
                out.now.push(Effect::Refuse(number, missing.into()));
            }
        }
        let mut queue = VecDeque::new();
        self.carry_out(candidate, outcome, &mut queue, host, out)?;
        self.settle(queue.into(), now, host, out)
    }
}
