//! The public halves of the roots that an organisation committed to on this computer: their digest is in a record, and whoever rotates
//! must name them again in the same order.

use crate::failure::Failure;
use crate::home::{Home, make_private_folder, read_bounded, write_new};
use koinon_protocol::id::{DeviceKey, RecordId};
use koinon_protocol::limit;
use koinon_protocol::trust::inception;
use serde::{Deserialize, Serialize};

/// Bytes of the longest file.
const MOST: usize = 128 + limit::ROOTS * 80;

/// A set of roots, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootSet {
    /// How many of them act.
    pub threshold: u32,
    /// The keys.
    pub keys: Vec<DeviceKey>,
}

impl RootSet {
    /// With the least majority when no threshold is given.
    pub fn new(keys: Vec<DeviceKey>, threshold: Option<u32>) -> Self {
        let majority = u32::try_from(keys.len() / 2 + 1).unwrap_or(u32::MAX);
        Self { threshold: threshold.unwrap_or(majority), keys }
    }

    /// What an organisation commits to.
    pub fn digest(&self) -> RecordId {
        inception::roots_digest(self.threshold, &self.keys)
    }

    /// Keeps it under its digest.
    ///
    /// # Errors
    /// [`Failure::File`].
    pub fn keep(&self, home: &Home) -> Result<(), Failure> {
        make_private_folder(&home.next_roots())?;
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        match write_new(&home.next_roots().join(format!("{}.json", self.digest())), text.as_bytes()) {
            Err(Failure::Exists(_)) => Ok(()),
            other => other,
        }
    }

    /// The set of this digest, when it is kept here.
    ///
    /// # Errors
    /// [`Failure::BadCopy`] when it was changed, [`Failure::File`].
    pub fn find(home: &Home, digest: RecordId) -> Result<Option<Self>, Failure> {
        let path = home.next_roots().join(format!("{digest}.json"));
        if !path.exists() {
            return Ok(None);
        }
        let read = serde_json::from_slice::<Self>(&read_bounded(&path, MOST)?).map_err(|error| error.to_string());
        match read {
            Ok(set) if set.digest() == digest => Ok(Some(set)),
            Ok(_) => Err(Failure::BadCopy { path, reason: "it has another digest".into() }),
            Err(reason) => Err(Failure::BadCopy { path, reason }),
        }
    }
}
