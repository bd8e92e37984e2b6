//! The JSON of bodies: the part of JSON that Rust, Python and JavaScript read alike.
//!
//! An object of at most [`limit::BODY`] bytes of UTF-8; integers from −(2^53 − 1) to 2^53 − 1 and no other numbers; no key twice in an
//! object; no lone surrogate and no NUL; all text in NFC; nesting of at most [`limit::JSON_DEPTH`]. The bytes are signed as they are and never
//! written again.

mod canonical;
mod difference;
mod place;

pub use canonical::canonical;
pub use difference::difference;
pub(crate) use place::{Place, Step};

use crate::limit;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;
use unicode_normalization::is_nfc;

/// A body that keeps to the profile. Made by [`Document::parse`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document(Map<String, Value>);

/// Where a body leaves the profile, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at {}: {problem}", if place.is_empty() { "the top" } else { place })]
pub struct JsonError {
    /// A JSON pointer (RFC 6901); empty for the body as a whole.
    pub place: String,
    /// What is wrong and what would be right.
    pub problem: JsonProblem,
}

/// What is wrong with a body's JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonProblem {
    /// Over the bound.
    #[error("{0} bytes are over the bound of {bound}", bound = limit::BODY)]
    Length(usize),
    /// Not UTF-8.
    #[error("the bytes are not UTF-8")]
    Utf8,
    /// Not JSON, in the words of the reader.
    #[error("not JSON: {0}")]
    Syntax(String),
    /// Not an object.
    #[error("a body is an object, {{…}}")]
    NotAnObject,
    /// A fraction, an exponent, or too far from zero.
    #[error("a number is an integer between -9007199254740991 and 9007199254740991; write any other as text")]
    Number,
    /// A key comes twice.
    #[error("the key {0:?} comes twice in one object")]
    Duplicate(String),
    /// NUL in a text or a key.
    #[error("text must not contain NUL")]
    Nul,
    /// Not NFC.
    #[error("text must be in Unicode normalisation form C")]
    NotNormal,
    /// Too deep.
    #[error("arrays and objects are nested deeper than {bound}", bound = limit::JSON_DEPTH)]
    Depth,
}

impl Document {
    /// Reads a body.
    ///
    /// # Errors
    /// [`JsonError`], for the first place that leaves the profile.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        if bytes.len() > limit::BODY {
            return Err(JsonError { place: String::new(), problem: JsonProblem::Length(bytes.len()) });
        }
        Self::read(bytes)
    }

    /// As [`Document::parse`], for JSON that is no body and has a bound of its own, which the caller has checked.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, JsonError> {
        let whole = |problem| JsonError { place: String::new(), problem };
        let text = std::str::from_utf8(bytes).map_err(|_| whole(JsonProblem::Utf8))?;
        let found = RefCell::new(None);
        let mut reader = serde_json::Deserializer::from_str(text);
        let reading = Reading { at: Place::TOP, depth: 0, found: &found };
        let value = reading.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
        match value {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(whole(JsonProblem::NotAnObject)),
            Err(error) => Err(found.take().unwrap_or_else(|| whole(unread(&error)))),
        }
    }

    /// The fields.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The fields, for whoever reads them into a type of their own.
    pub fn into_fields(self) -> Map<String, Value> {
        self.0
    }
}

/// What the reader stopped at by itself. A number such as 1e400 is JSON and fits no number of the reader, which has only its words for that.
fn unread(error: &serde_json::Error) -> JsonProblem {
    let words = error.to_string();
    if words.starts_with("number out of range") { JsonProblem::Number } else { JsonProblem::Syntax(words) }
}

/// The reader at a place.
#[derive(Clone, Copy)]
struct Reading<'a> {
    at: Place<'a>,
    depth: usize,
    found: &'a RefCell<Option<JsonError>>,
}

