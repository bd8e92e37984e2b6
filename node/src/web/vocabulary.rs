//! Codes as people read them.

use super::words;
use koinon_protocol::kind::Kind;
use koinon_protocol::record::Header;
use koinon_protocol::trust::{attestation, charter, device, inception};

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
        _ => Kind::by_number(number).map_or_else(|| words::kind_unknown(number), |kind| code(kind.name)),
    }
}

/// The division of COFOG that a topic of division × 100 + group × 10 + class is in, with its code.
pub(crate) fn topic(topic: u64) -> String {
    let (division, group) = (topic / 100, topic / 10 % 10);
    let name = usize::try_from(division).ok().and_then(|division| words::COFOG.get(division.checked_sub(1)?));
    match (name, group) {
        (Some(name), 0) => (*name).to_owned(),
        (Some(name), _) => format!("{name} ({division:02}.{group})"),
        (None, _) => topic.to_string(),
    }
}

/// The country of a NUTS or LAU code, by its first two letters.
pub(crate) fn country_of_place(place: &str) -> Option<&str> {
    place.get(..2).filter(|code| code.bytes().all(|byte| byte.is_ascii_uppercase())).map(words::country)
}

/// The territory of a header, as text.
pub(crate) fn territory(header: &Header) -> String {
    header.territory.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
}
