//! The index on disk: one writer that follows the journal, any number of readers.

use super::fields::Fields;
use super::fold::{fold, words};
use super::query::{Count, Facet, Found, Hit, Question, compile};
use super::stem::stems;
use super::{Document, Text};
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::Hash;
use std::path::Path;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::agg_result::AggregationResults;
use tantivy::aggregation::{AggContextParams, AggregationCollector};
use tantivy::collector::{Count as Total, TopDocs};
use tantivy::schema::Value as _;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term};

/// Memory that the writer may fill before it writes a segment: tantivy's least, since a node has a gigabyte for everything.
const WRITER_MEMORY: usize = 15_000_000;
/// The most hits in one answer.
const HITS: usize = 200;
/// The furthest hit that can be reached by paging.
const REACH: usize = 10_000;
/// The most values counted of one facet.
const VALUES: usize = 50;

/// The index could not be opened, written or read.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The files under it.
    #[error("the search index: {0}; it is derived from the journal and can be deleted while the node is stopped")]
    Index(#[from] tantivy::TantivyError),
    /// The directory.
    #[error("the search index: {0}")]
    Io(#[from] std::io::Error),
    /// The directory cannot be opened as an index.
    #[error("the search index: {0}")]
    Directory(#[from] tantivy::directory::error::OpenDirectoryError),
}

/// Words and facets of admitted records: the half that writes.
pub struct SearchIndex {
    writer: IndexWriter,
    searching: Searching,
}

/// The half that answers; cheap to clone. It sees what was committed.
#[derive(Clone)]
pub struct Searching {
    reader: IndexReader,
    fields: Fields,
}

/// What of the journal an index has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// So many entries.
    pub size: u64,
    /// The journal's root at that size, which says whose journal it was.
    pub root: Hash,
}

impl SearchIndex {
    /// Opens the index in `directory`, which is made if it is absent.
    ///
    /// # Errors
    /// [`SearchError`]; an index of another program or another schema is an error, never overwritten.
    pub fn open(directory: &Path) -> Result<Self, SearchError> {
        std::fs::create_dir_all(directory)?;
        let (schema, fields) = Fields::new();
        let index = Index::open_or_create(tantivy::directory::MmapDirectory::open(directory)?, schema)?;
        let writer = index.writer_with_num_threads(1, WRITER_MEMORY)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { writer, searching: Searching { reader, fields } })
    }

    /// Whether every file of the index is as it was written; reads them all.
    ///
    /// # Errors
    /// [`SearchError::Index`], which says no less.
    pub fn is_whole(&self) -> Result<bool, SearchError> {
        Ok(self.writer.index().validate_checksum()?.is_empty()
            && self.searching.find(&Question::default(), std::iter::empty()).is_ok())
    }

    /// The half that answers.
    pub fn searching(&self) -> Searching {
        self.searching.clone()
    }

    /// What the index has read of the journal, as of the last [`SearchIndex::commit`]; none when nothing was committed.
    ///
    /// # Errors
    /// [`SearchError::Index`].
    pub fn cursor(&self) -> Result<Option<Cursor>, SearchError> {
        let payload = self.writer.index().load_metas()?.payload;
        Ok(payload.as_deref().and_then(|text| {
            let (size, root) = text.split_once(' ')?;
            Some(Cursor { size: size.parse().ok()?, root: root.parse::<RecordId>().ok()?.0 })
        }))
    }

    /// Adds a record, in place of what was known of it.
    ///
    /// # Errors
    /// [`SearchError::Index`].
    pub fn put(&mut self, document: &Document) -> Result<(), SearchError> {
        self.remove(&document.id);
        self.writer.add_document(self.row(document))?;
        Ok(())
    }

    /// Forgets a record.
    pub fn remove(&mut self, id: &RecordId) {
        self.writer.delete_term(Term::from_field_bytes(self.searching.fields.id, id.as_bytes()));
    }

    /// Makes everything since the last commit durable and findable; `cursor` is what of the journal it covers.
    ///
    /// # Errors
    /// [`SearchError::Index`]; then nothing since the last commit is kept.
    pub fn commit(&mut self, cursor: Cursor) -> Result<(), SearchError> {
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&format!("{} {}", cursor.size, RecordId(cursor.root)));
        prepared.commit()?;
        self.searching.reader.reload()?;
        Ok(())
    }

    /// Whether words of removed records are still in a file.
    ///
    /// # Errors
    /// [`SearchError::Index`].
    pub fn holds_removed(&self) -> Result<bool, SearchError> {
        Ok(self.writer.index().searchable_segment_metas()?.iter().any(|segment| segment.num_deleted_docs() > 0))
    }

    /// Writes every segment anew that holds words of removed records, and deletes the files that it stood in. To be called when
    /// everything is committed.
    ///
    /// # Errors
    /// [`SearchError::Index`], also when a segment is being merged at this moment: then to be called again.
    pub fn expunge(&mut self) -> Result<(), SearchError> {
        for segment in self.writer.index().searchable_segment_metas()? {
            if segment.num_deleted_docs() > 0 {
                self.writer.merge(&[segment.id()]).wait()?;
            }
        }
        self.searching.reader.reload()?;
        self.writer.garbage_collect_files().wait()?;
        Ok(())
    }

    fn row(&self, document: &Document) -> TantivyDocument {
        let mut row = TantivyDocument::new();
        row.add_bytes(self.searching.fields.id, document.id.as_bytes());
        row.add_u64(self.searching.fields.claimed_at, document.claimed_at.0);
        for text in &document.title {
            row.add_text(self.searching.fields.title, stemmed(text));
        }
        for text in document.title.iter().chain(&document.text) {
            row.add_text(self.searching.fields.words, folded(text));
            row.add_text(self.searching.fields.stems, stemmed(text));
        }
        for (facet, value) in &document.facets {
            row.add_text(self.searching.fields.facet(*facet), value);
        }
        row
    }
}

