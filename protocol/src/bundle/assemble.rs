//! Which records prove a record, gathered from a node's journal.

use super::check::{may_speak, take};
use super::report::{Failure, path};
use super::{BYTES, BundleError, Contents, Kept, NODE, Proven};
use crate::id::{DeviceKey, OrganisationId, RecordId};
use crate::journal::{self, Hash};
use crate::ledger::{Entry, Fault, Ledger};
use crate::record::{Body, Header, Verified};
use crate::trust::{Trust, device, inception};
use std::collections::{BTreeMap, BTreeSet};

/// Where records and proofs come from. Every [`Ledger`] is one.
pub trait Source {
    /// Why it could not answer.
    type Error;
    /// How many records the journal holds.
    fn size(&self) -> u64;
    /// A record with its place in the journal.
    ///
    /// # Errors
    /// The source could not answer.
    fn find(&self, id: &RecordId) -> Result<Option<(u64, Entry)>, Self::Error>;
    /// The root of the journal when it held `size` records.
    ///
    /// # Errors
    /// The source could not answer.
    fn root(&self, size: u64) -> Result<Hash, Self::Error>;
    /// The RFC 6962 proof that a record stands at `position` in the journal of `size` records.
    ///
    /// # Errors
    /// The source could not answer.
    fn inclusion(&self, position: u64, size: u64) -> Result<Vec<Hash>, Self::Error>;
}

impl<L: Ledger> Source for L {
    type Error = Fault;

    fn size(&self) -> u64 {
        Ledger::size(self)
    }

    fn find(&self, id: &RecordId) -> Result<Option<(u64, Entry)>, Fault> {
        let position = Ledger::find(self, id)?;
        position.map(|position| Ok((position, self.entry(position)?))).transpose()
    }

    fn root(&self, size: u64) -> Result<Hash, Fault> {
        journal::root_at(size, |level, index| self.node(level, index))
    }

    fn inclusion(&self, position: u64, size: u64) -> Result<Vec<Hash>, Fault> {
        journal::inclusion(position, size, |level, index| self.node(level, index))
    }
}

/// Why no bundle could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssembleError<E> {
    /// The source could not answer.
    #[error("the store could not answer")]
    Source(E),
    /// A record is not in the journal.
    #[error("the record {0} is not in this node's journal")]
    NotFound(RecordId),
    /// What is in the journal no longer proves the record, as when the body of an attestation was lost.
    #[error("what this node holds does not prove the record {id}: {why}")]
    Unproven {
        /// The record.
        id: RecordId,
        /// What is missing.
        why: Failure,
    },
    /// More records than a bundle holds.
    #[error("{0}")]
    Bounds(BundleError),
}

/// The bundle of these records, with all that proves them to whoever knows the network's id.
///
/// `trust` is what the control records of the journal say, `charter` what it was founded with, `node` how the journal's node is named to
/// people: at most [`NODE`] bytes of it are kept.
///
/// # Errors
/// [`AssembleError`].
pub fn assemble<S: Source>(
    ids: &[RecordId],
    charter: (&Verified, &Body),
    trust: &Trust,
    node: &str,
    source: &S,
) -> Result<Vec<u8>, AssembleError<S::Error>> {
    let size = source.size();
    let targets = ids.iter().map(|id| find(id, size, source)).collect::<Result<Vec<_>, _>>()?;
    let fresh = Trust::found(charter.0, charter.1).map_err(|why| AssembleError::Bounds(BundleError::Charter(why.to_string())))?;
    let mut proof = Proof { trust: fresh, admitted: BTreeMap::new(), order: Vec::new() };
    proof.admit_all(candidates(&targets, trust, size, source)?);
    let control = proof.needed_by(&targets)?;
    let records = targets.into_iter().map(|(position, entry)| {
        let path = source.inclusion(position, size).map_err(AssembleError::Source)?;
        Ok(Proven { record: kept(entry), position, path })
    });
    let contents = Contents {
        charter: Kept::new(charter.0, Some(charter.1)),
        control,
        node: node.char_indices().filter(|(start, letter)| start + letter.len_utf8() <= NODE).map(|(_, letter)| letter).collect(),
        size,
        root: source.root(size).map_err(AssembleError::Source)?,
        records: records.collect::<Result<_, _>>()?,
    };
    let bytes = contents.encode();
    match bytes.len() {
        _ if !contents.is_bounded() => Err(AssembleError::Bounds(BundleError::Bounds)),
        length if length > BYTES => Err(AssembleError::Bounds(BundleError::TooLong(length))),
        _ => Ok(bytes),
    }
}

/// A record by its place in the journal.
type Found = (u64, Entry);

fn kept(entry: Entry) -> Kept {
    Kept { signed: entry.signed, body: entry.body }
}

