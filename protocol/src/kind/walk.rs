//! A body seen through its field list.

use super::{Field, Kind, Shape};
use crate::json::Document;
use serde_json::{Map, Value};

/// A value without parts, with the field that it answers.
pub(super) struct Leaf<'a> {
    /// The innermost field.
    pub(super) field: &'static Field,
    /// The value's own shape: for an entry of a list, that of the entry.
    pub(super) shape: &'static Shape,
    /// The value; a localised text counts as one.
    pub(super) value: &'a Value,
    /// JSON pointer.
    pub(super) place: String,
}

impl Kind {
    /// Every value that the list names and the body has, in the order of the list.
    pub(super) fn leaves<'a>(&self, body: &'a Document) -> Vec<Leaf<'a>> {
        let mut leaves = Vec::new();
        walk_fields(self.fields, body.fields(), "", &mut leaves);
        leaves
    }
}

fn walk_fields<'a>(fields: &'static [Field], object: &'a Map<String, Value>, at: &str, leaves: &mut Vec<Leaf<'a>>) {
    for field in fields {
        if let Some(value) = object.get(field.name) {
            walk_value(field, &field.shape, value, format!("{at}/{}", field.name), leaves);
        }
    }
}

fn walk_value<'a>(field: &'static Field, shape: &'static Shape, value: &'a Value, place: String, leaves: &mut Vec<Leaf<'a>>) {
    match (shape, value) {
        (Shape::Group(fields), Value::Object(object)) => walk_fields(fields, object, &place, leaves),
        (Shape::List(item, _), Value::Array(items)) => {
            for (index, value) in items.iter().enumerate() {
                walk_value(field, item, value, format!("{place}/{index}"), leaves);
            }
        }
        _ => leaves.push(Leaf { field, shape, value, place }),
    }
}
