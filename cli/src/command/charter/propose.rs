//! `koinon charter propose`: a change of the charter, for the founders to sign.

use super::HELP;
use super::create::{FounderArg, founder, kind};
use crate::act::decision::Decision;
use crate::act::proposal::{Proposal, ProposeArgs};
use crate::act::{MaySign, Parties};
use crate::answer::Answer;
use crate::charters::Charters;
use crate::client::Client;
use crate::failure::Failure;
use crate::home::Home;
use crate::language::{LanguageArgs, localised, pick};
use crate::named::{KeyArg, find_keys};
use crate::utc::day;
use koinon_protocol::limit;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::Term;
use koinon_protocol::trust::amendment::Amendment;
use koinon_protocol::trust::charter::Charter;

/// The arguments of `koinon charter propose`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon charter propose amendment.json --from 2027-01-01 --resolution 4/2026 --date 2026-10-02 \\
    --add-founder \"ro=Asociația Valea Lină;RO;3f…e1\" --threshold 3     (64 digits)
  koinon charter propose amendment.json --from 2027-01-01 --resolution 5/2026 --date 2026-10-02 \\
    --licence CC0-1.0 --remove-founder 5c…09", after_help = "What is not named stays as it is. A founder can sign one amendment for each place in the \
charter's history: two would prove that it contradicted itself, and neither would count by its name.")]
pub struct Propose {
    #[command(flatten)]
    propose: ProposeArgs,
    /// The first day on which it counts, YYYY-MM-DD in UTC
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Millis,
    /// Admit an association among the founders: its name in one or more languages, its country, and the key that founded it or will. May
    /// be given again
    #[arg(long, value_name = "LANGUAGE=NAME;COUNTRY;KEY", value_parser = founder)]
    add_founder: Vec<FounderArg>,
    /// Take a founder out, by its key; may be given again
    #[arg(long, value_name = "KEY")]
    remove_founder: Vec<KeyArg>,
    /// How many founders it takes to amend the charter [default: as before, or if that is not more than half of them, the least that is]
    #[arg(long, value_name = "COUNT")]
    threshold: Option<u32>,
    /// The most attestations between a founder and an organisation, 1 to 4
    #[arg(long, value_name = "LEVELS", value_parser = clap::value_parser!(u8).range(1..=i64::from(limit::VOUCH_DEPTH)))]
    depth: Option<u8>,
    /// The licence of contents, as an SPDX expression
    #[arg(long, value_name = "SPDX")]
    licence: Option<String>,
    /// All kinds of records that the network agrees on, by name or number
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kind)]
    kinds: Vec<u16>,
    /// The least version of the protocol that programs must read
    #[arg(long, value_name = "VERSION")]
    minimum_version: Option<u16>,
    /// The network's name in a language; may be given again for other languages
    #[arg(long = "name", value_name = "LANGUAGE=TEXT", value_parser = localised)]
    names: Vec<(String, String)>,
    /// What the network is for; may be given again for other languages
    #[arg(long, value_name = "LANGUAGE=TEXT", value_parser = localised)]
    purpose: Vec<(String, String)>,
    /// Who may be vouched for, in words; may be given again for other languages
    #[arg(long, value_name = "LANGUAGE=TEXT", value_parser = localised)]
    admission: Vec<(String, String)>,
    /// Who witnesses journals, in words; may be given again for other languages
    #[arg(long, value_name = "LANGUAGE=TEXT", value_parser = localised)]
    witnesses: Vec<(String, String)>,
}

impl Propose {
    /// JSON: as of `koinon paper show`, and `file`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let node = Client::new(&self.propose.node);
        let charters = Charters::fetch(&node)?;
        let (number, last) = charters.last();
        let said = Amendment {
            number: u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1),
            previous: last.name,
            from: self.from,
            charter: self.charter(&last.charter, home)?,
            mandate: self.propose.mandate()?,
        };
        if said.from <= last.from {
            return Err(Failure::Decision(format!(
                "the charter before counts from {} on, and this one must follow it",
                crate::utc::day_or_moment(last.from)
            )));
        }
        let proposal = Proposal { home, node: &node, file: &self.propose.file, before: Some(&last.charter) };
        proposal.write(founders(last, &charters), Decision::Amendment(Box::new(said)))
    }

    fn charter(&self, before: &Charter, home: &Home) -> Result<Charter, Failure> {
        let mut charter = before.clone();
        for key in find_keys(&self.remove_founder, home)? {
            let kept = charter.founders.len();
            charter.founders.retain(|founder| founder.key != key);
            if charter.founders.len() == kept {
                return Err(Failure::NoFounder(key));
            }
        }
        for founder in &self.add_founder {
            charter.founders.push(founder.find(home)?);
        }
        let count = charter.founders.len();
        let is_majority = |threshold: u32| threshold as usize * 2 > count && threshold as usize <= count;
        let least = u32::try_from(count / 2 + 1).unwrap_or(u32::MAX);
        let kept = Some(before.thresholds.amendment).filter(|threshold| is_majority(*threshold));
        charter.thresholds.amendment = self.threshold.or(kept).unwrap_or(least);
        charter.depth = self.depth.unwrap_or(before.depth);
        charter.licence = self.licence.clone().unwrap_or_else(|| before.licence.clone());
        charter.minimum_version = self.minimum_version.or(before.minimum_version);
        if !self.kinds.is_empty() {
            charter.kinds.clone_from(&self.kinds);
        }
        charter.name.extend(self.names.iter().cloned());
        charter.purpose.extend(self.purpose.iter().cloned());
        charter.admission.extend(self.admission.iter().cloned());
        charter.witnesses.extend(self.witnesses.iter().cloned());
        Ok(charter)
    }
}

fn founders(last: &Term, charters: &Charters) -> Parties {
    let wanted = LanguageArgs::default().wanted();
    let may_sign =
        last.charter.founders.iter().map(|founder| MaySign { key: founder.key, who: pick(&founder.name, &wanted).to_owned() });
    Parties {
        network: charters.network(),
        organisation: None,
        threshold: last.charter.thresholds.amendment,
        may_sign: may_sign.collect(),
    }
}