impl Reading<'_> {
    fn below<'b>(&'b self, step: Step<'b>) -> Reading<'b> {
        Reading { at: self.at.below(step), depth: self.depth + 1, found: self.found }
    }

    /// Keeps the problem beside the reader, whose own error type has no room for it.
    fn refuse<E: serde::de::Error>(&self, problem: JsonProblem) -> E {
        let error = E::custom(&problem);
        self.found.replace(Some(JsonError { place: self.at.pointer(), problem }));
        error
    }

    fn text<E: serde::de::Error>(&self, text: &str) -> Result<(), E> {
        if text.contains('\0') {
            return Err(self.refuse(JsonProblem::Nul));
        }
        // What is ASCII alone is in NFC, and most keys and codes are.
        if !text.is_ascii() && !is_nfc(text) {
            return Err(self.refuse(JsonProblem::NotNormal));
        }
        Ok(())
    }

    fn may_nest<E: serde::de::Error>(&self) -> Result<(), E> {
        if self.depth >= limit::JSON_DEPTH { Err(self.refuse(JsonProblem::Depth)) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > limit::JSON_INTEGER.unsigned_abs() {
            return Err(self.refuse(JsonProblem::Number));
        }
        Ok(Value::Number(Number::from(value)))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => Err(self.refuse(JsonProblem::Number)),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Value, E> {
        Err(self.refuse(JsonProblem::Number))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        self.text(text)?;
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.may_nest()?;
        let mut list = Vec::new();
        loop {
            match items.next_element_seed(self.below(Step::Index(list.len())))? {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.may_nest()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = self.below(Step::Name(&key));
            value.text(&key)?;
            if object.contains_key(&key) {
                return Err(self.refuse(JsonProblem::Duplicate(key.clone())));
            }
            let value = entries.next_value_seed(value)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> (String, JsonProblem) {
        let error = Document::parse(text.as_bytes()).unwrap_err();
        (error.place, error.problem)
    }

    #[test]
    fn what_leaves_the_profile_is_named_with_its_place() {
        let at = |place: &str, problem| (place.to_owned(), problem);
        assert_eq!(refused(r#"{"a":[1,2.5]}"#), at("/a/1", JsonProblem::Number));
        assert_eq!(refused(r#"{"a":1e2}"#), at("/a", JsonProblem::Number));
        assert_eq!(refused(r#"{"a":-0}"#), at("/a", JsonProblem::Number));
        assert_eq!(refused(r#"{"a":9007199254740992}"#), at("/a", JsonProblem::Number));
        assert_eq!(refused(r#"{"a":123456789012345678901234567890}"#), at("/a", JsonProblem::Number));
        assert_eq!(refused(r#"{"a":{"b/c":1,"b/c":2}}"#), at("/a", JsonProblem::Duplicate("b/c".into())));
        assert_eq!(refused(r#"{"b/c":"\u0000"}"#), at("/b~1c", JsonProblem::Nul));
        assert_eq!(refused("{\"a\":\"e\u{301}\"}"), at("/a", JsonProblem::NotNormal));
        assert_eq!(refused("{\"e\u{301}\":1}").1, JsonProblem::NotNormal);
        assert_eq!(refused(r#"{"a":1e400}"#).1, JsonProblem::Number);
        assert_eq!(refused(&format!("{{\"a\":{}}}", "9".repeat(400))).1, JsonProblem::Number);
        assert_eq!(refused("[]"), at("", JsonProblem::NotAnObject));
        for text in ["", "{}{}", "{\"a\":1,}", r#"{"a":"\ud800"}"#, r#"{"a":NaN}"#, "\u{feff}{}", "{\"a\":01}"] {
            assert!(matches!(refused(text).1, JsonProblem::Syntax(_)), "{text}");
        }
        assert_eq!(Document::parse(b"{\"a\":\"\xff\"}").unwrap_err().problem, JsonProblem::Utf8);
        assert_eq!(Document::parse(&vec![b' '; limit::BODY + 1]).unwrap_err().problem, JsonProblem::Length(limit::BODY + 1));
    }

    #[test]
    fn nesting_ends_at_the_bound() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(Document::parse(nested(limit::JSON_DEPTH).as_bytes()).is_ok());
        assert_eq!(refused(&nested(limit::JSON_DEPTH + 1)).1, JsonProblem::Depth);
        assert_eq!(refused(&nested(30_000)).1, JsonProblem::Depth);
    }

    #[test]
    fn the_integers_at_the_edge_are_kept() {
        let document = Document::parse(br#"{"a":9007199254740991,"b":-9007199254740991,"c":{"d":[null,true]}}"#).unwrap();
        assert_eq!(document.fields()["a"], limit::JSON_INTEGER);
        assert_eq!(document.fields()["b"], -limit::JSON_INTEGER);
    }

    proptest! {
        #[test]
        fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(Document::parse(&bytes));
        }

        #[test]
        fn anything_like_json_gets_an_answer(text in r#"[\[\]{}",:0-9a-e\\u.\-]{0,60}"#) {
            drop(Document::parse(text.as_bytes()));
        }
    }
}
