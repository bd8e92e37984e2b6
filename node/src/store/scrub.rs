//! Reading everything again, to find damage before somebody needs what is damaged.

use super::backup::Progress;
use super::frame::Slot;
use super::view::View;
use super::{Store, StoreError, evidence};
use koinon_protocol::id::NetworkId;
use koinon_protocol::record::Signed;
use std::path::Path;

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

    /// What is damaged, in a sentence; the first of each sort is named.
    pub fn damage(&self) -> String {
        let of = |what: &str, places: &[u64]| {
            places.first().map(|first| format!("{} {what}, the first of record {first}", places.len()))
        };
        let found: Vec<String> = [of("damaged headers", &self.damaged_headers), of("damaged bodies", &self.damaged_bodies)]
            .into_iter()
            .flatten()
            .collect();
        if found.is_empty() { format!("{} records are as they were written", self.records) } else { found.join(", ") }
    }
}

impl Store {
    /// Reads every frame and checks sum, name and commitment; with `signatures`, also that each record is its device's, for this network.
    ///
    /// # Errors
    /// What the disk says; damage is in the report.
    pub fn scrub(&self, signatures: Option<NetworkId>) -> Result<Report, StoreError> {
        let read = |position| {
            let (_, signed, place) = self.record(position)?;
            Ok((signed, self.segments.body(&signed, place)?))
        };
        check(self.size(), read, signatures, &mut |_| ())
    }
}

/// Reads every frame of the store in `directory`, whose segments begin anew at `segment` bytes, as far as it is acknowledged; a node may
/// run on it meanwhile. Checks sum, signature for `network`, and commitment. `progress` is told how many records are done.
///
/// # Errors
/// [`StoreError::NoMark`] when nothing says how many records there are; what the disk says. Damage is in the report.
pub fn scrub(
    directory: &Path,
    segment: u64,
    network: NetworkId,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, StoreError> {
    let view = View::new(directory, segment);
    let total = evidence::acknowledged(&view).ok_or(StoreError::NoMark)?.records;
    let read = |position| {
        let found = view.header(position)?;
        Ok((found.signed, view.body(&found)?))
    };
    check(total, read, Some(network), &mut |done| progress(Progress { done, total }))
}

fn check(
    records: u64,
    read: impl Fn(u64) -> Result<(Signed, Slot), StoreError>,
    signatures: Option<NetworkId>,
    progress: &mut dyn FnMut(u64),
) -> Result<Report, StoreError> {
    let mut report = Report { records, ..Report::default() };
    for position in 0..records {
        progress(position);
        let (signed, slot) = match read(position) {
            Ok(found) => found,
            Err(StoreError::Damaged(_)) => {
                report.damaged_headers.push(position);
                continue;
            }
            Err(error) => return Err(error),
        };
        if signatures.is_some_and(|network| signed.verify(network).is_err()) {
            report.damaged_headers.push(position);
        }
        match slot {
            Slot::Present(_) => report.bodies += 1,
            Slot::Erased => report.erased += 1,
            Slot::Damaged => report.damaged_bodies.push(position),
            Slot::Absent => {}
        }
    }
    Ok(report)
}
