//! Who erased the text of a record, and why: the node says by which record, and that record is proven here.

use crate::client::Client;
use crate::failure::Failure;
use crate::language::pick;
use crate::paper::Paper;
use crate::utc::rfc3339;
use koinon_protocol::bundle::{self, Content, Party, Reliance, Statement};
use koinon_protocol::id::{DeviceKey, NetworkId, RecordId};
use koinon_protocol::key::Signature;
use koinon_protocol::receipt::Receipt;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::{erasure, notice};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the node says of an erasure, and what was proven of it.
pub struct Erased {
    record: RecordId,
    proven: Option<Statement>,
    receipts: Option<Receipts>,
}

/// On which nodes the text is gone, by receipts that were checked here; which other nodes there are is the asked node's word.
struct Receipts {
    erased_on: Vec<String>,
    silent: Vec<String>,
    forged: usize,
}

impl Erased {
    /// Asks the node what erased a record; none when it says that nothing did.
    ///
    /// # Errors
    /// Those of [`Client::object`] and [`Client::bundle`].
    pub fn find(node: &Client, reliance: &Reliance, network: NetworkId, subject: &Statement) -> Result<Option<Self>, Failure> {
        let said = node.object(&format!("records/{}", subject.id), &[])?;
        let Some(record) = said["erased"]["record"].as_str().and_then(|id| id.parse().ok()) else { return Ok(None) };
        let report = bundle::check(&node.bundle(record)?, reliance).ok();
        let statements = report.into_iter().flat_map(|report| report.records);
        let proven = statements.into_iter().find(|found| found.id == record && takes(found, subject));
        let receipts = Receipts::fetch(node, network, subject.id)?;
        Ok(Some(Self { record, proven, receipts }))
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
        if let Some(receipts) = &self.receipts {
            receipts.write(paper);
        }
    }

    /// `{record, proven, kind, organisation, ground, law, mandate, claimed_at, receipts: {erased_on, of, silent}}`; what is not proven is null.
    pub fn json(&self) -> Value {
        let found = self.proven.as_ref();
        let said = found.map(said).unwrap_or_default();
        json!({
            "record": self.record, "proven": found.is_some(), "kind": found.and_then(|found| found.kind_name),
            "organisation": found.and_then(|found| found.author.as_ref()).map(|author| author.id),
            "ground": said["ground"], "law": said["law"], "mandate": said["mandate"],
            "claimed_at": found.map(|found| found.claimed_at), "receipts": self.receipts.as_ref().map(Receipts::json),
        })
    }
}

impl Receipts {
    /// None from a node that keeps no receipts.
    fn fetch(node: &Client, network: NetworkId, record: RecordId) -> Result<Option<Self>, Failure> {
        let said = match node.object(&format!("records/{record}/receipts"), &[]) {
            Err(Failure::Absent { .. }) => return Ok(None),
            said => said?,
        };
        let texts = |list: &Value| list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        let list = said["receipts"].as_array().map(Vec::as_slice).unwrap_or_default();
        let holding: BTreeMap<DeviceKey, String> = list.iter().filter_map(|said| holds(said, network, record)).collect();
        let (forged, erased_on) = (list.len() - holding.len(), holding.into_values().collect());
        Ok(Some(Self { erased_on, silent: texts(&said["silent"]), forged }))
    }

    fn all(&self) -> usize {
        self.erased_on.len() + self.silent.len()
    }

    fn write(&self, paper: &mut Paper) {
        let silent = if self.silent.is_empty() { String::new() } else { format!("; silent: {}", self.silent.join(", ")) };
        paper.field(
            "erased on",
            &format!("{} of {} nodes that this one knows, by their signed word{silent}", self.erased_on.len(), self.all()),
        );
        if self.forged > 0 {
            paper.bad(&format!("{} further receipts do not hold.", self.forged));
        }
    }

    fn json(&self) -> Value {
        json!({ "erased_on": self.erased_on, "of": self.all(), "silent": self.silent })
    }
}

/// The node whose receipt this is, with its name, if the receipt is about the record and its signature holds.
fn holds(said: &Value, network: NetworkId, record: RecordId) -> Option<(DeviceKey, String)> {
    let text = |name: &str| said[name].as_str();
    let (node, erasure) = (text("node")?.parse().ok()?, text("erasure")?.parse().ok()?);
    let (first, second) = text("signature")?.split_at_checked(64)?;
    let halves: [RecordId; 2] = [first.parse().ok()?, second.parse().ok()?];
    let signature = Signature(halves.map(|half| half.0).concat().try_into().ok()?);
    let receipt = Receipt { record, erasure, node, at: Millis(said["at"].as_u64()?), signature };
    receipt.verify(network).ok()?;
    Some((node, text("peer")?.to_owned()))
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
