//! Who may speak: the charter, the organisations with their devices, and who vouches for whom.
//!
//! [`Trust`] is what the admitted control records say together. It holds no verdicts: [`Trust::standing`] climbs the attestations
//! whenever it is asked, so that nothing need be taken back when more becomes known. Only forks and acts take back what was said: the
//! records from the forked place or the revoked device on count for nothing, nor do those that were admitted through them ([`Trust::stands`]).

pub mod act;
pub mod acts;
pub mod admit;
pub mod amendment;
pub mod attestation;
pub mod body;
pub mod charter;
pub mod closing;
pub mod device;
pub mod erasure;
mod erasures;
pub mod inception;
pub mod keys;
pub mod notice;
mod organisation;
pub mod recovery;
pub mod revocation;
pub mod standing;
pub mod succession;
pub mod suspension;
pub mod terms;

pub use act::{Last, Listed, Paper};
pub use admit::{AdmitError, Admitted, Missing, Refused, admit, would_admit};
pub use body::{Authorisation, BodyError, Localised, Place};
pub use charter::Charter;
pub use erasure::Erased;
pub use keys::Roots;
pub use organisation::{Device, Organisation};
pub use standing::{NoStanding, Right, Standing, Step};
pub use succession::Succession;
pub use terms::{SignedTwice, Term};

use crate::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use crate::limit;
use crate::log::LogId;
use crate::record::{Body, Header, Verified};
use crate::time::Millis;
use acts::Acts;
use std::collections::{BTreeMap, BTreeSet};

/// An attestation that was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attested {
    /// Who vouches.
    pub voucher: OrganisationId,
    /// When the voucher says that it was written.
    pub claimed_at: Millis,
    /// The attestation.
    pub record: RecordId,
    /// The voucher's device that wrote it.
    pub device: DeviceKey,
    /// Who is vouched for.
    pub subject: OrganisationId,
    /// It may publish.
    pub publish: bool,
    /// It may vouch.
    pub vouch: bool,
    /// How many levels may follow below it.
    pub depth: u8,
    /// The first moment at which it counts.
    pub from: Millis,
    /// The first moment at which it no longer counts.
    pub until: Millis,
}

/// Why a record founds no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CharterError {
    /// The header is not a founding charter's.
    #[error("a founding charter is of kind 0 and names no network, organisation or predecessor")]
    Header,
    /// The body is another record's.
    #[error("the body is another record's")]
    OtherBody,
    /// The charter is not signed by the first founder that it names.
    #[error("the charter must be signed by the first founder that it names")]
    Signer,
    /// What the charter says.
    #[error("{0}")]
    Body(#[from] BodyError),
}

/// What the admitted control records say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    network: NetworkId,
    /// One at least, the founding charter's.
    terms: Vec<Term>,
    acts: Acts,
    organisations: BTreeMap<OrganisationId, Organisation>,
    founded: BTreeMap<DeviceKey, OrganisationId>,
    attested: BTreeMap<OrganisationId, Vec<Attested>>,
    vouched: BTreeMap<OrganisationId, BTreeSet<OrganisationId>>,
    /// From and until when whose attestations for whom do not hold.
    suspended: BTreeMap<(OrganisationId, OrganisationId), Vec<Suspended>>,
    successions: BTreeMap<RecordId, BTreeSet<succession::Agreed>>,
    unsettled: Unsettled,
    erasures: erasures::Erasures,
    /// The first place of a log that does not stand, where there is one.
    until: BTreeMap<LogId, u64>,
}

/// From when and until when, and by which record.
type Suspended = (Millis, Millis, RecordId);

/// What acts that came after took back of what was admitted before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Unsettled {
    /// Logs that end earlier than before; without a last record, nothing in them counts.
    pub cut: BTreeMap<LogId, Option<Last>>,
    /// Organisations whose standing is to be counted anew, with that of all whom they vouched for.
    pub organisations: BTreeSet<OrganisationId>,
}

