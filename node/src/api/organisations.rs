//! Organisations: who they are, by what right they speak, and where their logs stand.

mod acts;
mod view;

use super::State;
use super::answer::{self, Form, Keep};
use super::asked::Asked;
use super::openapi::Id;
use super::problem::{Code, Problem};
use super::query::Named;
use super::words::Languages;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::Response;
use koinon_protocol::id::{DeviceKey, OrganisationId, RecordId};
use koinon_protocol::log::LogId;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::{Organisation, Trust};
use serde::Serialize;
use utoipa::ToSchema;
use view::OrganisationView;

/// A page of organisations, by their ids.
#[derive(Serialize, ToSchema)]
pub(super) struct Organisations {
    /// At most as many as were asked for.
    organisations: Vec<OrganisationView>,
    /// `after` of the next page; null at the end.
    #[schema(value_type = Option<Id>)]
    next: Option<OrganisationId>,
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
