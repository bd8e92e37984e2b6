//! What a replica stands on: the ledger and what its control records say, always in step. Production and the simulator run this one.
//!
//! Acts of an organisation's roots end its logs at a record, and those of a network change who its founders are. Who forks a log contradicts himself, so nothing that he says there from the forked place on counts, whatever was admitted through it
//! before. What was admitted stays in the journal, which only grows; it *stands* while the records that count still admit it. The
//! records that stand are those that are admitted one after the other from the charter on, passing over the forked parts, so they are
//! the same on every replica that knows the same records and forks, in whatever order it learned them.

use super::{Host, Lack, Standing};
use crate::id::{NetworkId, OrganisationId, RecordId};
use crate::ledger::{Fault, Ledger, Plane};
use crate::log::{ForkProof, Linked, LogId};
use crate::reconcile::{Item, Range};
use crate::record::{Body, RecordError, Signed, Verified};
use crate::trust::admit::Inside;
use crate::trust::{AdmitError, Last, Trust, admit, erasure};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Control records of which the places are looked up at a time, at start.
const PAGE: usize = 1024;

/// Checks signatures, on as many threads as it likes: [`Signed::verify`] of each, in order, for one network.
pub trait Verify {
    /// An answer for each record.
    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>>;
}

impl<F: FnMut(Vec<Signed>) -> Vec<Result<Verified, RecordError>>> Verify for F {
    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>> {
        self(records)
    }
}

/// A ledger, and the trust that its control records add up to.
pub struct Keeper<L, V> {
    ledger: L,
    verify: V,
    trust: Arc<Trust>,
    /// Logs of which not all stands, though they are not forked there: they are looked at again when their organisation gains.
    stopped: BTreeMap<OrganisationId, BTreeSet<LogId>>,
    forked: BTreeSet<LogId>,
    changed: Vec<u64>,
}

impl<L: Ledger, V: Verify> Keeper<L, V> {
    /// Reads the control records back from the ledger, in the order of its journal, then takes in the forks, all that the ledger froze.
    /// `trust` is that of the founding charter alone.
    ///
    /// # Errors
    /// The ledger's.
    pub fn open(ledger: L, verify: V, trust: Trust, forks: &[ForkProof]) -> Result<Self, Fault> {
        let (trust, forked) = (Arc::new(trust), forks.iter().map(|fork| fork.place().0).collect());
        let mut keeper = Self { ledger, verify, trust, stopped: BTreeMap::new(), forked, changed: Vec::new() };
        keeper.count()?;
        Ok(keeper)
    }

    /// Takes in all that the ledger holds, and carries out what erasures a crash may have left undone.
    fn count(&mut self) -> Result<(), Fault> {
        let places = control_places(&self.ledger)?;
        if !self.replay(&places, true)? {
            self.replay(&places, false)?;
        }
        for log in self.forked.clone() {
            if let Some(seq) = self.ledger.frozen(&log)? {
                self.stop(log, seq)?;
            }
        }
        self.settle()?;
        self.resume(self.stopped.keys().copied().collect())?;
        let erased: Vec<RecordId> = self.trust.erasures().map(|(subject, _)| subject).collect();
        self.erase(erased)
    }

    /// Takes in these places of the journal from the charter on. Judged, a log is stopped at a record that those before it do not admit: it
    /// came while the body of one was lost. Gives whether all bodies are here; while one is not, nobody can tell what stands by it.
    fn replay(&mut self, places: &[u64], judged: bool) -> Result<bool, Fault> {
        let trust = Arc::make_mut(&mut self.trust);
        trust.begin_anew();
        self.stopped.clear();
        for position in places {
            let entry = self.ledger.entry(*position)?;
            let (header, body) = (entry.signed.header(), entry.body.as_ref().map(|body| body.bytes.as_slice()));
            if judged && body.is_none() {
                return Ok(false);
            }
            if judged && trust.is_stopped(header) {
                continue;
            }
            if judged && admit::check(entry.id, header, body, trust, Inside::Checked).is_err() {
                let log = LogId::from(header);
                trust.set_until(log, Some(header.seq));
                let whose = if log.organisation.is_zero() { entry.id.into() } else { log.organisation };
                self.stopped.entry(whose).or_default().insert(log);
                continue;
            }
            trust.replay(entry.id, header, body);
        }
        Ok(true)
    }

    /// The ledger, to read.
    pub fn ledger(&self) -> &L {
        &self.ledger
    }

    /// The ledger, to sync; appending to it here would leave trust behind.
    pub fn ledger_mut(&mut self) -> &mut L {
        &mut self.ledger
    }

    /// What is known of trust: a clone of the pointer is a snapshot, and another pointer another state.
    pub fn trust(&self) -> &Arc<Trust> {
        &self.trust
    }

