//! Who erased the text of a record, and why: the node says by which record, and that record is proven here.

use crate::client::Client;
use crate::failure::Failure;
use crate::language::pick;
use crate::paper::Paper;
use crate::utc::rfc3339;
use koinon_protocol::bundle::{self, Content, Party, Statement};
use koinon_protocol::id::{NetworkId, RecordId};
use koinon_protocol::trust::{erasure, notice};
use serde_json::{Value, json};

/// What the node says of an erasure, and what was proven of it.
pub struct Erased {
    record: RecordId,
    proven: Option<Statement>,
}

impl Erased {
    /// Asks the node what erased a record; none when it says that nothing did.
    ///
    /// # Errors
    /// Those of [`Client::object`] and [`Client::bundle`].
    pub fn find(node: &Client, network: NetworkId, subject: &Statement) -> Result<Option<Self>, Failure> {
        let said = node.object(&format!("records/{}", subject.id), &[])?;
        let Some(record) = said["erased"]["record"].as_str().and_then(|id| id.parse().ok()) else { return Ok(None) };
        let report = bundle::check(&node.bundle(record)?, Some(network)).ok();
        let statements = report.into_iter().flat_map(|report| report.records);
        let proven = statements.into_iter().find(|found| found.id == record && takes(found, subject));
        Ok(Some(Self { record, proven }))
    }

    /// Puts it on the page, in words.
    pub fn write(&self, paper: &mut Paper, wanted: &[String]) {
        let Some(found) = &self.proven else {
            paper.bad(&format!("The node says that {} erased it, and that is not proven.", self.record));
            return;
        };
        let who = found.author.as_ref().map_or("", |author| pick(&author.name, wanted));
        let notice = if found.kind == notice::KIND { ", which moderates this network," } else { "" };
        paper.text(0, &format!("Erased by {who}{notice} on {}.", rfc3339(found.claimed_at)));
        let said = said(found);
        for (label, value) in [("ground", &said["ground"]), ("law", &said["law"])] {
            if let Some(text) = value.as_str() {
                paper.field(label, text);
            }
        }
        if let (Some(resolution), Some(date)) = (said["mandate"]["resolution"].as_str(), said["mandate"]["date"].as_str()) {
            paper.field("decision", &format!("{resolution} of {date}"));
        }
        paper.field("erasure", &self.record.to_string());
    }

    /// `{record, proven, kind, organisation, ground, law, mandate, claimed_at}`; all but the first two are null when it is not proven.
    pub fn json(&self) -> Value {
        let found = self.proven.as_ref();
        let said = found.map(said).unwrap_or_default();
        json!({
            "record": self.record, "proven": found.is_some(), "kind": found.and_then(|found| found.kind_name),
            "organisation": found.and_then(|found| found.author.as_ref()).map(|author| author.id),
            "ground": said["ground"], "law": said["law"], "mandate": said["mandate"],
            "claimed_at": found.map(|found| found.claimed_at),
        })
    }
}

fn said(found: &Statement) -> Value {
    match &found.content {
        Content::Intact { body: Some(body), .. } => body.clone(),
        _ => Value::Null,
    }
}

/// Whether what is proven takes the text of `subject` away.
fn takes(found: &Statement, subject: &Statement) -> bool {
    let id = |party: &Option<Party>| party.as_ref().map(|party| party.id);
    let may = match found.kind {
        erasure::KIND => id(&found.author) == id(&subject.author),
        notice::KIND => found.author.as_ref().is_some_and(|author| author.founder),
        _ => false,
    };
    may && found.failures.is_empty() && found.subject == subject.id
}
