//! What is said of decisions that several sign: keys, closings, suspensions, amendments.

use super::counted;

pub(crate) const KIND_ROTATION: &str = "New root keys";
pub(crate) const KIND_REVOCATION: &str = "Revocation of a key";
pub(crate) const KIND_RECOVERY: &str = "Recovery by guardians";
pub(crate) const KIND_CONFIRMATION: &str = "Confirmation of a recovery";
pub(crate) const KIND_VETO: &str = "Veto of a recovery";
pub(crate) const KIND_CLOSING: &str = "Closing of an organisation";
pub(crate) const KIND_SUSPENSION: &str = "Suspension of an attestation";
pub(crate) const KIND_AMENDMENT: &str = "Amendment of the charter";
pub(crate) const KIND_SUCCESSION: &str = "Agreement to a succession";

pub(crate) const THE_FOUNDERS: &str = "The founders of the network";
pub(crate) const ACT_STANDS: &str = "Those who decide signed it together: an act needs nobody who vouches for it.";
pub(crate) const CLOSED: &str = "This organisation is closed.";
pub(crate) const CLOSED_ADVICE: &str = "It publishes nothing more. What it published before still stands.";
pub(crate) const CLOSING_RECORD: &str = "The decision";
pub(crate) const SUCCEEDED_BY: &str = "Succeeded by";
pub(crate) const HAS_AGREED: &str = "agreed";
pub(crate) const HAS_NOT_AGREED: &str = "has not agreed yet";
pub(crate) const ASSOCIATION_AGREED: &str = "An association that is neither side agreed:";
pub(crate) const ASSOCIATION_SILENT: &str = "No association that is neither side has agreed yet.";
pub(crate) const NO_SUCCESSOR: &str = "Nobody succeeds it.";
pub(crate) const CONTESTED: &str = "Nobody can act for this organisation.";
pub(crate) const CONTESTED_ADVICE: &str =
    "Two decisions about its root keys contradict each other. Its guardians can recover it.";
pub(crate) const RECOVERING: &str = "Its guardians propose new root keys.";
pub(crate) const RECOVERING_ADVICE: &str =
    "If it has not lost its own, its roots should object: until they do, the guardians can put the proposal into effect from";
pub(crate) const RECOVERY_RECORD: &str = "The proposal";
pub(crate) const ENDING: &str = "Ends soon";
pub(crate) const ENDING_ADVICE: &str = "These attestations end within 90 days. Whoever gave one can renew it by vouching again.";
pub(crate) const SUSPENDED: &str = "suspended";
pub(crate) const REVOKED_AT: &str = "revoked; counts up to";
pub(crate) const DECISIONS: &str = "Decisions about keys";
pub(crate) const ROW_GUARDIANS: &str = "Can be recovered by";
pub(crate) const NO_GUARDIANS: &str = "Nobody";

pub(crate) const HISTORY: &str = "How the charter changed";
pub(crate) const HISTORY_ADVICE: &str = "Each change was signed by as many founders as the charter before it asks for.";
pub(crate) const FOUNDING_CHARTER: &str = "Founding charter";
pub(crate) const COUNTS_FROM: &str = "counts from";
pub(crate) const COUNTS_NOW: &str = "counts now";
pub(crate) const DECIDED_BY: &str = "Resolution";
pub(crate) const OF_DAY: &str = "of";
pub(crate) const FOUNDERS_THEN: &str = "Founders:";
pub(crate) const SIGNED_TWICE: &str = "A founder contradicted itself.";
pub(crate) const SIGNED_TWICE_ADVICE: &str = "It signed two different amendments for one place in the charter's history:";
pub(crate) const ONE_PAPER: &str = "one";
pub(crate) const OTHER_PAPER: &str = "the other";

/// Which amendment.
pub(crate) fn amendment_number(number: usize) -> String {
    format!("Amendment {number}")
}

/// How many guardians recover an organisation.
pub(crate) fn guardians(threshold: u32, guardians: usize, days: u64) -> String {
    let days = counted(days, "day", "days");
    format!("{threshold} of these {guardians}, after {days} in which its roots can object:")
}
