//! What a bundle proves. Nothing in it is believed: the trust is built anew from the charter.

use super::report::{Content, Failure, Included, Report, SetAside, Statement, parties};
use super::time::Dated;
use super::{BundleError, Contents, Kept, Proven};
use crate::checkpoint::WitnessKey;
use crate::id::{NetworkId, RecordId};
use crate::journal::{Hash, leaf, verify_inclusion};
use crate::json::Document;
use crate::kind::Kind;
use crate::record::{Body, RecordError, Verified};
use crate::trust::admit::Inside;
use crate::trust::{AdmitError, Missing, Trust, acts, admit};
use std::num::NonZeroUsize;

/// Whom the reader relies on. The default relies on nothing but the bundle, which proves little: see each field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reliance {
    /// The network; without one, the network that the bundle's own charter founds, which says nothing until the reader compares
    /// [`Report::network`] with an id from elsewhere.
    pub network: Option<NetworkId>,
    /// Witnesses of time; without any, those that the bundle names, whom its maker chose.
    pub witnesses: Vec<WitnessKey>,
    /// How many witnesses must have cosigned; without a number, more than half of them.
    pub quorum: Option<NonZeroUsize>,
}

impl From<NetworkId> for Reliance {
    fn from(network: NetworkId) -> Self {
        Self { network: Some(network), ..Self::default() }
    }
}

/// Checks a bundle by what its reader relies on.
///
/// # Errors
/// [`BundleError`] when the bytes are no bundle, or of another network. What is wrong with a single record is in the report.
pub fn check(bytes: &[u8], reliance: &Reliance) -> Result<Report, BundleError> {
    let contents = Contents::decode(bytes)?;
    let mut trust = found(contents.charter.clone(), reliance.network)?;
    let dated = Dated::of(&contents, reliance)?;
    let (admitted, set_aside) = judge(contents.control, &mut trust);
    let journal = Journal { node: contents.node, size: contents.size, root: contents.root };
    let state = |record| {
        let mut statement = state(record, &trust, &admitted, &journal);
        statement.witnessed = statement.author.is_some().then(|| dated.time(statement.included.is_some()));
        statement
    };
    let records: Vec<Statement> = contents.records.into_iter().map(state).collect();
    let charter = trust.charter();
    Ok(Report {
        verified: dated.holds() && records.iter().all(|record| record.failures.is_empty()),
        network: trust.network(),
        name: charter.name.clone(),
        purpose: charter.purpose.clone(),
        licence: charter.licence.clone(),
        witnesses: dated.witnesses,
        checkpoints: dated.checkpoints,
        records,
        set_aside,
    })
}

/// A control record that was admitted, for what it says to people.
pub(super) type Admitted = (Verified, Body);

struct Journal {
    node: String,
    size: u64,
    root: Hash,
}

fn found(charter: Kept, expected: Option<NetworkId>) -> Result<Trust, BundleError> {
    let found = NetworkId::from(charter.signed.header().id());
    if let Some(expected) = expected.filter(|expected| *expected != found) {
        return Err(BundleError::Network { expected, found });
    }
    let broken = |why: String| BundleError::Charter(why);
    let (record, body) = open(charter, found).map_err(|why| broken(why.to_string()))?;
    let body = body.ok_or_else(|| broken("its body is missing".to_owned()))?;
    Trust::found(&record, &body).map_err(|why| broken(why.to_string()))
}

pub(super) fn open(kept: Kept, network: NetworkId) -> Result<Open, RecordError> {
    let record = kept.signed.verify(network)?;
    let body = kept.body.map(|sealed| record.open(sealed)).transpose()?;
    Ok((record, body))
}

/// Admits the control records one after the other, and again from the beginning once all acts are known: an act takes back what others said,
/// and may stand behind it.
fn judge(control: Vec<Kept>, trust: &mut Trust) -> (Vec<Admitted>, Vec<SetAside>) {
    let opened = |kept: Kept| (kept.signed.header().id(), open(kept, trust.network()).map_err(Failure::from));
    let control: Vec<_> = control.into_iter().map(opened).collect();
    let first = take_all(&control, trust);
    if !first.0.iter().any(|(record, _)| acts::is_act(record.header().kind)) {
        return first;
    }
    trust.forget(&trust.named());
    take_all(&control, trust)
}

