//! What is shown to people and programs: what was said by those who stand in the network.

use koinon_protocol::id::OrganisationId;
use koinon_protocol::ledger::Entry;
use koinon_protocol::trust::Trust;

/// Whether `entry` of this node's journal is shown. Its author had standing for it when it was admitted, or it would not be in the journal;
/// it is hidden once it is known to rest on a forked log.
pub fn is_shown(trust: &Trust, entry: &Entry) -> bool {
    trust.stands(entry.id, entry.signed.header())
}

/// The organisation that speaks: an inception founds the one that bears its id.
pub fn author(entry: &Entry) -> OrganisationId {
    let organisation = entry.signed.header().organisation;
    if organisation.is_zero() { entry.id.into() } else { organisation }
}
