//! The one door to [`Admitted`]: a linked record whose author may speak.

use super::{
    Last, Organisation, Right, Succession, Trust, acts, amendment, attestation, body::BodyError, charter, device, erasure,
    inception, notice, standing::NoStanding, succession,
};
use crate::id::{DeviceKey, OrganisationId, RecordId};
use crate::limit;
use crate::log::Linked;
use crate::record::{Body, Header, Proposed};
use crate::time::Millis;

/// A record that may be shown, relayed and counted. Made by [`admit`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Admitted(Linked);

impl Admitted {
    /// The record in its log.
    pub fn linked(&self) -> &Linked {
        &self.0
    }
}

/// Why a record is not admitted, sorted by who must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdmitError {
    /// The receiver must fetch something first.
    #[error("{0}")]
    Missing(Missing),
    /// The author must find a voucher; until then the record waits in quarantine.
    #[error("the author has no standing: {0}")]
    NoStanding(NoStanding),
    /// The log of the author's device ended before this record; unless the author's roots decide otherwise, it waits in quarantine.
    #[error("{0}")]
    Ended(Ended),
    /// Nothing will make it acceptable.
    #[error("{0}")]
    Refused(Refused),
}

/// That the roots of an organisation ended the log of a device before a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the roots of {organisation} ended the log of {device} at place {}; write with another device", last.seq)]
pub struct Ended {
    /// The author.
    pub organisation: OrganisationId,
    /// The key that signed.
    pub device: DeviceKey,
    /// The last record of its log that counts.
    pub last: Last,
}

/// What must be known first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// The author's inception.
    #[error("the inception of {0} is missing")]
    Inception(OrganisationId),
    /// The record by which the organisation adds this device.
    #[error("the record that gives {organisation} the device {device} is missing")]
    Device {
        /// The author.
        organisation: OrganisationId,
        /// The key that signed.
        device: DeviceKey,
    },
    /// The body of a control record.
    #[error("the body of the control record {0} is missing")]
    Body(RecordId),
    /// An act that another rests on: a key event or a recovery.
    #[error("the act {0} of the same organisation, on which this one rests, is missing")]
    Act(RecordId),
    /// An amendment of the charter that another rests on.
    #[error("the amendment {0} of the charter, on which this one rests, is missing")]
    Amendment(RecordId),
}

/// Why a record can never be admitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It belongs to another network.
    #[error("the record belongs to another network")]
    Network,
    /// A founding charter stands in no log.
    #[error("a founding charter stands in no log")]
    Charter,
    /// An inception or an amendment names no organisation, and every other record does so.
    #[error("an inception or an amendment, and no other record, leaves its organisation open")]
    Author,
    /// An act stands alone in a log of its own.
    #[error("an act is the first record of a log of its own, whose key is made for it")]
    NotAlone,
    /// A confirmation before the delay has passed.
    #[error("a recovery can be confirmed from {} ms on, when the guardians have waited for as long as the organisation said", due.0)]
    TooEarly {
        /// The first moment.
        due: Millis,
    },
    /// The key founded another organisation before.
    #[error("the key founded {0} before; a key founds one organisation")]
    SecondInception(OrganisationId),
    /// The body that was given is another record's.
    #[error("the body is another record's")]
    OtherBody,
    /// An attestation for nobody, an erasure or a notice of nothing, a suspension of another than its text says.
    #[error(
        "the record names no subject, or another than its text: an attestation is for an organisation, an erasure or a notice of a record"
    )]
    NoSubject,
    /// The organisation has as many devices as it may.
    #[error("the organisation has {bound} devices already", bound = limit::DEVICES)]
    TooManyDevices,
    /// The body of a control record is wrong.
    #[error("{0}")]
    Body(#[from] BodyError),
}

impl<T: Into<Refused>> From<T> for AdmitError {
    fn from(why: T) -> Self {
        Self::Refused(why.into())
    }
}

