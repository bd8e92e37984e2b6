//! Audit bundles. The digest at the end is made here, since nobody finds it by trial.

use super::cast::{CAST, Piece, root};
use super::checkpoint::LOG;
use super::replica::FULL;
use koinon_protocol::bundle::{BundleError, Content, Issuer, MAGIC, Reliance, Report, Source, assemble, check as read};
use koinon_protocol::checkpoint::{Checkpoint, Published, WitnessSigner};
use koinon_protocol::id::{NetworkId, RecordId, Tag, digest};
use koinon_protocol::ledger::Ledger;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::Trust;
use std::sync::LazyLock;

/// Bytes of the digest at the end.
const DIGEST: usize = 32;
/// When the witness saw the journal, in seconds.
const SEEN: u64 = 1_700_000_000;

/// The one witness that cosigned, once.
static WITNESS: LazyLock<WitnessSigner> =
    LazyLock::new(|| WitnessSigner::new("witness.example/1".parse().expect("the name is one"), root(8)).expect("the key is one"));

/// All between the first bytes of every bundle and the digest.
pub(super) fn check(bytes: &[u8]) {
    let whole = [MAGIC, bytes].concat();
    let bundle = [&whole[..], &digest(Tag::BUNDLE, &[&whole])].concat();
    match read(&bundle, &Reliance::default()) {
        Ok(report) => {
            proves_what_was_said(&report);
            assert_eq!(read(&bundle, &report.network.into()).as_ref(), Ok(&report));
            let elsewhere = read(&bundle, &NetworkId([0xee; 32]).into());
            assert!(matches!(elsewhere, Err(BundleError::Network { .. })), "it proves something in another network");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Only the records of the cast were ever signed, and none of another network proves anything.
fn proves_what_was_said(report: &Report) {
    assert_eq!(report.network, CAST.network, "a network that nobody founded");
    let holds = report.checkpoints.iter().all(|checkpoint| checkpoint.failures.is_empty());
    assert_eq!(report.verified, holds && report.records.iter().all(|record| record.failures.is_empty()));
    for cosignature in report.checkpoints.iter().flat_map(|checkpoint| &checkpoint.cosignatures) {
        assert_eq!((cosignature.key, cosignature.at), (WITNESS.vkey().key(), Millis(SEEN * 1000)), "nobody cosigned this");
    }
    for record in &report.records {
        assert!(record.failures.iter().all(|failure| !failure.to_string().is_empty() && !failure.code().is_empty()));
        assert!(!record.sentences(&report.witnesses).is_empty());
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
    let (checkpoints, witnesses) = ([cosigned()], [WITNESS.vkey().clone()]);
    let issuer = Issuer { name: "a node", log: Some(LOG.vkey()), checkpoints: &checkpoints, witnesses: &witnesses };
    let make = |ids: &[RecordId], issuer: Issuer<'_>| {
        assemble(ids, charter, &trust, issuer, &*FULL).expect("the cast's records can be proven")
    };
    let ids: Vec<RecordId> = CAST.pieces[4..7].iter().map(Piece::id).collect();
    let inner = |bundle: Vec<u8>| bundle[MAGIC.len()..bundle.len() - DIGEST].to_vec();
    vec![inner(make(&ids[..1], "a node".into())), inner(make(&ids, "a node".into())), inner(make(&ids[..1], issuer))]
}

/// The checkpoint of the full ledger, as the witness saw it.
fn cosigned() -> Published {
    let size = Ledger::size(&*FULL);
    let root = Source::root(&*FULL, size).expect("the ledger never fails");
    let note = Checkpoint { origin: LOG.vkey().name().to_string(), size, root }.sign(&LOG);
    let published = Published::open(note, LOG.vkey()).expect("the log signed it");
    published.with(WITNESS.cosign(&published, SEEN), WITNESS.vkey()).expect("the witness signed it")
}

/// What the control records of the full ledger say.
fn known() -> Trust {
    let mut trust = CAST.trust.clone();
    for position in 0..Ledger::size(&*FULL) {
        let entry = FULL.entry(position).expect("the ledger never fails");
        trust.replay(entry.id, entry.signed.header(), entry.body.as_ref().map(|body| body.bytes.as_slice()));
    }
    trust
}
