//! What the interface says, in English. Everything that a translator needs is here, in the files below and in
//! assets/verify/words.mjs, and nothing else.

mod country;
mod decisions;
mod headings;
mod language;
mod notes;

pub(crate) use country::country;
pub(crate) use decisions::*;
pub(crate) use headings::*;
pub(crate) use language::language;
pub(crate) use notes::*;

use crate::search::Facet;
use koinon_protocol::bundle::Undated;

/// The months.
pub(crate) const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// A number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// How many records a search found.
pub(crate) fn found(total: usize) -> String {
    match total {
        0 => "Nothing found".to_owned(),
        _ => format!("{} found", counted(total as u64, "record", "records")),
    }
}

/// What a facet is called.
pub(crate) fn facet(facet: Facet) -> &'static str {
    match facet {
        Facet::Kind => "Kind",
        Facet::Topic => "Subject",
        Facet::Territory => "Place",
        Facet::Language => "Language",
        Facet::Cooperation => "Form of cooperation",
        Facet::Outcome => "Outcome",
        Facet::Population => "Inhabitants",
    }
}

/// How many values unfold.
pub(crate) fn more(number: usize) -> String {
    format!("{number} more")
}

/// Which page this is.
pub(crate) fn page_of(page: usize, last: usize) -> String {
    format!("Page {} of {}", grouped(page as u64), grouped(last as u64))
}

/// A kind that this program does not know.
pub(crate) fn kind_unknown(number: u16) -> String {
    format!("Record of kind {number}")
}

/// The title of an attestation.
pub(crate) fn attestation_for(name: &str) -> String {
    format!("Attestation for {name}")
}

/// A place in the journal, counted from 1.
pub(crate) fn place_of(place: u64, size: u64) -> String {
    format!("{} of {} in this node's journal", grouped(place), grouped(size))
}

/// The version of a header.
pub(crate) fn version(version: u16) -> String {
    format!("format {version}")
}

/// The length of a body.
pub(crate) fn bytes(length: u32) -> String {
    counted(u64::from(length), "byte", "bytes")
}

/// That a record is made up.
pub(crate) fn illustrative(kind: &str) -> String {
    format!("Illustrative example, not a real {}.", kind.to_lowercase())
}

/// That a translation is shown.
pub(crate) fn shown_in(language: &str) -> String {
    format!("You are reading a translation into {language}.")
}

/// What an attestation allows.
pub(crate) fn scope(publish: bool, vouch: bool) -> &'static str {
    match (publish, vouch) {
        (true, true) => "May publish and vouch for others",
        (true, false) => "May publish",
        (false, true) => "May vouch for others",
        (false, false) => "Belongs to the network",
    }
}

/// How many roots act for an organisation.
pub(crate) fn roots(threshold: u32, roots: usize) -> String {
    format!("{threshold} of {}", counted(roots as u64, "root key", "root keys"))
}

/// How many founders amend the charter.
pub(crate) fn amendment(threshold: u32, founders: usize) -> String {
    format!("{threshold} of {founders} founders")
}

/// How far vouching reaches.
pub(crate) fn depth(depth: u8) -> String {
    counted(u64::from(depth), "level below the founders", "levels below the founders")
}

/// The year that prices are of.
pub(crate) fn prices_of(year: u64) -> String {
    format!("(prices of {year})")
}

/// From which place on a log is forked.
pub(crate) fn forked_from(seq: u64) -> String {
    format!(
        "It signed two different records for place {} of its log. Records of that log from there on are not to be \
            relied on until the organisation has settled it.",
        grouped(seq + 1)
    )
}

/// How many records a checkpoint covers.
pub(crate) fn covers(size: u64) -> String {
    format!("of the first {}", counted(size, "record", "records"))
}

/// How many witnesses.
pub(crate) fn witnesses(number: usize) -> String {
    counted(number as u64, "witness", "witnesses")
}

/// Why no witness proves a date.
pub(crate) fn not_witnessed(why: Undated, found: usize, quorum: usize) -> String {
    match why {
        Undated::NotIncluded | Undated::NoCheckpoint => "No checkpoint covers the record yet; the next one will.".to_owned(),
        Undated::NoWitness => "This node asks no witness to confirm it.".to_owned(),
        Undated::TooFew => format!(
            "{} of the {quorum} witnesses that it takes {} confirmed that it is here.",
            grouped(found as u64),
            if found == 1 { "has" } else { "have" }
        ),
    }
}

/// How many records a peer lacks.
pub(crate) fn records(count: u64) -> String {
    counted(count, "record", "records")
}

/// On how many nodes a text is gone.
pub(crate) fn erased_on(erased: usize, all: usize) -> String {
    format!(
        "Erased on {} of the {} that this node knows, by their signed word.",
        grouped(erased as u64),
        counted(all as u64, "node", "nodes")
    )
}

/// How many records are not yet found.
pub(crate) fn behind(records: u64) -> String {
    format!("{} still being indexed", counted(records, "record is", "records are"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_english_writes_them() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!((found(0), found(1)), ("Nothing found".into(), "1 record found".into()));
    }
}
