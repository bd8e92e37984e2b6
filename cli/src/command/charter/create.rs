//! `koinon charter create`: founders, purpose and terms, signed by the first founder.

use super::{HELP, object};
use crate::answer::Answer;
use crate::charter_file::CharterFile;
use crate::failure::Failure;
use crate::home::{Home, write_new};
use crate::keystore;
use crate::language::localised;
use crate::named::KeyArg;
use crate::paper::Paper;
use crate::passphrase::PassphraseArgs;
use crate::utc::now;
use koinon_protocol::kind::{KINDS, Kind};
use koinon_protocol::limit;
use koinon_protocol::record_file::RecordFile;
use koinon_protocol::trust::charter::{self, Charter, Founder, Thresholds};
use koinon_protocol::trust::{Localised, attestation, device, inception};
use serde_json::json;
use std::path::PathBuf;

/// Levels below the founders when nobody says how many: national, regional and local.
const DEPTH: u8 = 3;

/// The arguments of `koinon charter create`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon key new riverland
  koinon charter create --name \"en=Riverland Exchange\" --purpose \"en=Sharing what worked\" \\
    --founder \"pl=Związek Riverland;en=Riverland Association;PL;riverland\" charter.record
  koinon charter create --name en=Exchange --purpose en=Sharing --threshold 2 --licence CC-BY-4.0 \\
    --founder \"en=One;PL;one\" --founder \"en=Two;RO;3f…e1\" charter.record   (64 digits)")]
pub struct Create {
    /// A new file for the signed charter
    file: PathBuf,
    /// The network's name in a language; may be given again for other languages
    #[arg(long = "name", value_name = "LANGUAGE=TEXT", required = true, value_parser = localised)]
    names: Vec<(String, String)>,
    /// What the network is for; may be given again for other languages
    #[arg(long, value_name = "LANGUAGE=TEXT", required = true, value_parser = localised)]
    purpose: Vec<(String, String)>,
    /// A founder: its name in one or more languages, its country, and the key that will found it (64 digits, or the name of a key of
    /// yours). May be given again; the first one's key signs
    #[arg(long = "founder", value_name = "LANGUAGE=NAME;COUNTRY;KEY", required = true, value_parser = founder)]
    founders: Vec<FounderArg>,
    /// How many founders it takes to amend the charter [default: more than half]
    #[arg(long, value_name = "COUNT")]
    threshold: Option<u32>,
    /// The licence of contents, as an SPDX expression
    #[arg(long, value_name = "SPDX", default_value = "CC-BY-4.0")]
    licence: String,
    /// The most attestations between a founder and an organisation, 1 to 4
    #[arg(long, value_name = "LEVELS", default_value_t = DEPTH, value_parser = clap::value_parser!(u8).range(1..=i64::from(limit::VOUCH_DEPTH)))]
    depth: u8,
    /// Who may be vouched for, in words; may be given again for other languages
    #[arg(long, value_name = "LANGUAGE=TEXT", value_parser = localised)]
    admission: Vec<(String, String)>,
    /// Who witnesses journals, in words; may be given again for other languages
    #[arg(long, value_name = "LANGUAGE=TEXT", value_parser = localised)]
    witnesses: Vec<(String, String)>,
    /// The kinds of records that the network agrees on, by name or number [default: all that this program knows]
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kind)]
    kinds: Vec<u16>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// A founder as a command line names it.
#[derive(Clone, Debug)]
pub(super) struct FounderArg {
    name: Localised,
    country: String,
    key: KeyArg,
}

impl FounderArg {
    /// With its key.
    pub(super) fn find(&self, home: &Home) -> Result<Founder, Failure> {
        Ok(Founder { name: self.name.clone(), country: self.country.clone(), key: self.key.find(home)? })
    }
}

impl Create {
    /// JSON: the body of the charter, `network` and `file`.
    pub(super) fn run(self, home: &Home) -> Result<Answer, Failure> {
        let founders = self.founders(home)?;
        let first = founders[0].key;
        let key = keystore::list(home)?.into_iter().find(|key| key.device == first).ok_or(Failure::FounderElsewhere(first))?;
        let majority = u32::try_from(founders.len() / 2 + 1).unwrap_or(u32::MAX);
        let charter = Charter {
            name: self.names.iter().cloned().collect(),
            purpose: self.purpose.iter().cloned().collect(),
            thresholds: Thresholds { amendment: self.threshold.unwrap_or(majority) },
            founders,
            admission: self.admission.iter().cloned().collect(),
            licence: self.licence.clone(),
            witnesses: self.witnesses.iter().cloned().collect(),
            depth: self.depth,
            kinds: if self.kinds.is_empty() { all_kinds() } else { self.kinds.clone() },
            minimum_version: None,
        };
        let (draft, sealed) = charter::draft(&charter, now(), keystore::random()?);
        Charter::read(&sealed.bytes).map_err(Failure::Charter)?;
        let signer = self.passphrase.open(&key)?;
        let (record, body) = draft.sign(&signer, sealed).map_err(|error| Failure::NotMade(error.to_string()))?;
        let file = CharterFile::check(RecordFile::new(&record, &body)).map_err(|error| Failure::NotMade(error.to_string()))?;
        write_new(&self.file, &file.record().encode())?;
        Ok(self.answer(&file))
    }

    fn founders(&self, home: &Home) -> Result<Vec<Founder>, Failure> {
        self.founders.iter().map(|founder| founder.find(home)).collect()
    }

    fn answer(&self, charter: &CharterFile) -> Answer {
        let file = self.file.display();
        let mut paper = Paper::new();
        paper.title(&format!("Network {}", charter.network()));
        paper
            .text(
                0,
                &format!("The charter is in {file}. Give it to every founder, and publish the 64 digits where people will look."),
            )
            .gap();
        paper.text(0, "Next, for every founder:");
        paper.command(&format!("koinond init --charter {file}"));
        paper.command(&format!("koinon org create --charter {file} --device KEY-IN-THE-CHARTER …"));
        let mut json = object(charter.network(), charter.charter());
        json["file"] = json!(self.file);
        Answer::ok(paper.finish(), json)
    }
}

fn all_kinds() -> Vec<u16> {
    let control = [inception::KIND, device::KIND, attestation::KIND];
    control.into_iter().chain(KINDS.iter().map(|kind| kind.number)).collect()
}

pub(super) fn founder(text: &str) -> Result<FounderArg, String> {
    let parts: Vec<_> = text.split(';').map(str::trim).collect();
    let [names @ .., country, key] = &parts[..] else {
        return Err("give a name, a country and a key, as in \"pl=Riverland;PL;riverland\"".into());
    };
    if names.is_empty() {
        return Err("give a name before country and key, as in \"pl=Riverland;PL;riverland\"".into());
    }
    let name = names.iter().map(|name| localised(name)).collect::<Result<_, _>>()?;
    let country = crate::command::org::country(country)?;
    Ok(FounderArg { name, country, key: key.parse()? })
}

pub(super) fn kind(text: &str) -> Result<u16, String> {
    let named = Kind::by_name(text).map(|kind| kind.number);
    named
        .or_else(|| text.parse().ok())
        .ok_or_else(|| "give the name of a kind, as 'koinon kinds' lists them, or its number".into())
}
