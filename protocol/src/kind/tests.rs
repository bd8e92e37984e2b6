//! Laws that hold for every kind, so that a new one is tested by being named.

use super::*;
use crate::json::Document;
use crate::record::{Draft, Sealed};
use serde_json::{Value, json};

fn document(body: &Value) -> Document {
    Document::parse(body.to_string().as_bytes()).unwrap()
}

fn check(kind: &Kind, body: &Value) -> Vec<Problem> {
    kind.check(&document(body)).err().unwrap_or_default()
}

fn example(kind: &Kind) -> Value {
    serde_json::from_str(kind.example).unwrap()
}

#[test]
fn every_example_answers_everything_and_each_missing_or_wrong_field_is_named() {
    for kind in KINDS {
        let example = example(kind);
        assert_eq!(check(kind, &example), [], "{}", kind.name);
        assert_eq!(kind.completeness(&document(&example)), (kind.fields.len(), kind.fields.len()), "{}", kind.name);
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
    let mut body = example(&practice::KIND);
    body["from_a_later_version"] = Value::Bool(true);
    assert_eq!(check(&practice::KIND, &body), []);
    assert!(Kind::by_number(999).is_none());
    for kind in KINDS {
        assert!(Kind::by_number(kind.number).is_some_and(|found| found.name == kind.name));
        assert!(Kind::by_name(kind.name).is_some_and(|found| found.number == kind.number));
        assert!(kind.number >= 32, "kinds below 32 are control records");
    }
}

#[test]
fn a_problem_names_the_innermost_place_and_what_would_be_right() {
    let mut body = example(&practice::KIND);
    body["title"] = json!({ "en": "x".repeat(101), "ro": " ", "English": "One" });
    body["cooperation_form"] = json!("Joint-Company");
    body["places"] = json!([{ "code": "ro113", "vintage": 2024 }]);
    body["indicators"][0]["value"] = json!("61,50");
    let mut problems = check(&practice::KIND, &body);
    problems[..3].sort_by(|one, other| one.place.cmp(&other.place));
    let found: Vec<(&str, &str)> = problems.iter().map(|problem| (problem.place.as_str(), problem.should.as_str())).collect();
    assert_eq!(
        found[0],
        (
            "/title/English",
            "should be a language tag: two or three lower-case letters, such as ro, or with script and region, sr-Latn"
        )
    );
    assert_eq!(found[1], ("/title/en", "has 101 characters; it should be text of 1 to 100 characters"));
    assert_eq!(found[2], ("/title/ro", "is empty; it should be text of 1 to 100 characters"));
    assert_eq!(found[3].0, "/places/0/code");
    assert_eq!(found[4].0, "/cooperation_form");
    assert!(found[4].1.starts_with("is not known; was joint_company meant? It should be one of informal, "), "{}", found[4].1);
    assert_eq!(found[5].0, "/indicators/0/value");
    assert_eq!(found.len(), 6);
}

/// A template's lines that begin with `#` and no blank, without the `#`.
fn uncommented(template: &str) -> String {
    template
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| !line.is_empty() && !line.starts_with(' '))
        .fold(String::new(), |all, line| all + line + "\n")
}

/// The same with every localised text under one language.
fn in_language(value: &Value, shape: &Shape, language: &str) -> Value {
    match (shape, value) {
        (Shape::Localised(_), Value::Object(texts)) => json!({ language: texts.values().next() }),
        (Shape::List(item, _), Value::Array(items)) => items.iter().map(|each| in_language(each, item, language)).collect(),
        (Shape::Group(fields), Value::Object(object)) => fields_in(object, fields, language),
        _ => value.clone(),
    }
}