impl Searching {
    /// Answers a question from what is committed, leaving out some records.
    ///
    /// # Errors
    /// [`SearchError::Index`].
    pub fn find<'a>(&self, question: &Question, without: impl Iterator<Item = &'a RecordId>) -> Result<Found, SearchError> {
        let searcher = self.reader.searcher();
        let query = compile(question, without, &self.fields);
        let page = TopDocs::with_limit(question.limit.clamp(1, HITS)).and_offset(question.skip.min(REACH));
        let counts = AggregationCollector::from_aggs(facet_counts()?, AggContextParams::default());
        let (top, total, counts) = searcher.search(&*query, &(page.order_by_score(), Total, counts))?;
        let hits =
            top.into_iter().filter_map(|(score, at)| self.hit(&searcher, score, at).transpose()).collect::<Result<_, _>>()?;
        Ok(Found { total, hits, counts: read_counts(counts) })
    }

    fn hit(&self, searcher: &Searcher, score: f32, at: tantivy::DocAddress) -> Result<Option<Hit>, SearchError> {
        let row: TantivyDocument = searcher.doc(at)?;
        let id = row.get_first(self.fields.id).and_then(|value| value.as_bytes()).and_then(|bytes| bytes.try_into().ok());
        Ok(id.map(|id| Hit { id: RecordId(id), score }))
    }
}

fn folded(text: &Text) -> String {
    words(&text.words).map(|word| fold(&word)).collect::<Vec<_>>().join(" ")
}

fn stemmed(text: &Text) -> String {
    words(&text.words).flat_map(|word| stems(&word, Some(&text.language))).collect::<Vec<_>>().join(" ")
}

fn facet_counts() -> Result<Aggregations, tantivy::TantivyError> {
    let terms = Facet::ALL.map(|facet| {
        let terms = serde_json::json!({ "terms": { "field": facet.name(), "size": VALUES } });
        (facet.name().to_owned(), terms)
    });
    serde_json::from_value(serde_json::Value::Object(terms.into_iter().collect()))
        .map_err(|error| tantivy::TantivyError::InvalidArgument(error.to_string()))
}

fn read_counts(results: AggregationResults) -> Vec<Count> {
    let results = serde_json::to_value(results).unwrap_or_default();
    Facet::ALL
        .into_iter()
        .flat_map(|facet| {
            let buckets = results[facet.name()]["buckets"].as_array().cloned().unwrap_or_default();
            buckets.into_iter().filter_map(move |bucket| {
                let value = bucket["key"].as_str()?.to_owned();
                Some(Count { facet, value, records: bucket["doc_count"].as_u64()? })
            })
        })
        .collect()
}
