//! That the text of a record was erased: by whom, by which record, and why.

use super::view::organisation_name;
use crate::api::openapi::Id;
use crate::api::words::Languages;
use crate::reader::{ReadError, Reader};
use crate::shown::grounds;
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::kind::name_of;
use koinon_protocol::ledger::Entry;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::Trust;
use koinon_protocol::trust::attestation::Mandate;
use serde::Serialize;
use utoipa::ToSchema;

/// That the body of a record was erased.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ErasedView {
    /// The erasure or the notice.
    #[schema(value_type = Id)]
    record: RecordId,
    /// `erasure`, by the author, or `notice`, by an organisation that moderates.
    #[schema(value_type = String, example = "notice")]
    kind: Option<&'static str>,
    /// Who erased it.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// The name of who erased it, in the best language for the asker.
    organisation_name: String,
    /// Why, in words; null when the erasure's own text is not on this node.
    ground: Option<String>,
    /// The legal basis; null for an erasure by the author.
    law: Option<String>,
    /// The decision behind it; null where none is named.
    mandate: Option<Decision>,
    /// When they say that they did: milliseconds since 1970-01-01 UTC.
    #[schema(value_type = u64)]
    claimed_at: Millis,
}

/// The decision of a council or board.
#[derive(Serialize, ToSchema)]
struct Decision {
    /// Its number or title.
    resolution: String,
    /// Its day.
    date: String,
    /// The digest of a document with it; null for none.
    #[schema(value_type = Option<Id>)]
    attachment: Option<RecordId>,
}

impl ErasedView {
    /// None when the record was not erased.
    pub(super) fn of(entry: &Entry, trust: &Trust, reader: &Reader, languages: &Languages) -> Result<Option<Self>, ReadError> {
        let Some(erased) = trust.erased(entry.id, entry.signed.header()) else { return Ok(None) };
        let (ground, law, mandate) =
            grounds(reader, &erased)?.map_or((None, None, None), |said| (Some(said.ground), said.law, said.mandate));
        Ok(Some(Self {
            record: erased.record,
            kind: name_of(erased.kind),
            organisation: erased.organisation,
            organisation_name: organisation_name(erased.organisation, trust, languages),
            ground,
            law,
            mandate: mandate.map(|Mandate { resolution, date, attachment }| Decision { resolution, date, attachment }),
            claimed_at: erased.claimed_at,
        }))
    }
}
