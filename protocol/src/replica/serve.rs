//! Answers to what peers ask: from the ledger alone, bounded in bytes and in rate.

use super::message::{Carried, FORKS, Parcel, Request, Response};
use super::{Effect, Effects, Host, Peer, Replica};
use crate::id::RecordId;
use crate::journal::{self, Frontier, Hash};
use crate::ledger::{Entry, Fault, Ledger, Plane};
use crate::limit;
use crate::log::ForkClaim;
use crate::reconcile::{Item, Range, RespondError, Summary, respond};
use crate::time::Millis;

/// Requests of one peer that are answered in a second.
const REQUESTS_PER_SECOND: u32 = 100;
/// Bytes of records after which a response is closed: one more record of the greatest size and the rest still fit.
const ENOUGH: usize = 896 * 1024;
/// A second.
const SECOND: u64 = 1000;

impl Replica {
    pub(super) fn serve(
        &mut self,
        from: Peer,
        call: u64,
        request: Request,
        now: Millis,
        host: &impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let Some(peer) = self.peers.get_mut(&from) else { return Ok(()) };
        // A journal only grows for whoever reads it, so that its end is told when it is durable; records by name rest on nothing.
        let by_name = matches!(request, Request::Fetch { .. });
        let response = if peer.may_ask(now, SECOND, REQUESTS_PER_SECOND) {
            self.response(request, host.ledger())?
        } else {
            Some(Response::Busy(SECOND))
        };
        match response {
            Some(response) => {
                let answers = if by_name { &mut out.after_own } else { &mut out.after_sync };
                answers.push(Effect::Answer { to: from, call, response });
            }
            None => self.punish(from, out),
        }
        Ok(())
    }

    /// None when the request is one that no honest replica sends.
    fn response(&mut self, request: Request, ledger: &impl Ledger) -> Result<Option<Response>, Fault> {
        Ok(Some(match request {
            Request::Pull { size, root, whole, forks } => self.pulled(size, root, whole, forks, ledger)?,
            Request::Fetch { ids } if ids.len() > limit::IDS => return Ok(None),
            Request::Fetch { ids } => {
                let places = ids.iter().map(|id| ledger.find(id)).collect::<Result<Vec<_>, _>>()?;
                fetched(&places, ledger)?
            }
            Request::FetchAt { bits, .. } if bits.len() > limit::IDS / 8 => return Ok(None),
            Request::FetchAt { from, bits } => fetched(&places(from, &bits, ledger.size()), ledger)?,
            Request::Survey => surveyed(ledger)?,
            Request::Reconcile(message) => match respond(&message, ledger) {
                Ok(answer) => Response::Reconcile(answer),
                Err(RespondError::Ledger(fault)) => return Err(fault),
                Err(_) => return Ok(None),
            },
            Request::Control { after } => control_after(after, ledger)?,
        }))
    }

    fn pulled(&mut self, from: u64, root: Hash, whole: bool, forks: Summary, ledger: &impl Ledger) -> Result<Response, Fault> {
        let size = ledger.size();
        if from > size || journal::root_at(from, |level, index| ledger.node(level, index))? != root {
            return Ok(Response::Diverged);
        }
        let forks = if forks == self.fork_sum { Vec::new() } else { self.some_forks() };
        let until = size.min(from.saturating_add(limit::IDS as u64));
        if !whole {
            let ids = (from..until).map(|position| ledger.id(position)).collect::<Result<_, _>>()?;
            return Ok(Response::Ids { ids, size, forks });
        }
        let (mut records, mut bytes) = (Vec::new(), 0);
        for position in from..until {
            if bytes >= ENOUGH {
                break;
            }
            let entry = ledger.entry(position)?;
            records.push(match Plane::of(entry.signed.header().kind) {
                Plane::Control => Carried::Named(entry.id),
                Plane::Content => Carried::Whole(Parcel::from(entry)),
            });
            bytes += records.last().map_or(0, Carried::length);
        }
        Ok(Response::Whole { records, size, forks })
    }

    /// As many proofs as fit, from a random one on, so that repeated questions bring them all.
    fn some_forks(&mut self) -> Vec<ForkClaim> {
        let start = usize::try_from(self.random(self.forks.len() as u64)).unwrap_or_default();
        let (before, after): (Vec<_>, Vec<_>) = self.forks().enumerate().partition(|(place, _)| *place < start);
        after.into_iter().chain(before).map(|(_, fork)| fork).take(FORKS).collect()
    }
}

/// What a survey needs, from the nodes at the right edge of the tree and the two sums.
fn surveyed(ledger: &impl Ledger) -> Result<Response, Fault> {
    let frontier = Frontier::at(ledger.size(), |level, index| ledger.node(level, index))?.encode();
    let print = |plane| Ok(ledger.summary(plane, &Range::ALL)?.fingerprint());
    Ok(Response::Survey { frontier, control: print(Plane::Control)?, content: print(Plane::Content)? })
}

fn control_after(after: Item, ledger: &impl Ledger) -> Result<Response, Fault> {
    let range = Range { from: after, until: Item::LAST };
    let items = ledger.items(Plane::Control, &range, limit::IDS)?;
    let (mut parcels, mut bytes) = (Vec::new(), 0);
    for item in items.iter().filter(|item| **item > after) {
        if bytes >= ENOUGH {
            return Ok(Response::Control { parcels, more: true });
        }
        let position = ledger.find(&item.id)?.ok_or(Fault)?;
        let parcel = Parcel::from(ledger.entry(position)?);
        bytes += parcel.length();
        parcels.push(parcel);
    }
    Ok(Response::Control { parcels, more: items.len() == limit::IDS })
}

/// The places whose bit is set; none for those that the journal does not have.
fn places(from: u64, bits: &[u8], size: u64) -> Vec<Option<u64>> {
    let offsets = (0_u64..)
        .zip(bits)
        .flat_map(|(byte, bits)| (0..8).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| byte * 8 + bit));
    offsets.map(|offset| from.checked_add(offset).filter(|place| *place < size)).collect()
}

fn fetched(places: &[Option<u64>], ledger: &impl Ledger) -> Result<Response, Fault> {
    let (mut parcels, mut bytes) = (Vec::new(), 0);
    for (read, place) in places.iter().enumerate() {
        if bytes >= ENOUGH {
            return Ok(Response::Parcels { parcels, unread: (places.len() - read) as u64 });
        }
        if let Some(position) = place {
            let parcel = Parcel::from(ledger.entry(*position)?);
            bytes += parcel.length();
            parcels.push(parcel);
        }
    }
    Ok(Response::Parcels { parcels, unread: 0 })
}

impl Carried {
    pub(super) fn id(&self) -> RecordId {
        match self {
            Self::Named(id) => *id,
            Self::Whole(parcel) => parcel.signed.header().id(),
        }
    }

    fn length(&self) -> usize {
        4 + match self {
            Self::Named(id) => id.as_bytes().len(),
            Self::Whole(parcel) => parcel.length(),
        }
    }
}

impl From<Entry> for Parcel {
    fn from(entry: Entry) -> Self {
        Self { signed: entry.signed, body: entry.body }
    }
}
