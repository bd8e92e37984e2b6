//! What the API says of an organisation.

use super::super::openapi::Id;
use super::super::records::organisation_name;
use super::super::words::Languages;
use super::acts::{ActView, Closed, RecoveryView};
use crate::ending;
use koinon_protocol::id::{DeviceKey, OrganisationId, RecordId};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::{Attested, Last, Localised, Organisation, Right, Trust};
use serde::Serialize;
use utoipa::ToSchema;

/// The most organisations that one is said to vouch for.
const VOUCHES: usize = 1000;

/// An organisation, as its inception and its attestations have it.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct OrganisationView {
    /// The id of its inception.
    #[schema(value_type = Id)]
    id: OrganisationId,
    /// Its name, in the best language for the asker.
    #[schema(example = "Comuna Valea Lină")]
    name: String,
    /// Its name by language.
    names: Localised,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "RO")]
    country: String,
    /// When it says that it began: milliseconds since 1970-01-01 UTC.
    #[schema(value_type = u64)]
    since: Millis,
    /// The key event whose roots act: the inception, or the name of a rotation or recovery; null when rotations contradict each other.
    #[schema(value_type = Option<Id>)]
    key_event: Option<RecordId>,
    /// The keys that act for it, together.
    roots: Roots,
    /// Who can recover it.
    guardians: GuardiansView,
    /// The keys that sign for it, and those whose logs ended.
    devices: Vec<DeviceView>,
    /// What it may do now.
    standing: StandingView,
    /// Whether it moderates now: its notices erase what others wrote.
    moderates: bool,
    /// The attestations for it.
    vouched_by: Vec<Vouch>,
    /// The organisations that it ever vouched for, each with the attestation that holds longest; the first 1,000.
    vouches_for: Vec<Vouched>,
    /// That it ended; null while it goes on.
    closed: Option<Closed>,
    /// Recoveries that its guardians proposed.
    recoveries: Vec<RecoveryView>,
    /// What its roots and guardians decided, the first 200 by their records' ids.
    acts: Vec<ActView>,
}

/// A key that signs for an organisation.
#[derive(Serialize, ToSchema)]
struct DeviceView {
    /// The Ed25519 public key.
    #[schema(value_type = Id)]
    key: DeviceKey,
    /// What the organisation calls it.
    label: String,
    /// The last record of its log that counts; null while it goes on.
    ended: Option<Ended>,
}

/// The last record of a log that counts.
#[derive(Serialize, ToSchema)]
struct Ended {
    /// Its place.
    seq: u64,
    /// The record.
    #[schema(value_type = Id)]
    id: RecordId,
}

/// The keys that act for an organisation, together.
#[derive(Serialize, ToSchema)]
struct Roots {
    /// How many of them must sign.
    threshold: u32,
    /// The keys, in their order; none when rotations contradict each other.
    #[schema(value_type = Vec<Id>)]
    keys: Vec<DeviceKey>,
    /// The digest of those that come next.
    #[schema(value_type = Id)]
    next: RecordId,
}

/// Who can recover an organisation that lost its roots.
#[derive(Serialize, ToSchema)]
struct GuardiansView {
    /// Nobody, or up to 32.
    members: Vec<GuardianView>,
    /// How many of them must sign.
    threshold: u32,
    /// Milliseconds between a recovery and its confirmation.
    delay: u64,
}

/// A guardian.
#[derive(Serialize, ToSchema)]
struct GuardianView {
    /// Who.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// Its name; empty when its inception is not known here.
    name: String,
    /// The key that it keeps for this.
    #[schema(value_type = Id)]
    key: DeviceKey,
}

/// What an organisation may do now, and what proves it.
#[derive(Serialize, ToSchema)]
struct StandingView {
    /// It may publish.
    publish: bool,
    /// It may vouch for others.
    vouch: bool,
    /// Why it may not publish; null when it may.
    reason: Option<String>,
    /// From the charter to the organisation; empty without standing.
    path: Vec<PathStep>,
}

/// A step of the path that proves a standing.
#[derive(Serialize, ToSchema)]
struct PathStep {
    /// The charter, then attestations.
    #[schema(value_type = Id)]
    record: RecordId,
    /// A founder, then the organisations vouched for.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// Its name.
    name: String,
}

/// An attestation for an organisation.
#[derive(Serialize, ToSchema)]
struct Vouch {
    /// The attestation.
    #[schema(value_type = Id)]
    record: RecordId,
    /// Who vouches.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// Its name.
    name: String,
    /// For publishing.
    publish: bool,
    /// For vouching.
    vouch: bool,
    /// How many levels may follow below.
    depth: u8,
    /// The first moment at which it counts.
    #[schema(value_type = u64)]
    from: Millis,
    /// The first moment at which it no longer counts.
    #[schema(value_type = u64)]
    until: Millis,
    /// The act by which it is suspended now; null when it is not.
    #[schema(value_type = Option<Id>)]
    suspended: Option<RecordId>,
    /// Whether it ends within 90 days and no later one follows.
    expiring: bool,
}

