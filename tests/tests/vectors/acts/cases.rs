//! Acts that are admitted, and what follows from them together.

use super::town::{DELAY, Draft, Record, START, TOWN, Town, charter, founders, guards, key, listed, mandate, roots};
use crate::table::Row;
use koinon_protocol::id::RecordId;
use koinon_protocol::key::Signer;
use koinon_protocol::time::Millis;
use serde_json::{Value, json};

pub(super) fn rows() -> Vec<Row> {
    let town = Town::new();
    [rotations(&town), revocations(&town), recoveries(&town), closings(&town), suspensions(&town), amendments(&town)].concat()
}

impl Town {
    pub(super) fn begun(&self) -> RecordId {
        self.id(TOWN).into()
    }

    pub(super) fn rotation(&self, devices: &Value) -> Record {
        self.act(5, &self.succeeding(self.begun(), 2, devices), roots(TOWN, 2))
    }

    pub(super) fn revocation(&self, role: u8, last: Option<Value>) -> Value {
        let mut said =
            json!({ "under": self.begun(), "device": key(TOWN, role).public(), "ground": "lost", "mandate": mandate() });
        if let Some(last) = last {
            said["last"] = last;
        }
        said
    }

    pub(super) fn recovery(&self) -> Draft {
        let said = self.succeeding(self.begun(), 5, &json!([listed(1, None)]));
        self.draft(7, Some(TOWN), &said, guards(&[0, 2]))
    }

    pub(super) fn confirmation(&self, recovery: RecordId, signers: Vec<Signer>) -> Draft {
        let said = json!({ "recovery": recovery, "mandate": mandate() });
        let late = |draft: &mut Draft| draft.header.claimed_at = Millis(START + 20 + DELAY);
        self.draft(8, Some(TOWN), &said, signers).with(late).with(|draft| draft.carrier = key(TOWN, 71))
    }

    pub(super) fn veto(&self, recovery: RecordId, signers: Vec<Signer>) -> Draft {
        let said = json!({ "recovery": recovery, "ground": "We are here.", "mandate": mandate() });
        self.draft(9, Some(TOWN), &said, signers).with(|draft| draft.carrier = key(TOWN, 72))
    }

    pub(super) fn closing(&self, devices: &Value, successors: &[u8]) -> Value {
        let successors: Vec<_> = successors.iter().map(|number| self.id(*number)).collect();
        json!({ "under": self.begun(), "devices": devices, "successors": successors, "ground": "merged", "mandate": mandate() })
    }

    fn agree(&self, number: u8, closing: RecordId) -> Record {
        let body = json!({ "ground": "agreed", "mandate": mandate() });
        self.record(14, number, 0, &body, |header| header.subject = closing)
    }

    /// Association 0 suspends its word for the town.
    pub(super) fn suspension(&self, from: u64, until: Option<u64>) -> Draft {
        let mut said = json!({
            "under": self.id(0), "subject": self.id(TOWN), "from": START + from, "ground": "an enquiry", "mandate": mandate(),
        });
        if let Some(until) = until {
            said["until"] = json!(START + until);
        }
        let subject = self.id(TOWN).into();
        self.draft(12, Some(0), &said, roots(0, 1)).with(|draft| draft.header.subject = subject)
    }

    pub(super) fn founding(&self) -> RecordId {
        RecordId(self.network.0)
    }

    /// The first amendment, to a depth, signed by these founders.
    pub(super) fn amend(&self, depth: u8, by: &[u8], carrier: u8) -> Record {
        let mut changed = charter();
        changed["depth"] = json!(depth);
        let said = self.amendment(1, self.founding(), 100, &changed);
        self.draft(13, None, &said, founders(by)).with(|draft| draft.carrier = key(TOWN, carrier)).write()
    }
}

/// In a record of its own, by another carrier.
fn again(draft: Draft, carrier: u8) -> Record {
    draft.with(|draft| draft.carrier = key(TOWN, carrier)).write()
}

