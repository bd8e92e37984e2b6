//! When a record was there, and who took it back: both proven by the bundle, or not at all.

use super::*;
use crate::checkpoint::{Checkpoint, LogSigner, Note, Published, SignatureLine, WitnessKey, WitnessSigner};
use crate::trust::erasure;
use std::num::NonZeroUsize;

/// Seconds since 1970 at which the first witness cosigned; the second a minute later.
const SEEN: u64 = START / 1000 + 7200;

fn log() -> LogSigner {
    LogSigner::new("koinon/test/log".parse().unwrap(), signer(40, 8)).unwrap()
}

fn witness(number: u8) -> WitnessSigner {
    WitnessSigner::new(format!("witness/{number}").parse().unwrap(), signer(50 + number, 9)).unwrap()
}

fn keys(numbers: &[u8]) -> Vec<WitnessKey> {
    numbers.iter().map(|number| witness(*number).vkey().clone()).collect()
}

impl World {
    /// The author takes back what a record says, and the body goes.
    pub(super) fn erase(&mut self, id: RecordId, author: Author) -> RecordId {
        let (device, now) = (signer(author.number, 0), self.now);
        let mandate = Some(Mandate { resolution: "7/2026".into(), date: "2026-04-01".into(), attachment: None });
        let said = erasure::Erasure { ground: "A person is named in it.".into(), mandate };
        let (draft, sealed) = erasure::draft(&self.place(author.id, &device), id, &said, SALT);
        assert!(self.now > now);
        let erasure = self.append(draft, &device, sealed, true);
        let position = Ledger::find(&self.ledger, &id).unwrap().unwrap();
        self.ledger.erase_body(position).unwrap();
        erasure
    }

    /// A checkpoint of the journal when it had `size` records, with these witnesses' cosignatures.
    fn checkpoint(&self, size: u64, witnesses: &[u8]) -> Published {
        let origin = log().vkey().name().to_string();
        let note = Checkpoint { origin, size, root: Source::root(&self.ledger, size).unwrap() }.sign(&log());
        let bare = Published::open(note, log().vkey()).unwrap();
        witnesses.iter().fold(bare, |published, number| {
            let line = witness(*number).cosign(&published, SEEN + 60 * u64::from(*number));
            published.with(line, witness(*number).vkey()).unwrap()
        })
    }

    fn issued(&self, ids: &[RecordId], checkpoints: &[Published], witnesses: &[u8]) -> Vec<u8> {
        let (log, witnesses) = (log(), keys(witnesses));
        let issuer = Issuer { name: "north.example", log: Some(log.vkey()), checkpoints, witnesses: &witnesses };
        assemble(ids, (&self.charter.0, &self.charter.1), &self.trust, issuer, &self.ledger).unwrap()
    }

    /// A bundle with a checkpoint that two of three witnesses cosigned.
    pub(super) fn witnessed(&self, ids: &[RecordId]) -> Vec<u8> {
        self.issued(ids, &[self.checkpoint(Ledger::size(&self.ledger), &[0, 1])], &[0, 1, 2])
    }
}

fn time(bytes: &[u8], reliance: &Reliance) -> Time {
    let report = check(bytes, reliance).unwrap();
    assert!(report.verified, "{report:?}");
    report.records[0].witnessed.clone().unwrap()
}

/// What is missing, how many cosigned, and how many must.
fn missing(time: &Time) -> Option<(Undated, usize, usize)> {
    let Time::Unproven { why, quorum, by } = time else { return None };
    Some((*why, by.len(), quorum.get()))
}

#[test]
fn the_time_is_that_of_as_many_witnesses_as_the_reader_asks_for() {
    let (world, id, _) = scene();
    let bytes = world.witnessed(&[id]);
    let asked = |quorum| Reliance { quorum: NonZeroUsize::new(quorum), ..world.network().into() };
    let at = |time: &Time| if let Time::Proven { at, .. } = time { Some(at.0) } else { None };
    assert_eq!(at(&time(&bytes, &asked(1))), Some(SEEN * 1000));
    assert_eq!(at(&time(&bytes, &asked(2))), Some((SEEN + 60) * 1000));
    assert_eq!(missing(&time(&bytes, &asked(3))), Some((Undated::TooFew, 2, 3)));
    assert_eq!(time(&bytes, &asked(0)), time(&bytes, &asked(2)), "more than half of three, where nobody asks for a number");
    let sentences = check(&bytes, &asked(2)).unwrap().sentences();
    let said = "It was there by 12 March 2026, 02:01 UTC: 2 of the 3 witnesses that the node named cosigned a journal that holds it, and 2 must.";
    assert!(sentences.contains(&said.to_owned()), "{sentences:#?}");
}

