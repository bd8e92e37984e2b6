//! Acts in a bundle: they count for what stands before them as for what stands behind them.

use super::*;
use crate::bundle::check::{open, take};
use crate::trust::act::{Cover, Said};
use crate::trust::amendment::Amendment;
use crate::trust::keys::{Rotation, Succeeding};
use crate::trust::revocation::Revocation;
use crate::trust::suspension::Suspension;
use crate::trust::{Last, Listed, Paper, acts};
use std::ops::Range;

impl World {
    /// An act in a record of its own; without an author, one of the founders.
    fn act<T: Said>(&mut self, author: Option<Author>, subject: RecordId, said: &T, signers: &[Signer]) -> (RecordId, RecordId) {
        self.now += 1000;
        let carrier = Signer::from_seed(&[u8::try_from(self.now / 1000 % 251).unwrap(); 32]);
        let organisation = author.map_or(OrganisationId::ZERO, |author| author.id);
        let cover = Cover { network: self.network(), organisation, kind: T::KIND, carrier: carrier.public() };
        let mut paper = Paper::new(said);
        signers.iter().for_each(|signer| paper.sign(signer, &cover));
        let (draft, sealed) = paper.draft(&cover, subject, Millis(self.now), SALT);
        (self.append(draft, &carrier, sealed, true), paper.name(&cover))
    }

    fn last(&self, id: RecordId) -> Option<Last> {
        let position = Ledger::find(&self.ledger, &id).unwrap().unwrap();
        Some(Last { seq: Ledger::entry(&self.ledger, position).unwrap().signed.header().seq, id })
    }

    fn revoke(&mut self, author: Author, device: &Signer, last: Option<Last>) -> RecordId {
        let under = author.id.into();
        let said = Revocation { under, device: device.public(), last, ground: "stolen".into(), mandate: mandate() };
        self.act(Some(author), RecordId::ZERO, &said, &[signer(author.number, 1)]).0
    }

    fn suspend(&mut self, voucher: Author, subject: Author, during: Range<u64>) -> RecordId {
        let [from, until] = [during.start, during.end].map(|after| Millis(START + after));
        let (ground, mandate) = ("an enquiry".to_owned(), mandate());
        let said = Suspension { under: voucher.id.into(), subject: subject.id, from, until: Some(until), ground, mandate };
        self.act(Some(voucher), subject.id.into(), &said, &[signer(voucher.number, 1)]).0
    }

    /// New roots, which the inception committed to, and these devices.
    fn rotate(&mut self, author: Author, devices: &[(&Signer, Option<Last>)]) -> RecordId {
        let root = signer(author.number, 0);
        let listed = |(key, last): &(&Signer, Option<Last>)| Listed { device: key.public(), label: "Desk".into(), last: *last };
        let said = Succeeding {
            previous: author.id.into(),
            roots: vec![root.public()],
            threshold: 1,
            next_roots: RecordId::ZERO,
            guardians: Guardians::default(),
            devices: devices.iter().map(listed).collect(),
            withdraws: Vec::new(),
            mandate: mandate(),
        };
        self.act(Some(author), RecordId::ZERO, &Rotation(said), &[root]).0
    }

    /// The founder admits another association, from a day on.
    fn amend(&mut self, number: u8, day: u64) -> RecordId {
        let mut charter = self.trust.charter().clone();
        charter.founders.push(Founder { name: text("Second"), country: "PL".into(), key: signer(number, 0).public() });
        charter.thresholds.amendment = 2;
        let (previous, from) = (RecordId(self.network().0), Millis(START + day * DAY));
        let said = Amendment { number: 1, previous, from, charter, mandate: mandate() };
        self.act(None, RecordId::ZERO, &said, &[signer(0, 0)]).0
    }

    /// All control records of the journal, whether they prove anything or not.
    fn control(&self) -> Vec<Kept> {
        let entries = (0..Ledger::size(&self.ledger)).map(|position| Ledger::entry(&self.ledger, position).unwrap());
        let control = entries.filter(|entry| entry.signed.header().kind < 32);
        control.map(|entry| Kept { signed: entry.signed, body: entry.body }).collect()
    }
}

fn mandate() -> Mandate {
    Mandate { resolution: "40/2026".into(), date: "2026-11-24".into(), attachment: None }
}

