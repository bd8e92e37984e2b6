//! Vectors of acts: record files that are judged together, by the charter that stands before them.

mod cases;
mod town;
mod wrong;

use crate::Values;
use crate::check::record_error;
use crate::control::body_error;
use crate::table::Row;
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::record::{Body, Verified};
use koinon_protocol::record_file::RecordFile;
use koinon_protocol::trust::acts::{self, Deed};
use koinon_protocol::trust::inception::roots_digest;
use koinon_protocol::trust::{AdmitError, Last, Missing, Organisation, Refused, Trust, would_admit};
use std::collections::BTreeSet;

/// The rows of this subject.
pub(crate) fn rows() -> Vec<Row> {
    [cases::rows(), wrong::rows()].concat()
}

type Record = (Verified, Body);

/// What follows from the records, or the first rule that one of them breaks when all acts are known.
pub(crate) fn check(network: NetworkId, input: &[u8]) -> Result<Values, &'static str> {
    let mut files = files(input).into_iter();
    let (charter, body) = open(network, files.next().expect("a vector begins with the charter"))?;
    let records = files.map(|file| open(network, file)).collect::<Result<Vec<_>, _>>()?;
    let mut trust = Trust::found(&charter, &body).expect("the charter of a vector founds its network");
    let mut known = trust.clone();
    let mut judged = trust.clone();
    for record in &records {
        if take(record, &mut judged).is_ok() && acts::is_act(record.0.header().kind) {
            known.replay(record.0.id(), record.0.header(), Some(record.1.bytes()));
        }
    }
    std::mem::swap(&mut trust, &mut known);
    for record in &records {
        take(record, &mut trust).map_err(|error| name(&error))?;
    }
    Ok(values(&records, &trust))
}

fn files(input: &[u8]) -> Vec<&[u8]> {
    let (mut files, mut rest) = (Vec::new(), input);
    while let Some((length, after)) = rest.split_first_chunk() {
        let (file, after) = after.split_at(usize::try_from(u64::from_be_bytes(*length)).expect("a short file"));
        files.push(file);
        rest = after;
    }
    files
}

fn open(network: NetworkId, file: &[u8]) -> Result<Record, &'static str> {
    let file = RecordFile::decode(file).map_err(record_error)?;
    let record = file.signed.verify(network).map_err(record_error)?;
    let body = record.open(file.sealed.ok_or("missing_body")?).map_err(record_error)?;
    Ok((record, body))
}

fn take((record, body): &Record, trust: &mut Trust) -> Result<(), AdmitError> {
    let proposed = record.signed().propose(trust.network()).expect("its signature holds");
    would_admit(&proposed, body.bytes(), trust)?;
    trust.replay(record.id(), record.header(), Some(body.bytes()));
    Ok(())
}

fn name(error: &AdmitError) -> &'static str {
    match error {
        AdmitError::Missing(Missing::Inception(_)) => "unknown_author",
        AdmitError::Missing(Missing::Device { .. }) => "unknown_device",
        AdmitError::Missing(Missing::Act(_) | Missing::Amendment(_)) => "unknown_act",
        AdmitError::Missing(Missing::Body(_)) => "missing_body",
        AdmitError::NoStanding(_) => "no_standing",
        AdmitError::Ended(_) => "ended_device",
        AdmitError::Refused(Refused::NotAlone) => "NotAlone",
        AdmitError::Refused(Refused::TooEarly { .. }) => "TooEarly",
        AdmitError::Refused(Refused::NoSubject) => "NoSubject",
        AdmitError::Refused(Refused::Body(error)) => body_error(error),
        AdmitError::Refused(_) => "refused",
    }
}

fn values(records: &[Record], trust: &Trust) -> Values {
    let names = records.iter().filter_map(|(record, _)| {
        let found = trust.acts_of(record.header().organisation).find(|act| act.record == record.id());
        found.map(|act| act.name.to_string())
    });
    let charters = trust.terms().iter().map(|term| format!("{}:{}", term.from.0, term.name));
    let all: Vec<_> = trust.organisations().collect();
    Values::from([
        ("names", names.collect::<Vec<_>>().join(" ")),
        ("charters", charters.collect::<Vec<_>>().join(" ")),
        ("roots", sorted(all.iter().map(|known| roots(known)))),
        ("devices", sorted(all.iter().flat_map(|known| devices(known)))),
        ("closed", sorted(all.iter().filter_map(|known| closed(known)))),
        ("suspended", sorted(all.iter().flat_map(|known| suspended(known.id, trust)))),
        ("successions", sorted(all.iter().filter_map(|known| succession(known.id, trust)))),
    ])
}

fn sorted(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
}

fn roots(known: &Organisation) -> String {
    if known.event.is_zero() {
        return format!("{}:-:-", known.id);
    }
    format!("{}:{}:{}", known.id, known.event, roots_digest(known.threshold, &known.roots))
}

fn devices(known: &Organisation) -> Vec<String> {
    let end = |last: Option<Last>| last.map_or("-".to_owned(), |last| format!("{}:{}", last.seq, last.id));
    known.devices.iter().map(|(key, device)| format!("{}:{key}:{}", known.id, end(device.last))).collect()
}

fn closed(known: &Organisation) -> Option<String> {
    let closed = known.closed.as_ref()?;
    let successors: Vec<_> = closed.successors.iter().map(ToString::to_string).collect();
    Some(format!("{}:{}:{}", known.id, closed.record, successors.join("+")))
}

fn suspended(voucher: OrganisationId, trust: &Trust) -> Vec<String> {
    let line = |act: &acts::Act| match &act.deed {
        Deed::Suspension(said) if trust.suspensions(voucher, said.subject).any(|record| record == act.record) => {
            let until = said.until.map_or(u64::MAX, |until| until.0);
            Some(format!("{voucher}:{}:{}:{until}", said.subject, said.from.0))
        }
        _ => None,
    };
    trust.acts_of(voucher).filter_map(line).collect()
}

fn succession(organisation: OrganisationId, trust: &Trust) -> Option<String> {
    let found = trust.succession(organisation).filter(koinon_protocol::trust::succession::Succeeded::is_agreed)?;
    Some(RecordId::to_string(&found.closing))
}
