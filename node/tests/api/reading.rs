//! Reading: one record, lists, search, organisations, the journal and its proofs.

use crate::house::{House, eventually};
use koinon_protocol::bundle;
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::{self, Hash};
use koinon_tests::author::{Author, Record};
use serde_json::{Value, json};

fn house(practices: usize) -> (House, Author, Vec<Record>) {
    let house = House::open();
    let mut author = house.founder();
    house.publish(&author.inception);
    let records: Vec<_> = (0..practices).map(|number| author.example("practice", &format!("Lorry {number}"))).collect();
    for record in &records {
        house.publish(record);
    }
    (house, author, records)
}

#[test]
fn a_record_is_read_as_a_file_and_as_json() {
    let (house, author, records) = house(2);
    let path = format!("/api/v1/records/{}", records[1].id());
    let file = house.get(&path, &[("Accept", "application/octet-stream")]);
    assert_eq!((file.status, file.header("content-type")), (200, "application/octet-stream"));
    assert_eq!(file.bytes, records[1].file());
    let saved = house.get(&format!("{path}/file"), &[("Accept", "text/html")]);
    assert_eq!((saved.status, &saved.bytes, saved.header("content-type")), (200, &file.bytes, "application/octet-stream"));
    assert_eq!(saved.header("content-disposition"), format!("attachment; filename=\"{}.record\"", records[1].id()));
    let none = format!("/api/v1/records/{}/file", RecordId([9; 32]));
    house.get(&none, &[]).problem(404, "unknown-record");

    let view = house.json(&path);
    assert_eq!(view["id"], records[1].id().to_string());
    assert_eq!((&view["position"], &view["seq"], &view["kind"]), (&json!(2), &json!(1), &json!(33)));
    assert_eq!(view["previous"], records[0].id().to_string());
    assert_eq!((&view["organisation_name"], &view["kind_name"]), (&json!("Riverland Association"), &json!("practice")));
    assert_eq!((&view["organisation"], &view["device"]), (&json!(author.id().to_string()), &json!(author.device())));
    assert_eq!((&view["conforms"], &view["present"]), (&json!(true), &json!(true)));
    assert_eq!(view["body"]["title"]["en"], "Lorry 1");
    house.get(&path, &[("Accept", "text/html")]).problem(406, "not-acceptable");
}

#[test]
fn what_the_asker_has_is_not_sent_again() {
    let (house, _, records) = house(1);
    for (path, accept) in [
        (format!("/api/v1/records/{}", records[0].id()), "application/octet-stream"),
        (format!("/api/v1/records/{}", records[0].id()), "application/json"),
        ("/api/v1/journal".to_owned(), "application/json"),
        ("/api/v1/charter".to_owned(), "application/octet-stream"),
    ] {
        let first = house.get(&path, &[("Accept", accept)]);
        let tag = first.header("etag").to_owned();
        assert!(!tag.is_empty(), "{path}");
        let again = house.get(&path, &[("Accept", accept), ("If-None-Match", &format!("\"other\", {tag}"))]);
        assert_eq!((again.status, again.bytes.len(), again.header("etag")), (304, 0, tag.as_str()), "{path}");
        assert_eq!(house.get(&path, &[("Accept", accept), ("If-None-Match", "\"other\"")]).status, 200);
    }
}

