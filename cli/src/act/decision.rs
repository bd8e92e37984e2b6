//! What a paper decides: one of the acts of the protocol.

use koinon_protocol::id::RecordId;
use koinon_protocol::trust::act::Said;
use koinon_protocol::trust::amendment::{self, Amendment};
use koinon_protocol::trust::attestation::Mandate;
use koinon_protocol::trust::closing::{self, Closing};
use koinon_protocol::trust::keys::{self, Rotation};
use koinon_protocol::trust::recovery::{self, Confirmation, Recovery, Veto};
use koinon_protocol::trust::revocation::{self, Revocation};
use koinon_protocol::trust::suspension::{self, Suspension};
use koinon_protocol::trust::{BodyError, Paper};

/// What is decided.
#[derive(Clone, Debug)]
pub enum Decision {
    /// New roots.
    Rotation(Rotation),
    /// A device's log ends.
    Revocation(Revocation),
    /// Guardians propose new roots.
    Recovery(Recovery),
    /// Guardians put a recovery into effect.
    Confirmation(Confirmation),
    /// Roots object to a recovery.
    Veto(Veto),
    /// The organisation ends.
    Closing(Closing),
    /// Its word for another is suspended.
    Suspension(Suspension),
    /// The charter changes.
    Amendment(Box<Amendment>),
}

/// Why a text decides nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDecision {
    /// A kind that is not known here.
    #[error("decisions of kind {0} are not known to this version of koinon")]
    Kind(u16),
    /// What it says.
    #[error("{0}")]
    Body(#[from] BodyError),
}

impl Decision {
    /// What the text of a paper decides.
    ///
    /// # Errors
    /// [`NoDecision`].
    pub fn read(kind: u16, paper: &Paper) -> Result<Self, NoDecision> {
        Ok(match kind {
            keys::ROTATION => Self::Rotation(paper.said()?),
            revocation::KIND => Self::Revocation(paper.said()?),
            recovery::RECOVERY => Self::Recovery(paper.said()?),
            recovery::CONFIRMATION => Self::Confirmation(paper.said()?),
            recovery::VETO => Self::Veto(paper.said()?),
            closing::KIND => Self::Closing(paper.said()?),
            suspension::KIND => Self::Suspension(paper.said()?),
            amendment::KIND => Self::Amendment(Box::new(paper.said()?)),
            other => return Err(NoDecision::Kind(other)),
        })
    }

    /// A paper that says so, and that nobody signed yet.
    pub fn paper(&self) -> Paper {
        match self {
            Self::Rotation(said) => Paper::new(said),
            Self::Revocation(said) => Paper::new(said),
            Self::Recovery(said) => Paper::new(said),
            Self::Confirmation(said) => Paper::new(said),
            Self::Veto(said) => Paper::new(said),
            Self::Closing(said) => Paper::new(said),
            Self::Suspension(said) => Paper::new(said),
            Self::Amendment(said) => Paper::new(said.as_ref()),
        }
    }

    /// The record kind.
    pub fn kind(&self) -> u16 {
        match self {
            Self::Rotation(_) => Rotation::KIND,
            Self::Revocation(_) => Revocation::KIND,
            Self::Recovery(_) => Recovery::KIND,
            Self::Confirmation(_) => Confirmation::KIND,
            Self::Veto(_) => Veto::KIND,
            Self::Closing(_) => Closing::KIND,
            Self::Suspension(_) => Suspension::KIND,
            Self::Amendment(_) => Amendment::KIND,
        }
    }

    /// What the record's header names as its subject.
    pub fn subject(&self) -> RecordId {
        match self {
            Self::Suspension(said) => said.subject.into(),
            _ => RecordId::ZERO,
        }
    }

    /// The resolution behind it.
    pub fn mandate(&self) -> &Mandate {
        match self {
            Self::Rotation(said) => &said.0.mandate,
            Self::Revocation(said) => &said.mandate,
            Self::Recovery(said) => &said.0.mandate,
            Self::Confirmation(said) => &said.mandate,
            Self::Veto(said) => &said.mandate,
            Self::Closing(said) => &said.mandate,
            Self::Suspension(said) => &said.mandate,
            Self::Amendment(said) => &said.mandate,
        }
    }

    /// What it is called.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Rotation(_) => "New root keys",
            Self::Revocation(_) => "Revocation of a key",
            Self::Recovery(_) => "Recovery by guardians",
            Self::Confirmation(_) => "Confirmation of a recovery",
            Self::Veto(_) => "Veto of a recovery",
            Self::Closing(_) => "Closing of the organisation",
            Self::Suspension(_) => "Suspension of an attestation",
            Self::Amendment(_) => "Amendment of the charter",
        }
    }

    /// What only one decision may follow: a key that signs two such amendments, or roots that sign two such rotations, contradict themselves.
    pub fn follows_alone(&self) -> Option<RecordId> {
        match self {
            Self::Rotation(said) => Some(said.0.previous),
            Self::Amendment(said) => Some(said.previous),
            _ => None,
        }
    }
}
