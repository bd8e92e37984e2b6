//! Amendments of the charter.

use crate::town::{NOW, Record, Town, mandate, signer};
use koinon_protocol::id::RecordId;
use koinon_protocol::key::Signer;
use koinon_protocol::replica::{Lack, Standing};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::amendment::{Amendment, signed_twice};
use koinon_protocol::trust::charter::{Charter, Founder};
use koinon_protocol::trust::{BodyError, Missing, Paper, Refused};

fn founders(numbers: &[u8]) -> Vec<Signer> {
    numbers.iter().map(|number| signer(*number, 0)).collect()
}

fn amend(town: &mut Town, number: u32, previous: RecordId, change: impl Fn(&mut Charter), by: &[u8]) -> Record {
    let mut charter = town.charter.clone();
    change(&mut charter);
    let from = Millis(NOW.0 + 100 * u64::from(number));
    let said = Amendment { number, previous, from, charter, mandate: mandate() };
    town.act(None, &said, &founders(by), NOW)
}

fn first(town: &Town) -> RecordId {
    RecordId(town.network().0)
}

fn only(numbers: &'static [u8]) -> impl Fn(&mut Charter) {
    move |charter| {
        charter.founders.retain(|founder| founders(numbers).iter().any(|key| key.public() == founder.key));
        charter.thresholds.amendment = u32::try_from(numbers.len() / 2 + 1).unwrap();
    }
}

#[test]
fn more_than_half_of_the_founders_amend_a_charter_from_a_moment_on() {
    let mut town = Town::new();
    let first = first(&town);
    let before = town.case(0, 0, Millis(NOW.0 + 99));
    town.say(&before).unwrap();
    let after = town.case(0, 0, Millis(NOW.0 + 100));
    town.say(&after).unwrap();
    let one = amend(&mut town, 1, first, only(&[1, 2]), &[1]);
    assert!(matches!(town.say(&one), Err(Standing::Refused(Refused::Body(BodyError::TooFew { found: 1, needed: 2 })))));
    let two = amend(&mut town, 1, first, only(&[1, 2]), &[1, 2]);
    town.say(&two).unwrap();
    assert!(town.stands(&before) && !town.stands(&after), "association 0 is a founder until then");
    assert!(town.trust().is_founder(town.id(0), Millis(NOW.0 + 99)) && !town.trust().is_founder(town.id(0), Millis(NOW.0 + 100)));
    town.check_restart();
}

#[test]
fn what_came_while_a_disk_had_lost_an_amendment_is_judged_by_it_when_it_is_back() {
    let mut town = Town::new();
    let first = first(&town);
    let admitted = Founder { name: crate::town::text(), country: "FI".into(), key: signer(5, 0).public() };
    let add = |charter: &mut Charter| {
        charter.founders.push(admitted.clone());
        charter.thresholds.amendment = 3;
    };
    let grown = amend(&mut town, 1, first, add, &[1, 2]);
    town.say(&grown).unwrap();
    let shallow = |charter: &mut Charter| {
        add(charter);
        charter.depth = 1;
    };
    let name = town.name(&grown);
    let amendment = amend(&mut town, 2, name, shallow, &[0, 1, 2]);
    town.say(&amendment).unwrap();
    let later = Millis(NOW.0 + 200);
    for record in [town.inception(5), town.vouch(5, 6, later), town.inception(6)] {
        town.say(&record).unwrap();
    }
    let vouch = town.vouch(6, 7, later);
    assert!(town.say(&vouch).is_err(), "only founders vouch");
    town.lose(&amendment);
    town.say(&vouch).unwrap();
    town.say(&town.inception(7)).unwrap();
    town.bring_back(&amendment);
    assert!(!town.stands(&vouch) && !town.stands(&town.inception(7)) && town.stands(&town.inception(6)));
    town.check_restart();
}

