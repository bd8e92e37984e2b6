//! A node, its witness and a record, for the tests of what can be proven.

use crate::house::{House, eventually};
use crate::running::{Answer, Running, get, keys, listener, witness};
use koinon_protocol::checkpoint::WitnessKey;
use koinon_tests::author::{Author, Record};
use serde_json::Value;
use tempfile::TempDir;

/// A node that another one witnesses, with a record of its founder.
pub(crate) struct Scene {
    pub(crate) house: House,
    pub(crate) author: Author,
    pub(crate) record: Record,
    /// The key of the witness.
    pub(crate) witness: WitnessKey,
    pub(crate) node: Running,
    other: Running,
    _kept: [TempDir; 2],
}

impl Scene {
    pub(crate) fn open() -> Self {
        let house = House::open();
        let kept = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [own, others] = [0, 1].map(|n| keys(&house, kept[n].path()));
        let (at, other_at) = (listener(&house), listener(&house));
        let asked = vec![witness(&other_at, &others)];
        let other = Running::start(&house, kept[1].path(), other_at, vec![own.log.vkey().clone()], Vec::new());
        let node = Running::start(&house, kept[0].path(), at, Vec::new(), asked);
        let mut author = house.founder();
        house.publish(&author.inception.clone());
        let record = author.example("practice", "One waste lorry for three communes");
        house.publish(&record);
        Self { house, author, record, witness: others.witness.vkey().clone(), node, other, _kept: kept }
    }

    pub(crate) fn record(&self) -> Value {
        self.json(&format!("/api/v1/records/{}", self.record.id()))
    }

    pub(crate) fn is_witnessed(&self) {
        eventually("the witness cosigned the record", || self.record()["witnessed_at"].is_u64());
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{}", answer.text());
        serde_json::from_slice(&answer.bytes).unwrap()
    }

    /// What the node answers under this path.
    pub(crate) fn get(&self, path: &str) -> Answer {
        get(&format!("{}{path}", self.node.url()))
    }

    /// The record's page.
    pub(crate) fn page(&self) -> String {
        self.get(&format!("/record/{}", self.record.id())).text()
    }

    pub(crate) fn end(self) {
        self.node.end();
        self.other.end();
    }
}
