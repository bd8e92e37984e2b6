//! What a bundle was found to prove, as data.

use super::check::Admitted;
use super::decided::{Amended, Suspended, amended, suspended};
use super::time::{Cosigned, Time, Witnesses};
use crate::id::{DeviceKey, NetworkId, OrganisationId, RecordId};
use crate::journal::ProofError;
use crate::key::KeyError;
use crate::kind::name_of;
use crate::record::{RecordError, Verified};
use crate::time::Millis;
use crate::trust::attestation::{Attestation, Mandate};
use crate::trust::{
    AdmitError, Last, Localised, Missing, Right, Step, Trust, acts, amendment, attestation, device, erasure, inception, notice,
};
use serde::{Serialize, Serializer, ser::SerializeStruct as _};

/// What a bundle proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether everything that the bundle claims of each of its records and of its checkpoints holds. An absent body is no claim, nor is an
    /// absent proof of time: see [`Content`] and [`Time`].
    pub verified: bool,
    /// The network: to be compared with the id that the reader knows from elsewhere.
    pub network: NetworkId,
    /// The network's name.
    pub name: Localised,
    /// What it is for.
    pub purpose: Localised,
    /// Under which licence its contents are.
    pub licence: String,
    /// Whose word proves when the records were there.
    pub witnesses: Witnesses,
    /// Checkpoints of the journal in which the records are shown to stand.
    pub checkpoints: Vec<Cosigned>,
    /// The records that the bundle is about.
    pub records: Vec<Statement>,
    /// Control records in the bundle that hold not, and so proved nothing.
    pub set_aside: Vec<SetAside>,
}

/// A control record that proves nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetAside {
    /// The record.
    pub id: RecordId,
    /// What is wrong with it.
    pub failure: Failure,
}

/// What is proven of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The record.
    pub id: RecordId,
    /// What does not hold; empty when all does.
    pub failures: Vec<Failure>,
    /// Who says it. None when the signature or the author's standing does not hold: then nothing else is said either.
    pub author: Option<Party>,
    /// The key that signed.
    pub device: DeviceKey,
    /// What the author calls the device; empty for its first.
    pub device_label: String,
    /// The last record of the device that counts, where the author's roots ended its log: this one, or one after it.
    pub device_ended: Option<Last>,
    /// The kind's number.
    pub kind: u16,
    /// The kind's name, where it is known here.
    pub kind_name: Option<&'static str>,
    /// When the author says that it was written.
    pub claimed_at: Millis,
    /// Its place in the author's log.
    pub seq: u64,
    /// The record or organisation that it is about; zero for none.
    pub subject: RecordId,
    /// The charter by which the record is judged, where it is not the founding one.
    pub amended: Option<Amended>,
    /// From a founder that the charter names to the author, by whose leave it speaks; empty where the author is a founder, and for an act,
    /// which needs nobody's leave.
    pub vouched: Vec<Vouched>,
    /// What it says.
    pub content: Content,
    /// The erasure of its body, when one is in the bundle.
    pub erased: Option<Erasure>,
    /// When it was there at the latest; none of a record that is not admitted.
    pub witnessed: Option<Time>,
    /// Where it stands in the node's journal; none when the proof does not hold.
    pub included: Option<Included>,
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Party {
    /// The id of its inception; of an amendment, which no organisation says alone, that of its record.
    pub id: OrganisationId,
    /// Its name; empty when its inception is not in the bundle. For an amendment that of the network.
    pub name: Localised,
    /// ISO 3166-1 alpha-2; empty for the network.
    pub country: String,
    /// Whether the charter names it as a founder.
    pub founder: bool,
}

/// One attestation on the way from a founder to the author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vouched {
    /// The attestation.
    pub record: RecordId,
    /// Who vouches.
    pub voucher: Party,
    /// For whom.
    pub organisation: Party,
    /// `publish`, `vouch` or both, and what else it names.
    pub scope: Vec<String>,
    /// The first moment at which it counts.
    pub from: Millis,
    /// The first moment at which it no longer counts.
    pub until: Millis,
    /// What was checked.
    pub evidence: String,
    /// The decision behind it.
    pub mandate: Mandate,
    /// When the voucher says that it was written.
    pub claimed_at: Millis,
    /// When the voucher's word for the organisation does not hold; never at the time of the record.
    pub suspended: Vec<Suspended>,
}

/// Who took back what a record said, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erasure {
    /// The erasure.
    pub record: RecordId,
    /// Who erased.
    pub by: Party,
    /// When they say that they did.
    pub claimed_at: Millis,
    /// Why.
    pub ground: String,
    /// On which legal basis, where another than the author erased.
    pub law: Option<String>,
    /// The decision behind it, where one is named.
    pub mandate: Option<Mandate>,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Content {
    /// The body is the one that was signed.
    Intact {
        /// Its title by language, for a kind that is known here and has one.
        title: Localised,
        /// The JSON; none when it is outside the profile of bodies.
        body: Option<serde_json::Value>,
        /// Where it departs from the form of its kind.
        problems: Vec<String>,
    },
    /// No body is in the bundle: it was erased, as [`Statement::erased`] says, or the node that made it never had it. That it existed, and
    /// when, stays proven.
    Absent,
    /// Nothing can be said.
    Unknown,
}

/// Where a record stands in a journal. Size and root are the node's word: compare the root with one that others keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Included {
    /// The node, as the bundle names it.
    pub node: String,
    /// The record's place.
    pub position: u64,
    /// How many records the journal held.
    pub size: u64,
    /// The journal's root.
    pub root: RecordId,
}

