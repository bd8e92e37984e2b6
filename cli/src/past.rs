//! Records of a log by their places.

use crate::client::Client;
use crate::copies::Copies;
use crate::failure::Failure;
use crate::home::Home;
use koinon_protocol::log::LogId;
use koinon_protocol::trust::Last;

/// The last record that a node has of a log.
///
/// # Errors
/// Those of [`Client::log`].
pub fn newest(node: &Client, log: LogId) -> Result<Option<Last>, Failure> {
    Ok(node.log(log)?.head.map(|head| Last { seq: head.seq, id: head.id }))
}

/// The record at a place: the copy that is kept here, else the node's, found from its head backwards along the chain that the log's own
/// signatures make.
///
/// # Errors
/// [`Failure::NoPlace`], [`Failure::BadAnswer`] for a record that stands elsewhere, and those of the node.
pub fn at(home: &Home, node: &Client, log: LogId, seq: u64) -> Result<Last, Failure> {
    if let Some(copy) = Copies::new(home, log).get(seq)? {
        return Ok(Last { seq, id: copy.signed.header().id() });
    }
    let head = newest(node, log)?.filter(|head| head.seq >= seq).ok_or(Failure::NoPlace(seq))?;
    let mut at = head;
    while at.seq > seq {
        let record = node.record(at.id)?;
        let verified = record.signed.verify(record.claimed_network()).map_err(|error| Failure::BadAnswer(error.to_string()))?;
        if LogId::from(verified.header()) != log || verified.header().seq != at.seq {
            return Err(Failure::BadAnswer("this record stands elsewhere than the node says".into()));
        }
        at = Last { seq: at.seq - 1, id: verified.header().previous };
    }
    Ok(at)
}
