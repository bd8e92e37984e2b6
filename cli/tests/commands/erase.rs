//! Taking texts away: an author its own, a moderating organisation anybody's, and what is left of them afterwards.

use crate::network::{NEED, Town};
use crate::support::{assert_code, errors, json, text};
use std::path::Path;

const LAW: &str = "Regulation (EU) 2016/679, article 17";
const WORDS: &str = "We cannot fill the post alone.";

fn need(town: &Town) -> String {
    let need = town.write("need.toml", NEED);
    let published = json(&town.run(&["publish", "--json", "--key", "office", &need]));
    std::fs::remove_file(need).unwrap();
    published["id"].as_str().unwrap().to_owned()
}

/// How many files under a folder hold these words.
fn files_with(folder: &Path, words: &str) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let holds = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        usize::from(bytes.windows(words.len()).any(|window| window == words.as_bytes()))
    };
    entries.map(|path| if path.is_dir() { files_with(&path, words) } else { holds(&path) }).sum()
}

#[test]
fn an_author_erases_a_text_and_no_copy_of_it_stays_on_this_computer() {
    let town = Town::vouched();
    let id = need(&town);
    assert_eq!(files_with(town.home.path(), WORDS), 1);
    let decision = ["--resolution", "7/2026", "--date", "2026-03-02"];
    let erase = [&["erase", &id, "--as", "office", "--json", "--ground", "It named a person."], &decision[..]].concat();
    let tried = json(&town.run(&[&erase[..], &["--dry-run"]].concat()));
    assert_eq!((&tried["ok"], files_with(town.home.path(), WORDS)), (&true.into(), 1));
    let erased = json(&town.run(&erase));
    assert_eq!((&erased["subject"], &erased["copy_erased"]), (&id.clone().into(), &true.into()));
    assert_eq!(files_with(town.home.path(), WORDS), 0);
    let again = json(&town.run(&erase));
    assert_eq!((&again["id"], &again["copy_erased"]), (&erased["id"], &false.into()), "nothing is signed a second time");
    let shown = text(&town.run(&["show", &id]));
    for expected in ["Erased by Dolna Wieś on", "It named a person.", "7/2026 of 2026-03-02", "Proven: Dolna Wieś says this"] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    // The header that is kept still marks the place in the log.
    let next = town.write("next.toml", NEED);
    assert_code(&town.run(&["publish", "--key", "office", "--again", &next]), 0);
}

#[test]
fn a_founder_gives_notice_of_a_members_record_and_a_member_cannot() {
    let town = Town::vouched();
    let id = need(&town);
    let decision = ["--ground", "A court ordered it.", "--law", LAW, "--resolution", "8/2026", "--date", "2026-03-03"];
    let by_member = town.run(&[&["notice", &id, "--as", "office"], &decision[..]].concat());
    assert!(errors(&by_member).contains("none of those that moderate the network"), "{}", errors(&by_member));
    let of_who_speaks = town.run(&[&["notice", &town.member, "--as", "riverland"], &decision[..]].concat());
    assert!(errors(&of_who_speaks).contains("says who may speak"), "{}", errors(&of_who_speaks));
    let not_its_own = town.run(&["erase", &id, "--as", "riverland", "--ground", "A court ordered it."]);
    assert!(errors(&not_its_own).contains("koinon notice"), "{}", errors(&not_its_own));
    let notice = json(&town.run(&[&["notice", &id, "--as", "riverland", "--json"], &decision[..]].concat()));
    let shown = json(&town.run(&["show", "--json", &id]));
    assert_eq!((&shown["erased"]["record"], &shown["erased"]["proven"]), (&notice["id"], &true.into()));
    assert_eq!((&shown["erased"]["law"], &shown["erased"]["organisation"]), (&LAW.into(), &town.founder.clone().into()));
    assert_eq!(shown["erased"]["receipts"], serde_json::json!({ "erased_on": ["one"], "of": 2, "silent": ["third"] }));
    let said = text(&town.run(&["show", &id]));
    assert!(said.contains("1 of 2 nodes") && said.contains("1 further receipts do not hold"), "{said}");
    assert!(said.contains("Erased by Riverland Association, which moderates this network,"), "{said}");
}

#[test]
fn a_node_that_names_another_record_as_the_erasure_is_found_out() {
    let town = Town::vouched();
    let id = need(&town);
    assert_code(&town.run(&["erase", &id, "--as", "office", "--ground", "It named a person."]), 0);
    let (state, asked, other) = (std::sync::Arc::clone(&town.state), id.clone(), town.member.clone());
    let liar = crate::support::server::serve(move |request| {
        if request.line.contains(&format!("records/{asked}")) && !request.accepts_bytes() {
            return ("200 OK", serde_json::json!({ "erased": { "record": other } }).to_string().into_bytes());
        }
        state.lock().unwrap().answer(request)
    });
    let shown = json(&town.run(&["show", "--json", &id, "--node", &liar]));
    assert_eq!(shown["erased"]["proven"], false);
}
