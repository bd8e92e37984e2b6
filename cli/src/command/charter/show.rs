//! `koinon charter show`: a network's terms, checked, from a file or a node, and how they came about.

use super::{HELP, object, write};
use crate::act::terms;
use crate::act::words;
use crate::answer::Answer;
use crate::charter_file::CharterFile;
use crate::charters::Charters;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::language::{LanguageArgs, pick};
use crate::paper::Paper;
use crate::utc::{day_or_moment, now};
use koinon_protocol::trust::{SignedTwice, Term};
use serde_json::{Value, json};
use std::path::PathBuf;

/// The arguments of `koinon charter show`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon charter show                     (of the node on this computer)
  koinon charter show --history           (each amendment, and what it changed)
  koinon charter show charter.record
  koinon charter show --node https://koinon.example.org")]
pub struct Show {
    /// A charter's file: the founding charter alone [default: ask the node]
    file: Option<PathBuf>,
    /// Also show every amendment, what it changed and by which decision
    #[arg(long, conflicts_with = "file")]
    history: bool,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    language: LanguageArgs,
}

impl Show {
    /// JSON: the body of the charter that counts now, `network`, and of a node `number`, `terms: [{number, from, record, name, resolution,
    /// date, charter}]` and `signed_twice: [{founder, first, second}]`.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let wanted = self.language.wanted();
        let mut paper = Paper::new();
        if let Some(path) = &self.file {
            let file = CharterFile::read(path)?;
            write(&mut paper, file.network(), file.charter(), &wanted);
            return Ok(Answer::ok(paper.finish(), object(file.network(), file.charter())));
        }
        let charters = Charters::fetch(&Client::new(&self.node))?;
        let current = charters.current();
        write(&mut paper, charters.network(), &current.charter, &wanted);
        let coming = charters.terms().iter().filter(|term| term.from > now());
        for term in coming {
            paper.gap().text(0, &format!("From {} on it changes: koinon charter show --history", day_or_moment(term.from)));
        }
        if self.history {
            history(&mut paper, &charters, &wanted);
        }
        twice(&mut paper, &charters, &wanted);
        let mut json = object(charters.network(), &current.charter);
        json["number"] = json!(charters.terms().iter().position(|term| term.name == current.name));
        json["terms"] = charters.terms().iter().enumerate().map(|(number, term)| term_json(number, term)).collect();
        json["signed_twice"] = charters.signed_twice().iter().map(twice_json).collect();
        Ok(Answer::ok(paper.finish(), json))
    }
}

fn history(paper: &mut Paper, charters: &Charters, wanted: &[String]) {
    paper.gap().title("History");
    let mut before: Option<&Term> = None;
    for (number, term) in charters.terms().iter().enumerate() {
        match before {
            None => {
                paper.text(2, "Founding charter").texts(4, &terms::all(&term.charter, wanted));
            }
            Some(before) => {
                paper.text(2, &format!("Amendment {number}, from {} on", day_or_moment(term.from)));
                paper.texts(4, &terms::changes(Some(&before.charter), &term.charter, wanted));
            }
        }
        if let Some(mandate) = &term.mandate {
            paper.text(4, &words::mandate(mandate));
        }
        paper.text(4, &format!("Record {}", term.record));
        before = Some(term);
    }
}

fn twice(paper: &mut Paper, charters: &Charters, wanted: &[String]) {
    for each in charters.signed_twice() {
        let founders = charters.terms().iter().flat_map(|term| &term.charter.founders);
        let name = founders.filter(|founder| founder.key == each.founder).map(|founder| pick(&founder.name, wanted)).next();
        paper.gap().bad(&format!("{} signed two amendments for one place.", name.unwrap_or("A founder")));
        paper.text(2, &format!("Key {}, records {} and {}.", each.founder, each.first, each.second));
    }
}

fn term_json(number: usize, term: &Term) -> Value {
    let mandate = term.mandate.as_ref();
    json!({
        "number": number, "from": term.from, "record": term.record, "name": term.name,
        "resolution": mandate.as_ref().map(|mandate| &mandate.resolution), "date": mandate.as_ref().map(|mandate| &mandate.date),
        "charter": term.charter,
    })
}

fn twice_json(twice: &SignedTwice) -> Value {
    json!({ "founder": twice.founder, "first": twice.first, "second": twice.second })
}
