//! `koinon verify`: what a record file proves, without a node and without a network.

use super::HELP;
use crate::answer::{Answer, Code};
use crate::failure::Failure;
use crate::home::read_bounded;
use crate::record_file::{self, RecordFile};
use crate::utc::rfc3339;
use koinon_protocol::id::NetworkId;
use koinon_protocol::key::KeyError;
use koinon_protocol::record::RecordError;
use serde_json::json;
use std::path::PathBuf;

/// The arguments of `koinon verify`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon verify practice.record
  koinon verify --network 3f…e1 practice.record   (64 digits: also refuse records of other networks)
  koinon verify --header-only erased.record",
    after_help = "This proves which key signed and that nothing changed since. Whether that key speaks for a
municipality is a question to a node: its page of the record shows who vouches for whom.")]
pub struct Verify {
    /// The record file: 296 bytes of signed header, 32 bytes of salt, then the body
    file: PathBuf,
    /// The network that it must belong to [default: the one that it names]
    #[arg(long, value_name = "ID")]
    network: Option<NetworkId>,
    /// Pass without a body, as after an erasure
    #[arg(long)]
    header_only: bool,
}

/// What was found: `Ok` says in a word what holds, `Err` names what does not.
type Finding = Result<&'static str, &'static str>;

impl Verify {
    /// JSON: `{file, id, kind, network, organisation, device, seq, claimed_at, signature, body, verified}`; `organisation` is
    /// null in an inception and in a charter, `signature` and `body` are `ok` or the name of what is wrong.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let bytes = read_bounded(&self.file, record_file::MOST)?;
        let record = RecordFile::decode(&bytes).map_err(|reason| Failure::NotARecord { path: self.file.clone(), reason })?;
        let (signature, body) = self.check(&record);
        Ok(self.answer(&record, signature, body))
    }

    /// A body says nothing while the signature does not hold.
    fn check(&self, record: &RecordFile) -> (Finding, Finding) {
        let network = self.network.unwrap_or_else(|| record.claimed_network());
        let verified = match record.signed.verify(network) {
            Ok(verified) => verified,
            Err(error) => return (Err(name(error)), Err("not-checked")),
        };
        let body = match record.check_body(&verified) {
            Some(Ok(())) => Ok("ok"),
            Some(Err(error)) => Err(name(error)),
            None if self.header_only => Ok("absent"),
            None => Err("absent"),
        };
        (Ok("ok"), body)
    }

    fn answer(&self, record: &RecordFile, signature: Finding, body: Finding) -> Answer {
        let header = record.signed.header();
        let verified = signature.is_ok() && body.is_ok();
        let organisation = (!header.organisation.is_zero()).then_some(header.organisation);
        let claimed_at = rfc3339(header.claimed_at);
        let json = json!({
            "file": self.file, "id": header.id(), "kind": header.kind, "network": record.claimed_network(),
            "organisation": organisation, "device": header.device, "seq": header.seq, "claimed_at": claimed_at,
            "signature": word(signature), "body": word(body), "verified": verified,
        });
        let speaker = organisation.map_or("none: it founds an organisation or a network".into(), |id| id.to_string());
        let text = format!(
            "{}\n\n  record        {}\n  kind          {}\n  network       {}\n  organisation  {speaker}\n  key           {}\n  \
             place in log  {}\n  claimed time  {claimed_at}\n\n  signature     {}\n  body          {}\n",
            verdict(signature, body),
            header.id(),
            header.kind,
            record.claimed_network(),
            header.device,
            header.seq,
            word(signature),
            word(body),
        );
        Answer { text, json, code: if verified { Code::Ok } else { Code::NotVerified } }
    }
}

fn word(finding: Finding) -> &'static str {
    finding.unwrap_or_else(|problem| problem)
}

/// One sentence, and what to do when it is bad news.
fn verdict(signature: Finding, body: Finding) -> &'static str {
    match (signature, body) {
        (Ok(_), Ok("absent")) => "VERIFIED: signed by the key below. The body is not in the file.",
        (Ok(_), Ok(_)) => "VERIFIED: signed by the key below, content unchanged.",
        (Ok(_), Err("absent")) => {
            "NOT VERIFIED: the signature holds, but the file has no body. If it was erased, use --header-only; else fetch the file again."
        }
        (Ok(_), Err(_)) => "NOT VERIFIED: the header is signed, but this is not the body that was signed. Fetch the file again.",
        (Err("other-network"), _) => "NOT VERIFIED: the record belongs to another network than the one you asked for.",
        (Err(_), _) => "NOT VERIFIED: nothing below is proven. Do not rely on it; fetch the file again from another node.",
    }
}

/// The stable name of what is wrong.
fn name(error: RecordError) -> &'static str {
    match error {
        RecordError::Network => "other-network",
        RecordError::Key(KeyError::BadSignature) => "bad-signature",
        RecordError::Key(KeyError::NotAPoint | KeyError::Weak) => "bad-key",
        RecordError::Commitment => "changed",
        _ => "malformed",
    }
}
