//! A field list as JSON Schema 2020-12.

use super::check::{EMAIL, POINTER, TAG, URL, YEARS};
use super::{Field, Kind, Shape};
use crate::limit;
use serde_json::{Map, Value, json};

impl Kind {
    /// The JSON Schema of a body. Fields that it does not name are allowed, as everywhere.
    ///
    /// It says what JSON Schema can say: calendar days, COFOG numbers, and the profile of JSON are checked by [`Kind::check`] and
    /// [`Document::parse`](crate::json::Document::parse) more strictly.
    pub fn schema(&self) -> Value {
        let mut schema = object(self.fields);
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema.insert("$id".to_owned(), json!(format!("urn:koinon:kind:{}", self.name)));
        schema.insert("title".to_owned(), json!(self.name));
        schema.insert("description".to_owned(), json!(self.summary));
        schema.insert("examples".to_owned(), json!(serde_json::from_str::<Value>(self.example).into_iter().collect::<Vec<_>>()));
        Value::Object(schema)
    }
}

fn object(fields: &[Field]) -> Map<String, Value> {
    let properties: Map<String, Value> = fields.iter().map(|field| (field.name.to_owned(), property(field))).collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    members(json!({ "type": "object", "properties": properties, "required": required }))
}

fn property(field: &Field) -> Value {
    let mut property = of(&field.shape);
    property.insert("title".to_owned(), json!(field.label));
    if !field.help.is_empty() {
        property.insert("description".to_owned(), json!(field.help));
    }
    Value::Object(property)
}

fn of(shape: &Shape) -> Map<String, Value> {
    members(match shape {
        Shape::Group(fields) => Value::Object(object(fields)),
        Shape::Localised(most) => json!({
            "type": "object", "minProperties": 1, "additionalProperties": of(&Shape::Text(*most)),
            "propertyNames": { "pattern": LANGUAGE, "maxLength": TAG },
        }),
        Shape::Text(most) => json!({ "type": "string", "maxLength": most, "pattern": "\\S" }),
        Shape::Integer(least, most) => integer(*least, *most),
        Shape::Year => integer(*YEARS.start(), *YEARS.end()),
        Shape::Topic => integer(100, 1099),
        Shape::Decimal(digits) => {
            json!({ "type": "string", "maxLength": digits + 2, "pattern": "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$" })
        }
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Date => json!({ "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        Shape::Language => json!({ "type": "string", "maxLength": TAG, "pattern": LANGUAGE }),
        Shape::Country => pattern("^[A-Z]{2}$"),
        Shape::Currency => pattern("^[A-Z]{3}$"),
        Shape::Territory => pattern("^[A-Z0-9_-]{2,12}$"),
        Shape::Email => json!({ "type": "string", "format": "email", "maxLength": EMAIL }),
        Shape::Url => json!({ "type": "string", "format": "uri", "maxLength": URL, "pattern": "^https?://" }),
        Shape::Code(codes) => {
            let terms: Vec<Value> = codes.terms.iter().map(|(code, label)| json!({ "const": code, "title": label })).collect();
            json!({ "type": "string", "oneOf": terms })
        }
        Shape::Reference => pattern("^[0-9a-f]{64}$"),
        Shape::Pointer => json!({ "type": "string", "format": "json-pointer", "maxLength": POINTER, "pattern": "^/" }),
        Shape::List(item, most) => json!({ "type": "array", "minItems": 1, "maxItems": most, "items": of(item) }),
    })
}

const LANGUAGE: &str = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$";

fn integer(least: i64, most: i64) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most.min(limit::JSON_INTEGER) })
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn members(value: Value) -> Map<String, Value> {
    if let Value::Object(members) = value { members } else { Map::new() }
}
