//! Acts as pages and the API tell them.

use koinon_protocol::id::RecordId;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::acts::Deed;
use koinon_protocol::trust::{Organisation, Trust, amendment, closing, keys, recovery, revocation, suspension};

/// The number of the kind of an act.
pub fn kind(deed: &Deed) -> u16 {
    match deed {
        Deed::Rotation(_) => keys::ROTATION,
        Deed::Recovery(_) => recovery::RECOVERY,
        Deed::Confirmation(_) => recovery::CONFIRMATION,
        Deed::Veto(_) => recovery::VETO,
        Deed::Revocation(_) => revocation::KIND,
        Deed::Closing(_) => closing::KIND,
        Deed::Suspension(_) => suspension::KIND,
        Deed::Amendment(..) => amendment::KIND,
    }
}

/// How far a recovery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovering {
    /// Its record.
    pub record: RecordId,
    /// When it says that it was written.
    pub proposed_at: Millis,
    /// The first moment at which it can be confirmed; none when the roots that it would replace are no longer those that act.
    pub due: Option<Millis>,
    /// Whether it was.
    pub confirmed: bool,
    /// Whether the roots objected.
    pub vetoed: bool,
}

/// The recoveries that an organisation's guardians proposed, in the order of their records' ids.
pub fn recoveries(organisation: &Organisation, trust: &Trust) -> Vec<Recovering> {
    let acts: Vec<_> = trust.acts_of(organisation.id).collect();
    let proposed = acts.iter().filter_map(|act| match &act.deed {
        Deed::Recovery(said) => Some((act, said.previous)),
        _ => None,
    });
    let recovering = proposed.map(|(act, previous)| Recovering {
        record: act.record,
        proposed_at: act.claimed_at,
        due: (previous == organisation.event).then(|| act.claimed_at.plus(organisation.guardians.delay)),
        confirmed: acts.iter().any(|other| matches!(&other.deed, Deed::Confirmation(said) if said.recovery == act.record)),
        vetoed: acts.iter().any(|other| matches!(&other.deed, Deed::Veto(said) if said.recovery == act.record)),
    });
    recovering.collect()
}
