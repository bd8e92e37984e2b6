//! `koinon device add`: the roots that act now authorise another key, and a key that speaks already publishes that, or the new one itself.

use super::HELP;
use crate::answer::Answer;
use crate::author::Author;
use crate::client::Receipt;
use crate::command::key::name;
use crate::desk::WriterArgs;
use crate::failure::Failure;
use crate::home::{Home, make_private_folder, write_new};
use crate::keystore::{self, KeyName, StoredKey};
use crate::named::KeyArg;
use crate::organisation::OrganisationState;
use crate::paper::Paper;
use crate::passphrase::PassphraseArgs;
use koinon_protocol::id::{DeviceKey, OrganisationId};
use koinon_protocol::record_file::RecordFile;
use koinon_protocol::trust::device::{self, Device};
use serde_json::json;
use std::path::PathBuf;

/// The arguments of `koinon device add`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon device add second-clerk --label \"Registry\" --root root --as council-office
  koinon device add 3f…e1 --label \"Registry\" --root root    (64 digits: a key of another computer)
  koinon device add office-2 --label \"Office\" --root root --root second-root \\
    --as office-2 --organisation 5c…09    (no other key is left: the new one introduces itself)")]
pub struct Add {
    /// The new key: 64 digits, or the name of a key of yours
    #[arg(value_name = "NEW-KEY")]
    device: KeyArg,
    /// What the organisation calls it; anybody may read this
    #[arg(long, value_name = "TEXT")]
    label: String,
    /// A root key that authorises it; given again where several roots must
    #[arg(long = "root", value_name = "KEY", required = true, value_parser = name)]
    roots: Vec<KeyName>,
    /// The file of the roots' passphrase, when it is another one
    #[arg(long, value_name = "FILE")]
    root_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    writer: WriterArgs,
}

impl Add {
    /// JSON: `{id, position, organisation, device, label}`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let added = self.device.find(home)?;
        let node = self.writer.node();
        let author = self.writer.author(home, &node)?;
        let organisation = node.organisation(author.own.organisation)?;
        let event = organisation.event()?;
        let roots = self.roots(home, &organisation, added)?;
        let mut desk = self.writer.desk(home, &node, &author);
        let place = desk.place()?;
        let authorise = |root: &StoredKey| {
            let root = self.root_passphrase(&author).open(root)?;
            Ok(device::authorise(&root, place.network, place.organisation, event, added))
        };
        let authorisations = roots.iter().map(authorise).collect::<Result<_, Failure>>()?;
        let under = Some(event).filter(|event| *event != place.organisation.into());
        let said = Device { device: added, label: self.label, under, authorisations };
        let (draft, sealed) = device::draft(&place, &said, keystore::random()?);
        let checked = desk.check(draft, sealed)?;
        let (record, receipt) = desk.send(checked, &author.open()?)?;
        remember(home, added, &record)?;
        Ok(answer(&receipt, place.organisation, &said))
    }

    fn roots(&self, home: &Home, organisation: &OrganisationState, added: DeviceKey) -> Result<Vec<StoredKey>, Failure> {
        let roots: Vec<_> = self.roots.iter().map(|name| keystore::get(home, name)).collect::<Result<_, Failure>>()?;
        if roots.iter().any(|root| root.device == added) {
            return Err(Failure::SameKey);
        }
        let (signed, needed) = (roots.len(), organisation.roots.threshold as usize);
        match roots.iter().find(|root| !organisation.roots.keys.contains(&root.device)) {
            Some(other) => Err(Failure::NotARoot(other.device)),
            None if signed < needed => Err(Failure::TooFewRoots { signed, needed }),
            None => Ok(roots),
        }
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
