//! Answers to what peers ask: from the ledger alone, bounded in bytes and in rate.

use super::message::{FORKS, Parcel, Request, Response};
use super::{Effect, Effects, Host, Peer, Replica};
use crate::id::RecordId;
use crate::journal::{self, Hash};
use crate::ledger::{Entry, Fault, Ledger};
use crate::limit;
use crate::log::ForkClaim;
use crate::reconcile::Summary;
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
        let response = if !peer.may_ask(now, SECOND, REQUESTS_PER_SECOND) {
            Response::Busy(SECOND)
        } else {
            match request {
                Request::Pull { size, root, whole, forks } => self.pulled(size, root, whole, forks, host.ledger())?,
                Request::Fetch { ids } if ids.len() > limit::IDS => {
                    self.punish(from, out);
                    return Ok(());
                }
                Request::Fetch { ids } => fetched(&ids, host.ledger())?,
            }
        };
        out.after_sync.push(Effect::Answer { to: from, call, response });
        Ok(())
    }

    fn pulled(&mut self, from: u64, root: Hash, whole: bool, forks: Summary, ledger: &impl Ledger) -> Result<Response, Fault> {
        let size = ledger.size();
        if from > size || journal::root_at(from, |level, index| ledger.node(level, index))? != root {
            return Ok(Response::Diverged);
        }
        let forks = if forks == self.fork_summary() { Vec::new() } else { self.some_forks() };
        let until = size.min(from.saturating_add(limit::IDS as u64));
        if !whole {
            let ids = (from..until).map(|position| ledger.id(position)).collect::<Result<_, _>>()?;
            return Ok(Response::Ids { ids, size, forks });
        }
        let (mut parcels, mut bytes) = (Vec::new(), 0);
        for position in from..until {
            if bytes >= ENOUGH {
                break;
            }
            let parcel = Parcel::from(ledger.entry(position)?);
            bytes += parcel.length();
            parcels.push(parcel);
        }
        Ok(Response::Whole { parcels, size, forks })
    }

    /// What the known forks sum to.
    pub(super) fn fork_summary(&self) -> Summary {
        let claims = self.forks();
        claims.fold(Summary::default(), |sum, fork| sum.with(&fork.first.header().id()).with(&fork.second.header().id()))
    }

    /// As many proofs as fit, from a random one on, so that repeated questions bring them all.
    fn some_forks(&mut self) -> Vec<ForkClaim> {
        let start = usize::try_from(self.random(self.forks.len() as u64)).unwrap_or_default();
        let (before, after): (Vec<_>, Vec<_>) = self.forks().enumerate().partition(|(place, _)| *place < start);
        after.into_iter().chain(before).map(|(_, fork)| fork).take(FORKS).collect()
    }
}

fn fetched(ids: &[RecordId], ledger: &impl Ledger) -> Result<Response, Fault> {
    let (mut parcels, mut bytes) = (Vec::new(), 0);
    for (read, id) in ids.iter().enumerate() {
        if bytes >= ENOUGH {
            return Ok(Response::Parcels { parcels, unread: (ids.len() - read) as u64 });
        }
        if let Some(position) = ledger.find(id)? {
            let parcel = Parcel::from(ledger.entry(position)?);
            bytes += parcel.length();
            parcels.push(parcel);
        }
    }
    Ok(Response::Parcels { parcels, unread: 0 })
}

impl From<Entry> for Parcel {
    fn from(entry: Entry) -> Self {
        Self { signed: entry.signed, body: entry.body }
    }
}