/// The record, if it stood in the journal when that had `size` records.
fn find<S: Source>(id: &RecordId, size: u64, source: &S) -> Result<Found, AssembleError<S::Error>> {
    let found = source.find(id).map_err(AssembleError::Source)?;
    found.filter(|(position, _)| *position < size).ok_or(AssembleError::NotFound(*id))
}

/// The organisation that speaks, and with which device.
fn signer(entry: &Entry) -> (OrganisationId, DeviceKey) {
    let header = entry.signed.header();
    (if header.organisation.is_zero() { entry.id.into() } else { header.organisation }, header.device)
}

/// Every control record that may matter: how the authors and all above them began, who vouched for them, and the devices that signed this.
fn candidates<S: Source>(
    targets: &[Found],
    trust: &Trust,
    size: u64,
    source: &S,
) -> Result<BTreeMap<u64, Entry>, AssembleError<S::Error>> {
    let mut candidates = BTreeMap::new();
    let (mut met, mut looked_up) = (BTreeSet::new(), BTreeSet::new());
    let mut signers: Vec<_> = targets.iter().map(|(_, entry)| signer(entry)).collect();
    while let Some((organisation, device)) = signers.pop() {
        let mut wanted: Vec<RecordId> = trust.device_record(organisation, device).into_iter().collect();
        if met.insert(organisation) {
            wanted.push(organisation.into());
            wanted.extend(trust.attestations_of(organisation).iter().map(|held| held.record));
        }
        for id in wanted.into_iter().filter(|id| looked_up.insert(*id)) {
            let found = source.find(&id).map_err(AssembleError::Source)?;
            if let Some((position, entry)) = found.filter(|(position, _)| *position < size) {
                signers.push(signer(&entry));
                candidates.insert(position, entry);
            }
        }
    }
    Ok(candidates)
}

/// What was admitted anew, each record with those that it was admitted through.
struct Proof {
    trust: Trust,
    admitted: BTreeMap<RecordId, (Kept, BTreeSet<RecordId>)>,
    order: Vec<RecordId>,
}

impl Proof {
    /// Admits the candidates in the order of the journal, and those that must wait for a later one after it.
    fn admit_all(&mut self, candidates: BTreeMap<u64, Entry>) {
        let mut waiting: Vec<Kept> = candidates.into_values().map(kept).collect();
        let mut before = usize::MAX;
        while waiting.len() < before {
            before = waiting.len();
            waiting.retain(|kept| !self.admit(kept));
        }
    }

    fn admit(&mut self, kept: &Kept) -> bool {
        let Ok((record, _)) = take(kept.clone(), &mut self.trust) else { return false };
        let through = self.through(&record);
        self.admitted.insert(record.id(), (kept.clone(), through));
        self.order.push(record.id());
        true
    }

    /// The control records that an admitted record rests on, as far as they are admitted by now: its author's inception and device, and the
    /// path of its standing. An inception and a device stand as soon as anybody vouches, so there every attestation counts.
    fn through(&self, record: &Verified) -> BTreeSet<RecordId> {
        let (header, author): (&Header, _) = (record.header(), record.author());
        let mut through = BTreeSet::from([RecordId::from(author)]);
        through.extend(self.trust.device_record(author, header.device));
        for step in path(record, &self.trust) {
            through.extend([step.record, step.organisation.into()]);
        }
        if matches!(header.kind, inception::KIND | device::KIND) {
            through.extend(self.trust.attestations_of(author).iter().map(|held| held.record));
        }
        through.remove(&record.id());
        through
    }

    /// The least of the admitted records that admits the targets, in an order in which each is admitted when its turn comes.
    fn needed_by<E>(mut self, targets: &[Found]) -> Result<Vec<Kept>, AssembleError<E>> {
        let mut needed = BTreeSet::new();
        let mut open = Vec::new();
        for (_, entry) in targets {
            let record = self.target(entry).map_err(|why| AssembleError::Unproven { id: entry.id, why })?;
            open.extend(self.admitted.get(&entry.id).map_or_else(|| self.through(&record), |(_, through)| through.clone()));
        }
        while let Some(id) = open.pop() {
            if needed.insert(id) {
                open.extend(self.admitted.get(&id).into_iter().flat_map(|(_, through)| through).copied());
            }
        }
        self.order.retain(|id| needed.contains(id));
        Ok(self.order.iter().filter_map(|id| self.admitted.remove(id)).map(|(kept, _)| kept).collect())
    }

    fn target(&self, entry: &Entry) -> Result<Verified, Failure> {
        let record = entry.signed.verify(self.trust.network())?;
        let body = entry.body.clone().map(|sealed| record.open(sealed)).transpose()?;
        may_speak(&record, body.as_ref(), &self.trust)?;
        Ok(record)
    }
}
