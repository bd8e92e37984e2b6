//! `koinon publish` signs only what is right, and never two records at one place of a log.

use crate::network::{NEED, Town};
use crate::support::network::open;
use crate::support::{assert_code, copy, errors, files, json, text};
use koinon_protocol::log::LogId;
use std::fs;
use std::path::Path;

#[test]
fn what_is_wrong_is_named_where_it_was_written_and_nothing_is_asked_of_the_node() {
    let town = Town::vouched();
    let asked = town.state.lock().unwrap().asked.len();
    let wrong = NEED.replace("610", "5").replace("status = \"open\"", "stattus = \"open\"").replace("title.en", "title.en.x");
    let failed = town.run(&["publish", "--key", "office", &town.write("need.toml", &wrong)]);
    assert_code(&failed, 1);
    let said = errors(&failed);
    for expected in ["line 2, topic: ", "line 3, stattus: ", "did you mean status?", "line 4, title.en", "status: is required"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let listed: serde_json::Value =
        serde_json::from_slice(&town.run(&["publish", "--json", "--key", "office", &town.file("need.toml")]).stderr).unwrap();
    assert_eq!(listed["problems"][0]["line"], 2);
    assert_eq!(town.state.lock().unwrap().asked.len(), asked);
}

#[test]
fn a_form_as_it_comes_is_not_complete_and_one_that_is_filled_in_says_in_its_header_what_its_body_says() {
    let town = Town::vouched();
    let form = town.file("practice.toml");
    assert_code(&town.run(&["new", "practice", &form, "--language", "ro"]), 0);
    assert_code(&town.run(&["publish", "--key", "office", &form]), 1);
    let need = town.write("need.toml", NEED);
    assert_code(&town.run(&["publish", "--key", "office", &need]), 0);
    let state = town.state.lock().unwrap();
    let (record, body) = open(&state.records.last().unwrap().1).unwrap();
    assert_eq!(record.header().topic, 610);
    let body: serde_json::Value = serde_json::from_slice(body.bytes()).unwrap();
    assert_eq!(body["problem"]["en"], "We cannot fill the post alone.");
    assert!(body.get("kind").is_none());
}

#[test]
fn a_dry_run_publishes_and_keeps_nothing() {
    let town = Town::vouched();
    let need = town.write("need.toml", NEED);
    let before = town.state.lock().unwrap().records.len();
    assert_eq!(json(&town.run(&["publish", "--json", "--dry-run", "--key", "office", &need]))["ok"], true);
    assert_eq!(town.state.lock().unwrap().records.len(), before);
    assert_eq!(copies(&town), 0);
    assert_eq!(json(&town.run(&["publish", "--json", "--key", "office", &need]))["position"], before);
    let signed = files(&town.home.path().join("logs")).into_iter().find(|path| is_of(path, &town.member)).unwrap();
    let refused = town.run(&["publish", "--dry-run", signed.to_str().unwrap()]);
    assert!(errors(&refused).contains("place 0 of the log is taken"), "its place is taken, by itself: {}", errors(&refused));
}

#[test]
fn a_record_that_did_not_arrive_is_sent_as_it_was_signed_when_the_command_is_repeated() {
    let town = Town::vouched();
    let need = town.write("need.toml", NEED);
    town.state.lock().unwrap().busy = true;
    let unsent = town.run(&["publish", "--key", "office", &need]);
    assert_code(&unsent, 1);
    assert!(errors(&unsent).contains("Run the same command again"), "{}", errors(&unsent));
    assert_eq!(copies(&town), 1);
    town.state.lock().unwrap().busy = false;
    let before = town.state.lock().unwrap().records.len();
    assert_eq!(json(&town.run(&["publish", "--json", "--key", "office", &need]))["position"], before);
    assert_eq!((copies(&town), town.state.lock().unwrap().records.len()), (1, before + 1));
}

#[test]
fn a_record_that_did_not_arrive_is_sent_before_the_next_one() {
    let town = Town::vouched();
    town.state.lock().unwrap().busy = true;
    assert_code(&town.run(&["publish", "--key", "office", &town.write("need.toml", NEED)]), 1);
    town.state.lock().unwrap().busy = false;
    let other = town.write("other.toml", &NEED.replace("inspector", "engineer"));
    assert_code(&town.run(&["publish", "--key", "office", &other]), 0);
    let state = town.state.lock().unwrap();
    let places: Vec<_> = state.records.iter().rev().take(2).map(|(_, bytes)| open(bytes).unwrap().0.header().seq).collect();
    assert_eq!(places, [1, 0]);
}

#[test]
fn the_same_content_is_published_twice_only_on_purpose() {
    let town = Town::vouched();
    let need = town.write("need.toml", NEED);
    let first = json(&town.run(&["publish", "--json", "--key", "office", &need]));
    let refused = town.run(&["publish", "--key", "office", &need]);
    assert_code(&refused, 1);
    assert!(errors(&refused).contains(first["id"].as_str().unwrap()), "{}", errors(&refused));
    assert_code(&town.run(&["publish", "--key", "office", "--again", &need]), 0);
}

#[test]
fn a_computer_restored_from_a_backup_does_not_fork_its_log_and_can_go_on_by_naming_the_newest_record() {
    let town = Town::vouched();
    let need = town.write("need.toml", NEED);
    let first = json(&town.run(&["publish", "--json", "--key", "office", "--again", &need]));
    let backup = town.home.path().join("backup");
    copy(&town.home.path().join("logs"), &backup);
    json(&town.run(&["publish", "--json", "--key", "office", "--again", &need]));
    let newest = json(&town.run(&["publish", "--json", "--key", "office", "--again", &need]));
    fs::remove_dir_all(town.home.path().join("logs")).unwrap();
    copy(&backup, &town.home.path().join("logs"));
    let before = town.state.lock().unwrap().records.len();
    let refused = town.run(&["publish", "--key", "office", "--again", &need]);
    assert_code(&refused, 1);
    let (said, newest) = (errors(&refused), newest["id"].as_str().unwrap());
    assert!(said.contains("2 records") && said.contains(&format!("--continue-after {newest}")), "{said}");
    let wrong = town.run(&["publish", "--key", "office", "--again", "--continue-after", first["id"].as_str().unwrap(), &need]);
    assert_code(&wrong, 1);
    assert_eq!(town.state.lock().unwrap().records.len(), before);
    assert_code(&town.run(&["publish", "--key", "office", "--again", "--continue-after", newest, &need]), 0);
    assert_eq!(copies(&town), 4);
    assert_code(&town.run(&["publish", "--key", "office", "--again", &need]), 0);
}

#[test]
fn a_node_with_another_record_at_a_place_of_ours_gets_nothing() {
    let town = Town::vouched();
    let need = town.write("need.toml", NEED);
    json(&town.run(&["publish", "--json", "--key", "office", &need]));
    let mut state = town.state.lock().unwrap();
    let log = LogId::from(open(&state.records.last().unwrap().1).unwrap().0.header());
    state.heads.get_mut(&log).unwrap().id.0[0] ^= 1;
    drop(state);
    let refused = town.run(&["publish", "--key", "office", &need]);
    assert_code(&refused, 1);
    assert!(errors(&refused).contains("another record at place 0"), "{}", errors(&refused));
}

#[test]
fn a_copy_that_was_changed_is_found_before_anything_is_signed() {
    let town = Town::vouched();
    let need = town.write("need.toml", NEED);
    json(&town.run(&["publish", "--json", "--key", "office", &need]));
    let copy = files(&town.home.path().join("logs")).into_iter().find(|path| is_of(path, &town.member)).unwrap();
    let mut bytes = fs::read(&copy).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::remove_file(&copy).unwrap();
    fs::write(&copy, bytes).unwrap();
    assert_code(&town.run(&["publish", "--key", "office", &need]), 3);
}

#[test]
fn another_network_s_node_is_told_apart_before_a_key_is_opened() {
    let (town, other) = (Town::vouched(), Town::make());
    let need = town.write("need.toml", NEED);
    let refused = town.run(&["publish", "--key", "office", "--node", &other.node, &need]);
    assert_code(&refused, 1);
    assert!(errors(&refused).contains("belongs to network"), "{}", errors(&refused));
}

#[test]
fn a_revision_names_what_it_replaces_and_a_strangers_text_cannot_reach_the_terminal() {
    let town = Town::vouched();
    let need = town.write("need.toml", &NEED.replace("A shared inspector", "A \\u001b[31mred\\u202e inspector"));
    let first = json(&town.run(&["publish", "--json", "--key", "office", &need]));
    let first = first["id"].as_str().unwrap();
    let second = json(&town.run(&["publish", "--json", "--key", "office", "--revises", first, &need]));
    let shown = text(&town.run(&["show", second["id"].as_str().unwrap()]));
    assert!(shown.contains(first), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{202e}']) && shown.contains("inspector"), "{shown}");
}

fn copies(town: &Town) -> usize {
    files(&town.home.path().join("logs")).iter().filter(|path| is_of(path, &town.member)).count()
}

fn is_of(path: &Path, organisation: &str) -> bool {
    path.components().any(|part| part.as_os_str() == organisation)
}
