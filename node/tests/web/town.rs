//! What the organisations of the tests publish, in several languages.

use crate::house::{House, name};
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_tests::author::Author;
use serde_json::{Value, json};

/// What a test asks for again.
pub(crate) struct Town {
    pub(crate) house: House,
    pub(crate) founder: Author,
    pub(crate) commune: Author,
    pub(crate) city: Author,
    pub(crate) practice: RecordId,
    pub(crate) polish: RecordId,
    /// One that does not keep to its kind, with a word that is wider than a screen.
    pub(crate) odd: RecordId,
    /// How many records the search can find.
    pub(crate) found: usize,
}

/// A commune in Romania, a city in Poland and a town in Finland with practices, needs, offers, adoptions, a review and a translation.
pub(crate) async fn town() -> Town {
    let (mut house, mut founder) = House::found().await;
    let mut union = house.join(&mut founder, name("pl", "Związek Gmin Doliny"), "PL", true).await;
    let mut commune = house.join(&mut founder, name("ro", "Comuna Valea Lină"), "RO", false).await;
    let mut city = house.join(&mut union, name("pl", "Gmina Dolna Wieś"), "PL", false).await;
    let mut finnish =
        house.join(&mut founder, [("fi".into(), "Saarikunta".into()), ("sv".into(), "Ökommun".into())].into(), "FI", false).await;
    house
        .publish(
            &mut commune,
            "organisation",
            &json!({"name": {"ro": "Comuna Valea Lină"}, "type": "municipality", "country": "RO",
        "places": [{"code": "RO113", "vintage": 2024, "name": "Valea Lină"}], "languages": ["ro", "hu"],
        "population": {"inhabitants": 3120, "year": 2024, "source": "Recensământ"}}),
        )
        .await;
    let (here, there, away) = (commune.id(), city.id(), finnish.id());
    let practice = house.publish(&mut commune, "practice", &lorry(here)).await;
    let polish = house.publish(&mut city, "practice", &inspector(there)).await;
    house.publish(&mut finnish, "practice", &ferry(away)).await;
    house
        .publish(
            &mut city,
            "need",
            &json!({"title": {"pl": "Wspólny inspektor budowlany"}, "topic": 610, "status": "open",
        "problem": {"pl": "Sami nie obsadzimy tego stanowiska: dwa konkursy bez kandydata."}, "deadline": "2027-01-31"}),
        )
        .await;
    house.publish(&mut finnish, "offer", &json!({"title": {"fi": "Vierailu yhteisellä jätealuksella"}, "type": "peer_visit", "topic": 510,
        "description": {"fi": "Näytämme, miten neljä saarikuntaa jakaa yhden aluksen."}, "languages": ["fi", "sv", "en"], "until": "2099-06-30"})).await;
    house
        .publish(
            &mut city,
            "adoption",
            &json!({"practice": practice, "stage": "operating", "kept": {"pl": "Umowę i podział kosztów."},
        "changed": {"pl": "Koszty dzielimy według liczby mieszkańców."}}),
        )
        .await;
    house.publish(&mut union, "review", &json!({"of": practice, "role": "peer", "interest": {"en": "None."},
        "opinion": {"en": "Convincing for communes that are close to each other."}, "scores": {"relevance": 5, "transferability": 4}})).await;
    house
        .publish(
            &mut finnish,
            "translation",
            &json!({"of": practice, "language": "fi", "method": "human", "fields": [
        {"field": "/title", "text": "Yksi jäteauto kolmelle kunnalle"},
        {"field": "/summary", "text": "Kolme kuntaa jakaa jäteauton ja sen miehistön."}]}),
        )
        .await;
    let wide = json!({"title": "W".repeat(900)});
    let odd = house.publish_raw(&mut founder, 33, wide.to_string().as_bytes()).await;
    Town { house, founder, commune, city, practice, polish, odd, found: 9 }
}

