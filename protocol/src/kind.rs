//! The content kinds: declarative field lists, and the check that follows from them.
//!
//! An unknown field is kept, and so is a record of an unknown kind: only what a list names is checked.

mod adoption;
mod need;
mod offer;
mod organisation;
mod practice;
mod review;
mod translation;

use crate::{id::RecordId, json::Document};
use serde_json::{Map, Value};

/// Every content kind whose fields are known here.
pub const KINDS: &[&Kind] =
    &[&organisation::KIND, &practice::KIND, &need::KIND, &offer::KIND, &adoption::KIND, &translation::KIND, &review::KIND];

/// A content kind.
#[derive(Debug)]
pub struct Kind {
    /// The number in a header.
    pub number: u16,
    /// The name in commands and addresses.
    pub name: &'static str,
    /// What its records are, in English.
    pub summary: &'static str,
    /// What a body of it may say.
    pub fields: &'static [Field],
    /// An illustrative body that passes the check.
    pub example: &'static str,
}

/// One field of a body.
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What is asked, in English.
    pub label: &'static str,
    /// Whether a body without it is refused.
    pub required: bool,
    /// What its value is.
    pub shape: Shape,
}

/// What a value is.
#[derive(Debug)]
pub enum Shape {
    /// Text by language tag, at least one, each of at most so many characters.
    Localised(usize),
    /// Text of at most so many characters.
    Text(usize),
    /// An integer within the bounds, both included.
    Integer(i64, i64),
    /// A day, YYYY-MM-DD.
    Date,
    /// Two or three lower-case letters: ISO 639.
    Language,
    /// Two capital letters: ISO 3166-1 alpha-2.
    Country,
    /// One of the codes.
    Code(&'static [&'static str]),
    /// The id of a record.
    Reference,
    /// One to so many values.
    List(&'static Shape, usize),
    /// Fields inside a field.
    Group(&'static [Field]),
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at {place}: {should}")]
pub struct Problem {
    /// A JSON pointer (RFC 6901).
    pub place: String,
    /// What would be right.
    pub should: String,
}

impl Kind {
    /// The kind with this number; none when it is not known here.
    pub fn by_number(number: u16) -> Option<&'static Self> {
        KINDS.iter().copied().find(|kind| kind.number == number)
    }

    /// The kind with this name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        KINDS.iter().copied().find(|kind| kind.name == name)
    }

    /// Checks a body against the field list.
    ///
    /// # Errors
    /// Every problem, in the order of the list.
    pub fn check(&self, body: &Document) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        check_fields(self.fields, body.fields(), "", &mut problems);
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

const fn required(name: &'static str, label: &'static str, shape: Shape) -> Field {
    Field { name, label, required: true, shape }
}

const fn optional(name: &'static str, label: &'static str, shape: Shape) -> Field {
    Field { name, label, required: false, shape }
}

/// NUTS or LAU code; the vintage is the year of the classification.
const PLACE: Shape = Shape::Group(&[
    required("code", "NUTS or LAU code", Shape::Text(12)),
    required("vintage", "Year of the classification", Shape::Integer(1990, 2100)),
    optional("name", "Name", Shape::Text(200)),
]);

/// COFOG as division × 100 + group × 10 + class.
const TOPIC: Shape = Shape::Integer(100, 1099);

fn check_fields(fields: &[Field], object: &Map<String, Value>, at: &str, problems: &mut Vec<Problem>) {
    for field in fields {
        let place = format!("{at}/{}", field.name);
        match object.get(field.name) {
            Some(value) => check_value(&field.shape, value, place, problems),
            None if field.required => problems.push(Problem { place, should: format!("is required: {}", field.label) }),
            None => {}
        }
    }
}

fn check_value(shape: &Shape, value: &Value, place: String, problems: &mut Vec<Problem>) {
    match (shape, value) {
        (Shape::Group(fields), Value::Object(object)) => check_fields(fields, object, &place, problems),
        (Shape::List(item, max), Value::Array(items)) if (1..=*max).contains(&items.len()) => {
            for (index, value) in items.iter().enumerate() {
                check_value(item, value, format!("{place}/{index}"), problems);
            }
        }
        _ if fits(shape, value) => {}
        _ => problems.push(Problem { place, should: shape.expected() }),
    }
}

fn fits(shape: &Shape, value: &Value) -> bool {
    match (shape, value) {
        (Shape::Localised(max), Value::Object(texts)) => {
            !texts.is_empty() && texts.iter().all(|(tag, text)| is_language(tag) && is_text(text, *max))
        }
        (Shape::Text(max), text) => is_text(text, *max),
        (Shape::Integer(least, most), number) => number.as_i64().is_some_and(|n| (*least..=*most).contains(&n)),
        (Shape::Date, Value::String(text)) => is_date(text),
        (Shape::Language, Value::String(text)) => is_language(text),
        (Shape::Country, Value::String(text)) => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        (Shape::Code(codes), Value::String(text)) => codes.contains(&text.as_str()),
        (Shape::Reference, Value::String(text)) => text.parse::<RecordId>().is_ok(),
        _ => false,
    }
}

impl Shape {
    fn expected(&self) -> String {
        match self {
            Self::Localised(max) => format!("should be text by language, {{\"ro\": \"…\"}}, of 1 to {max} characters each"),
            Self::Text(max) => format!("should be text of 1 to {max} characters"),
            Self::Integer(least, most) => format!("should be an integer from {least} to {most}"),
            Self::Date => "should be a day, YYYY-MM-DD".to_owned(),
            Self::Language => "should be a language code of two or three lower-case letters, such as ro".to_owned(),
            Self::Country => "should be a country code of two capital letters, such as RO".to_owned(),
            Self::Code(codes) => format!("should be one of {}", codes.join(", ")),
            Self::Reference => "should be a record's id, 64 hexadecimal digits".to_owned(),
            Self::List(_, max) => format!("should be a list of 1 to {max}"),
            Self::Group(_) => "should be an object of named fields".to_owned(),
        }
    }
}

fn is_text(value: &Value, max: usize) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty() && text.chars().count() <= max)
}

