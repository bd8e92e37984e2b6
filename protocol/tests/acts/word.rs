//! Suspending one's word for another.

use crate::town::{NOW, Record, Town, mandate, roots};
use koinon_protocol::replica::{Lack, Standing};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::NoStanding;
use koinon_protocol::trust::keys::Rotation;
use koinon_protocol::trust::suspension::Suspension;

fn suspend(town: &mut Town, from: u64, until: Option<u64>) -> Record {
    let said = Suspension {
        under: town.id(0).into(),
        subject: town.id(3),
        from: Millis(NOW.0 + from),
        until: until.map(|until| Millis(NOW.0 + until)),
        ground: "no longer answers".into(),
        mandate: mandate(),
    };
    town.act_about(0, town.id(3), &said, &roots(0, 1))
}

#[test]
fn a_suspension_stops_an_organisation_and_those_below_it_for_its_time() {
    let mut town = Town::new();
    let (before, during) = (town.case(4, 0, Millis(NOW.0 + 5)), Millis(NOW.0 + 15));
    town.say(&before).unwrap();
    let fallen = town.case(4, 0, during);
    town.say(&fallen).unwrap();
    let suspension = suspend(&mut town, 10, Some(20));
    town.say(&suspension).unwrap();
    assert!(town.stands(&before) && !town.stands(&fallen));
    let case = town.case(3, 0, during);
    let reason = NoStanding::Suspended { voucher: town.id(0) };
    assert_eq!(town.say(&case), Err(Standing::Waits(Lack::Standing(reason))));
    let after = town.case(3, 0, Millis(NOW.0 + 20));
    town.say(&after).unwrap();
    town.check_restart();
}

#[test]
fn a_suspension_from_the_beginning_takes_nothing_away_for_good() {
    let mut town = Town::new();
    let suspension = suspend(&mut town, 0, Some(20));
    town.say(&suspension).unwrap();
    let device = town.device(3, 1, 1, None);
    town.say(&device).unwrap();
    let during = town.case(3, 1, Millis(NOW.0 + 19));
    assert!(town.say(&during).is_err());
    let after = town.case(3, 1, Millis(NOW.0 + 20));
    town.say(&after).unwrap();
    assert!(town.stands(&after));
    town.check_restart();
}

#[test]
fn a_suspension_of_stolen_roots_is_withdrawn_by_the_next() {
    let mut town = Town::new();
    let case = town.case(4, 0, Millis(NOW.0 + 15));
    town.say(&case).unwrap();
    let suspension = suspend(&mut town, 10, None);
    town.say(&suspension).unwrap();
    assert!(!town.stands(&case));
    let mut said = town.succeeding(0, town.id(0).into(), 2, &[(0, None)]);
    said.withdraws = vec![town.name(&suspension)];
    let rotation = town.act(Some(0), &Rotation(said), &roots(0, 2), NOW);
    town.say(&rotation).unwrap();
    assert!(town.stands(&case));
    town.check_restart();
}
