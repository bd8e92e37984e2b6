//! `koinon credential`: a record of one's own as a W3C Verifiable Credential, for whoever reads those.

use super::HELP;
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::home::{Home, read_bounded, write_new};
use crate::keystore;
use crate::language::{LanguageArgs, pick};
use crate::own;
use crate::paper::Paper;
use crate::passphrase::PassphraseArgs;
use crate::reading;
use crate::utc::{now, rfc3339};
use koinon_protocol::credential::{Credential, did};
use koinon_protocol::id::RecordId;
use koinon_protocol::json::Document;
use koinon_protocol::kind::Kind;
use koinon_protocol::record::{Body, RecordError, Verified};
use koinon_protocol::record_file::{self, RecordFile};
use koinon_protocol::trust::Localised;
use serde_json::json;
use std::path::{Path, PathBuf};

/// The arguments of `koinon credential`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon credential 3f…e1 --output practice.json   (all 64 digits of a record's id)
  koinon credential practice.record --output practice.json \\
    --bundle-at https://koinon.example.org
  koinon verify practice.json                      (needs no node and no network)",
    after_help = "The key that signed the record signs the credential (eddsa-jcs-2022), so it must be on this computer. A credential cannot be \
called back: it keeps the content even when the record is erased later.")]
pub struct CredentialArgs {
    /// The id of a record, 64 digits, or its file
    record: RecordArg,
    /// A new file, which only you can read
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// A node that readers can reach: the credential says that the audit bundle is there [default: --node, when that is https]
    #[arg(long, value_name = "URL")]
    bundle_at: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    node: NodeArgs,
}

/// A record by its id, or in a file.
#[derive(Clone, Debug)]
enum RecordArg {
    Id(RecordId),
    File(PathBuf),
}

impl From<String> for RecordArg {
    fn from(text: String) -> Self {
        text.parse().map_or_else(|_| Self::File(text.into()), Self::Id)
    }
}

impl CredentialArgs {
    /// JSON: `{id, issuer, file}`; `issuer` is the `did:key` of the device.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let (record, body) = self.find()?;
        let device = record.header().device;
        let key = keystore::list(home)?.into_iter().find(|key| key.device == device).ok_or(Failure::SignedElsewhere(device))?;
        let name = author_name(home, &record)?;
        let credential = Credential::new(record, body, name, self.bundle(record.id()), now()).map_err(Failure::NoCredential)?;
        let text = credential.sign(&self.passphrase.open(&key)?).map_err(Failure::NoCredential)?;
        write_new(&self.output, format!("{text}\n").as_bytes())?;
        let mut paper = Paper::new();
        paper.text(0, &format!("Credential of {} written, signed with the key '{}'. Check it anywhere:", record.id(), key.name));
        paper.command(&format!("koinon verify {}", self.output.display()));
        Ok(Answer::ok(paper.finish(), json!({ "id": record.id(), "issuer": did::did(device), "file": self.output })))
    }

    fn find(&self) -> Result<(Verified, Option<Body>), Failure> {
        match &self.record {
            RecordArg::Id(id) => {
                let file = Client::new(&self.node).record(*id)?;
                opened(file).map_err(|error| Failure::BadAnswer(error.to_string()))
            }
            RecordArg::File(path) => {
                let file = RecordFile::decode(&read_bounded(path, record_file::MOST)?);
                let file = file.map_err(|reason| Failure::NotARecord { path: path.clone(), reason })?;
                opened(file).map_err(|reason| Failure::NotVerified { path: path.clone(), reason })
            }
        }
    }

    /// A node at an address of this computer is no place to send a reader to.
    fn bundle(&self, id: RecordId) -> Option<String> {
        let reachable = Some(&self.node.node).filter(|node| node.starts_with("https://"));
        let node = self.bundle_at.as_ref().or(reachable)?;
        Some(format!("{}/api/v1/bundle/{id}", node.trim_end_matches('/')))
    }
}

fn opened(file: RecordFile) -> Result<(Verified, Option<Body>), RecordError> {
    let record = file.signed.verify(file.claimed_network())?;
    let body = file.sealed.map(|sealed| record.open(sealed)).transpose()?;
    Ok((record, body))
}

/// As this computer knows it from the inception; empty when it does not.
fn author_name(home: &Home, record: &Verified) -> Result<Localised, Failure> {
    let mut own = own::list(home)?.into_iter().map(|(_, own)| own).filter(|own| own.organisation == record.author());
    Ok(own.next().map(|own| own.name).unwrap_or_default())
}

/// What a credential that was checked proves, for `koinon verify`.
pub(super) fn verified(file: &Path, credential: &Credential) -> Answer {
    let (record, wanted) = (credential.record(), LanguageArgs::default().wanted());
    let header = record.header();
    let mut paper = Paper::new();
    paper.good("VERIFIED: the key that signed the record signed this credential, and it says what the record says.");
    paper.text(2, "Whether that key may speak for the organisation is not in a credential: the audit bundle proves it.").gap();
    if let Some(content) = credential.body().and_then(|body| Document::parse(body.bytes()).ok()) {
        let kind = Kind::by_number(header.kind);
        if let Some(kind) = kind {
            paper.title(pick(&kind.words(&content).title.into_iter().collect(), &wanted)).gap();
        }
        reading::write(&mut paper, kind, content.fields(), &wanted);
        paper.gap();
    }
    for (label, value) in [
        ("record", record.id().to_string()),
        ("kind", header.kind.to_string()),
        ("network", header.network.to_string()),
        ("organisation", record.author().to_string()),
        ("calls itself", pick(credential.name(), &wanted).to_owned()),
        ("key", header.device.to_string()),
        ("claimed time", rfc3339(header.claimed_at)),
        ("exported", rfc3339(credential.created())),
        ("bundle", credential.bundle().unwrap_or_default().to_owned()),
    ] {
        if !value.is_empty() {
            paper.field(label, &value);
        }
    }
    let json = json!({
        "file": file, "verified": true, "id": record.id(), "kind": header.kind, "network": header.network,
        "organisation": record.author(), "name": credential.name(), "device": header.device,
        "claimed_at": rfc3339(header.claimed_at), "created": rfc3339(credential.created()), "bundle": credential.bundle(),
        "body": if credential.body().is_some() { "ok" } else { "absent" },
    });
    Answer::ok(paper.finish(), json)
}
