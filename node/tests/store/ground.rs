//! The records that the tests of the store keep.

use koinon_protocol::id::{NetworkId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::log::{ForkProof, Head, Linked, link};
use koinon_protocol::record::{Body, Draft, Sealed};
use koinon_protocol::time::Millis;
use koinond::store::Store;

pub(crate) const NETWORK: NetworkId = NetworkId([7; 32]);

/// Records of four logs, in turns.
pub(crate) fn mixed(count: usize) -> Vec<(Linked, Body)> {
    let logs: Vec<_> = (0..4).map(|seed| log(seed, count as u64 / 4, 300)).collect();
    (0..count).map(|number| logs[number % 4][number / 4].clone()).collect()
}

/// Two records of one author at one place.
pub(crate) fn fork() -> ForkProof {
    let [one, other] = [100, 101].map(|length| *log(9, 1, length)[0].0.record());
    ForkProof::new(one, other).unwrap()
}

/// Records of one log, with bodies of so many bytes that repeat `erase me` and the place.
pub(crate) fn records(count: u64, length: usize) -> Vec<(Linked, Body)> {
    log(3, count, length)
}

fn log(seed: u8, count: u64, length: usize) -> Vec<(Linked, Body)> {
    let signer = Signer::from_seed(&[seed; 32]);
    let mut head: Option<Head> = None;
    let one = |seq| {
        let draft = Draft {
            kind: 40,
            network: NETWORK,
            organisation: RecordId([1; 32]).into(),
            seq,
            previous: head.map_or(RecordId::ZERO, |head| head.id),
            claimed_at: Millis(seq),
            subject: RecordId::ZERO,
            territory: [0; 12],
            topic: 0,
        };
        let text = format!("erase me {seq:08} ");
        let bytes = text.bytes().cycle().take(length).collect();
        let (verified, body) = draft.sign(&signer, Sealed { salt: [seq as u8; 32], bytes }).unwrap();
        let linked = link(verified, head.as_ref()).unwrap();
        head = Some(linked.head());
        (linked, body)
    };
    (0..count).map(one).collect()
}

/// Keeps all of them, for certain.
pub(crate) fn fill(store: &mut Store, records: &[(Linked, Body)]) {
    for (linked, body) in records {
        store.append(linked, Some(body)).unwrap();
    }
    store.sync().unwrap();
}
