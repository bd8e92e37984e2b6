//! What an operator hides is not shown by this node, and nothing else changes.

use crate::admin;
use crate::house::{House, eventually};
use koinon_protocol::bundle::{self, Reliance};
use koinon_protocol::id::RecordId;
use koinond::admin::client;
use serde_json::json;

#[test]
fn what_an_operator_hides_is_not_shown_listed_found_or_proven_here_and_is_kept() {
    let house = House::open();
    admin::open(&house);
    let mut author = house.founder();
    house.publish(&author.inception);
    let (hidden, other) = (author.example("practice", "A secret lorry"), author.example("practice", "A lorry"));
    house.publish(&hidden);
    house.publish(&other);
    let found = || house.json("/api/v1/search?q=lorry")["total"].clone();
    eventually("both are found", || found() == 2);

    let data = house.data.path();
    client::hide(data, hidden.id(), "A court asked us to.").unwrap();
    let id = hidden.id();
    for path in [format!("records/{id}"), format!("records/{id}/file"), format!("records/{id}/receipts"), format!("bundle/{id}")]
    {
        let said = house.get(&format!("/api/v1/{path}"), &[]).problem(410, "hidden");
        assert!(said.contains("A court asked us to.") && said.contains("other nodes may show it"), "{path}: {said}");
    }
    let listed = house.json("/api/v1/records?kind=practice")["records"].clone();
    assert_eq!(listed.as_array().unwrap().iter().map(|each| each["id"].clone()).collect::<Vec<_>>(), [json!(other.id())]);
    assert_eq!((found(), house.json("/api/v1/search?q=secret")["total"].clone()), (json!(1), json!(0)));
    let facets = house.json("/api/v1/search")["facets"]["kind"].clone();
    assert_eq!(facets, json!([{ "value": "practice", "records": 1 }]), "nothing of it is counted");

    let position = house.reader.find(&id).unwrap().unwrap();
    assert_eq!(house.reader.entry(position).unwrap().unwrap().body.unwrap().bytes, hidden.body.bytes(), "it is kept");
    assert!(house.json("/api/v1/journal/ids")["ids"].as_array().unwrap().contains(&json!(id)));
    let proof = house.get(&format!("/api/v1/bundle/{}", other.id()), &[("Accept", "application/octet-stream")]);
    assert!(
        bundle::check(&proof.bytes, &Reliance { network: Some(house.founding.network()), ..Reliance::default() })
            .unwrap()
            .verified,
        "what stands behind it is proven"
    );

    let after_a_restart = koinond::hidden::open(data).unwrap().1.list();
    assert_eq!(after_a_restart.get(&id).unwrap().ground, "A court asked us to.");
    assert_eq!(client::hidden(data).unwrap().into_iter().map(|each| each.record).collect::<Vec<_>>(), [id]);
    client::show(data, id).unwrap();
    assert_eq!(house.json(&format!("/api/v1/records/{id}"))["present"], true);
    assert_eq!((found(), client::hidden(data).unwrap()), (json!(2), vec![]));
}

#[test]
fn who_may_speak_is_not_hidden_and_a_ground_is_given() {
    let house = House::open();
    let refused = client::hide(house.data.path(), RecordId([7; 32]), "a ground").unwrap_err();
    assert!(refused.to_string().contains("koinond run"), "{refused}");
    admin::open(&house);
    let author = house.founder();
    house.publish(&author.inception);
    let data = house.data.path();
    let refused = client::hide(data, author.inception.id(), "a ground").unwrap_err();
    assert!(refused.to_string().contains("says who may speak"), "{refused}");
    let refused = client::hide(data, RecordId([7; 32]), " ").unwrap_err();
    assert!(refused.to_string().contains("1 to 2000 characters"), "{refused}");
    let refused = client::show(data, RecordId([7; 32])).unwrap_err();
    assert!(refused.to_string().contains("is not hidden here"), "{refused}");
    client::hide(data, RecordId([7; 32]), "one that is not here yet").unwrap();
}

#[test]
fn a_damaged_list_of_hidden_records_is_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(koinond::hidden::FILE), b"{").unwrap();
    let refused = koinond::hidden::open(folder.path()).err().unwrap();
    assert!(refused.to_string().contains("put it back from a copy"), "{refused}");
}