/// Whether `linked` may be shown, relayed and counted, by what `trust` knows now. `body` is needed for the control kinds that this
/// program understands; an unknown kind of an organisation with standing is admitted without.
///
/// A record that is not admitted for something missing or for want of standing may be given again after [`Trust::apply`]: knowing
/// more never turns an admitted record away, so replicas admit the same records whatever the order in which they arrive. Only an
/// organisation that authorises more than [`limit::DEVICES`] devices is judged by arrival.
///
/// # Errors
/// [`AdmitError`], sorted by who must act.
pub fn admit(linked: Linked, body: Option<&Body>, trust: &Trust) -> Result<Admitted, AdmitError> {
    let record = linked.record();
    if body.is_some_and(|body| body.of() != record.id()) {
        return Err(Refused::OtherBody.into());
    }
    check(record.id(), record.header(), body.map(Body::bytes), trust, Inside::New)?;
    Ok(Admitted(linked))
}

/// Whether what is proposed would be admitted if it were signed and continued its log. `body` is the one that its header commits to.
///
/// # Errors
/// As [`admit`].
pub fn would_admit(proposed: &Proposed, body: &[u8], trust: &Trust) -> Result<(), AdmitError> {
    check(proposed.id(), proposed.header(), Some(body), trust, Inside::New)
}

/// The signatures inside a body, beside that of its record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    /// Not checked yet.
    New,
    /// They held when this node admitted the record, by keys that the body names, so they hold for good.
    Checked,
}

/// [`admit`], for a record whose place in its log is not asked: one that this node admitted before, or one in an audit bundle. Its own signature
/// must have been checked.
pub(crate) fn check(id: RecordId, header: &Header, body: Option<&[u8]>, trust: &Trust, inside: Inside) -> Result<(), AdmitError> {
    if header.network != trust.network() {
        return Err(Refused::Network.into());
    }
    if header.kind == charter::KIND {
        return Err(Refused::Charter.into());
    }
    if matches!(header.kind, inception::KIND | amendment::KIND) != header.organisation.is_zero() {
        return Err(Refused::Author.into());
    }
    match header.kind {
        inception::KIND => check_inception(id, header, body, trust, inside)?,
        device::KIND => check_device(id, header, body, trust, inside)?,
        attestation::KIND => check_attestation(id, header, body, trust)?,
        erasure::KIND | notice::KIND => check_erasure(id, header, body, trust)?,
        succession::KIND => check_succession(id, header, body, trust)?,
        kind if acts::is_act(kind) => check_act(header, body, trust, inside)?,
        _ => return check_other(id, header, trust),
    }
    body.map(drop).ok_or(AdmitError::Missing(Missing::Body(id)))
}

/// An act needs no standing and no device: what it may do is only to its own organisation, whose keys sign it.
fn check_act(header: &Header, body: Option<&[u8]>, trust: &Trust, inside: Inside) -> Result<(), AdmitError> {
    if header.seq != 0 {
        return Err(Refused::NotAlone.into());
    }
    let organisation = header.organisation;
    if !organisation.is_zero() && trust.organisation(organisation).is_none() {
        return Err(AdmitError::Missing(Missing::Inception(organisation)));
    }
    body.filter(|_| inside == Inside::New).map_or(Ok(()), |bytes| acts::check(header, bytes, trust))
}

fn check_inception(id: RecordId, header: &Header, body: Option<&[u8]>, trust: &Trust, inside: Inside) -> Result<(), AdmitError> {
    let first = trust.founded_by(header.device).filter(|first| *first != id.into());
    if let Some(first) = first {
        return Err(Refused::SecondInception(first).into());
    }
    if let Some(bytes) = body.filter(|_| inside == Inside::New) {
        inception::Inception::read(bytes, header.network, header.device)?;
    }
    if trust.is_founding_key(header.device) {
        return Ok(());
    }
    trust.standing_since(id.into(), header.claimed_at).map(drop).map_err(AdmitError::NoStanding)
}

