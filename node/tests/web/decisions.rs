//! What several decided, as a council reads it.

use crate::house::{DAY, charter_of, mandate, name};
use crate::pages::{read, text};
use crate::town::town;
use koinon_protocol::id::{DeviceKey, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::time::Millis;
use koinon_protocol::trust::amendment::Amendment;
use koinon_protocol::trust::charter::Founder;
use koinon_protocol::trust::closing::Closing;
use koinon_protocol::trust::inception::{Guardian, Guardians, roots_digest};
use koinon_protocol::trust::keys::{Rotation, Succeeding};
use koinon_protocol::trust::recovery::{Recovery, Veto};
use koinon_protocol::trust::revocation::Revocation;
use koinon_protocol::trust::suspension::Suspension;
use koinon_protocol::trust::{Last, Listed};
use koinon_tests::author::{device, next_root, root};
use koinond::clock;

/// The commune began as the third organisation, the city as the fourth.
const COMMUNE: u32 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_organisation_says_so_and_who_has_not_agreed_to_succeed_it() {
    let mut town = town().await;
    let last = town.commune.place.head.map(|head| Last { seq: head.seq, id: head.id });
    let said = Closing {
        under: town.commune.id().into(),
        devices: vec![Listed { device: town.commune.device(), label: String::new(), last }],
        successors: vec![town.city.id()],
        ground: "Merged".into(),
        mandate: mandate(),
    };
    let closing = town.house.decide(Some(&town.commune), &said, &[root(COMMUNE)]).await;
    let address = format!("/organisation/{}", town.commune.id());
    let page = text(&read(&town.house.open(town.found).await, &address).await);
    assert!(
        page.contains("This organisation is closed.") && page.contains("Succeeded by Gmina Dolna Wieś has not agreed yet"),
        "{page}"
    );
    assert!(page.contains("No association that is neither side has agreed yet."));
    assert!(page.contains("O singură autogunoieră"), "what it published stands");
    town.house.agree(&mut town.city, closing).await;
    town.house.agree(&mut town.founder, closing).await;
    let page = text(&read(&town.house.open(town.found).await, &address).await);
    assert!(page.contains("Succeeded by Gmina Dolna Wieś agreed"), "{page}");
    assert!(page.contains("An association that is neither side agreed: Riverland Association"));
    let record = text(&read(&town.house.open(town.found).await, &format!("/record/{closing}")).await);
    assert!(record.contains("Closing of an organisation") && record.contains("Merged") && record.contains("7/2026"), "{record}");
    assert!(!record.contains("Not vouched"), "{record}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_and_what_fell_with_it_are_told() {
    let mut town = town().await;
    let profile = town.commune.place.head.unwrap();
    let said = Revocation {
        under: town.commune.id().into(),
        device: town.commune.device(),
        last: Some(Last { seq: 0, id: first_of(&town).await }),
        ground: "Stolen".into(),
        mandate: mandate(),
    };
    town.house.decide(Some(&town.commune), &said, &[root(COMMUNE)]).await;
    let router = town.house.open(0).await;
    let page = text(&read(&router, &format!("/organisation/{}", town.commune.id())).await);
    assert!(page.contains("revoked; counts up to") && page.contains("Revocation of a key"), "{page}");
    assert!(!page.contains("autogunoieră"), "what came after is not listed");
    let record = text(&read(&router, &format!("/record/{}", town.practice)).await);
    assert!(record.contains("This record does not stand."), "{record}");
    assert_eq!(profile.seq, 1);
}

/// The commune's first record, its profile.
async fn first_of(town: &crate::town::Town) -> RecordId {
    let router = town.house.open(town.found).await;
    let page = read(&router, &format!("/organisation/{}", town.commune.id())).await;
    let (_, after) = page.split_once("<p class=\"actions\"><a href=\"/record/").unwrap();
    after[..64].parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_is_told_where_the_attestation_is() {
    let mut town = town().await;
    let said = Suspension {
        under: town.founder.id().into(),
        subject: town.commune.id(),
        from: clock::now(),
        until: None,
        ground: "It left".into(),
        mandate: mandate(),
    };
    let before = read(&town.house.open(town.found).await, &format!("/organisation/{}", town.commune.id())).await;
    assert!(!text(&before).contains("suspended"));
    town.house.decide_about(Some(&town.founder), town.commune.id().into(), &said, &[root(1)]).await;
    let router = town.house.open(0).await;
    for address in [town.commune.id(), town.founder.id()].map(|id| format!("/organisation/{id}")) {
        assert!(text(&read(&router, &address).await).contains("suspended"), "{address}");
    }
    let page = text(&read(&router, &format!("/organisation/{}", town.commune.id())).await);
    assert!(page.contains("its attestation is suspended by Riverland Association"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attestations_that_end_within_ninety_days_are_listed_on_both_sides() {
    let town = town().await;
    let (later, soon) = (|| Millis(clock::now().0 + 309 * DAY), || Millis(clock::now().0 + 311 * DAY));
    let pages = [town.commune.id(), town.founder.id()].map(|id| format!("/organisation/{id}"));
    for address in &pages {
        assert!(!text(&read(&town.house.open_at(town.found, later).await, address).await).contains("Ends soon"), "{address}");
        assert!(text(&read(&town.house.open_at(town.found, soon).await, address).await).contains("Ends soon"), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_warns_until_the_roots_object() {
    let mut town = town().await;
    let (guardian, new) = (Signer::from_seed(&[98; 32]), Signer::from_seed(&[99; 32]));
    let succeeding = |previous, root: DeviceKey, members| Succeeding {
        previous,
        roots: vec![root],
        threshold: 1,
        next_roots: roots_digest(1, &[new.public()]),
        guardians: Guardians { members, delay: 14 * DAY },
        devices: vec![Listed { device: town.commune.device(), label: "Office".into(), last: None }],
        withdraws: Vec::new(),
        mandate: mandate(),
    };
    let guards = Guardian { organisation: town.founder.id(), key: guardian.public() };
    let rotation = Rotation(succeeding(town.commune.id().into(), next_root(COMMUNE).public(), vec![guards]));
    let propose = |previous| Recovery(succeeding(previous, new.public(), Vec::new()));
    town.house.decide(Some(&town.commune), &rotation, &[next_root(COMMUNE)]).await;
    let said = propose(town.house.event(town.commune.id()));
    let recovery = town.house.decide(Some(&town.commune), &said, &[guardian]).await;
    let address = format!("/organisation/{}", town.commune.id());
    assert!(text(&read(&town.house.open(town.found).await, &address).await).contains("Its guardians propose new root keys."));
    let veto = Veto { recovery, ground: "We are here".into(), mandate: mandate() };
    town.house.decide(Some(&town.commune), &veto, &[next_root(COMMUNE)]).await;
    let page = text(&read(&town.house.open(town.found).await, &address).await);
    assert!(!page.contains("Its guardians propose new root keys.") && page.contains("Veto of a recovery"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_shows_how_its_charter_changed_and_what_counts_now() {
    let mut town = town().await;
    let network = town.house.network();
    let founder = || device(1);
    let mut charter = charter_of();
    charter.licence = "CC0-1.0".into();
    charter.founders.push(Founder { name: name("pl", "Związek Gmin Doliny"), country: "PL".into(), key: device(2).public() });
    charter.thresholds.amendment = 2;
    let from = Millis(clock::now().0 - DAY / 24);
    let said = Amendment { number: 1, previous: RecordId(network.0), from, charter: charter.clone(), mandate: mandate() };
    assert!(!text(&read(&town.house.open(town.found).await, "/network").await).contains("How the charter changed"));
    let first = town.house.decide(None, &said, &[founder()]).await;
    let router = town.house.open(town.found).await;
    let page = text(&read(&router, "/network").await);
    for expected in ["How the charter changed", "Amendment 1", "counts now", "Resolution 7/2026 of", "2 of 2 founders", "CC0-1.0"]
    {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let record = text(&read(&router, &format!("/record/{first}")).await);
    assert!(record.contains("Amendment of the charter") && record.contains("The founders of the network"), "{record}");
    charter.licence = "CC-BY-SA-4.0".into();
    let rival = Amendment { charter, ..said };
    town.house.decide(None, &rival, &[founder()]).await;
    let page = text(&read(&town.house.open(town.found).await, "/network").await);
    assert!(page.contains("A founder contradicted itself.") && page.contains("Riverland Association"), "{page}");
}
