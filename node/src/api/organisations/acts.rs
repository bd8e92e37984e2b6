//! What the API says of an organisation's acts.

use super::super::openapi::Id;
use super::super::records::organisation_name;
use super::super::words::Languages;
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::kind::name_of;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::acts::Act;
use koinon_protocol::trust::{Organisation, Trust};
use serde::Serialize;
use utoipa::ToSchema;

/// The most acts that are listed.
const ACTS: usize = 200;

/// That an organisation ended.
#[derive(Serialize, ToSchema)]
pub(super) struct Closed {
    /// The record that says so.
    #[schema(value_type = Id)]
    record: RecordId,
    /// Who succeeds it, by its own word.
    successors: Vec<Successor>,
    /// An association, neither side, that agreed; null while none has.
    association: Option<Successor>,
    /// Whether all successors and an association agreed.
    agreed: bool,
}

/// An organisation that succeeds another, or agrees to that.
#[derive(Serialize, ToSchema)]
struct Successor {
    /// The organisation.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// Its name; empty when its inception is not known here.
    name: String,
    /// Whether it agreed.
    agreed: bool,
}

/// A recovery that guardians proposed.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryView {
    /// Its record.
    #[schema(value_type = Id)]
    record: RecordId,
    /// When it was proposed.
    #[schema(value_type = u64)]
    proposed_at: Millis,
    /// The first moment at which it can be confirmed; null when the roots that it would replace are no longer those that act.
    #[schema(value_type = Option<u64>)]
    due: Option<Millis>,
    /// Whether it was confirmed.
    confirmed: bool,
    /// Whether the roots objected; then it has no effect.
    vetoed: bool,
}

/// An act.
#[derive(Serialize, ToSchema)]
pub(super) struct ActView {
    /// The record that carries it.
    #[schema(value_type = Id)]
    record: RecordId,
    /// Its name, the same in whatever record it stands.
    #[schema(value_type = Id)]
    name: RecordId,
    /// The record kind.
    kind: u16,
    /// What such an act is called.
    #[schema(example = "rotation")]
    kind_name: Option<&'static str>,
    /// When its record says that it was written.
    #[schema(value_type = u64)]
    claimed_at: Millis,
}

impl Closed {
    pub(super) fn of(organisation: OrganisationId, trust: &Trust, languages: &Languages) -> Option<Self> {
        let succeeded = trust.succession(organisation)?;
        let view =
            |organisation, agreed| Successor { organisation, name: organisation_name(organisation, trust, languages), agreed };
        let successors = succeeded.successors.iter().map(|each| view(*each, !succeeded.silent.contains(each)));
        Some(Self {
            record: succeeded.closing,
            successors: successors.collect(),
            association: succeeded.association.map(|agreed| view(agreed.organisation, true)),
            agreed: succeeded.is_agreed(),
        })
    }
}

impl RecoveryView {
    pub(super) fn all(organisation: &Organisation, trust: &Trust) -> Vec<Self> {
        let all = trust.recoveries(organisation.id).into_iter().take(ACTS);
        all.map(|each| Self {
            record: each.record,
            proposed_at: each.proposed_at,
            due: each.due,
            confirmed: each.confirmed,
            vetoed: each.vetoed,
        })
        .collect()
    }
}

impl ActView {
    pub(super) fn all(organisation: OrganisationId, trust: &Trust) -> Vec<Self> {
        trust.acts_of(organisation).take(ACTS).map(Self::of).collect()
    }

    fn of(act: &Act) -> Self {
        Self { record: act.record, name: act.name, kind: act.kind, kind_name: name_of(act.kind), claimed_at: act.claimed_at }
    }
}
