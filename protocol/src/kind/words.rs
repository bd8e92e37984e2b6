//! What search finds a body by.

use super::vocabulary::{population_band, topics_of};
use super::{Kind, Role, Shape, walk::Leaf};
use crate::json::Document;
use serde_json::Value;
use std::collections::BTreeSet;

/// The texts of a body and its facets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// What the record is called, with the language's two or three letters; empty for a kind without a title.
    pub title: Vec<(String, String)>,
    /// All other text. The language is empty where the body does not tell it.
    pub text: Vec<(String, String)>,
    /// Facet and code, each pair once: `kind`, `language` (every one that occurs), `territory`, `topic` (COFOG's division and group),
    /// `cooperation`, `outcome`, `population` (a band of [`POPULATION`](super::vocabulary::POPULATION)).
    pub facets: Vec<(&'static str, String)>,
}

impl Kind {
    /// What search finds `body` by. Values that are not of their field's form are passed over.
    pub fn words(&self, body: &Document) -> Words {
        let leaves = self.leaves(body);
        let plain = leaves.iter().find(|leaf| leaf.field.role == Role::Language).and_then(|leaf| leaf.value.as_str());
        let plain = plain.map(primary).unwrap_or_default();
        let mut words = Words::default();
        let mut facets = BTreeSet::from([("kind", self.name.to_owned())]);
        for leaf in &leaves {
            for (language, text) in texts(leaf, plain) {
                if !language.is_empty() {
                    facets.insert(("language", language.clone()));
                }
                if leaf.field.role == Role::Title {
                    words.title.push((language, text))
                } else {
                    words.text.push((language, text))
                }
            }
            facets.extend(codes(leaf));
        }
        words.facets = facets.into_iter().collect();
        words
    }
}

fn texts(leaf: &Leaf, plain: &str) -> Vec<(String, String)> {
    match (leaf.shape, leaf.value) {
        (Shape::Localised(_), Value::Object(texts)) => {
            texts.iter().filter_map(|(tag, text)| Some((primary(tag).to_owned(), text.as_str()?.to_owned()))).collect()
        }
        (Shape::Text(_), Value::String(text)) => vec![(plain.to_owned(), text.clone())],
        _ => Vec::new(),
    }
}

fn codes(leaf: &Leaf) -> Vec<(&'static str, String)> {
    let code = |facet| leaf.value.as_str().map(|code| (facet, code.to_owned())).into_iter().collect();
    match leaf.field.role {
        Role::Territory => code("territory"),
        Role::Cooperation => code("cooperation"),
        Role::Outcome => code("outcome"),
        Role::Topic => leaf.value.as_u64().map(topics_of).unwrap_or_default().into_iter().map(|code| ("topic", code)).collect(),
        Role::Population => leaf.value.as_u64().map(|n| ("population", population_band(n).to_owned())).into_iter().collect(),
        Role::Plain | Role::Title | Role::Language | Role::Subject => Vec::new(),
    }
}

/// The language of a tag, without script and region.
fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}
