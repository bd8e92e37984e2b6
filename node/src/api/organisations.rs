//! Organisations: who they are, by what right they speak, and where their logs stand.

use super::State;
use super::answer::{self, Form, Keep};
use super::asked::Asked;
use super::openapi::Id;
use super::problem::{Code, Problem};
use super::query::Named;
use super::records::organisation_name;
use super::words::Languages;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::Response;
use koinon_protocol::id::{DeviceKey, OrganisationId, RecordId};
use koinon_protocol::log::LogId;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::{Localised, Organisation, Right, Trust};
use serde::Serialize;
use utoipa::ToSchema;

/// The most organisations that one is said to vouch for.
const VOUCHES: usize = 1000;

/// A page of organisations, by their ids.
#[derive(Serialize, ToSchema)]
pub(super) struct Organisations {
    /// At most as many as were asked for.
    organisations: Vec<OrganisationView>,
    /// `after` of the next page; null at the end.
    #[schema(value_type = Option<Id>)]
    next: Option<OrganisationId>,
}

/// An organisation, as its inception and its attestations have it.
#[derive(Serialize, ToSchema)]
pub(super) struct OrganisationView {
    /// The id of its inception.
    #[schema(value_type = Id)]
    id: OrganisationId,
    /// Its name, in the best language for the asker.
    #[schema(example = "Comuna Valea Lină")]
    name: String,
    /// Its name by language.
    names: Localised,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "RO")]
    country: String,
    /// When it says that it began: milliseconds since 1970-01-01 UTC.
    #[schema(value_type = u64)]
    since: Millis,
    /// The keys that sign for it.
    devices: Vec<DeviceView>,
    /// What it may do now.
    standing: StandingView,
    /// Whether it moderates now: its notices erase what others wrote.
    moderates: bool,
    /// The attestations for it.
    vouched_by: Vec<Vouch>,
    /// The organisations that it ever vouched for; the first 1,000.
    vouches_for: Vec<OrganisationName>,
}

/// A key that signs for an organisation.
#[derive(Serialize, ToSchema)]
struct DeviceView {
    /// The Ed25519 public key.
    #[schema(value_type = Id)]
    key: DeviceKey,
    /// What the organisation calls it.
    label: String,
}

/// What an organisation may do now, and what proves it.
#[derive(Serialize, ToSchema)]
struct StandingView {
    /// It may publish.
    publish: bool,
    /// It may vouch for others.
    vouch: bool,
    /// Why it may not publish; null when it may.
    reason: Option<String>,
    /// From the charter to the organisation; empty without standing.
    path: Vec<PathStep>,
}

/// A step of the path that proves a standing.
#[derive(Serialize, ToSchema)]
struct PathStep {
    /// The charter, then attestations.
    #[schema(value_type = Id)]
    record: RecordId,
    /// A founder, then the organisations vouched for.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// Its name.
    name: String,
}

/// An attestation for an organisation.
#[derive(Serialize, ToSchema)]
struct Vouch {
    /// The attestation.
    #[schema(value_type = Id)]
    record: RecordId,
    /// Who vouches.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// Its name.
    name: String,
    /// For publishing.
    publish: bool,
    /// For vouching.
    vouch: bool,
    /// How many levels may follow below.
    depth: u8,
    /// The first moment at which it counts.
    #[schema(value_type = u64)]
    from: Millis,
    /// The first moment at which it no longer counts.
    #[schema(value_type = u64)]
    until: Millis,
}

/// An organisation by name.
#[derive(Serialize, ToSchema)]
struct OrganisationName {
    /// The organisation.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// Its name; empty when its inception is not known here.
    name: String,
}

/// Where a log stands: what the author's next record continues.
#[derive(Serialize, ToSchema)]
pub(super) struct LogView {
    /// The author.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// The key that signs.
    #[schema(value_type = Id)]
    device: DeviceKey,
    /// The last record; null before the first.
    head: Option<HeadView>,
    /// The first place that two records claim; null when there is none.
    frozen_at: Option<u64>,
}

/// The last record of a log.
#[derive(Serialize, ToSchema)]
struct HeadView {
    /// Its place.
    seq: u64,
    /// Its name.
    #[schema(value_type = Id)]
    id: RecordId,
    /// When its author says it was written.
    #[schema(value_type = u64)]
    claimed_at: Millis,
}