#[test]
fn a_reader_may_rely_on_other_witnesses_than_the_node_names() {
    let (world, id, _) = scene();
    let bytes = world.witnessed(&[id]);
    let on = |numbers: &[u8]| Reliance { witnesses: keys(numbers), ..world.network().into() };
    assert!(matches!(time(&bytes, &on(&[1])), Time::Proven { at: Millis(at), .. } if at == (SEEN + 60) * 1000));
    assert_eq!(missing(&time(&bytes, &on(&[2]))), Some((Undated::TooFew, 0, 1)));
    let twice = [
        keys(&[1]),
        vec![WitnessKey::new("another/name".parse().unwrap(), crate::key::PublicKey::check(keys(&[1])[0].key()).unwrap())],
    ];
    let reliance = Reliance { witnesses: twice.concat(), quorum: NonZeroUsize::new(2), ..world.network().into() };
    assert_eq!(missing(&time(&bytes, &reliance)), Some((Undated::TooFew, 1, 2)), "one key counts once");
}

#[test]
fn what_is_missing_where_a_time_is_not_proven_is_named() {
    let (world, id, _) = scene();
    let network = world.network().into();
    let size = Ledger::size(&world.ledger);
    assert_eq!(missing(&time(&world.bundle(&[id]), &network)), Some((Undated::NoCheckpoint, 0, 1)));
    assert_eq!(
        missing(&time(&world.issued(&[id], &[world.checkpoint(size, &[])], &[]), &network)),
        Some((Undated::NoWitness, 0, 1))
    );
    assert_eq!(
        missing(&time(&world.issued(&[id], &[world.checkpoint(size, &[])], &[0]), &network)),
        Some((Undated::TooFew, 0, 1))
    );
    let mut contents = Contents::decode(&world.witnessed(&[id])).unwrap();
    contents.records[0].position += 1;
    let report = check(&contents.encode(), &network).unwrap();
    assert_eq!(report.records[0].witnessed.as_ref().and_then(missing), Some((Undated::NotIncluded, 0, 2)));
}

#[test]
fn a_record_is_proven_in_the_tree_of_the_checkpoint_that_covers_it() {
    let (world, id, _) = scene();
    let position = Ledger::find(&world.ledger, &id).unwrap().unwrap();
    let sizes = [position, position + 1, position + 2].map(|size| world.checkpoint(size, &[0]));
    let report = check(&world.issued(&[id], &sizes, &[0]), &world.network().into()).unwrap();
    assert!(report.verified);
    assert_eq!((report.checkpoints.len(), report.records[0].included.as_ref().unwrap().size), (1, position + 1));
    let other = Published::open(Checkpoint { root: [7; 32], ..sizes[2].checkpoint().clone() }.sign(&log()), log().vkey());
    let report = check(&world.issued(&[id], &[other.unwrap()], &[0]), &world.network().into()).unwrap();
    assert!(report.verified && report.checkpoints.is_empty(), "a checkpoint of another journal is left out");
}