fn fields_in(object: &serde_json::Map<String, Value>, fields: &[Field], language: &str) -> Value {
    let each = |field: &Field| Some((field.name.to_owned(), in_language(object.get(field.name)?, &field.shape, language)));
    fields.iter().filter_map(each).collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn a_templates_examples_are_the_example() {
    for kind in KINDS {
        let template = kind.template("sr-Latn");
        let written: Value = toml::from_str(&uncommented(&template)).unwrap_or_else(|error| panic!("{}: {error}", kind.name));
        assert_eq!(written, fields_in(example(kind).as_object().unwrap(), kind.fields, "sr-Latn"), "{}", kind.name);
        assert_eq!(check(kind, &written), [], "{}", kind.name);
    }
}

fn required_places(fields: &[Field], at: &str) -> Vec<String> {
    let place = |field: &Field| match field.shape {
        Shape::Group(inner) => required_places(inner, &format!("{at}/{}", field.name)),
        Shape::List(Shape::Group(inner), _) => required_places(inner, &format!("{at}/{}/0", field.name)),
        Shape::Localised(_) => vec![format!("{at}/{}/ro", field.name)],
        _ => vec![format!("{at}/{}", field.name)],
    };
    fields.iter().filter(|field| field.required).flat_map(place).collect()
}

#[test]
fn a_blank_template_is_refused_exactly_where_something_is_required() {
    for kind in KINDS {
        let blank: Value = toml::from_str(&kind.template("ro")).unwrap_or_else(|error| panic!("{}: {error}", kind.name));
        let places: Vec<String> = check(kind, &blank).into_iter().map(|problem| problem.place).collect();
        assert_eq!(places, required_places(kind.fields, ""), "{}", kind.name);
        for field in kind.fields {
            assert!(kind.template("ro").contains(field.label), "{}", field.name);
        }
    }
}

#[test]
fn a_schema_asks_what_the_list_asks() {
    for kind in KINDS {
        let schema = kind.schema();
        assert_eq!(schema["properties"].as_object().unwrap().len(), kind.fields.len());
        for field in kind.fields {
            let property = &schema["properties"][field.name];
            assert_eq!(property["title"], field.label);
            assert!(property["type"].is_string(), "{}", field.name);
            assert_eq!(schema["required"].as_array().unwrap().contains(&json!(field.name)), field.required);
        }
    }
    let schema = practice::KIND.schema();
    assert_eq!(schema["properties"]["title"]["additionalProperties"]["maxLength"], 100);
    assert_eq!(schema["properties"]["outcome"]["oneOf"][2], json!({ "const": "did_not_work", "title": "It did not work" }));
    assert_eq!(schema["properties"]["cost"]["properties"]["annual"]["required"], json!(["amount", "currency", "year"]));
}

#[test]
fn search_finds_a_practice_by_its_words_and_facets() {
    let mut body = example(&practice::KIND);
    body["title"]["sr-Latn"] = json!("Jedan kamion");
    let mut words = practice::KIND.words(&document(&body));
    words.title.sort();
    let pair = |language: &str, text: &str| (language.to_owned(), text.to_owned());
    assert_eq!(words.title, [pair("en", "One waste lorry for three communes"), pair("sr", "Jedan kamion")]);
    assert!(words.text.contains(&pair("en", "From about 6,000.")));
    assert!(words.text.contains(&pair("", "Cluj")));
    assert!(words.text.iter().all(|(_, text)| !text.contains("https://") && text != "contract"));
    let facets: Vec<(&str, &str)> = words.facets.iter().map(|(facet, code)| (*facet, code.as_str())).collect();
    assert_eq!(
        facets,
        [
            ("cooperation", "contract"),
            ("kind", "practice"),
            ("language", "en"),
            ("language", "sr"),
            ("outcome", "worked"),
            ("population", "5000-20000"),
            ("territory", "RO113"),
            ("topic", "500"),
            ("topic", "510"),
        ]
    );
}

#[test]
fn a_translations_text_is_in_its_language() {
    let words = translation::KIND.words(&document(&example(&translation::KIND)));
    assert_eq!(words.text, [("fi".to_owned(), "Yksi jäteauto kolmelle kunnalle".to_owned())]);
    assert!(words.facets.contains(&("language", "fi".to_owned())));
}

fn signed(kind: &Kind, values: HeaderValues) -> crate::record::Header {
    let HeaderValues { subject, territory, topic } = values;
    let draft = Draft {
        kind: kind.number,
        network: crate::id::NetworkId([1; 32]),
        organisation: crate::id::OrganisationId([2; 32]),
        seq: 0,
        previous: crate::id::RecordId::ZERO,
        claimed_at: crate::time::Millis(1),
        subject,
        territory,
        topic,
    };
    let sealed = Sealed { salt: [0; 32], bytes: kind.example.as_bytes().to_vec() };
    *draft.sign(&crate::key::Signer::from_seed(&[3; 32]), sealed).unwrap().0.header()
}

#[test]
fn a_header_repeats_its_body_or_is_told_what_to_say() {
    for kind in KINDS {
        let body = document(&example(kind));
        assert_eq!(kind.header_agrees(&signed(kind, kind.header_values(&body)), &body), Ok(()), "{}", kind.name);
    }
    let body = document(&example(&practice::KIND));
    let values = practice::KIND.header_values(&body);
    assert_eq!((values.topic, &values.territory), (510, b"RO113\0\0\0\0\0\0\0"));
    let revises = HeaderValues { subject: crate::id::RecordId([9; 32]), ..values };
    assert_eq!(practice::KIND.header_agrees(&signed(&practice::KIND, revises), &body), Ok(()), "a practice may revise another");
    let wrong = practice::KIND.header_agrees(&signed(&need::KIND, HeaderValues::default()), &body).unwrap_err();
    let told: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    assert_eq!(told[0], "at the top: the header's kind is 34 and should be 33");
    assert_eq!(told[1], "at /places/0/code: the header's territory is \"\" and should be \"RO113\"");
    assert_eq!(told[2], "at /topic: the header's topic is 0 and should be 510");
    let adoption = document(&example(&adoption::KIND));
    assert_eq!(adoption::KIND.header_values(&adoption).subject.to_string(), "2".repeat(64));
    let wrong = adoption::KIND.header_agrees(&signed(&adoption::KIND, HeaderValues::default()), &adoption).unwrap_err();
    assert_eq!(wrong[0].place, "/practice");
}

#[test]
fn the_reference_pages_are_up_to_date() {
    for (name, text) in [("KINDS.md", reference()), ("kinds.json", schemas())] {
        let path = format!("{}/../docs/{name}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("KOINON_WRITE_KINDS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == text, "docs/{name} is not what the lists say; KOINON_WRITE_KINDS=1 writes it anew");
    }
}
