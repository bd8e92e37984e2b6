//! What is said of a record before, or instead of, the engine's judgement.

use crate::api::problem::{Code, Fault, Problem};
use crate::reader::Reader;
use koinon_protocol::id::NetworkId;
use koinon_protocol::json::{Document, JsonError};
use koinon_protocol::kind::Kind;
use koinon_protocol::ledger::Plane;
use koinon_protocol::limit;
use koinon_protocol::log::{LinkError, LogId, would_link};
use koinon_protocol::record::{Header, Proposed, RecordError, Sealed, Signed};
use koinon_protocol::replica::{Lack, Refusal, Submission};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::{self, AdmitError, BodyError, Refused, Trust};
use std::time::Duration;

/// When a record that is too far ahead may pass.
const AHEAD: Duration = Duration::from_millis(limit::AHEAD);

/// A record that may not be signed yet, and the body that it commits to.
pub(super) struct Proposal {
    pub(super) record: Proposed,
    body: Sealed,
}

/// Reads a record file and checks what can be checked without knowing anything but the network.
pub(super) fn open(bytes: &[u8], network: NetworkId) -> Result<Submission, Problem> {
    let (signed, sealed) = read(bytes)?;
    let submission = Submission::open(signed, sealed, network).map_err(record_problem)?;
    check_body(submission.record().header(), submission.body().bytes())?;
    Ok(submission)
}

/// The same for one that is only asked about, whose signature may be 64 zero bytes.
pub(super) fn propose(bytes: &[u8], network: NetworkId) -> Result<Proposal, Problem> {
    let (signed, body) = read(bytes)?;
    let record = signed.propose(network).map_err(record_problem)?;
    record.header().check_body(&body).map_err(record_problem)?;
    check_body(record.header(), &body.bytes)?;
    Ok(Proposal { record, body })
}

fn read(bytes: &[u8]) -> Result<(Signed, Sealed), Problem> {
    let (header, rest) = bytes.split_at(limit::SIGNED.min(bytes.len()));
    let signed = Signed::decode(header).map_err(record_problem)?;
    let Some((salt, body)) = rest.split_first_chunk() else {
        let detail = format!(
            "the file has {} bytes; a record file is {} of signed header, {} of salt and the body",
            bytes.len(),
            limit::SIGNED,
            limit::SALT
        );
        return Err(Problem::new(Code::MalformedRecord, detail));
    };
    Ok((signed, Sealed { salt: *salt, bytes: body.to_vec() }))
}

/// A content body is JSON of the profile; where the kind is known here, it has the kind's fields.
fn check_body(header: &Header, body: &[u8]) -> Result<(), Problem> {
    let number = header.kind;
    if Plane::of(number) == Plane::Control {
        return Ok(());
    }
    let document = Document::parse(body).map_err(|error| json_problem(&error))?;
    let Some(kind) = Kind::by_number(number) else { return Ok(()) };
    kind.check(&document).map_err(|problems| {
        let detail =
            format!("{} of the body are not as a {} has them: {}", count(problems.len(), "field"), kind.name, problems[0]);
        let faults = problems.into_iter().map(|problem| Fault { pointer: problem.place, detail: problem.should });
        Problem::new(Code::BodyFields, detail).at(faults.collect())
    })
}

/// Whether the engine would take it now, once it is signed, as far as the index has followed the journal.
pub(super) fn would_pass(proposal: &Proposal, reader: &Reader, trust: &Trust, now: Millis) -> Result<(), Problem> {
    let header = proposal.record.header();
    let log = LogId::from(header);
    let head = reader.head(&log)?;
    would_link(header, head.as_ref()).map_err(|error| refused(error.into()))?;
    if reader.frozen(&log)?.is_some_and(|first| header.seq >= first) {
        return Err(refused(Refusal::Frozen));
    }
    if header.claimed_at > now.plus(limit::AHEAD) {
        return Err(refused(Refusal::Ahead));
    }
    match trust::would_admit(&proposal.record, &proposal.body.bytes, trust) {
        Ok(()) => Ok(()),
        Err(AdmitError::Missing(missing)) => Err(refused(Refusal::Lacks(Lack::Known(missing)))),
        Err(AdmitError::Ended(ended)) => Err(refused(Refusal::Lacks(Lack::Ended(ended)))),
        Err(AdmitError::NoStanding(reason)) => Err(refused(Refusal::Lacks(Lack::Standing(reason)))),
        Err(AdmitError::Refused(reason)) => Err(refused(Refusal::Rules(reason))),
    }
}

/// What a refusal of the engine is to whoever submitted the record.
pub(super) fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Network => record_problem(RecordError::Network),
        Refusal::Link(error) => link_problem(error),
        Refusal::Frozen => {
            Problem::new(Code::LogFrozen, format!("{refusal}: two records claim one of its places; use another device"))
        }
        Refusal::Ahead => Problem::new(Code::TooEarly, format!("{refusal}: set the author's clock, or wait")).retry_after(AHEAD),
        Refusal::Lacks(lack) => lack_problem(lack),
        Refusal::Rules(Refused::Body(error)) => control_body_problem(&error),
        Refusal::Rules(reason) => Problem::new(Code::Rules, reason.to_string()),
    }
}

fn lack_problem(lack: Lack) -> Problem {
    let advice = match lack {
        Lack::Standing(_) | Lack::Predecessor => "an organisation that may vouch must attest it",
        Lack::Known(_) => "submit it first",
        Lack::Ended(_) => "its roots can add another device",
    };
    Problem::new(Code::NoStanding, format!("{lack}; {advice}"))
}

/// The body of a control record, of which the rules name no place.
fn control_body_problem(error: &BodyError) -> Problem {
    match error {
        BodyError::Json(error) => json_problem(error),
        error => Problem::new(Code::BodyFields, error.to_string())
            .at(vec![Fault { pointer: String::new(), detail: error.to_string() }]),
    }
}

fn json_problem(error: &JsonError) -> Problem {
    let fault = Fault { pointer: error.place.clone(), detail: error.problem.to_string() };
    Problem::new(Code::BodyNotJson, format!("the body leaves the JSON of bodies {error}")).at(vec![fault])
}

fn record_problem(error: RecordError) -> Problem {
    let code = match error {
        RecordError::Key(_) => Code::BadSignature,
        RecordError::Network => Code::OtherNetwork,
        RecordError::Commitment => Code::OtherBody,
        _ => Code::MalformedRecord,
    };
    Problem::new(code, error.to_string())
}

fn link_problem(error: LinkError) -> Problem {
    let (code, advice) = match error {
        LinkError::Gap { next } => (Code::LogGap, format!("submit those from place {next} first")),
        LinkError::Taken { .. } => {
            (Code::LogTaken, "another record stands there: read the log's head and sign the next place".to_owned())
        }
        LinkError::Predecessor => (Code::LogPredecessor, "read the log's head and sign anew".to_owned()),
        LinkError::Backwards => (Code::LogBackwards, "sign anew with a time that is not before it".to_owned()),
    };
    Problem::new(code, format!("{error}; {advice}"))
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