    /// The places whose bodies came or went since this was last asked: durable once the ledger is synced.
    pub fn take_changed(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.changed)
    }

    /// The end of a ledger's life with this trust.
    pub fn into_ledger(self) -> L {
        self.ledger
    }

    /// Stops a forked log, and takes back what was admitted through the part that no longer counts.
    fn stop(&mut self, log: LogId, seq: u64) -> Result<(), Fault> {
        let first = self.trust.until(&log).map_or(seq, |known| known.min(seq));
        let trust = Arc::make_mut(&mut self.trust);
        trust.set_until(log, Some(first));
        let begins = self.ledger.at(&log, 0)?.map(|position| self.ledger.id(position)).transpose()?;
        if let Some(id) = begins.filter(|_| first == 0) {
            trust.withdraw(id);
        }
        if self.says_something(&log, first)? {
            let founded = begins.filter(|_| log.organisation.is_zero()).map(OrganisationId::from);
            self.recount(BTreeSet::from([founded.unwrap_or(log.organisation)]))?;
        }
        self.settle().map(drop)
    }

    /// Carries out what acts took back of what was admitted before. Gives the organisations that this touched.
    fn settle(&mut self) -> Result<BTreeSet<OrganisationId>, Fault> {
        let mut touched = BTreeSet::new();
        while !self.trust.is_settled() {
            let unsettled = Arc::make_mut(&mut self.trust).take_unsettled();
            let (mut affected, mut open) = (unsettled.organisations, BTreeSet::new());
            for (log, last) in unsettled.cut {
                let Some(first) = self.first_beyond(&log, last)? else { continue };
                let first = self.trust.until(&log).map_or(first, |known| known.min(first));
                Arc::make_mut(&mut self.trust).set_until(log, Some(first));
                self.stopped.entry(log.organisation).or_default().insert(log);
                if self.says_something(&log, first)? { &mut affected } else { &mut open }.insert(log.organisation);
            }
            touched.extend(self.recount(affected)?);
            touched.extend(self.resume(open)?);
        }
        Ok(touched)
    }

    /// The first record of a log that is not before this end.
    fn first_beyond(&self, log: &LogId, last: Option<Last>) -> Result<Option<u64>, Fault> {
        let Some(last) = last else { return Ok(self.ledger.at(log, 0)?.map(|_| 0)) };
        let is_other = |position| Ok(self.ledger.id(position)? != last.id);
        if self.ledger.at(log, last.seq)?.map(is_other).transpose()?.unwrap_or_default() {
            return Ok(Some(last.seq));
        }
        let next = last.seq.saturating_add(1);
        Ok(self.ledger.at(log, next)?.map(|_| next))
    }

    /// Whether a log holds control records from a place on.
    fn says_something(&self, log: &LogId, first: u64) -> Result<bool, Fault> {
        for seq in first.. {
            let Some(position) = self.ledger.at(log, seq)? else { break };
            if Plane::of(self.ledger.entry(position)?.signed.header().kind) == Plane::Control {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes back all that these organisations and those below them said, and then takes in again, log by log, what stands without it.
    fn recount(&mut self, organisations: BTreeSet<OrganisationId>) -> Result<BTreeSet<OrganisationId>, Fault> {
        let trust = Arc::make_mut(&mut self.trust);
        let affected = trust.reached_from(organisations);
        for each in &affected {
            let logs = trust.logs_of(*each);
            logs.iter().for_each(|log| trust.set_until(*log, Some(0)));
            self.stopped.entry(*each).or_default().extend(logs);
        }
        trust.forget(&affected);
        self.resume(affected)
    }

    /// Goes on in the stopped logs of these organisations as far as they stand now, and in those of the organisations that gain by it.
    fn resume(&mut self, organisations: BTreeSet<OrganisationId>) -> Result<BTreeSet<OrganisationId>, Fault> {
        let mut gained = organisations.clone();
        let mut open = organisations;
        while let Some(organisation) = open.pop_first() {
            for log in self.stopped.remove(&organisation).unwrap_or_default() {
                let (through, more) = self.advance(log)?;
                if !through {
                    self.stopped.entry(organisation).or_default().insert(log);
                }
                gained.extend(&more);
                open.extend(more);
            }
        }
        Ok(gained)
    }

    /// Takes in a stopped log's records while they are admitted; tells whether it came to the end or to the fork, and who gains.
    fn advance(&mut self, log: LogId) -> Result<(bool, BTreeSet<OrganisationId>), Fault> {
        let trust = Arc::make_mut(&mut self.trust);
        let (from, frozen) = (trust.until(&log).unwrap_or_default(), self.ledger.frozen(&log)?);
        let (mut gained, mut erased, mut through) = (BTreeSet::new(), Vec::new(), true);
        for seq in from..frozen.unwrap_or(u64::MAX) {
            let Some(position) = self.ledger.at(&log, seq)? else { break };
            let entry = self.ledger.entry(position)?;
            let (header, body) = (entry.signed.header(), entry.body.as_ref().map(|body| body.bytes.as_slice()));
            if admit::check(entry.id, header, body, trust, Inside::Checked).is_err() {
                trust.set_until(log, Some(seq));
                through = false;
                break;
            }
            erased.extend(erasure::erases(header.kind).then_some(header.subject));
            gained.extend(trust.replay(entry.id, header, body));
        }
        if through {
            trust.set_until(log, frozen);
        }
        self.erase(erased)?;
        Ok((through, gained))
    }

    /// Writes over the bodies of these records, as far as they are here and an erasure or a notice stands.
    fn erase(&mut self, subjects: Vec<RecordId>) -> Result<(), Fault> {
        for subject in subjects {
            let Some(position) = self.ledger.find(&subject)? else { continue };
            let signed = self.ledger.entry(position)?.signed;
            if self.trust.erased(subject, signed.header()).is_some() && self.ledger.erase_body(position)? {
                self.changed.push(position);
            }
        }
        Ok(())
    }
}

impl<L: Ledger, V: Verify> Host for Keeper<L, V> {
    type Ledger = L;

    fn network(&self) -> NetworkId {
        self.trust.network()
    }

    fn ledger(&self) -> &L {
        &self.ledger
    }

    fn append(&mut self, record: &Linked, body: Option<&Body>) -> Result<BTreeSet<OrganisationId>, Fault> {
        let erased = self.is_erased(record.record());
        let position = self.ledger.append(record, body.filter(|_| !erased))?;
        let record = record.record();
        if erased {
            self.ledger.erase_body(position)?;
        }
        if Plane::of(record.header().kind) == Plane::Content {
            return Ok(BTreeSet::new());
        }
        let mut gained = Arc::make_mut(&mut self.trust).replay(record.id(), record.header(), body.map(Body::bytes));
        if erasure::erases(record.header().kind) {
            self.erase(vec![record.header().subject])?;
        }
        gained.extend(self.settle()?);
        if self.stopped.is_empty() { Ok(gained) } else { self.resume(gained) }
    }

    fn freeze(&mut self, fork: &ForkProof) -> Result<(), Fault> {
        self.ledger.freeze(fork)?;
        let (log, seq) = fork.place();
        self.forked.insert(log);
        self.stop(log, seq)
    }

    /// A control record whose body comes back may change what every later one is worth, so all are counted again.
    fn put_bodies(&mut self, bodies: &[(u64, Body)]) -> Result<BTreeSet<OrganisationId>, Fault> {
        let mut control = false;
        for (position, body) in bodies {
            let signed = self.ledger.entry(*position)?.signed;
            if self.trust.erased(body.of(), signed.header()).is_some() {
                continue;
            }
            self.ledger.put_body(*position, body)?;
            self.changed.push(*position);
            control |= Plane::of(signed.header().kind) == Plane::Control;
        }
        if !control {
            return Ok(BTreeSet::new());
        }
        self.count()?;
        // Under zero, amendments wait for the ones before them.
        Ok(self.trust.named().into_iter().chain([OrganisationId::ZERO]).collect())
    }

    fn is_erased(&self, record: &Verified) -> bool {
        self.trust.erased(record.id(), record.header()).is_some()
    }

    fn verify(&mut self, records: Vec<Signed>) -> Vec<Result<Verified, RecordError>> {
        self.verify.verify(records)
    }

    fn standing(&mut self, record: &Linked, body: Option<&Body>) -> Standing {
        if self.trust.is_stopped(record.record().header()) {
            return Standing::Waits(Lack::Predecessor);
        }
        let control = Plane::of(record.record().header().kind) == Plane::Control;
        match admit(*record, body, &self.trust) {
            Ok(_) if control && body.is_none() => Standing::BodyMissing,
            Ok(_) => Standing::Admitted,
            Err(AdmitError::Missing(crate::trust::Missing::Body(_))) => Standing::BodyMissing,
            Err(AdmitError::Missing(missing)) => Standing::Waits(Lack::Known(missing)),
            Err(AdmitError::NoStanding(why)) => Standing::Waits(Lack::Standing(why)),
            Err(AdmitError::Ended(why)) => Standing::Waits(Lack::Ended(why)),
            Err(AdmitError::Refused(why)) => Standing::Refused(why),
        }
    }
}

/// The places of all control records, in the order of the journal.
fn control_places(ledger: &impl Ledger) -> Result<Vec<u64>, Fault> {
    let (mut places, mut range) = (Vec::new(), Range::ALL);
    loop {
        let items = ledger.items(Plane::Control, &range, PAGE)?;
        for item in items.iter().skip_while(|item| **item == range.from && **item != Item::FIRST) {
            places.push(ledger.find(&item.id)?.ok_or(Fault)?);
        }
        match items.last() {
            Some(last) if items.len() == PAGE => range.from = *last,
            _ => break,
        }
    }
    places.sort_unstable();
    Ok(places)
}
