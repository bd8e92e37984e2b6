//! What acts decided about the standing of a record.

use crate::id::{DeviceKey, OrganisationId, RecordId};
use crate::time::Millis;
use crate::trust::acts::{Act, Deed};
use crate::trust::attestation::Mandate;
use crate::trust::{Localised, Step, Trust};
use serde::Serialize;
use std::collections::BTreeSet;

/// A charter that founders amended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amended {
    /// The record of the amendment; of several that with the smallest id.
    pub record: RecordId,
    /// How many amendments came before, and this one.
    pub number: usize,
    /// The first moment at which it counts.
    pub from: Millis,
    /// The founders who signed, by the names in the charter before.
    pub by: Vec<Localised>,
}

/// That an organisation suspended its word for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suspended {
    /// The record of the suspension.
    pub record: RecordId,
    /// The first moment at which the word does not hold.
    pub from: Millis,
    /// The first moment at which it holds again; none when it never does.
    pub until: Option<Millis>,
    /// Why.
    pub ground: String,
    /// The decision behind it.
    pub mandate: Mandate,
}

/// The charter on which a path begins, where it is not the founding one.
pub(super) fn amended(path: &[Step], trust: &Trust) -> Option<Amended> {
    let number = trust.terms().iter().position(|term| path.first().is_some_and(|step| step.record == term.record))?;
    let before = &trust.terms().get(number.checked_sub(1)?)?.charter;
    let term = trust.terms().get(number)?;
    let papers = trust.acts_of(OrganisationId::ZERO).filter(|act| act.name == term.name);
    let signers: BTreeSet<_> = papers.filter_map(signers).flatten().collect();
    let by = before.founders.iter().filter(|founder| signers.contains(&founder.key)).map(|founder| founder.name.clone());
    Some(Amended { record: term.record, number, from: term.from, by: by.collect() })
}

fn signers(act: &Act) -> Option<&[DeviceKey]> {
    match &act.deed {
        Deed::Amendment(_, signers) => Some(signers),
        _ => None,
    }
}

/// The suspensions of one organisation's word for another that count, in the order of their records.
pub(super) fn suspended(voucher: OrganisationId, organisation: OrganisationId, trust: &Trust) -> Vec<Suspended> {
    let counting: BTreeSet<_> = trust.suspensions(voucher, organisation).collect();
    let acts = trust.acts_of(voucher).filter(|act| counting.contains(&act.record));
    acts.filter_map(|act| match &act.deed {
        Deed::Suspension(said) => Some(Suspended {
            record: act.record,
            from: said.from,
            until: said.until,
            ground: said.ground.clone(),
            mandate: said.mandate.clone(),
        }),
        _ => None,
    })
    .collect()
}
