//! `koinon device add`: the root authorises another key, and a key that speaks already publishes that.

use super::HELP;
use crate::answer::Answer;
use crate::author::{Author, AuthorArgs};
use crate::client::{Client, NodeArgs, Receipt};
use crate::command::key::name;
use crate::desk::{Desk, LogArgs};
use crate::failure::Failure;
use crate::home::{Home, make_private_folder, write_new};
use crate::keystore::{self, KeyName};
use crate::paper::Paper;
use crate::passphrase::PassphraseArgs;
use koinon_protocol::id::{DeviceKey, OrganisationId};
use koinon_protocol::record_file::RecordFile;
use koinon_protocol::trust::device::{self, Device};
use serde_json::json;
use std::path::PathBuf;
use std::str::FromStr;

/// The arguments of `koinon device add`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon device add second-clerk --label \"Registry\" --root root --as council-office
  koinon device add 3f…e1 --label \"Registry\" --root root    (64 digits: a key of another computer)")]
pub struct Add {
    /// The new key: 64 digits, or the name of a key of yours
    #[arg(value_name = "NEW-KEY")]
    device: KeyArg,
    /// What the organisation calls it; anybody may read this
    #[arg(long, value_name = "TEXT")]
    label: String,
    /// The root key that authorises it
    #[arg(long, value_name = "KEY", value_parser = name)]
    root: KeyName,
    /// The file of the root's passphrase, when it is another one
    #[arg(long, value_name = "FILE")]
    root_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    author: AuthorArgs,
    #[command(flatten)]
    log: LogArgs,
    #[command(flatten)]
    node: NodeArgs,
}

#[derive(Clone, Debug)]
enum KeyArg {
    Device(DeviceKey),
    Name(KeyName),
}

impl FromStr for KeyArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self::Device).or_else(|_| name(text).map(Self::Name))
    }
}

impl Add {
    /// JSON: `{id, position, organisation, device, label}`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let added = match &self.device {
            KeyArg::Device(device) => *device,
            KeyArg::Name(name) => keystore::get(home, name)?.device,
        };
        let node = Client::new(&self.node);
        let author = self.author.find(home, &node)?;
        let root = keystore::get(home, &self.root)?;
        if author.own.device == added || root.device == added {
            return Err(Failure::SameKey);
        }
        let mut desk = Desk::new(home, &node, &author, &self.log);
        let place = desk.place()?;
        let root = self.root_passphrase(&author).open(&root)?;
        let authorisation = device::authorise(&root, place.network, place.organisation, place.organisation.into(), added);
        let said = Device { device: added, label: self.label, under: None, authorisations: vec![authorisation] };
        let (draft, sealed) = device::draft(&place, &said, keystore::random()?);
        let checked = desk.check(draft, sealed)?;
        let (record, receipt) = desk.send(checked, &author.open()?)?;
        remember(home, added, &record)?;
        Ok(answer(&receipt, place.organisation, &said))
    }

    fn root_passphrase(&self, author: &Author) -> PassphraseArgs {
        let own = self.root_passphrase_file.clone().map(|file| PassphraseArgs { passphrase_file: Some(file) });
        own.unwrap_or_else(|| author.passphrase().clone())
    }
}

/// So that the key finds its organisation, when it is one of this computer's.
fn remember(home: &Home, added: DeviceKey, record: &RecordFile) -> Result<(), Failure> {
    make_private_folder(&home.devices())?;
    let copy = home.devices().join(format!("{added}-{}.record", record.signed.header().organisation));
    match write_new(&copy, &record.encode()) {
        Err(Failure::Exists(_)) => Ok(()),
        other => other,
    }
}

fn answer(receipt: &Receipt, organisation: OrganisationId, said: &Device) -> Answer {
    let added = said.device;
    let mut paper = Paper::new();
    paper.text(0, &format!("The key {added} speaks for {organisation} from now on."));
    paper.text(0, &format!("Record {}, place {} in the node's journal.", receipt.id, receipt.position));
    paper.text(0, "On its own computer it signs with:");
    paper.command(&format!("koinon publish FILE --key NAME --organisation {organisation}"));
    let json = json!({
        "id": receipt.id, "position": receipt.position, "organisation": organisation, "device": added, "label": said.label,
    });
    Answer::ok(paper.finish(), json)
}