#[test]
fn an_id_that_is_none_and_a_record_that_is_not_here_are_told_apart() {
    let (house, ..) = house(0);
    assert!(house.get("/api/v1/records/xyz", &[]).problem(400, "bad-id").contains("64 hexadecimal digits"));
    assert!(house.get("/api/v1/organisations/xyz", &[]).problem(400, "bad-id").contains("64 hexadecimal digits"));
    let absent = RecordId([0xab; 32]);
    for (path, code) in [
        (format!("/api/v1/records/{absent}"), "unknown-record"),
        (format!("/api/v1/organisations/{absent}"), "unknown-organisation"),
        (format!("/api/v1/organisations/{absent}/logs/{absent}"), "unknown-organisation"),
        (format!("/api/v1/journal/inclusion?id={absent}"), "unknown-record"),
        ("/api/v1/kinds/poem/schema".to_owned(), "unknown-kind"),
        ("/api/v1/poems".to_owned(), "no-such-path"),
        ("/api/v1/".to_owned(), "no-such-path"),
    ] {
        assert_eq!(house.get(&path, &[]).json()["code"], code, "{path}");
        assert_eq!(house.get(&path, &[]).status, 404, "{path}");
    }
    let answer = house.post("/api/v1/status", "text/plain", b"", &[]);
    answer.problem(405, "method");
    assert!(answer.header("allow").contains("GET"));
    assert!(house.get("/api/v1/status?verbose=1", &[]).problem(400, "unknown-parameter").contains("verbose"));
    assert!(house.get("/api/v1/records?kin=practice", &[]).problem(400, "unknown-parameter").contains("kind, organisation"));
    assert!(house.get("/api/v1/records?kind=poem", &[]).problem(400, "bad-parameter").contains("/api/v1/kinds"));
}

#[test]
fn pages_join_to_the_whole_list_newest_first() {
    let (house, author, records) = house(7);
    let mut seen = Vec::new();
    let mut next = Some("/api/v1/records?kind=practice&limit=3".to_owned());
    while let Some(path) = next {
        let page = house.get(&path, &[]);
        let records = page.json()["records"].as_array().unwrap().clone();
        assert!(records.len() <= 3);
        seen.extend(records.iter().map(|record| record["id"].as_str().unwrap().to_owned()));
        assert!(records.iter().all(|record| record["title"].is_string() && record.get("body").is_none()));
        let link = page.header("link");
        assert_eq!(link.is_empty(), page.json()["next"].is_null());
        next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).map(str::to_owned);
    }
    let expected: Vec<_> = records.iter().rev().map(|record| record.id().to_string()).collect();
    assert_eq!(seen, expected);
    let of_author = house.json(&format!("/api/v1/records?organisation={}&kind=inception", author.id()));
    assert_eq!(of_author["records"][0]["id"], author.inception.id().to_string());
    assert_eq!(of_author["records"].as_array().unwrap().len(), 1);
}

#[test]
fn what_answers_a_record_is_listed_by_it() {
    let (house, mut author, records) = house(1);
    let review = author.write(4000, records[0].id(), b"{}");
    house.publish(&review);
    let list = house.json(&format!("/api/v1/records?subject={}", records[0].id()));
    assert_eq!(list["records"][0]["id"], review.id().to_string());
    assert_eq!((&list["records"][0]["kind_name"], &list["next"]), (&Value::Null, &Value::Null));
}

#[test]
fn search_finds_by_words_and_facets() {
    let (house, _, records) = house(3);
    eventually("the search index has followed", || house.json("/api/v1/search?q=lorry")["total"] == 3);
    let found = house.json("/api/v1/search?q=Lorries&language=en&kind=practice&limit=2");
    assert_eq!(found["total"], 3);
    assert_eq!(found["hits"].as_array().unwrap().len(), 2);
    let ids: Vec<_> = records.iter().map(|record| record.id().to_string()).collect();
    assert!(ids.contains(&found["hits"][0]["id"].as_str().unwrap().to_owned()));
    assert_eq!(found["hits"][0]["kind"], "practice");
    assert!(found["hits"][0]["title"].as_str().unwrap().starts_with("Lorry"));
    assert_eq!(found["facets"]["kind"], json!([{ "value": "practice", "records": 3 }]));
    assert_eq!(house.json("/api/v1/search?q=lorry&kind=need&kind=practice")["total"], 3);
    assert_eq!(house.json("/api/v1/search?kind=need")["total"], 0);
    house.get("/api/v1/search?limit=1000", &[]).problem(400, "bad-parameter");
    house.get("/api/v1/search?skip=10001", &[]).problem(400, "bad-parameter");
    house.get(&format!("/api/v1/search?q={}", "a".repeat(1001)), &[]).problem(400, "bad-parameter");
}