/// What does not hold. In JSON: `code`, which stays the same, and `text`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The signature, the body, or the form.
    #[error("{0}")]
    Record(#[from] RecordError),
    /// The author may not speak.
    #[error("{0}")]
    Author(#[from] AdmitError),
    /// It is not shown to stand in the journal.
    #[error("it is not shown to stand in the journal: {0}")]
    Journal(#[from] ProofError),
}

impl Failure {
    /// A name that stays the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Record(RecordError::Network) => "other_network",
            Self::Record(RecordError::Key(KeyError::BadSignature)) => "bad_signature",
            Self::Record(RecordError::Key(KeyError::NotAPoint | KeyError::Weak)) => "bad_key",
            Self::Record(RecordError::Commitment) => "changed_body",
            Self::Record(_) => "malformed",
            Self::Author(AdmitError::Missing(Missing::Inception(_))) => "unknown_author",
            Self::Author(AdmitError::Missing(Missing::Device { .. })) => "unknown_device",
            Self::Author(AdmitError::Missing(Missing::Body(_))) => "missing_body",
            Self::Author(AdmitError::Missing(Missing::Act(_) | Missing::Amendment(_))) => "unknown_act",
            Self::Author(AdmitError::Ended(_)) => "ended_device",
            Self::Author(AdmitError::NoStanding(_)) => "no_standing",
            Self::Author(AdmitError::Refused(_)) => "refused",
            Self::Journal(_) => "not_included",
        }
    }
}

impl Serialize for Failure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Failure", 2)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("text", &self.to_string())?;
        fields.end()
    }
}

impl Statement {
    /// Nothing but that it does not hold: what a forged record says must not be repeated as if somebody had said it.
    pub(super) fn refused(id: RecordId, failure: Failure) -> Self {
        Self {
            id,
            failures: vec![failure],
            author: None,
            device: DeviceKey::ZERO,
            device_label: String::new(),
            device_ended: None,
            kind: 0,
            kind_name: None,
            claimed_at: Millis(0),
            seq: 0,
            subject: RecordId::ZERO,
            amended: None,
            vouched: Vec::new(),
            content: Content::Unknown,
            erased: None,
            witnessed: None,
            included: None,
        }
    }
}

/// Who says an admitted record, and by whose leave.
pub(super) fn parties(record: &Verified, trust: &Trust, control: &[Admitted]) -> Statement {
    let (header, author) = (record.header(), record.author());
    let path = path(record, trust);
    let device = trust.organisation(author).and_then(|known| known.devices.get(&header.device)).cloned().unwrap_or_default();
    Statement {
        id: record.id(),
        failures: Vec::new(),
        author: Some(if header.kind == amendment::KIND { the_network(author, trust) } else { party(author, trust) }),
        device: header.device,
        device_label: device.label,
        device_ended: device.last,
        kind: header.kind,
        kind_name: name_of(header.kind),
        claimed_at: header.claimed_at,
        seq: header.seq,
        subject: header.subject,
        amended: amended(&path, trust),
        vouched: path.iter().filter_map(|step| vouched(step, trust, control)).collect(),
        content: Content::Unknown,
        erased: erasure(record, trust, control),
        witnessed: None,
        included: None,
    }
}

/// The path that gives the author of an admitted record its standing.
pub(super) fn path(record: &Verified, trust: &Trust) -> Vec<Step> {
    let (author, at) = (record.author(), record.header().claimed_at);
    let founds = |device| trust.terms().iter().flat_map(|term| term.charter.keys()).any(|key| key == device);
    let standing = match record.header().kind {
        inception::KIND if founds(record.header().device) => return Vec::new(),
        kind if acts::is_act(kind) => return Vec::new(),
        inception::KIND | device::KIND => trust.standing_since(author, at),
        attestation::KIND => trust.standing(author, Right::Vouch, at),
        _ => trust.standing(author, Right::Publish, at),
    };
    standing.map(|standing| standing.path).unwrap_or_default()
}

fn erasure(record: &Verified, trust: &Trust, control: &[Admitted]) -> Option<Erasure> {
    let erased = trust.erased(record.id(), record.header())?;
    let (found, body) = control.iter().find(|(found, _)| found.id() == erased.record)?;
    let (ground, law, mandate) = if erased.kind == notice::KIND {
        let notice::Notice { ground, law, mandate } = notice::Notice::read(body.bytes()).ok()?;
        (ground, Some(law), Some(mandate))
    } else {
        let erasure::Erasure { ground, mandate } = erasure::Erasure::read(body.bytes()).ok()?;
        (ground, None, mandate)
    };
    let claimed_at = found.header().claimed_at;
    Some(Erasure { record: found.id(), by: party(found.author(), trust), claimed_at, ground, law, mandate })
}

fn party(id: OrganisationId, trust: &Trust) -> Party {
    let known = trust.organisation(id);
    Party {
        id,
        name: known.map(|known| known.name.clone()).unwrap_or_default(),
        country: known.map(|known| known.country.clone()).unwrap_or_default(),
        founder: trust.founders().any(|founder| founder.id == id),
    }
}

/// An amendment is of no organisation.
fn the_network(amendment: OrganisationId, trust: &Trust) -> Party {
    Party { name: trust.charter().name.clone(), ..party(amendment, trust) }
}

fn vouched(step: &Step, trust: &Trust, control: &[Admitted]) -> Option<Vouched> {
    let (record, body) = control.iter().find(|(record, _)| record.id() == step.record)?;
    let Attestation { scope, from, until, evidence, mandate, .. } = Attestation::read(body.bytes()).ok()?;
    Some(Vouched {
        record: step.record,
        voucher: party(record.author(), trust),
        organisation: party(step.organisation, trust),
        scope,
        from,
        until,
        evidence,
        mandate,
        claimed_at: record.header().claimed_at,
        suspended: suspended(record.author(), step.organisation, trust),
    })
}
