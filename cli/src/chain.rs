//! Why an organisation may speak: from the charter down to it, in sentences. Each attestation is fetched and checked here; the node is
//! believed for which ones to fetch, and for nothing that they say.

use crate::charters::Charters;
use crate::client::Client;
use crate::failure::Failure;
use crate::language::pick_json;
use crate::paper::Paper;
use crate::utc::{day_or_moment, now};
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::limit;
use koinon_protocol::record_file::RecordFile;
use koinon_protocol::trust::attestation::{self, Attestation};
use koinon_protocol::trust::inception::{self, Inception};
use serde_json::{Value, json};

/// What a path proves.
#[derive(Debug)]
pub struct Chain {
    /// From the charter down.
    steps: Vec<Step>,
}

/// One organisation of the path, and what put it there.
#[derive(Debug)]
struct Step {
    record: RecordId,
    organisation: OrganisationId,
    name: String,
    /// None for the founder at the top.
    attestation: Option<Attestation>,
    /// What does not hold, when something does not.
    problem: Option<String>,
}

impl Chain {
    /// Follows the standing in a node's object of an organisation.
    ///
    /// # Errors
    /// [`Failure::BadAnswer`] for a path of another form, and those of [`Client::record`].
    pub fn follow(node: &Client, charters: &Charters, organisation: &Value, wanted: &[String]) -> Result<Self, Failure> {
        let path = organisation["standing"]["path"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut steps: Vec<Step> = Vec::new();
        for each in path.iter().take(usize::from(limit::VOUCH_DEPTH) + 1) {
            let id = |name: &str| each[name].as_str().and_then(|text| text.parse::<RecordId>().ok());
            let (Some(record), Some(of)) = (id("record"), id("organisation")) else {
                return Err(Failure::BadAnswer("a path without ids".into()));
            };
            let name =
                Some(pick_json(&each["name"], wanted)).filter(|name| !name.is_empty()).unwrap_or_else(|| short(&of.to_string()));
            let mut step = Step { record, organisation: of.into(), name, attestation: None, problem: None };
            match steps.last() {
                None => step.problem = founder(node, charters, &step)?,
                Some(above) => step.check(&node.record(record)?, charters.network(), above.organisation),
            }
            steps.push(step);
        }
        Ok(Self { steps })
    }

    /// Whether there is a path and every step of it holds.
    pub fn holds(&self) -> bool {
        !self.steps.is_empty() && self.steps.iter().all(|step| step.problem.is_none())
    }

    /// The moment from which on the organisation has no standing by this path; none for a founder.
    pub fn until(&self) -> Option<koinon_protocol::time::Millis> {
        self.steps.iter().filter_map(|step| Some(step.attestation.as_ref()?.until)).min()
    }

    /// A sentence for each step.
    pub fn write(&self, paper: &mut Paper) {
        let mut above = "";
        for step in &self.steps {
            let sentence = step.sentence(above);
            paper.text(2, &sentence);
            if let Some(problem) = &step.problem {
                paper.bad(&format!("  This does not hold: {problem}"));
            }
            above = &step.name;
        }
    }

    /// `[{record, organisation, name, voucher, from, until, resolution, date, evidence, problem}]`; milliseconds; null where there is none.
    pub fn json(&self) -> Value {
        let steps = self.steps.iter().map(|step| {
            let said = step.attestation.as_ref();
            json!({
                "record": step.record, "organisation": step.organisation, "name": step.name, "from": said.map(|said| said.from),
                "until": said.map(|said| said.until), "resolution": said.map(|said| &said.mandate.resolution),
                "date": said.map(|said| &said.mandate.date), "evidence": said.map(|said| &said.evidence), "problem": step.problem,
            })
        });
        steps.collect()
    }
}

impl Step {
    fn check(&mut self, record: &RecordFile, network: NetworkId, voucher: OrganisationId) {
        let header = record.signed.header();
        let opened = record.open().map_err(|error| error.to_string());
        let read = opened.and_then(|(_, body)| Attestation::read(body.bytes()).map_err(|error| error.to_string()));
        self.problem = match &read {
            Err(error) => Some(error.clone()),
            Ok(_) if header.kind != attestation::KIND => Some("the record is no attestation".into()),
            Ok(_) if header.network != network => Some("the attestation is of another network".into()),
            Ok(_) if header.organisation != voucher => Some("another organisation signed the attestation".into()),
            Ok(_) if header.subject != self.organisation.into() => Some("the attestation is for another organisation".into()),
            Ok(said) if said.until <= now() => Some(format!("the attestation ended on {}", day_or_moment(said.until))),
            Ok(_) => None,
        };
        self.attestation = read.ok();
    }

    fn sentence(&self, voucher: &str) -> String {
        let Some(said) = &self.attestation else {
            return format!("{} is a founder: the charter names the key that founded it.", self.name);
        };
        let scopes: Vec<_> = said.scope.iter().map(|scope| format!("may {scope}")).collect();
        format!(
            "{voucher} vouches for {}, from {} until {}: it {}. Decision {} of {}. Checked: {}",
            self.name,
            day_or_moment(said.from),
            day_or_moment(said.until),
            scopes.join(" and "),
            said.mandate.resolution,
            said.mandate.date,
            said.evidence,
        )
    }
}

/// Whether the charter that counts now names the key that founded the organisation.
fn founder(node: &Client, charters: &Charters, step: &Step) -> Result<Option<String>, Failure> {
    let current = charters.current();
    if step.record != current.record {
        return Ok(Some("the path does not begin at the charter".into()));
    }
    let record = node.record(step.organisation.into())?;
    let header = record.signed.header();
    let named = current.charter.founders.iter().any(|founder| founder.key == header.device);
    let read = record.open().map_err(|error| error.to_string()).and_then(|(_, body)| {
        Inception::read(body.bytes(), charters.network(), header.device).map_err(|error| error.to_string())
    });
    Ok(match read {
        Err(error) => Some(error),
        Ok(_) if header.kind != inception::KIND || header.network != charters.network() => {
            Some("this is no inception of the network".into())
        }
        Ok(_) if !named => Some("the charter does not name the key that founded it".into()),
        Ok(_) => None,
    })
}

/// The first digits of an id, for where it stands beside something that tells more.
pub fn short(id: &str) -> String {
    format!("{}…", id.chars().take(8).collect::<String>())
}
