//! `koinon org list`: which key of this computer speaks for which organisation.

use super::HELP;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::home::Home;
use crate::language::{LanguageArgs, pick};
use crate::own;
use crate::paper::Paper;
use serde_json::{Value, json};

/// The arguments of `koinon org list`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:\n  koinon org list\n  koinon org list --json")]
pub struct List {
    #[command(flatten)]
    language: LanguageArgs,
}

impl List {
    /// JSON: `{organisations: [{organisation, network, name, key, device}]}`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let own = own::list(home)?;
        let wanted = self.language.wanted();
        let mut paper = Paper::new();
        if own.is_empty() {
            paper.text(0, "None yet. Found one: koinon org create --help");
        }
        for (key, own) in &own {
            let name = pick(&own.name, &wanted);
            paper.title(if name.is_empty() { "An organisation founded elsewhere" } else { name });
            paper.field("organisation", &own.organisation.to_string());
            paper.field("network", &own.network.to_string());
            paper.field("key", &format!("{}, {}", key.name, own.device)).gap();
        }
        let object = |name: String, own: &own::Own| json!({ "organisation": own.organisation, "network": own.network, "name": own.name, "key": name, "device": own.device });
        let list: Vec<Value> = own.iter().map(|(key, own)| object(key.name.to_string(), own)).collect();
        Ok(Answer::ok(paper.finish(), json!({ "organisations": list })))
    }
}
