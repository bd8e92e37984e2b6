//! Acts: a body with signatures, and in it a text of one of eight kinds.

use super::cast::{self, CAST};
use super::control::understood;
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::act::{Cover, Said};
use koinon_protocol::trust::amendment::{self, Amendment};
use koinon_protocol::trust::attestation::Mandate;
use koinon_protocol::trust::closing::{self, Closing};
use koinon_protocol::trust::inception::{Guardian, Guardians};
use koinon_protocol::trust::keys::{self, Rotation, Succeeding};
use koinon_protocol::trust::recovery::{self, Confirmation, Recovery, Veto};
use koinon_protocol::trust::revocation::{self, Revocation};
use koinon_protocol::trust::suspension::{self, Suspension};
use koinon_protocol::trust::{Last, Listed, Paper};
use std::fmt::Debug;
use std::sync::LazyLock;

const KINDS: [u16; 8] = [
    keys::ROTATION,
    revocation::KIND,
    recovery::RECOVERY,
    recovery::CONFIRMATION,
    recovery::VETO,
    closing::KIND,
    suspension::KIND,
    amendment::KIND,
];

/// A byte that names the kind, then a body.
pub(super) fn check(bytes: &[u8]) {
    let Some((number, body)) = bytes.split_first() else { return };
    let kind = KINDS[usize::from(*number) % KINDS.len()];
    let Some(paper) = understood(body, Paper::read) else { return };
    let read = match kind {
        keys::ROTATION => said::<Rotation>(&paper),
        revocation::KIND => said::<Revocation>(&paper),
        recovery::RECOVERY => said::<Recovery>(&paper),
        recovery::CONFIRMATION => said::<Confirmation>(&paper),
        recovery::VETO => said::<Veto>(&paper),
        closing::KIND => said::<Closing>(&paper),
        suspension::KIND => said::<Suspension>(&paper),
        _ => said::<Amendment>(&paper),
    };
    let roots = [cast::root(12).public(), cast::root(13).public()];
    if paper.check_signed(&cover(kind), &roots, 1).is_ok() {
        assert!(read && PAPERS.iter().any(|(of, own)| *of == kind && own.text == paper.text), "no root signed this");
    }
}

/// Whether the text is of this kind; then it says the same when it is written again.
fn said<T: Said + PartialEq + Debug>(paper: &Paper) -> bool {
    match paper.said::<T>() {
        Ok(said) => {
            let again = Paper::new(&said);
            if again.text.len() <= koinon_protocol::limit::BODY {
                assert_eq!(again.said::<T>().as_ref(), Ok(&said), "it says something else when it is written again");
            }
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

fn cover(kind: u16) -> Cover {
    let organisation = if kind == amendment::KIND { OrganisationId::ZERO } else { CAST.town };
    Cover { network: CAST.network, organisation, kind, carrier: cast::root(40).public() }
}

/// One of each kind, signed by a root.
static PAPERS: LazyLock<Vec<(u16, Paper)>> = LazyLock::new(|| {
    let (town, record, device) = (RecordId::from(CAST.town), RecordId([7; 32]), cast::root(3).public());
    let ground = "lost".to_owned();
    let mandate = Mandate { resolution: "12/2026".to_owned(), date: "2026-01-01".to_owned(), attachment: Some(record) };
    let last = Some(Last { seq: 3, id: record });
    let member = |number| Guardian { organisation: OrganisationId([number; 32]), key: cast::root(number).public() };
    let guardians = Guardians { members: (20..23).map(member).collect(), delay: 1_000 };
    let devices = vec![Listed { device, label: "Office".to_owned(), last }];
    let succeeding = Succeeding {
        previous: town,
        roots: vec![cast::root(12).public(), cast::root(13).public()],
        threshold: 1,
        next_roots: record,
        guardians,
        devices: devices.clone(),
        withdraws: vec![record],
        mandate: mandate.clone(),
    };
    let amended = Amendment {
        number: 1,
        previous: RecordId(CAST.network.0),
        from: Millis(1),
        charter: CAST.trust.charter().clone(),
        mandate: mandate.clone(),
    };
    let successors = vec![OrganisationId([9; 32])];
    vec![
        sign(&Rotation(succeeding.clone())),
        sign(&Revocation { under: town, device, last, ground: ground.clone(), mandate: mandate.clone() }),
        sign(&Recovery(succeeding)),
        sign(&Confirmation { recovery: record, mandate: mandate.clone() }),
        sign(&Veto { recovery: record, ground: ground.clone(), mandate: mandate.clone() }),
        sign(&Closing { under: town, devices, successors, ground: ground.clone(), mandate: mandate.clone() }),
        sign(&Suspension { under: town, subject: CAST.town, from: Millis(1), until: Some(Millis(2)), ground, mandate }),
        sign(&amended),
    ]
});

fn sign<T: Said>(said: &T) -> (u16, Paper) {
    let mut paper = Paper::new(said);
    paper.sign(&cast::root(12), &cover(T::KIND));
    (T::KIND, paper)
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let seed = |(number, (_, paper)): (u8, &(u16, Paper))| {
        [vec![number], serde_json::to_vec(paper).expect("a body of the protocol is JSON")].concat()
    };
    (0..).zip(PAPERS.iter()).map(seed).collect()
}
