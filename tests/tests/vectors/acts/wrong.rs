//! Every way in which an act is not admitted.

use super::town::{Draft, Record, START, TOWN, Town, charter, founders, guards, key, listed, mandate, roots};
use crate::table::Row;
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::time::Millis;
use serde_json::{Value, json};

const NOWHERE: RecordId = RecordId([9; 32]);

pub(super) fn rows() -> Vec<Row> {
    let town = Town::new();
    [
        papers(&town),
        rotations(&town),
        revocations(&town),
        recoveries(&town),
        closings(&town),
        suspensions(&town),
        amendments(&town),
    ]
    .concat()
}

/// A value after a change.
fn with(mut value: Value, change: impl FnOnce(&mut Value)) -> Value {
    change(&mut value);
    value
}

fn papers(town: &Town) -> Vec<Row> {
    let draft = || town.draft(6, Some(TOWN), &town.revocation(0, None), roots(TOWN, 1));
    let edited = |edit: fn(&mut Value)| draft().with(|draft| draft.edit = edit).write();
    let said = |text: &str| draft().with(|draft| draft.text = text.to_owned()).write();
    let text = town.revocation(0, None).to_string();
    vec![
        town.row(
            "a body without signatures",
            "Form",
            &[edited(|body| drop(body.as_object_mut().map(|body| body.remove("signatures"))))],
        ),
        town.row("a text that is an object, not a text", "Form", &[edited(|body| body["text"] = json!({}))]),
        town.row("a text that is no JSON", "Syntax", &[said("{")]),
        town.row("a text that is a list", "NotAnObject", &[said("[]")]),
        town.row("a text with a key twice", "Duplicate", &[said(r#"{"under":1,"under":1}"#)]),
        town.row("a text with a fraction", "Number", &[said(&text.replacen('{', r#"{"x":1.5,"#, 1))]),
        town.row("a text with a member that nobody knows", "ok", &[said(&text.replacen('{', r#"{"x":1,"#, 1))]),
        town.row(
            "a text of another kind of act",
            "Form",
            &[said(&json!({ "recovery": NOWHERE, "mandate": mandate() }).to_string())],
        ),
        town.row("nobody signed", "TooFew", &[draft().with(|draft| draft.signers.clear()).write()]),
        town.row("one of two roots signed", "TooFew", &[draft().with(|draft| drop(draft.signers.pop())).write()]),
        town.row(
            "a root signed twice",
            "Forged",
            &[edited(|body| {
                let first = body["signatures"][0].clone();
                body["signatures"].as_array_mut().expect("a list").push(first);
            })],
        ),
        town.row("enough roots and a stranger signed", "Forged", &[draft().with(|draft| draft.signers.push(key(0, 0))).write()]),
        town.row(
            "a signature is another root's",
            "Forged",
            &[edited(|body| {
                body["signatures"][0]["signature"] = body["signatures"][1]["signature"].clone();
            })],
        ),
        town.row(
            "signed for another carrier",
            "Forged",
            &[draft().with(|draft| draft.signed_for = Some(key(0, 0).public())).write()],
        ),
        town.row(
            "signed for another text",
            "Forged",
            &[edited(|body| {
                body["text"] = json!(body["text"].as_str().unwrap_or_default().replace("lost", "sold"));
            })],
        ),
        town.row(
            "an act that is no first record",
            "NotAlone",
            &[draft().with(|draft| (draft.header.seq, draft.header.previous) = (1, NOWHERE)).write()],
        ),
        town.row(
            "an act of an organisation that is not known",
            "unknown_author",
            &[draft().with(|draft| draft.header.organisation = OrganisationId([9; 32])).write()],
        ),
        town.row(
            "an act of no organisation",
            "refused",
            &[draft().with(|draft| draft.header.organisation = OrganisationId::ZERO).write()],
        ),
        town.row(
            "an act of another organisation",
            "unknown_act",
            &[draft().with(|draft| draft.header.organisation = town.id(0)).write()],
        ),
    ]
}

fn rotations(town: &Town) -> Vec<Row> {
    let said = || town.succeeding(town.begun(), 2, &json!([listed(0, None)]));
    let act = |said: &Value| town.act(5, said, roots(TOWN, 2));
    let changed = |change: fn(&mut Value)| act(&with(said(), change));
    let twice = json!([listed(0, None), listed(0, None)]);
    let weak = json!([{ "device": "01".to_owned() + &"00".repeat(31), "label": "Desk" }]);
    let many = |count: u64| (0..count).map(|place| json!({ "seq": place, "id": NOWHERE })).collect::<Vec<_>>();
    vec![
        town.row(
            "roots that nobody committed to",
            "NextRoots",
            &[town.act(5, &town.succeeding(town.begun(), 3, &json!([])), roots(TOWN, 3))],
        ),
        town.row("the next roots with another threshold", "NextRoots", &[changed(|said| said["threshold"] = json!(1))]),
        town.row("signed by the roots before", "Forged", &[town.act(5, &said(), roots(TOWN, 1))]),
        town.row(
            "one of two next roots signed",
            "TooFew",
            &[town.act(5, &said(), roots(TOWN, 2)[..1].iter().map(copy).collect())],
        ),
        town.row(
            "after a key event that is not known",
            "unknown_act",
            &[act(&with(said(), |said| said["previous"] = json!(NOWHERE)))],
        ),
        town.row("a root twice", "Keys", &[changed(|said| said["roots"][1] = said["roots"][0].clone())]),
        town.row("no roots", "Keys", &[changed(|said| said["roots"] = json!([]))]),
        town.row("a threshold over the roots", "Threshold", &[changed(|said| said["threshold"] = json!(3))]),
        town.row("a threshold of zero", "Threshold", &[changed(|said| said["threshold"] = json!(0))]),
        town.row(
            "a guardian's key twice",
            "Keys",
            &[changed(|said| {
                said["guardians"]["members"][1] = said["guardians"]["members"][0].clone();
            })],
        ),
        town.row("a device twice", "Devices", &[act(&town.succeeding(town.begun(), 2, &twice))]),
        town.row("a device whose key is weak", "Devices", &[act(&town.succeeding(town.begun(), 2, &weak))]),
        town.row("a last place that is null", "Form", &[changed(|said| said["devices"][0]["last"] = Value::Null)]),
        town.row("a last place that is a list", "Form", &[changed(|said| said["devices"][0]["last"] = json!([1, NOWHERE]))]),
        town.row("devices as objects of another form", "Form", &[act(&with(said(), |said| said["devices"] = json!(many(2))))]),
        town.row(
            "33 withdrawn suspensions",
            "Devices",
            &[act(&with(said(), |said| said["withdraws"] = json!(vec![NOWHERE; 33])))],
        ),
        town.row("32 withdrawn suspensions", "ok", &[act(&with(said(), |said| said["withdraws"] = json!(vec![NOWHERE; 32])))]),
        town.row("without a resolution", "Mandate", &[changed(|said| said["mandate"]["resolution"] = json!(" \u{2003}"))]),
        town.row("without a mandate", "Form", &[changed(|said| drop(said.as_object_mut().map(|said| said.remove("mandate"))))]),
        town.row(
            "devices are asked before the mandate",
            "Devices",
            &[act(&with(town.succeeding(town.begun(), 2, &twice), |said| {
                said["mandate"]["resolution"] = json!("");
            }))],
        ),
        town.row("a device under a key event that is not known", "unknown_act", &[town.device(5, 1, Some(NOWHERE), 2)]),
        town.row("a device by one of two roots", "TooFew", &[town.device(5, 1, None, 1)]),
        town.row("a device by roots of another generation", "Forged", &[town.device(5, 2, None, 2)]),
    ]
}

fn copy(signer: &koinon_protocol::key::Signer) -> koinon_protocol::key::Signer {
    [10, 11, 20, 21]
        .into_iter()
        .map(|role| key(TOWN, role))
        .find(|own| own.public() == signer.public())
        .expect("a root of the town")
}

fn revocations(town: &Town) -> Vec<Row> {
    let act = |change: &dyn Fn(&mut Value)| town.act(6, &with(town.revocation(0, None), change), roots(TOWN, 1));
    vec![
        town.row("a revocation without a ground", "Ground", &[act(&|said| said["ground"] = json!(" \n"))]),
        town.row("a ground of 2,001 characters", "Ground", &[act(&|said| said["ground"] = json!("ä".repeat(2_001)))]),
        town.row("a ground of 2,000 characters", "ok", &[act(&|said| said["ground"] = json!("ä".repeat(2_000)))]),
        town.row("a revocation without a resolution", "Mandate", &[act(&|said| said["mandate"]["resolution"] = json!(""))]),
        town.row(
            "the ground is asked before the mandate",
            "Ground",
            &[act(&|said| {
                (said["ground"], said["mandate"]["resolution"]) = (json!(""), json!(""));
            })],
        ),
        town.row("a last place below zero", "Form", &[act(&|said| said["last"] = json!({ "seq": -1, "id": NOWHERE }))]),
        town.row("a revocation by the next roots", "Forged", &[town.act(6, &town.revocation(0, None), roots(TOWN, 2))]),
        town.row(
            "a revocation under a key event that is not known",
            "unknown_act",
            &[act(&|said| said["under"] = json!(NOWHERE))],
        ),
    ]
}

fn recoveries(town: &Town) -> Vec<Row> {
    let recovery = town.recovery().write();
    let by = |numbers: &[u8]| town.recovery().with(|draft| draft.signers = guards(numbers)).write();
    let confirm = |id, signers| town.confirmation(id, signers);
    let own = town.recovery().with(|draft| (draft.header.organisation, draft.signers) = (town.id(0), roots(0, 1)));
    let said = with(town.succeeding(town.id(0).into(), 5, &json!([])), |_| ());
    vec![
        town.row("one of three guardians proposes", "TooFew", &[by(&[1])]),
        town.row("roots propose a recovery", "Forged", &[town.recovery().with(|draft| draft.signers = roots(TOWN, 1)).write()]),
        town.row("a recovery of another's key event", "unknown_act", &[own.write()]),
        town.row("an organisation without guardians", "Forged", &[town.draft(7, Some(0), &said, guards(&[0, 1])).write()]),
        town.row(
            "a confirmation before the delay has passed",
            "TooEarly",
            &[recovery.clone(), { confirm(recovery.id(), guards(&[0, 1])).with(|draft| draft.header.claimed_at.0 -= 1).write() }],
        ),
        town.row("one of three guardians confirms", "TooFew", &[recovery.clone(), confirm(recovery.id(), guards(&[0])).write()]),
        town.row("roots confirm", "Forged", &[recovery.clone(), confirm(recovery.id(), roots(TOWN, 1)).write()]),
        town.row(
            "a confirmation of the name, not of the record",
            "unknown_act",
            &[recovery.clone(), { confirm(recovery.name, guards(&[0, 1])).write() }],
        ),
        town.row("a confirmation of a rotation", "unknown_act", &{
            let rotation = town.rotation(&json!([]));
            [rotation.clone(), confirm(rotation.id(), guards(&[0, 1])).write()]
        }),
        town.row(
            "a confirmation without a resolution",
            "Mandate",
            &[recovery.clone(), {
                let said = json!({ "recovery": recovery.id(), "mandate": { "resolution": "", "date": "" } });
                town.draft(8, Some(TOWN), &said, guards(&[0, 1])).with(|draft| draft.carrier = key(TOWN, 71)).write()
            }],
        ),
        town.row("guardians veto", "Forged", &[recovery.clone(), town.veto(recovery.id(), guards(&[0, 1])).write()]),
        town.row("the proposed roots veto", "Forged", &[recovery.clone(), town.veto(recovery.id(), roots(TOWN, 5)).write()]),
        town.row(
            "a veto without a ground",
            "Ground",
            &[recovery.clone(), {
                let said = json!({ "recovery": recovery.id(), "ground": "", "mandate": mandate() });
                town.draft(9, Some(TOWN), &said, roots(TOWN, 1)).with(|draft| draft.carrier = key(TOWN, 71)).write()
            }],
        ),
        town.row("a veto of nothing that is known", "unknown_act", &[town.veto(NOWHERE, roots(TOWN, 1)).write()]),
    ]
}

fn closings(town: &Town) -> Vec<Row> {
    let last = json!({ "seq": 0, "id": NOWHERE });
    let close =
        |devices: Value, change: &dyn Fn(&mut Value)| town.act(10, &with(town.closing(&devices, &[1]), change), roots(TOWN, 1));
    let ended = || json!([listed(0, Some(last.clone()))]);
    let successors = |count: u8| json!((0..count).map(|number| OrganisationId([number; 32])).collect::<Vec<_>>());
    let agreed = |ground: &str, resolution: &str| {
        let body = json!({ "ground": ground, "mandate": { "resolution": resolution, "date": "" } });
        town.record(14, 0, 0, &body, |header| header.subject = NOWHERE)
    };
    vec![
        town.row("a closing with a device that goes on", "Devices", &[close(json!([listed(0, None)]), &|_| ())]),
        town.row("a closing with a device twice", "Devices", &[close(json!([ended()[0], ended()[0]]), &|_| ())]),
        town.row("a successor twice", "Successors", &[close(ended(), &|said| said["successors"] = json!([NOWHERE, NOWHERE]))]),
        town.row("33 successors", "Successors", &[close(ended(), &|said| said["successors"] = successors(33))]),
        town.row("32 successors", "ok", &[close(ended(), &|said| said["successors"] = successors(32))]),
        town.row("a closing without a ground", "Ground", &[close(ended(), &|said| said["ground"] = json!(""))]),
        town.row(
            "a closing without a resolution",
            "Mandate",
            &[close(ended(), &|said| said["mandate"]["resolution"] = json!(""))],
        ),
        town.row("a closing by guardians", "Forged", &[town.act(10, &town.closing(&ended(), &[]), guards(&[0, 1]))]),
        town.row("a succession without a ground", "Ground", &[agreed("", "1")]),
        town.row("a succession without a resolution", "Mandate", &[agreed("agreed", "")]),
        town.row(
            "a succession to nothing",
            "NoSubject",
            &[{ town.record(14, 0, 0, &json!({ "ground": "agreed", "mandate": mandate() }), |_| ()) }],
        ),
    ]
}

fn suspensions(town: &Town) -> Vec<Row> {
    let act = |change: &dyn Fn(&mut Value)| {
        let draft = town.suspension(100, Some(200));
        let said = serde_json::from_str(&draft.text).expect("a text is JSON");
        draft.with(|draft| draft.text = with(said, change).to_string())
    };
    vec![
        town.row("a suspension that ends when it begins", "Period", &[town.suspension(100, Some(100)).write()]),
        town.row(
            "a suspension of another than in the header",
            "NoSubject",
            &[act(&|_| ()).with(|draft| draft.header.subject = town.id(1).into()).write()],
        ),
        town.row(
            "a suspension about nobody",
            "NoSubject",
            &[act(&|_| ()).with(|draft| draft.header.subject = RecordId::ZERO).write()],
        ),
        town.row("a suspension without a ground", "Ground", &[act(&|said| said["ground"] = json!("\u{3000}")).write()]),
        town.row(
            "a suspension without a resolution",
            "Mandate",
            &[act(&|said| said["mandate"]["resolution"] = json!("")).write()],
        ),
        town.row("a suspension until null", "Form", &[act(&|said| said["until"] = Value::Null).write()]),
        town.row(
            "a suspension under a key event that is not known",
            "unknown_act",
            &[act(&|said| said["under"] = json!(NOWHERE)).write()],
        ),
        town.row("a suspension by one of two roots", "TooFew", &[act(&|_| ()).with(|draft| drop(draft.signers.pop())).write()]),
    ]
}

fn amendments(town: &Town) -> Vec<Row> {
    let draft = |said: &Value, by: &[u8]| town.draft(13, None, said, founders(by));
    let said = || town.amendment(1, town.founding(), 100, &charter());
    let changed = |change: &dyn Fn(&mut Value)| draft(&with(said(), change), &[0, 1]).write();
    let first = draft(&said(), &[0, 1]).write();
    let follow = |number, from, by: &[u8]| {
        let said = town.amendment(number, first.name, from, &charter());
        [first.clone(), draft(&said, by).with(|draft: &mut Draft| draft.carrier = key(TOWN, 71)).write()]
    };
    let mut fewer = charter();
    fewer["founders"].as_array_mut().expect("a list").remove(0);
    let without: Record = draft(&town.amendment(1, town.founding(), 100, &fewer), &[1, 2]).write();
    vec![
        town.row("an amendment with the number of the founding charter", "Number", &[changed(&|said| said["number"] = json!(0))]),
        town.row(
            "the number is asked first",
            "Number",
            &[changed(&|said| {
                (said["number"], said["charter"]["depth"], said["mandate"]["resolution"]) = (json!(0), json!(9), json!(""));
            })],
        ),
        town.row("an amendment that leaves a number out", "Number", &[changed(&|said| said["number"] = json!(2))]),
        town.row("an amendment that repeats a number", "Number", &follow(1, 200, &[0, 1])),
        town.row("an amendment from the moment of the one before", "Number", &follow(2, 100, &[0, 1])),
        town.row("an amendment from the first moment of all", "Number", &[changed(&|said| said["from"] = json!(0))]),
        town.row("a number of 2^32", "Form", &[changed(&|said| said["number"] = json!(1_u64 << 32))]),
        town.row("one of three founders amends", "TooFew", &[draft(&said(), &[1]).write()]),
        town.row("roots of a founder amend", "Forged", &[town.draft(13, None, &said(), roots(0, 1)).write()]),
        town.row(
            "a former founder amends",
            "Forged",
            &[without.clone(), {
                let said = town.amendment(2, without.name, 200, &charter());
                draft(&said, &[0, 1]).with(|draft| draft.carrier = key(TOWN, 71)).write()
            }],
        ),
        town.row(
            "an amendment of a charter that is not known",
            "unknown_act",
            &[changed(&|said| said["previous"] = json!(NOWHERE))],
        ),
        town.row("an amendment to a charter without a name", "Name", &[changed(&|said| said["charter"]["name"] = json!({}))]),
        town.row(
            "an amendment to a founder twice",
            "Keys",
            &[changed(&|said| {
                said["charter"]["founders"][1] = said["charter"]["founders"][0].clone();
            })],
        ),
        town.row(
            "an amendment to a threshold of one in three",
            "Threshold",
            &[changed(&|said| {
                said["charter"]["thresholds"]["amendment"] = json!(1);
            })],
        ),
        town.row("an amendment to a depth of five", "Depth", &[changed(&|said| said["charter"]["depth"] = json!(5))]),
        town.row("an amendment without a resolution", "Mandate", &[changed(&|said| said["mandate"]["resolution"] = json!(""))]),
        town.row(
            "an amendment by an organisation",
            "refused",
            &[{ town.draft(13, Some(0), &said(), founders(&[0, 1])).write() }],
        ),
        town.bare("an amendment before any organisation began", "ok", &[first]),
        town.row(
            "a record of a founder that an amendment adds, before it counts",
            "no_standing",
            &[
                {
                    let mut more = charter();
                    let added = json!({ "name": { "en": "Town" }, "country": "AT", "key": key(TOWN, 0).public() });
                    more["founders"].as_array_mut().expect("a list").push(added);
                    more["thresholds"]["amendment"] = json!(3);
                    draft(&town.amendment(1, town.founding(), 100, &more), &[0, 1]).write()
                },
                town.suspension(50, None).with(|draft| draft.carrier = key(TOWN, 71)).write(),
                town.case(0, 1, 99),
            ],
        ),
        town.row(
            "an act claims a moment before its network's",
            "ok",
            &[{ draft(&said(), &[0, 1]).with(|draft| draft.header.claimed_at = Millis(START - 1)).write() }],
        ),
    ]
}