fn lorry(author: OrganisationId) -> Value {
    json!({"illustrative": true,
        "title": {"ro": "O singură autogunoieră pentru trei comune"},
        "summary": {"ro": "Trei comune vecine au cumpărat împreună o autogunoieră și plătesc după greutatea deșeurilor colectate."},
        "problem": {"ro": "Nicio comună nu își putea înlocui singură mașina veche. Colectarea deșeurilor se făcea la trei săptămâni, iar reparațiile costau mai mult decât combustibilul.\n\nDouă licitații separate au rămas fără ofertă."},
        "solution": {"ro": "Cele trei consilii au semnat un contract comun. Mașina stă la comuna cu drumul cel mai bun, iar costurile se împart după cântar.\n\nModelul de contract: https://example.org/contract.pdf"},
        "institution": author, "places": [{"code": "RO113", "vintage": 2024, "name": "Valea Lină"}, {"code": "RO113", "vintage": 2024, "name": "Poiana"}],
        "topic": 510, "start": "2023-03-01", "outcome": "worked",
        "evidence": {"ro": "Costul pe tonă a scăzut de la 80 la 61,50 euro în primul an; colectarea este săptămânală."},
        "resources": {"ro": "O jumătate de normă și mașina."},
        "difficulties_lessons": {"ro": "Cheia de împărțire a costurilor trebuie stabilită înainte de cumpărare. La noi s-a negociat opt luni după."},
        "transfer_potential": {"ro": "Contractul și cheia de costuri pot fi preluate ca atare."}, "last_confirmed": "2026-05-04",
        "cooperation_form": "contract", "population": {"inhabitants": 9400, "year": 2024, "source": "Recensământ"},
        "indicators": [{"name": {"ro": "Costul colectării"}, "unit": "EUR/t", "value": "61.50", "year": 2025, "baseline": "80", "baseline_year": 2022}],
        "cost": {"fte": "0.5", "one_off": {"amount": 18_000_000, "currency": "EUR", "year": 2023}, "annual": {"amount": 4_200_050, "currency": "EUR", "year": 2025}},
        "contact": {"role": {"ro": "Serviciul tehnic"}, "email": "tehnic@valea-lina.example"},
        "later_field": "kept"})
}

fn inspector(author: OrganisationId) -> Value {
    json!({"title": {"pl": "Wspólny referat budowlany", "en": "A shared building office"},
        "summary": {"pl": "Cztery gminy prowadzą jeden referat.", "en": "Four communes run one office for building permits."},
        "problem": {"pl": "Brak specjalistów.", "en": "No commune could fill the post of a building inspector."},
        "solution": {"pl": "Jeden referat dla czterech gmin.", "en": "One office sits in the largest commune and visits the others twice a week."},
        "institution": author, "places": [{"code": "PL213", "vintage": 2024, "name": "Dolna Wieś"}], "topic": 610, "start": "2021-09-01",
        "outcome": "partly", "evidence": {"en": "Permits take 34 days instead of 71; one commune left after a year."},
        "resources": {"en": "Two and a half posts."}, "difficulties_lessons": {"en": "Agree who signs before the first permit."},
        "transfer_potential": {"en": "The agreement and the rota."}, "last_confirmed": "2026-01-15", "cooperation_form": "joint_organ"})
}

fn ferry(author: OrganisationId) -> Value {
    json!({"title": {"fi": "Jätehuolto saaristossa"}, "summary": {"fi": "Yhteinen alus kerää jätteet neljältä saarelta."},
        "problem": {"fi": "Jokaisella saarella oli oma kallis kuljetus."}, "solution": {"fi": "Yhteinen alus ja aikataulu."},
        "institution": author, "places": [{"code": "FI1C1", "vintage": 2024, "name": "Saarikunta"}], "topic": 510, "start": "2019-05-01",
        "outcome": "did_not_work", "evidence": {"fi": "Alus seisoi kolmanneksen talvesta."}, "resources": {"fi": "Alus."},
        "difficulties_lessons": {"fi": "Jäätilanne pitää laskea mukaan."}, "transfer_potential": {"fi": "Aikataulumalli."}, "last_confirmed": "2025-11-02"})
}