fn report(world: &World, ids: &[RecordId]) -> Report {
    check(&world.bundle(ids), &world.network().into()).unwrap()
}

#[test]
fn what_a_device_said_before_its_log_ended_is_proven_with_the_end() {
    let (mut world, id, [_, _, town, _]) = scene();
    let desk = signer(2, 5);
    let after = world.publish(town, &desk, true);
    let revocation = world.revoke(town, &desk, world.last(id));
    let proven = report(&world, &[id]);
    assert!(proven.verified && proven.set_aside.is_empty(), "{proven:?}");
    assert_eq!(proven.records[0].device_ended, world.last(id));
    let sentence = "The author has ended the log of the key that signed it after entry 1; this is entry 1 and counts.";
    assert!(proven.sentences().iter().any(|each| each == sentence), "{:?}", proven.sentences());
    let charter = (&world.charter.0, &world.charter.1);
    let unproven = assemble(&[after], charter, &world.trust, "", &world.ledger);
    assert!(matches!(unproven, Err(AssembleError::Unproven { why, .. }) if why.code() == "ended_device"));
    // Who withholds the revocation cannot be found out by a file alone; who shows it behind the record is not believed.
    let mut contents = Contents::decode(&world.bundle(&[id])).unwrap();
    let position = Ledger::find(&world.ledger, &after).unwrap().unwrap();
    let entry = Ledger::entry(&world.ledger, position).unwrap();
    contents.records[0].record = Kept { signed: entry.signed, body: entry.body };
    assert_eq!(codes(&contents, world.network()), ["ended_device"]);
    let act = report(&world, &[revocation]);
    assert!(act.verified && act.records[0].vouched.is_empty() && act.records[0].kind_name == Some("revocation"));
    assert!(act.sentences()[3].starts_with("Signed with the keys that decide this for Town (PL)"), "{:?}", act.sentences());
}

#[test]
fn a_voucher_s_suspension_is_told_and_counts_while_it_lasts() {
    let (mut world, id, [_, union, town, _]) = scene();
    let record = world.suspend(union, town, DAY..2 * DAY);
    let proven = report(&world, &[id]);
    assert!(proven.verified, "{proven:?}");
    let suspended = &proven.records[0].vouched[1].suspended;
    assert_eq!((suspended[0].record, suspended[0].ground.as_str()), (record, "an enquiry"));
    let sentence = "Union (PL) suspended its word for Town (PL) from 13 March 2026 to 13 March 2026, by resolution 40/2026 of \
                    2026-11-24. The ground: an enquiry";
    assert!(proven.sentences().iter().any(|each| each == sentence), "{:?}", proven.sentences());
    world.suspend(union, town, 6_000..DAY);
    let charter = (&world.charter.0, &world.charter.1);
    let unproven = assemble(&[id], charter, &world.trust, "", &world.ledger);
    assert!(matches!(unproven, Err(AssembleError::Unproven { why, .. }) if why.code() == "no_standing"));
}

#[test]
fn who_was_admitted_among_the_founders_is_proven_by_the_amendment_and_its_signers() {
    let (mut world, before, _) = scene();
    let amendment = world.amend(7, 1);
    let second = world.join(7, "Second", None, 0);
    world.now += 2 * DAY;
    let after = world.publish(second, &signer(7, 0), true);
    let proven = report(&world, &[before, after]);
    assert!(proven.verified && proven.set_aside.is_empty(), "{proven:?}");
    assert_eq!(proven.records[0].amended, None);
    let amended = proven.records[1].amended.as_ref().unwrap();
    assert_eq!((amended.record, amended.number, amended.by.as_slice()), (amendment, 1, [text("Association")].as_slice()));
    let sentence = "The charter that counts then is amendment 1, from 13 March 2026 on, signed by Association.";
    assert!(proven.sentences().iter().any(|each| each == sentence), "{:?}", proven.sentences());
    let own = report(&world, &[amendment]);
    assert!(own.verified, "{own:?}");
    let sentence = "Signed by as many founders as the charter asks, and dated 12 March 2026; content unchanged.";
    assert_eq!(own.sentences()[3], sentence);
}