#[test]
fn a_bundle_proves_the_record_without_the_node() {
    let (house, _, records) = house(3);
    let path = format!("/api/v1/bundle/{}", records[1].id());
    let answer = house.get(&path, &[("Accept", "application/octet-stream")]);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/octet-stream"));
    let report = bundle::check(&answer.bytes, &house.founding.network().into()).unwrap();
    assert!(report.verified);
    assert_eq!((report.network, report.records[0].id), (house.founding.network(), records[1].id()));
    house.get(&format!("/api/v1/bundle/{}", RecordId([0xab; 32])), &[]).problem(404, "unknown-record");
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(|hash| hash.as_str().unwrap().parse::<RecordId>().unwrap().0).collect()
}

fn hash(value: &Value) -> Hash {
    value.as_str().unwrap().parse::<RecordId>().unwrap().0
}

#[test]
fn the_journals_proofs_hold() {
    let (house, author, records) = house(6);
    let now = house.json("/api/v1/journal");
    assert_eq!(now["size"], 7);
    let first = house.json("/api/v1/journal/ids?limit=4");
    let rest = house.json(&format!("/api/v1/journal/ids?from={}&limit=1000", first["next"]));
    assert!(rest["next"].is_null());
    let ids: Vec<_> = [&first, &rest].iter().flat_map(|page| hashes(&page["ids"])).collect();
    let expected: Vec<_> = std::iter::once(author.inception.id()).chain(records.iter().map(Record::id)).map(|id| id.0).collect();
    assert_eq!(ids, expected);

    let id = records[3].id();
    for size in [5, 6, 7] {
        let proof = house.json(&format!("/api/v1/journal/inclusion?id={id}&size={size}"));
        assert_eq!(proof["position"], 4);
        journal::verify_inclusion(&journal::leaf(&id), 4, (size, &hash(&proof["root"])), &hashes(&proof["hashes"])).unwrap();
        let consistency = house.json(&format!("/api/v1/journal/consistency?from={size}"));
        let (old, new) = (hash(&proof["root"]), hash(&now["root"]));
        journal::verify_consistency((size, &old), (7, &new), &hashes(&consistency["hashes"])).unwrap();
    }
    assert!(
        house.get(&format!("/api/v1/journal/inclusion?id={id}&size=4"), &[]).problem(400, "bad-parameter").contains("place 4")
    );
    house.get("/api/v1/journal/consistency?from=3&to=99", &[]).problem(400, "bad-parameter");
    house.get("/api/v1/journal/consistency?from=3&to=2", &[]).problem(400, "bad-parameter");
    assert!(house.get("/api/v1/journal/consistency", &[]).problem(400, "bad-parameter").contains("'from' is required"));
}

#[test]
fn the_network_and_the_node_are_described() {
    let (house, author, _) = house(0);
    let charter = house.get("/api/v1/charter", &[]);
    assert_eq!(charter.bytes, house.founding.encode());
    let view = house.get("/api/v1/charter", &[("Accept", "application/json")]).json();
    assert_eq!((&view["network"], &view["name"]["en"]), (&json!(house.founding.network().to_string()), &json!("Test network")));
    assert_eq!(view["founders"][0]["key"], author.device().to_string());
    let status = house.json("/api/v1/status");
    assert_eq!((&status["name"], &status["indexed"], &status["failure"]), (&json!("Test"), &json!(1), &Value::Null));
    assert_eq!(status["root"], house.json("/api/v1/journal")["root"]);
    let organisations = house.json("/api/v1/organisations");
    assert_eq!(organisations["organisations"][0]["id"], author.id().to_string());
    let kinds = house.json("/api/v1/kinds");
    for kind in kinds["kinds"].as_array().unwrap() {
        let schema = house.get(kind["schema"].as_str().unwrap(), &[]);
        assert_eq!(schema.header("content-type"), "application/schema+json");
        assert_eq!(schema.json()["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
    assert_eq!(house.get("/healthz", &[]).text(), "ok\n");
    assert_eq!(house.get("/readyz", &[]).text(), "ready\n");
    let metrics = house.get("/metrics", &[]).text();
    assert!(
        metrics.contains(r#"koinon_http_requests_total{method="GET",route="/api/v1/kinds/{name}/schema",status="200"}"#),
        "{metrics}"
    );
}
