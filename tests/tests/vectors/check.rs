//! What this implementation answers to the input of a vector.

use crate::{Subject, Values, acts, bundle, content, control, receipt, sync};
use koinon_protocol::id::{DeviceKey, NetworkId, Tag};
use koinon_protocol::key::{KeyError, PublicKey};
use koinon_protocol::limit;
use koinon_protocol::log::{ForkClaim, ForkError, ForkProof, LinkError, link};
use koinon_protocol::record::{Body, RecordError, Sealed, Signed, Verified};
use koinon_protocol::record_file::RecordFile;
use koinon_protocol::wire::{self, WireError};

/// "ok" with every intermediate value, or the name of the first rule that is broken.
pub(crate) fn check(subject: Subject, network: NetworkId, input: &[u8]) -> Result<Values, &'static str> {
    match subject {
        Subject::Key => key(input),
        Subject::Record => record(network, input).map(|record| values(&record)),
        Subject::File => file(network, input),
        Subject::Sealed => sealed(input),
        Subject::Log => log(network, input),
        Subject::Fork => fork(network, input),
        Subject::Control => opened(network, input).and_then(|(record, body)| control::check(&record, &body)),
        Subject::Acts => acts::check(network, input),
        Subject::Kind => opened(network, input).and_then(|(record, body)| content::check(&record, &body)),
        Subject::Bundle => bundle::check(network, input),
        Subject::Journal => sync::check_journal(input),
        Subject::Reconcile => sync::check_reconcile(input),
        Subject::Receipt => receipt::check(network, input),
        Subject::Json => control::check_json(input),
    }
}

fn key(input: &[u8]) -> Result<Values, &'static str> {
    let key = DeviceKey(input.try_into().expect("the vectors' keys are of 32 bytes"));
    PublicKey::check(key).map(|_| Values::new()).map_err(key_error)
}

fn record(network: NetworkId, input: &[u8]) -> Result<Verified, &'static str> {
    Signed::decode(input).and_then(|signed| signed.verify(network)).map_err(record_error)
}

fn file(network: NetworkId, input: &[u8]) -> Result<Values, &'static str> {
    let file = RecordFile::decode(input).map_err(record_error)?;
    let record = file.signed.verify(network).map_err(record_error)?;
    file.check_body(&record).unwrap_or(Ok(())).map_err(record_error)?;
    let mut values = values(&record);
    if let Some(Sealed { salt, bytes }) = file.sealed {
        values.insert("salt", hex::encode(salt));
        values.insert("committed_bytes", hex::encode([Tag::BODY.bytes(), &salt, &bytes].concat()));
        values.insert("body_text", String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(values)
}

/// A record with a body, both right.
fn opened(network: NetworkId, input: &[u8]) -> Result<(Verified, Body), &'static str> {
    let file = RecordFile::decode(input).map_err(record_error)?;
    let record = file.signed.verify(network).map_err(record_error)?;
    let body = record.open(file.sealed.ok_or("Commitment")?).map_err(record_error)?;
    Ok((record, body))
}

fn sealed(input: &[u8]) -> Result<Values, &'static str> {
    let sealed: Sealed = wire::decode::<_, { limit::SALT + 8 + limit::BODY }>(input).map_err(wire_error)?;
    Ok(Values::from([
        ("salt", hex::encode(sealed.salt)),
        ("body", hex::encode(&sealed.bytes)),
        ("commitment", sealed.commitment().to_string()),
    ]))
}

fn log(network: NetworkId, input: &[u8]) -> Result<Values, &'static str> {
    let mut head = None;
    for bytes in input.chunks(limit::SIGNED) {
        let linked = link(record(network, bytes)?, head.as_ref()).map_err(link_error)?;
        head = Some(linked.head());
    }
    let head = head.ok_or("Malformed")?;
    Ok(Values::from([("head_id", head.id.to_string()), ("head_seq", head.seq.to_string())]))
}

fn fork(network: NetworkId, input: &[u8]) -> Result<Values, &'static str> {
    let claim: ForkClaim = wire::decode::<_, { 2 * limit::SIGNED }>(input).map_err(wire_error)?;
    let proof = ForkProof::check(&claim, network).map_err(fork_error)?;
    let (log, seq) = proof.place();
    let ids = (claim.first.header().id(), claim.second.header().id());
    Ok(Values::from([
        ("organisation", log.organisation.to_string()),
        ("device", log.device.to_string()),
        ("seq", seq.to_string()),
        ("first_id", ids.0.to_string()),
        ("second_id", ids.1.to_string()),
    ]))
}

fn values(record: &Verified) -> Values {
    let (header, encoded) = (record.header(), wire::encode(record.header()));
    Values::from([
        ("header", hex::encode(&encoded)),
        ("signed_bytes", hex::encode([Tag::RECORD.bytes(), &encoded].concat())),
        ("named_bytes", hex::encode([Tag::RECORD_ID.bytes(), &encoded].concat())),
        ("id", record.id().to_string()),
        ("author", record.author().to_string()),
        ("version", header.version.to_string()),
        ("kind", header.kind.to_string()),
        ("network", header.network.to_string()),
        ("organisation", header.organisation.to_string()),
        ("device", header.device.to_string()),
        ("seq", header.seq.to_string()),
        ("previous", header.previous.to_string()),
        ("claimed_at", header.claimed_at.0.to_string()),
        ("body_length", header.body_length.to_string()),
        ("commitment", header.body.to_string()),
        ("subject", header.subject.to_string()),
        ("territory", String::from_utf8_lossy(&header.territory).trim_end_matches('\0').to_owned()),
        ("topic", header.topic.to_string()),
        ("flags", header.flags.to_string()),
        ("signature", hex::encode(record.signed().signature().0)),
    ])
}

fn key_error(error: KeyError) -> &'static str {
    match error {
        KeyError::NotAPoint => "NotAPoint",
        KeyError::Weak => "Weak",
        KeyError::BadSignature => "BadSignature",
    }
}

fn wire_error(error: WireError) -> &'static str {
    match error {
        WireError::Malformed => "Malformed",
        WireError::Trailing(_) => "Trailing",
        WireError::NotCanonical => "NotCanonical",
    }
}

pub(crate) fn record_error(error: RecordError) -> &'static str {
    match error {
        RecordError::Wire(error) => wire_error(error),
        RecordError::Version(_) => "Version",
        RecordError::BodyTooLong(_) => "BodyTooLong",
        RecordError::Flags(_) => "Flags",
        RecordError::Previous => "Previous",
        RecordError::Territory => "Territory",
        RecordError::Key(error) => key_error(error),
        RecordError::Network => "Network",
        RecordError::Commitment => "Commitment",
    }
}

fn link_error(error: LinkError) -> &'static str {
    match error {
        LinkError::Gap { .. } => "Gap",
        LinkError::Taken { .. } => "Taken",
        LinkError::Predecessor => "Predecessor",
        LinkError::Backwards => "Backwards",
    }
}

fn fork_error(error: ForkError) -> &'static str {
    match error {
        ForkError::Apart => "Apart",
        ForkError::Order => "Order",
        ForkError::Record(error) => record_error(error),
    }
}
