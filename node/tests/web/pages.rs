use crate::House;
use crate::house::name;
use crate::town::town;
use crate::tree::{assert_page, attribute, elements};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use koinon_protocol::time::Millis;
use koinond::clock;
use serde_json::json;
use tower::ServiceExt as _;

const MOST: usize = 4 << 20;

/// A page as a browser with these languages gets it; checked to be one, whatever it says.
async fn page(router: &Router, address: &str, languages: &str) -> (StatusCode, String) {
    let request = Request::get(address).header("accept-language", languages).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let status = response.status();
    let html = String::from_utf8(to_bytes(response.into_body(), MOST).await.unwrap().to_vec()).unwrap();
    if !status.is_redirection() {
        assert_page(&html);
    }
    (status, html)
}

pub(crate) async fn read(router: &Router, address: &str) -> String {
    let (status, html) = page(router, address, "en").await;
    assert_eq!(status, StatusCode::OK, "{address}");
    html
}

/// The text of a page without its elements.
pub(crate) fn text(html: &str) -> String {
    let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    parts.collect::<String>().replace("&amp;", "&").replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_the_pages_leads_to_a_page() {
    let town = town().await;
    let router = town.house.open(town.found).await;
    let (mut known, mut next) = (vec!["/".to_owned()], 0);
    while next < known.len() && known.len() < 400 {
        let address = known[next].clone();
        next += 1;
        let (status, html) = page(&router, &address, "en").await;
        assert!(status == StatusCode::OK || status.is_redirection(), "{address}: {status}");
        if status.is_redirection() || address.contains('?') && address.len() > 60 {
            continue;
        }
        for (name, attributes) in elements(&html) {
            let Some(link) = attribute(&attributes, "href").filter(|_| name == "a") else { continue };
            let link = link.split('#').next().unwrap().replace("&amp;", "&");
            let link = if link.starts_with('?') { format!("{}{link}", address.split('?').next().unwrap()) } else { link };
            if link.starts_with('/') && !link.starts_with("/api/") && !known.contains(&link) {
                known.push(link);
            }
        }
    }
    assert!(known.len() > 60, "{}", known.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_asks_one_question_and_shows_what_is_new() {
    let town = town().await;
    let router = town.house.open(town.found).await;
    let html = read(&router, "/").await;
    let said = text(&html);
    for expected in
        ["What would you like to improve?", "O singură autogunoieră", "A shared building office", "Wspólny inspektor", "Vierailu"]
    {
        assert!(said.contains(expected), "{expected}");
    }
    assert!(html.contains("lang=\"ro\"") && html.contains(">Romanian<"), "a foreign title has its language and names it");
    let labelled = elements(&html).iter().any(|(name, at)| name == "label" && attribute(at, "for") == Some("q"));
    assert!(labelled && elements(&html).iter().any(|(name, at)| name == "input" && attribute(at, "id") == Some("q")));
    let shapes = elements(&html).iter().filter(|(name, at)| name == "circle" && attribute(at, "r").is_some()).count();
    assert_eq!(shapes, 3, "the mark has its shapes, each closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_narrows_and_can_be_undone() {
    let town = town().await;
    let router = town.house.open(town.found).await;
    let found = text(&read(&router, "/search?q=deseuri").await);
    assert!(found.contains("1 record found") && found.contains("O singură autogunoieră"));
    let html = read(&router, "/search?kind=practice&outcome=worked&outcome=partly").await;
    assert!(text(&html).contains("2 records found"));
    assert!(html.contains("href=\"/search?kind=practice&amp;outcome=worked\""), "one of two filters can be taken away");
    assert!(text(&html).contains("It did not work"), "what else could be chosen in a facet is still counted");
    let none = text(&read(&router, "/search?q=zzz+qqq&topic=510").await);
    assert!(none.contains("No record fits") && none.contains("without the filters") && none.contains("fewer words"));
    read(&router, "/search?q=%ff%fe&page=-1&kind=&colour=red&outcome=%3Cscript%3E").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_read_in_the_readers_language_and_its_translator_is_named() {
    let town = town().await;
    let router = town.house.open(town.found).await;
    let address = format!("/record/{}", town.practice);
    let (_, original) = page(&router, &address, "ro").await;
    assert!(text(&original).contains("O singură autogunoieră") && !original.contains("Translated by"));
    for (address, languages) in [(address.clone(), "fi"), (format!("{address}?lang=fi"), "ro")] {
        let said = text(&page(&router, &address, languages).await.1);
        assert!(said.contains("Yksi jäteauto kolmelle kunnalle") && said.contains("Translated by Saarikunta"), "{languages}");
        assert!(said.contains("Costul pe tonă"), "what is not translated is there in the author's language");
    }
    let said = text(&read(&router, &address).await);
    for expected in [
        "Illustrative example, not a real practice",
        "Who took it over",
        "Reviews",
        "180,000 EUR",
        "42,000.50 EUR",
        "Waste management",
        "9,400",
        "Later field",
    ] {
        assert!(said.contains(expected), "{expected}");
    }
    let at = |heading: &str| said.find(heading).unwrap_or_else(|| panic!("{heading}"));
    assert!(
        at("The problem") < at("What was done")
            && at("What was done") < at("What it took")
            && at("What it took") < at("How the outcome is known")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn provenance_is_told_in_words_from_the_charter_down() {
    let town = town().await;
    let router = town.house.open(town.found).await;
    let html = read(&router, &format!("/record/{}", town.polish)).await;
    let said = text(&html);
    assert!(said.contains("Signed by Gmina Dolna Wieś on "), "{said}");
    assert!(said.contains("content unchanged"));
    assert!(said.contains("Vouched for by Związek Gmin Doliny until ") && said.contains(" ← Riverland Association ← charter."));
    assert!(html.contains(&format!("/api/v1/bundle/{}", town.polish)));
    let ladder = text(&read(&router, &format!("/organisation/{}", town.city.id())).await);
    let at = |name: &str| ladder.rfind(name).unwrap();
    assert!(at("The charter of Riverland Exchange") < at("a founder that the charter names"));
    let founder = text(&read(&router, &format!("/organisation/{}", town.founder.id())).await);
    assert!(founder.contains("Vouches for") && founder.contains("Comuna Valea Lină"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_wrote_stays_text() {
    let (mut house, mut founder) = House::found().await;
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{202e}evil\u{2066} javascript:alert(1)";
    let mut author = house.join(&mut founder, name("en\" onclick=\"x", hostile), "RO", false).await;
    let long = "x".repeat(3000);
    let body = json!({"title": {"en": "<b>Title</b> \u{202e}live"}, "summary": {"en": hostile}, "problem": {"en": long},
        "solution": {"ar": hostile}, "institution": author.id(), "places": [{"code": "RO113", "vintage": 2024, "name": hostile}], "topic": 510,
        "start": "2024-01-01", "outcome": "worked", "evidence": {"en": "[x](javascript:alert(1)) http://plain.example https://ok.example"},
        "resources": {"en": "r"}, "difficulties_lessons": {"en": "d"}, "transfer_potential": {"en": "t"}, "last_confirmed": "2025-01-01",
        "<i>key</i>": {"<u>inner</u>": [hostile, null, true, 3]}});
    let practice = house.publish(&mut author, "practice", &body).await;
    let odd = house.publish_raw(&mut author, 33, b"{\"title\":\"<script>x</script>\"}").await;
    let binary = house.publish_raw(&mut author, 33, b"\xff\xfe<script>").await;
    let unknown = house.publish_raw(&mut author, 999, b"{\"<script>\":\"<script>\"}").await;
    let router = house.open(1).await;
    let own = [practice, odd, binary, unknown].map(|id| format!("/record/{id}"));
    let addresses =
        own.iter().cloned().chain(["/".into(), "/search".into(), "/network".into(), format!("/organisation/{}", author.id())]);
    for address in addresses {
        // The node's own module, of which the tree of every page is asked.
        let html = read(&router, &address).await.replace("<script type=\"module\" src=\"/assets/", "");
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>"), "{address}");
        assert!(!html.contains('\u{202e}') && !html.contains('\u{2066}'), "{address}");
    }
    let html = read(&router, &own[0]).await;
    assert!(
        html.contains("href=\"https://ok.example\"") && !html.contains("href=\"http:") && !html.contains("href=\"javascript")
    );
    assert!(text(&read(&router, &own[1]).await).contains("not filled in as its kind asks"));
    assert!(text(&read(&router, &own[3]).await).contains("Record of kind 999"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_is_pointed_out_and_replaces_the_older_one_on_the_first_page() {
    let mut town = town().await;
    let body = json!({"title": {"pl": "Wspólny inspektor: sprawa zamknięta"}, "problem": {"pl": "Mamy wspólnego inspektora."}, "topic": 610, "status": "open"});
    let first = town.house.publish(&mut town.city, "need", &body).await;
    let second = town.house.revise(&mut town.city, "need", &body, first).await;
    let router = town.house.open(town.found + 1).await;
    let said = text(&read(&router, &format!("/record/{first}")).await);
    assert!(said.contains("There is a newer version of this record."));
    let home = read(&router, "/").await;
    assert!(home.contains(&second.to_string()) && !home.contains(&first.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_author_that_contradicted_itself_is_pointed_out() {
    let mut town = town().await;
    let before = town.city.place.head;
    let need =
        json!({"title": {"pl": "Wspólny inspektor"}, "problem": {"pl": "Brak kandydata."}, "topic": 610, "status": "open"});
    let id = town.house.publish(&mut town.city, "need", &need).await;
    town.house.contradict(&town.city, before, id);
    let router = town.house.open(town.found + 1).await;
    for address in [format!("/record/{id}"), format!("/organisation/{}", town.city.id())] {
        let said = text(&read(&router, &address).await);
        assert!(said.contains("Its author has contradicted itself"), "{address}");
    }
    let earlier = text(&read(&router, &format!("/record/{}", town.polish)).await);
    assert!(!earlier.contains("contradicted"), "what came before is not in doubt");
    let file = |id| format!("/api/v1/records/{id}/file");
    assert!(read(&router, &format!("/record/{}", town.polish)).await.contains(&file(town.polish)));
    assert!(!read(&router, &format!("/record/{id}")).await.contains(&file(id)), "what is not passed on is not offered");
    for address in ["/".to_owned(), "/search?kind=need".to_owned(), format!("/organisation/{}", town.city.id())] {
        assert!(!read(&router, &address).await.contains(&id.to_string()), "{address} lists what does not stand");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_text_is_on_no_page_and_its_record_says_so() {
    let mut town = town().await;
    town.house.erase(town.polish);
    let router = town.house.open(0).await;
    let address = format!("/record/{}", town.polish);
    let said = text(&read(&router, &address).await);
    assert!(said.contains("The text is not on this node") && said.contains("Signed by Gmina Dolna Wieś"));
    for address in [address, "/".into(), format!("/organisation/{}", town.city.id())] {
        assert!(!read(&router, &address).await.contains("building office"), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_reads_who_erased_a_text_and_why() {
    let mut town = town().await;
    let erasure = br#"{"ground":"It names a child <b>.","mandate":{"resolution":"7/2026","date":"2026-03-02"}}"#;
    let notice =
        br#"{"ground":"A court ordered it.","law":"article 17 GDPR","mandate":{"resolution":"8/2026","date":"2026-03-03"}}"#;
    town.house.publish_about(&mut town.city, 4, town.polish, erasure).await;
    let by = town.house.publish_about(&mut town.founder, 11, town.practice, notice).await;
    let router = town.house.open(0).await;
    let own = text(&read(&router, &format!("/record/{}", town.polish)).await);
    assert!(own.contains("Its author erased the text of this record."), "{own}");
    assert!(own.contains("by resolution 7/2026 of 2 March 2026: “It names a child <b>.”"), "{own}");
    let html = read(&router, &format!("/record/{}", town.practice)).await;
    let said = text(&html);
    assert!(said.contains("under article 17 GDPR, by resolution 8/2026 of 3 March 2026: “A court ordered it.”"), "{said}");
    assert!(said.contains("removed by an organisation that moderates this network") && html.contains(&format!("/record/{by}")));
    let notice = text(&read(&router, &format!("/record/{by}")).await);
    assert!(notice.contains("Notice") && notice.contains("A court ordered it."), "{notice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_record_is_on_no_page_and_its_address_says_why() {
    let town = town().await;
    town.house.hide(town.polish, "A court <asked> us to.");
    let router = town.house.open(town.found - 1).await;
    let (status, html) = page(&router, &format!("/record/{}", town.polish), "en").await;
    assert_eq!(status, StatusCode::GONE);
    assert!(
        text(&html).contains("The reason given: “A court <asked> us to.”") && text(&html).contains("other nodes may show it")
    );
    for address in
        ["/", "/search?q=building", &format!("/organisation/{}", town.city.id()), &format!("/record/{}", town.practice)]
    {
        let html = read(&router, address).await;
        assert!(!html.contains(&town.polish.to_string()) && !html.contains("building office"), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standing_that_ended_is_told_and_what_was_signed_before_stays() {
    let town = town().await;
    let later = || Millis(clock::now().0 + 500 * 24 * 60 * 60 * 1000);
    let router = town.house.open_at(town.found, later).await;
    let organisation = text(&read(&router, &format!("/organisation/{}", town.city.id())).await);
    assert!(
        organisation.contains("This organisation has no standing now")
            && organisation.contains("the last attestation for it ended on")
    );
    let record = text(&read(&router, &format!("/record/{}", town.polish)).await);
    assert!(record.contains("Vouched for by Związek Gmin Doliny") && record.contains("it no longer is"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_says_what_to_do() {
    let (house, founder) = House::found().await;
    let router = house.open(0).await;
    let absent = "0".repeat(64);
    for (address, expected) in [
        ("/nowhere".to_owned(), "There is no page here"),
        ("/record/12".to_owned(), "This address is not complete"),
        (format!("/record/{absent}"), "This record is not on this node"),
        (format!("/organisation/{absent}"), "This organisation is not known here"),
        ("/assets/koinon-00000000.css".to_owned(), "There is no page here"),
    ] {
        let (status, html) = page(&router, &address, "en").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{address}");
        assert!(text(&html).contains(expected), "{address}");
    }
    assert!(read(&router, "/node").await.contains("Riverland &lt;1&gt;"), "the node says its name");
    for address in ["/", "/search", "/network", "/node", "/help", "/accessibility", "/privacy", "/search?page=400"] {
        read(&router, address).await;
    }
    read(&router, &format!("/organisation/{}?before=0", founder.id())).await;
    assert_eq!(page(&router, &format!("/record/{}", house.network()), "en").await.0, StatusCode::SEE_OTHER);
    let post = Request::post("/search").body(Body::empty()).unwrap();
    assert_eq!(router.oneshot(post).await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_style_sheet_may_be_kept_for_good_and_names_its_content() {
    let (house, _) = House::found().await;
    let router = house.open(0).await;
    let html = read(&router, "/help").await;
    let address = elements(&html)
        .iter()
        .find(|(name, at)| name == "link" && at.contains("stylesheet"))
        .map(|(_, at)| attribute(at, "href").unwrap().to_owned())
        .unwrap();
    let get = |tag: &str| Request::get(&address).header("if-none-match", tag).body(Body::empty()).unwrap();
    let first = router.clone().oneshot(get("\"other\"")).await.unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    assert!(first.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(router.clone().oneshot(get(&tag)).await.unwrap().status(), StatusCode::NOT_MODIFIED);
    let css = String::from_utf8(to_bytes(first.into_body(), MOST).await.unwrap().to_vec()).unwrap();
    assert!(!css.contains("url(") && !css.contains("@import"), "nothing is loaded from elsewhere");
}
