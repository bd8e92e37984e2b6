//! Which records prove a record, gathered from a node's journal.

use super::check::{Open, may_speak, open, take};
use super::report::{Failure, path};
use super::{BYTES, BundleError, CHECKPOINTS, Contents, Kept, NODE, Proven, WITNESSES};
use crate::checkpoint::{LogKey, Published, WitnessKey};
use crate::id::{DeviceKey, OrganisationId, RecordId};
use crate::journal::{self, Hash};
use crate::ledger::{Entry, Fault, Ledger};
use crate::record::{Body, Header, Verified};
use crate::trust::{Trust, amendment, device, inception};
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

/// The node whose journal it is. A name alone will do, and proves no time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Issuer<'a> {
    /// How people call it; at most [`NODE`] bytes are kept.
    pub name: &'a str,
    /// The key of its log.
    pub log: Option<&'a LogKey>,
    /// Checkpoints of its journal. Those that do not cover every record, or are of another tree than the first that does, are left out.
    pub checkpoints: &'a [Published],
    /// Whom it asks to cosign; at most [`WITNESSES`] are named.
    pub witnesses: &'a [WitnessKey],
}

impl<'a> From<&'a str> for Issuer<'a> {
    fn from(name: &'a str) -> Self {
        Self { name, ..Self::default() }
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
        why: Box<Failure>,
    },
    /// More records than a bundle holds.
    #[error("{0}")]
    Bounds(BundleError),
}

/// The bundle of these records, with all that proves them to whoever knows the network's id.
///
/// `trust` is what the control records of the journal say, `charter` what it was founded with, `issuer` the journal's node. The places of the
/// records are proven in the tree of a checkpoint, where one covers them, and else in that of the whole journal.
///
/// # Errors
/// [`AssembleError`].
pub fn assemble<'a, S: Source>(
    ids: &[RecordId],
    charter: (&Verified, &Body),
    trust: &Trust,
    issuer: impl Into<Issuer<'a>>,
    source: &S,
) -> Result<Vec<u8>, AssembleError<S::Error>> {
    let issuer = issuer.into();
    let whole = source.size();
    let targets = ids.iter().map(|id| find(id, whole, source)).collect::<Result<Vec<_>, _>>()?;
    let fresh = Trust::found(charter.0, charter.1).map_err(|why| AssembleError::Bounds(BundleError::Charter(why.to_string())))?;
    let mut proof = Proof { trust: fresh, admitted: BTreeMap::new(), order: Vec::new() };
    proof.admit_all(candidates(&targets, trust, whole, source)?);
    let control = proof.needed_by(&targets, trust)?;
    let checkpoints = covering(&issuer, &targets, source)?;
    let size = checkpoints.first().map_or(whole, |published| published.checkpoint().size);
    let records = targets.into_iter().map(|(position, entry)| {
        let path = source.inclusion(position, size).map_err(AssembleError::Source)?;
        Ok(Proven { record: kept(entry), position, path })
    });
    let name = issuer.name.char_indices().filter(|(start, letter)| start + letter.len_utf8() <= NODE).map(|(_, letter)| letter);
    let contents = Contents {
        charter: Kept::new(charter.0, Some(charter.1)),
        control,
        node: name.collect(),
        size,
        root: source.root(size).map_err(AssembleError::Source)?,
        log: issuer.log.map(ToString::to_string).unwrap_or_default(),
        checkpoints: checkpoints.into_iter().map(|published| published.note().to_string()).collect(),
        witnesses: issuer.witnesses.iter().take(WITNESSES).map(ToString::to_string).collect(),
        records: records.collect::<Result<_, _>>()?,
    };
    let bytes = contents.encode();
    match bytes.len() {
        _ if !contents.is_bounded() => Err(AssembleError::Bounds(BundleError::Bounds)),
        length if length > BYTES => Err(AssembleError::Bounds(BundleError::TooLong(length))),
        _ => Ok(bytes),
    }
}

/// The checkpoints of one tree that holds all the targets. One that the journal does not continue is of another journal, and is left out.
fn covering<'a, S: Source>(
    issuer: &Issuer<'a>,
    targets: &[Found],
    source: &S,
) -> Result<Vec<&'a Published>, AssembleError<S::Error>> {
    let last = targets.iter().map(|(position, _)| *position).max().unwrap_or_default();
    let mut covering: Vec<&Published> = Vec::new();
    for published in issuer.checkpoints.iter().filter(|_| issuer.log.is_some()) {
        let tree = published.checkpoint();
        let fits = match covering.first() {
            Some(first) => first.checkpoint() == tree,
            None => {
                (last + 1..=source.size()).contains(&tree.size)
                    && source.root(tree.size).map_err(AssembleError::Source)? == tree.root
            }
        };
        if fits && covering.len() < CHECKPOINTS {
            covering.push(published);
        }
    }
    Ok(covering)
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

/// The erasure of a record, where one stands.
fn erasure_of(entry: &Entry, trust: &Trust) -> Option<RecordId> {
    trust.erased(entry.id, entry.signed.header()).map(|erased| erased.record)
}