#[test]
fn each_way_in_which_a_checkpoint_does_not_hold_has_its_name() {
    let (world, id, _) = scene();
    let (network, whole) = (world.network(), Contents::decode(&world.witnessed(&[id])).unwrap());
    let codes = |change: &dyn Fn(&mut Contents)| {
        let mut contents = whole.clone();
        change(&mut contents);
        let report = check(&contents.encode(), &network.into()).unwrap();
        assert!(!report.verified && report.records[0].failures.is_empty());
        assert!(report.sentences().iter().any(|sentence| sentence.starts_with("Of the checkpoint of ")));
        report.checkpoints[0].failures.iter().map(TimeFailure::code).collect::<Vec<_>>()
    };
    let resigned = |contents: &mut Contents, size, root| {
        let origin = log().vkey().name().to_string();
        contents.checkpoints[0] = Checkpoint { origin, size, root }.sign(&log()).to_string();
    };
    let relined = |contents: &mut Contents, place: usize, at: usize| {
        let note = Note::parse(contents.checkpoints[0].as_bytes()).unwrap();
        let mut lines: Vec<SignatureLine> = note.lines().to_vec();
        lines[place].signature[at] ^= 1;
        contents.checkpoints[0] = Note::new(note.text(), lines).unwrap().to_string();
    };
    assert_eq!(codes(&|contents| resigned(contents, 12, whole.root)), ["other_tree"]);
    assert_eq!(codes(&|contents| resigned(contents, 11, [9; 32])), ["other_tree"]);
    assert_eq!(codes(&|contents| relined(contents, 0, 3)), ["bad_log_signature"]);
    assert_eq!(codes(&|contents| relined(contents, 1, 20)), ["bad_cosignature"], "the signature");
    assert_eq!(codes(&|contents| relined(contents, 2, 7)), ["bad_cosignature"], "the time that it names");
    let other = LogSigner::new("koinon/other/log".parse().unwrap(), signer(40, 8)).unwrap();
    assert_eq!(codes(&|contents| contents.log = other.vkey().to_string()), ["other_log"]);
}

#[test]
fn what_is_no_key_and_what_is_no_checkpoint_is_refused() {
    let (world, id, _) = scene();
    let whole = Contents::decode(&world.witnessed(&[id])).unwrap();
    let error = |change: &dyn Fn(&mut Contents)| {
        let mut contents = whole.clone();
        change(&mut contents);
        check(&contents.encode(), &Reliance::default()).unwrap_err()
    };
    assert!(matches!(error(&|contents| contents.log.clear()), BundleError::Key(_)));
    assert!(matches!(error(&|contents| contents.witnesses[1].push('=')), BundleError::Key(_)));
    assert!(matches!(error(&|contents| contents.witnesses[0] = contents.log.clone()), BundleError::Key(_)));
    assert!(matches!(error(&|contents| contents.checkpoints[0].push(' ')), BundleError::Note(_)));
    assert!(matches!(error(&|contents| contents.checkpoints[0].insert(0, '\n')), BundleError::Checkpoint(_)));
    assert_eq!(error(&|contents| contents.checkpoints = vec![whole.checkpoints[0].clone(); 9]), BundleError::Bounds);
    assert_eq!(error(&|contents| contents.witnesses = vec![whole.witnesses[0].clone(); 17]), BundleError::Bounds);
}

#[test]
fn an_erasure_says_by_whom_when_and_on_what_ground() {
    let (mut world, id, [_, _, town, _]) = scene();
    let erasure = world.erase(id, town);
    let report = check(&world.witnessed(&[id]), &world.network().into()).unwrap();
    assert!(report.verified && report.set_aside.is_empty());
    let record = &report.records[0];
    let erased = record.erased.as_ref().unwrap();
    assert_eq!((erased.record, erased.by.id, &record.content), (erasure, town.id, &Content::Absent));
    assert_eq!((erased.claimed_at, erased.ground.as_str()), (Millis(world.now), "A person is named in it."));
    let sentences = report.sentences();
    assert!(sentences[3].ends_with("its content was erased."), "{sentences:#?}");
    assert!(sentences.contains(&"Town (PL) erased the content, which it dates 12 March 2026, by resolution 7/2026 of 2026-04-01. The ground: A person is named in it.".to_owned()), "{sentences:#?}");
}

#[test]
fn nobody_elses_erasure_is_reported() {
    let (mut world, id, [_, _, _, stranger]) = scene();
    let (device, place) = (signer(9, 0), world.place(stranger.id, &signer(9, 0)));
    let said = erasure::Erasure { ground: "I do not like it.".into(), mandate: None };
    let (draft, sealed) = erasure::draft(&place, id, &said, SALT);
    let forged = world.append(draft, &device, sealed, true);
    let report = check(&world.bundle(&[id, forged]), &world.network().into()).unwrap();
    assert!(report.verified && report.records[0].erased.is_none());
}
