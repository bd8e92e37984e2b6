//! A set of items that knows the summary of every range: a B+ tree whose inner nodes hold the summaries of their children.

use super::{Item, Range, Summary};

/// Items of one leaf at most.
const LEAF: usize = 256;
/// Children of one inner node at most.
const FAN: usize = 64;

/// An ordered set of items; every operation takes logarithmic time.
#[derive(Clone, Debug, Default)]
pub struct RangeIndex {
    root: Option<Child>,
}

#[derive(Clone, Debug)]
struct Child {
    first: Item,
    last: Item,
    summary: Summary,
    node: Node,
}

#[derive(Clone, Debug)]
enum Node {
    Leaf(Vec<Item>),
    Inner(Vec<Child>),
}

impl RangeIndex {
    /// Adds an item; false when it was there already.
    pub fn insert(&mut self, item: Item) -> bool {
        let Some(root) = &mut self.root else {
            self.root = Some(Child::leaf(vec![item]));
            return true;
        };
        if !root.insert(item) {
            return false;
        }
        if let Some(right) = root.split()
            && let Some(left) = self.root.take()
        {
            self.root = Some(Child::inner(vec![left, right]));
        }
        true
    }

    /// Count and sum of the ids in `range`.
    pub fn summary(&self, range: &Range) -> Summary {
        self.root.as_ref().map_or_else(Summary::default, |root| root.summary(range))
    }

    /// The item of `range` that has `skip` items of the range before it.
    pub fn nth(&self, range: &Range, mut skip: u64) -> Option<Item> {
        self.root.as_ref().and_then(|root| root.nth(range, &mut skip))
    }

    /// The first `limit` items of `range`, in order.
    pub fn items(&self, range: &Range, limit: usize) -> Vec<Item> {
        let mut found = Vec::new();
        if let Some(root) = &self.root {
            root.items(range, limit, &mut found);
        }
        found
    }
}

/// Made at once, each node full.
impl FromIterator<Item> for RangeIndex {
    fn from_iter<T: IntoIterator<Item = Item>>(items: T) -> Self {
        let mut items: Vec<Item> = items.into_iter().collect();
        items.sort_unstable();
        items.dedup();
        let mut row: Vec<Child> = items.chunks(LEAF).map(|items| Child::leaf(items.to_vec())).collect();
        drop(items);
        while row.len() > 1 {
            let mut children = row.into_iter();
            row = std::iter::from_fn(|| {
                let below: Vec<Child> = children.by_ref().take(FAN).collect();
                (!below.is_empty()).then(|| Child::inner(below))
            })
            .collect();
        }
        Self { root: row.pop() }
    }
}

impl Child {
    /// A leaf over `items`, of which there is at least one.
    fn leaf(items: Vec<Item>) -> Self {
        let summary = items.iter().fold(Summary::default(), |sum, item| sum.with(&item.id));
        Self { first: items[0], last: items[items.len() - 1], summary, node: Node::Leaf(items) }
    }

    /// A node over `children`, of which there is at least one.
    fn inner(children: Vec<Self>) -> Self {
        let summary = children.iter().fold(Summary::default(), |sum, child| sum.plus(&child.summary));
        Self { first: children[0].first, last: children[children.len() - 1].last, summary, node: Node::Inner(children) }
    }

    fn insert(&mut self, item: Item) -> bool {
        let inserted = match &mut self.node {
            Node::Leaf(items) => match items.binary_search(&item) {
                Ok(_) => false,
                Err(place) => {
                    items.insert(place, item);
                    true
                }
            },
            Node::Inner(children) => insert_below(children, item),
        };
        if inserted {
            self.summary = self.summary.with(&item.id);
            self.first = self.first.min(item);
            self.last = self.last.max(item);
        }
        inserted
    }

    /// The right half, as a node of its own, when this holds more than it may.
    fn split(&mut self) -> Option<Self> {
        let right = match &mut self.node {
            Node::Leaf(items) if items.len() > LEAF => Self::leaf(items.split_off(items.len() / 2)),
            Node::Inner(children) if children.len() > FAN => Self::inner(children.split_off(children.len() / 2)),
            _ => return None,
        };
        *self = match std::mem::replace(&mut self.node, Node::Leaf(Vec::new())) {
            Node::Leaf(items) => Self::leaf(items),
            Node::Inner(children) => Self::inner(children),
        };
        Some(right)
    }

