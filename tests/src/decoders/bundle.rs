//! Audit bundles. The digest at the end is made here, since nobody finds it by trial.

use super::cast::{CAST, Piece};
use super::replica::FULL;
use koinon_protocol::bundle::{BundleError, Content, MAGIC, Report, assemble, check as read};
use koinon_protocol::id::{NetworkId, RecordId, Tag, digest};
use koinon_protocol::ledger::Ledger;
use koinon_protocol::trust::Trust;

/// Bytes of the digest at the end.
const DIGEST: usize = 32;

/// All between the first bytes of every bundle and the digest.
pub(super) fn check(bytes: &[u8]) {
    let whole = [MAGIC, bytes].concat();
    let bundle = [&whole[..], &digest(Tag::BUNDLE, &[&whole])].concat();
    match read(&bundle, None) {
        Ok(report) => {
            proves_what_was_said(&report);
            assert_eq!(read(&bundle, Some(report.network)).as_ref(), Ok(&report));
            let elsewhere = read(&bundle, Some(NetworkId([0xee; 32])));
            assert!(matches!(elsewhere, Err(BundleError::Network { .. })), "it proves something in another network");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Only the records of the cast were ever signed, and none of another network proves anything.
fn proves_what_was_said(report: &Report) {
    assert_eq!(report.network, CAST.network, "a network that nobody founded");
    assert_eq!(report.verified, report.records.iter().all(|record| record.failures.is_empty()));
    for record in &report.records {
        assert!(record.failures.iter().all(|failure| !failure.to_string().is_empty() && !failure.code().is_empty()));
        assert!(!record.sentences().is_empty());
        let said = CAST.pieces.iter().find(|piece| piece.id() == record.id);
        assert!(record.author.is_none() || said.is_some(), "nobody said this");
        let body = said.and_then(|piece| serde_json::from_slice(piece.body.bytes()).ok());
        if let Content::Intact { body: Some(found), .. } = &record.content {
            assert_eq!(Some(found), body.as_ref(), "this was not said");
        }
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let trust = known();
    let charter = (&CAST.charter.record, &CAST.charter.body);
    let make = |ids: &[RecordId]| assemble(ids, charter, &trust, "a node", &*FULL).expect("the cast's records can be proven");
    let ids: Vec<RecordId> = CAST.pieces[4..7].iter().map(Piece::id).collect();
    let inner = |bundle: Vec<u8>| bundle[MAGIC.len()..bundle.len() - DIGEST].to_vec();
    vec![inner(make(&ids[..1])), inner(make(&ids))]
}

/// What the control records of the full ledger say.
fn known() -> Trust {
    let mut trust = CAST.trust.clone();
    for position in 0..FULL.size() {
        let entry = FULL.entry(position).expect("the ledger never fails");
        trust.replay(entry.id, entry.signed.header(), entry.body.as_ref().map(|body| body.bytes.as_slice()));
    }
    trust
}