/// The new device may itself bring the roots' word: an organisation whose other devices are all gone goes on with it.
fn check_device(id: RecordId, header: &Header, body: Option<&[u8]>, trust: &Trust, inside: Inside) -> Result<(), AdmitError> {
    let said = body.map(device::Device::read);
    let adds_itself = |said: &Result<device::Device, _>| said.as_ref().is_ok_and(|said| said.device == header.device);
    let introduces_itself = header.seq == 0 && said.as_ref().is_some_and(adds_itself);
    let author = if introduces_itself { known(header.organisation, trust)? } else { known_author(id, header, trust)? };
    if let Some(said) = said.transpose()? {
        let roots = trust.roots(author.id, said.event(author.id))?;
        if inside == Inside::New {
            said.check_signed(header.network, author.id, &roots.keys, roots.threshold)?;
        }
    }
    if author.is_full() {
        return Err(Refused::TooManyDevices.into());
    }
    trust.standing_since(author.id, header.claimed_at).map(drop).map_err(AdmitError::NoStanding)
}

fn check_attestation(id: RecordId, header: &Header, body: Option<&[u8]>, trust: &Trust) -> Result<(), AdmitError> {
    let author = known_author(id, header, trust)?;
    if let Some(bytes) = body {
        attestation::Attestation::read(bytes)?;
    }
    if header.subject.is_zero() {
        return Err(Refused::NoSubject.into());
    }
    trust.standing(author.id, Right::Vouch, header.claimed_at).map(drop).map_err(AdmitError::NoStanding)
}

/// An erasure or a notice. Whose record the subject is need not be known yet: an erasure by anybody but its author has no effect. Nor is it
/// asked whether who gives notice moderates, since a charter that arrives later may say another thing.
fn check_erasure(id: RecordId, header: &Header, body: Option<&[u8]>, trust: &Trust) -> Result<(), AdmitError> {
    let author = known_author(id, header, trust)?;
    match body {
        Some(bytes) if header.kind == notice::KIND => drop(notice::Notice::read(bytes)?),
        Some(bytes) => drop(erasure::Erasure::read(bytes)?),
        None => {}
    }
    if header.subject.is_zero() {
        return Err(Refused::NoSubject.into());
    }
    may_publish(author, header, trust)
}

fn check_other(id: RecordId, header: &Header, trust: &Trust) -> Result<(), AdmitError> {
    may_publish(known_author(id, header, trust)?, header, trust)
}

fn may_publish(author: &Organisation, header: &Header, trust: &Trust) -> Result<(), AdmitError> {
    trust.standing(author.id, Right::Publish, header.claimed_at).map(drop).map_err(AdmitError::NoStanding)
}

fn check_succession(id: RecordId, header: &Header, body: Option<&[u8]>, trust: &Trust) -> Result<(), AdmitError> {
    let author = known_author(id, header, trust)?;
    if let Some(bytes) = body {
        Succession::read(bytes)?;
    }
    if header.subject.is_zero() {
        return Err(Refused::NoSubject.into());
    }
    may_publish(author, header, trust)
}

fn known(organisation: OrganisationId, trust: &Trust) -> Result<&Organisation, AdmitError> {
    trust.organisation(organisation).ok_or(AdmitError::Missing(Missing::Inception(organisation)))
}

/// The author, if this device may say this here.
fn known_author<'a>(id: RecordId, header: &Header, trust: &'a Trust) -> Result<&'a Organisation, AdmitError> {
    let (organisation, device) = (header.organisation, header.device);
    let author = known(organisation, trust)?;
    let found = author.devices.get(&device).ok_or(AdmitError::Missing(Missing::Device { organisation, device }))?;
    match found.last {
        Some(last) if !last.allows(header.seq, id) => Err(AdmitError::Ended(Ended { organisation, device, last })),
        _ => Ok(author),
    }
}
