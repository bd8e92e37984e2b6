//! The charter: the founding one, and how it changed.

use super::State;
use super::answer::{self, Form, Keep};
use super::openapi::Id;
use super::problem::Problem;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::Response;
use koinon_protocol::id::{DeviceKey, NetworkId, RecordId};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::{Charter, SignedTwice, Term, Trust};
use serde::Serialize;
use utoipa::ToSchema;

/// The founding charter, and the amendments that count. Texts are by language.
#[derive(Serialize, ToSchema)]
pub(super) struct CharterView {
    /// The id of the founding charter.
    #[schema(value_type = Id)]
    network: NetworkId,
    /// `name`, `purpose`, `founders`, `thresholds`, `admission`, `licence`, `witnesses`, `depth` and `kinds` of the founding charter.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    charter: Charter,
    /// The number of the charter that counts now, 0 for the founding one.
    number: usize,
    /// All charters in the order of time, the founding one first.
    terms: Vec<TermView>,
    /// Founders who signed two amendments for one place.
    signed_twice: Vec<TwiceView>,
}

/// A charter, from when on it counts.
#[derive(Serialize, ToSchema)]
struct TermView {
    /// Its place in the history, 0 for the founding charter.
    number: usize,
    /// The first moment at which it counts.
    #[schema(value_type = u64)]
    from: Millis,
    /// The record that says so.
    #[schema(value_type = Id)]
    record: RecordId,
    /// What the next one names: the network, or the name of the amendment.
    #[schema(value_type = Id)]
    name: RecordId,
    /// The resolution behind it; null for the founding charter.
    resolution: Option<String>,
    /// The day of the resolution.
    date: Option<String>,
    /// The whole charter from then on, with its founders: `name`, `country` and `key` of each.
    #[schema(value_type = Object)]
    charter: Charter,
}

/// A founder who signed two amendments for one place.
#[derive(Serialize, ToSchema)]
struct TwiceView {
    /// The key.
    #[schema(value_type = Id)]
    founder: DeviceKey,
    /// A record that it signed.
    #[schema(value_type = Id)]
    first: RecordId,
    /// Another for the same place.
    #[schema(value_type = Id)]
    second: RecordId,
}

/// The charter: the record file of the founding one, or what it says and how it changed
#[utoipa::path(get, path = "/api/v1/charter", tag = "network", responses(
    (status = 200, content((CharterView = "application/json"), (Vec<u8> = "application/octet-stream"))),
    (status = 304, description = "The asker has it"),
))]
pub(super) async fn charter(extract::State(state): extract::State<State>, headers: HeaderMap) -> Result<Response, Problem> {
    let network = state.handle.network();
    Ok(match answer::wanted(&headers, &[Form::Bytes, Form::Json])? {
        Form::Bytes => answer::tagged(&headers, Form::Bytes, Keep::Minutes, &format!("\"{network}\""), state.charter.encode()),
        _ => answer::json(&headers, Keep::Ask, &CharterView::of(&state.handle.trust())),
    })
}

impl CharterView {
    fn of(trust: &Trust) -> Self {
        let current = trust.term_at(crate::clock::now());
        Self {
            network: trust.network(),
            charter: trust.charter().clone(),
            number: trust.terms().iter().position(|term| term.name == current.name).unwrap_or_default(),
            terms: trust.terms().iter().enumerate().map(|(number, term)| TermView::of(number, term)).collect(),
            signed_twice: trust.signed_twice().iter().map(TwiceView::of).collect(),
        }
    }
}

impl TermView {
    fn of(number: usize, term: &Term) -> Self {
        let mandate = term.mandate.as_ref();
        Self {
            number,
            from: term.from,
            record: term.record,
            name: term.name,
            resolution: mandate.map(|mandate| mandate.resolution.clone()),
            date: mandate.map(|mandate| mandate.date.clone()),
            charter: term.charter.clone(),
        }
    }
}

impl TwiceView {
    fn of(twice: &SignedTwice) -> Self {
        Self { founder: twice.founder, first: twice.first, second: twice.second }
    }
}
