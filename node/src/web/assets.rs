//! The style sheet, the icon and the modules of the verifier, under names that change with what they hold, so that browsers may keep them for good.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../assets/koinon.css");
const ICON: &str = include_str!("../../assets/icon.svg");
/// The verifier, and last the script of the page that uses it. They name each other by what stands here.
const MODULES: [(&str, &str); 10] = [
    ("acts.mjs", include_str!("../../assets/verify/acts.mjs")),
    ("bytes.mjs", include_str!("../../assets/verify/bytes.mjs")),
    ("control.mjs", include_str!("../../assets/verify/control.mjs")),
    ("ed25519.mjs", include_str!("../../assets/verify/ed25519.mjs")),
    ("json.mjs", include_str!("../../assets/verify/json.mjs")),
    ("notes.mjs", include_str!("../../assets/verify/notes.mjs")),
    ("trust.mjs", include_str!("../../assets/verify/trust.mjs")),
    ("verify.mjs", include_str!("../../assets/verify/verify.mjs")),
    ("words.mjs", include_str!("../../assets/verify/words.mjs")),
    ("page.mjs", include_str!("../../assets/verify/page.mjs")),
];
/// A year, the longest that caches take seriously.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

struct Asset {
    address: String,
    etag: String,
    kind: &'static str,
    text: &'static str,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let (style, icon) = (mark(STYLE), mark(ICON));
    let named = [
        Asset {
            address: format!("/assets/koinon-{style}.css"),
            etag: quoted(&style),
            kind: "text/css; charset=utf-8",
            text: STYLE,
        },
        Asset { address: format!("/assets/icon-{icon}.svg"), etag: quoted(&icon), kind: "image/svg+xml", text: ICON },
    ];
    // One mark for all modules, since their imports are relative: whoever has one of them has the others of the same release.
    let all = mark(&MODULES.map(|(_, text)| text).concat());
    let module = |(name, text)| Asset {
        address: format!("/assets/verify-{all}/{name}"),
        etag: quoted(&all),
        kind: "text/javascript; charset=utf-8",
        text,
    };
    named.into_iter().chain(MODULES.map(module)).collect()
});

fn mark(text: &str) -> String {
    format!("{:08x}", crc32fast::hash(text.as_bytes()))
}

fn quoted(mark: &str) -> String {
    format!("\"{mark}\"")
}

/// Where the style sheet is.
pub(crate) fn style() -> &'static str {
    &ASSETS[0].address
}

/// Where the icon is.
pub(crate) fn icon() -> &'static str {
    &ASSETS[1].address
}

/// Where the script is that verifies a record in the reader's browser.
pub(crate) fn verifier() -> &'static str {
    ASSETS.last().map_or("", |asset| &asset.address)
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
