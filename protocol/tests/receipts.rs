//! What nodes say of what they erased: who said it, how it spreads, and how little strangers can fill.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use koinon_protocol::id::{DeviceKey, NetworkId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::limit;
use koinon_protocol::receipt::{Book, LENGTH, PAGE_LENGTH, Page, QUESTION_LENGTH, Question, Receipt};
use koinon_protocol::time::Millis;
use proptest::prelude::*;

const NETWORK: NetworkId = NetworkId([3; 32]);
const NOW: Millis = Millis(1_700_000_000_000);
const DAY: u64 = 24 * 60 * 60 * 1000;

fn node(number: u16) -> Signer {
    let mut seed = [7; 32];
    seed[..2].copy_from_slice(&number.to_be_bytes());
    Signer::from_seed(&seed)
}

fn name(number: u32) -> RecordId {
    let mut id = [3; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    RecordId(id)
}

fn book(number: u16) -> Book {
    Book::new(NETWORK, node(number).public(), u64::from(number) + 1)
}

fn receipt(number: u16, record: u32) -> Receipt {
    Receipt::sign(&node(number), NETWORK, name(record), name(9), NOW)
}

/// Reads a peer's book to its end.
fn pull(into: &mut Book, from: &Book, by: DeviceKey, now: Millis) {
    let mut asked = Question::default();
    loop {
        let page = from.page(asked);
        let read = Page::decode(&page.encode()).unwrap();
        read.receipts.iter().filter(|receipt| into.take(**receipt, Some(by), now)).count();
        asked = Question { book: read.book, place: read.place };
        if !read.more {
            break;
        }
    }
}

#[test]
fn a_receipt_is_of_the_node_that_signed_it_in_its_network_and_of_no_other() {
    let said = receipt(1, 100);
    assert_eq!(said.verify(NETWORK), Ok(()));
    assert_eq!((said.encode().len(), Receipt::decode(&said.encode())), (LENGTH, Ok(said)));
    assert!(said.verify(NetworkId([4; 32])).is_err());
    for place in 0..LENGTH {
        let mut bytes = said.encode();
        bytes[place] ^= 1;
        assert!(Receipt::decode(&bytes).is_ok_and(|changed| changed.verify(NETWORK).is_err()), "byte {place}");
    }
    let mut book = book(2);
    assert!(!book.take(Receipt { record: name(101), ..said }, None, NOW));
    assert!(book.take(said, None, NOW) && !book.take(said, None, NOW), "the same again is no news");
}

#[test]
fn three_of_four_nodes_erased_and_the_fourth_is_named() {
    let mut books: Vec<Book> = (1..=4).map(book).collect();
    let keys: Vec<DeviceKey> = (1..=4).map(|number| node(number).public()).collect();
    for number in 0..4_u16 {
        let own = &mut books[usize::from(number)];
        own.take(Receipt::presence(&node(number + 1), NETWORK, NOW), None, NOW);
        if number < 3 {
            own.take(receipt(number + 1, 100), None, NOW);
        }
    }
    // A line of nodes: each reads only its neighbour's book, and all come to count alike.
    for _ in 0..3 {
        for (one, other) in [(0, 1), (1, 2), (2, 3), (3, 2), (2, 1), (1, 0)] {
            let (from, by) = (books[other].clone(), keys[other]);
            pull(&mut books[one], &from, by, NOW);
        }
    }
    for (number, book) in books.iter().enumerate() {
        let count = book.count(&name(100), NOW);
        assert_eq!((count.erased.len(), count.silent.as_slice()), (3, &keys[3..]), "node {number}");
    }
    let later = books[0].count(&name(100), NOW.plus(31 * DAY));
    assert_eq!((later.erased.len(), later.silent.len()), (3, 0), "who was not heard of for a month is not waited for");
}

#[test]
fn a_peer_fills_neither_the_nodes_nor_the_receipts_of_a_book() {
    let (mut book, peer) = (book(1), node(2).public());
    for number in 100..400 {
        book.take(Receipt::presence(&node(number), NETWORK, NOW), Some(peer), NOW);
    }
    assert!(book.receipts().count() <= 64, "one peer names {} nodes", book.receipts().count());
    for by in 3..20 {
        for number in 0..64 {
            book.take(Receipt::presence(&node(1000 + by * 64 + number), NETWORK, NOW), Some(node(by).public()), NOW);
        }
    }
    assert!(book.receipts().count() <= 256, "many peers name {} nodes", book.receipts().count());
    assert!(book.take(receipt(5000, 1), Some(node(5000).public()), NOW), "one that speaks for itself finds room");
    let stays = node(9000).public();
    for number in 10_000..10_600 {
        book.met(stays, NOW.plus(u64::from(number)));
        book.met(node(number).public(), NOW.plus(u64::from(number)));
    }
    let known = book.count(&name(7), NOW.plus(10_600)).silent;
    assert!(known.len() <= 256 && known.contains(&stays), "who stays connected is not driven out by who comes with new keys");
    let most = u32::try_from(limit::RECEIPTS).unwrap();
    for record in 0..most + 10 {
        let at = Millis(NOW.0 - u64::from(most) + u64::from(record) - 20);
        book.take(Receipt::sign(&node(6000), NETWORK, name(record), name(9), at), Some(node(6000).public()), NOW);
    }
    let of = || book.receipts().filter(|receipt| receipt.node == node(6000).public()).map(|receipt| receipt.record);
    assert_eq!((of().count(), of().min()), (limit::RECEIPTS, Some(name(10))), "the newest are kept");
}

#[test]
fn the_future_is_not_taken_and_a_book_that_begins_anew_is_read_anew() {
    let mut book = book(1);
    let future = Receipt::sign(&node(2), NETWORK, name(1), name(9), NOW.plus(limit::AHEAD + 1));
    assert!(!book.take(future, None, NOW));
    book.take(receipt(2, 1), None, NOW);
    let page = book.page(Question { book: 77, place: 5 });
    assert_eq!((page.receipts.len(), page.more), (1, false));
    assert_eq!(book.page(Question { book: page.book, place: page.place }).receipts, []);
}

#[test]
fn the_longest_page_and_the_question_are_as_long_as_their_bounds() {
    let mut book = book(1);
    for record in 0..300 {
        book.take(receipt(2, record), None, NOW);
    }
    let page = book.page(Question::default());
    assert!(page.more && page.encode().len() == PAGE_LENGTH && Question::default().encode().len() == QUESTION_LENGTH);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    /// Two books that heard the same say the same, in whatever order they heard it.
    #[test]
    fn the_order_in_which_receipts_arrive_decides_nothing(
        said in prop::collection::vec((2_u16..6, 0_u32..4, 0_u64..3), 1..20),
        seed in any::<u64>(),
    ) {
        let said: Vec<Receipt> = said
            .into_iter()
            .map(|(number, record, at)| {
                let record = if record == 0 { RecordId::ZERO } else { name(record) };
                Receipt::sign(&node(number), NETWORK, record, record, NOW.plus(at))
            })
            .collect();
        let mut other = said.clone();
        other.sort_by_key(|receipt| u64::from_be_bytes(receipt.signature.0[..8].try_into().unwrap()) ^ seed);
        let tell = |said: &[Receipt]| {
            let mut book = book(1);
            said.iter().filter(|receipt| book.take(**receipt, None, NOW)).count();
            (1..4).map(|record| book.count(&name(record), NOW)).collect::<Vec<_>>()
        };
        prop_assert_eq!(tell(&said), tell(&other));
    }
}
