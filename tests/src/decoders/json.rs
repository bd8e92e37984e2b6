//! The profile of JSON against serde_json, and against a reader that keeps all that it reads and judges it afterwards.

use super::vectors;
use koinon_protocol::json::{Document, JsonError, JsonProblem};
use koinon_protocol::limit;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;
use unicode_normalization::UnicodeNormalization as _;

pub(super) fn check(bytes: &[u8]) {
    let read = serde_json::from_slice::<Tree>(bytes);
    match (Document::parse(bytes), read) {
        (Ok(document), Ok(tree)) => {
            assert!(keeps_to_the_profile(&tree, bytes), "accepted, and outside the profile");
            let value: Value = serde_json::from_slice(bytes).expect("what the profile allows is JSON");
            assert_eq!(value, Value::Object(document.into_fields()), "another value than serde_json's");
        }
        (Ok(_), Err(error)) => panic!("accepted, and not JSON: {error}"),
        (Err(error), read) => check_refusal(&error, read.as_ref().ok(), bytes),
    }
}

fn check_refusal(error: &JsonError, tree: Option<&Tree>, bytes: &[u8]) {
    assert!(error.place.is_empty() || error.place.starts_with('/'));
    assert!(!error.to_string().is_empty());
    let Some(tree) = tree else { return };
    assert!(!keeps_to_the_profile(tree, bytes), "refused, and within the profile: {error}");
    assert!(!matches!(error.problem, JsonProblem::Syntax(_) | JsonProblem::Utf8), "JSON, and refused as none: {error}");
}

fn keeps_to_the_profile(tree: &Tree, bytes: &[u8]) -> bool {
    bytes.len() <= limit::BODY && matches!(tree, Tree::Object(_)) && tree.is_sound(limit::JSON_DEPTH)
}

/// JSON with every member of every object, and with numbers as they came.
enum Tree {
    Plain,
    Integer(i128),
    Fraction,
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    fn is_sound(&self, levels: usize) -> bool {
        match self {
            Self::Plain => true,
            Self::Fraction => false,
            Self::Integer(number) => number.abs() <= i128::from(limit::JSON_INTEGER),
            Self::Text(text) => is_sound(text),
            Self::List(items) => levels > 0 && items.iter().all(|item| item.is_sound(levels - 1)),
            Self::Object(members) => {
                let mut keys: Vec<&String> = members.iter().map(|(key, _)| key).collect();
                keys.sort_unstable();
                levels > 0
                    && keys.windows(2).all(|pair| pair[0] != pair[1])
                    && members.iter().all(|(key, value)| is_sound(key) && value.is_sound(levels - 1))
            }
        }
    }
}

fn is_sound(text: &str) -> bool {
    !text.contains('\0') && (text.is_ascii() || text.nfc().eq(text.chars()))
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Integer(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Integer(number.into()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Fraction)
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = entries.next_entry()? {
            members.push(member);
        }
        Ok(Tree::Object(members))
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "{\"a\":\"\\ud83d\\ude00\\u00e9\\n\",\"\u{e9}\u{323}\":[{}]}",
        "{\"\u{1100}\u{1161}\":\"\u{ac00}\",\"e\u{301}\":\"\u{344}\"}",
        r#"{"a":[1e400,-0,0,-1,1.0,9007199254740992,18446744073709551616]}"#,
        r#"{"a~/b":{"":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}}"#,
    ];
    let long = [r#"{"":0},"#, "[0],", "0,", r#""","#, r#"{"~":[[]]},"#].map(longest);
    vectors::inputs(vectors::JSON).into_iter().chain(texts.map(|text| text.as_bytes().to_vec())).chain(long).collect()
}

/// As many of these as a body holds: what takes most memory for its length.
fn longest(item: &str) -> Vec<u8> {
    const AROUND: usize = r#"{"a":[0]}"#.len();
    format!(r#"{{"a":[{}0]}}"#, item.repeat((limit::BODY - AROUND) / item.len())).into_bytes()
}
