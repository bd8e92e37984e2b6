//! Full-text search over admitted records, with facets. Derived state: it can be deleted and is built again from the journal.
//!
//! No text of a record is stored here, only the words of it, so that an erased body leaves nothing behind once its segment is merged away.

mod document;
mod fields;
pub mod fold;
mod index;
mod query;
mod stem;

pub use document::document;
pub use index::{Cursor, SearchError, SearchIndex, Searching};
pub use query::{Count, Facet, Filter, Found, Hit, Question};

use koinon_protocol::id::RecordId;
use koinon_protocol::time::Millis;

/// What the index knows of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The record.
    pub id: RecordId,
    /// When its author says it was written; the newer of two equal hits comes first.
    pub claimed_at: Millis,
    /// The title in each language that the author wrote it in.
    pub title: Vec<Text>,
    /// Everything else that can be read.
    pub text: Vec<Text>,
    /// What it can be filtered by; several values of one facet are several entries.
    pub facets: Vec<(Facet, String)>,
}

/// Words in a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// BCP 47, of which the first part decides the stemmer.
    pub language: String,
    /// The words.
    pub words: String,
}