/// An organisation that is or was vouched for.
#[derive(Serialize, ToSchema)]
struct Vouched {
    /// The organisation.
    #[schema(value_type = Id)]
    organisation: OrganisationId,
    /// Its name; empty when its inception is not known here.
    name: String,
    /// The attestation that holds longest.
    #[schema(value_type = Id)]
    record: RecordId,
    /// For publishing.
    publish: bool,
    /// For vouching.
    vouch: bool,
    /// The first moment at which it counts.
    #[schema(value_type = u64)]
    from: Millis,
    /// The first moment at which it no longer counts.
    #[schema(value_type = u64)]
    until: Millis,
    /// The act by which it is suspended now; null when it is not.
    #[schema(value_type = Option<Id>)]
    suspended: Option<RecordId>,
    /// Whether it ends within 90 days.
    expiring: bool,
}

impl OrganisationView {
    pub(super) fn of(organisation: &Organisation, trust: &Trust, languages: &Languages) -> Self {
        let now = crate::clock::now();
        let name = |id| organisation_name(id, trust, languages);
        let vouched_by =
            trust.attestations_of(organisation.id).iter().map(|held| Vouch::of(held, name(held.voucher), trust, now));
        let longest = |subject| ending::longest(trust, organisation.id, subject);
        let vouches_for = trust.vouched_by(organisation.id).take(VOUCHES).filter_map(longest);
        Self {
            id: organisation.id,
            name: name(organisation.id),
            names: organisation.name.clone(),
            country: organisation.country.clone(),
            since: organisation.since,
            key_event: Some(organisation.event).filter(|event| !event.is_zero()),
            roots: Roots { threshold: organisation.threshold, keys: organisation.roots.clone(), next: organisation.next_roots },
            guardians: GuardiansView::of(organisation, name),
            devices: organisation.devices.iter().map(|(key, device)| DeviceView::of(*key, &device.label, device.last)).collect(),
            standing: StandingView::of(organisation.id, trust, languages),
            moderates: trust.moderates(organisation.id, now),
            vouched_by: vouched_by.collect(),
            vouches_for: vouches_for.map(|held| Vouched::of(&held, name(held.subject), trust, now)).collect(),
            closed: Closed::of(organisation.id, trust, languages),
            recoveries: RecoveryView::all(organisation, trust),
            acts: ActView::all(organisation.id, trust),
        }
    }
}

impl DeviceView {
    fn of(key: DeviceKey, label: &str, last: Option<Last>) -> Self {
        Self { key, label: label.to_owned(), ended: last.map(|last| Ended { seq: last.seq, id: last.id }) }
    }
}

impl GuardiansView {
    fn of(organisation: &Organisation, name: impl Fn(OrganisationId) -> String) -> Self {
        let guardians = &organisation.guardians;
        let view = |each: &koinon_protocol::trust::inception::Guardian| GuardianView {
            organisation: each.organisation,
            name: name(each.organisation),
            key: each.key,
        };
        let threshold = if guardians.members.is_empty() { 0 } else { guardians.threshold() };
        Self { members: guardians.members.iter().map(view).collect(), threshold, delay: guardians.delay }
    }
}

impl Vouch {
    fn of(held: &Attested, name: String, trust: &Trust, now: Millis) -> Self {
        Self {
            record: held.record,
            organisation: held.voucher,
            name,
            publish: held.publish,
            vouch: held.vouch,
            depth: held.depth,
            from: held.from,
            until: held.until,
            suspended: trust.suspension(held, now),
            expiring: ending::longest(trust, held.voucher, held.subject) == Some(*held) && ending::is_ending(held, now),
        }
    }
}

impl Vouched {
    fn of(held: &Attested, name: String, trust: &Trust, now: Millis) -> Self {
        Self {
            organisation: held.subject,
            name,
            record: held.record,
            publish: held.publish,
            vouch: held.vouch,
            from: held.from,
            until: held.until,
            suspended: trust.suspension(held, now),
            expiring: ending::is_ending(held, now),
        }
    }
}

impl StandingView {
    fn of(organisation: OrganisationId, trust: &Trust, languages: &Languages) -> Self {
        let now = crate::clock::now();
        let publish = trust.standing(organisation, Right::Publish, now);
        let vouch = trust.standing(organisation, Right::Vouch, now);
        let steps = publish.as_ref().or(vouch.as_ref()).map(|standing| standing.path.as_slice()).unwrap_or_default();
        let path = steps.iter().map(|step| PathStep {
            record: step.record,
            organisation: step.organisation,
            name: organisation_name(step.organisation, trust, languages),
        });
        Self {
            path: path.collect(),
            publish: publish.is_ok(),
            vouch: vouch.is_ok(),
            reason: publish.err().map(|reason| reason.to_string()),
        }
    }
}
