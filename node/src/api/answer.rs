//! The forms of answers: which one is wanted, and whether it is the one that the asker has already.

use super::problem::{Code, Problem};
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::hash::{DefaultHasher, Hasher as _};

/// What an answer is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON.
    Json,
    /// A record file or an audit bundle.
    Bytes,
    /// JSON Schema.
    Schema,
}

impl Form {
    pub(crate) fn media(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Bytes => "application/octet-stream",
            Self::Schema => "application/schema+json",
        }
    }
}

/// The one of the `offered` forms that `Accept` likes best; the first one when it likes several alike, or is not there.
pub(crate) fn wanted(headers: &HeaderMap, offered: &[Form]) -> Result<Form, Problem> {
    let ranges: Vec<(String, f32)> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(range)
        .collect();
    let mut best: Option<(Form, f32)> = None;
    for form in offered {
        let liking = if ranges.is_empty() { 1.0 } else { liking(form.media(), &ranges) };
        if liking > best.map_or(0.0, |(_, liking)| liking) {
            best = Some((*form, liking));
        }
    }
    best.map(|(form, _)| form).ok_or_else(|| {
        let forms: Vec<_> = offered.iter().map(|form| form.media()).collect();
        Problem::new(
            Code::NotAcceptable,
            format!("the resource is there as {}, which Accept does not allow", forms.join(" and ")),
        )
    })
}

/// A media range and its quality (RFC 9110, 12.5.1).
fn range(text: &str) -> Option<(String, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().filter(|media| !media.is_empty())?.to_ascii_lowercase();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let quality = quality.map_or(Some(1.0), |quality| quality.parse().ok().filter(|quality| (0.0..=1.0).contains(quality)))?;
    Some((media, quality))
}

/// The quality that the most exact range gives to a media type.
fn liking(media: &str, ranges: &[(String, f32)]) -> f32 {
    let (kind, _) = media.split_once('/').unwrap_or((media, ""));
    let with = |wanted: &str| ranges.iter().find(|(range, _)| range == wanted).map(|(_, quality)| *quality);
    with(media).or_else(|| with(&format!("{kind}/*"))).or_else(|| with("*/*")).unwrap_or(0.0)
}

/// How long an answer may be used without asking again.
#[derive(Clone, Copy)]
pub(crate) enum Keep {
    /// Ask each time; with an `ETag` that costs little. Records too: one that was erased must vanish from caches as well.
    Ask,
    /// What only a new version of the program changes.
    Minutes,
}

impl Keep {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Ask => "no-cache",
            Self::Minutes => "public, max-age=300",
        })
    }
}

/// Bytes with a name of their own, sent only when the asker does not have them.
pub(crate) fn tagged(headers: &HeaderMap, form: Form, keep: Keep, tag: &str, bytes: impl Into<Bytes>) -> Response {
    let common = [
        (header::ETAG, value(tag)),
        (header::CACHE_CONTROL, keep.header()),
        (header::VARY, HeaderValue::from_static("Accept, Accept-Language")),
    ];
    if has(headers, tag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, HeaderValue::from_static(form.media()))], bytes.into()).into_response()
}

/// JSON, named by what it says.
pub(crate) fn json(headers: &HeaderMap, keep: Keep, answer: &impl Serialize) -> Response {
    json_as(Form::Json, headers, keep, answer)
}

/// As [`json`], under a media type of its own.
pub(crate) fn json_as(form: Form, headers: &HeaderMap, keep: Keep, answer: &impl Serialize) -> Response {
    // Maps have text keys only, so that this cannot fail.
    let bytes = serde_json::to_vec(answer).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    hasher.write(&bytes);
    let tag = format!("W/\"{:016x}-{}\"", hasher.finish(), bytes.len());
    tagged(headers, form, keep, &tag, bytes)
}

/// A page of a list, with where the next one is.
pub(crate) fn page(headers: &HeaderMap, answer: &impl Serialize, next: Option<String>) -> Response {
    let mut response = json(headers, Keep::Ask, answer);
    if let Some(next) = next {
        response.headers_mut().insert(header::LINK, value(&format!("<{next}>; rel=\"next\"")));
    }
    response
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// Whether `If-None-Match` names the tag; compared weakly, as RFC 9110, 13.1.2 has it.
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|each| each.trim() == "*" || opaque(each) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(text: &str) -> Option<Form> {
        let headers = HeaderMap::from_iter([(header::ACCEPT, text.parse().unwrap())]);
        wanted(&headers, &[Form::Json, Form::Bytes]).ok()
    }

    #[test]
    fn the_form_that_is_liked_best_is_given() {
        assert_eq!(wanted(&HeaderMap::new(), &[Form::Json, Form::Bytes]), Ok(Form::Json));
        assert_eq!(accept("application/octet-stream"), Some(Form::Bytes));
        assert_eq!(accept("application/octet-stream;q=0.5, application/json"), Some(Form::Json));
        assert_eq!(accept("application/json;q=0, */*"), Some(Form::Bytes));
        assert_eq!(accept("text/html, application/*;q=0.8"), Some(Form::Json));
        assert_eq!(accept("text/html"), None);
        assert_eq!(accept("application/json;q=0"), None);
    }
}
