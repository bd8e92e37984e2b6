//! The records of an answer on their way through the checks that take long and know nothing of the replica: a host may make them on
//! other threads, while the replica asks the next question and takes in what came before.

use super::message::Parcel;
use super::{Candidate, Effects, Host, Peer, Replica};
use crate::id::RecordId;
use crate::ledger::{Fault, Ledger};
use crate::reconcile::Item;
use crate::record::{Body, RecordError, Signed, Verified};
use crate::time::Millis;
use std::num::NonZeroUsize;

/// Answers of one peer that are checked at a time, 3.4 MB at most: one is taken in, one is checked, and one is there when that is done.
pub(super) const CHECKING: u8 = 3;

/// Records of one answer that are to be checked.
#[derive(Clone, Debug)]
pub struct Batch {
    source: Peer,
    records: Vec<Unchecked>,
    then: Then,
}

#[derive(Clone, Debug)]
pub(super) struct Unchecked {
    pub(super) id: RecordId,
    pub(super) parcel: Parcel,
    /// The same header and signature, when gossip brought them before.
    pub(super) known: Option<Verified>,
}

/// Some of the records of a batch, to be checked apart from the others.
#[derive(Clone, Debug)]
pub struct Share(Vec<Unchecked>);

/// A share whose records were checked. Made by [`Share::check`] only. None for what its author did not sign, and for a body that is
/// another record's.
#[derive(Clone, Debug)]
pub struct CheckedShare(Vec<Option<(Verified, Option<Body>)>>);

/// What is left of a batch while its shares are checked.
#[derive(Clone, Debug)]
pub struct Rest {
    source: Peer,
    names: Vec<RecordId>,
    then: Then,
}

/// Records of one answer, each checked. Made by [`Rest::join`] only.
#[derive(Clone, Debug)]
pub struct Checked {
    source: Peer,
    /// None as in [`CheckedShare`].
    candidates: Vec<Option<Candidate>>,
    /// What it held: who sent something else under one of these names has it no more.
    names: Vec<RecordId>,
    then: Then,
}

/// How it goes on once the records of an answer are taken in.
#[derive(Clone, Debug)]
pub(super) enum Then {
    /// One who has nothing reads on behind this control record.
    Control {
        /// The last one of the answer.
        last: Item,
        /// Whether the peer says that there are further ones.
        more: bool,
    },
    /// One who has nothing reads the journal whole.
    Whole {
        /// Whether the answer held a record.
        sent: bool,
        /// Whether the journal was read to its end.
        at_end: bool,
    },
    /// These names were looked up by the peer; what did not come, it does not have.
    Fetched(Vec<RecordId>),
}

impl Batch {
    pub(super) fn new(source: Peer, records: Vec<Unchecked>, then: Then) -> Self {
        Self { source, records, then }
    }

    /// Whether nothing of it takes long.
    pub(super) fn is_light(&self) -> bool {
        self.records.iter().all(|record| record.known.is_some())
    }

    /// Checks signatures and bodies. `verify` gives [`Signed::verify`] of each for the replica's network, in order. What this returns is
    /// to be given to the replica as [`Input::Checked`](super::Input::Checked), of each peer in the order of its batches.
    pub fn check(self, verify: impl FnOnce(Vec<Signed>) -> Vec<Result<Verified, RecordError>>) -> Checked {
        let (whole, rest) = self.take_apart();
        rest.join([whole.check(verify)])
    }

    /// The records in shares of at most so many, in order, and what joins them again when they are checked.
    pub fn split(self, most: NonZeroUsize) -> (Vec<Share>, Rest) {
        let (Share(records), rest) = self.take_apart();
        let mut records = records.into_iter();
        let share = || Share(records.by_ref().take(most.get()).collect());
        let shares = std::iter::repeat_with(share).take_while(|share| !share.0.is_empty());
        (shares.collect(), rest)
    }

    fn take_apart(self) -> (Share, Rest) {
        let Self { source, records, then } = self;
        let names = records.iter().map(|record| record.id).collect();
        (Share(records), Rest { source, names, then })
    }
}

impl Share {
    /// As [`Batch::check`] does.
    pub fn check(self, verify: impl FnOnce(Vec<Signed>) -> Vec<Result<Verified, RecordError>>) -> CheckedShare {
        let Self(records) = self;
        let unknown = records.iter().filter(|record| record.known.is_none()).map(|record| record.parcel.signed);
        let mut verified = verify(unknown.collect()).into_iter();
        let open = |Unchecked { parcel, known, .. }| {
            let record: Verified = known.or_else(|| verified.next()?.ok()).filter(|record| *record.signed() == parcel.signed)?;
            let body = parcel.body.map(|body| record.open(body)).transpose().ok()?;
            Some((record, body))
        };
        CheckedShare(records.into_iter().map(open).collect())
    }
}

impl Rest {
    /// Joins the shares of the batch, all and in their order. A record of one that is missing counts as one that did not come.
    pub fn join(self, shares: impl IntoIterator<Item = CheckedShare>) -> Checked {
        let Self { source, names, then } = self;
        let candidate = |(record, body)| Candidate { record, body, source: Some(source) };
        let candidates = shares.into_iter().flat_map(|share| share.0).map(|checked| checked.map(candidate));
        Checked { source, candidates: candidates.collect(), names, then }
    }
}

impl Replica {
    /// Gives a batch to the host, unless it can be gone on with at once.
    pub(super) fn check(&mut self, batch: Batch, now: Millis, host: &mut impl Host, out: &mut Effects) -> Result<(), Fault> {
        if batch.is_light() {
            return self.take_checked(batch.check(|_| Vec::new()), now, host, out);
        }
        if let Some(state) = self.peers.get_mut(&batch.source) {
            state.checking += 1;
        }
        // Whoever names one of these meanwhile is asked for it only if it turns out to be false.
        batch.records.iter().for_each(|record| self.fetch.expect(record.id, batch.source));
        out.checks.push(batch);
        Ok(())
    }

    /// Takes a batch back.
    pub(super) fn checked(
        &mut self,
        checked: Checked,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        if let Some(state) = self.peers.get_mut(&checked.source) {
            state.checking = state.checking.saturating_sub(1);
        }
        self.take_checked(checked, now, host, out)
    }

    /// Takes checked records in; what has no valid signature or another body costs who sent it.
    fn take_checked(&mut self, checked: Checked, now: Millis, host: &mut impl Host, out: &mut Effects) -> Result<(), Fault> {
        let Checked { source, candidates, mut names, then } = checked;
        let before = host.ledger().size();
        let false_ones = candidates.iter().filter(|candidate| candidate.is_none()).count();
        (0..false_ones).for_each(|_| self.punish(source, out));
        self.settle(candidates.into_iter().flatten().collect(), now, host, out)?;
        let grown = host.ledger().size() > before;
        match then {
            Then::Control { last, more } => self.read_control_on(source, last, more, grown, now),
            Then::Whole { sent, at_end } => {
                // Who sends what is of no use here is no longer read whole, and others are asked too.
                if at_end || (sent && !grown) {
                    self.leave_primary(source);
                }
            }
            Then::Fetched(asked) => names.extend(asked),
        }
        let lost = self.fetch.failed(&names, source);
        self.gave_up(&lost);
        Ok(())
    }
}
