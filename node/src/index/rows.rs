//! Rows that are about to be written together, and the sum by which a lost or changed row is noticed.

use std::collections::BTreeMap;

/// What one row adds to the sum of all: its checksum, so that a row that is lost, changed or doubled changes the sum.
pub(super) fn print(key: &[u8], value: &[u8]) -> u64 {
    let mut hasher = crc32fast::Hasher::new_with_initial(0x6b6f_696e);
    hasher.update(&(key.len() as u32).to_be_bytes());
    hasher.update(key);
    hasher.update(value);
    u64::from(hasher.finalize())
}

/// Changes over a tree; reads see them.
pub(super) struct Changes {
    tree: sled::Tree,
    rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// The sum over all rows, with these changes.
    pub(super) sum: u64,
}

impl Changes {
    /// No change yet to a tree of this sum.
    pub(super) fn new(tree: &sled::Tree, sum: u64) -> Self {
        Self { tree: tree.clone(), rows: BTreeMap::new(), sum }
    }

    /// The value of a row.
    pub(super) fn get(&self, key: &[u8]) -> sled::Result<Option<Vec<u8>>> {
        match self.rows.get(key) {
            Some(changed) => Ok(changed.clone()),
            None => Ok(self.tree.get(key)?.map(|value| value.to_vec())),
        }
    }

    /// Writes a row, or takes it away.
    pub(super) fn set(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) -> sled::Result<()> {
        let old = self.get(&key)?;
        self.sum = self.sum.wrapping_sub(old.map_or(0, |old| print(&key, &old)));
        self.sum = self.sum.wrapping_add(value.as_ref().map_or(0, |new| print(&key, new)));
        self.rows.insert(key, value);
        Ok(())
    }

    /// The last row whose key begins with `prefix`.
    pub(super) fn last(&self, prefix: &[u8]) -> sled::Result<Option<(Vec<u8>, Vec<u8>)>> {
        Ok(self.all(prefix, true)?.into_iter().next_back())
    }

    /// Every row whose key begins with `prefix`, in order.
    pub(super) fn scan(&self, prefix: &[u8]) -> sled::Result<Vec<(Vec<u8>, Vec<u8>)>> {
        self.all(prefix, false)
    }

    fn all(&self, prefix: &[u8], only_last: bool) -> sled::Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let mut found = BTreeMap::new();
        for row in self.tree.scan_prefix(prefix).rev() {
            let (key, value) = row?;
            if !self.rows.contains_key(&key[..]) {
                found.insert(key.to_vec(), value.to_vec());
                if only_last {
                    break;
                }
            }
        }
        let changed = self.rows.range(prefix.to_vec()..).take_while(|(key, _)| key.starts_with(prefix));
        found.extend(changed.filter_map(|(key, value)| Some((key.clone(), value.clone()?))));
        Ok(found.into_iter().collect())
    }

    /// The changes as the tree takes them.
    pub(super) fn into_batch(self) -> sled::Batch {
        let mut batch = sled::Batch::default();
        for (key, value) in self.rows {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        batch
    }
}

/// Bytes of a place in a row: 2^40 records are more than a disk holds.
pub(super) const PLACE: usize = 5;

/// A place as it stands in rows, in an order that is that of the bytes.
pub(super) fn place(position: u64) -> [u8; PLACE] {
    let [_, _, _, a, b, c, d, e] = position.to_be_bytes();
    [a, b, c, d, e]
}

/// The places in a row's value, in order.
pub(super) fn places(bytes: &[u8]) -> impl DoubleEndedIterator<Item = u64> + '_ {
    bytes.chunks_exact(PLACE).map(|place| place.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
}
