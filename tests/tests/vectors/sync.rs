//! Vectors of what replicas compare: the journal's tree with its proofs, and set reconciliation.

use crate::Subject::{Journal, Reconcile};
use crate::Values;
use crate::forge::NETWORK;
use crate::table::Row;
use koinon_protocol::id::{RecordId, Tag, digest};
use koinon_protocol::journal::{Hash, Tree, consistency, inclusion, root_at};
use koinon_protocol::ledger::{Fault, Plane, Ranges};
use koinon_protocol::reconcile::{Initiator, Item, Range, RangeIndex, RespondError, Step, Summary, respond};
use koinon_protocol::time::Millis;
use koinon_protocol::wire::WireError;

/// Size, root, the inclusion proof of the middle place, and the consistency proof from half the size.
pub(crate) fn check_journal(input: &[u8]) -> Result<Values, &'static str> {
    let (ids, rest) = input.as_chunks::<32>();
    if !rest.is_empty() {
        return Err("Malformed");
    }
    let mut tree = Tree::default();
    ids.iter().for_each(|id| tree.push(&RecordId(*id)));
    let (size, nodes) = (ids.len() as u64, |level, index| tree.node(level, index));
    let proof = |hashes: Vec<Hash>| hex::encode(hashes.concat());
    let path = if size == 0 { Vec::new() } else { inclusion(size / 2, size, nodes).expect("a place in the tree") };
    Ok(Values::from([
        ("size", size.to_string()),
        ("root", hex::encode(root_at(size, nodes).expect("a size of the tree"))),
        ("inclusion", proof(path)),
        ("consistency", proof(consistency(size / 2, size, nodes).expect("a size of the tree"))),
    ]))
}

/// What a responder with these records answers.
pub(crate) fn check_reconcile(input: &[u8]) -> Result<Values, &'static str> {
    let (count, rest) = input.split_first_chunk::<8>().expect("the vectors begin with a count");
    let (items, message) = rest.split_at(40 * usize::try_from(u64::from_be_bytes(*count)).expect("few items"));
    let set = Set::of(items.as_chunks::<40>().0.iter().map(|bytes| {
        let (time, id) = bytes.split_first_chunk::<8>().expect("40 bytes");
        Item { claimed_at: Millis(u64::from_be_bytes(*time)), id: RecordId(id.try_into().expect("32 bytes")) }
    }));
    let response = respond(message, &set).map_err(|error| match error {
        RespondError::Wire(WireError::NotCanonical) => "NotCanonical",
        RespondError::Wire(_) => "Malformed",
        RespondError::Ids => "Ids",
        RespondError::Ledger(_) => "Ledger",
    })?;
    let fingerprint = hex::encode(set.0.summary(&Range::ALL).fingerprint());
    Ok(Values::from([("fingerprint", fingerprint), ("response", hex::encode(response))]))
}

