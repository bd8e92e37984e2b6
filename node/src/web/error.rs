//! What goes wrong, as pages that say what to do.

use super::layout::{Page, search_box};
use super::words;
use crate::reader::ReadError;
use axum::http::StatusCode;
use maud::{Markup, html};

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// No page of this address.
    #[error("there is no page at this address")]
    NoPage,
    /// The address of a record or an organisation with something else than an id in it.
    #[error("this is no id: an id is 64 digits, 0-9 and a-f")]
    BadId,
    /// A record that is not here.
    #[error("the record is not on this node")]
    NoRecord,
    /// A record that the operator of this node hides, for this ground.
    #[error("this node does not show the record: {0}")]
    Hidden(String),
    /// An organisation that is not known.
    #[error("the organisation is not known on this node")]
    NoOrganisation,
    /// Pages are read, not written to.
    #[error("this page can be read and nothing else")]
    Method,
    /// The store or the index.
    #[error("{0}")]
    Read(#[from] ReadError),
    /// The page could not be made.
    #[error("the page could not be made")]
    Broken,
}

impl Failure {
    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NoPage | Self::BadId | Self::NoRecord | Self::NoOrganisation => StatusCode::NOT_FOUND,
            Self::Hidden(_) => StatusCode::GONE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Read(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn advice(&self) -> (&'static str, &'static str) {
        match self {
            Self::NoPage => (words::NO_PAGE, words::NO_PAGE_ADVICE),
            Self::BadId => (words::BAD_ID, words::BAD_ID_ADVICE),
            Self::NoRecord => (words::NO_RECORD, words::NO_RECORD_ADVICE),
            Self::NoOrganisation => (words::NO_ORGANISATION, words::NO_ORGANISATION_ADVICE),
            Self::Hidden(_) => (words::HIDDEN, words::HIDDEN_ADVICE),
            Self::Method => (words::METHOD, words::METHOD_ADVICE),
            Self::Read(_) | Self::Broken => (words::BROKEN, words::BROKEN_ADVICE),
        }
    }

    /// The page.
    pub(crate) fn view(&self) -> Page {
        let (title, advice) = self.advice();
        Page { title: title.to_owned(), section: "", above: Vec::new(), main: self.main(title, advice) }
    }

    fn main(&self, title: &str, advice: &str) -> Markup {
        html! {
            header.head { h1 { (title) } p.lead { (advice) } }
            @if let Self::Hidden(ground) = self { p { (words::HIDDEN_WHY) " “" (super::text::clean(ground)) "”" } }
            @if let Self::Read(error) = self { p.meta { (error.to_string()) } }
            @if self.status() == StatusCode::NOT_FOUND { (search_box("", words::SEARCH_LABEL, &[])) }
            p { a href="/" { (words::GO_HOME) } " · " a href="/node" { (words::NODE) } " · " a href="/help" { (words::HELP) } }
        }
    }
}
