//! The acts that are known, and what they add up to.
//!
//! An act is known when its signatures hold by what it names, which never changes; whether it *counts* follows from all acts of its
//! organisation together, whatever the order in which they came, and from nothing that anybody else says.

use super::Trust;
use super::act::{Cover, Listed, Paper};
use super::admit::{AdmitError, Missing, Refused};
use super::amendment::{self, Amendment};
use super::body::BodyError;
use super::closing::{self, Closing};
use super::keys::{self, Roots, Rotation, Succeeding};
use super::recovery::{self, Confirmation, Recovery, Veto};
use super::revocation::{self, Revocation};
use super::suspension::{self, Suspension};
use crate::id::{DeviceKey, OrganisationId, RecordId};
use crate::record::Header;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// An act that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Its name.
    pub name: RecordId,
    /// The record that carries it.
    pub record: RecordId,
    /// Whose it is; zero for an amendment.
    pub organisation: OrganisationId,
    /// When the carrier says that its record was written.
    pub claimed_at: Millis,
    /// The record kind.
    pub kind: u16,
    /// What it does.
    pub deed: Deed,
}

/// What an act does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// New roots.
    Rotation(Succeeding),
    /// New roots that guardians propose.
    Recovery(Succeeding),
    /// Guardians put a recovery into effect.
    Confirmation(Confirmation),
    /// Roots object to a recovery.
    Veto(Veto),
    /// A device's log ends.
    Revocation(Revocation),
    /// The organisation ends.
    Closing(Closing),
    /// Its word for another is suspended.
    Suspension(Suspension),
    /// The charter changes, by the word of these founders.
    Amendment(Box<Amendment>, Vec<DeviceKey>),
}

impl Deed {
    fn read(kind: u16, paper: &Paper) -> Result<Option<Self>, BodyError> {
        Ok(Some(match kind {
            keys::ROTATION => Self::Rotation(paper.said::<Rotation>()?.0),
            recovery::RECOVERY => Self::Recovery(paper.said::<Recovery>()?.0),
            recovery::CONFIRMATION => Self::Confirmation(paper.said()?),
            recovery::VETO => Self::Veto(paper.said()?),
            revocation::KIND => Self::Revocation(paper.said()?),
            closing::KIND => Self::Closing(paper.said()?),
            suspension::KIND => Self::Suspension(paper.said()?),
            amendment::KIND => {
                let signers = paper.signatures.iter().map(|each| each.root).collect();
                Self::Amendment(Box::new(paper.said()?), signers)
            }
            _ => return Ok(None),
        }))
    }

    /// The key event or charter that it names.
    fn under(&self) -> Option<RecordId> {
        match self {
            Self::Rotation(said) | Self::Recovery(said) => Some(said.previous),
            Self::Revocation(said) => Some(said.under),
            Self::Closing(said) => Some(said.under),
            Self::Suspension(said) => Some(said.under),
            Self::Amendment(said, _) => Some(said.previous),
            Self::Confirmation(_) | Self::Veto(_) => None,
        }
    }

    /// The devices that it names.
    pub(super) fn devices(&self) -> Vec<DeviceKey> {
        match self {
            Self::Rotation(said) | Self::Recovery(said) => said.devices.iter().map(|listed| listed.device).collect(),
            _ => Vec::new(),
        }
    }

    /// The recovery that it is about.
    fn recovery(&self) -> Option<RecordId> {
        match self {
            Self::Confirmation(said) => Some(said.recovery),
            Self::Veto(said) => Some(said.recovery),
            _ => None,
        }
    }
}

/// Whether records of this kind are acts.
pub fn is_act(kind: u16) -> bool {
    use {recovery::CONFIRMATION, recovery::RECOVERY, recovery::VETO};
    let kinds =
        [keys::ROTATION, revocation::KIND, RECOVERY, CONFIRMATION, VETO, closing::KIND, suspension::KIND, amendment::KIND];
    kinds.contains(&kind)
}

/// Whether a record of an act is admitted; the body is the one that its header commits to.
pub(super) fn check(header: &Header, body: &[u8], trust: &Trust) -> Result<(), AdmitError> {
    let paper = Paper::read(body)?;
    let cover = Cover::of(header);
    let Some(deed) = Deed::read(header.kind, &paper)? else { return Err(Refused::Author.into()) };
    if let Deed::Amendment(said, _) = &deed {
        return check_amendment(said, &paper, &cover, trust);
    }
    let signed_by = |event: RecordId| {
        let roots = trust.roots(header.organisation, event)?;
        Ok::<_, AdmitError>(paper.check_signed(&cover, &roots.keys, roots.threshold)?)
    };
    match &deed {
        Deed::Rotation(said) => {
            let previous = trust.roots(header.organisation, said.previous)?;
            Ok(said.check_after(&previous, &paper, &cover)?)
        }
        Deed::Recovery(said) => check_guardians(&trust.roots(header.organisation, said.previous)?, &paper, &cover),
        Deed::Confirmation(said) => {
            let (proposed_at, proposal) = trust.acts.recovery(header.organisation, said.recovery)?;
            let previous = trust.roots(header.organisation, proposal.previous)?;
            check_guardians(&previous, &paper, &cover)?;
            let due = proposed_at.plus(previous.guardians.delay);
            if header.claimed_at < due { Err(Refused::TooEarly { due }.into()) } else { Ok(()) }
        }
        Deed::Veto(said) => signed_by(trust.acts.recovery(header.organisation, said.recovery)?.1.previous),
        Deed::Suspension(said) if header.subject != said.subject.into() => Err(Refused::NoSubject.into()),
        other => other.under().map_or(Ok(()), signed_by),
    }
}