/// Acts of five sorts, with a device and an organisation that they took back, and the records to be proven.
fn decided() -> (World, Vec<RecordId>) {
    let (mut world, id, [association, union, town, stranger]) = scene();
    world.amend(7, 1);
    let second = world.join(7, "Second", None, 0);
    let stolen = signer(9, 6);
    world.add_device(stranger, &stolen);
    let far = world.join(10, "Far", Some(stranger), 0);
    let gone = world.publish(far, &signer(10, 0), true);
    world.revoke(stranger, &signer(9, 0), None);
    world.suspend(association, stranger, 3 * DAY..9 * DAY);
    world.suspend(union, town, DAY..2 * DAY);
    let last = world.last(id);
    world.rotate(town, &[(&signer(2, 0), None), (&signer(2, 5), last)]);
    let own = world.publish(town, &signer(2, 0), true);
    world.now += 2 * DAY;
    let late = world.publish(second, &signer(7, 0), true);
    (world, vec![id, gone, own, late])
}

/// An order in which each record comes behind those that it rests on, by what all acts say; others stand anywhere.
fn order(control: &[Kept], founded: &Trust, mut draw: u64) -> Vec<Kept> {
    let mut below = |bound: usize| {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(draw >> 33).unwrap() % bound
    };
    let opened = |kept: &Kept| open(kept.clone(), founded.network()).unwrap();
    let mut decided = founded.clone();
    control.iter().for_each(|kept| drop(take(&opened(kept), &mut decided)));
    decided.forget(&decided.named());
    let (mut known, mut waiting, mut ordered) = (founded.clone(), control.to_vec(), Vec::new());
    loop {
        let may = |kept: &&Kept| {
            let open = opened(kept);
            take(&open, &mut decided.clone()).is_ok() && take(&open, &mut known.clone()).is_ok()
        };
        let ready: Vec<Kept> = waiting.iter().filter(may).cloned().collect();
        if ready.is_empty() {
            break;
        }
        let next = ready[below(ready.len())].clone();
        take(&opened(&next), &mut decided).unwrap();
        take(&opened(&next), &mut known).unwrap();
        waiting.retain(|kept| *kept != next);
        ordered.push(next);
    }
    for taken_back in waiting {
        ordered.insert(below(ordered.len() + 1), taken_back);
    }
    ordered
}

#[test]
fn the_order_of_acts_and_of_what_they_take_back_says_nothing() {
    let (world, ids) = decided();
    let mut contents = Contents::decode(&world.bundle(&[ids[0]])).unwrap();
    contents.control = world.control();
    contents.records = ids.iter().map(|id| proof(&world, *id)).collect();
    let founded = Trust::found(&world.charter.0, &world.charter.1).unwrap();
    let look = |control: Vec<Kept>| {
        let changed = Contents { control, ..contents.clone() };
        let mut report = check(&changed.encode(), &world.network().into()).unwrap();
        report.set_aside.sort_by_key(|aside| aside.id);
        report
    };
    let first = look(contents.control.clone());
    let outcomes: Vec<Vec<_>> = first.records.iter().map(|record| record.failures.iter().map(Failure::code).collect()).collect();
    assert_eq!(outcomes, [vec![], vec!["unknown_author"], vec![], vec![]]);
    assert!(first.set_aside.len() >= 2, "{:?}", first.set_aside);
    let is_act = |kept: &Kept| acts::is_act(kept.signed.header().kind);
    let mut places = std::collections::BTreeSet::new();
    for draw in 0..100 {
        let control = order(&contents.control, &founded, draw);
        places.insert(control.iter().map(is_act).collect::<Vec<_>>());
        let report = look(control);
        let aside = |report: &Report| report.set_aside.iter().map(|aside| aside.id).collect::<Vec<_>>();
        assert_eq!((&report.records, aside(&report)), (&first.records, aside(&first)), "order {draw}");
    }
    assert!(places.len() > 50, "{} orders", places.len());
}

fn proof(world: &World, id: RecordId) -> Proven {
    let position = Ledger::find(&world.ledger, &id).unwrap().unwrap();
    let entry = Ledger::entry(&world.ledger, position).unwrap();
    let path = Source::inclusion(&world.ledger, position, Ledger::size(&world.ledger)).unwrap();
    Proven { record: Kept { signed: entry.signed, body: entry.body }, position, path }
}
