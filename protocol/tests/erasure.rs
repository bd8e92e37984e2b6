//! What an erasure and a notice count for, whoever writes them and whenever they arrive.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use koinon_protocol::id::{BodyCommitment, DeviceKey, NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::limit;
use koinon_protocol::record::Header;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::charter::{self, Charter, Founder, Thresholds};
use koinon_protocol::trust::inception::{self, Guardians, Inception};
use koinon_protocol::trust::{Localised, Trust, erasure, notice};
use proptest::prelude::*;

const BODY: &[u8] = br#"{"ground":"It names a child."}"#;

const NOTICE: &[u8] =
    br#"{"ground":"It names a child.","law":"Regulation (EU) 2016/679, article 17","mandate":{"resolution":"1","date":"2026-01-01"}}"#;

fn text() -> Localised {
    Localised::from([("en".to_owned(), "A network".to_owned())])
}

fn founder() -> Signer {
    Signer::from_seed(&[1; 32])
}

fn trust() -> Trust {
    let signer = founder();
    let charter = Charter {
        name: text(),
        purpose: text(),
        founders: vec![Founder { name: text(), country: "FI".into(), key: signer.public() }],
        thresholds: Thresholds { amendment: 1 },
        admission: text(),
        licence: "CC-BY-4.0".into(),
        witnesses: text(),
        depth: 4,
        kinds: vec![100],
        minimum_version: None,
    };
    let (draft, sealed) = charter::draft(&charter, Millis(1), [0; 32]);
    let (record, body) = draft.sign(&signer, sealed).unwrap();
    Trust::found(&record, &body).unwrap()
}

/// With its founder, the organisation that moderates.
fn moderated() -> (Trust, OrganisationId) {
    let mut trust = trust();
    let (root, device) = (Signer::from_seed(&[9; 32]), founder().public());
    let roots = vec![root.public()];
    let said = Inception {
        name: text(),
        country: "FI".into(),
        threshold: 1,
        next_roots: inception::roots_digest(1, &roots),
        guardians: Guardians::default(),
        consents: vec![inception::consent(&root, trust.network(), device, 1, &roots)],
        roots,
    };
    let (draft, sealed) = inception::draft(trust.network(), &said, Millis(2), [0; 32]);
    let (record, body) = draft.sign(&founder(), sealed).unwrap();
    trust.replay(record.id(), record.header(), Some(body.bytes()));
    (trust, record.author())
}

/// A notice by an organisation, in the log of its device of this number.
fn notice(organisation: OrganisationId, device: u8, subject: RecordId) -> Header {
    Header { organisation, ..header(notice::KIND, device, subject) }
}

