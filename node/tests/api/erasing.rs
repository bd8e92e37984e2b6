//! What was erased says by whom, why, by what law and on whose decision.

use crate::house::{House, eventually};
use koinon_tests::author::Author;
use serde_json::{Value, json};

const ERASURE: &[u8] = br#"{"ground":"It names a child."}"#;
const NOTICE: &[u8] = br#"{"ground":"It names a child.","law":"Regulation (EU) 2016/679, article 17","mandate":{"resolution":"12/2026","date":"2026-03-02"}}"#;

/// A node with a founder and a member that it vouched for.
fn house() -> (House, Author, Author) {
    let house = House::open();
    let mut founder = house.founder();
    let member = house.organisation(2, "Valley Town");
    house.publish(&founder.inception);
    house.publish(&founder.vouch(member.id(), &["publish"], 0));
    house.publish(&member.inception);
    (house, founder, member)
}

#[test]
fn an_authors_erasure_gives_its_ground() {
    let (house, _, mut member) = house();
    let practice = member.example("practice", "A lorry");
    house.publish(&practice);
    let path = format!("/api/v1/records/{}", practice.id());
    assert_eq!(house.json(&path)["erased"], Value::Null);
    let erasure = member.write(4, practice.id(), ERASURE);
    house.publish(&erasure);
    let said = house.json(&path);
    assert_eq!((&said["present"], &said["body"]), (&json!(false), &Value::Null));
    let expected = json!({
        "record": erasure.id(), "kind": "erasure", "organisation": member.id(), "organisation_name": "Valley Town",
        "ground": "It names a child.", "law": null, "mandate": null, "claimed_at": erasure.record.header().claimed_at,
    });
    assert_eq!(said["erased"], expected);
    let listed = house.json(&format!("/api/v1/records?kind=practice&organisation={}", member.id()));
    assert_eq!(listed["records"][0]["erased"], expected);
}

#[test]
fn a_founders_notice_erases_what_another_said_and_a_members_does_not() {
    let (house, mut founder, mut member) = house();
    let (by_founder, by_member) = (founder.example("practice", "A boat"), member.example("practice", "A lorry"));
    house.publish(&by_founder);
    house.publish(&by_member);
    house.publish(&member.write(11, by_founder.id(), NOTICE));
    let notice = founder.write(11, by_member.id(), NOTICE);
    house.publish(&notice);
    let view = |id| house.json(&format!("/api/v1/records/{id}"));
    assert_eq!((&view(by_founder.id())["erased"], &view(by_founder.id())["present"]), (&Value::Null, &json!(true)));
    let said = view(by_member.id());
    assert_eq!(said["present"], json!(false));
    assert_eq!((&said["erased"]["kind"], &said["erased"]["record"]), (&json!("notice"), &json!(notice.id())));
    assert_eq!(said["erased"]["organisation_name"], "Riverland Association");
    assert_eq!(said["erased"]["law"], "Regulation (EU) 2016/679, article 17");
    assert_eq!(said["erased"]["mandate"], json!({ "resolution": "12/2026", "date": "2026-03-02", "attachment": null }));
    eventually("it is not found any more", || house.json("/api/v1/search?q=lorry")["total"] == 0);
    assert_eq!(view(notice.id())["kind_name"], "notice");
}

#[test]
fn a_notice_without_its_law_or_its_decision_is_refused() {
    let (house, mut founder, mut member) = house();
    let practice = member.example("practice", "A lorry");
    house.publish(&practice);
    for body in [&br#"{"ground":"a","mandate":{"resolution":"1","date":"2026-03-02"}}"#[..], br#"{"ground":"a","law":"b"}"#] {
        let place = founder.place.head;
        let refused = house.submit(&founder.write(11, practice.id(), body)).problem(422, "body-fields");
        assert!(refused.contains("law") || refused.contains("mandate"), "{refused}");
        founder.place.head = place;
    }
}
