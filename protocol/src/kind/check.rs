//! Whether a body is of its kind's form.

use super::{Field, Kind, Shape, Vocabulary, vocabulary};
use crate::json::{Document, Place, Step};
use crate::{id::RecordId, time::Date};
use serde_json::{Map, Value};

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at {}: {should}", if place.is_empty() { "the top" } else { place })]
pub struct Problem {
    /// A JSON pointer (RFC 6901); empty for the body as a whole.
    pub place: String,
    /// What is wrong and what would be right.
    pub should: String,
}

impl Kind {
    /// Checks a body against the field list.
    ///
    /// # Errors
    /// Every problem, in the order of the list.
    pub fn check(&self, body: &Document) -> Result<(), Vec<Problem>> {
        let mut found = Vec::new();
        check_fields(self.fields, body.fields(), Place::TOP, &mut found);
        if found.is_empty() { Ok(()) } else { Err(found) }
    }
}

fn check_fields(fields: &[Field], object: &Map<String, Value>, at: Place<'_>, found: &mut Vec<Problem>) {
    for field in fields {
        let place = at.below(Step::Name(field.name));
        match object.get(field.name) {
            Some(value) => check_value(&field.shape, value, place, found),
            None if field.required => {
                found.push(Problem { place: place.pointer(), should: format!("is required: {}", field.label) });
            }
            None => {}
        }
    }
}

fn check_value(shape: &Shape, value: &Value, place: Place<'_>, found: &mut Vec<Problem>) {
    match (shape, value) {
        (Shape::Group(fields), Value::Object(object)) => check_fields(fields, object, place, found),
        (Shape::List(item, most), Value::Array(items)) if (1..=*most).contains(&items.len()) => {
            for (index, value) in items.iter().enumerate() {
                check_value(item, value, place.below(Step::Index(index)), found);
            }
        }
        (Shape::Localised(most), Value::Object(texts)) if !texts.is_empty() => check_texts(texts, *most, place, found),
        _ => found.extend(wrong(shape, value).map(|should| Problem { place: place.pointer(), should })),
    }
}

fn check_texts(texts: &Map<String, Value>, most: usize, at: Place<'_>, found: &mut Vec<Problem>) {
    for (tag, text) in texts {
        let should = if is_language(tag) { wrong(&Shape::Text(most), text) } else { Some(Shape::Language.expected()) };
        found.extend(should.map(|should| Problem { place: at.below(Step::Name(tag)).pointer(), should }));
    }
}

/// What is wrong with a value that has no parts.
fn wrong(shape: &Shape, value: &Value) -> Option<String> {
    match (shape, value) {
        (Shape::Text(_), Value::String(text)) if text.trim().is_empty() => Some(format!("is empty; it {}", shape.expected())),
        (Shape::Text(most), Value::String(text)) if text.chars().count() > *most => {
            Some(format!("has {} characters; it {}", text.chars().count(), shape.expected()))
        }
        (Shape::Code(codes), Value::String(text)) => unknown_code(codes, text),
        (Shape::List(_, most), Value::Array(items)) if items.len() > *most => {
            Some(format!("has {} entries; it {}", items.len(), shape.expected()))
        }
        _ if fits(shape, value) => None,
        _ => Some(shape.expected()),
    }
}

fn unknown_code(codes: &Vocabulary, text: &str) -> Option<String> {
    if codes.label(text).is_some() {
        return None;
    }
    let expected = codes.expected();
    Some(codes.nearest(text).map_or_else(|| expected.clone(), |code| format!("is not known; was {code} meant? It {expected}")))
}

fn fits(shape: &Shape, value: &Value) -> bool {
    match (shape, value) {
        (Shape::Text(_), Value::String(_)) | (Shape::Bool, Value::Bool(_)) => true,
        (Shape::Integer(least, most), number) => number.as_i64().is_some_and(|n| (*least..=*most).contains(&n)),
        (Shape::Year, number) => number.as_i64().is_some_and(|n| YEARS.contains(&n)),
        (Shape::Topic, number) => number.as_u64().is_some_and(vocabulary::is_topic),
        (Shape::Decimal(digits), Value::String(text)) => is_decimal(text, *digits),
        (Shape::Date, Value::String(text)) => Date::read(text).is_some(),
        (Shape::Language, Value::String(text)) => is_language(text),
        (Shape::Country, Value::String(text)) => is_capitals(text, 2),
        (Shape::Currency, Value::String(text)) => is_capitals(text, 3),
        (Shape::Territory, Value::String(text)) => is_territory(text),
        (Shape::Email, Value::String(text)) => is_email(text),
        (Shape::Url, Value::String(text)) => is_url(text),
        (Shape::Reference, Value::String(text)) => text.parse::<RecordId>().is_ok(),
        (Shape::Pointer, Value::String(text)) => text.starts_with('/') && text.chars().count() <= POINTER,
        _ => false,
    }
}

impl Shape {
    /// Whether a value that has no parts is of this shape.
    pub(super) fn accepts(&self, value: &Value) -> bool {
        wrong(self, value).is_none()
    }

