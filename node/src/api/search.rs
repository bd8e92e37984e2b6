//! Full-text search with facets.

use super::State;
use super::asked::Asked;
use super::openapi::Id;
use super::problem::{Code, Problem};
use super::query::Parameters;
use super::records::{body, find_shown, organisation_name, title};
use super::words::Languages;
use crate::search::{Facet, Filter, Found, Question};
use crate::shown::author;
use axum::extract;
use axum::response::Response;
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::kind::name_of;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::Trust;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Bytes of the longest question.
const TEXT: usize = 1000;
/// The most filters of a question.
const FILTERS: usize = 50;
/// The furthest hit that can be reached by paging: further ones are found by asking more exactly.
const REACH: usize = 10_000;

pub(super) const PARAMETERS: &[&str] =
    &["q", "language", "kind", "topic", "territory", "cooperation", "outcome", "population", "skip", "limit"];

/// What is found.
#[derive(Serialize, ToSchema)]
pub(super) struct Results {
    /// How many records fit.
    total: usize,
    /// The best first.
    hits: Vec<Hit>,
    /// How many of all that fit have each value, by facet: kind, topic, territory, language, cooperation, outcome, population.
    facets: BTreeMap<&'static str, Vec<FacetValue>>,
}

/// A record that is found.
#[derive(Serialize, ToSchema)]
struct Hit {
    /// The record.
    #[schema(value_type = Id)]
    id: RecordId,
    /// How well it fits; comparable within one answer.
    score: f32,
    /// Its title or name, or the beginning of its description, in the best language for the asker.
    title: Option<String>,
    /// The name of its kind.
    #[schema(value_type = Option<String>, example = "practice")]
    kind: Option<&'static str>,
    /// Who wrote it.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// The name of who wrote it.
    organisation_name: String,
    /// When its author says it was written: milliseconds since 1970-01-01 UTC.
    #[schema(value_type = u64)]
    claimed_at: Millis,
}

/// A value of a facet.
#[derive(Serialize, ToSchema)]
struct FacetValue {
    /// The value.
    #[schema(example = "practice")]
    value: String,
    /// How many records have it.
    records: u64,
}

/// Search; a facet's parameter may repeat, which widens
#[utoipa::path(get, path = "/api/v1/search", tag = "records", params(
    ("q" = Option<String>, Query, description = "Words; all must be found, in any form. None for everything", example = "deseuri"),
    ("language" = Option<String>, Query, description = "The language of the words, and of the records (ISO 639)", example = "ro"),
    ("kind" = Option<Vec<String>>, Query, description = "Names of kinds", example = json!(["practice"])),
    ("topic" = Option<Vec<String>>, Query, description = "COFOG codes", example = json!(["511"])),
    ("territory" = Option<Vec<String>>, Query, description = "NUTS or LAU codes, or what they begin with", example = json!(["RO1"])),
    ("cooperation" = Option<Vec<String>>, Query, description = "Forms of cooperation"),
    ("outcome" = Option<Vec<String>>, Query, description = "How it went", example = json!(["worked"])),
    ("population" = Option<Vec<String>>, Query, description = "Bands of inhabitants"),
    ("skip" = Option<usize>, Query, description = "How many hits to leave out, at most 10,000"),
    ("limit" = Option<usize>, Query, description = "1 to 100; 20 if it is not given"),
), responses((status = 200, body = Results)))]
pub(super) async fn search(extract::State(state): extract::State<State>, asked: Asked) -> Result<Response, Problem> {
    let question = question(&asked.parameters)?;
    state
        .blocking(move |state| {
            let trust = state.handle.trust();
            let found = state.reader.search(&question)?;
            let (total, next) = (found.total, question.skip + question.limit);
            let more = (next < total.min(REACH)).then_some(next);
            Ok(asked.page(&results(state, &trust, found, &asked.languages)?, "skip", more))
        })
        .await
}

fn question(parameters: &Parameters) -> Result<Question, Problem> {
    let text = parameters.text("q")?.unwrap_or_default().to_owned();
    if text.len() > TEXT {
        return Err(Problem::new(Code::BadParameter, format!("the parameter 'q' has {} bytes and may have {TEXT}", text.len())));
    }
    let skip = parameters.read("skip")?.unwrap_or(0);
    if skip > REACH {
        return Err(Problem::new(
            Code::BadParameter,
            format!("the parameter 'skip' is {skip} and may be {REACH}: ask more exactly"),
        ));
    }
    let filters: Vec<_> = Facet::ALL
        .into_iter()
        .filter(|facet| *facet != Facet::Language)
        .flat_map(|facet| parameters.all(facet.name()).map(move |value| Filter { facet, value: value.to_owned() }))
        .collect();
    if filters.len() > FILTERS {
        return Err(Problem::new(Code::BadParameter, format!("there are {} filters and may be {FILTERS}", filters.len())));
    }
    let language = parameters.text("language")?.map(str::to_owned);
    Ok(Question { text, language, filters, skip, limit: parameters.limit()? })
}

fn results(state: &State, trust: &Trust, found: Found, languages: &Languages) -> Result<Results, Problem> {
    let mut hits = Vec::new();
    for hit in found.hits {
        match find_shown(&state.reader, trust, &hit.id) {
            Ok((_, entry)) => {
                let organisation = author(&entry);
                hits.push(Hit {
                    id: hit.id,
                    score: hit.score,
                    title: body(&entry).and_then(|body| title(&body, languages)),
                    kind: name_of(entry.signed.header().kind),
                    organisation,
                    organisation_name: organisation_name(organisation, trust, languages),
                    claimed_at: entry.signed.header().claimed_at,
                });
            }
            // Between the search and the reading, a record may have lost what lets it be shown.
            Err(problem) if matches!(problem.code(), Code::UnknownRecord | Code::Hidden) => {}
            Err(problem) => return Err(problem),
        }
    }
    let mut facets: BTreeMap<_, Vec<_>> = Facet::ALL.into_iter().map(|facet| (facet.name(), Vec::new())).collect();
    for count in found.counts {
        facets.entry(count.facet.name()).or_default().push(FacetValue { value: count.value, records: count.records });
    }
    Ok(Results { total: found.total, hits, facets })
}
