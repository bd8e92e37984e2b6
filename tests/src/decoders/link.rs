//! The place of a record in its log, against a model that writes the rules down again.

use super::cast::{self, START};
use super::input::Input;
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::limit;
use koinon_protocol::log::{ForkError, ForkProof, Head, LinkError, LogId, link};
use koinon_protocol::record::{Draft, Sealed, Verified};
use koinon_protocol::time::Millis;
use std::sync::LazyLock;

/// Records of each place.
const VARIANTS: usize = 4;

/// Two logs of nine places, at each of which stand records that differ in time and predecessor.
static RECORDS: LazyLock<Vec<Verified>> = LazyLock::new(|| {
    let mut records = Vec::new();
    for log in 1..3 {
        let mut previous = [RecordId::ZERO; VARIANTS];
        for seq in (0..8).chain([u64::MAX]) {
            let place: Vec<Verified> =
                (0..VARIANTS).map(|variant| signed(log, seq, previous[variant / 2], variant as u64)).collect();
            previous = [place[0].id(), place[1].id(), place[2].id(), place[3].id()];
            records.extend(place);
        }
    }
    records
});

fn signed(log: u8, seq: u64, previous: RecordId, variant: u64) -> Verified {
    let draft = Draft {
        kind: cast::PRACTICE,
        network: NetworkId([1; 32]),
        organisation: OrganisationId([log; 32]),
        seq,
        previous: if seq == 0 { RecordId::ZERO } else { previous },
        claimed_at: Millis(START + seq.min(8) * (variant % 2) + variant),
        subject: RecordId::ZERO,
        territory: [0; 12],
        topic: 0,
    };
    let sealed = Sealed { salt: [0; limit::SALT], bytes: b"{}".to_vec() };
    draft.sign(&cast::root(40), sealed).expect("the record is of the right form").0
}

/// Each byte names a record: it is linked to what was linked before, or not.
pub(super) fn check(bytes: &[u8]) {
    let mut input = Input(bytes);
    let mut head: Option<Head> = None;
    if input.byte() == 1 {
        let last = &RECORDS[RECORDS.len() / 2 - 1];
        head = Some(Head::from(last));
    }
    let mut last: Option<Verified> = None;
    while !input.is_empty() {
        let record = RECORDS[input.below(RECORDS.len())];
        let expected = model(&record, head.as_ref());
        let answer = link(record, head.as_ref());
        assert_eq!(answer.as_ref().err(), expected.as_ref().err());
        if let Ok(linked) = answer {
            assert_eq!((linked.record(), linked.log()), (&record, LogId::from(record.header())));
            assert_eq!(linked.head(), Head::from(&record));
            head = Some(linked.head());
        }
        if let Some(other) = last.replace(record) {
            fork(record, other);
        }
    }
}

fn model(record: &Verified, head: Option<&Head>) -> Result<(), LinkError> {
    let header = record.header();
    let next = match head {
        None => 0,
        Some(head) if head.seq == u64::MAX => u64::MAX,
        Some(head) => head.seq + 1,
    };
    match head {
        _ if header.seq > next => Err(LinkError::Gap { next }),
        _ if header.seq < next => Err(LinkError::Taken { seq: header.seq }),
        Some(head) if head.id != header.previous => Err(LinkError::Predecessor),
        Some(head) if head.claimed_at > header.claimed_at => Err(LinkError::Backwards),
        _ => Ok(()),
    }
}

fn fork(one: Verified, other: Verified) {
    let (here, there) = (one.header(), other.header());
    let together = (here.organisation, here.device, here.seq) == (there.organisation, there.device, there.seq);
    let expected = match (one.id() == other.id(), together) {
        (true, _) => Some(ForkError::Order),
        (false, false) => Some(ForkError::Apart),
        (false, true) => None,
    };
    let (proof, mirrored) = (ForkProof::new(one, other), ForkProof::new(other, one));
    assert_eq!(proof, mirrored, "a fork has one form");
    assert_eq!(proof.err(), expected);
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    vec![(0..72).collect(), vec![0, 0, 4, 8, 12, 16, 20], vec![0, 1, 4, 0, 5, 4, 8, 40], vec![1, 35, 0, 34, 33]]
}