fn check_guardians(previous: &Roots, paper: &Paper, cover: &Cover) -> Result<(), AdmitError> {
    let guardians = &previous.guardians;
    Ok(paper.check_signed(cover, &guardians.keys(), guardians.threshold())?)
}

fn check_amendment(said: &Amendment, paper: &Paper, cover: &Cover, trust: &Trust) -> Result<(), AdmitError> {
    let (number, from, charter) =
        trust.charter_named(said.previous).ok_or(AdmitError::Missing(Missing::Amendment(said.previous)))?;
    if said.number != number.saturating_add(1) || said.from <= from {
        return Err(BodyError::Number.into());
    }
    Ok(paper.check_signed(cover, &charter.keys(), charter.thresholds.amendment)?)
}

/// All acts that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Acts {
    by_record: BTreeMap<RecordId, Act>,
    by_organisation: BTreeSet<(OrganisationId, RecordId)>,
}

impl Acts {
    /// Reads an act that was checked, and keeps it. Gives whether it was new.
    pub(super) fn insert(&mut self, record: RecordId, header: &Header, body: &[u8]) -> bool {
        let cover = Cover::of(header);
        let Ok(paper) = Paper::read(body) else { return false };
        let Ok(Some(deed)) = Deed::read(header.kind, &paper) else { return false };
        let organisation = header.organisation;
        let act = Act { name: paper.name(&cover), record, organisation, claimed_at: header.claimed_at, kind: header.kind, deed };
        self.by_organisation.insert((organisation, record));
        self.by_record.insert(record, act).is_none()
    }

    /// Forgets an act whose carrier contradicted itself. Gives whose it was.
    pub(super) fn remove(&mut self, record: RecordId) -> Option<OrganisationId> {
        let act = self.by_record.remove(&record)?;
        self.by_organisation.remove(&(act.organisation, record));
        Some(act.organisation)
    }

    pub(super) fn get(&self, record: RecordId) -> Option<&Act> {
        self.by_record.get(&record)
    }

    /// The acts of an organisation, or with zero the amendments.
    pub(super) fn of(&self, organisation: OrganisationId) -> impl Iterator<Item = &Act> {
        let own = self.by_organisation.range((organisation, RecordId::ZERO)..);
        own.take_while(move |(other, _)| *other == organisation).filter_map(|(_, record)| self.by_record.get(record))
    }

    /// The roots that an act gives, known or proposed.
    pub(super) fn roots(&self, organisation: OrganisationId, event: RecordId) -> Option<Roots> {
        self.of(organisation).filter(|act| act.name == event).find_map(|act| match &act.deed {
            Deed::Rotation(said) | Deed::Recovery(said) => Some(said.roots()),
            _ => None,
        })
    }

    fn recovery(&self, organisation: OrganisationId, record: RecordId) -> Result<(Millis, &Succeeding), AdmitError> {
        match self.get(record) {
            Some(Act { organisation: of, claimed_at, deed: Deed::Recovery(said), .. }) if *of == organisation => {
                Ok((*claimed_at, said))
            }
            _ => Err(AdmitError::Missing(Missing::Act(record))),
        }
    }

    /// Whether what an act names is known too, back to the inception or the founding charter `first`.
    pub(super) fn is_grounded(&self, record: RecordId, first: RecordId) -> bool {
        let Some(act) = self.get(record) else { return false };
        let proposal = act.deed.recovery().map(|recovery| self.get(recovery).and_then(|act| act.deed.under()));
        let mut event = match proposal {
            Some(None) => return false,
            Some(event) => event,
            None => act.deed.under(),
        };
        while let Some(name) = event.filter(|name| *name != first) {
            let Some(before) = self.of(act.organisation).find(|act| act.name == name) else { return false };
            event = before.deed.under();
        }
        event.is_some()
    }