pub(crate) fn rows() -> Vec<Row> {
    let journal = |size: u64| (0..size).flat_map(|number| name(number).0).collect::<Vec<u8>>();
    let cut = journal(2)[..63].to_vec();
    let asked = |own: u64, theirs: u64| framed(theirs, &question(own));
    let raw = |message: &[u8]| framed(3, message);
    vec![
        (Journal, "an empty journal", "ok", NETWORK, Vec::new()),
        (Journal, "one record", "ok", NETWORK, journal(1)),
        (Journal, "two records", "ok", NETWORK, journal(2)),
        (Journal, "a tree that is not full", "ok", NETWORK, journal(7)),
        (Journal, "a full tree", "ok", NETWORK, journal(8)),
        (Journal, "a full tree and one more", "ok", NETWORK, journal(9)),
        (Journal, "a longer journal", "ok", NETWORK, journal(37)),
        (Journal, "half an id", "Malformed", NETWORK, cut),
        (Reconcile, "equal sets: nothing is said", "ok", NETWORK, asked(20, 20)),
        (Reconcile, "an empty set on both sides", "ok", NETWORK, asked(0, 0)),
        (Reconcile, "few records: their ids", "ok", NETWORK, asked(0, 20)),
        (Reconcile, "as many as are still few", "ok", NETWORK, asked(0, 32)),
        (Reconcile, "one more: sixteen parts", "ok", NETWORK, asked(0, 33)),
        (Reconcile, "many records, two of them unknown to the initiator", "ok", NETWORK, asked(298, 300)),
        (Reconcile, "nothing where the initiator has many", "ok", NETWORK, asked(100, 0)),
        (Reconcile, "no range", "ok", NETWORK, raw(&[1])),
        (Reconcile, "no plane", "Malformed", NETWORK, raw(&[])),
        (Reconcile, "a third plane", "Malformed", NETWORK, raw(&[2])),
        (Reconcile, "a segment of a fourth kind", "Malformed", NETWORK, raw(&[0, 3 << 6 | 63])),
        (Reconcile, "a prefix of 33 bytes", "Malformed", NETWORK, raw(&[&[0, 1 << 6 | 33, 1][..], &[7; 49]].concat())),
        (Reconcile, "a fingerprint that is cut short", "Malformed", NETWORK, raw(&[&[0, 1 << 6 | 63][..], &[7; 15]].concat())),
        (Reconcile, "a bound at the first place", "Malformed", NETWORK, raw(&[&[0, 1 << 6, 0][..], &[7; 16]].concat())),
        (
            Reconcile,
            "a number in more bytes than it needs",
            "NotCanonical",
            NETWORK,
            raw(&[&[0, 1 << 6, 0x85, 0][..], &[7; 16]].concat()),
        ),
        (Reconcile, "a prefix that ends in zero", "NotCanonical", NETWORK, raw(&[&[0, 1 << 6 | 1, 5, 0][..], &[7; 16]].concat())),
        (Reconcile, "a skip at the end", "NotCanonical", NETWORK, raw(&[0, 5, 1, 2, 3, 4, 5, 6])),
        (Reconcile, "ids in a request", "Ids", NETWORK, raw(&[0, 2 << 6 | 63, 0])),
    ]
}

fn name(number: u64) -> RecordId {
    RecordId(digest(Tag::RECORD_ID, &[&number.to_be_bytes()]))
}

/// Three records a second.
fn item(number: u64) -> Item {
    Item { claimed_at: Millis(1_767_225_600_000 + number / 3 * 1000), id: name(number) }
}

/// What an initiator with so many records asks first.
fn question(own: u64) -> Vec<u8> {
    let step = Initiator::new(Plane::Content).next(&Set::of((0..own).map(item))).expect("a set in memory");
    let Step::Send(message) = step else { panic!("the first step is a question") };
    message
}

/// The records of the responder, then the message.
fn framed(count: u64, message: &[u8]) -> Vec<u8> {
    let items = (0..count).map(item).flat_map(|item| [&item.claimed_at.0.to_be_bytes()[..], item.id.as_bytes()].concat());
    count.to_be_bytes().into_iter().chain(items).chain(message.iter().copied()).collect()
}

/// The same items in both planes.
struct Set(RangeIndex);

impl Set {
    fn of(items: impl Iterator<Item = Item>) -> Self {
        let mut index = RangeIndex::default();
        items.for_each(|item| assert!(index.insert(item), "every item once"));
        Self(index)
    }
}

impl Ranges for Set {
    fn has(&self, _: &RecordId) -> Result<bool, Fault> {
        Err(Fault)
    }
    fn summary(&self, _: Plane, range: &Range) -> Result<Summary, Fault> {
        Ok(self.0.summary(range))
    }
    fn items(&self, _: Plane, range: &Range, limit: usize) -> Result<Vec<Item>, Fault> {
        Ok(self.0.items(range, limit))
    }
    fn nth(&self, _: Plane, range: &Range, skip: u64) -> Result<Option<Item>, Fault> {
        Ok(self.0.nth(range, skip))
    }
}
