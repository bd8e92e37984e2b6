//! Attestations that end soon, so that nobody is surprised by losing a voice.

use koinon_protocol::id::OrganisationId;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::{Attested, Trust};

/// Milliseconds before its end in which an attestation is said to end soon: a council meets once a quarter.
pub const SOON: u64 = 90 * 24 * 60 * 60 * 1000;

/// The attestation of `voucher` for `subject` that holds longest; of several the last in their order.
pub fn longest(trust: &Trust, voucher: OrganisationId, subject: OrganisationId) -> Option<Attested> {
    trust.attestations_of(subject).iter().filter(|held| held.voucher == voucher).max_by_key(|held| held.until).copied()
}

/// Whether it holds still and ends soon.
pub fn is_ending(held: &Attested, now: Millis) -> bool {
    now < held.until && held.until <= now.plus(SOON)
}

/// Those for an organisation and those that it gave which end soon without a later one, the first to end first.
pub fn ending(trust: &Trust, organisation: OrganisationId, now: Millis) -> Vec<Attested> {
    let given = trust.vouched_by(organisation).filter_map(|subject| longest(trust, organisation, subject));
    let received = trust.attestations_of(organisation).iter();
    let received = received.filter(|held| longest(trust, held.voucher, organisation) == Some(**held)).copied();
    let mut found: Vec<_> = received.chain(given).filter(|held| is_ending(held, now)).collect();
    found.sort_by_key(|held| (held.until, held.record));
    found.dedup();
    found
}
