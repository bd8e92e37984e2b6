//! Who plays in the demonstration and what they say, signed with keys that live as long as it does.

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::json::{Document, JsonError};
use koinon_protocol::key::Signer;
use koinon_protocol::kind::Kind;
use koinon_protocol::log::Head;
use koinon_protocol::record::{Body, Draft, RecordError, Sealed, Verified};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::attestation::{self, Attestation, Mandate};
use koinon_protocol::trust::charter::{self, Charter, Founder, Thresholds};
use koinon_protocol::trust::inception::{self, Guardians, Inception};
use koinon_protocol::trust::{Localised, Place};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

const NETWORK: &str = include_str!("network.json");
const RECORDS: &str = include_str!("records.json");
/// For how long an association vouches: two years.
const TERM: u64 = 2 * 365 * 24 * 60 * 60 * 1000;

/// Why the records could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CastError {
    /// The operating system gives no random bytes.
    #[error("no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// The contents that were built in are wrong.
    #[error("the contents of the demonstration are damaged: {0}")]
    Contents(#[from] serde_json::Error),
    /// A body leaves the JSON profile.
    #[error("the contents of the demonstration are damaged: {0}")]
    Json(#[from] JsonError),
    /// A record that nobody would accept.
    #[error("a record of the demonstration cannot be signed: {0}")]
    Record(#[from] RecordError),
    /// A name that nobody bears.
    #[error("the contents of the demonstration name '{0}', which is nowhere")]
    Name(String),
}

/// A record on its way to a node.
pub(super) struct Line {
    /// The node that it is published at.
    pub(super) node: usize,
    /// Whose it is and what it is, for people.
    pub(super) what: String,
    /// Its name in the contents; empty for control records.
    pub(super) label: String,
    /// Its id.
    pub(super) id: RecordId,
    /// The record file.
    pub(super) file: Vec<u8>,
}

/// Everything that will be published, in order.
pub(super) struct Cast {
    /// The charter's record file.
    pub(super) charter: Vec<u8>,
    /// The network.
    pub(super) network: NetworkId,
    /// The associations' names, one for each node.
    pub(super) nodes: Vec<String>,
    /// The records.
    pub(super) lines: Vec<Line>,
    parties: BTreeMap<String, Party>,
    now: Millis,
}

struct Party {
    name: String,
    node: usize,
    device: Signer,
    organisation: OrganisationId,
    head: Option<Head>,
}

#[derive(Deserialize)]
struct Contents {
    charter: Terms,
    associations: Vec<Member>,
    municipalities: Vec<Member>,
}

#[derive(Deserialize)]
struct Terms {
    name: Localised,
    purpose: Localised,
    admission: Localised,
    witnesses: Localised,
    licence: String,
}

#[derive(Deserialize)]
struct Member {
    label: String,
    #[serde(default)]
    by: String,
    name: Localised,
    country: String,
}

#[derive(Deserialize)]
struct Saying {
    label: String,
    author: String,
    kind: String,
    body: Value,
}

impl Cast {
    /// Makes keys and signs everything at the moment `now`.
    pub(super) fn make(now: Millis) -> Result<Self, CastError> {
        let contents: Contents = serde_json::from_str(NETWORK)?;
        let sayings: Vec<Saying> = serde_json::from_str(RECORDS)?;
        let founders = contents.associations.iter().map(|_| signer()).collect::<Result<Vec<_>, _>>()?;
        let (charter, body) = found(&contents, &founders, now)?;
        let mut cast = Self {
            charter: file(&charter, &body),
            network: charter.id().into(),
            nodes: contents.associations.iter().map(|member| english(&member.name)).collect(),
            lines: Vec::new(),
            parties: BTreeMap::new(),
            now,
        };
        for (node, (member, device)) in contents.associations.iter().zip(founders).enumerate() {
            let line = cast.begin(member, device, node)?;
            cast.lines.push(line);
        }
        for member in &contents.municipalities {
            cast.admit(member)?;
        }
        sayings.into_iter().try_for_each(|saying| cast.say(saying))?;
        Ok(cast)
    }

    /// How many organisations there are.
    pub(super) fn organisations(&self) -> usize {
        self.parties.len()
    }

    /// How many records there are to be found: all but those that say who may speak.
    pub(super) fn contents(&self) -> u64 {
        self.lines.iter().filter(|line| !line.label.is_empty()).count() as u64
    }

    /// The record that bears this name in the contents.
    pub(super) fn record(&self, label: &str) -> Result<&Line, CastError> {
        self.lines.iter().find(|line| line.label == label).ok_or_else(|| CastError::Name(label.to_owned()))
    }

    /// Founds an organisation with a root and a next root of its own.
    fn begin(&mut self, member: &Member, device: Signer, node: usize) -> Result<Line, CastError> {
        let (root, next) = (signer()?, signer()?);
        let roots = vec![root.public()];
        let inception = Inception {
            name: member.name.clone(),
            country: member.country.clone(),
            threshold: 1,
            next_roots: inception::roots_digest(1, &[next.public()]),
            guardians: Guardians::default(),
            consents: vec![inception::consent(&root, self.network, device.public(), 1, &roots)],
            roots,
        };
        let (draft, sealed) = inception::draft(self.network, &inception, self.now, random()?);
        let (record, body) = draft.sign(&device, sealed)?;
        let name = english(&member.name);
        let party = Party { name: name.clone(), node, device, organisation: record.author(), head: None };
        self.parties.insert(member.label.clone(), party);
        Ok(Line { node, what: format!("{name} begins"), label: String::new(), id: record.id(), file: file(&record, &body) })
    }

    /// A municipality begins, and its association vouches for it first: a node takes no inception that nobody vouches for.
    fn admit(&mut self, member: &Member) -> Result<(), CastError> {
        let node = self.party(&member.by)?.node;
        let begun = self.begin(member, signer()?, node)?;
        let attestation = Attestation {
            scope: vec![attestation::PUBLISH.into()],
            depth: 0,
            from: self.now,
            until: self.now.plus(TERM),
            evidence: "Illustrative: membership and signing key confirmed at the assembly.".into(),
            mandate: Mandate { resolution: "Illustrative resolution 1".into(), date: "2026-01-01".into(), attachment: None },
        };
        let place = self.place(&member.by)?;
        let (draft, sealed) = attestation::draft(&place, OrganisationId::from(begun.id), &attestation, random()?);
        let what = format!("vouches for {}", english(&member.name));
        let vouched = self.sign(&member.by, draft, sealed, &what, "")?;
        self.lines.extend([vouched, begun]);
        Ok(())
    }

    fn say(&mut self, saying: Saying) -> Result<(), CastError> {
        let kind = Kind::by_name(&saying.kind).ok_or_else(|| CastError::Name(saying.kind.clone()))?;
        let mut body = saying.body;
        self.resolve(&mut body)?;
        let bytes = serde_json::to_vec(&body)?;
        let values = kind.header_values(&Document::parse(&bytes)?);
        let draft = self.place(&saying.author)?.draft(kind.number, values.subject);
        let draft = Draft { territory: values.territory, topic: values.topic, ..draft };
        let sealed = Sealed { salt: random()?, bytes };
        let line = self.sign(&saying.author, draft, sealed, &format!("publishes: {}", saying.kind), &saying.label)?;
        self.lines.push(line);
        Ok(())
    }

    /// Puts ids where the contents have names: `@label` of an organisation or of a record.
    fn resolve(&self, value: &mut Value) -> Result<(), CastError> {
        match value {
            Value::String(text) => {
                if let Some(label) = text.strip_prefix('@') {
                    let party = self.parties.get(label).map(|party| party.organisation.to_string());
                    *text = party.map_or_else(|| self.record(label).map(|line| line.id.to_string()), Ok)?;
                }
                Ok(())
            }
            Value::Array(values) => values.iter_mut().try_for_each(|value| self.resolve(value)),
            Value::Object(fields) => fields.values_mut().try_for_each(|value| self.resolve(value)),
            _ => Ok(()),
        }
    }

    fn sign(&mut self, author: &str, draft: Draft, sealed: Sealed, what: &str, label: &str) -> Result<Line, CastError> {
        let party = self.parties.get_mut(author).ok_or_else(|| CastError::Name(author.to_owned()))?;
        let (record, body) = draft.sign(&party.device, sealed)?;
        party.head = Some(Head::from(&record));
        let what = format!("{} {what}", party.name);
        Ok(Line { node: party.node, what, label: label.to_owned(), id: record.id(), file: file(&record, &body) })
    }

    fn place(&self, author: &str) -> Result<Place, CastError> {
        let party = self.party(author)?;
        Ok(Place { network: self.network, organisation: party.organisation, head: party.head, now: self.now })
    }

    fn party(&self, label: &str) -> Result<&Party, CastError> {
        self.parties.get(label).ok_or_else(|| CastError::Name(label.to_owned()))
    }
}

fn found(contents: &Contents, founders: &[Signer], now: Millis) -> Result<(Verified, Body), CastError> {
    let terms = &contents.charter;
    let named = contents.associations.iter().zip(founders);
    let charter = Charter {
        name: terms.name.clone(),
        purpose: terms.purpose.clone(),
        founders: named
            .map(|(member, key)| Founder { name: member.name.clone(), country: member.country.clone(), key: key.public() })
            .collect(),
        thresholds: Thresholds { amendment: 2 },
        admission: terms.admission.clone(),
        licence: terms.licence.clone(),
        witnesses: terms.witnesses.clone(),
        depth: 3,
        kinds: koinon_protocol::kind::KINDS.iter().map(|kind| kind.number).collect(),
        minimum_version: None,
    };
    let first = founders.first().ok_or_else(|| CastError::Name("founders".into()))?;
    let (draft, sealed) = charter::draft(&charter, now, random()?);
    Ok(draft.sign(first, sealed)?)
}

/// The English name where there is one, else the first.
fn english(name: &Localised) -> String {
    name.get("en").or_else(|| name.values().next()).cloned().unwrap_or_default()
}

fn file(record: &Verified, body: &Body) -> Vec<u8> {
    [&record.signed().encode()[..], &body.sealed().salt, body.bytes()].concat()
}

fn signer() -> Result<Signer, CastError> {
    Ok(Signer::from_seed(&random()?))
}

fn random() -> Result<[u8; 32], CastError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_published_conforms_and_says_that_it_is_illustrative() {
        let cast = Cast::make(Millis(1_790_000_000_000)).unwrap();
        assert!(cast.nodes.len() == 3 && cast.organisations() >= 11, "three associations and at least eight municipalities");
        let mut languages = std::collections::BTreeSet::new();
        for line in cast.lines.iter().filter(|line| !line.label.is_empty()) {
            let founding = koinon_protocol::record::Signed::decode(&line.file[..296]).unwrap();
            let kind = Kind::by_number(founding.header().kind).unwrap();
            let document = Document::parse(&line.file[328..]).unwrap();
            assert_eq!(kind.check(&document), Ok(()), "{}", line.label);
            assert_eq!(document.fields().get("illustrative"), Some(&Value::Bool(true)), "{}", line.label);
            languages
                .extend(kind.words(&document).facets.into_iter().filter(|(facet, _)| *facet == "language").map(|(_, code)| code));
        }
        assert!(cast.lines.iter().filter(|line| !line.label.is_empty()).count() >= 16);
        assert!(languages.len() >= 6, "{languages:?}");
    }
}