fn name(number: u32) -> RecordId {
    let mut id = [3; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    RecordId(id)
}

fn header(kind: u16, author: u8, subject: RecordId) -> Header {
    Header {
        version: 1,
        kind,
        network: NetworkId([2; 32]),
        organisation: OrganisationId([author; 32]),
        device: DeviceKey([author; 32]),
        seq: 0,
        previous: RecordId::ZERO,
        claimed_at: Millis(5),
        body_length: 2,
        body: BodyCommitment([0; 32]),
        subject,
        territory: [0; 12],
        topic: 0,
        flags: 0,
    }
}

#[test]
fn nobody_erases_what_another_said() {
    let mut trust = trust();
    trust.replay(name(1), &header(erasure::KIND, 7, name(100)), Some(BODY));
    assert_eq!(trust.erased(name(100), &header(100, 8, RecordId::ZERO)), None);
    assert_eq!(trust.erased(name(100), &header(100, 7, RecordId::ZERO)).unwrap().record, name(1));
}

#[test]
fn what_says_who_may_speak_is_not_erased() {
    let mut trust = trust();
    trust.replay(name(1), &header(erasure::KIND, 7, name(100)), Some(BODY));
    for kind in 0..32 {
        assert_eq!(trust.erased(name(100), &header(kind, 7, RecordId::ZERO)), None);
    }
}

#[test]
fn a_flood_of_erasures_is_bounded() {
    let mut trust = trust();
    for number in 0..100_000 {
        trust.replay(name(number), &header(erasure::KIND, 7, name(1_000_000 + number)), Some(BODY));
    }
    assert_eq!(trust.erasures().count(), limit::ERASURES);
    let counted = trust.erased(name(1_000_000 + u32::try_from(limit::ERASURES).unwrap() - 1), &header(100, 7, RecordId::ZERO));
    assert!(counted.is_some(), "the first in the log count");
    trust.replay(name(1), &header(erasure::KIND, 8, name(100)), Some(BODY));
    assert!(trust.erased(name(100), &header(100, 8, RecordId::ZERO)).is_some(), "others are not crowded out");
}

#[test]
fn a_ground_is_given_in_words() {
    assert!(erasure::Erasure::read(BODY).is_ok());
    for bad in [r#"{"ground":"  "}"#.to_owned(), "{}".to_owned(), format!(r#"{{"ground":"{}"}}"#, "a".repeat(2_001))] {
        assert!(erasure::Erasure::read(bad.as_bytes()).is_err(), "{bad:.30}");
    }
}

#[test]
fn a_founder_erases_what_anybody_said_and_nobody_else_does() {
    let (mut trust, founder) = moderated();
    let said = header(100, 7, RecordId::ZERO);
    trust.replay(name(1), &header(notice::KIND, 8, name(100)), Some(NOTICE));
    assert_eq!(trust.erased(name(100), &said), None, "it was no founder");
    trust.replay(name(2), &notice(founder, 1, name(100)), Some(NOTICE));
    let erased = trust.erased(name(100), &said).unwrap();
    assert_eq!((erased.record, erased.organisation, erased.kind), (name(2), founder, notice::KIND));
    for kind in 0..32 {
        assert_eq!(trust.erased(name(100), &header(kind, 7, RecordId::ZERO)), None, "what says who may speak is not erased");
    }
}

#[test]
fn a_notice_says_its_ground_its_law_and_its_mandate() {
    let said =
        |ground: &str, law: &str| format!(r#"{{"ground":"{ground}","law":"{law}","mandate":{{"resolution":"1","date":"x"}}}}"#);
    assert!(notice::Notice::read(NOTICE).is_ok());
    let bad = [said(" ", "law"), said("ground", "\u{3000}"), said("ground", &"a".repeat(501)), said(&"a".repeat(2_001), "law")];
    for bad in bad.iter().map(String::as_bytes).chain([BODY, br#"{"ground":"a","law":"b"}"#]) {
        assert!(notice::Notice::read(bad).is_err(), "{:.60}", String::from_utf8_lossy(bad));
    }
}

#[test]
fn a_flood_of_notices_is_bounded() {
    let (mut trust, founder) = moderated();
    for number in 0..100_000 {
        trust.replay(name(number), &notice(founder, 7, name(1_000_000 + number)), Some(NOTICE));
        trust.replay(name(number), &header(notice::KIND, 8, name(number)), Some(NOTICE));
    }
    assert_eq!(trust.erasures().count(), limit::ERASURES);
    trust.replay(name(1), &notice(founder, 9, name(100)), Some(NOTICE));
    assert!(trust.erased(name(100), &header(100, 8, RecordId::ZERO)).is_some(), "another device is not crowded out");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    /// The order in which logs arrive decides nothing: of several that erase a record the first that was written is said to have done so.
    #[test]
    fn what_erased_a_record_is_the_same_in_every_order(
        mut said in prop::collection::vec((any::<bool>(), 0..20_u64, 0..4_u32), 1..12).prop_map(|said| {
            said.into_iter().enumerate().collect::<Vec<_>>()
        }),
        seed in any::<u64>(),
    ) {
        let (fresh, founder) = moderated();
        let tell = |said: &[(usize, (bool, u64, u32))]| {
            let mut trust = fresh.clone();
            for (number, (own, at, subject)) in said {
                let (id, subject) = (name(u32::try_from(*number).unwrap()), name(100 + subject));
                let header = if *own { header(erasure::KIND, 7, subject) } else { notice(founder, 1, subject) };
                let body = if *own { BODY } else { NOTICE };
                trust.replay(id, &Header { claimed_at: Millis(*at), ..header }, Some(body));
            }
            (0..4).map(|subject| trust.erased(name(100 + subject), &header(100, 7, RecordId::ZERO))).collect::<Vec<_>>()
        };
        let one = tell(&said);
        said.sort_by_key(|(number, _)| (*number as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
        prop_assert_eq!(one, tell(&said));
    }
}