    /// What an organisation's acts add up to, from its inception `first` on.
    pub(super) fn resolve(&self, organisation: OrganisationId, begun: &Roots) -> Resolved {
        let mut state = Resolved { event: organisation.into(), roots: begun.clone(), ..Resolved::default() };
        state.chain.insert(state.event);
        loop {
            let rotations = self.after(organisation, state.event, |deed| match deed {
                Deed::Rotation(said) => Some(said),
                _ => None,
            });
            let recoveries = self.recoveries_after(organisation, state.event);
            let (name, said) = match (rotations.as_slice(), recoveries.as_slice()) {
                ([rotation], _) => *rotation,
                (_, [recovery]) => *recovery,
                ([], _) => break,
                (contested, _) => {
                    let lists = contested.iter().map(|(_, said)| said.devices.clone());
                    state.listed = lists.reduce(|one, other| keys::meet(&one, &other));
                    (state.event, state.contested) = (RecordId::ZERO, true);
                    break;
                }
            };
            (state.event, state.roots, state.listed) = (name, said.roots(), Some(said.devices.clone()));
            state.chain.insert(name);
            state.withdrawn.extend(&said.withdraws);
        }
        self.finish(organisation, &mut state);
        state
    }

    fn finish(&self, organisation: OrganisationId, state: &mut Resolved) {
        for act in self.of(organisation) {
            match &act.deed {
                Deed::Revocation(said) if said.under == state.event => state.revoked.push(said.clone()),
                Deed::Closing(said) if said.under == state.event => {
                    let closed =
                        Closed { record: act.record, devices: said.devices.clone(), successors: said.successors.clone() };
                    state.closed = Some(state.closed.take().map_or(closed.clone(), |other| other.and(closed)));
                }
                Deed::Suspension(said) if state.chain.contains(&said.under) && !state.withdrawn.contains(&act.name) => {
                    let until = said.until.unwrap_or(Millis(u64::MAX));
                    state.suspended.insert((said.subject, said.from, until, act.record));
                }
                _ => {}
            }
        }
    }

    /// The different decisions of one sort that follow a key event.
    fn after<'a>(
        &'a self,
        organisation: OrganisationId,
        event: RecordId,
        sort: impl Fn(&'a Deed) -> Option<&'a Succeeding>,
    ) -> Vec<(RecordId, &'a Succeeding)> {
        let mut found = BTreeMap::new();
        for act in self.of(organisation) {
            if let Some(said) = sort(&act.deed).filter(|said| said.previous == event) {
                found.insert(act.name, said);
            }
        }
        found.into_iter().collect()
    }

    /// Whether guardians put this recovery into effect.
    pub(super) fn is_confirmed(&self, recovery: &Act) -> bool {
        let confirms = |act: &Act| matches!(&act.deed, Deed::Confirmation(said) if said.recovery == recovery.record);
        self.of(recovery.organisation).any(confirms)
    }

    /// Whether roots objected to this recovery.
    pub(super) fn is_vetoed(&self, recovery: &Act) -> bool {
        let vetoes = |act: &Act| matches!(&act.deed, Deed::Veto(said) if said.recovery == recovery.record);
        self.of(recovery.organisation).any(vetoes)
    }

    /// The recoveries that follow a key event, were confirmed and not vetoed.
    fn recoveries_after(&self, organisation: OrganisationId, event: RecordId) -> Vec<(RecordId, &Succeeding)> {
        let counts = |act: &&Act| self.is_confirmed(act) && !self.is_vetoed(act);
        let mut found = BTreeMap::new();
        for act in self.of(organisation).filter(counts) {
            if let Deed::Recovery(said) = &act.deed
                && said.previous == event
            {
                found.insert(act.name, said);
            }
        }
        found.into_iter().collect()
    }
}

/// What the acts of an organisation add up to.
#[derive(Debug, Clone, Default)]
pub(super) struct Resolved {
    /// The key event whose roots act; zero when two contradict each other.
    pub event: RecordId,
    pub roots: Roots,
    /// All key events that count.
    pub chain: BTreeSet<RecordId>,
    pub contested: bool,
    /// Its devices, when a key event listed them.
    pub listed: Option<Vec<Listed>>,
    pub revoked: Vec<Revocation>,
    pub closed: Option<Closed>,
    withdrawn: BTreeSet<RecordId>,
    /// Whom it vouched for, from and until when that does not hold, and by which record.
    pub suspended: BTreeSet<(OrganisationId, Millis, Millis, RecordId)>,
}

/// That an organisation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The record that says so, of several that with the smallest id.
    pub record: RecordId,
    /// Where its logs end.
    pub devices: Vec<Listed>,
    /// Who succeeds it, by its own word.
    pub successors: Vec<OrganisationId>,
}

impl Closed {
    fn and(self, other: Self) -> Self {
        let devices = keys::meet(&self.devices, &other.devices);
        let first = if self.record <= other.record { self } else { other };
        Self { devices, ..first }
    }
}
