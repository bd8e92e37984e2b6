//! The one door to [`Admitted`]: a linked record whose author may speak.

use super::{
    Organisation, Right, Trust, attestation, body::BodyError, charter, device, erasure, inception, notice, standing::NoStanding,
};
use crate::id::{DeviceKey, OrganisationId, RecordId};
use crate::limit;
use crate::log::Linked;
use crate::record::{Body, Header, Proposed};

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
    /// Nothing will make it acceptable.
    #[error("{0}")]
    Refused(Refused),
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
    /// An inception names no organisation, and no other record does so.
    #[error("an inception, and no other record, leaves its organisation open")]
    Author,
    /// The key founded another organisation before.
    #[error("the key founded {0} before; a key founds one organisation")]
    SecondInception(OrganisationId),
    /// The body that was given is another record's.
    #[error("the body is another record's")]
    OtherBody,
    /// An attestation for nobody, or an erasure or a notice of nothing.
    #[error("the record names no subject: an attestation is for an organisation, an erasure or a notice of a record")]
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
    check(record.id(), record.header(), body.map(Body::bytes), trust)?;
    Ok(Admitted(linked))
}

/// Whether what is proposed would be admitted if it were signed and continued its log. `body` is the one that its header commits to.
///
/// # Errors
/// As [`admit`].
pub fn would_admit(proposed: &Proposed, body: &[u8], trust: &Trust) -> Result<(), AdmitError> {
    check(proposed.id(), proposed.header(), Some(body), trust)
}

/// [`admit`], for a record whose place in its log is not asked: one that this node admitted before, or one in an audit bundle. Its signature
/// must have been checked.
pub(crate) fn check(id: RecordId, header: &Header, body: Option<&[u8]>, trust: &Trust) -> Result<(), AdmitError> {
    if header.network != trust.network() {
        return Err(Refused::Network.into());
    }
    if header.kind == charter::KIND {
        return Err(Refused::Charter.into());
    }
    if (header.kind == inception::KIND) != header.organisation.is_zero() {
        return Err(Refused::Author.into());
    }
    match header.kind {
        inception::KIND => check_inception(id, header, body, trust)?,
        device::KIND => check_device(header, body, trust)?,
        attestation::KIND => check_attestation(header, body, trust)?,
        erasure::KIND | notice::KIND => check_erasure(header, body, trust)?,
        _ => return check_other(header, trust),
    }
    body.map(drop).ok_or(AdmitError::Missing(Missing::Body(id)))
}

fn check_inception(id: RecordId, header: &Header, body: Option<&[u8]>, trust: &Trust) -> Result<(), AdmitError> {
    let first = trust.founded_by(header.device).filter(|first| *first != id.into());
    if let Some(first) = first {
        return Err(Refused::SecondInception(first).into());
    }
    if let Some(bytes) = body {
        inception::Inception::read(bytes, header.network, header.device)?;
    }
    if trust.is_founding_key(header.device) {
        return Ok(());
    }
    trust.standing_since(id.into(), header.claimed_at).map(drop).map_err(AdmitError::NoStanding)
}

fn check_device(header: &Header, body: Option<&[u8]>, trust: &Trust) -> Result<(), AdmitError> {
    let author = known_author(header, trust)?;
    if let Some(bytes) = body {
        device::Device::read(bytes, header.network, author.id, &author.roots, author.threshold)?;
    }
    if author.devices.len() >= limit::DEVICES {
        return Err(Refused::TooManyDevices.into());
    }
    trust.standing_since(author.id, header.claimed_at).map(drop).map_err(AdmitError::NoStanding)
}

fn check_attestation(header: &Header, body: Option<&[u8]>, trust: &Trust) -> Result<(), AdmitError> {
    let author = known_author(header, trust)?;
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
fn check_erasure(header: &Header, body: Option<&[u8]>, trust: &Trust) -> Result<(), AdmitError> {
    let author = known_author(header, trust)?;
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

fn check_other(header: &Header, trust: &Trust) -> Result<(), AdmitError> {
    may_publish(known_author(header, trust)?, header, trust)
}

fn may_publish(author: &Organisation, header: &Header, trust: &Trust) -> Result<(), AdmitError> {
    trust.standing(author.id, Right::Publish, header.claimed_at).map(drop).map_err(AdmitError::NoStanding)
}

fn known_author<'a>(header: &Header, trust: &'a Trust) -> Result<&'a Organisation, AdmitError> {
    let organisation = header.organisation;
    let author = trust.organisation(organisation).ok_or(AdmitError::Missing(Missing::Inception(organisation)))?;
    if !author.devices.contains_key(&header.device) {
        return Err(AdmitError::Missing(Missing::Device { organisation, device: header.device }));
    }
    Ok(author)
}
