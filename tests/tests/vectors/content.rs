//! Vectors of content records: a record file whose body is of a content kind, and what its header repeats.

use crate::Subject::Kind as Content;
use crate::Values;
use crate::forge::{NETWORK, header, sign};
use crate::table::Row;
use koinon_protocol::id::RecordId;
use koinon_protocol::json::Document;
use koinon_protocol::kind::{HeaderValues, KINDS, Kind};
use koinon_protocol::record::{Body, Header, Sealed, Verified};
use serde_json::{Value, json};

/// What the header must repeat of the body, or the place of the first problem.
pub(crate) fn check(record: &Verified, body: &Body) -> Result<Values, &'static str> {
    let document = Document::parse(body.bytes()).map_err(|error| crate::control::json_error(&error.problem))?;
    let kind = Kind::by_number(record.header().kind).ok_or("Kind")?;
    kind.check(&document).map_err(|problems| place(&problems[0].place))?;
    kind.header_agrees(record.header(), &document).map_err(|_| "Header")?;
    let HeaderValues { subject, territory, topic } = kind.header_values(&document);
    Ok(Values::from([
        ("kind", kind.name.to_owned()),
        ("subject", subject.to_string()),
        ("territory", String::from_utf8_lossy(&territory).trim_end_matches('\0').to_owned()),
        ("topic", topic.to_string()),
    ]))
}

/// The places at which a vector's body is wrong are texts of the table; this finds the table's own.
fn place(found: &str) -> &'static str {
    PLACES.iter().find(|place| **place == found).expect("the place stands in PLACES")
}

const PLACES: &[&str] = &[
    "/title",
    "/title/en",
    "/title/English",
    "/institution",
    "/places",
    "/places/0/code",
    "/places/0/vintage",
    "/topic",
    "/start",
    "/outcome",
    "/cooperation_form",
    "/population/inhabitants",
    "/indicators/0/value",
    "/cost/annual/currency",
    "/links/0/url",
    "/contact/email",
    "/scores/impact",
    "/fields/0/field",
    "/language",
    "/country",
];

/// The rows of this file.
pub(crate) fn rows() -> Vec<Row> {
    [examples(), malformed(), headers()].concat()
}

fn examples() -> Vec<Row> {
    let row = |kind: &&'static Kind| (Content, kind.name, "ok", NETWORK, file(kind, &example(kind)));
    KINDS.iter().map(row).collect()
}

