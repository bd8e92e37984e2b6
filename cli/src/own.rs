//! Which key of this computer speaks for which organisation, as the inceptions and device records that are kept here say.

use crate::failure::Failure;
use crate::home::{Home, names_in, read_bounded};
use crate::keystore::{self, StoredKey};
use koinon_protocol::id::{DeviceKey, NetworkId, OrganisationId};
use koinon_protocol::log::LogId;
use koinon_protocol::record::RecordError;
use koinon_protocol::record_file::{self, RecordFile};
use koinon_protocol::trust::device::Device;
use koinon_protocol::trust::inception::Inception;
use koinon_protocol::trust::{BodyError, Localised};
use std::path::Path;

const SUFFIX: &str = ".record";

/// An organisation for which a key speaks.
#[derive(Clone, Debug)]
pub struct Own {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The network that it belongs to.
    pub network: NetworkId,
    /// The key.
    pub device: DeviceKey,
    /// Its name as founded; empty when this computer has no copy of the inception.
    pub name: Localised,
    /// Its roots as founded; none without the inception.
    pub roots: Vec<DeviceKey>,
}

impl Own {
    /// The log that the key writes.
    pub fn log(&self) -> LogId {
        LogId { organisation: self.organisation, device: self.device }
    }
}

/// All of them, with the key when it is here, in the order of the keys' names.
///
/// # Errors
/// [`Failure::File`], and [`Failure::BadCopy`] for a copy that was changed.
pub fn list(home: &Home) -> Result<Vec<(StoredKey, Own)>, Failure> {
    let founded = records(&home.founded(), founded)?;
    let mut all = records(&home.devices(), added)?;
    for own in &mut all {
        if let Some(first) = founded.iter().find(|first| first.organisation == own.organisation) {
            (own.name, own.roots) = (first.name.clone(), first.roots.clone());
        }
    }
    all.extend(founded);
    let keys = keystore::list(home)?;
    let pairs =
        keys.iter().flat_map(|key| all.iter().filter(|own| own.device == key.device).map(|own| (key.clone(), own.clone())));
    Ok(pairs.collect())
}

fn records(folder: &Path, read: fn(&RecordFile) -> Result<Own, Unfit>) -> Result<Vec<Own>, Failure> {
    let mut names = names_in(folder)?;
    names.retain(|name| name.ends_with(SUFFIX) && !name.starts_with('.'));
    names.sort();
    let own = names.iter().map(|name| {
        let path = folder.join(name);
        let record = RecordFile::decode(&read_bounded(&path, record_file::MOST)?).map_err(Unfit::Record);
        record.and_then(|record| read(&record)).map_err(|reason| Failure::BadCopy { path, reason: reason.to_string() })
    });
    own.collect()
}

#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error("{0}")]
    Record(#[from] RecordError),
    #[error("{0}")]
    Body(#[from] BodyError),
}

fn founded(record: &RecordFile) -> Result<Own, Unfit> {
    let (verified, body) = record.open()?;
    let header = verified.header();
    let inception = Inception::read(body.bytes(), header.network, header.device)?;
    Ok(Own {
        organisation: verified.id().into(),
        network: header.network,
        device: header.device,
        name: inception.name,
        roots: inception.roots,
    })
}

/// The roots' authorisations are left to the nodes: the copy was made here, and the roots may not be known here.
fn added(record: &RecordFile) -> Result<Own, Unfit> {
    let (verified, body) = record.open()?;
    let device: Device = serde_json::from_slice(body.bytes()).map_err(|error| BodyError::Form(error.to_string()))?;
    Ok(Own {
        organisation: verified.author(),
        network: verified.header().network,
        device: device.device,
        name: Localised::new(),
        roots: Vec::new(),
    })
}
