//! What an erasure counts for, whoever writes it and whenever it arrives.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use koinon_protocol::id::{BodyCommitment, DeviceKey, NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::limit;
use koinon_protocol::record::Header;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::charter::{self, Charter, Founder, Thresholds};
use koinon_protocol::trust::{Localised, Trust, erasure};

const BODY: &[u8] = br#"{"ground":"It names a child."}"#;

fn trust() -> Trust {
    let text = || Localised::from([("en".to_owned(), "A network".to_owned())]);
    let signer = Signer::from_seed(&[1; 32]);
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
