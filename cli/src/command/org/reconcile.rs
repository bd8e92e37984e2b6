//! `koinon org reconcile`: an organisation whose key's log was forked ends that log before the fork.

use super::HELP;
use crate::act::decision::Decision;
use crate::act::proposal::{self, DeciderArgs, Proposal, ProposeArgs};
use crate::answer::Answer;
use crate::client::Client;
use crate::copies::Copies;
use crate::failure::Failure;
use crate::home::Home;
use crate::named::KeyArg;
use crate::paper::Paper;
use crate::past;
use koinon_protocol::log::LogId;
use koinon_protocol::trust::revocation::Revocation;
use serde_json::json;

/// The most records whose loss is told one by one.
const TOLD: u64 = 100;

/// The arguments of `koinon org reconcile`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon org reconcile office reconciliation.json \\
    --ground \"A restored backup signed again\" --resolution 9/2026 --date 2026-10-02", after_help = "What the key signed before the fork counts again, for good. What \
it signed from there on is lost to everybody; what this computer has copies of is published anew by another key with: koinon org republish.")]
pub struct Reconcile {
    /// The key whose log is forked: 64 digits, or the name of a key of yours
    #[arg(value_name = "KEY")]
    device: KeyArg,
    #[command(flatten)]
    propose: ProposeArgs,
    /// Why, in words that anybody may read
    #[arg(long, value_name = "TEXT")]
    ground: String,
    #[command(flatten)]
    decider: DeciderArgs,
}

impl Reconcile {
    /// JSON: as of `koinon paper show`, and `file`, `frozen_at` and `fallen`: `[{seq, id}]`, what this computer has copies of.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = Client::new(&self.propose.node);
        let organisation = self.decider.find(home, &node)?;
        let device = organisation.device(self.device.find(home)?)?.key;
        let log = LogId { organisation: organisation.id, device };
        let first = node.log(log)?.frozen_at.ok_or(Failure::NotForked(device))?;
        let last = match first.checked_sub(1) {
            Some(seq) => Some(past::at(home, &node, log, seq)?),
            None => None,
        };
        let said =
            Revocation { under: organisation.event()?, device, last, ground: self.ground, mandate: self.propose.mandate()? };
        let proposal = Proposal { home, node: &node, file: &self.propose.file, before: None };
        let mut answer = proposal.write(proposal::roots(&organisation, node.charter()?.network()), Decision::Revocation(said))?;
        let fallen = fallen(home, log, first)?;
        let mut paper = Paper::new();
        paper.gap().text(0, &format!("These {} of its records, from place {first} on, count for nobody:", fallen.len()));
        for (seq, id) in &fallen {
            paper.text(2, &format!("{seq}: {id}"));
        }
        paper.text(0, "When the revocation is sent, another key of the organisation can publish them anew:");
        paper.command(&format!("koinon org republish {device} --as OTHER-KEY"));
        answer.text.push_str(&paper.finish());
        answer.json["frozen_at"] = json!(first);
        answer.json["fallen"] = fallen.iter().map(|(seq, id)| json!({ "seq": seq, "id": id })).collect();
        Ok(answer)
    }
}

fn fallen(home: &Home, log: LogId, first: u64) -> Result<Vec<(u64, koinon_protocol::id::RecordId)>, Failure> {
    let copies = Copies::new(home, log);
    let Some(head) = copies.head()? else { return Ok(Vec::new()) };
    let mut fallen = Vec::new();
    for seq in first..=head.seq.min(first.saturating_add(TOLD)) {
        fallen.extend(copies.get(seq)?.map(|record| (seq, record.signed.header().id())));
    }
    Ok(fallen)
}