fn rotations(town: &Town) -> Vec<Row> {
    let case = town.case(0, 3, 10);
    let to = |generation, previous, devices: &Value| {
        town.draft(5, Some(TOWN), &town.succeeding(previous, generation, devices), roots(TOWN, generation))
    };
    let both = json!([listed(0, None), listed(1, None)]);
    let first = to(2, town.begun(), &both).write();
    let second = again(to(3, first.name, &json!([listed(1, None)])), 71);
    let other = again(to(2, town.begun(), &json!([listed(0, Some(case.last()))])), 72);
    let third = again(to(2, town.begun(), &json!([listed(1, None)])), 73);
    vec![
        town.row("nobody decided anything", "ok", &[]),
        town.row("a rotation to two devices", "ok", std::slice::from_ref(&first)),
        town.row("a rotation until a record", "ok", &[case.clone(), town.rotation(&json!([listed(0, Some(case.last()))]))]),
        town.row("a rotation to no device", "ok", &[town.rotation(&json!([]))]),
        town.row("one decision in two records", "ok", &[first.clone(), again(to(2, town.begun(), &both), 74)]),
        town.row("a rotation after a rotation", "ok", &[first.clone(), second.clone()]),
        town.row("the later rotation stands before the one it rests on", "ok", &[second.clone(), first.clone()]),
        town.row("two rotations that contradict leave what both list", "ok", &[first.clone(), other.clone()]),
        town.row("two rotations without a device in common", "ok", &[other, third]),
        town.row("a device that the new roots add", "ok", &[first.clone(), town.device(5, 2, Some(first.name), 2)]),
        town.row("a device that the former roots added", "ok", &[town.device(5, 1, None, 2), first.clone()]),
        town.row("a device of the former roots, after the rotation", "ok", &[first.clone(), town.device(5, 1, None, 2)]),
        town.row("a record of a device that a rotation behind it takes away", "unknown_device", &{
            [case.clone(), first.clone(), second.clone()]
        }),
        town.row(
            "a rotation in front of the one it rests on takes nothing away that stands before it",
            "ok",
            &[case, second, first],
        ),
    ]
}

fn revocations(town: &Town) -> Vec<Row> {
    let (second, third) = (town.case(0, 2, 11), town.case(0, 3, 12));
    let revoke = |carrier, role, last| again(town.draft(6, Some(TOWN), &town.revocation(role, last), roots(TOWN, 1)), carrier);
    let at_second = revoke(70, 0, Some(second.last()));
    let gone = revoke(71, 0, None);
    let rotation =
        again(town.draft(5, Some(TOWN), &town.succeeding(town.begun(), 2, &json!([listed(0, None)])), roots(TOWN, 2)), 75);
    vec![
        town.row("a device's log ends after a record", "ok", &[town.case(0, 1, 10), second.clone(), at_second.clone()]),
        town.row("a record after the end", "ended_device", &[at_second.clone(), third.clone()]),
        town.row("another record at the end", "ended_device", &[at_second.clone(), town.case(0, 2, 13)]),
        town.row("a record after the end, before the revocation", "ended_device", &[third.clone(), at_second.clone()]),
        town.row("two ends: the earlier counts", "ok", &[revoke(72, 0, Some(third.last())), at_second.clone()]),
        town.row("an end, and no record counts", "ok", &[gone.clone(), at_second]),
        town.row("of a device that is none", "ok", &[revoke(73, 4, Some(third.last()))]),
        town.row("a record of a device that was taken away", "unknown_device", &[second, gone.clone()]),
        town.row("a device introduces itself when all others are gone", "ok", &[gone.clone(), town.device(1, 1, None, 2)]),
        town.row("a revocation by roots that a rotation replaced", "ok", &[gone, rotation, third]),
    ]
}

fn recoveries(town: &Town) -> Vec<Row> {
    let recovery = town.recovery().write();
    let confirmation = town.confirmation(recovery.id(), guards(&[1, 2])).write();
    let veto = town.veto(recovery.id(), roots(TOWN, 1)).write();
    let to = |devices: &Value, carrier| {
        again(town.draft(5, Some(TOWN), &town.succeeding(town.begun(), 2, devices), roots(TOWN, 2)), carrier)
    };
    let (one, other) = (to(&json!([listed(0, None)]), 73), to(&json!([]), 74));
    let same = again(town.recovery(), 75);
    let only_one = again(town.confirmation(same.id(), guards(&[0, 1])), 76);
    vec![
        town.row("a recovery that is only proposed", "ok", std::slice::from_ref(&recovery)),
        town.row("a recovery that was confirmed", "ok", &[recovery.clone(), confirmation.clone()]),
        town.row("a recovery that was confirmed and vetoed", "ok", &[veto.clone(), confirmation.clone(), recovery.clone()]),
        town.row(
            "one decision in two records: the veto is of one of them",
            "ok",
            &[recovery.clone(), same, confirmation.clone(), only_one, veto],
        ),
        town.row("a rotation and a recovery: the rotation counts", "ok", &[recovery.clone(), confirmation.clone(), one.clone()]),
        town.row("a recovery after two rotations that contradict", "ok", &[one, other, recovery, confirmation]),
    ]
}

