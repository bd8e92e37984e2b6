//! Recovery by guardians, with its delay and its veto; closing and succession.

use crate::town::{DELAY, NOW, Record, Town, mandate, roots, signer};
use koinon_protocol::id::RecordId;
use koinon_protocol::key::Signer;
use koinon_protocol::replica::Standing;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::closing::Closing;
use koinon_protocol::trust::recovery::{Confirmation, Recovery, Veto};
use koinon_protocol::trust::succession::{self, Succession};
use koinon_protocol::trust::{BodyError, Listed, Place, Refused};

fn guards(numbers: &[u8]) -> Vec<Signer> {
    numbers.iter().map(|number| signer(*number, 99)).collect()
}

fn propose(town: &mut Town, guardians: &[u8]) -> Record {
    let said = town.succeeding(4, town.id(4).into(), 5, &[(3, None)]);
    town.act(Some(4), &Recovery(said), &guards(guardians), NOW)
}

fn confirm(town: &mut Town, recovery: &Record, at: Millis) -> Record {
    let said = Confirmation { recovery: recovery.0.id(), mandate: mandate() };
    town.act(Some(4), &said, &guards(&[6, 7]), at)
}

#[test]
fn guardians_recover_an_organisation_after_the_delay() {
    let mut town = Town::new();
    let minority = propose(&mut town, &[6]);
    assert!(matches!(town.say(&minority), Err(Standing::Refused(Refused::Body(BodyError::TooFew { .. })))));
    let recovery = propose(&mut town, &[6, 7]);
    town.say(&recovery).unwrap();
    let own = town.case(4, 0, NOW);
    town.say(&own).unwrap();
    assert!(town.stands(&own), "a proposal has no effect");
    let early = confirm(&mut town, &recovery, Millis(NOW.0 + DELAY - 1));
    assert!(matches!(town.say(&early), Err(Standing::Refused(Refused::TooEarly { .. }))));
    let confirmation = confirm(&mut town, &recovery, Millis(NOW.0 + DELAY));
    town.say(&confirmation).unwrap();
    assert_eq!(town.trust().organisation(town.id(4)).unwrap().roots, roots(4, 5).map(|root| root.public()));
    assert!(!town.stands(&own), "the recovery lists another device");
    let new = town.case(4, 3, NOW);
    town.say(&new).unwrap();
    town.check_restart();
}

#[test]
fn the_roots_veto_a_recovery_even_when_it_is_in_effect() {
    let mut town = Town::new();
    let own = town.case(4, 0, NOW);
    town.say(&own).unwrap();
    let recovery = propose(&mut town, &[7, 8]);
    town.say(&recovery).unwrap();
    let confirmation = confirm(&mut town, &recovery, Millis(NOW.0 + DELAY));
    town.say(&confirmation).unwrap();
    let taken = town.case(4, 3, NOW);
    town.say(&taken).unwrap();
    assert!(!town.stands(&own));
    let said = Veto { recovery: recovery.0.id(), ground: "we are here".into(), mandate: mandate() };
    let forged = town.act(Some(4), &said, &roots(4, 2), NOW);
    assert!(matches!(town.say(&forged), Err(Standing::Refused(_))));
    let veto = town.act(Some(4), &said, &roots(4, 1), NOW);
    town.say(&veto).unwrap();
    assert!(town.stands(&own) && !town.stands(&taken));
    town.check_restart();
}

fn close(town: &mut Town, last: &Record, successors: &[u8]) -> Record {
    let listed = Listed { device: signer(4, 0).public(), label: "desk".into(), last: Town::last(last) };
    let said = Closing {
        under: town.id(4).into(),
        devices: vec![listed],
        successors: successors.iter().map(|number| town.id(*number)).collect(),
        ground: "merged".into(),
        mandate: mandate(),
    };
    town.act(Some(4), &said, &roots(4, 1), NOW)
}

fn agree(town: &Town, number: u8, closing: RecordId) -> Record {
    let head = None;
    let place = Place { network: town.network(), organisation: town.id(number), head, now: NOW };
    let said = Succession { ground: "agreed".into(), mandate: mandate() };
    let (draft, sealed) = succession::draft(&place, closing, &said, [0; 32]);
    draft.sign(&signer(number, 0), sealed).unwrap()
}

#[test]
fn a_merger_that_one_side_alone_declares_is_none() {
    let mut town = Town::new();
    let own = town.case(4, 0, NOW);
    town.say(&own).unwrap();
    let closing = close(&mut town, &own, &[2]);
    town.say(&closing).unwrap();
    assert!(matches!(town.say(&town.case(4, 0, NOW)), Err(Standing::Waits(_))), "it has ended");
    assert!(town.stands(&own), "what it said before still stands");
    assert!(!town.trust().succession(town.id(4)).unwrap().is_agreed());
    // The successor agrees, then an association that is neither side.
    let (successor, association) = (agree(&town, 2, closing.0.id()), agree(&town, 1, closing.0.id()));
    town.say(&successor).unwrap();
    assert!(!town.trust().succession(town.id(4)).unwrap().is_agreed());
    town.say(&association).unwrap();
    assert!(town.trust().succession(town.id(4)).unwrap().is_agreed());
    town.check_restart();
}

#[test]
fn nobody_closes_another() {
    let mut town = Town::new();
    let own = town.case(4, 0, NOW);
    town.say(&own).unwrap();
    let closing = close(&mut town, &own, &[2]);
    let mut body = closing.1.bytes().to_vec();
    body.extend(b" ");
    let said = koinon_protocol::trust::Paper::read(&body).unwrap().said::<Closing>().unwrap();
    let forged = town.act(Some(4), &said, &roots(2, 1), NOW);
    assert!(matches!(town.say(&forged), Err(Standing::Refused(Refused::Body(BodyError::Forged(_))))));
    assert!(town.trust().succession(town.id(4)).is_none());
}
