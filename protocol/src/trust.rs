//! Who may speak: the charter, the organisations with their devices, and who vouches for whom.
//!
//! [`Trust`] is what the admitted control records say together. It holds no verdicts: [`Trust::standing`] climbs the attestations
//! whenever it is asked, so that nothing need be taken back when more becomes known. Only a fork takes back what was said: the records
//! from the forked place on count for nothing, nor do those that were admitted through them ([`Trust::stands`]).

pub mod admit;
pub mod attestation;
pub mod body;
pub mod charter;
pub mod device;
pub mod erasure;
mod erasures;
pub mod inception;
pub mod notice;
pub mod standing;

pub use admit::{AdmitError, Admitted, Missing, Refused, admit, would_admit};
pub use body::{Authorisation, BodyError, Localised, Place};
pub use charter::Charter;
pub use erasure::Erased;
pub use standing::{NoStanding, Right, Standing, Step};

use crate::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use crate::limit;
use crate::log::LogId;
use crate::record::{Body, Header, Verified};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// An organisation whose inception was admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// The id of its inception.
    pub id: OrganisationId,
    /// Its name.
    pub name: Localised,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// When it says that it began.
    pub since: Millis,
    /// Its roots.
    pub roots: Vec<DeviceKey>,
    /// How many roots act for it.
    pub threshold: u32,
    /// Its devices and what it calls them; the first one's label is empty.
    pub devices: BTreeMap<DeviceKey, String>,
}

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
    charter: Charter,
    founders: BTreeSet<OrganisationId>,
    organisations: BTreeMap<OrganisationId, Organisation>,
    founded: BTreeMap<DeviceKey, OrganisationId>,
    attested: BTreeMap<OrganisationId, Vec<Attested>>,
    vouched: BTreeMap<OrganisationId, BTreeSet<OrganisationId>>,
    /// By which record each device was added, of several the one that was written first.
    added: BTreeMap<(OrganisationId, DeviceKey), (Millis, RecordId)>,
    erasures: erasures::Erasures,
    /// The first place of a log that does not stand, where there is one.
    until: BTreeMap<LogId, u64>,
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
            device::KIND => body::read(body).map(|device| self.add_device(id, header, device)),
            attestation::KIND => body::read(body).map(|attestation| self.vouch(id, header, &attestation)),
            erasure::KIND => body::read::<erasure::Erasure>(body).map(|_| self.erase(id, header)),
            notice::KIND => body::read::<notice::Notice>(body).map(|_| self.notice(id, header)),
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
        &self.charter
    }

    /// The organisations that founded the network and whose inception is known.
    pub fn founders(&self) -> impl Iterator<Item = &Organisation> {
        self.founders.iter().filter_map(|id| self.organisations.get(id))
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
    pub fn stands(&self, header: &Header) -> bool {
        self.until.get(&LogId::from(header)).is_none_or(|first| header.seq < *first)
    }

    /// The attestations for an organisation, by voucher and time; of each of its devices at most [`limit::ATTESTATIONS`].
    pub fn attestations_of(&self, subject: OrganisationId) -> &[Attested] {
        self.attested.get(&subject).map_or(&[], Vec::as_slice)
    }

    /// The organisations that `voucher` ever vouched for, in the order of their ids.
    pub fn vouched_by(&self, voucher: OrganisationId) -> impl Iterator<Item = OrganisationId> {
        self.vouched.get(&voucher).into_iter().flatten().copied()
    }

    /// The record by which an organisation added a device; none for the device that signed its inception.
    pub fn device_record(&self, organisation: OrganisationId, device: DeviceKey) -> Option<RecordId> {
        self.added.get(&(organisation, device)).map(|(_, record)| *record)
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
    pub fn moderates(&self, organisation: OrganisationId, _at: Millis) -> bool {
        self.founders.contains(&organisation)
    }

    fn founded_by(&self, key: DeviceKey) -> Option<OrganisationId> {
        self.founded.get(&key).copied()
    }

    fn is_founding_key(&self, key: DeviceKey) -> bool {
        self.charter.founders.iter().any(|founder| founder.key == key)
    }

    fn begin(&mut self, id: OrganisationId, header: &Header, inception: inception::Inception) -> BTreeSet<OrganisationId> {
        if self.is_founding_key(header.device) {
            self.founders.insert(id);
        }
        self.founded.insert(header.device, id);
        let organisation = Organisation {
            id,
            name: inception.name,
            country: inception.country,
            since: header.claimed_at,
            roots: inception.roots,
            threshold: inception.threshold,
            devices: BTreeMap::from([(header.device, String::new())]),
        };
        self.organisations.entry(id).or_insert(organisation);
        BTreeSet::from([id])
    }

    fn add_device(&mut self, record: RecordId, header: &Header, said: device::Device) -> BTreeSet<OrganisationId> {
        let organisation = header.organisation;
        let Some(known) = self.organisations.get_mut(&organisation) else { return BTreeSet::new() };
        if self.founded.get(&said.device) != Some(&organisation) {
            let written = (header.claimed_at, record);
            let first = self.added.entry((organisation, said.device)).or_insert(written);
            if written <= *first {
                *first = written;
                known.devices.insert(said.device, said.label);
            }
        }
        BTreeSet::from([organisation])
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
        for _ in 1..self.charter.depth {
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

    /// The logs of an organisation that is known here: that of its inception, and one for each device.
    pub(crate) fn logs_of(&self, organisation: OrganisationId) -> BTreeSet<LogId> {
        let devices = || self.organisation(organisation).into_iter().flat_map(|known| known.devices.keys().copied());
        let founding = devices().filter(|device| self.founded_by(*device) == Some(organisation));
        let inception = founding.map(|device| LogId { organisation: OrganisationId::ZERO, device });
        inception.chain(devices().map(|device| LogId { organisation, device })).collect()
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
            self.founders.remove(each);
            notices |= self.erasures.forget(*each);
            for device in self.organisations.remove(each).into_iter().flat_map(|known| known.devices.into_keys()) {
                self.added.remove(&(*each, device));
                if self.founded.get(&device) == Some(each) {
                    self.founded.remove(&device);
                }
            }
        }
        if notices {
            self.weigh_notices();
        }
    }

    /// What the founding charter alone says.
    pub(crate) fn begin_anew(&mut self) {
        *self = Self::of(self.network, self.charter.clone());
    }

    fn of(network: NetworkId, charter: Charter) -> Self {
        Self {
            network,
            charter,
            founders: BTreeSet::new(),
            organisations: BTreeMap::new(),
            founded: BTreeMap::new(),
            attested: BTreeMap::new(),
            vouched: BTreeMap::new(),
            added: BTreeMap::new(),
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
