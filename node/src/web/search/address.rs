//! What was asked, as it stands in an address.

use super::LAST_PAGE;
use super::facets::parent;
use crate::search::{Facet, Filter, Question};

/// The most characters of a search.
const TEXT: usize = 300;
/// The most filters.
const FILTERS: usize = 32;
/// The most bytes of a filter's value.
const VALUE: usize = 100;

/// A search with its filters and its page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Free text.
    pub(crate) text: String,
    /// What narrows it.
    pub(crate) filters: Vec<Filter>,
    /// From 1.
    pub(crate) page: usize,
}

impl Asked {
    /// Reads the pairs of a query; what is unknown, too long or too much is left out.
    pub(crate) fn read(pairs: &[(String, String)]) -> Self {
        let mut asked = Self { page: 1, ..Self::default() };
        for (name, value) in pairs {
            match name.as_str() {
                "q" => asked.text = value.trim().chars().take(TEXT).collect(),
                "page" => asked.page = value.parse().unwrap_or(1).clamp(1, LAST_PAGE),
                _ => asked.narrow(name, value),
            }
        }
        asked
    }

    fn narrow(&mut self, name: &str, value: &str) {
        let Ok(facet) = name.parse::<Facet>() else { return };
        let filter = Filter { facet, value: value.to_owned() };
        let usable = !value.is_empty() && value.len() <= VALUE && self.filters.len() < FILTERS;
        if usable && !self.filters.contains(&filter) {
            self.filters.push(filter);
        }
    }

    /// The question for the index. What language people type in, nobody tells; so every word is looked up in all.
    pub(super) fn question(&self) -> Question {
        Question { text: self.text.clone(), filters: self.filters.clone(), ..Question::default() }
    }

    /// The one kind that is asked for.
    pub(super) fn only_kind(&self) -> Option<&str> {
        let mut kinds = self.filters.iter().filter(|filter| filter.facet == Facet::Kind);
        kinds.next().filter(|_| kinds.next().is_none()).map(|filter| filter.value.as_str())
    }

    /// The part of the site.
    pub(super) fn section(&self) -> &'static str {
        match self.only_kind() {
            Some("practice") => "/practices",
            Some("need") => "/needs",
            Some("offer") => "/offers",
            _ => "",
        }
    }

    /// The filters as hidden fields of the search form.
    pub(super) fn hidden(&self) -> Vec<(&str, &str)> {
        self.filters.iter().map(|filter| (filter.facet.name(), filter.value.as_str())).collect()
    }

    /// The address with one filter more, on its first page. It takes the place of a wider or a narrower one of the same branch.
    pub(super) fn with(&self, filter: Filter) -> String {
        let above = |one: &Filter, other: &Filter| parent(one.facet, &one.value).as_deref() == Some(other.value.as_str());
        let branch = |other: &Filter| other.facet == filter.facet && (above(&filter, other) || above(other, &filter));
        let filters = self.filters.iter().filter(|other| !branch(other)).cloned().chain([filter.clone()]).collect();
        Self { filters, page: 1, ..self.clone() }.address()
    }

    /// The address with one filter less.
    pub(super) fn without(&self, filter: &Filter) -> String {
        let filters = self.filters.iter().filter(|each| *each != filter).cloned().collect();
        Self { filters, page: 1, ..self.clone() }.address()
    }

    /// The address without filters.
    pub(super) fn without_all(&self) -> String {
        Self { filters: Vec::new(), page: 1, ..self.clone() }.address()
    }

    /// The address of another page.
    pub(super) fn at(&self, page: usize) -> String {
        Self { page, ..self.clone() }.address()
    }

    fn address(&self) -> String {
        let page = self.page.to_string();
        let text = (!self.text.is_empty()).then_some(("q", self.text.as_str()));
        let page = (self.page > 1).then_some(("page", page.as_str()));
        let pairs: Vec<String> =
            text.into_iter().chain(self.hidden()).chain(page).map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        if pairs.is_empty() { "/search".to_owned() } else { format!("/search?{}", pairs.join("&")) }
    }
}

/// A value as it stands in a query (RFC 3986, section 2).
fn encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(address: &str) -> Vec<(String, String)> {
        let uri: axum::http::Uri = address.parse().unwrap();
        axum::extract::Query::try_from_uri(&uri).unwrap().0
    }

    proptest! {
        #[test]
        fn what_was_asked_comes_back_from_its_address(
            text in "[a-zăßłΩ&=#%+ ]{0,20}",
            values in proptest::collection::vec("[A-Z0-9&=%ș]{1,9}", 0..4),
            page in 1_usize..LAST_PAGE,
        ) {
            let mut asked = Asked { text: text.trim().to_owned(), page, ..Asked::default() };
            values.iter().for_each(|value| asked.narrow("territory", value));
            prop_assert_eq!(Asked::read(&pairs(&asked.address())), asked);
        }
    }

    #[test]
    fn what_is_too_much_is_left_out() {
        let many: Vec<_> = (0..100).map(|n| ("topic".to_owned(), n.to_string())).collect();
        assert_eq!(Asked::read(&many).filters.len(), FILTERS);
        let odd = [("q", "x".repeat(1000)), ("page", "99999999".into()), ("topic", "9".repeat(1000)), ("colour", "red".into())];
        let asked = Asked::read(&odd.map(|(name, value)| (name.to_owned(), value)));
        assert_eq!((asked.text.len(), asked.page, asked.filters.len()), (TEXT, LAST_PAGE, 0));
    }
}