impl Trust {
    /// The network that this charter founds, before any organisation began.
    ///
    /// # Errors
    /// [`CharterError`].
    pub fn found(charter: &Verified, body: &Body) -> Result<Self, CharterError> {
        let header = charter.header();
        let open = header.network.is_zero() && header.organisation.is_zero() && header.seq == 0;
        if header.kind != charter::KIND || !open {
            return Err(CharterError::Header);
        }
        if body.of() != charter.id() {
            return Err(CharterError::OtherBody);
        }
        let network = charter.id().into();
        let charter = Charter::read(body.bytes())?;
        if charter.founders.first().map(|founder| founder.key) != Some(header.device) {
            return Err(CharterError::Signer);
        }
        Ok(Self::of(network, charter))
    }

    /// Takes in what an admitted record says. Gives the organisations whose waiting records may be admissible now.
    pub fn apply(&mut self, admitted: &Admitted, body: Option<&Body>) -> BTreeSet<OrganisationId> {
        let record = admitted.linked().record();
        self.replay(record.id(), record.header(), body.filter(|body| body.of() == record.id()).map(Body::bytes))
    }

    /// Takes in a record that this node admitted before. The door for a store that reads its own records back at start, and for
    /// an audit bundle, which has checked each signature itself: none is checked again, so nothing else may come through it. Records come in the order in which they were admitted. Gives the same as
    /// [`Trust::apply`].
    pub fn replay(&mut self, id: RecordId, header: &Header, body: Option<&[u8]>) -> BTreeSet<OrganisationId> {
        let Some(body) = body else { return BTreeSet::new() };
        let taken = match header.kind {
            inception::KIND => body::read(body).map(|inception| self.begin(id.into(), header, inception)),
            device::KIND => body::read(body).map(|device| self.add_device(id, header, &device)),
            succession::KIND => body::read::<Succession>(body).map(|_| self.agree(id, header)),
            attestation::KIND => body::read(body).map(|attestation| self.vouch(id, header, &attestation)),
            erasure::KIND => body::read::<erasure::Erasure>(body).map(|_| self.erase(id, header)),
            notice::KIND => body::read::<notice::Notice>(body).map(|_| self.notice(id, header)),
            kind if acts::is_act(kind) => return self.act(id, header, body),
            _ => return BTreeSet::new(),
        };
        taken.unwrap_or_default()
    }

    /// The network.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// The founding charter.
    pub fn charter(&self) -> &Charter {
        &self.terms[0].charter
    }

    /// The organisations whose inception is known and which any charter that counts names among its founders, in the order of their ids.
    pub fn founders(&self) -> impl Iterator<Item = &Organisation> {
        let keys: BTreeSet<_> = self.terms.iter().flat_map(|term| &term.keys).collect();
        let founders: BTreeSet<_> = keys.into_iter().filter_map(|key| self.founded_by(*key)).collect();
        founders.into_iter().filter_map(|id| self.organisations.get(&id))
    }

    /// An organisation whose inception was admitted.
    pub fn organisation(&self, id: OrganisationId) -> Option<&Organisation> {
        self.organisations.get(&id)
    }

    /// All organisations whose inception was admitted, in the order of their ids.
    pub fn organisations(&self) -> impl Iterator<Item = &Organisation> {
        self.organisations.values()
    }

    /// Whether a record that this node's journal holds is to be shown, relayed and counted. It was admitted once; a fork may have shown
    /// since then that it, or a record of its log before it, was admitted on the word of somebody who contradicts himself.
    pub fn stands(&self, id: RecordId, header: &Header) -> bool {
        !self.is_stopped(header) && (!acts::is_act(header.kind) || self.is_grounded(id, header))
    }

    /// Whether the log of a record stands still before its place.
    pub(crate) fn is_stopped(&self, header: &Header) -> bool {
        self.until.get(&LogId::from(header)).is_some_and(|first| header.seq >= *first)
    }

    fn is_grounded(&self, id: RecordId, header: &Header) -> bool {
        let organisation = header.organisation;
        let first = if organisation.is_zero() { RecordId(self.network.0) } else { organisation.into() };
        (organisation.is_zero() || self.organisations.contains_key(&organisation)) && self.acts.is_grounded(id, first)
    }

