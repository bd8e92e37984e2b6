//! `koinon show`: a record as people read it, who signed it, and by what right they speak.

use super::HELP;
use crate::answer::{Answer, Code};
use crate::chain::Chain;
use crate::charter_file::CharterFile;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::language::{LanguageArgs, pick_json};
use crate::paper::Paper;
use crate::reading;
use crate::record_file::RecordFile;
use crate::utc::rfc3339;
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::json::Document;
use koinon_protocol::kind::Kind;
use koinon_protocol::record::Verified;
use serde_json::{Map, Value, json};

/// The arguments of `koinon show`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, visible_alias = "explain", before_help = "Examples:
  koinon show 3f…e1                       (all 64 digits of a record's id)
  koinon show --language ro 3f…e1
  koinon show --proof-only 3f…e1", after_help = "The signature, the content and each attestation are checked on this computer. The node is believed for which keys belong to an organisation; 'koinon bundle' fetches the proof of that too.")]
pub struct Show {
    /// The id of the record, 64 digits
    id: RecordId,
    /// Leave out the content: only who signed, and by what right
    #[arg(long)]
    proof_only: bool,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    language: LanguageArgs,
}

/// What was found out about a record.
struct Found {
    record: Verified,
    author: OrganisationId,
    /// The API's object of the author.
    organisation: Value,
    /// Whether the author has the key that signed, as the node says.
    has_key: bool,
    chain: Chain,
    /// None when the node has no body; the error in words when the body is not what it should be.
    body: Option<Result<Map<String, Value>, String>>,
}

impl Show {
    /// JSON: `{id, kind, network, organisation, organisation_name, device, seq, claimed_at, subject, body, signature, standing, chain,
    /// verified}`; `claimed_at` in RFC 3339.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let wanted = self.language.wanted();
        let node = Client::new(&self.node).with_languages(&wanted);
        let charter = node.charter()?;
        let file = node.record(self.id)?;
        let found = Found::look(&node, &charter, &file, &wanted)?;
        let mut paper = Paper::new();
        if !self.proof_only {
            found.write_body(&mut paper, &wanted);
        }
        found.write_proof(&mut paper, &wanted);
        let code = if found.verified() { Code::Ok } else { Code::NotVerified };
        Ok(Answer { text: paper.finish(), json: found.json(&wanted), code })
    }
}

impl Found {
    fn look(node: &Client, charter: &CharterFile, file: &RecordFile, wanted: &[String]) -> Result<Self, Failure> {
        let record = file.signed.verify(charter.network()).map_err(|error| Failure::BadAnswer(error.to_string()))?;
        let body = match file.check_body(&record) {
            Some(Err(error)) => return Err(Failure::BadAnswer(error.to_string())),
            Some(Ok(())) => file.sealed.as_ref().map(|sealed| match Document::parse(&sealed.bytes) {
                Ok(document) => Ok(document.into_fields()),
                Err(error) => Err(error.to_string()),
            }),
            None => None,
        };
        let author = record.author();
        let organisation = node.object(&format!("organisations/{author}"), &[])?;
        let key = record.header().device.to_string();
        let devices = organisation["devices"].as_array().into_iter().flatten();
        let has_key = devices.into_iter().any(|device| device["key"].as_str().or(device.as_str()) == Some(&key));
        let chain = Chain::follow(node, charter, &organisation, wanted)?;
        Ok(Self { record, author, organisation, has_key, chain, body })
    }

    fn kind(&self) -> Option<&'static Kind> {
        Kind::by_number(self.record.header().kind)
    }

    fn verified(&self) -> bool {
        self.has_key && self.chain.holds()
    }

    fn write_body(&self, paper: &mut Paper, wanted: &[String]) {
        let kind = self.kind();
        match &self.body {
            Some(Ok(body)) => {
                paper.title(&reading::title(kind, body, wanted)).gap();
                reading::write(paper, kind, body, wanted);
                let conforms = kind.is_none_or(|kind| {
                    let document = serde_json::to_vec(body).ok().and_then(|bytes| Document::parse(&bytes).ok());
                    document.is_some_and(|document| kind.check(&document).is_ok())
                });
                if !conforms {
                    paper.bad("This is not in the form of its kind; read it with care.");
                }
            }
            Some(Err(error)) => drop(paper.bad(&format!("The content cannot be read: {error}."))),
            None => drop(paper.text(0, "The content is not here: it was erased, or has not arrived.")),
        }
        paper.gap();
    }

    fn write_proof(&self, paper: &mut Paper, wanted: &[String]) {
        let header = self.record.header();
        let name = self.name(wanted);
        let claimed = rfc3339(header.claimed_at);
        let content = if self.body.is_some() { "content unchanged" } else { "without its content" };
        if self.verified() {
            paper.good(&format!("Signed by {name}, {content}. Its author dates it {claimed}."));
        } else if self.has_key {
            paper.bad(&format!("Signed with a key of {name}, {content}; by what right {name} speaks is not proven."));
        } else {
            paper.bad(&format!("The signature holds, and the node does not count the key among those of {name}."));
        }
        match self.organisation["standing"]["reason"].as_str() {
            Some(reason) if !self.chain.holds() => drop(paper.text(2, &format!("The node says: {reason}."))),
            _ => self.chain.write(paper),
        }
        paper.gap();
        let kind = self.kind().map_or_else(|| header.kind.to_string(), |kind| kind.name.to_owned());
        paper.field("record", &self.record.id().to_string());
        paper.field("kind", &kind);
        paper.field("organisation", &self.author.to_string());
        paper.field("key", &header.device.to_string());
        paper.field("place in log", &header.seq.to_string());
        if !header.subject.is_zero() {
            paper.field("about", &header.subject.to_string());
        }
    }

    fn name(&self, wanted: &[String]) -> String {
        let name = pick_json(&self.organisation["name"], wanted);
        if name.is_empty() { self.author.to_string() } else { name }
    }

    fn json(&self, wanted: &[String]) -> Value {
        let header = self.record.header();
        json!({
            "id": self.record.id(), "kind": header.kind, "network": header.network, "organisation": self.author,
            "organisation_name": self.name(wanted), "device": header.device, "seq": header.seq,
            "claimed_at": rfc3339(header.claimed_at), "subject": (!header.subject.is_zero()).then_some(header.subject),
            "body": self.body.as_ref().and_then(|body| body.as_ref().ok()), "signature": "ok",
            "standing": self.organisation["standing"], "chain": self.chain.json(), "verified": self.verified(),
        })
    }
}
