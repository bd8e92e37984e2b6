//! The style sheet and the icon, under names that change with what they hold, so that browsers may keep them for good.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../assets/koinon.css");
const ICON: &str = include_str!("../../assets/icon.svg");
/// A year, the longest that caches take seriously.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

struct Asset {
    address: String,
    etag: String,
    kind: &'static str,
    text: &'static str,
}

static ASSETS: LazyLock<[Asset; 2]> = LazyLock::new(|| {
    [Asset::new("koinon", "css", "text/css; charset=utf-8", STYLE), Asset::new("icon", "svg", "image/svg+xml", ICON)]
});

impl Asset {
    fn new(name: &str, ending: &str, kind: &'static str, text: &'static str) -> Self {
        let mark = format!("{:08x}", crc32fast::hash(text.as_bytes()));
        Self { address: format!("/assets/{name}-{mark}.{ending}"), etag: format!("\"{mark}\""), kind, text }
    }
}

/// Where the style sheet is.
pub(crate) fn style() -> &'static str {
    &ASSETS[0].address
}

/// Where the icon is.
pub(crate) fn icon() -> &'static str {
    &ASSETS[1].address
}

/// The asset at an address, or that the browser has it; none when there is none.
pub(crate) fn serve(address: &str, headers: &HeaderMap) -> Option<Response> {
    let asset = ASSETS.iter().find(|asset| asset.address == address)?;
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|tags| tags.contains(&asset.etag));
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { asset.text.into_response() };
    let fixed = [(CONTENT_TYPE, asset.kind), (CACHE_CONTROL, FOR_GOOD)];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if let Ok(etag) = HeaderValue::from_str(&asset.etag) {
        response.headers_mut().insert(ETAG, etag);
    }
    Some(response)
}
