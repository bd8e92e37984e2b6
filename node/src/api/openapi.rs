//! The OpenAPI document, made from the resources' own types and descriptions.

use super::answer::{self, Form, Keep};
use super::problem::{Code, MEDIA, Problem, ProblemDetails};
use super::{bundle, charter, health, journal, kinds, organisations, records, search, status, submit};
use axum::http::HeaderMap;
use axum::response::Response;
use std::sync::LazyLock;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{OpenApi, ToSchema};

/// 32 bytes as 64 lower-case hexadecimal digits: the name of a record, an organisation, a network, a key or a hash.
#[derive(ToSchema)]
#[schema(
    pattern = "^[0-9a-f]{64}$",
    min_length = 64,
    max_length = 64,
    example = "abababababababababababababababababababababababababababababababab"
)]
pub(super) struct Id(#[expect(dead_code, reason = "only its schema is used")] String);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Koinon",
        description = "What local governments have learned, as signed records. Reading needs nothing; writing needs a valid signature \
            and nothing else. Every problem is an RFC 9457 document with a stable `code`.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    paths(
        status::status, charter::charter, submit::submit, submit::check, records::list, records::record, records::record_file,
        records::receipts, search::search,
        organisations::list, organisations::organisation, organisations::log, journal::journal, journal::ids, journal::inclusion,
        journal::consistency, bundle::bundle, kinds::list, kinds::schema, openapi, health::healthz, health::readyz, health::metrics,
    ),
    components(schemas(Id, ProblemDetails)),
    tags(
        (name = "records", description = "What was said"),
        (name = "organisations", description = "Who said it, and by what right"),
        (name = "network", description = "The terms on which the network was founded"),
        (name = "journal", description = "Proofs that nothing was removed or inserted"),
        (name = "kinds", description = "What records may say"),
        (name = "node", description = "This replica"),
        (name = "operation", description = "For whoever runs it"),
    )
)]
struct Document;

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post];
        operations.into_iter().flatten().for_each(allow_problems);
    }
    document
}

/// Every operation may answer with a problem; whatever it names from 400 on is one, unless it says otherwise.
fn allow_problems(operation: &mut Operation) {
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
    let content = ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("ProblemDetails")))).build();
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.as_str() >= "400"
            && response.content.is_empty()
        {
            response.content.insert(MEDIA.to_owned(), RefOr::T(content.clone()));
        }
    }
    let any = format!("A problem; `code` is one of {}", codes.join(", "));
    let response = ResponseBuilder::new().description(any).content(MEDIA, content).build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(response));
}

/// This document
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "node", responses((status = 200, body = Object)))]
pub(super) async fn openapi(headers: HeaderMap) -> Result<Response, Problem> {
    answer::wanted(&headers, &[Form::Json])?;
    static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(document);
    Ok(answer::json(&headers, Keep::Minutes, &*DOCUMENT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::routes;
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// What can be asked: method, path, and the parameters in the address.
    type Offer = (String, String, BTreeSet<String>);

    fn documented() -> BTreeSet<Offer> {
        let document = serde_json::to_value(document()).unwrap();
        let paths = document["paths"].as_object().unwrap().iter();
        let operations = paths
            .flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |(method, operation)| (method, path, operation)));
        operations
            .map(|(method, path, operation)| {
                let of = |place: &str| -> BTreeSet<String> {
                    let all =
                        operation["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == place);
                    all.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
                };
                let in_path =
                    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).map(str::to_owned).collect();
                assert_eq!(of("path"), in_path, "{path}");
                (method.to_uppercase(), path.clone(), of("query"))
            })
            .collect()
    }

    #[test]
    fn what_is_documented_is_what_is_routed() {
        let routed = routes().into_iter().map(|route| {
            let parameters = route.parameters.iter().map(|name| (*name).to_owned()).collect();
            (route.method.to_string(), route.path.to_owned(), parameters)
        });
        assert_eq!(documented(), routed.collect::<BTreeSet<_>>());
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_operation_is_described() {
        let document = serde_json::to_value(document()).unwrap();
        fn visit(document: &Value, value: &Value) {
            if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
            }
            value.as_array().into_iter().flatten().for_each(|each| visit(document, each));
            value.as_object().into_iter().flatten().for_each(|(_, each)| visit(document, each));
        }
        visit(&document, &document);
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
                assert!(operation["responses"]["default"]["content"][MEDIA].is_object(), "{method} {path}");
            }
        }
    }
}
