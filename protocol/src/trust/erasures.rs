//! Which bodies are to go: what authors erased of their own, and what moderating organisations gave notice of.

use super::erasure::{self, Erased};
use super::notice;
use crate::id::{DeviceKey, OrganisationId, RecordId};
use crate::limit;
use crate::record::Header;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// All that organisations erased or gave notice of, whether such records are known or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Erasures {
    /// By author, since nobody else's erasure of a record has an effect, known or not.
    own: BTreeMap<OrganisationId, Own>,
    /// By who gave notice, those of organisations that do not moderate too: a charter that is not known yet may say that they did.
    notices: BTreeMap<OrganisationId, Notices>,
    /// Of the notices that have an effect, the first for each record.
    noticed: BTreeMap<RecordId, Erased>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Own {
    of: BTreeMap<RecordId, Erased>,
    written: BTreeMap<DeviceKey, usize>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Notices {
    of: BTreeSet<(RecordId, Erased)>,
    written: BTreeMap<DeviceKey, usize>,
}

impl Erasures {
    /// Takes in an author's erasure.
    pub(super) fn erase(&mut self, record: RecordId, header: &Header) {
        let own = self.own.entry(header.organisation).or_default();
        if counts(&mut own.written, header.device) {
            let new = said(record, header);
            let first = own.of.entry(header.subject).or_insert(new);
            *first = new.min(*first);
        }
    }

    /// Takes in a notice, and whether its author moderated when it was written.
    pub(super) fn notice(&mut self, record: RecordId, header: &Header, moderates: bool) {
        let notices = self.notices.entry(header.organisation).or_default();
        if counts(&mut notices.written, header.device) {
            let new = said(record, header);
            notices.of.insert((header.subject, new));
            if moderates {
                take_effect(&mut self.noticed, header.subject, new);
            }
        }
    }

    /// Decides anew which notices have an effect.
    pub(super) fn weigh(&mut self, moderates: impl Fn(OrganisationId, Millis) -> bool) {
        self.noticed.clear();
        for (organisation, notices) in &self.notices {
            for (subject, said) in notices.of.iter().filter(|(_, said)| moderates(*organisation, said.claimed_at)) {
                take_effect(&mut self.noticed, *subject, *said);
            }
        }
    }

    /// Takes back what an organisation said; whether notices are to be weighed.
    pub(super) fn forget(&mut self, organisation: OrganisationId) -> bool {
        self.own.remove(&organisation);
        self.notices.remove(&organisation).is_some()
    }

    /// What erases a record, of several that which was written first.
    pub(super) fn of(&self, record: RecordId, header: &Header) -> Option<Erased> {
        if !erasure::is_erasable(header.kind) {
            return None;
        }
        let own = self.own.get(&header.organisation).and_then(|own| own.of.get(&record));
        own.into_iter().chain(self.noticed.get(&record)).min().copied()
    }

    /// What may erase a record that is here, with the record that it is about.
    pub(super) fn all(&self) -> impl Iterator<Item = (RecordId, Erased)> {
        let own = self.own.values().flat_map(|own| &own.of);
        own.chain(&self.noticed).map(|(subject, erased)| (*subject, *erased))
    }
}

fn said(record: RecordId, header: &Header) -> Erased {
    debug_assert!(matches!(header.kind, erasure::KIND | notice::KIND));
    Erased { claimed_at: header.claimed_at, record, organisation: header.organisation, kind: header.kind }
}

/// Whether one more of a device counts.
fn counts(written: &mut BTreeMap<DeviceKey, usize>, device: DeviceKey) -> bool {
    let written = written.entry(device).or_default();
    let counts = *written < limit::ERASURES;
    *written += usize::from(counts);
    counts
}

fn take_effect(noticed: &mut BTreeMap<RecordId, Erased>, subject: RecordId, new: Erased) {
    let first = noticed.entry(subject).or_insert(new);
    *first = new.min(*first);
}
