//! What kinds are called, control kinds among them.

use super::Kind;
use crate::trust::{
    amendment, attestation, charter, closing, device, erasure, inception, keys, notice, recovery, revocation, succession,
    suspension,
};

/// The control kinds, which stand in no table of fields.
const CONTROL: [(u16, &str); 15] = [
    (charter::KIND, "charter"),
    (inception::KIND, "inception"),
    (device::KIND, "device"),
    (attestation::KIND, "attestation"),
    (erasure::KIND, "erasure"),
    (notice::KIND, "notice"),
    (keys::ROTATION, "rotation"),
    (revocation::KIND, "revocation"),
    (recovery::RECOVERY, "recovery"),
    (recovery::CONFIRMATION, "confirmation"),
    (recovery::VETO, "veto"),
    (closing::KIND, "closing"),
    (suspension::KIND, "suspension"),
    (amendment::KIND, "amendment"),
    (succession::KIND, "succession"),
];

/// The name of a kind that is known here.
pub fn name_of(number: u16) -> Option<&'static str> {
    let control = CONTROL.iter().find(|(kind, _)| *kind == number).map(|(_, name)| *name);
    control.or_else(|| Kind::by_number(number).map(|kind| kind.name))
}

/// The number of a kind that is known here.
pub fn number_of(name: &str) -> Option<u16> {
    let control = CONTROL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind);
    control.or_else(|| Kind::by_name(name).map(|kind| kind.number))
}
