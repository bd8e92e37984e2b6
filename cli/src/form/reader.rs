//! TOML and JSON into the values of a body, with the line of each.

use super::FormProblem;
use koinon_protocol::json::Document;
use serde::de::IgnoredAny;
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};
use unicode_normalization::UnicodeNormalization as _;

/// What a file says, and on which line.
pub(super) struct Read {
    pub(super) fields: Map<String, Value>,
    /// By JSON pointer.
    pub(super) lines: BTreeMap<String, usize>,
}

/// Reads TOML. Text loses the line break before its closing quotes, and is brought to normalisation form C; days and fractions become text;
/// what was left empty is not there.
pub(super) fn toml(text: &str) -> Result<Read, FormProblem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let line_of = |place: usize| text.bytes().take(place).filter(|byte| *byte == b'\n').count() + 1;
    let table = DeTable::parse(text).map_err(|error| FormProblem {
        field: String::new(),
        line: error.span().map(|span| line_of(span.start)),
        should: format!("is not TOML: {}", error.message()),
    })?;
    let mut reader = Reader { line_of: &line_of, lines: BTreeMap::new() };
    let fields = reader.table(table.get_ref(), "")?;
    Ok(Read { fields, lines: reader.lines })
}

/// Reads JSON that keeps to the profile of bodies; what was left empty is not there. Only what is no JSON has a line.
pub(super) fn json(text: &str) -> Result<Read, FormProblem> {
    let document = Document::parse(text.as_bytes()).map_err(|error| FormProblem {
        field: super::as_written(&error.place),
        line: serde_json::from_str::<IgnoredAny>(text).err().map(|error| error.line()),
        should: error.problem.to_string(),
    })?;
    let fields = document.into_fields().into_iter().filter_map(|(name, value)| Some((name, tidy(value)?)));
    Ok(Read { fields: fields.collect(), lines: BTreeMap::new() })
}

struct Reader<'a> {
    line_of: &'a dyn Fn(usize) -> usize,
    lines: BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn table(&mut self, table: &DeTable<'_>, at: &str) -> Result<Map<String, Value>, FormProblem> {
        let mut object = Map::new();
        for (key, value) in table {
            let name = normal(key.get_ref());
            let place = format!("{at}/{}", escape(&name));
            self.lines.insert(place.clone(), (self.line_of)(key.span().start));
            if let Some(value) = self.value(value.get_ref(), &place)? {
                object.insert(name, value);
            }
        }
        Ok(object)
    }

    /// None for what was left empty.
    fn value(&mut self, value: &DeValue<'_>, at: &str) -> Result<Option<Value>, FormProblem> {
        let value = match value {
            DeValue::String(text) => Value::String(normal(text)),
            DeValue::Integer(integer) => self.integer(integer, at)?,
            DeValue::Float(float) => Value::String(float.as_str().to_owned()),
            DeValue::Boolean(yes) => Value::Bool(*yes),
            DeValue::Datetime(moment) => Value::String(moment.to_string()),
            DeValue::Array(items) => {
                let mut list = Vec::new();
                for item in items {
                    // Its place is that in the body, where empty entries are not.
                    let place = format!("{at}/{}", list.len());
                    self.lines.insert(place.clone(), (self.line_of)(item.span().start));
                    list.extend(self.value(item.get_ref(), &place)?);
                }
                Value::Array(list)
            }
            DeValue::Table(table) => Value::Object(self.table(table, at)?),
        };
        Ok(full(value))
    }

    fn integer(&self, integer: &toml::de::DeInteger<'_>, at: &str) -> Result<Value, FormProblem> {
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).map(Number::from);
        number.map(Value::Number).map_err(|_| FormProblem {
            field: super::as_written(at),
            line: self.lines.get(at).copied(),
            should: "is too large a number".into(),
        })
    }
}

fn tidy(value: Value) -> Option<Value> {
    full(match value {
        Value::Array(items) => Value::Array(items.into_iter().filter_map(tidy).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().filter_map(|(name, value)| Some((name, tidy(value)?))).collect())
        }
        other => other,
    })
}

fn full(value: Value) -> Option<Value> {
    let is_empty = match &value {
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Null => true,
        _ => false,
    };
    (!is_empty).then_some(value)
}

fn normal(text: &str) -> String {
    text.trim_end().replace("\r\n", "\n").nfc().collect()
}

/// A step of a JSON pointer (RFC 6901).
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
