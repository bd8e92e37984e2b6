//! A check that HTML is well formed: every element closes in order, no attribute comes twice, no id twice.

use std::collections::BTreeSet;

const VOID: [&str; 5] = ["meta", "link", "input", "br", "img"];

/// The elements of a page in the order in which they open, each with its attributes as they are written. Panics where they do not nest.
pub(crate) fn elements(html: &str) -> Vec<(String, String)> {
    let (mut open, mut elements) = (Vec::new(), Vec::new());
    let mut rest = html.strip_prefix("<!DOCTYPE html>").unwrap();
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "a bare > near {}", &rest[..start]);
        let end = tag_end(&rest[start..]) + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed out of order");
            continue;
        }
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "odd element {name}");
        if !VOID.contains(&name) {
            open.push(name.to_owned());
        }
        elements.push((name.to_owned(), attributes.to_owned()));
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    elements
}

/// Where a tag ends: the first `>` outside quotes.
fn tag_end(text: &str) -> usize {
    let mut quoted = false;
    text.char_indices()
        .find(|&(_, c)| {
            quoted ^= c == '"';
            c == '>' && !quoted
        })
        .unwrap()
        .0
}

/// The value of an attribute.
pub(crate) fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let start = format!(" {attributes}").find(&format!(" {name}=\""))? + name.len() + 2;
    attributes[start..].split('"').next()
}

/// What every page keeps to: it nests, has one heading and its landmarks, unique ids, labels, captions, and nothing that runs but the node's own modules.
pub(crate) fn assert_page(html: &str) {
    let elements = elements(html);
    let count = |name: &str| elements.iter().filter(|element| element.0 == name).count();
    for once in ["html", "title", "h1", "main"] {
        assert_eq!(count(once), 1, "{once} in {html}");
    }
    for (_, attributes) in elements.iter().filter(|element| element.0 == "script") {
        let source = attribute(attributes, "src").unwrap_or_default();
        assert!(attributes.contains("type=\"module\"") && source.starts_with("/assets/verify-"), "{attributes}");
    }
    assert_eq!(count("script"), html.matches("></script>").count(), "a script stands in the page");
    for never in ["iframe", "style", "object", "embed", "base"] {
        assert_eq!(count(never), 0, "{never}");
    }
    let mut ids = BTreeSet::new();
    for (name, attributes) in &elements {
        assert!(!attributes.contains(" on") || !attributes.contains("on=\""), "{attributes}");
        assert!(attribute(attributes, "style").is_none(), "an inline style is blocked by the policy: {attributes}");
        if let Some(id) = attribute(attributes, "id") {
            assert!(ids.insert(id.to_owned()), "the id {id} comes twice");
        }
        if let Some(target) = attribute(attributes, "href") {
            let inside = target.starts_with('/') || target.starts_with('#') || target.starts_with('?');
            assert!(inside || target.starts_with("https://") || target.starts_with("mailto:"), "{target}");
            assert!(inside || attribute(attributes, "rel").is_some_and(|rel| rel.contains("noopener")), "{attributes}");
        }
        if name == "table" {
            assert!(count("caption") > 0);
        }
    }
    headings_descend(&elements);
}

fn headings_descend(elements: &[(String, String)]) {
    let levels = elements.iter().filter_map(|(name, _)| name.strip_prefix('h')?.parse::<u8>().ok());
    let mut last = 0;
    for level in levels {
        assert!(level <= last + 1, "a heading of level {level} follows one of level {last}");
        last = level;
    }
}