fn closings(town: &Town) -> Vec<Row> {
    let (second, third) = (town.case(0, 2, 11), town.case(0, 3, 12));
    let ends = |last: &Record| json!([listed(0, Some(last.last()))]);
    let close = |devices: &Value, successors: &[u8], carrier| {
        again(town.draft(10, Some(TOWN), &town.closing(devices, successors), roots(TOWN, 1)), carrier)
    };
    let merged = close(&ends(&second), &[1], 70);
    let side = [town.inception(1), town.inception(2), merged.clone()];
    let agreed = |records: &[Record]| [&side[..], records].concat();
    vec![
        town.row("dissolved", "ok", &[close(&ends(&second), &[], 71)]),
        town.row("a record after the closing", "ended_device", &[merged.clone(), third.clone()]),
        town.row("two closings: what both list, until the earlier end", "ok", &[merged.clone(), close(&ends(&third), &[2], 72)]),
        town.row("a closing that lists no device", "ok", &[town.device(1, 1, None, 2), close(&json!([]), &[1], 73)]),
        town.row("merged, by the word of the one that ends alone", "ok", &side),
        town.row("merged, by the word of both sides", "ok", &agreed(&[town.agree(1, merged.id())])),
        town.row("merged, by the word of both sides and an association", "ok", &{
            agreed(&[town.agree(1, merged.id()), town.agree(2, merged.id())])
        }),
        town.row("merged, without the successor's word", "ok", &agreed(&[town.agree(2, merged.id())])),
    ]
}

fn suspensions(town: &Town) -> Vec<Row> {
    let during = again(town.suspension(100, Some(200)), 70);
    let for_good = again(town.suspension(100, None), 71);
    let said = json!({
        "previous": town.id(0), "roots": super::town::public(&roots(0, 2)), "threshold": 2, "next_roots": super::town::digest(0, 3),
        "devices": [{ "device": key(0, 0).public(), "label": "Office" }], "mandate": mandate(),
    });
    let mut withdrawing = said.clone();
    withdrawing["withdraws"] = json!([for_good.name]);
    let rotate = |said: &Value| again(town.draft(5, Some(0), said, roots(0, 2)), 72);
    vec![
        town.row("suspended for a while, and what was said around it", "ok", &{
            [during.clone(), town.case(0, 1, 99), town.case(0, 2, 200)]
        }),
        town.row("a record while its author is suspended", "no_standing", &[town.case(0, 1, 199), during.clone()]),
        town.row("suspended for good", "ok", std::slice::from_ref(&for_good)),
        town.row("two suspensions", "ok", &[during.clone(), for_good.clone()]),
        town.row("new roots keep a suspension", "ok", &[for_good.clone(), rotate(&said)]),
        town.row("new roots withdraw a suspension", "ok", &[for_good, during, rotate(&withdrawing), town.case(0, 1, 300)]),
    ]
}

fn amendments(town: &Town) -> Vec<Row> {
    let first = town.amend(2, &[0, 1], 70);
    let second = town.draft(13, None, &town.amendment(2, first.name, 200, &charter()), founders(&[1, 2]));
    let rival = town.amend(1, &[1, 2], 72);
    let mut fewer = charter();
    fewer["founders"].as_array_mut().expect("a list").remove(0);
    let without = town.draft(13, None, &town.amendment(1, town.founding(), 100, &fewer), founders(&[1, 2])).write();
    vec![
        town.row("an amendment", "ok", std::slice::from_ref(&first)),
        town.row("an amendment of an amendment", "ok", &[again(second, 71), first.clone()]),
        town.row("one amendment in two records, signed by others", "ok", &[first.clone(), town.amend(2, &[1, 2], 73)]),
        town.row("two amendments with a founder who signed both", "ok", &[first.clone(), rival.clone()]),
        town.row("two amendments, one of which all founders signed", "ok", &[town.amend(2, &[0, 1, 2], 74), rival.clone()]),
        town.row(
            "two amendments, of which enough founders signed one alone",
            "ok",
            &[town.amend(2, &[0, 1, 2], 75), { town.amend(1, &[0, 1], 76) }],
        ),
        town.row(
            "a founder writes until the charter names it no more",
            "ok",
            &[without.clone(), { town.record(34, 0, 0, &json!({}), |header| header.claimed_at = Millis(START + 99)) }],
        ),
        town.row(
            "a founder writes when the charter names it no more",
            "no_standing",
            &[without, { town.record(34, 0, 0, &json!({}), |header| header.claimed_at = Millis(START + 100)) }],
        ),
    ]
}
