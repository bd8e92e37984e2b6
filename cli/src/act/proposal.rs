//! How a paper comes to be: what every command that proposes one takes, and what it says then.

use super::decision::Decision;
use super::names::Names;
use super::words::words;
use super::{Act, MaySign, Parties, carrier};
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::home::Home;
use crate::language::LanguageArgs;
use crate::named::{OrganisationArg, only_own};
use crate::organisation::OrganisationState;
use crate::paper::Paper;
use crate::utc::{day, day_or_moment};
use koinon_protocol::id::{DeviceKey, NetworkId, RecordId};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::attestation::Mandate;
use koinon_protocol::trust::charter::Charter;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Bytes of a document that are read at once.
const CHUNK: usize = 64 * 1024;

/// The decision behind an act.
#[derive(clap::Args, Clone, Debug)]
pub struct MandateArgs {
    /// The decision of the council or board: its number or title
    #[arg(long, value_name = "TEXT")]
    resolution: String,
    /// The day of the decision, YYYY-MM-DD
    #[arg(long, value_name = "DAY", value_parser = day)]
    date: Millis,
    /// The document of the decision; its SHA-256 is signed, and the document itself stays here
    #[arg(long, value_name = "FILE")]
    attachment: Option<PathBuf>,
}

/// Which organisation decides.
#[derive(clap::Args, Clone, Debug)]
pub struct DeciderArgs {
    /// The organisation that decides: 64 digits, or the name of a key that speaks for it [default: the only one of this computer]
    #[arg(long = "organisation", visible_alias = "as", value_name = "ORGANISATION")]
    organisation: Option<OrganisationArg>,
}

impl MandateArgs {
    /// As it stands in a body.
    ///
    /// # Errors
    /// [`Failure::File`] when the document cannot be read.
    pub fn mandate(&self) -> Result<Mandate, Failure> {
        let attachment = self.attachment.as_deref().map(digest).transpose()?;
        Ok(Mandate { resolution: self.resolution.clone(), date: day_or_moment(self.date), attachment })
    }
}

impl DeciderArgs {
    /// What the node says of the organisation.
    ///
    /// # Errors
    /// Those of [`OrganisationArg::find`] and [`Client::organisation`], and [`Failure::Contested`].
    pub fn find(&self, home: &Home, node: &Client) -> Result<OrganisationState, Failure> {
        let id = match &self.organisation {
            Some(named) => named.find(home)?,
            None => only_own(home)?,
        };
        node.organisation(id)
    }
}

fn digest(path: &Path) -> Result<RecordId, Failure> {
    let failed = |source| Failure::File { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(failed)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok(RecordId(hasher.finalize().into())),
            count => hasher.update(&buffer[..count]),
        }
    }
}

/// What is proposed where.
pub struct Proposal<'a> {
    /// The home that keeps the carrier.
    pub home: &'a Home,
    /// The node that knows names.
    pub node: &'a Client,
    /// A new file.
    pub file: &'a Path,
    /// The charter that an amendment changes.
    pub before: Option<&'a Charter>,
}

impl Proposal<'_> {
    /// Writes the paper. Nothing is signed or sent.
    ///
    /// # Errors
    /// [`Failure::Decision`] for what no node would accept, [`Failure::Exists`], [`Failure::File`].
    pub fn write(&self, parties: Parties, decision: Decision) -> Result<Answer, Failure> {
        if self.file.exists() {
            return Err(Failure::Exists(self.file.to_owned()));
        }
        let names = Names::new(self.node, &LanguageArgs::default().wanted());
        let says = words(&decision, self.before, &names);
        // Checked before a carrier is made for it.
        Act::new(parties.clone(), decision.clone(), Vec::new(), DeviceKey::ZERO)?;
        let act = Act::new(parties, decision, says.clone(), carrier::make(self.home)?)?;
        act.write_new(self.file)?;
        let mut paper = Paper::new();
        show(&mut paper, &act, &says, &names);
        let file = self.file.display();
        paper.gap().text(0, "Nothing is decided yet. Whoever holds one of these keys signs the file and passes it on:");
        paper.command(&format!("koinon paper sign {file}"));
        paper.text(0, "When enough have signed, send it from this computer, which keeps the key that carries it:");
        paper.command(&format!("koinon paper send {file}"));
        let mut json = act.json();
        json["file"] = json!(self.file);
        json["says"] = json!(says);
        Ok(Answer::ok(paper.finish(), json))
    }
}

/// What a paper decides, and who signed it.
pub fn show(paper: &mut Paper, act: &Act, says: &[String], names: &Names<'_>) {
    paper.title(act.decision().title());
    match act.organisation() {
        Some(organisation) => paper.text(0, &format!("of {}", names.full(organisation))),
        None => paper.text(0, &format!("of the network {}", act.network())),
    };
    paper.gap().texts(2, says).gap();
    let (signed, needed) = act.count();
    let asked = act.asked().len();
    paper.text(0, &format!("{needed} of {asked} must sign; {signed} signed so far."));
    for each in act.asked() {
        let mark = if act.has_signed(each.key) { "signed" } else { "not yet" };
        paper.text(2, &format!("{mark}: {} {}", each.who, each.key));
    }
}

/// Who signs for an organisation: its roots.
pub fn roots(organisation: &OrganisationState, network: NetworkId) -> Parties {
    signers(organisation, network, organisation.roots.threshold, &organisation.roots.keys)
}

/// The same, for roots that are named.
pub fn signers(organisation: &OrganisationState, network: NetworkId, threshold: u32, keys: &[DeviceKey]) -> Parties {
    let may_sign = keys.iter().enumerate().map(|(number, key)| MaySign { key: *key, who: format!("root {}", number + 1) });
    Parties { network, organisation: Some(organisation.id), threshold, may_sign: may_sign.collect() }
}

/// What every command that proposes something takes.
#[derive(clap::Args, Clone, Debug)]
pub struct ProposeArgs {
    /// A new file for the paper, which goes to everybody who must sign it
    #[arg(value_name = "PAPER")]
    pub file: PathBuf,
    #[command(flatten)]
    mandate: MandateArgs,
    /// The node.
    #[command(flatten)]
    pub node: NodeArgs,
}

impl ProposeArgs {
    /// The decision behind it.
    ///
    /// # Errors
    /// [`Failure::File`].
    pub fn mandate(&self) -> Result<Mandate, Failure> {
        self.mandate.mandate()
    }
}
