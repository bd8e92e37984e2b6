//! `koinon verify`: what a record file, a bundle or a credential proves, without a node and without a network.

use super::HELP;
use super::bundle::{code, write};
use super::credential::verified;
use crate::answer::{Answer, Code};
use crate::failure::Failure;
use crate::home::{read_bounded, write_new};
use crate::language::LanguageArgs;
use crate::paper::Paper;
use crate::reliance::RelianceArgs;
use crate::sheet::Sheet;
use crate::utc::{self, rfc3339};
use koinon_protocol::bundle::{self, BundleError, Reliance, Report};
use koinon_protocol::credential::{self, Credential};
use koinon_protocol::id::NetworkId;
use koinon_protocol::key::KeyError;
use koinon_protocol::record::RecordError;
use koinon_protocol::record_file::{self, RecordFile};
use serde_json::json;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The arguments of `koinon verify`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon verify practice.record
  koinon verify practice.bundle --network 3f…e1   (64 digits: only what is of this network)
  koinon verify practice.bundle --charter charter.record --html report.html
  koinon verify practice.bundle --witness NAME+ID+KEY --witness … --quorum 2
  koinon verify --header-only erased.record
  koinon verify practice.json",
    after_help = "A record file proves which key signed and that nothing changed since. A bundle proves who that is too: it holds the \
charter of the network and everybody who vouches for whom. A credential proves what a record file does. Without --network or --charter, compare the network that is shown with the one \
that you know.")]
pub struct Verify {
    /// A record file (296 bytes of signed header, 32 bytes of salt, then the body), a bundle or a credential
    file: PathBuf,
    #[command(flatten)]
    reliance: RelianceArgs,
    /// Pass without a body, as after an erasure
    #[arg(long)]
    header_only: bool,
    /// Also write the report on a bundle as a page to print and keep, into a new file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    language: LanguageArgs,
}

/// What was found: `Ok` says in a word what holds, `Err` names what does not.
type Finding = Result<&'static str, &'static str>;

impl Verify {
    /// JSON: `{file, id, kind, network, organisation, device, seq, claimed_at, signature, body, verified}`; `organisation` is
    /// null in an inception and in a charter, `signature` and `body` are `ok` or the name of what is wrong.
    ///
    /// JSON of a bundle: `{file, verified, network, name, purpose, licence, witnesses, checkpoints, records, set_aside}`, and `html` where a page was
    /// written; of a credential: `{file, verified, id, kind, network, organisation, name, device, claimed_at, created, bundle, body}`.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let reliance = self.reliance.given()?;
        match beginning(&self.file)?.trim_ascii_start() {
            begins if begins == bundle::MAGIC => return self.bundle(&reliance),
            _ if self.html.is_some() => return Err(Failure::NotABundle { path: self.file, reason: BundleError::Magic }),
            [b'{', ..] => return self.credential(reliance.network),
            _ => {}
        }
        let bytes = read_bounded(&self.file, record_file::MOST)?;
        let record = RecordFile::decode(&bytes).map_err(|reason| Failure::NotARecord { path: self.file.clone(), reason })?;
        let (signature, body) = self.check(&record, reliance.network);
        Ok(self.answer(&record, signature, body))
    }

    fn bundle(&self, reliance: &Reliance) -> Result<Answer, Failure> {
        let bytes = read_bounded(&self.file, bundle::BYTES)?;
        let report = bundle::check(&bytes, reliance);
        let report = report.map_err(|reason| Failure::NotABundle { path: self.file.clone(), reason })?;
        let mut paper = Paper::new();
        write(&mut paper, &report, &self.reliance);
        let mut json = json!(report);
        json["file"] = json!(self.file);
        if let Some(path) = &self.html {
            write_new(path, self.page(&report, reliance).as_bytes())?;
            paper.gap().text(0, &format!("The report is in {}.", path.display()));
            json["html"] = json!(path);
        }
        Ok(Answer { text: paper.finish(), json, code: code(&report, &self.reliance) })
    }

    fn page(&self, report: &Report, reliance: &Reliance) -> String {
        let file = self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let sheet = Sheet {
            file: &file,
            anchored: reliance.network.is_some(),
            is_met: self.reliance.is_met_by(report),
            now: utc::now(),
            wanted: &self.language.wanted(),
        };
        sheet.page(report)
    }

    fn credential(&self, network: Option<NetworkId>) -> Result<Answer, Failure> {
        let bytes = read_bounded(&self.file, credential::BYTES)?;
        let read = Credential::read(&bytes).and_then(|credential| {
            let is_other = network.is_some_and(|network| network != credential.record().header().network);
            if is_other { Err(RecordError::Network.into()) } else { Ok(credential) }
        });
        let credential = read.map_err(|reason| Failure::NotACredential { path: self.file.clone(), reason })?;
        Ok(verified(&self.file, &credential))
    }

    /// A body says nothing while the signature does not hold.
    fn check(&self, record: &RecordFile, network: Option<NetworkId>) -> (Finding, Finding) {
        let network = network.unwrap_or_else(|| record.claimed_network());
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
        let mut paper = Paper::new();
        if verified {
            paper.good(verdict(signature, body))
        } else {
            paper.bad(verdict(signature, body))
        };
        paper.gap();
        for (label, value) in [
            ("record", header.id().to_string()),
            ("kind", header.kind.to_string()),
            ("network", record.claimed_network().to_string()),
            ("organisation", speaker),
            ("key", header.device.to_string()),
            ("place in log", header.seq.to_string()),
            ("claimed time", claimed_at),
        ] {
            paper.field(label, &value);
        }
        paper.gap().field("signature", word(signature)).field("body", word(body));
        Answer { text: paper.finish(), json, code: if verified { Code::Ok } else { Code::NotVerified } }
    }
}

/// Enough of a file to tell its form.
fn beginning(path: &Path) -> Result<Vec<u8>, Failure> {
    let failure = |source| Failure::File { path: path.to_owned(), source };
    let mut first = Vec::new();
    File::open(path).and_then(|file| file.take(bundle::MAGIC.len() as u64).read_to_end(&mut first)).map_err(failure)?;
    Ok(first)
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
