//! Pages of receipts, as peers send them, and the book that takes them in.

use koinon_protocol::id::{DeviceKey, NetworkId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::receipt::{Book, PAGE, Page, Question, Receipt};
use koinon_protocol::time::Millis;

const NETWORK: NetworkId = NetworkId([3; 32]);
const NOW: Millis = Millis(1_700_000_000_000);

/// What is read is written alike, and what a book keeps of it was signed, once for each node and record.
pub(super) fn page(bytes: &[u8]) {
    let Ok(page) = Page::decode(bytes) else { return };
    assert_eq!(page.encode(), bytes);
    let mut book = Book::new(NETWORK, DeviceKey([1; 32]), 7);
    for receipt in &page.receipts {
        let taken = book.take(*receipt, Some(receipt.node), NOW);
        assert!(!taken || receipt.verify(NETWORK).is_ok());
        assert!(!book.take(*receipt, None, NOW), "the same again is no news");
    }
    let mut kept: Vec<_> = book.receipts().map(|receipt| (receipt.node, receipt.record)).collect();
    let all = kept.len();
    kept.sort();
    kept.dedup();
    assert!(kept.len() == all && all <= page.receipts.len() && book.page(Question::default()).receipts.len() <= PAGE);
}

pub(super) fn pages() -> Vec<Vec<u8>> {
    let node = Signer::from_seed(&[5; 32]);
    let receipts = vec![
        Receipt::presence(&node, NETWORK, NOW),
        Receipt::sign(&node, NETWORK, RecordId([8; 32]), RecordId([9; 32]), NOW),
        Receipt::sign(&node, NETWORK, RecordId([8; 32]), RecordId([9; 32]), Millis(NOW.0 - 1)),
    ];
    let page = |receipts| Page { book: 7, place: 3, more: false, receipts }.encode();
    vec![page(receipts), page(Vec::new()), Vec::new()]
}