/// One body for each way in which a value can depart from its shape.
fn malformed() -> Vec<Row> {
    let row = |name, kind: &str, expected, change: &dyn Fn(&mut Value)| {
        let kind = Kind::by_name(kind).expect("the kind is known");
        let mut body = example(kind);
        change(&mut body);
        (Content, name, expected, NETWORK, file(kind, &body))
    };
    let practice = |name, expected, change: &dyn Fn(&mut Value)| row(name, "practice", expected, change);
    vec![
        practice("a field that nobody knows is kept", "ok", &|body| body["later"] = json!({ "version": 2 })),
        practice("a title in a language with its script", "ok", &|body| body["title"] = json!({ "sr-Latn": "Kamion" })),
        practice("a title of a hundred characters, each of three bytes", "ok", &|body| {
            body["title"] = json!({ "el": "ᾠ".repeat(100) })
        }),
        practice("a class below a group of COFOG", "ok", &|body| body["topic"] = json!(511)),
        practice("no title", "/title", &|body| drop(body.as_object_mut().and_then(|body| body.remove("title")))),
        practice("a title in no language", "/title", &|body| body["title"] = json!({})),
        practice("a title that is text alone", "/title", &|body| body["title"] = json!("One lorry")),
        practice("a language by its name", "/title/English", &|body| body["title"] = json!({ "English": "One lorry" })),
        practice("a blank title", "/title/en", &|body| body["title"] = json!({ "en": " \n" })),
        practice("a title of 101 characters", "/title/en", &|body| body["title"] = json!({ "en": "x".repeat(101) })),
        practice("an id in capitals", "/institution", &|body| body["institution"] = json!("A".repeat(64))),
        practice("no place in the list", "/places", &|body| body["places"] = json!([])),
        practice("33 places", "/places", &|body| body["places"] = vec![body["places"][0].clone(); 33].into()),
        practice("a code in small letters", "/places/0/code", &|body| body["places"][0]["code"] = json!("ro113")),
        practice("a year as text", "/places/0/vintage", &|body| body["places"][0]["vintage"] = json!("2024")),
        practice("a topic of no division", "/topic", &|body| body["topic"] = json!(1200)),
        practice("a class of no group", "/topic", &|body| body["topic"] = json!(505)),
        practice("a day that the calendar has not", "/start", &|body| body["start"] = json!("2023-02-29")),
        practice("an outcome that is no code", "/outcome", &|body| body["outcome"] = json!("Worked")),
        practice("a form of cooperation by its label", "/cooperation_form", &|body| {
            body["cooperation_form"] = json!("Joint company");
        }),
        practice("fewer inhabitants than none", "/population/inhabitants", &|body| body["population"]["inhabitants"] = json!(-1)),
        practice("a decimal comma", "/indicators/0/value", &|body| body["indicators"][0]["value"] = json!("61,5")),
        practice("money without a currency", "/cost/annual/currency", &|body| {
            drop(body["cost"]["annual"].as_object_mut().and_then(|money| money.remove("currency")));
        }),
        practice("an address that is a script", "/links/0/url", &|body| body["links"][0]["url"] = json!("javascript:alert(1)")),
        practice("an e-mail address without a host", "/contact/email", &|body| body["contact"]["email"] = json!("office")),
        row("a score of six", "review", "/scores/impact", &|body| body["scores"]["impact"] = json!(6)),
        row("a field of the original without its pointer", "translation", "/fields/0/field", &|body| {
            body["fields"][0]["field"] = json!("title");
        }),
        row("a language in capitals", "translation", "/language", &|body| body["language"] = json!("FI")),
        row("a country by three letters", "organisation", "/country", &|body| body["country"] = json!("ROU")),
    ]
}

fn headers() -> Vec<Row> {
    let kind = |name: &str| Kind::by_name(name).expect("the kind is known");
    let row = |name, expected, of: &str, change: &dyn Fn(&mut Header)| {
        (Content, name, expected, NETWORK, file_with(kind(of), &example(kind(of)), change))
    };
    vec![
        row("a practice that revises another", "ok", "practice", &|header| header.subject = RecordId([9; 32])),
        row("a header with another topic", "Header", "practice", &|header| header.topic = 520),
        row("a header with another territory", "Header", "practice", &|header| header.territory = *b"RO114\0\0\0\0\0\0\0"),
        row("a header with another subject", "Header", "adoption", &|header| header.subject = RecordId([9; 32])),
        row("a header with a topic that the body has not", "Header", "review", &|header| header.topic = 510),
        row("a kind that is not known", "Kind", "practice", &|header| header.kind = 999),
    ]
}

fn example(kind: &Kind) -> Value {
    serde_json::from_str(kind.example).expect("an example is JSON")
}

fn file(kind: &Kind, body: &Value) -> Vec<u8> {
    file_with(kind, body, &|_| ())
}

fn file_with(kind: &Kind, body: &Value, change: &dyn Fn(&mut Header)) -> Vec<u8> {
    let mut body = body.clone();
    body.sort_all_objects();
    let sealed = Sealed { salt: [0x5a; 32], bytes: body.to_string().into_bytes() };
    let values = kind.header_values(&Document::parse(&sealed.bytes).expect("the body keeps to the profile"));
    let mut header =
        Header { kind: kind.number, subject: values.subject, territory: values.territory, topic: values.topic, ..header() };
    (header.body_length, header.body) = (sealed.bytes.len() as u32, sealed.commitment());
    change(&mut header);
    [sign(&header), sealed.salt.to_vec(), sealed.bytes].concat()
}
