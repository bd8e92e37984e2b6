//! The responder: it keeps nothing between messages, and what it reads is bounded by the ranges of the request.

use super::message::{Content, Message, PARTS, Part, Print};
use super::{Item, Range, Summary};
use crate::id::RecordId;
use crate::ledger::{Fault, Plane, Ranges};
use crate::limit;
use crate::wire::WireError;

/// Items of a range that is answered with its ids; a larger one is split.
pub(super) const SMALL: u64 = 32;

/// Why a request has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RespondError {
    /// The bytes are no message.
    #[error("not a request of reconciliation: {0}")]
    Wire(#[from] WireError),
    /// A request asks by fingerprint; ids are for responses.
    #[error("a request holds ids where it must hold fingerprints")]
    Ids,
    /// The ledger.
    #[error("{0}")]
    Ledger(#[from] Fault),
}

/// The answer to an initiator's message: for each range nothing when it is equal here, its ids when it is small, and else the
/// fingerprints of 16 parts. A range that finds no room among [`limit::IDS`] ids comes back as it is, to be asked again.
///
/// # Errors
/// [`RespondError`]; all but [`RespondError::Ledger`] are the peer's fault.
pub fn respond(request: &[u8], ledger: &impl Ranges) -> Result<Vec<u8>, RespondError> {
    let Message { plane, parts } = Message::decode_request(request)?;
    let (mut answers, mut room) = (Vec::new(), limit::IDS as u64);
    for Part { range, content } in parts {
        let Content::Print(theirs) = content else { return Err(RespondError::Ids) };
        let ours = ledger.summary(plane, &range)?;
        if print(&ours) == theirs {
            continue;
        }
        if ours.count > SMALL {
            answers.extend(split(ledger, plane, &range, ours.count)?);
        } else if ours.count > room {
            answers.push(Part { range, content: Content::Print(print(&ours)) });
        } else {
            room -= ours.count;
            answers.push(Part { range, content: Content::Ids(ids(ledger, plane, &range)?) });
        }
    }
    Ok(Message { plane, parts: answers }.encode())
}

/// The fingerprints of 16 parts of about equal size of a range that holds `count` items, more than [`SMALL`].
pub(super) fn split(ledger: &impl Ranges, plane: Plane, range: &Range, count: u64) -> Result<Vec<Part>, Fault> {
    let mut from = range.from;
    let mut parts = Vec::with_capacity(PARTS);
    for number in 1..=PARTS as u64 {
        let place = count / PARTS as u64 * number;
        let until = if number == PARTS as u64 { range.until } else { boundary(ledger, plane, range, place)? };
        let part = Range { from, until };
        parts.push(Part { range: part, content: Content::Print(print(&ledger.summary(plane, &part)?)) });
        from = until;
    }
    Ok(parts)
}

pub(super) fn print(summary: &Summary) -> Print {
    let mut print = Print::default();
    print.copy_from_slice(&summary.fingerprint()[..16]);
    print
}

fn ids(ledger: &impl Ranges, plane: Plane, range: &Range) -> Result<Vec<RecordId>, Fault> {
    let items = ledger.items(plane, range, limit::IDS)?;
    let mut ids: Vec<_> = items.iter().map(|item| item.id).collect();
    ids.sort_unstable();
    Ok(ids)
}

/// The shortest bound that has `place` items of the range before it.
fn boundary(ledger: &impl Ranges, plane: Plane, range: &Range, place: u64) -> Result<Item, Fault> {
    let before = ledger.nth(plane, range, place - 1)?.ok_or(Fault)?;
    let after = ledger.nth(plane, range, place)?.ok_or(Fault)?;
    Ok(shortest(&before, &after))
}

fn shortest(before: &Item, after: &Item) -> Item {
    let mut bound = Item { claimed_at: after.claimed_at, id: RecordId::ZERO };
    if before.claimed_at == after.claimed_at {
        let same = before.id.0.iter().zip(&after.id.0).take_while(|(one, other)| one == other).count();
        let kept = (same + 1).min(after.id.0.len());
        bound.id.0[..kept].copy_from_slice(&after.id.0[..kept]);
    }
    bound
}