    /// The attestations for an organisation, by voucher and time; of each of its devices at most [`limit::ATTESTATIONS`].
    pub fn attestations_of(&self, subject: OrganisationId) -> &[Attested] {
        self.attested.get(&subject).map_or(&[], Vec::as_slice)
    }

    /// The organisations that `voucher` ever vouched for, in the order of their ids.
    pub fn vouched_by(&self, voucher: OrganisationId) -> impl Iterator<Item = OrganisationId> {
        self.vouched.get(&voucher).into_iter().flatten().copied()
    }

    /// The record by which an organisation added a device under the roots that act; none for the device that signed its inception, and for
    /// one that a later key event lists.
    pub fn device_record(&self, organisation: OrganisationId, device: DeviceKey) -> Option<RecordId> {
        self.organisation(organisation)?.device_record(device)
    }

    /// The records of all acts of an organisation, or with zero the amendments of the charter, in the order of their ids.
    pub fn acts_of(&self, organisation: OrganisationId) -> impl Iterator<Item = &acts::Act> {
        self.acts.of(organisation)
    }

    /// What erased a record: its author's erasure or a notice of an organisation that moderated, when one stands. Of one device the first
    /// [`limit::ERASURES`] of each in its log count.
    pub fn erased(&self, record: RecordId, header: &Header) -> Option<Erased> {
        self.erasures.of(record, header)
    }

    /// What organisations erased of their own, and the notices that have an effect, with the record that each is about, known or not.
    pub fn erasures(&self) -> impl Iterator<Item = (RecordId, Erased)> {
        self.erasures.all()
    }

    /// Whether an organisation moderates at a moment: whether its notices written then erase what others said.
    pub fn moderates(&self, organisation: OrganisationId, at: Millis) -> bool {
        self.is_founder(organisation, at)
    }

    fn founded_by(&self, key: DeviceKey) -> Option<OrganisationId> {
        self.founded.get(&key).copied()
    }

    fn is_founding_key(&self, key: DeviceKey) -> bool {
        self.terms.iter().any(|term| term.keys.contains(&key))
    }

    /// The roots that a key event gives an organisation.
    fn roots(&self, organisation: OrganisationId, event: RecordId) -> Result<Roots, AdmitError> {
        let known = self.organisation(organisation).ok_or(AdmitError::Missing(Missing::Inception(organisation)))?;
        if event == organisation.into() {
            return Ok(known.begun.clone());
        }
        self.acts.roots(organisation, event).ok_or(AdmitError::Missing(Missing::Act(event)))
    }

    fn begin(&mut self, id: OrganisationId, header: &Header, inception: inception::Inception) -> BTreeSet<OrganisationId> {
        self.founded.insert(header.device, id);
        self.organisations.entry(id).or_insert_with(|| Organisation::begin(id, header, inception));
        // What it says comes after, so nothing of that is taken back.
        self.settle(id);
        BTreeSet::from([id])
    }

    fn add_device(&mut self, record: RecordId, header: &Header, said: &device::Device) -> BTreeSet<OrganisationId> {
        let organisation = header.organisation;
        let Some(known) = self.organisations.get_mut(&organisation) else { return BTreeSet::new() };
        known.say(record, header, said);
        self.settle_anew(organisation);
        BTreeSet::from([organisation])
    }

    /// Takes in an act. What was admitted before and falls with it is left in [`Trust::take_unsettled`].
    fn act(&mut self, record: RecordId, header: &Header, body: &[u8]) -> BTreeSet<OrganisationId> {
        if !self.acts.insert(record, header, body) {
            return BTreeSet::new();
        }
        self.settle_acts_of(header.organisation)
    }

    /// Forgets an act whose carrier contradicted itself.
    pub(crate) fn withdraw(&mut self, record: RecordId) {
        if let Some(organisation) = self.acts.remove(record) {
            self.settle_acts_of(organisation);
        }
    }

    /// Whether something came to light that takes back what was admitted before.
    pub(crate) fn is_settled(&self) -> bool {
        self.unsettled == Unsettled::default()
    }