fn is_language(tag: &str) -> bool {
    matches!(tag.len(), 2 | 3) && tag.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let form = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
    form && (1..=days(number(0..4), number(5..7))).contains(&number(8..10))
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: &Kind, body: &Value) -> Vec<Problem> {
        let document = Document::parse(body.to_string().as_bytes()).unwrap();
        kind.check(&document).err().unwrap_or_default()
    }

    #[test]
    fn every_example_passes_and_each_missing_or_wrong_field_is_named() {
        for kind in KINDS {
            let example: Value = serde_json::from_str(kind.example).unwrap();
            assert_eq!(check(kind, &example), [], "{}", kind.name);
            for field in kind.fields {
                let place = format!("/{}", field.name);
                let mut wrong = example.clone();
                wrong[field.name] = Value::Bool(true);
                assert_eq!(check(kind, &wrong)[0].place, place);
                wrong.as_object_mut().unwrap().remove(field.name);
                assert_eq!(check(kind, &wrong).iter().any(|problem| problem.place == place), field.required);
            }
        }
    }

    #[test]
    fn an_unknown_field_is_no_problem_and_an_unknown_kind_is_none() {
        let mut body: Value = serde_json::from_str(practice::KIND.example).unwrap();
        body["from_a_later_version"] = Value::Bool(true);
        assert_eq!(check(&practice::KIND, &body), []);
        assert!(Kind::by_number(999).is_none());
        assert!(KINDS.iter().all(|kind| Kind::by_number(kind.number).is_some_and(|found| found.name == kind.name)));
        assert!(Kind::by_name("practice").is_some());
    }

    #[test]
    fn a_day_is_one_of_the_calendar() {
        for (text, expected) in
            [("2024-02-29", true), ("2023-02-29", false), ("2024-13-01", false), ("2024-1-01", false), ("é024-01-1", false)]
        {
            assert_eq!(is_date(text), expected, "{text}");
        }
    }
}
