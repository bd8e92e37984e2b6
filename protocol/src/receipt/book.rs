//! The receipts that a node holds, its own and those of others, and what they count up to. Bounded, whatever strangers say.

use super::{PAGE, Page, Question, Receipt};
use crate::id::{DeviceKey, NetworkId, RecordId};
use crate::limit;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// Nodes that are known. With [`limit::RECEIPTS`] of 168 B each, and as much again for the maps, a full book takes 90 MB.
const NODES: usize = 256;
/// Nodes that one peer may name. Anybody can make up keys: without this bound one peer could fill the book with them.
const INTRODUCED: usize = 64;
/// A node of which nothing was heard for so long is not waited for: 30 days.
const SILENT: u64 = 30 * 24 * 60 * 60 * 1000;

/// The receipts of a network.
#[derive(Debug, Clone)]
pub struct Book {
    network: NetworkId,
    own: DeviceKey,
    /// A number by which peers tell this book from the one before it.
    number: u64,
    pages: BTreeMap<u64, Receipt>,
    next: u64,
    nodes: BTreeMap<DeviceKey, Node>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// The peer that named it first; none for one that was met.
    introduced_by: Option<DeviceKey>,
    heard: Millis,
    /// Where each of its receipts stands, by record.
    of: BTreeMap<RecordId, u64>,
    /// Those about records, the oldest first.
    ages: BTreeSet<(Millis, RecordId)>,
}

/// On which nodes a text is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// What those say whose text is gone, by their keys.
    pub erased: Vec<Receipt>,
    /// The other nodes of which something was heard within 30 days.
    pub silent: Vec<DeviceKey>,
}

impl Book {
    /// An empty book of the node `own`; `number` is random and not zero.
    pub fn new(network: NetworkId, own: DeviceKey, number: u64) -> Self {
        let nodes = BTreeMap::from([(own, Node::default())]);
        Self { network, own, number, pages: BTreeMap::new(), next: 0, nodes }
    }

    /// Whether the node itself has said that the body of this record is gone.
    pub fn holds_own(&self, record: &RecordId) -> bool {
        self.nodes.get(&self.own).is_some_and(|node| node.of.contains_key(record))
    }

    /// A peer is connected: it is a node, whatever it says.
    pub fn met(&mut self, peer: DeviceKey, now: Millis) {
        if self.know(peer, None)
            && let Some(node) = self.nodes.get_mut(&peer)
        {
            node.heard = node.heard.max(now);
        }
    }

    /// Keeps a receipt that `from` passed on, or that was kept before. True when it is new here and its signature holds.
    pub fn take(&mut self, receipt: Receipt, from: Option<DeviceKey>, now: Millis) -> bool {
        if receipt.at > now.plus(limit::AHEAD) || !self.is_news(&receipt) || receipt.verify(self.network).is_err() {
            return false;
        }
        let introduced_by = from.filter(|from| *from != receipt.node);
        if !self.know(receipt.node, introduced_by) || !self.make_room(&receipt) {
            return false;
        }
        let place = self.next;
        let Some(node) = self.nodes.get_mut(&receipt.node) else { return false };
        self.next += 1;
        node.heard = node.heard.max(receipt.at);
        if let Some(before) = node.of.insert(receipt.record, place).and_then(|place| self.pages.remove(&place)) {
            node.ages.remove(&(before.at, before.record));
        }
        if receipt.is_of_a_record() {
            node.ages.insert((receipt.at, receipt.record));
        }
        self.pages.insert(place, receipt);
        true
    }

    /// The answer to a peer's question.
    pub fn page(&self, asked: Question) -> Page {
        let from = if asked.book == self.number { asked.place } else { 0 };
        let mut rest = self.pages.range(from..);
        let receipts: Vec<Receipt> = rest.by_ref().take(PAGE).map(|(_, receipt)| *receipt).collect();
        let next = rest.next().map(|(place, _)| *place);
        Page { book: self.number, place: next.unwrap_or(self.next), more: next.is_some(), receipts }
    }

    /// All that is kept, in the order in which it was taken.
    pub fn receipts(&self) -> impl Iterator<Item = &Receipt> {
        self.pages.values()
    }

    /// On which nodes the body of a record is gone, and of which that is not known.
    pub fn count(&self, record: &RecordId, now: Millis) -> Count {
        let mut count = Count::default();
        for (key, node) in &self.nodes {
            match node.of.get(record).and_then(|place| self.pages.get(place)) {
                Some(receipt) => count.erased.push(*receipt),
                None if *key == self.own || now.since(node.heard) <= SILENT => count.silent.push(*key),
                None => {}
            }
        }
        count
    }

    /// Whether it says something that is not kept: of two about one record the earlier is kept, of two that a node is there the later.
    fn is_news(&self, receipt: &Receipt) -> bool {
        let kept = self.nodes.get(&receipt.node).and_then(|node| self.pages.get(node.of.get(&receipt.record)?));
        let order = |receipt: &Receipt| (receipt.at, receipt.erasure, receipt.signature.0);
        kept.is_none_or(|kept| if receipt.is_of_a_record() { order(receipt) < order(kept) } else { receipt.at > kept.at })
    }

    /// Makes a node known, if there is room. One that is met takes the place of one that was only named, or else of the one that was not
    /// heard of for longest: whoever comes with new keys drives out what he brought before, and nobody who stays.
    fn know(&mut self, node: DeviceKey, introduced_by: Option<DeviceKey>) -> bool {
        if let Some(known) = self.nodes.get_mut(&node) {
            if introduced_by.is_none() {
                known.introduced_by = None;
            }
            return true;
        }
        let named = |by: &DeviceKey| self.nodes.values().filter(|node| node.introduced_by.as_ref() == Some(by)).count();
        match introduced_by {
            Some(by) if self.nodes.len() >= NODES || named(&by) >= INTRODUCED => return false,
            None if self.nodes.len() >= NODES => {
                let others = self.nodes.iter().filter(|(key, _)| **key != self.own);
                let Some(last) = others.min_by_key(|(_, node)| (node.introduced_by.is_none(), node.heard)).map(|(key, _)| *key)
                else {
                    return false;
                };
                self.nodes.remove(&last);
                self.pages.retain(|_, receipt| receipt.node != last);
            }
            _ => {}
        }
        self.nodes.insert(node, Node { introduced_by, ..Node::default() });
        true
    }

    /// Of each other node the newest receipts are kept; the node's own are as many as the records that it erased.
    fn make_room(&mut self, new: &Receipt) -> bool {
        let Some(node) = self.nodes.get_mut(&new.node) else { return false };
        if new.node == self.own || !new.is_of_a_record() || node.of.contains_key(&new.record) || node.ages.len() < limit::RECEIPTS
        {
            return true;
        }
        match node.ages.first().copied() {
            Some(oldest) if oldest < (new.at, new.record) => {
                node.ages.remove(&oldest);
                if let Some(place) = node.of.remove(&oldest.1) {
                    self.pages.remove(&place);
                }
                true
            }
            _ => false,
        }
    }
}