    fn settle_acts_of(&mut self, organisation: OrganisationId) -> BTreeSet<OrganisationId> {
        if !organisation.is_zero() {
            self.settle_anew(organisation);
            return self.below(organisation);
        }
        let mut gained = BTreeSet::from([organisation]);
        if self.settle_terms() {
            self.weigh_notices();
            self.unsettled.organisations.extend(self.named());
            gained.extend(self.named());
        }
        gained
    }

    /// What acts took back since this was last asked.
    pub(crate) fn take_unsettled(&mut self) -> Unsettled {
        std::mem::take(&mut self.unsettled)
    }

    /// [`Trust::settle`], of an organisation that may have said something already.
    fn settle_anew(&mut self, id: OrganisationId) {
        let Unsettled { cut, organisations } = self.settle(id);
        self.unsettled.cut.extend(cut);
        self.unsettled.organisations.extend(organisations);
    }

    /// Works out what an organisation's inception, devices and acts add up to. Gives what that takes back.
    fn settle(&mut self, id: OrganisationId) -> Unsettled {
        let Some(known) = self.organisations.get_mut(&id) else { return Unsettled::default() };
        let resolved = self.acts.resolve(id, &known.begun);
        let cut = known.settle(&resolved).into_iter().map(|(device, last)| (LogId { organisation: id, device }, last)).collect();
        let mut suspended: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (subject, from, until, record) in resolved.suspended {
            suspended.entry((id, subject)).or_default().push((from, until, record));
        }
        let before = self.forget_suspensions(id);
        let pairs = before.keys().chain(suspended.keys()).filter(|pair| before.get(pair) != suspended.get(pair));
        let organisations = pairs.map(|(_, subject)| *subject).collect();
        self.suspended.extend(suspended);
        Unsettled { cut, organisations }
    }

    fn forget_suspensions(&mut self, voucher: OrganisationId) -> BTreeMap<(OrganisationId, OrganisationId), Vec<Suspended>> {
        let of = (voucher, OrganisationId::ZERO)..=(voucher, OrganisationId([0xff; 32]));
        let pairs: Vec<_> = self.suspended.range(of).map(|(pair, _)| *pair).collect();
        pairs.into_iter().filter_map(|pair| self.suspended.remove_entry(&pair)).collect()
    }

    fn agree(&mut self, record: RecordId, header: &Header) -> BTreeSet<OrganisationId> {
        let agreed = succession::Agreed { organisation: header.organisation, claimed_at: header.claimed_at, record };
        self.successions.entry(header.subject).or_default().insert(agreed);
        BTreeSet::new()
    }

    fn vouch(&mut self, record: RecordId, header: &Header, said: &attestation::Attestation) -> BTreeSet<OrganisationId> {
        let new = Attested {
            voucher: header.organisation,
            claimed_at: header.claimed_at,
            record,
            device: header.device,
            subject: OrganisationId::from(header.subject),
            publish: said.covers(attestation::PUBLISH),
            vouch: said.covers(attestation::VOUCH),
            depth: said.depth,
            from: said.from,
            until: said.until,
        };
        let held = self.attested.entry(new.subject).or_default();
        let from = held.partition_point(|each| each.voucher < new.voucher);
        let of_voucher = held[from..].iter().take_while(|each| each.voucher == new.voucher);
        let own = of_voucher.filter(|each| each.device == new.device).count();
        match held.binary_search(&new) {
            Err(place) if own < limit::ATTESTATIONS => held.insert(place, new),
            _ => return BTreeSet::new(),
        }
        self.vouched.entry(new.voucher).or_default().insert(new.subject);
        self.below(new.subject)
    }

    fn erase(&mut self, record: RecordId, header: &Header) -> BTreeSet<OrganisationId> {
        self.erasures.erase(record, header);
        BTreeSet::new()
    }

    fn notice(&mut self, record: RecordId, header: &Header) -> BTreeSet<OrganisationId> {
        let moderates = self.moderates(header.organisation, header.claimed_at);
        self.erasures.notice(record, header, moderates);
        BTreeSet::new()
    }