/// The organisation that speaks, and with which device.
fn signer(entry: &Entry) -> (OrganisationId, DeviceKey) {
    let header = entry.signed.header();
    (if header.organisation.is_zero() { entry.id.into() } else { header.organisation }, header.device)
}

/// The amendments of the charter that count, and those that may contradict them where one of them is to be proven.
fn amendments(targets: &[Found], trust: &Trust) -> BTreeSet<RecordId> {
    let all = targets.iter().any(|(_, entry)| entry.signed.header().kind == amendment::KIND);
    let counting = trust.terms().iter().skip(1).map(|term| term.record);
    trust.acts_of(OrganisationId::ZERO).filter(|_| all).map(|act| act.record).chain(counting).collect()
}

/// Every control record that may matter: the charter's amendments; how the authors and all above them began and what they decided, who
/// vouched for them, and the devices that signed this.
fn candidates<S: Source>(
    targets: &[Found],
    trust: &Trust,
    size: u64,
    source: &S,
) -> Result<BTreeMap<u64, Entry>, AssembleError<S::Error>> {
    let mut candidates = BTreeMap::new();
    let (mut met, mut looked_up) = (BTreeSet::new(), BTreeSet::new());
    let mut signers: Vec<_> = targets.iter().map(|(_, entry)| signer(entry)).collect();
    for id in amendments(targets, trust).into_iter().chain(targets.iter().filter_map(|(_, entry)| erasure_of(entry, trust))) {
        if let Some((position, entry)) = source.find(&id).map_err(AssembleError::Source)?.filter(|(position, _)| *position < size)
        {
            signers.push(signer(&entry));
            candidates.insert(position, entry);
        }
    }
    while let Some((organisation, device)) = signers.pop() {
        let mut wanted: Vec<RecordId> = trust.device_record(organisation, device).into_iter().collect();
        if met.insert(organisation) {
            wanted.push(organisation.into());
            wanted.extend(trust.attestations_of(organisation).iter().map(|held| held.record));
            wanted.extend(trust.acts_of(organisation).map(|act| act.record));
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
    /// Admits the candidates in the order of the journal, and those that must wait for a later one after it; twice, as a reader does, so that
    /// nothing is left that an act takes back.
    fn admit_all(&mut self, candidates: BTreeMap<u64, Entry>) {
        let network = self.trust.network();
        let opened = |kept: Kept| Some((open(kept.clone(), network).ok()?, kept));
        let all: Vec<_> = candidates.into_values().filter_map(|entry| opened(kept(entry))).collect();
        for _ in 0..2 {
            self.trust.forget(&self.trust.named());
            (self.admitted, self.order) = Default::default();
            let (mut waiting, mut before) = (all.iter().collect::<Vec<_>>(), usize::MAX);
            while waiting.len() < before {
                before = waiting.len();
                waiting.retain(|(open, kept)| !self.admit(open, kept));
            }
        }
    }

    fn admit(&mut self, open: &Open, kept: &Kept) -> bool {
        let Ok((record, _)) = take(open, &mut self.trust) else { return false };
        let through = self.through(&record);
        self.admitted.insert(record.id(), (kept.clone(), through));
        self.order.push(record.id());
        true
    }

    /// The control records that an admitted record rests on, as far as they are admitted by now: its author's inception and device, and the
    /// path of its standing. An inception and a device stand as soon as anybody vouches, so there every attestation counts. Whatever rests on
    /// an inception rests on all acts of that organisation.
    fn through(&self, record: &Verified) -> BTreeSet<RecordId> {
        let (header, author): (&Header, _) = (record.header(), record.author());
        let mut through = BTreeSet::from([RecordId::from(author)]);
        through.extend(self.trust.device_record(author, header.device));
        for step in path(record, &self.trust) {
            through.extend([step.record, step.organisation.into()]);
        }
        if matches!(header.kind, inception::KIND | device::KIND) {
            through.extend(self.trust.attestations_of(author).iter().map(|held| held.record));
            through.extend(self.trust.acts_of(author).map(|act| act.record));
        }
        through.remove(&record.id());
        through
    }

    /// The least of the admitted records that admits the targets, in an order in which each is admitted when its turn comes.
    /// The erasures of targets are needed as well, as far as they are admitted.
    fn needed_by<E>(mut self, targets: &[Found], trust: &Trust) -> Result<Vec<Kept>, AssembleError<E>> {
        let mut needed = BTreeSet::new();
        let mut open: Vec<_> = amendments(targets, &self.trust).into_iter().collect();
        for (_, entry) in targets {
            let record = self.target(entry).map_err(|why| AssembleError::Unproven { id: entry.id, why: why.into() })?;
            open.extend(self.admitted.get(&entry.id).map_or_else(|| self.through(&record), |(_, through)| through.clone()));
            open.extend(erasure_of(entry, trust).filter(|erasure| self.admitted.contains_key(erasure)));
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