/// The organisations of the network
#[utoipa::path(get, path = "/api/v1/organisations", tag = "organisations", params(
    ("after" = Option<Id>, Query, description = "`next` of the page before"),
    ("limit" = Option<usize>, Query, description = "1 to 100; 20 if it is not given"),
), responses((status = 200, body = Organisations)))]
pub(super) async fn list(extract::State(state): extract::State<State>, asked: Asked) -> Result<Response, Problem> {
    let (after, limit) = (asked.parameters.read::<OrganisationId>("after")?, asked.parameters.limit()?);
    let trust = state.handle.trust();
    let mut rest = trust.organisations().filter(|organisation| after.is_none_or(|after| organisation.id > after));
    let page: Vec<_> = rest.by_ref().take(limit).collect();
    let next = rest.next().and_then(|_| page.last()).map(|last| last.id);
    let organisations =
        page.into_iter().map(|organisation| OrganisationView::of(organisation, &trust, &asked.languages)).collect();
    Ok(asked.page(&Organisations { organisations, next }, "after", next))
}

/// An organisation, with what proves its standing
#[utoipa::path(get, path = "/api/v1/organisations/{id}", tag = "organisations", params(("id" = Id, Path, description = "The organisation")), responses(
    (status = 200, body = OrganisationView),
    (status = 404, description = "It is not known here"),
))]
pub(super) async fn organisation(
    extract::State(state): extract::State<State>,
    Named(id): Named<OrganisationId>,
    languages: Languages,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    answer::wanted(&headers, &[Form::Json])?;
    let trust = state.handle.trust();
    let organisation = known(&trust, id)?;
    Ok(answer::json(&headers, Keep::Ask, &OrganisationView::of(organisation, &trust, &languages)))
}

/// Where a log stands
#[utoipa::path(get, path = "/api/v1/organisations/{id}/logs/{device}", tag = "organisations", params(
    ("id" = Id, Path, description = "The organisation"),
    ("device" = Id, Path, description = "The public key of one of its devices"),
), responses(
    (status = 200, body = LogView),
    (status = 404, description = "It is not known here"),
))]
pub(super) async fn log(
    extract::State(state): extract::State<State>,
    Named((organisation, device)): Named<(OrganisationId, DeviceKey)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    answer::wanted(&headers, &[Form::Json])?;
    let trust = state.handle.trust();
    if !known(&trust, organisation)?.devices.contains_key(&device) {
        return Err(Problem::new(
            Code::UnknownLog,
            format!("the organisation {organisation} has no device {device} that is known here"),
        ));
    }
    state
        .blocking(move |state| {
            let head = state.reader.head(&LogId { organisation, device })?;
            let head = head.map(|head| HeadView { seq: head.seq, id: head.id, claimed_at: head.claimed_at });
            let frozen_at = state.reader.frozen(&LogId { organisation, device })?;
            Ok(answer::json(&headers, Keep::Ask, &LogView { organisation, device, head, frozen_at }))
        })
        .await
}

fn known(trust: &Trust, id: OrganisationId) -> Result<&Organisation, Problem> {
    trust.organisation(id).ok_or_else(|| {
        let detail =
            format!("no organisation {id} is known here; its inception may not have arrived, or nobody has vouched for it");
        Problem::new(Code::UnknownOrganisation, detail)
    })
}

impl OrganisationView {
    fn of(organisation: &Organisation, trust: &Trust, languages: &Languages) -> Self {
        let name = |id| organisation_name(id, trust, languages);
        let vouched_by = trust.attestations_of(organisation.id).iter().map(|held| Vouch {
            record: held.record,
            organisation: held.voucher,
            name: name(held.voucher),
            publish: held.publish,
            vouch: held.vouch,
            depth: held.depth,
            from: held.from,
            until: held.until,
        });
        let vouches_for = trust.vouched_by(organisation.id).take(VOUCHES);
        Self {
            id: organisation.id,
            name: name(organisation.id),
            names: organisation.name.clone(),
            country: organisation.country.clone(),
            since: organisation.since,
            devices: organisation
                .devices
                .iter()
                .map(|(key, device)| DeviceView { key: *key, label: device.label.clone() })
                .collect(),
            standing: StandingView::of(organisation.id, trust, languages),
            moderates: trust.moderates(organisation.id, crate::clock::now()),
            vouched_by: vouched_by.collect(),
            vouches_for: vouches_for.map(|organisation| OrganisationName { organisation, name: name(organisation) }).collect(),
        }
    }
}

impl StandingView {
    fn of(organisation: OrganisationId, trust: &Trust, languages: &Languages) -> Self {
        let now = crate::clock::now();
        let publish = trust.standing(organisation, Right::Publish, now);
        let vouch = trust.standing(organisation, Right::Vouch, now);
        let steps = publish.as_ref().or(vouch.as_ref()).map(|standing| standing.path.as_slice()).unwrap_or_default();
        let path = steps.iter().map(|step| PathStep {
            record: step.record,
            organisation: step.organisation,
            name: organisation_name(step.organisation, trust, languages),
        });
        Self {
            path: path.collect(),
            publish: publish.is_ok(),
            vouch: vouch.is_ok(),
            reason: publish.err().map(|reason| reason.to_string()),
        }
    }
}
