//! The columns of the index.

use super::query::Facet;
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions};

/// The words arrive already folded, separated by single blanks.
const FOLDED: &str = "whitespace";

/// The columns, by what they hold.
#[derive(Clone)]
pub(super) struct Fields {
    pub(super) id: Field,
    pub(super) claimed_at: Field,
    pub(super) title: Field,
    pub(super) words: Field,
    pub(super) stems: Field,
    facets: Vec<Field>,
}

impl Fields {
    /// The schema, and the columns in it.
    pub(super) fn new() -> (Schema, Self) {
        let mut builder = Schema::builder();
        let text = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default().set_tokenizer(FOLDED).set_index_option(IndexRecordOption::WithFreqs),
        );
        let code = TextOptions::default()
            .set_indexing_options(TextFieldIndexing::default().set_tokenizer("raw").set_index_option(IndexRecordOption::Basic))
            .set_fast("raw");
        let fields = Self {
            id: builder.add_bytes_field("id", INDEXED | STORED),
            claimed_at: builder.add_u64_field("claimed_at", FAST),
            title: builder.add_text_field("title", text.clone()),
            words: builder.add_text_field("words", text.clone()),
            stems: builder.add_text_field("stems", text),
            facets: Facet::ALL.iter().map(|facet| builder.add_text_field(facet.name(), code.clone())).collect(),
        };
        (builder.build(), fields)
    }

    /// The column of a facet.
    pub(super) fn facet(&self, facet: Facet) -> Field {
        self.facets[facet as usize]
    }
}
