//! The codes that bodies use, with English labels.
//!
//! Labels in other languages belong to whoever shows them; what is signed is the code.

mod cofog;
mod local;

pub use cofog::TOPIC;
pub use local::*;

/// A closed list of codes.
#[derive(Debug, PartialEq, Eq)]
pub struct Vocabulary {
    /// The name by which [`label`] finds it; where it feeds a facet, the facet's.
    pub name: &'static str,
    /// What it is a list of, in English.
    pub title: &'static str,
    /// Each code with its label, in the order in which they are offered.
    pub terms: &'static [(&'static str, &'static str)],
}

/// Every vocabulary.
pub const VOCABULARIES: &[&Vocabulary] = &[
    &TOPIC,
    &COOPERATION,
    &OUTCOME,
    &POPULATION,
    &ORGANISATION_TYPE,
    &CONSTRAINT,
    &NEED_STATUS,
    &OFFER_TYPE,
    &STAGE,
    &METHOD,
    &REVIEWER,
];

/// The English label of a code, such as `label("outcome", "worked")`; none when the vocabulary or the code is not known here.
pub fn label(vocabulary: &str, code: &str) -> Option<&'static str> {
    VOCABULARIES.iter().find(|each| each.name == vocabulary)?.label(code)
}

/// The band of [`POPULATION`] that a number of inhabitants falls into.
pub fn population_band(inhabitants: u64) -> &'static str {
    match inhabitants {
        ..1_000 => "0-1000",
        1_000..5_000 => "1000-5000",
        5_000..20_000 => "5000-20000",
        20_000..100_000 => "20000-100000",
        100_000.. => "100000-",
    }
}

/// Whether a number is of a division or group of COFOG, or of a class in a group.
pub(super) fn is_topic(number: u64) -> bool {
    let has_group = !(number / 10).is_multiple_of(10);
    TOPIC.label(&(number / 10 * 10).to_string()).is_some() && (has_group || number.is_multiple_of(10))
}

/// The codes of [`TOPIC`] that a number belongs to: its division, and its group if it has one.
pub(super) fn topics_of(number: u64) -> Vec<String> {
    let (division, group) = (number / 100 * 100, number / 10 * 10);
    if division == group { vec![division.to_string()] } else { vec![division.to_string(), group.to_string()] }
}

impl Vocabulary {
    /// The English label of a code.
    pub fn label(&self, code: &str) -> Option<&'static str> {
        self.terms.iter().find(|term| term.0 == code).map(|term| term.1)
    }

    /// The codes, in the order in which they are offered.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> {
        self.terms.iter().map(|term| term.0)
    }

    /// The code that was probably meant: the one that is least far from `text`, or whose label is, unless all are far.
    pub fn nearest(&self, text: &str) -> Option<&'static str> {
        let text: String = text.chars().take(LONGEST).collect::<String>().to_lowercase().replace([' ', '-'], "_");
        let far = |term: &str| distance(&text, &term.to_lowercase().replace([' ', '-'], "_"));
        let (distance, code) = self.terms.iter().map(|term| (far(term.0).min(far(term.1)), term.0)).min()?;
        (distance * 2 <= text.chars().count().max(2)).then_some(code)
    }

    pub(super) fn described(&self) -> String {
        format!("one of {}", self.codes().collect::<Vec<_>>().join(", "))
    }

    pub(super) fn expected(&self) -> String {
        format!("should be {}", self.described())
    }
}

/// Characters of a wrong code that are compared; the longest label has fewer.
const LONGEST: usize = 100;

/// How many characters must be changed, added or left out (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.chars().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_a_label_and_a_wrong_one_is_guessed() {
        assert_eq!(label("topic", "510"), Some("Waste management"));
        assert_eq!(label("outcome", "did_not_work"), Some("It did not work"));
        assert_eq!(label("outcome", "510"), None);
        assert_eq!(COOPERATION.nearest("Joint-Company"), Some("joint_company"));
        assert_eq!(COOPERATION.nearest("contracts"), Some("contract"));
        assert_eq!(OUTCOME.nearest("worked partly"), None);
        assert_eq!(OUTCOME.nearest("it worked"), Some("worked"));
        assert_eq!(OUTCOME.nearest(""), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn a_topic_is_of_a_known_group() {
        for (number, expected) in [
            (510, true),
            (511, true),
            (500, true),
            (505, false),
            (100, true),
            (1099, true),
            (590, false),
            (0, false),
            (5, false),
            (1200, false),
        ] {
            assert_eq!(is_topic(number), expected, "{number}");
        }
        assert_eq!(topics_of(511), ["500", "510"]);
        assert_eq!(topics_of(500), ["500"]);
    }

    #[test]
    fn every_population_has_a_band_with_a_label() {
        for number in [0, 999, 1_000, 4_999, 5_000, 19_999, 20_000, 99_999, 100_000, u64::MAX] {
            assert!(POPULATION.label(population_band(number)).is_some());
        }
    }

    #[test]
    fn no_vocabulary_and_no_code_comes_twice() {
        for (i, one) in VOCABULARIES.iter().enumerate() {
            assert!(VOCABULARIES[i + 1..].iter().all(|other| other.name != one.name));
            let mut codes: Vec<_> = one.codes().collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), one.terms.len(), "{}", one.name);
            assert!(one.terms.iter().all(|term| term.1.chars().count() < LONGEST));
        }
    }
}
