//! A set of items to reconcile, and nothing beside.

use koinon_protocol::id::{RecordId, Tag, digest};
use koinon_protocol::ledger::{Fault, Plane, Ranges};
use koinon_protocol::reconcile::{Item, Range, RangeIndex, Summary};
use koinon_protocol::time::Millis;
use std::collections::BTreeSet;

/// Items, the same in both planes.
#[derive(Debug, Default)]
pub(crate) struct Set {
    index: RangeIndex,
    pub(crate) items: BTreeSet<Item>,
    pub(crate) ids: BTreeSet<RecordId>,
}

impl Set {
    pub(crate) fn of(items: impl IntoIterator<Item = Item>) -> Self {
        let mut set = Self::default();
        for item in items {
            set.index.insert(item);
            set.items.insert(item);
            set.ids.insert(item.id);
        }
        set
    }
}

impl Ranges for Set {
    fn has(&self, id: &RecordId) -> Result<bool, Fault> {
        Ok(self.ids.contains(id))
    }
    fn summary(&self, _: Plane, range: &Range) -> Result<Summary, Fault> {
        Ok(self.index.summary(range))
    }
    fn items(&self, _: Plane, range: &Range, limit: usize) -> Result<Vec<Item>, Fault> {
        Ok(self.index.items(range, limit))
    }
    fn nth(&self, _: Plane, range: &Range, skip: u64) -> Result<Option<Item>, Fault> {
        Ok(self.index.nth(range, skip))
    }
}

pub(crate) fn item(time: u64, name: u64) -> Item {
    Item { claimed_at: Millis(time), id: RecordId(digest(Tag::RECORD_ID, &[&name.to_be_bytes()])) }
}
