//! Bodies that records here stand without: looked for a few places at a time, asked of all peers, put back.
//!
//! A body may be lost to a damaged disk, or have come from one who did not have it. What is asked in vain is asked again when all
//! places were looked at once more, and the pause before that grows; so a body that nobody has costs next to nothing.

use super::{Effects, Host, Peer, Replica};
use crate::id::RecordId;
use crate::ledger::{Fault, Ledger};
use crate::record::{Body, Sealed, Verified};
use crate::time::Millis;
use std::collections::BTreeMap;

/// Between two steps.
const STEP: u64 = 1_000;
/// Places in a step: a megabyte of usual bodies, a millisecond; a million records in half an hour.
const PLACES: u64 = 512;
/// Before all places are looked at once more, when something lacked; a quarter longer each time.
const SOON: u64 = 10_000;
/// The longest pause, and that when nothing lacked.
const LATE: u64 = 3_600_000;
/// Bodies that are asked for at a time: a quarter of what may be wanted in all, so that records never wait for bodies.
const LACKING: usize = 4096;

#[derive(Default)]
pub(super) struct Heal {
    /// The place that is looked at next.
    next: u64,
    at: Millis,
    pause: u64,
    found: bool,
    /// A record came without its body since the last look.
    fresh: bool,
    /// The places of the records whose bodies are asked for.
    lacking: BTreeMap<RecordId, u64>,
}

impl Heal {
    /// Whether the body of this record is asked for.
    pub(super) fn lacks(&self, id: &RecordId) -> bool {
        self.lacking.contains_key(id)
    }

    /// A record came without its body: whoever has it may not be asked in vain for long.
    pub(super) fn note(&mut self) {
        self.fresh = true;
    }

    /// Somebody came who may have what others do not.
    pub(super) fn hurry(&mut self, now: Millis) {
        if self.next == 0 {
            self.at = self.at.min(now.plus(SOON));
        }
    }

    /// When to look next, if there is anybody to ask.
    pub(super) fn next(&self, peers: usize) -> Option<Millis> {
        (peers > 0).then_some(self.at)
    }

    fn step(&mut self, now: Millis, size: u64) {
        self.next += PLACES;
        self.at = now.plus(STEP);
        if self.next >= size {
            self.pause = if self.found { (self.pause + self.pause / 4).clamp(SOON, LATE) } else { LATE };
            (self.next, self.found) = (0, false);
            self.at = now.plus(self.pause);
        }
    }
}

impl Replica {
    /// Looks at the next places and asks for what lacks there.
    pub(super) fn look_for_bodies(&mut self, now: Millis, ledger: &impl Ledger) -> Result<(), Fault> {
        if std::mem::take(&mut self.heal.fresh) {
            self.heal.hurry(now);
            self.heal.pause = 0;
        }
        if self.peers.is_empty() || now < self.heal.at {
            return Ok(());
        }
        let found = ledger.lacking(self.heal.next, PLACES)?;
        self.heal.found |= !found.is_empty();
        for position in found {
            self.want_body(ledger.id(position)?, position, None);
        }
        self.heal.step(now, ledger.size());
        Ok(())
    }

    /// Asks all peers but the one who is known not to have it.
    pub(super) fn want_body(&mut self, id: RecordId, position: u64, except: Option<Peer>) {
        if self.heal.lacking.len() >= LACKING && !self.heal.lacks(&id) {
            return;
        }
        let peers = self.peers.keys().filter(|peer| Some(**peer) != except);
        let asked = peers.filter(|peer| self.fetch.want(id, **peer, None)).count();
        if asked > 0 {
            self.heal.lacking.insert(id, position);
        }
    }

    /// Nobody gives these: of records, differences are looked for again; bodies wait for the next round.
    pub(super) fn gave_up(&mut self, lost: &[RecordId]) {
        for id in lost {
            self.incomplete |= self.heal.lacking.remove(id).is_none();
        }
    }

    /// The body of this record is here.
    fn needs_no_body(&mut self, id: &RecordId) {
        if self.heal.lacking.remove(id).is_some() {
            self.fetch.settle(id);
        }
    }

    /// Puts back the bodies that came; a body of another record costs who sent it. One who has none either is passed over.
    pub(super) fn take_bodies(
        &mut self,
        source: Peer,
        came: Vec<(RecordId, Sealed)>,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let mut bodies = Vec::new();
        for (id, sealed) in came {
            let Some(&position) = self.heal.lacking.get(&id) else { continue };
            let kept = host.ledger().entry(position)?.signed;
            let record: Verified = host.verify(vec![kept]).pop().and_then(Result::ok).ok_or(Fault)?;
            match record.open(sealed) {
                Ok(body) => {
                    self.needs_no_body(&id);
                    bodies.push((position, body));
                }
                Err(_) => self.punish(source, out),
            }
        }
        if bodies.is_empty() { Ok(()) } else { self.put_back(&bodies, now, host, out) }
    }

    /// Puts back the body of a record that its author gives again: a power cut may have left it without.
    pub(super) fn given_again(
        &mut self,
        record: &Verified,
        body: &Body,
        now: Millis,
        host: &mut impl Host,
        out: &mut Effects,
    ) -> Result<(), Fault> {
        let position = host.ledger().find(&record.id())?.ok_or(Fault)?;
        if host.ledger().entry(position)?.body.is_some() {
            return Ok(());
        }
        self.needs_no_body(&record.id());
        self.put_back(&[(position, body.clone())], now, host, out)
    }

    fn put_back(&mut self, bodies: &[(u64, Body)], now: Millis, host: &mut impl Host, out: &mut Effects) -> Result<(), Fault> {
        let gained = host.put_bodies(bodies)?;
        self.incomplete |= !gained.is_empty() && std::mem::take(&mut self.overflowed);
        let freed = self.parked.quarantine(&gained);
        self.settle(freed, now, host, out)
    }
}
