//! Where two JSON values part.

use super::Step;
use serde_json::Value;

/// A JSON pointer to the first place, in the order of `expected` and then of `found`, at which the two differ; none when they are equal.
pub fn difference(expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let added = found.keys().filter(|name| !expected.contains_key(*name));
            expected.keys().chain(added).find_map(|name| below(Step::Name(name), expected.get(name), found.get(name)))
        }
        (Value::Array(expected), Value::Array(found)) => (0..expected.len().max(found.len()))
            .find_map(|index| below(Step::Index(index), expected.get(index), found.get(index))),
        _ => (expected != found).then(String::new),
    }
}

fn below(step: Step<'_>, expected: Option<&Value>, found: Option<&Value>) -> Option<String> {
    let rest = match (expected, found) {
        (Some(expected), Some(found)) => difference(expected, found)?,
        _ => String::new(),
    };
    Some(format!("/{step}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_is_named_by_its_place() {
        let value = json!({ "a": [1, { "b/c": null }], "d": "e" });
        for (other, place) in [
            (json!({ "d": "e", "a": [1, { "b/c": null }] }), None),
            (json!({ "a": [1, { "b/c": 0 }], "d": "e" }), Some("/a/1/b~1c")),
            (json!({ "a": [1, { "b/c": null }, 2], "d": "e" }), Some("/a/2")),
            (json!({ "a": [1], "d": "e" }), Some("/a/1")),
            (json!({ "a": [1, { "b/c": null }], "d": "e", "f": 0 }), Some("/f")),
            (json!({ "a": [1, { "b/c": null }] }), Some("/d")),
            (json!([]), Some("")),
        ] {
            assert_eq!(difference(&value, &other).as_deref(), place);
        }
    }
}
