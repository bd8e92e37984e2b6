//! What is shown to people and programs: what is said by those who stand in the network.

use koinon_protocol::id::OrganisationId;
use koinon_protocol::ledger::Entry;
use koinon_protocol::record::Header;
use koinon_protocol::trust::{Right, Trust, attestation, charter, device, inception};

/// Whether `entry` is shown: its author had, at the time that it claims, the standing for which such a record is admitted.
///
/// What a journal holds was admitted when it came; this asks again, because standing is recomputed whenever more becomes known.
pub fn is_shown(trust: &Trust, entry: &Entry) -> bool {
    let header = entry.signed.header();
    let author = author(entry);
    match header.kind {
        charter::KIND => false,
        // Nobody can vouch for an organisation that has not begun, so these may be older than the standing.
        inception::KIND | device::KIND => trust.standing_since(author, header.claimed_at).is_ok(),
        attestation::KIND => trust.standing(author, Right::Vouch, header.claimed_at).is_ok(),
        _ => trust.standing(author, Right::Publish, header.claimed_at).is_ok(),
    }
}

/// The organisation that speaks: an inception founds the one that bears its id.
pub fn author(entry: &Entry) -> OrganisationId {
    let Header { organisation, .. } = entry.signed.header();
    if organisation.is_zero() { entry.id.into() } else { *organisation }
}