fn take_all(control: &[(RecordId, Result<Open, Failure>)], trust: &mut Trust) -> (Vec<Admitted>, Vec<SetAside>) {
    let (mut admitted, mut set_aside) = (Vec::new(), Vec::new());
    for (id, opened) in control {
        match opened.as_ref().map_err(Failure::clone).and_then(|open| take(open, trust)) {
            Ok(record) => admitted.push(record),
            Err(failure) => set_aside.push(SetAside { id: *id, failure }),
        }
    }
    (admitted, set_aside)
}

/// A record that is right, with the body that it commits to where that is there.
pub(super) type Open = (Verified, Option<Body>);

/// Admits one control record and takes it in.
pub(super) fn take((record, body): &Open, trust: &mut Trust) -> Result<Admitted, Failure> {
    let id = record.id();
    may_speak(record, body.as_ref(), trust)?;
    let body = body.clone().ok_or(AdmitError::Missing(Missing::Body(id)))?;
    trust.replay(id, record.header(), Some(body.bytes()));
    Ok((*record, body))
}

/// Whether the author of a record may say it. A bundle holds no whole logs, and standing does not rest on them: that a record continues its
/// log was checked by the node that has it in its journal.
pub(super) fn may_speak(record: &Verified, body: Option<&Body>, trust: &Trust) -> Result<(), AdmitError> {
    admit::check(record.id(), record.header(), body.map(Body::bytes), trust, Inside::New)
}

/// What is proven of a record. Nothing it says is repeated before its signature and its author's standing hold.
fn state(proven: Proven, trust: &Trust, control: &[Admitted], journal: &Journal) -> Statement {
    let id = proven.record.signed.header().id();
    let (record, body) = match open_apart(proven.record, trust.network()) {
        Ok(opened) => opened,
        Err(failure) => return Statement::refused(id, failure),
    };
    let wrong_body = body.as_ref().err().map(|why| Failure::from(*why));
    let body = body.ok().flatten();
    if let Err(why) = may_speak(&record, body.as_ref(), trust) {
        return Statement::refused(id, wrong_body.unwrap_or(why.into()));
    }
    let included = verify_inclusion(&leaf(&id), proven.position, (journal.size, &journal.root), &proven.path);
    let mut statement = parties(&record, trust, control);
    statement.content = if wrong_body.is_some() { Content::Unknown } else { content(&record, body.as_ref()) };
    statement.included = included.is_ok().then(|| Included {
        node: journal.node.clone(),
        position: proven.position,
        size: journal.size,
        root: RecordId(journal.root),
    });
    statement.failures.extend(wrong_body);
    statement.failures.extend(included.err().map(Failure::from));
    statement
}

/// A record with its body, or with what is wrong with the body alone.
type Opened = (Verified, Result<Option<Body>, RecordError>);

fn open_apart(kept: Kept, network: NetworkId) -> Result<Opened, Failure> {
    let record = kept.signed.verify(network)?;
    Ok((record, kept.body.map(|sealed| record.open(sealed)).transpose()))
}

fn content(record: &Verified, body: Option<&Body>) -> Content {
    let Some(body) = body else { return Content::Absent };
    let kind = Kind::by_number(record.header().kind);
    let (document, problems) = match Document::parse(body.bytes()) {
        Err(why) => (None, vec![why.to_string()]),
        Ok(document) => {
            let problems = kind.and_then(|kind| kind.check(&document).err()).unwrap_or_default();
            (Some(document), problems.iter().map(ToString::to_string).collect())
        }
    };
    let title = kind.zip(document.as_ref()).map(|(kind, document)| kind.words(document).title).unwrap_or_default();
    let value = document.map(|document| serde_json::Value::Object(document.into_fields()));
    Content::Intact { title: title.into_iter().collect(), body: value, problems }
}
