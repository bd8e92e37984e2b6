//! Codes as people read them.

use super::words;
use koinon_protocol::kind::{Kind, Shape, label};
use koinon_protocol::record::Header;
use koinon_protocol::trust::{amendment, attestation, charter, closing, device, erasure, inception};
use koinon_protocol::trust::{keys, notice, recovery, revocation, succession, suspension};

/// A code of a vocabulary in words: `shared_service_centre` is "Shared service centre".
pub(crate) fn code(code: &str) -> String {
    let text = super::text::clean(code).replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What a record of this kind is called.
pub(crate) fn kind(number: u16) -> String {
    match number {
        charter::KIND => words::KIND_CHARTER.to_owned(),
        inception::KIND => words::KIND_INCEPTION.to_owned(),
        device::KIND => words::KIND_DEVICE.to_owned(),
        attestation::KIND => words::KIND_ATTESTATION.to_owned(),
        erasure::KIND => words::KIND_ERASURE.to_owned(),
        notice::KIND => words::KIND_NOTICE.to_owned(),
        keys::ROTATION => words::KIND_ROTATION.to_owned(),
        revocation::KIND => words::KIND_REVOCATION.to_owned(),
        recovery::RECOVERY => words::KIND_RECOVERY.to_owned(),
        recovery::CONFIRMATION => words::KIND_CONFIRMATION.to_owned(),
        recovery::VETO => words::KIND_VETO.to_owned(),
        closing::KIND => words::KIND_CLOSING.to_owned(),
        suspension::KIND => words::KIND_SUSPENSION.to_owned(),
        amendment::KIND => words::KIND_AMENDMENT.to_owned(),
        succession::KIND => words::KIND_SUCCESSION.to_owned(),
        _ => Kind::by_number(number).map_or_else(|| words::kind_unknown(number), |kind| code(kind.name)),
    }
}

/// A code of a field of a kind, in the words of the field's vocabulary.
pub(crate) fn code_of(kind: u16, field: &str, code: &str) -> String {
    let shape =
        Kind::by_number(kind).and_then(|kind| kind.fields.iter().find(|each| each.name == field)).map(|field| field.shape);
    match shape {
        Some(Shape::Code(vocabulary)) => vocabulary.label(code).map_or_else(|| self::code(code), str::to_owned),
        _ => self::code(code),
    }
}

/// A topic, which is a division, a group or a class of COFOG, by the name of its group.
pub(crate) fn topic(number: u64) -> String {
    let code = (number / 10 * 10).to_string();
    label("topic", &code).map_or_else(|| number.to_string(), str::to_owned)
}

/// The country of a NUTS or LAU code, by its first two letters.
pub(crate) fn country_of_place(place: &str) -> Option<&str> {
    place.get(..2).filter(|code| code.bytes().all(|byte| byte.is_ascii_uppercase())).map(words::country)
}

/// The territory of a header, as text.
pub(crate) fn territory(header: &Header) -> String {
    header.territory.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
}