#[test]
fn an_association_that_is_admitted_among_the_founders_is_one() {
    let mut town = Town::new();
    let first = first(&town);
    let admitted = Founder { name: crate::town::text(), country: "FI".into(), key: signer(5, 0).public() };
    let add = move |charter: &mut Charter| {
        charter.founders.push(admitted.clone());
        charter.thresholds.amendment = 3;
    };
    assert!(town.say(&town.inception(5)).is_err());
    let amendment = amend(&mut town, 1, first, add, &[0, 2]);
    town.say(&amendment).unwrap();
    town.say(&town.inception(5)).unwrap();
    assert!(town.say(&town.case(5, 0, Millis(NOW.0 + 99))).is_err(), "not before");
    town.say(&town.case(5, 0, Millis(NOW.0 + 100))).unwrap();
    town.check_restart();
}

#[test]
fn the_history_of_a_charter_cannot_be_rewritten() {
    let mut town = Town::new();
    let first = first(&town);
    let one = amend(&mut town, 1, first, only(&[0, 1]), &[0, 1]);
    town.say(&one).unwrap();
    let name = town.name(&one);
    let two = amend(&mut town, 2, name, only(&[0]), &[0, 1]);
    town.say(&two).unwrap();
    // One founder alone would put another in the first one's place; then one that does not follow it; then one from before it.
    let rival = amend(&mut town, 1, first, only(&[2]), &[2]);
    assert!(matches!(town.say(&rival), Err(Standing::Refused(_))));
    let skipping = amend(&mut town, 3, name, only(&[0]), &[0, 1]);
    assert!(matches!(town.say(&skipping), Err(Standing::Refused(Refused::Body(BodyError::Number)))));
    let unknown = RecordId([7; 32]);
    let of_another = amend(&mut town, 1, unknown, only(&[0]), &[0, 1]);
    assert_eq!(town.say(&of_another), Err(Standing::Waits(Lack::Known(Missing::Amendment(unknown)))));
    let numbers: Vec<usize> = town.trust().terms().iter().map(|term| term.charter.founders.len()).collect();
    assert_eq!(numbers, [3, 2, 1]);
    town.check_restart();
}

#[test]
fn a_founder_who_signs_two_amendments_for_one_place_is_proven_to_have_done_so() {
    let mut town = Town::new();
    let first = first(&town);
    let one = amend(&mut town, 1, first, only(&[0, 1]), &[0, 1]);
    let other = amend(&mut town, 1, first, only(&[1, 2]), &[1, 2]);
    let paper = |record: &Record| (Paper::read(record.1.bytes()).unwrap(), record.0.header().device);
    let ((one_paper, one_carrier), (other_paper, other_carrier)) = (paper(&one), paper(&other));
    let twice = signed_twice(town.network(), (&one_paper, one_carrier), (&other_paper, other_carrier));
    assert_eq!(twice, [signer(1, 0).public()]);
    assert!(signed_twice(town.network(), (&one_paper, one_carrier), (&one_paper, one_carrier)).is_empty());
    town.say(&one).unwrap();
    assert_eq!(town.trust().terms().len(), 2);
    town.say(&other).unwrap();
    assert_eq!(town.trust().terms().len(), 1, "neither has enough who signed one alone");
    assert_eq!(town.trust().signed_twice().len(), 1);
    // The others can still agree.
    let third = amend(&mut town, 1, first, |charter| charter.depth = 3, &[0, 2]);
    town.say(&third).unwrap();
    assert_eq!(town.trust().terms().len(), 1, "they signed before, and have now contradicted themselves too");
    town.check_restart();
}

#[test]
fn papers_below_the_threshold_prove_it_too() {
    let mut town = Town::new();
    let first = first(&town);
    let (one, other) = (amend(&mut town, 1, first, only(&[0]), &[2]), amend(&mut town, 1, first, only(&[1]), &[2]));
    let paper = |record: &Record| (Paper::read(record.1.bytes()).unwrap(), record.0.header().device);
    let (one, other) = (paper(&one), paper(&other));
    assert_eq!(signed_twice(town.network(), (&one.0, one.1), (&other.0, other.1)), [signer(2, 0).public()]);
    assert!(signed_twice(town.network(), (&one.0, other.1), (&other.0, other.1)).is_empty(), "a signature is for one carrier");
}
