//! The stems of a word: *deșeurilor* is found by *deșeuri*.

use super::fold::fold;
use snowball_stemmers_rs::{Algorithm, Stemmer};

/// The languages that have a stemmer; words of the others are found as they are written.
const STEMMERS: &[(&str, Algorithm)] = &[
    ("cs", Algorithm::Czech),
    ("da", Algorithm::Danish),
    ("de", Algorithm::German),
    ("el", Algorithm::Greek),
    ("en", Algorithm::English),
    ("es", Algorithm::Spanish),
    ("et", Algorithm::Estonian),
    ("fi", Algorithm::Finnish),
    ("fr", Algorithm::French),
    ("ga", Algorithm::Irish),
    ("hu", Algorithm::Hungarian),
    ("it", Algorithm::Italian),
    ("lt", Algorithm::Lithuanian),
    ("nl", Algorithm::Dutch),
    ("no", Algorithm::Norwegian),
    ("pl", Algorithm::Polish),
    ("pt", Algorithm::Portuguese),
    ("ro", Algorithm::Romanian),
    ("sv", Algorithm::Swedish),
    ("uk", Algorithm::Ukrainian),
];

/// The folded stems of a lower-case word: in `language`, or in every language when it is not known.
///
/// A word is stemmed as written and again without its marks, since people leave marks out when they search.
pub(super) fn stems(word: &str, language: Option<&str>) -> Vec<String> {
    let plain = fold(word);
    let code = language.map(primary);
    let mut found: Vec<String> = STEMMERS
        .iter()
        .filter(|(of, _)| code.as_deref().is_none_or(|code| code == *of))
        .map(|&(_, algorithm)| Stemmer::create(algorithm))
        .flat_map(|stemmer| [fold(&stemmer.stem(word)), fold(&stemmer.stem(&plain))])
        .filter(|stem| !stem.is_empty())
        .collect();
    found.push(plain);
    found.sort_unstable();
    found.dedup();
    found
}

fn primary(language: &str) -> String {
    language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for (language, one, other) in [
            ("ro", "deșeurilor", "deseuri"),
            ("en", "sharing", "shared"),
            ("de", "gemeinden", "gemeinde"),
            ("pl", "odpadami", "odpadach"),
        ] {
            let (one, other) = (stems(one, Some(language)), stems(other, Some(language)));
            assert!(one.iter().any(|stem| other.contains(stem)), "{language}: {one:?} {other:?}");
        }
    }

    #[test]
    fn a_language_without_a_stemmer_still_has_its_words() {
        assert_eq!(stems("отпадъци", Some("bg")), ["отпадъци"]);
    }
}
