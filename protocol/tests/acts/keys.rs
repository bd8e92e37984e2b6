//! Rotation and revocation.

use crate::town::{NOW, Record, Town, mandate, roots, signer};
use koinon_protocol::replica::{Lack, Standing};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::acts::Deed;
use koinon_protocol::trust::keys::Rotation;
use koinon_protocol::trust::revocation::Revocation;
use koinon_protocol::trust::{BodyError, Last, Refused};

fn revoke(town: &mut Town, number: u8, role: u8, last: Option<Last>) -> Record {
    let said = Revocation {
        under: town.id(number).into(),
        device: signer(number, role).public(),
        last,
        ground: "lost on a train".into(),
        mandate: mandate(),
    };
    town.act(Some(number), &said, &roots(number, 1), NOW)
}

fn rotate(town: &mut Town, number: u8, devices: &[(u8, Option<Last>)]) -> Record {
    let said = town.succeeding(number, town.id(number).into(), 2, devices);
    town.act(Some(number), &Rotation(said), &roots(number, 2), NOW)
}

#[test]
fn a_revoked_device_cannot_say_more_whatever_time_it_claims() {
    let mut town = Town::new();
    let kept = town.case(4, 0, Millis(NOW.0 + 10));
    town.say(&kept).unwrap();
    let late = town.case(4, 0, Millis(NOW.0 + 20));
    town.say(&late).unwrap();
    let revocation = revoke(&mut town, 4, 0, Town::last(&kept));
    town.say(&revocation).unwrap();
    assert!(town.stands(&kept) && !town.stands(&late) && town.stands(&revocation));
    // The thief claims that he wrote it before the device was revoked.
    let backdated = town.case(4, 0, Millis(NOW.0 + 20));
    assert!(matches!(town.say(&backdated), Err(Standing::Waits(_))));
    town.check_restart();
}

#[test]
fn who_was_admitted_through_a_revoked_device_falls_with_it() {
    let mut town = Town::new();
    let case = town.case(4, 0, NOW);
    town.say(&case).unwrap();
    // Association 0 vouched for 3 in the first record of its device.
    let revocation = revoke(&mut town, 0, 0, None);
    town.say(&revocation).unwrap();
    assert!(!town.stands(&case) && town.trust().organisation(town.id(3)).is_none());
    town.check_restart();
}

#[test]
fn a_device_of_an_organisation_that_lost_all_others_introduces_itself() {
    let mut town = Town::new();
    let (revocation, device) = (revoke(&mut town, 4, 0, None), town.device(4, 1, 1, None));
    town.say(&revocation).unwrap();
    town.say(&device).unwrap();
    let case = town.case(4, 1, NOW);
    town.say(&case).unwrap();
    assert!(town.stands(&case));
    town.check_restart();
}

#[test]
fn a_stolen_root_key_rotates_nothing() {
    let mut town = Town::new();
    let mut said = town.succeeding(4, town.id(4).into(), 3, &[]);
    let other_roots = town.act(Some(4), &Rotation(said.clone()), &roots(4, 3), NOW);
    assert_eq!(town.say(&other_roots), Err(Standing::Refused(Refused::Body(BodyError::NextRoots))));
    // The thief knows the present roots, and which roots come next, but has not their keys.
    said = town.succeeding(4, town.id(4).into(), 2, &[]);
    let by_the_present = town.act(Some(4), &Rotation(said), &roots(4, 1), NOW);
    assert!(matches!(town.say(&by_the_present), Err(Standing::Refused(Refused::Body(BodyError::Forged(_))))));
}

