//! Which of several languages is shown.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::convert::Infallible;

/// Languages of a request that are looked at: more than anybody reads.
const LANGUAGES: usize = 16;

/// The languages that whoever asks reads, the best first (`Accept-Language`).
#[derive(Clone, Debug, Default)]
pub(crate) struct Languages(Vec<String>);

impl Languages {
    fn read(text: &str) -> Self {
        let mut ranges: Vec<(f32, String)> = text
            .split(',')
            .take(LANGUAGES)
            .filter_map(|range| {
                let (tag, quality) = range.split_once(';').map_or((range, 1.0), |(tag, quality)| {
                    (tag, quality.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).unwrap_or(0.0))
                });
                let primary = tag.trim().split('-').next().filter(|primary| !primary.is_empty())?;
                (quality > 0.0).then(|| (quality, primary.to_ascii_lowercase()))
            })
            .collect();
        ranges.sort_by(|one, other| other.0.total_cmp(&one.0));
        Self(ranges.into_iter().map(|(_, tag)| tag).collect())
    }

    /// The text in the best language there is: one that is read, else English, else the first.
    pub(crate) fn pick<'a>(&self, texts: &'a BTreeMap<String, String>) -> &'a str {
        self.best(|tag| texts.get(tag).map(String::as_str))
            .or_else(|| texts.values().next().map(String::as_str))
            .unwrap_or_default()
    }

    /// As [`Languages::pick`], from a field of a body that may be of any form.
    pub(crate) fn pick_json<'a>(&self, texts: &'a Map<String, Value>) -> Option<&'a str> {
        self.best(|tag| texts.get(tag).and_then(Value::as_str)).or_else(|| texts.values().find_map(Value::as_str))
    }

    fn best<'a>(&self, text: impl Fn(&str) -> Option<&'a str>) -> Option<&'a str> {
        self.0.iter().map(String::as_str).chain(["en"]).find_map(text)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Languages {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let text = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|text| text.to_str().ok());
        Ok(Self::read(text.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_goes_before_english_and_english_before_the_rest() {
        let texts = |tags: &[&str]| tags.iter().map(|tag| ((*tag).to_owned(), format!("in {tag}"))).collect();
        let read = Languages::read("fr;q=0.5, pl-PL, de;q=0");
        assert_eq!(read.pick(&texts(&["en", "fr", "pl"])), "in pl");
        assert_eq!(read.pick(&texts(&["de", "en", "fr"])), "in fr");
        assert_eq!(read.pick(&texts(&["de", "en"])), "in en");
        assert_eq!(read.pick(&texts(&["de", "ro"])), "in de");
        assert_eq!(Languages::default().pick(&texts(&[])), "");
    }
}
