//! `koinon search`: what a node finds.

use super::HELP;
use super::log::{line, wanted_count};
use crate::answer::Answer;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::language::{LanguageArgs, code};
use crate::paper::Paper;
use serde_json::Value;

/// Values of a facet that are shown.
const VALUES: usize = 6;

/// The arguments of `koinon search`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon search waste lorry
  koinon search --kind practice --outcome worked --territory RO1 deșeuri
  koinon search --kind need --limit 50")]
pub struct Search {
    /// Words, all of which must be found, in any form; none for everything
    words: Vec<String>,
    /// Only records of this kind; may be given again, as all of these may
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Only this subject matter: a COFOG number, such as 510 for waste management
    #[arg(long, value_name = "COFOG")]
    topic: Vec<String>,
    /// Only this territory: a NUTS or LAU code, or what it begins with
    #[arg(long, value_name = "CODE")]
    territory: Vec<String>,
    /// Only what came out so: worked, partly, did_not_work, too_early
    #[arg(long, value_name = "OUTCOME")]
    outcome: Vec<String>,
    /// Only this form of cooperation
    #[arg(long, value_name = "FORM")]
    cooperation: Vec<String>,
    /// Only from organisations of so many inhabitants, as in 1000-5000
    #[arg(long, value_name = "BAND")]
    population: Vec<String>,
    /// The most records to show, 1 to 100
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = wanted_count)]
    limit: u64,
    /// How many of the best to leave out: for the next page
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    skip: u64,
    /// Only records in this language, which is also that of the words, as in ro [default: any]
    #[arg(long, value_name = "LANGUAGE", value_parser = code)]
    language: Option<String>,
    #[command(flatten)]
    node: NodeArgs,
}

impl Search {
    /// JSON: the API's object, `{total, hits: [{id, score, title, kind, organisation, organisation_name, claimed_at}], facets}`.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let wanted = LanguageArgs { language: self.language.clone() }.wanted();
        let node = Client::new(&self.node).with_languages(&wanted);
        let found = node.object("search", &self.query())?;
        let hits = found["hits"].as_array().map(Vec::as_slice).unwrap_or_default();
        let total = found["total"].as_u64().unwrap_or_default();
        let mut paper = Paper::new();
        for hit in hits {
            line(&mut paper, hit, &wanted);
        }
        let shown = self.skip.saturating_add(hits.len() as u64);
        match total {
            0 => paper.text(0, "Nothing found. Use fewer words, or leave out a filter."),
            total if shown < total => paper.text(0, &format!("{shown} of {total}; the next with --skip {shown}")),
            total => paper.text(0, &format!("{total} found.")),
        };
        facets(&mut paper, &found["facets"]);
        Ok(Answer::ok(paper.finish(), found))
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![("q", self.words.join(" ")), ("skip", self.skip.to_string()), ("limit", self.limit.to_string())];
        query.extend(self.language.clone().map(|language| ("language", language)));
        let facets = [
            ("kind", &self.kind),
            ("topic", &self.topic),
            ("territory", &self.territory),
            ("outcome", &self.outcome),
            ("cooperation", &self.cooperation),
            ("population", &self.population),
        ];
        query.extend(facets.into_iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value.clone()))));
        query
    }
}

/// What the search could be narrowed to.
fn facets(paper: &mut Paper, facets: &Value) {
    for (name, values) in facets.as_object().into_iter().flatten() {
        let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
        let said = values
            .iter()
            .take(VALUES)
            .map(|each| format!("{} ({})", each["value"].as_str().unwrap_or_default(), each["records"]));
        let said = said.collect::<Vec<_>>().join(", ");
        if values.len() > 1 {
            paper.field(name, &said);
        }
    }
}
