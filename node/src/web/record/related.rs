//! What others made of a record: newer versions, adoptions, reviews, translations.

use crate::web::item::Item;
use crate::web::reading::Reading;
use crate::web::words;
use koinon_protocol::kind::Kind;
use maud::{Markup, html};

/// The records about a record, each list the newest first.
#[derive(Default)]
pub(crate) struct Related {
    /// Of the same kind and author.
    pub(crate) newer: Vec<Item>,
    /// Of the same kind, by others.
    pub(crate) derived: Vec<Item>,
    /// How far others took it over.
    pub(crate) adoptions: Vec<Item>,
    /// Opinions.
    pub(crate) reviews: Vec<Item>,
    /// In other languages.
    pub(crate) translations: Vec<Item>,
    /// Anything else.
    pub(crate) others: Vec<Item>,
}

impl Related {
    /// Sorts the records about `item`.
    pub(super) fn sort(about: Vec<Item>, item: &Item) -> Self {
        let mut related = Self::default();
        for each in about {
            let list = match Kind::by_number(each.header().kind).map(|kind| kind.name) {
                _ if each.header().kind == item.header().kind && each.author == item.author => &mut related.newer,
                _ if each.header().kind == item.header().kind => &mut related.derived,
                Some("adoption") => &mut related.adoptions,
                Some("review") => &mut related.reviews,
                Some("translation") => &mut related.translations,
                _ => &mut related.others,
            };
            list.push(each);
        }
        related
    }

    /// The lists that are not empty, each under its heading.
    pub(super) fn view(&self, reading: &Reading) -> Markup {
        let lists = [
            (words::NEWER_VERSIONS, &self.newer),
            (words::ADOPTIONS, &self.adoptions),
            (words::REVIEWS, &self.reviews),
            (words::DERIVED, &self.derived),
            (words::TRANSLATIONS, &self.translations),
            (words::OTHERS, &self.others),
        ];
        html! {
            @for (heading, items) in lists.into_iter().filter(|(_, items)| !items.is_empty()) {
                section.related { h2 { (heading) } ul.cards { @for item in items { (item.card(reading)) } } }
            }
        }
    }
}
