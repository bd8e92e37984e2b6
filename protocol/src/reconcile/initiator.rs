//! The initiator: it knows which ranges differ, asks for them in turn, and tells the two sides' differences as it learns them.

use super::Range;
use super::message::{Content, Message, PARTS, Part, RANGES};
use super::responder::{SMALL, print, split};
use crate::id::RecordId;
use crate::ledger::{Fault, Plane, Ranges};
use crate::wire::WireError;
use std::collections::{BTreeSet, VecDeque};

/// Rounds in a row that may settle no range. Honest ranges shrink sixteenfold each round, so 2^64 records take fewer.
const STALLED: u32 = 24;
/// Rounds in all: ids of 32 million differences.
const ROUNDS: u32 = 16_384;
/// Ranges that wait to be asked, at most; depth first, an honest peer leaves fewer than 8,192 for each level.
const PENDING: usize = 131_072;
/// Own items of one range that are compared with a list of ids; a larger range is asked in parts.
const COMPARED: u64 = 512;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send this to the responder and give its answer to [`Initiator::receive`].
    Send(Vec<u8>),
    /// All ranges are equal or listed.
    Done,
}

/// Why reconciliation with a peer ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReconcileError {
    /// The bytes are no message.
    #[error("not a response of reconciliation: {0}")]
    Wire(#[from] WireError),
    /// The answer speaks of another plane, or of a range that was not asked.
    #[error("the peer answered for a range that was not asked")]
    NotAsked,
    /// The peer keeps finding differences and settles none.
    #[error("the peer does not converge: after {rounds} rounds it still splits ranges that it does not settle")]
    Endless {
        /// How many rounds there were.
        rounds: u32,
    },
    /// The ledger.
    #[error("{0}")]
    Ledger(#[from] Fault),
}

/// Differences between the two sides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Differences {
    /// Ids that are here and not there.
    pub have: Vec<RecordId>,
    /// Ids that are there, as the peer says, and not here.
    pub need: Vec<RecordId>,
}

/// One reconciliation of one plane with one peer.
#[derive(Debug, Clone)]
pub struct Initiator {
    plane: Plane,
    /// Ranges that differ, in order and disjoint, as [`Initiator::asked`] are, which stand before them.
    pending: VecDeque<Range>,
    asked: Vec<Range>,
    found: Differences,
    rounds: u32,
    stalled: u32,
}

impl Initiator {
    /// A reconciliation of all of `plane`.
    pub fn new(plane: Plane) -> Self {
        let pending = VecDeque::from([Range::ALL]);
        Self { plane, pending, asked: Vec::new(), found: Differences::default(), rounds: 0, stalled: 0 }
    }

    /// The first message; called once, before [`Initiator::receive`].
    ///
    /// # Errors
    /// [`ReconcileError::Ledger`].
    pub fn next(&mut self, ledger: &impl Ranges) -> Result<Step, ReconcileError> {
        let mut parts = Vec::new();
        while parts.len() + PARTS <= RANGES {
            let Some(range) = self.pending.pop_front() else { break };
            let ours = ledger.summary(self.plane, &range)?;
            if ours.count > SMALL {
                parts.extend(split(ledger, self.plane, &range, ours.count)?);
            } else {
                parts.push(Part { range, content: Content::Print(print(&ours)) });
            }
        }
        self.asked = parts.iter().map(|part| part.range).collect();
        if parts.is_empty() { Ok(Step::Done) } else { Ok(Step::Send(Message { plane: self.plane, parts }.encode())) }
    }

    /// Takes the peer's answer to the last message.
    ///
    /// # Errors
    /// [`ReconcileError`], after which the reconciliation is over; all but [`ReconcileError::Ledger`] are the peer's fault.
    pub fn receive(&mut self, response: &[u8], ledger: &impl Ranges) -> Result<Step, ReconcileError> {
        let Message { plane, parts } = Message::decode_response(response)?;
        if plane != self.plane {
            return Err(ReconcileError::NotAsked);
        }
        let mut asked = std::mem::take(&mut self.asked).into_iter().peekable();
        let (mut open, mut unsettled) = (Vec::new(), 0);
        let mut settled = asked.len();
        let mut last_open = None;
        for Part { range, content } in parts {
            while asked.next_if(|question| question.until <= range.from).is_some() {}
            let question = asked.peek().filter(|question| question.from <= range.from && range.until <= question.until);
            let question = *question.ok_or(ReconcileError::NotAsked)?;
            let ours = ledger.summary(plane, &range)?;
            match content {
                Content::Print(theirs) if print(&ours) == theirs => continue,
                Content::Ids(theirs) if ours.count <= COMPARED => {
                    self.compare(&range, &theirs, ledger)?;
                    continue;
                }
                Content::Print(_) if last_open != Some(question) => {
                    last_open = Some(question);
                    unsettled += 1;
                }
                Content::Print(_) | Content::Ids(_) => {}
            }
            open.push(range);
        }
        settled -= unsettled;
        self.count_round(settled > 0, open.len())?;
        open.into_iter().rev().for_each(|range| self.pending.push_front(range));
        self.next(ledger)
    }

    /// The differences that were learned since the last call; they are final, so they may be acted on while more are asked.
    pub fn take(&mut self) -> Differences {
        std::mem::take(&mut self.found)
    }

    fn compare(&mut self, range: &Range, theirs: &[RecordId], ledger: &impl Ranges) -> Result<(), Fault> {
        let most = usize::try_from(COMPARED).map_err(|_| Fault)?;
        let ours: BTreeSet<_> = ledger.items(self.plane, range, most)?.into_iter().map(|item| item.id).collect();
        for id in theirs {
            if !ours.contains(id) && !ledger.has(id)? {
                self.found.need.push(*id);
            }
        }
        self.found.have.extend(ours.iter().filter(|id| theirs.binary_search(id).is_err()));
        Ok(())
    }

    fn count_round(&mut self, progress: bool, opened: usize) -> Result<(), ReconcileError> {
        self.rounds += 1;
        self.stalled = if progress { 0 } else { self.stalled + 1 };
        if self.stalled >= STALLED || self.rounds >= ROUNDS || self.pending.len() + opened > PENDING {
            return Err(ReconcileError::Endless { rounds: self.rounds });
        }
        Ok(())
    }
}