#[test]
fn after_a_rotation_nothing_counts_that_stolen_roots_let_in() {
    let mut town = Town::new();
    let own = town.case(4, 0, NOW);
    town.say(&own).unwrap();
    // A thief of both roots adds a device and writes with it.
    let device = town.device(4, 5, 1, None);
    town.say(&device).unwrap();
    let stolen = town.case(4, 5, NOW);
    town.say(&stolen).unwrap();
    assert!(town.stands(&stolen));
    let rotation = rotate(&mut town, 4, &[(0, None)]);
    town.say(&rotation).unwrap();
    assert!(town.stands(&own) && !town.stands(&stolen));
    // What they sign later is kept and gives nothing.
    let later = town.device(4, 6, 1, None);
    town.say(&later).unwrap();
    assert!(matches!(town.say(&town.case(4, 6, NOW)), Err(Standing::Waits(_))));
    // The new roots add devices, and revoke.
    let event = town.name(&rotation);
    let device = town.device(4, 7, 2, Some(event));
    town.say(&device).unwrap();
    let case = town.case(4, 7, NOW);
    town.say(&case).unwrap();
    assert!(town.stands(&case));
    assert!(town.trust().acts_of(town.id(4)).any(|act| matches!(act.deed, Deed::Rotation(_))));
    town.check_restart();
}

#[test]
fn two_rotations_that_contradict_leave_what_both_say() {
    let mut town = Town::new();
    let (first, device) = (town.case(4, 0, NOW), town.device(4, 1, 1, None));
    town.say(&first).unwrap();
    town.say(&device).unwrap();
    let second = town.case(4, 1, NOW);
    town.say(&second).unwrap();
    let more = town.case(4, 0, NOW);
    town.say(&more).unwrap();
    let one = rotate(&mut town, 4, &[(0, Town::last(&first)), (1, None)]);
    let other = rotate(&mut town, 4, &[(0, None)]);
    town.say(&one).unwrap();
    assert!(!town.stands(&more) && town.stands(&second));
    town.say(&other).unwrap();
    assert!(town.stands(&first) && !town.stands(&more) && !town.stands(&second));
    town.check_restart();
}

#[test]
fn one_decision_in_two_records_is_one_decision() {
    let mut town = Town::new();
    for _ in 0..2 {
        let rotation = rotate(&mut town, 4, &[(0, None)]);
        town.say(&rotation).unwrap();
    }
    assert_eq!(town.trust().organisation(town.id(4)).unwrap().roots, roots(4, 2).map(|root| root.public()));
    town.say(&town.case(4, 0, NOW)).unwrap();
}

#[test]
fn an_act_waits_for_the_one_it_rests_on_and_stands_alone() {
    let mut town = Town::new();
    let rotation = rotate(&mut town, 4, &[(0, None)]);
    let next = town.succeeding(4, town.name(&rotation), 3, &[(0, None)]);
    let after = town.act(Some(4), &Rotation(next), &roots(4, 3), NOW);
    assert!(matches!(town.say(&after), Err(Standing::Waits(Lack::Known(_)))));
    town.say(&rotation).unwrap();
    town.say(&after).unwrap();
    assert_eq!(town.trust().organisation(town.id(4)).unwrap().roots, roots(4, 3).map(|root| root.public()));
    town.check_restart();
}

#[test]
fn an_act_whose_carrier_contradicts_itself_is_none() {
    let mut town = Town::new();
    let case = town.case(4, 0, NOW);
    town.say(&case).unwrap();
    let revocation = revoke(&mut town, 4, 0, None);
    town.say(&revocation).unwrap();
    assert!(!town.stands(&case));
    let carrier = revocation.0.header();
    let seed = (1..=u8::MAX).map(|number| signer(number, 77)).find(|key| key.public() == carrier.device).unwrap();
    let (draft, sealed) = koinon_protocol::trust::Paper::read(revocation.1.bytes()).unwrap().draft(
        &koinon_protocol::trust::act::Cover {
            network: carrier.network,
            organisation: carrier.organisation,
            kind: carrier.kind,
            carrier: carrier.device,
        },
        carrier.subject,
        Millis(carrier.claimed_at.0 + 1),
        [9; 32],
    );
    town.fork(revocation.0, draft.sign(&seed, sealed).unwrap().0);
    assert!(town.stands(&case) && !town.stands(&revocation));
    town.check_restart();
}
