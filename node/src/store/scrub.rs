//! Reading everything again, to find damage before somebody needs what is damaged.

use super::frame::Slot;
use super::{Store, StoreError};
use koinon_protocol::id::NetworkId;

/// What a scrub found. Places are those of the journal, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that were read.
    pub records: u64,
    /// Bodies that are here and are those that their headers commit to.
    pub bodies: u64,
    /// Bodies that were erased.
    pub erased: u64,
    /// Records whose header cannot be read, is another's, or is not signed by its device.
    pub damaged_headers: Vec<u64>,
    /// Records whose body cannot be read; it may be fetched again.
    pub damaged_bodies: Vec<u64>,
}

impl Report {
    /// Whether all is as it was written.
    pub fn is_clean(&self) -> bool {
        self.damaged_headers.is_empty() && self.damaged_bodies.is_empty()
    }
}

impl Store {
    /// Reads every frame and checks sum, name and commitment; with `signatures`, also that each record is its device's, for this network.
    ///
    /// # Errors
    /// What the disk says; damage is in the report.
    pub fn scrub(&self, signatures: Option<NetworkId>) -> Result<Report, StoreError> {
        let mut report = Report { records: self.size(), ..Report::default() };
        for position in 0..self.size() {
            let (signed, place) = match self.record(position) {
                Ok((_, signed, place)) => (signed, place),
                Err(StoreError::Damaged(_)) => {
                    report.damaged_headers.push(position);
                    continue;
                }
                Err(error) => return Err(error),
            };
            if signatures.is_some_and(|network| signed.verify(network).is_err()) {
                report.damaged_headers.push(position);
            }
            match self.segments.body(&signed, place)? {
                Slot::Present(_) => report.bodies += 1,
                Slot::Erased => report.erased += 1,
                Slot::Damaged => report.damaged_bodies.push(position),
                Slot::Absent => {}
            }
        }
        Ok(report)
    }
}