    /// Decides anew which notices have an effect: who moderates may have changed.
    fn weigh_notices(&mut self) {
        let mut erasures = std::mem::take(&mut self.erasures);
        erasures.weigh(|organisation, at| self.moderates(organisation, at));
        self.erasures = erasures;
    }

    /// The organisation and those that may stand through it.
    fn below(&self, organisation: OrganisationId) -> BTreeSet<OrganisationId> {
        let mut met = BTreeSet::from([organisation]);
        let mut level = vec![organisation];
        for _ in 1..self.terms.iter().map(|term| term.charter.depth).max().unwrap_or_default() {
            level = level.iter().flat_map(|each| self.vouched_by(*each)).filter(|each| met.insert(*each)).collect();
        }
        met
    }

    /// All organisations that were ever vouched for by these, or by one of those, and so on; these too.
    pub(crate) fn reached_from(&self, organisations: BTreeSet<OrganisationId>) -> BTreeSet<OrganisationId> {
        let mut level: Vec<_> = organisations.iter().copied().collect();
        let mut met = organisations;
        while !level.is_empty() {
            level = level.iter().flat_map(|each| self.vouched_by(*each)).filter(|each| met.insert(*each)).collect();
        }
        met
    }

    /// All organisations that began here or are vouched for.
    pub(crate) fn named(&self) -> BTreeSet<OrganisationId> {
        self.organisations.keys().chain(self.attested.keys()).copied().collect()
    }

    /// The logs of an organisation that is known here: that of its inception, and one for each device that it ever had or listed.
    pub(crate) fn logs_of(&self, organisation: OrganisationId) -> BTreeSet<LogId> {
        let Some(known) = self.organisation(organisation) else { return BTreeSet::new() };
        let inception = LogId { organisation: OrganisationId::ZERO, device: known.founding };
        let listed = self.acts.of(organisation).flat_map(|act| act.deed.devices());
        let devices = known.all_devices().chain(listed).map(|device| LogId { organisation, device });
        devices.chain([inception]).collect()
    }

    /// Takes back all that these organisations ever said, their inceptions included.
    pub(crate) fn forget(&mut self, organisations: &BTreeSet<OrganisationId>) {
        let mut notices = false;
        for each in organisations {
            for subject in self.vouched.remove(each).unwrap_or_default() {
                if let Some(held) = self.attested.get_mut(&subject) {
                    held.retain(|attested| attested.voucher != *each);
                    if held.is_empty() {
                        self.attested.remove(&subject);
                    }
                }
            }
            notices |= self.erasures.forget(*each);
            self.forget_suspensions(*each);
            if let Some(known) = self.organisations.remove(each)
                && self.founded.get(&known.founding) == Some(each)
            {
                self.founded.remove(&known.founding);
            }
        }
        if notices {
            self.weigh_notices();
        }
        for agreed in self.successions.values_mut() {
            agreed.retain(|agreed| !organisations.contains(&agreed.organisation));
        }
        self.successions.retain(|_, agreed| !agreed.is_empty());
    }

    /// What the founding charter alone says.
    pub(crate) fn begin_anew(&mut self) {
        *self = Self::of(self.network, self.charter().clone());
    }

    fn of(network: NetworkId, charter: Charter) -> Self {
        Self {
            network,
            terms: vec![Term::founding(network, charter)],
            acts: Acts::default(),
            organisations: BTreeMap::new(),
            founded: BTreeMap::new(),
            attested: BTreeMap::new(),
            vouched: BTreeMap::new(),
            suspended: BTreeMap::new(),
            successions: BTreeMap::new(),
            unsettled: Unsettled::default(),
            erasures: erasures::Erasures::default(),
            until: BTreeMap::new(),
        }
    }

    /// The first place of a log that does not stand.
    pub(crate) fn until(&self, log: &LogId) -> Option<u64> {
        self.until.get(log).copied()
    }

    /// Sets the first place of a log that does not stand; none when all of it stands.
    pub(crate) fn set_until(&mut self, log: LogId, first: Option<u64>) {
        match first {
            Some(first) => self.until.insert(log, first),
            None => self.until.remove(&log),
        };
    }
}
