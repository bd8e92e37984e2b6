//! What one request reads from, and for whom.

use super::item::Item;
use super::text::{Languages, Said};
use crate::reader::{Listing, ReadError, Reader};
use crate::receipts;
use crate::shown::is_shown;
use crate::witness::Sightings;
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::{Localised, Trust};
use std::sync::Arc;

/// The records, what is known of trust, the moment, and the reader's languages.
#[derive(Clone)]
pub(crate) struct Reading {
    /// The records.
    pub(crate) reader: Reader,
    /// Who may speak.
    pub(crate) trust: Arc<Trust>,
    /// What proves when a record was there.
    pub(crate) sightings: Sightings,
    /// What nodes say of the texts that they erased.
    pub(crate) receipts: receipts::Handle,
    /// When the request came.
    pub(crate) now: Millis,
    /// What the reader understands.
    pub(crate) languages: Languages,
}

/// The place above every record: where a listing of the newest begins.
pub(crate) const NEWEST: u64 = u64::MAX;

impl Reading {
    /// The best of a name's languages.
    pub(crate) fn best(&self, name: &Localised) -> Said {
        Said::best(name.iter().map(|(tag, text)| (tag.as_str(), text.as_str())), &self.languages).unwrap_or_default()
    }

    /// What an organisation calls itself; the beginning of its id when nobody here knows it.
    pub(crate) fn name(&self, id: OrganisationId) -> Said {
        let known = self.trust.organisation(id).map(|organisation| self.best(&organisation.name));
        known.filter(|name| !name.text.is_empty()).unwrap_or_else(|| Said::plain(&short(&id.to_string())))
    }

    /// As it is, for a reader who has been told that what follows is in this language too.
    pub(crate) fn also(&self, language: Option<&str>) -> Self {
        let languages = language.map_or_else(|| self.languages.clone(), |tag| self.languages.also(tag));
        Self { languages, ..self.clone() }
    }

    /// What the network calls itself.
    pub(crate) fn network(&self) -> Said {
        self.best(&self.trust.term_at(self.now).charter.name)
    }

    /// The record at a place.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn item(&self, position: u64) -> Result<Option<Item>, ReadError> {
        Ok(self.reader.entry(position)?.map(|entry| Item::new(position, entry, self)))
    }

    /// A record by its name, if it is shown.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn find(&self, id: &RecordId) -> Result<Option<Item>, ReadError> {
        Ok(self.find_any(id)?.filter(|item| is_shown(&self.reader, &self.trust, &item.entry)))
    }

    /// A record by its name, for the one page that says why it is not shown elsewhere.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn find_any(&self, id: &RecordId) -> Result<Option<Item>, ReadError> {
        self.reader.find(id)?.map_or(Ok(None), |position| self.item(position))
    }

    /// Those of at most `limit` records of a listing that are shown, the newest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn newest(&self, listing: Listing, before: u64, limit: usize) -> Result<Vec<Item>, ReadError> {
        let places = self.reader.newest(listing, before, limit)?;
        let items = places.into_iter().filter_map(|position| self.item(position).transpose());
        items.filter(|item| item.as_ref().map_or(true, |item| is_shown(&self.reader, &self.trust, &item.entry))).collect()
    }
}

/// The first digits of an id: enough to tell two apart on a page, never enough to trust.
pub(crate) fn short(id: &str) -> String {
    format!("{}…", &id[..id.len().min(8)])
}