    fn summary(&self, range: &Range) -> Summary {
        if self.within(range) {
            return self.summary;
        }
        match &self.node {
            Node::Leaf(items) => slice(items, range).iter().fold(Summary::default(), |sum, item| sum.with(&item.id)),
            Node::Inner(children) => {
                touched(children, range).fold(Summary::default(), |sum, child| sum.plus(&child.summary(range)))
            }
        }
    }

    fn nth(&self, range: &Range, skip: &mut u64) -> Option<Item> {
        if self.within(range) && self.summary.count <= *skip {
            *skip -= self.summary.count;
            return None;
        }
        match &self.node {
            Node::Leaf(items) => {
                let items = slice(items, range);
                let found = usize::try_from(*skip).ok().and_then(|place| items.get(place)).copied();
                *skip = skip.saturating_sub(items.len() as u64);
                found
            }
            Node::Inner(children) => touched(children, range).find_map(|child| child.nth(range, skip)),
        }
    }

    fn items(&self, range: &Range, limit: usize, found: &mut Vec<Item>) {
        match &self.node {
            Node::Leaf(items) => found.extend(slice(items, range).iter().take(limit - found.len())),
            Node::Inner(children) => {
                for child in touched(children, range) {
                    if found.len() == limit {
                        return;
                    }
                    child.items(range, limit, found);
                }
            }
        }
    }

    fn within(&self, range: &Range) -> bool {
        range.from <= self.first && self.last < range.until
    }
}

fn insert_below(children: &mut Vec<Child>, item: Item) -> bool {
    let place = children.partition_point(|child| child.first <= item).saturating_sub(1);
    let inserted = children[place].insert(item);
    if let Some(right) = children[place].split() {
        children.insert(place + 1, right);
    }
    inserted
}

fn slice<'a>(items: &'a [Item], range: &Range) -> &'a [Item] {
    let from = items.partition_point(|item| *item < range.from);
    let until = items.partition_point(|item| *item < range.until);
    &items[from..until.max(from)]
}

/// The children that may hold items of `range`.
fn touched<'a>(children: &'a [Child], range: &Range) -> impl Iterator<Item = &'a Child> {
    let (from, until) = (range.from, range.until);
    let skipped = children.partition_point(|child| child.last < from);
    children[skipped..].iter().take_while(move |child| child.first < until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;
    use crate::time::Millis;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn item() -> impl Strategy<Value = Item> {
        (0u64..40, any::<u8>(), any::<u8>()).prop_map(|(time, first, last)| {
            let mut id = [first; 32];
            id[31] = last;
            Item { claimed_at: Millis(time), id: RecordId(id) }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn it_answers_as_a_plain_ordered_set_does(
            items in proptest::collection::vec(item(), 0..2500),
            ranges in proptest::collection::vec((item(), item()), 1..20),
            skip in 0u64..300, limit in 0usize..700, loaded in 0usize..4,
        ) {
            let (mut index, mut model) = (RangeIndex::default(), BTreeSet::new());
            let whole = items.len() / 3 * loaded;
            if loaded > 0 {
                index = items[..whole].iter().copied().collect();
                model = items[..whole].iter().copied().collect();
            }
            for item in items.into_iter().skip(whole) {
                prop_assert_eq!(index.insert(item), model.insert(item));
            }
            for (from, until) in ranges.into_iter().chain([(Item::FIRST, Item::LAST)]) {
                let range = Range { from, until };
                let inside: Vec<_> = model.iter().filter(|item| from <= **item && **item < until).copied().collect();
                let sum = inside.iter().fold(Summary::default(), |sum, item| sum.with(&item.id));
                prop_assert_eq!(index.summary(&range), sum);
                prop_assert_eq!(index.nth(&range, skip), inside.get(usize::try_from(skip).unwrap()).copied());
                prop_assert_eq!(index.items(&range, limit), inside.iter().take(limit).copied().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_deep_tree_counts_every_item_once() {
        let mut index = RangeIndex::default();
        let place = |number: u64| Item { claimed_at: Millis(number), id: RecordId::ZERO };
        (0..60_000).for_each(|number| assert!(index.insert(place(number))));
        let range = Range { from: place(1_000), until: place(59_000) };
        assert_eq!(index.summary(&range).count, 58_000);
        assert_eq!(index.nth(&range, 40_000), Some(place(41_000)));
        assert_eq!(index.nth(&range, 58_000), None);
    }
}
