//! What is shown to people and programs: what was said by those who stand in the network.

use crate::reader::{ReadError, Reader};
use koinon_protocol::id::OrganisationId;
use koinon_protocol::ledger::Entry;
use koinon_protocol::trust::attestation::Mandate;
use koinon_protocol::trust::erasure::Erasure;
use koinon_protocol::trust::notice::{self, Notice};
use koinon_protocol::trust::{Erased, Trust, inception};

/// Whether `entry` of this node's journal is shown. Its author had standing for it when it was admitted, or it would not be in the journal;
/// it is hidden once it is known to rest on a forked log, or by the operator's decision.
pub fn is_shown(reader: &Reader, trust: &Trust, entry: &Entry) -> bool {
    trust.stands(entry.id, entry.signed.header()) && reader.hidden(&entry.id).is_none()
}

/// The organisation that speaks: an inception founds the one that bears its id; zero for an amendment of the charter.
pub fn author(entry: &Entry) -> OrganisationId {
    let header = entry.signed.header();
    if header.organisation.is_zero() && header.kind == inception::KIND { entry.id.into() } else { header.organisation }
}

/// Why a text was erased.
pub struct Grounds {
    /// In words.
    pub ground: String,
    /// The legal basis, of a notice.
    pub law: Option<String>,
    /// The decision behind it.
    pub mandate: Option<Mandate>,
}

/// What the erasure or the notice says; none when its body is not here.
///
/// # Errors
/// [`ReadError`].
pub fn grounds(reader: &Reader, erased: &Erased) -> Result<Option<Grounds>, ReadError> {
    let Some(position) = reader.find(&erased.record)? else { return Ok(None) };
    let Some(body) = reader.entry(position)?.and_then(|entry| entry.body) else { return Ok(None) };
    Ok(if erased.kind == notice::KIND {
        let said = Notice::read(&body.bytes).ok();
        said.map(|Notice { ground, law, mandate }| Grounds { ground, law: Some(law), mandate: Some(mandate) })
    } else {
        let said = Erasure::read(&body.bytes).ok();
        said.map(|Erasure { ground, mandate }| Grounds { ground, law: None, mandate })
    })
}
