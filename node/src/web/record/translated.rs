//! A record's texts with those that translations add: an author's own text is never replaced.

use crate::web::item::{Content, Item};
use crate::web::text::Languages;
use serde_json::{Map, Value};

/// A language that was added, and by which translation.
#[derive(Clone, Debug)]
pub(crate) struct Added {
    /// The language.
    pub(crate) language: String,
    /// The translation's place in the list that was given.
    pub(crate) by: usize,
}

/// Adds to `body` the texts of `translations` that the reader can use, and names the languages of all. Of two translations into one
/// language the author's own comes first, then the newer, as they stand in the list.
pub(crate) fn add(body: &mut Map<String, Value>, translations: &[Item], original: &Item, languages: &Languages) -> Vec<Added> {
    let author = |item: &&(usize, &Item)| item.1.author != original.author;
    let mut order: Vec<(usize, &Item)> = translations.iter().enumerate().collect();
    order.sort_by_key(|item| author(&item));
    let mut added: Vec<Added> = Vec::new();
    for (by, translation) in order {
        let Content::Sound(said) = &translation.content else { continue };
        let Some(language) = said.get("language").and_then(Value::as_str) else { continue };
        if added.iter().any(|each| each.language == language) {
            continue;
        }
        let fields = said.get("fields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut unread = body.clone();
        let body = if languages.has(language) { &mut *body } else { &mut unread };
        if fields.iter().filter(|field| put(body, field, language)).count() > 0 {
            added.push(Added { language: language.to_owned(), by });
        }
    }
    added
}

fn put(body: &mut Map<String, Value>, field: &Value, language: &str) -> bool {
    let (Some(pointer), Some(text)) = (field["field"].as_str(), field["text"].as_str()) else { return false };
    let Some(texts) = localised(body, pointer) else { return false };
    if texts.contains_key(language) {
        return false;
    }
    texts.insert(language.to_owned(), Value::String(text.to_owned()));
    true
}

/// The localised field that a JSON pointer names, with or without a language at its end.
fn localised<'a>(body: &'a mut Map<String, Value>, pointer: &str) -> Option<&'a mut Map<String, Value>> {
    let (first, rest) = pointer.strip_prefix('/')?.split_once('/').unwrap_or((pointer.strip_prefix('/')?, ""));
    let top = body.get_mut(first)?;
    let rest = if rest.is_empty() { String::new() } else { format!("/{rest}") };
    let whole = top.pointer(&rest).is_some_and(Value::is_object);
    let place = if whole { rest.as_str() } else { rest.rsplit_once('/').map_or("", |(above, _)| above) };
    let texts = top.pointer_mut(place)?.as_object_mut()?;
    texts.values().all(Value::is_string).then_some(texts)
}
