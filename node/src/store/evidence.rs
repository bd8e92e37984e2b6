//! Proofs of forks, in a segment of their own, and the mark that says how much was acknowledged.

use super::disk::{Disk, Handle};
use super::error::OpenError;
use super::frame::{self, Beginning, Preamble};
use super::recover::beginning;
use super::view::View;
use koinon_protocol::id::NetworkId;
use koinon_protocol::limit;
use koinon_protocol::log::{ForkClaim, ForkProof, LogId};
use koinon_protocol::wire;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

const MAGIC: [u8; 8] = *b"koinon-f";
/// The file of proofs.
pub(crate) const FORKS: &str = "forks.seg";
const NEW: &str = "mended-forks.seg";
/// The file of the mark.
pub(crate) const MARK: &str = "mark";
const CLAIM: usize = 2 * limit::SIGNED;
const FRAME: u64 = 4 + CLAIM as u64;

/// How many records and forks were acknowledged, last time that anybody wrote it down. It is written after each sync and not synced
/// itself: after a power cut it may be behind, never ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Acknowledged {
    /// Records in the journal.
    pub(crate) records: u64,
    /// Proofs of forks.
    pub(crate) forks: u64,
}

impl Acknowledged {
    const BYTES: usize = 4 + 8 + 8;

    /// As it stands in the file.
    pub(crate) fn encode(&self) -> Vec<u8> {
        frame::seal(&[self.records.to_be_bytes(), self.forks.to_be_bytes()].concat())
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (records, forks) = frame::checked(bytes)?.split_at_checked(8)?;
        Some(Self { records: u64::from_be_bytes(records.try_into().ok()?), forks: u64::from_be_bytes(forks.try_into().ok()?) })
    }
}

/// What a store that may be running has acknowledged; none when it cannot be read.
pub(crate) fn acknowledged(view: &View) -> Option<Acknowledged> {
    // It may be written at this moment.
    (0..5).find_map(|_| Acknowledged::decode(&view.read(MARK, 0, Acknowledged::BYTES).ok()??))
}

/// Bytes of the file of `count` proofs.
pub(crate) fn length(count: u64) -> u64 {
    offset(count)
}

/// The file that holds an [`Acknowledged`].
pub(crate) struct Mark(Arc<dyn Handle>);

impl Mark {
    /// Opens the mark, and gives what it says; none when it is missing or damaged.
    pub(crate) fn open(disk: &dyn Disk) -> Result<(Self, Option<Acknowledged>), OpenError> {
        let failed = |source| OpenError::Io { file: MARK.to_owned(), source };
        let file = disk.open(MARK, true).map_err(failed)?;
        let mut bytes = [0; Acknowledged::BYTES];
        let found = file.read(&mut bytes, 0).ok().and_then(|()| Acknowledged::decode(&bytes));
        Ok((Self(file.into()), found))
    }

    /// Writes it down; a lost write loosens the check at the next start and nothing else.
    pub(crate) fn write(&self, acknowledged: Acknowledged) -> io::Result<()> {
        self.0.write(&acknowledged.encode(), 0)
    }

    /// The file, to sync what was written.
    pub(crate) fn file(&self) -> Arc<dyn Handle> {
        self.0.clone()
    }

    /// Writes it down for good.
    pub(crate) fn settle(&self, acknowledged: Acknowledged) -> io::Result<()> {
        self.write(acknowledged)?;
        self.0.sync()
    }
}

/// The proofs, and the first place of each log that is not to be trusted.
pub(crate) struct Evidence {
    file: Arc<dyn Handle>,
    proofs: Vec<ForkProof>,
    frozen: BTreeMap<LogId, u64>,
    dirty: bool,
}

