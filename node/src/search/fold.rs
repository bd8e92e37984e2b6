//! Words as they are compared: lower case, without marks, whatever keyboard they were typed on.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The longest word that is indexed, in bytes; a longer one is cut out as no word of any language.
const LONGEST: usize = 64;

/// The words of a text, in lower case and with their marks: what a stemmer reads.
pub fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
        .filter(|word| !word.is_empty() && word.len() <= LONGEST)
        .map(str::to_lowercase)
}

/// A word without marks: *deșeuri*, *deşeuri* and *deseuri* are one.
///
/// NFKD splits letters from their marks; the letters that Unicode holds to be letters of their own are spelt out.
pub fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for letter in word.nfkd().filter(|&c| !is_combining_mark(c)) {
        for lower in letter.to_lowercase() {
            match plain(lower) {
                Some(letters) => folded.push_str(letters),
                None => folded.push(lower),
            }
        }
    }
    folded
}

fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'ł' => "l",
        'ø' => "o",
        'đ' => "d",
        'ħ' => "h",
        'ı' => "i",
        'æ' => "ae",
        'œ' => "oe",
        'ς' => "σ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_with_marks_are_found_without_them() {
        for (written, typed) in [
            ("deșeuri", "deseuri"),
            ("deşeuri", "deseuri"),
            ("Straße", "strasse"),
            ("jätehuolto", "jatehuolto"),
            ("ŁÓDŹ", "lodz"),
        ] {
            assert_eq!(fold(written), typed);
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in ".{0,80}") {
            for word in words(&text) {
                let once = fold(&word);
                prop_assert_eq!(fold(&once), once);
            }
        }
    }
}
