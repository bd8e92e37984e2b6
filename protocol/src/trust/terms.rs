//! The charters of a network in the order of time: the founding one, and the amendments that count.

use super::Trust;
use super::acts::{Act, Acts, Deed};
use super::amendment::Amendment;
use super::attestation::Mandate;
use super::charter::Charter;
use crate::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// A charter, from when on it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The first moment at which it counts.
    pub from: Millis,
    /// The record that says so; of several that with the smallest id.
    pub record: RecordId,
    /// Its name in the chain: the network's id, or that of the act.
    pub name: RecordId,
    /// What it says.
    pub charter: Charter,
    /// The decision behind it; none behind the founding one.
    pub mandate: Option<Mandate>,
    pub(super) keys: BTreeSet<DeviceKey>,
}

impl Term {
    pub(super) fn founding(network: NetworkId, charter: Charter) -> Self {
        let record = RecordId(network.0);
        Self { from: Millis(0), record, name: record, keys: charter.keys().into_iter().collect(), charter, mandate: None }
    }
}

/// A founder who signed two amendments for one place that both have enough signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignedTwice {
    /// The key.
    pub founder: DeviceKey,
    /// A record that it signed.
    pub first: RecordId,
    /// Another for the same place.
    pub second: RecordId,
}

impl Trust {
    /// The charters, in the order of time.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The charter that counts at a moment.
    pub fn term_at(&self, at: Millis) -> &Term {
        let after = self.terms.partition_point(|term| term.from <= at);
        &self.terms[after.saturating_sub(1)]
    }

    /// Whether an organisation is a founder, or was admitted among them, at a moment.
    pub fn is_founder(&self, organisation: OrganisationId, at: Millis) -> bool {
        self.organisations.get(&organisation).is_some_and(|known| self.term_at(at).keys.contains(&known.founding))
    }

    /// Founders who contradicted themselves, as far as the amendments that are known prove it.
    pub fn signed_twice(&self) -> Vec<SignedTwice> {
        let amendments = amendments(&self.acts);
        let mut found = BTreeSet::new();
        for (number, (first, one, signers)) in amendments.iter().enumerate() {
            let rivals = amendments[number + 1..].iter().filter(|(other, said, _)| is_rival((first, one), (other, said)));
            for (second, _, others) in rivals {
                let (first, second) = (first.record.min(second.record), first.record.max(second.record));
                let twice = signers.iter().filter(|signer| others.contains(signer));
                found.extend(twice.map(|founder| SignedTwice { founder: *founder, first, second }));
            }
        }
        found.into_iter().collect()
    }

    /// The number, first moment and text of a charter in the chain, whether it counts or not.
    pub(super) fn charter_named(&self, name: RecordId) -> Option<(u32, Millis, &Charter)> {
        if name == RecordId(self.network.0) {
            return Some((0, Millis(0), self.charter()));
        }
        let found = amendments(&self.acts).into_iter().find(|(act, ..)| act.name == name);
        found.map(|(_, said, _)| (said.number, said.from, &said.charter))
    }

    /// Works the chain out anew. Gives whether it changed.
    pub(super) fn settle_terms(&mut self) -> bool {
        let mut terms = vec![self.terms[0].clone()];
        while let Some(next) = terms.last().and_then(|last| next(&self.acts, last)) {
            terms.push(next);
        }
        let changed = terms != self.terms;
        self.terms = terms;
        changed
    }
}

type Amending<'a> = (&'a Act, &'a Amendment, &'a [DeviceKey]);

fn amendments(acts: &Acts) -> Vec<Amending<'_>> {
    let all = acts.of(OrganisationId::ZERO);
    all.filter_map(|act| match &act.deed {
        Deed::Amendment(said, signers) => Some((act, said.as_ref(), signers.as_slice())),
        _ => None,
    })
    .collect()
}

fn is_rival((one, said): (&Act, &Amendment), (other, other_said): (&Act, &Amendment)) -> bool {
    said.previous == other_said.previous && one.name != other.name
}

/// The amendment that follows a charter: the only one that has enough signatures without those who signed two.
fn next(acts: &Acts, last: &Term) -> Option<Term> {
    let mut signed: BTreeMap<RecordId, (RecordId, &Amendment, BTreeSet<DeviceKey>)> = BTreeMap::new();
    for (act, said, signers) in amendments(acts).into_iter().filter(|(_, said, _)| said.previous == last.name) {
        let (record, _, all) = signed.entry(act.name).or_insert((act.record, said, BTreeSet::new()));
        *record = act.record.min(*record);
        all.extend(signers);
    }
    let honest = |signer: &&DeviceKey| signed.values().filter(|(.., signers)| signers.contains(signer)).count() == 1;
    let enough =
        |signers: &BTreeSet<DeviceKey>| signers.iter().filter(honest).count() >= last.charter.thresholds.amendment as usize;
    let mut counting = signed.iter().filter(|(_, (.., signers))| enough(signers));
    match (counting.next(), counting.next()) {
        (Some((name, (record, said, _))), None) => Some(Term {
            from: said.from,
            record: *record,
            name: *name,
            keys: said.charter.keys().into_iter().collect(),
            charter: said.charter.clone(),
            mandate: Some(said.mandate.clone()),
        }),
        _ => None,
    }
}