impl Evidence {
    /// Reads the proofs and checks each of them again. A torn one at the end is cut; when others are damaged, the file is written anew
    /// without them.
    pub(crate) fn open(disk: &dyn Disk, network: NetworkId, acknowledged: Option<u64>) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Io { file: FORKS.to_owned(), source };
        let preamble = Preamble { magic: MAGIC, network, first: 0 };
        let file = disk.open(FORKS, true).map_err(failed)?;
        let begins = beginning(&*file, &preamble, FORKS)?;
        if begins == Beginning::Foreign {
            return Err(OpenError::Foreign { file: FORKS.to_owned() });
        }
        let mut evidence = Self { file: file.into(), proofs: Vec::new(), frozen: BTreeMap::new(), dirty: true };
        let passed = evidence.load(network).map_err(failed)?;
        let lost = acknowledged.unwrap_or(passed).saturating_sub(evidence.count());
        if passed > evidence.count() || lost > 0 {
            tracing::error!(
                kept = evidence.count(),
                lost,
                "proofs of forks were damaged: the logs are not frozen until a peer sends them"
            );
            evidence.rewrite(disk, &preamble).map_err(failed)?;
        } else {
            evidence.file.cut(offset(evidence.count())).map_err(failed)?;
            evidence.file.write(&preamble.encode(), 0).map_err(failed)?;
        }
        Ok(evidence)
    }

    /// Takes every proof that can be read. Gives how many places there are up to the last of them.
    fn load(&mut self, network: NetworkId) -> io::Result<u64> {
        let places = self.file.len()?.saturating_sub(frame::PREAMBLE as u64) / FRAME;
        let mut passed = 0;
        let mut bytes = [0; FRAME as usize];
        for place in 0..places {
            self.file.read(&mut bytes, offset(place))?;
            let claim = frame::checked(&bytes).and_then(|content| wire::decode::<ForkClaim, CLAIM>(content).ok());
            if let Some(proof) = claim.and_then(|claim| ForkProof::check(&claim, network).ok()) {
                self.note(proof);
                passed = place + 1;
            }
        }
        Ok(passed)
    }

    fn rewrite(&mut self, disk: &dyn Disk, preamble: &Preamble) -> io::Result<()> {
        let file = disk.open(NEW, true)?;
        file.cut(0)?;
        file.write(&preamble.encode(), 0)?;
        for (place, proof) in (0..).zip(&self.proofs) {
            file.write(&frame::seal(&wire::encode(&proof.claim())), offset(place))?;
        }
        file.sync()?;
        disk.rename(NEW, FORKS)?;
        disk.sync_names()?;
        self.file = disk.open(FORKS, false)?.into();
        Ok(())
    }

    fn note(&mut self, proof: ForkProof) {
        let (log, seq) = proof.place();
        let first = self.frozen.entry(log).or_insert(seq);
        *first = seq.min(*first);
        self.proofs.push(proof);
    }

    /// Keeps a proof, unless the log is already frozen there or before.
    pub(crate) fn add(&mut self, proof: &ForkProof) -> io::Result<()> {
        let (log, seq) = proof.place();
        if self.frozen.get(&log).is_some_and(|&first| first <= seq) {
            return Ok(());
        }
        self.file.write(&frame::seal(&wire::encode(&proof.claim())), offset(self.count()))?;
        self.note(*proof);
        self.dirty = true;
        Ok(())
    }

    /// The file of the proofs, if it was written since this was last asked.
    pub(crate) fn take_dirty(&mut self) -> Option<Arc<dyn Handle>> {
        std::mem::take(&mut self.dirty).then(|| self.file.clone())
    }

    /// How many proofs are kept.
    pub(crate) fn count(&self) -> u64 {
        self.proofs.len() as u64
    }

    /// The proofs, in the order in which they came.
    pub(crate) fn proofs(&self) -> &[ForkProof] {
        &self.proofs
    }

    /// The first place of a log that is not to be trusted.
    pub(crate) fn frozen(&self, log: &LogId) -> Option<u64> {
        self.frozen.get(log).copied()
    }
}

/// The claims in the file of proofs, as a reader without the store sees it; they were checked when they were kept.
pub(crate) fn claims(view: &View) -> io::Result<Vec<ForkClaim>> {
    let mut claims = Vec::new();
    while let Some(bytes) = view.read(FORKS, offset(claims.len() as u64), FRAME as usize)? {
        let claim = frame::checked(&bytes).and_then(|content| wire::decode::<ForkClaim, CLAIM>(content).ok());
        let Some(claim) = claim else { break };
        claims.push(claim);
    }
    Ok(claims)
}

fn offset(count: u64) -> u64 {
    frame::PREAMBLE as u64 + count * FRAME
}