    /// What would be right, as the end of a sentence about the field.
    pub(super) fn expected(&self) -> String {
        format!("should be {}", self.described())
    }

    /// What a value of this shape is, in English.
    pub(super) fn described(&self) -> String {
        match self {
            Self::Localised(most) => format!("text by language, {{\"ro\": \"…\"}}, of 1 to {most} characters each"),
            Self::Text(most) => format!("text of 1 to {most} characters"),
            Self::Integer(least, most) => format!("an integer from {least} to {most}"),
            Self::Decimal(digits) => format!("a decimal number written as text, such as \"12.5\", of at most {digits} digits"),
            Self::Year => format!("a year from {} to {}", YEARS.start(), YEARS.end()),
            Self::Bool => "true or false".to_owned(),
            Self::Date => "a day, YYYY-MM-DD".to_owned(),
            Self::Language => {
                "a language tag: two or three lower-case letters, such as ro, or with script and region, sr-Latn".to_owned()
            }
            Self::Country => "a country code of two capital letters, such as RO".to_owned(),
            Self::Currency => "a currency code of three capital letters, such as EUR".to_owned(),
            Self::Territory => "a NUTS or LAU code of 2 to 12 capital letters and digits, such as RO113".to_owned(),
            Self::Topic => "a COFOG number, division × 100 + group × 10, such as 510 for waste management".to_owned(),
            Self::Email => format!("an e-mail address of at most {EMAIL} characters, such as office@town.example"),
            Self::Url => format!("an address that begins with https:// or http://, of at most {URL} characters"),
            Self::Code(codes) => codes.described(),
            Self::Reference => "a record's id, 64 hexadecimal digits".to_owned(),
            Self::Pointer => format!("a JSON pointer such as /title, of at most {POINTER} characters"),
            Self::List(_, most) => format!("a list of 1 to {most}"),
            Self::Group(_) => "an object of named fields".to_owned(),
        }
    }
}

/// The years that a body may name.
pub(super) const YEARS: std::ops::RangeInclusive<i64> = 1900..=2100;
/// Characters of an e-mail address: what RFC 5321 lets a path have, without its brackets.
pub(super) const EMAIL: usize = 254;
/// Characters of an address on the web; longer ones break in mail and in some browsers.
pub(super) const URL: usize = 2000;
/// Characters of a pointer: the deepest field of any list needs a quarter.
pub(super) const POINTER: usize = 200;
/// Characters of a language tag: the longest that BCP 47 asks everybody to support (RFC 5646, section 4.4.1).
pub(super) const TAG: usize = 35;

fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    tag.len() <= TAG
        && matches!(primary.len(), 2 | 3)
        && primary.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn is_capitals(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_territory(code: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    (2..=12).contains(&code.len()) && code.bytes().all(allowed)
}

fn is_decimal(text: &str, digits: usize) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let padded = whole.len() > 1 && whole.starts_with('0');
    all_digits(whole) && all_digits(fraction) && !padded && unsigned.bytes().filter(u8::is_ascii_digit).count() <= digits
}

/// What a typing error looks like; whether mail arrives there only mail can tell.
fn is_email(text: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && !part.contains(['@', ',', ';', '<', '>', '"']) && !part.contains(char::is_whitespace);
    let Some((name, host)) = text.split_once('@') else { return false };
    text.chars().count() <= EMAIL
        && plain(name)
        && plain(host)
        && host.split('.').count() > 1
        && host.split('.').all(|label| !label.is_empty())
}

/// Only these two schemes: a page turns the address into a link.
pub(crate) fn is_url(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '<' | '>' | '\\');
    text.chars().count() <= URL
        && host.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']) && rest.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(check: impl Fn(&str) -> bool, cases: &[(&str, bool)]) {
        for (text, expected) in cases {
            assert_eq!(check(text), *expected, "{text}");
        }
    }

    #[test]
    fn the_forms_of_codes_numbers_and_addresses() {
        each(
            is_language,
            &[("ro", true), ("sr-Latn-RS", true), ("rom", true), ("RO", false), ("r", false), ("ro-", false), ("", false)],
        );
        each(is_territory, &[("RO113", true), ("0201011", true), ("ro113", false), ("R", false), ("RO 113", false)]);
        each(
            |text| is_decimal(text, 4),
            &[
                ("12.5", true),
                ("-0.5", true),
                ("1234", true),
                ("12345", false),
                ("1,5", false),
                ("01", false),
                (".5", false),
                ("5.", false),
            ],
        );
        each(
            is_email,
            &[
                ("office@town.example", true),
                ("office", false),
                ("a@b", false),
                ("a b@c.de", false),
                ("a@b@c.de", false),
                ("a@.de", false),
            ],
        );
        each(
            is_url,
            &[
                ("https://town.example/a?b", true),
                ("http://x", true),
                ("javascript:alert(1)", false),
                ("https://", false),
                ("https:///x", false),
                ("https://a b", false),
            ],
        );
    }
}
