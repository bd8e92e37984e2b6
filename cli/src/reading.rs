//! A body as people read it: in the order of its kind's field list, with its labels.

use crate::paper::Paper;
use koinon_protocol::kind::vocabulary::TOPIC;
use koinon_protocol::kind::{Field, Kind, Role, Shape};
use serde_json::{Map, Value};

/// Puts a body on the page without its title, which stands above; fields that the list does not name come last, under their own names.
pub fn write(paper: &mut Paper, kind: Option<&Kind>, body: &Map<String, Value>, wanted: &[String]) {
    for (label, value) in lines(kind, body, wanted) {
        paper.field(&label, &value);
    }
}

/// As [`write()`]: labels and what stands beside them.
pub fn lines(kind: Option<&Kind>, body: &Map<String, Value>, wanted: &[String]) -> Vec<(String, String)> {
    let fields = kind.map_or(&[][..], |kind| kind.fields);
    let known = fields.iter().filter(|field| field.role != Role::Title).filter_map(|field| {
        let value = body.get(field.name)?;
        Some((field.label.to_owned(), text(&field.shape, value, wanted)))
    });
    let other = body.iter().filter(|(name, _)| !fields.iter().any(|field| field.name == *name));
    known.chain(other.map(|(name, value)| (name.clone(), plain(value)))).collect()
}

fn text(shape: &Shape, value: &Value, wanted: &[String]) -> String {
    match (shape, value) {
        (Shape::Localised(_), Value::Object(texts)) => localised(texts, wanted),
        (Shape::List(item, _), Value::Array(items)) => {
            let items: Vec<_> = items.iter().map(|value| text(item, value, wanted)).collect();
            items.join(if matches!(item, Shape::Group(_) | Shape::Localised(_)) { "\n" } else { ", " })
        }
        (Shape::Group(fields), Value::Object(object)) => group(fields, object, wanted),
        (Shape::Code(codes), Value::String(code)) => codes.label(code).map_or_else(|| code.clone(), str::to_owned),
        (Shape::Topic, Value::Number(number)) => topic(number.as_u64().unwrap_or_default()),
        _ => plain(value),
    }
}

fn group(fields: &[Field], object: &Map<String, Value>, wanted: &[String]) -> String {
    let known = fields.iter().filter_map(|field| {
        let value = object.get(field.name)?;
        Some(format!("{}: {}", field.label, text(&field.shape, value, wanted)))
    });
    let other = object.iter().filter(|(name, _)| !fields.iter().any(|field| field.name == *name));
    known.chain(other.map(|(name, value)| format!("{name}: {}", plain(value)))).collect::<Vec<_>>().join("; ")
}

/// A class is called by its group, which has a label.
fn topic(number: u64) -> String {
    let label = [number, number / 10 * 10].iter().find_map(|code| TOPIC.label(&code.to_string()));
    label.map_or_else(|| number.to_string(), |label| format!("{label} (COFOG {number})"))
}

/// The text in the dearest language, and which others there are.
fn localised(texts: &Map<String, Value>, wanted: &[String]) -> String {
    let shown = wanted.iter().find(|language| texts.contains_key(*language)).or_else(|| texts.keys().next());
    let Some(shown) = shown else { return String::new() };
    let text = texts.get(shown).and_then(Value::as_str).unwrap_or_default();
    let others: Vec<_> = texts.keys().filter(|language| *language != shown).map(String::as_str).collect();
    let note = if others.is_empty() { String::new() } else { format!(", also in {}", others.join(", ")) };
    format!("{text} [{shown}{note}]")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        other => other.to_string(),
    }
}
