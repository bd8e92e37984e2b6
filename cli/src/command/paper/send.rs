//! `koinon paper send`: the record of a paper that enough have signed, checked by the node, signed by its carrier, kept here and sent.

use super::{HELP, read};
use crate::act::Act;
use crate::act::carrier::{self, Carrier};
use crate::act::decision::Decision;
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::home::Home;
use crate::keystore;
use crate::paper::Paper;
use crate::utc::{day_or_moment, now};
use koinon_protocol::key::Signer;
use koinon_protocol::record_file::RecordFile;
use serde_json::json;
use std::path::PathBuf;

/// The arguments of `koinon paper send`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon paper send amendment.json
  koinon paper send from-riverland.json from-valea.json    (two copies that were signed apart)")]
pub struct Send {
    /// The paper; or copies of it that were signed apart
    #[arg(value_name = "PAPER", required = true)]
    files: Vec<PathBuf>,
    /// Only say whether the node would take it; nothing is published
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    node: NodeArgs,
}

impl Send {
    /// JSON: `{id, name, kind, organisation}` and `position`, or `ok` with `--dry-run`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let act = read(&self.files)?;
        let node = Client::new(&self.node);
        let (theirs, ours) = (node.charter()?.network(), act.network());
        if theirs != ours {
            return Err(Failure::OtherNetwork { node: self.node.node, theirs, ours });
        }
        let mut json = json!({ "name": act.name(), "kind": act.decision().kind(), "organisation": act.organisation() });
        let record = match carrier::find(home, &act)? {
            Carrier::Signed(record) => record,
            Carrier::Key(signer) => match self.record(home, &act, &signer, &node)? {
                Some(record) => record,
                None => {
                    json["ok"] = json!(true);
                    return Ok(Answer::ok("The node would take it. Nothing was published.\n", json));
                }
            },
        };
        let id = record.signed.header().id();
        let receipt = node.publish(&record).map_err(|reason| Failure::Unsent { id, reason: Box::new(reason) })?;
        let mut paper = Paper::new();
        paper.good(&effect(&act));
        paper.text(0, &format!("Record {id}, place {} in the node's journal.", receipt.position));
        (json["id"], json["position"]) = (json!(id), json!(receipt.position));
        Ok(Answer::ok(paper.finish(), json))
    }

    /// None with `--dry-run`.
    fn record(&self, home: &Home, act: &Act, signer: &Signer, node: &Client) -> Result<Option<RecordFile>, Failure> {
        let (signed, needed) = act.count();
        if signed < needed {
            return Err(Failure::TooFewSigned { signed, needed });
        }
        let (draft, sealed) = act.draft(now(), keystore::random()?);
        let not_made = |error: koinon_protocol::record::RecordError| Failure::NotMade(error.to_string());
        let unsigned = draft.unsigned(act.carrier(), &sealed).map_err(not_made)?;
        node.check(&RecordFile { signed: unsigned, sealed: Some(sealed.clone()) })?;
        if self.dry_run {
            return Ok(None);
        }
        let (record, body) = draft.sign(signer, sealed).map_err(not_made)?;
        let record = RecordFile::new(&record, &body);
        carrier::keep(home, act.carrier(), &record)?;
        Ok(Some(record))
    }
}

/// What is so from now on.
fn effect(act: &Act) -> String {
    match act.decision() {
        Decision::Rotation(_) => "The new roots act from now on.".into(),
        Decision::Revocation(said) => format!("The key {} no longer speaks for the organisation.", said.device),
        Decision::Recovery(_) => "The recovery is proposed. When the delay has passed: koinon org confirm-recovery".into(),
        Decision::Confirmation(_) => "The recovery is in effect.".into(),
        Decision::Veto(_) => "The recovery has no effect.".into(),
        Decision::Closing(_) => "The organisation is closed. Its successors say that they agree with: koinon org agree".into(),
        Decision::Suspension(said) => format!("The attestations are suspended from {} on.", day_or_moment(said.from)),
        Decision::Amendment(said) => format!("The charter is amended; that counts from {} on.", day_or_moment(said.from)),
    }
}
