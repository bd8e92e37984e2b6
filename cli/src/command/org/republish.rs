//! `koinon org republish`: what a key signed after the end of its log is said again by another key, from the copies that are kept here.

use super::HELP;
use crate::answer::Answer;
use crate::copies::Copies;
use crate::desk::WriterArgs;
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore;
use crate::named::KeyArg;
use crate::paper::Paper;
use koinon_protocol::id::{DeviceKey, RecordId};
use koinon_protocol::ledger::Plane;
use koinon_protocol::log::LogId;
use koinon_protocol::record::{Draft, Sealed};
use koinon_protocol::record_file::RecordFile;
use koinon_protocol::trust::{Last, Place};
use serde_json::json;

/// The arguments of `koinon org republish`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org republish office --as office-2", after_help = "Only contents are published anew, each once, with the present time; attestations and devices of \
a revoked key must be decided again. What other organisations wrote about a record that fell still names the old one.")]
pub struct Republish {
    /// The key whose log ended: 64 digits, or the name of a key of yours
    #[arg(value_name = "KEY")]
    device: KeyArg,
    #[command(flatten)]
    writer: WriterArgs,
}

impl Republish {
    /// JSON: `{organisation, device, republished: [{was, id, position}], passed_over: [ids]}`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = self.writer.node();
        let author = self.writer.author(home, &node)?;
        let device = self.device.find(home)?;
        if device == author.own.device {
            return Err(Failure::SameKey);
        }
        let organisation = node.organisation(author.own.organisation)?;
        let end = organisation.devices.iter().find(|each| each.key == device);
        if end.is_some_and(|each| each.ended.is_none()) {
            return Err(Failure::GoesOn(device));
        }
        let fallen = fallen(home, LogId { organisation: organisation.id, device }, end.and_then(|each| each.ended))?;
        let signer = author.open()?;
        let (mut republished, mut passed_over) = (Vec::new(), Vec::new());
        let mut paper = Paper::new();
        for record in fallen {
            let was = record.signed.header().id();
            if Plane::of(record.signed.header().kind) == Plane::Control {
                passed_over.push(was);
                continue;
            }
            let mut desk = self.writer.desk(home, &node, &author);
            let (draft, bytes) = again(&record, &desk.place()?);
            if let Some((id, _)) = desk.same(&draft, &bytes)? {
                paper.text(0, &format!("{was} was published anew before, as {id}."));
                continue;
            }
            let checked = desk.check(draft, Sealed { salt: keystore::random()?, bytes })?;
            let (_, receipt) = desk.send(checked, &signer)?;
            paper.text(0, &format!("{was} is published anew as {}.", receipt.id));
            republished.push(json!({ "was": was, "id": receipt.id, "position": receipt.position }));
        }
        tell(&mut paper, republished.len(), &passed_over, device);
        let json =
            json!({ "organisation": organisation.id, "device": device, "republished": republished, "passed_over": passed_over });
        Ok(Answer::ok(paper.finish(), json))
    }
}

fn tell(paper: &mut Paper, count: usize, passed_over: &[RecordId], device: DeviceKey) {
    paper.text(0, &format!("{count} records of {device} were published anew."));
    if !passed_over.is_empty() {
        paper.text(0, "These are no contents, and must be decided again:");
    }
    for id in passed_over {
        paper.text(2, &id.to_string());
    }
}

/// The copies of what comes after the end of a log.
fn fallen(home: &Home, log: LogId, end: Option<Last>) -> Result<Vec<RecordFile>, Failure> {
    let copies = Copies::new(home, log);
    let Some(head) = copies.head()? else { return Ok(Vec::new()) };
    let mut fallen = Vec::new();
    for seq in 0..=head.seq {
        let Some(record) = copies.get(seq)? else { continue };
        if !end.is_some_and(|end| end.allows(seq, record.signed.header().id())) {
            fallen.push(record);
        }
    }
    Ok(fallen)
}

/// The same content at another place.
fn again(record: &RecordFile, place: &Place) -> (Draft, Vec<u8>) {
    let header = record.signed.header();
    let draft = Draft { territory: header.territory, topic: header.topic, ..place.draft(header.kind, header.subject) };
    (draft, record.sealed.as_ref().map(|sealed| sealed.bytes.clone()).unwrap_or_default())
}
