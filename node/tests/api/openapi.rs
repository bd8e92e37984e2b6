//! The document says what the node does.

use crate::house::House;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn every_example_of_a_path_is_answered_as_the_document_says() {
    let house = House::open();
    let mut author = house.founder();
    house.publish(&author.inception);
    let record = author.example("practice", "One lorry");
    house.publish(&record);
    let document = house.json("/api/v1/openapi.json");
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(operation) = item.get("get") else { continue };
        let id = if path.contains("/organisations") { author.id().to_string() } else { record.id().to_string() };
        let mut path = path.replace("{id}", &id).replace("{device}", &author.device().to_string()).replace("{name}", "practice");
        let required: Vec<_> =
            parameters(operation).filter(|parameter| parameter["in"] == "query" && parameter["required"] == true).collect();
        for (number, parameter) in required.iter().enumerate() {
            let name = parameter["name"].as_str().unwrap();
            let value = if name == "id" { id.clone() } else { parameter["example"].to_string() };
            path += &format!("{}{name}={value}", if number == 0 { "?" } else { "&" });
        }
        let answer = house.get(&path, &[]);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let media = answer.header("content-type").split(';').next().unwrap().to_owned();
        let content = &operation["responses"]["200"]["content"][&media];
        assert!(content.is_object(), "{path} answers {media}, which is not documented: {}", operation["responses"]["200"]);
        if media == "application/json" {
            conforms(&document, &content["schema"], &answer.json(), &path);
        }
        asked += 1;
    }
    assert!(asked >= 18, "{asked}");
}

#[test]
fn every_problem_is_of_the_documented_form() {
    let house = House::open();
    let document = house.json("/api/v1/openapi.json");
    let schema = &document["components"]["schemas"]["ProblemDetails"];
    for path in ["/api/v1/records/xyz", "/api/v1/nothing", "/api/v1/records?limit=0"] {
        conforms(&document, schema, &house.get(path, &[]).json(), path);
    }
    let codes = document["components"]["schemas"]["Code"]["enum"].as_array().unwrap();
    assert_eq!(codes.iter().map(|code| code.as_str().unwrap()).collect::<BTreeSet<_>>().len(), codes.len());
}

fn parameters(operation: &Value) -> impl Iterator<Item = &Value> {
    operation["parameters"].as_array().into_iter().flatten()
}

/// The part of JSON Schema that the document uses: references, types, required and no undocumented members.
fn conforms(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference} leads nowhere"));
        return conforms(document, schema, value, at);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let choice = choices.iter().find(|choice| (choice["type"] == "null") == value.is_null());
        return conforms(document, choice.unwrap_or_else(|| panic!("{at}: {value} is none of {choices:?}")), value, at);
    }
    let kinds: Vec<_> = match &schema["type"] {
        Value::String(kind) => vec![kind.clone()],
        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap().to_owned()).collect(),
        _ => Vec::new(),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
    };
    assert!(kinds.is_empty() || kinds.iter().any(|each| each == kind), "{at}: {value} is no {kinds:?}");
    if let Some(items) = value.as_array() {
        items.iter().enumerate().for_each(|(index, item)| conforms(document, &schema["items"], item, &format!("{at}/{index}")));
    }
    let Some(object) = value.as_object() else { return };
    let mut properties = BTreeSet::new();
    gather(document, schema, object, at, &mut properties);
    let open = properties.is_empty() || at == "/api/v1/charter" || schema.get("additionalProperties").is_some();
    for name in object.keys() {
        assert!(open || properties.contains(name), "{at}: '{name}' is not documented");
    }
}

fn gather(document: &Value, schema: &Value, object: &serde_json::Map<String, Value>, at: &str, known: &mut BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        return gather(document, document.pointer(reference.trim_start_matches('#')).unwrap(), object, at, known);
    }
    schema["allOf"].as_array().into_iter().flatten().for_each(|part| gather(document, part, object, at, known));
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(object.contains_key(name.as_str().unwrap()), "{at}: {name} is missing");
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        known.insert(name.clone());
        if let Some(value) = object.get(name) {
            conforms(document, schema, value, &format!("{at}/{name}"));
        }
    }
}
