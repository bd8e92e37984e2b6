//! What several decide together, from the proposal to the node, each person at a computer of their own.

use crate::network::{NEED, Town};
use crate::support::network::Network;
use crate::support::{assert_code, copy, errors, json, new_key, text};
use serde_json::Value;
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;

const MANDATE: [&str; 4] = ["--resolution", "9/2026", "--date", "2026-10-02"];

/// Two founders, each with a computer of its own, and the second's with two roots of which both must sign.
struct League {
    one: TempDir,
    two: TempDir,
    node: String,
    second: String,
}

impl League {
    fn new() -> Self {
        static MADE: OnceLock<(TempDir, TempDir, crate::support::network::Shared, String)> = OnceLock::new();
        let (one, two, state, second) = MADE.get_or_init(|| {
            let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            new_key(one.path(), "riverland");
            let key = new_key(two.path(), "valea");
            for name in ["chair", "secretary", "chair-2", "secretary-2", "newest"] {
                new_key(two.path(), name);
            }
            let charter = one.path().join("charter.record");
            let founder = format!("ro=Asociația Valea;RO;{key}");
            let founders = ["--founder", "en=Riverland Association;PL;riverland", "--founder", &founder];
            json(&crate::charter::create(one.path(), &charter, &founders));
            let (node, state) = Network::serve(std::fs::read(&charter).unwrap());
            let file = two.path().join("valea.record").to_str().unwrap().to_owned();
            let roots = ["--root", "chair", "--root", "secretary", "--threshold", "2"];
            let next = ["--next-root", "chair-2", "--next-root", "secretary-2", "--next-threshold", "2"];
            let create =
                ["org", "create", "--name", "ro=Asociația Valea", "--country", "RO", "--device", "valea", "--json", &file];
            let created = json(&run(two.path(), &node, &[&create[..], &roots, &next].concat()));
            assert_code(&run(two.path(), &node, &["publish", &file]), 0);
            (one, two, state, created["organisation"].as_str().unwrap().to_owned())
        });
        let twin = |from: &TempDir| {
            let home = tempfile::tempdir().unwrap();
            copy(from.path(), home.path());
            home
        };
        let (node, _) = state.lock().unwrap().clone().serve_it();
        Self { one: twin(one), two: twin(two), node, second: second.clone() }
    }

    fn one(&self, arguments: &[&str]) -> std::process::Output {
        run(self.one.path(), &self.node, arguments)
    }

    fn two(&self, arguments: &[&str]) -> std::process::Output {
        run(self.two.path(), &self.node, arguments)
    }

    fn paper(&self, name: &str) -> String {
        self.one.path().join(name).to_str().unwrap().to_owned()
    }

    fn organisation(&self) -> Value {
        json(&self.one(&["org", "show", "--json", &self.second]))
    }
}

fn run(home: &Path, node: &str, arguments: &[&str]) -> std::process::Output {
    crate::support::command(home, arguments).env("KOINON_NODE", node).output().unwrap()
}

fn with<'a>(command: &[&'a str], rest: &[&'a str]) -> Vec<&'a str> {
    [command, rest, &MANDATE, &["--json"]].concat()
}

#[test]
fn two_founders_amend_the_charter_and_each_reads_what_changes() {
    let league = League::new();
    let paper = league.paper("amendment.json");
    let propose = ["charter", "propose", &paper, "--from", "2026-01-01", "--licence", "CC0-1.0"];
    let third = ["--add-founder", &format!("en=Third;FI;{}", new_key(league.one.path(), "third"))];
    let proposed = json(&league.one(&with(&propose, &third)));
    assert_eq!((&proposed["threshold"], &proposed["signed"]), (&2.into(), &0.into()));
    assert_eq!(errors(&league.one(&["paper", "send", &paper])).lines().next().unwrap(), "error: 0 signed, and 2 must");
    // The file alone goes to the other founder, who has nothing else of it.
    let shown = text(&league.two(&["paper", "show", &paper])).replace("\n  ", " ");
    for expected in [
        "New among the founders: Third (FI)",
        "The licence of contents is CC0-1.0; until now CC-BY-4.0.",
        "Decided by resolution 9/2026 of 2026-10-02.",
        "2 of 2 must sign; 0 signed so far.",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert_code(&league.two(&["paper", "sign", &paper]), 0);
    assert_code(&league.two(&["paper", "send", &paper]), 1);
    assert_eq!(json(&league.one(&["paper", "sign", &paper, "--key", "riverland", "--json"]))["enough"], true);
    assert_eq!(json(&league.one(&["paper", "send", "--dry-run", "--json", &paper]))["ok"], true);
    let sent = json(&league.one(&["paper", "send", "--json", &paper]));
    assert_eq!(json(&league.one(&["paper", "send", "--json", &paper])), sent, "sent again, it is the same record");
    let charter = json(&league.two(&["charter", "show", "--json"]));
    assert_eq!((&charter["licence"], &charter["number"]), (&"CC0-1.0".into(), &1.into()));
    assert_eq!(charter["terms"][1]["record"], sent["id"]);
    let history = text(&league.two(&["charter", "show", "--history"]));
    assert!(history.contains("Amendment 1, from 2026-01-01 on") && history.contains("Later amendments need 2 of 3"), "{history}");
    // Who is a founder by the amendment is shown by it.
    let shown = json(&league.one(&["org", "show", "--json", &league.second]));
    assert_eq!((&shown["chain"][0]["record"], &shown["chain"][0]["problem"]), (&sent["id"], &Value::Null));
}

#[test]
fn copies_that_were_signed_apart_are_sent_together() {
    let league = League::new();
    let (paper, copied) = (league.paper("amendment.json"), league.paper("copy.json"));
    json(&league.one(&with(&["charter", "propose", &paper, "--from", "2026-01-01", "--depth", "2"], &[])));
    std::fs::copy(&paper, &copied).unwrap();
    assert_code(&league.one(&["paper", "sign", &paper]), 0);
    assert_code(&league.two(&["paper", "sign", &copied]), 0);
    assert_eq!(json(&league.one(&["paper", "show", "--json", &paper]))["enough"], false);
    assert_code(&league.one(&["paper", "send", &paper, &copied]), 0);
    let other = league.paper("other.json");
    json(&league.one(&with(&["charter", "propose", &other, "--from", "2026-02-01", "--depth", "3"], &[])));
    assert_code(&league.one(&["paper", "show", &other, &paper]), 2);
}

#[test]
fn nobody_signs_a_second_amendment_for_one_place_by_mistake() {
    let league = League::new();
    let (one, other) = (league.paper("one.json"), league.paper("other.json"));
    let first = json(&league.one(&with(&["charter", "propose", &one, "--from", "2026-01-01", "--depth", "2"], &[])));
    json(&league.one(&with(&["charter", "propose", &other, "--from", "2026-01-01", "--depth", "4"], &[])));
    assert_code(&league.one(&["paper", "sign", &one]), 0);
    assert_code(&league.one(&["paper", "sign", &one, "--key", "riverland"]), 0);
    let refused = league.one(&["paper", "sign", &other]);
    assert_code(&refused, 1);
    let name = first["name"].as_str().unwrap();
    assert!(errors(&refused).contains(&format!("--instead-of {name}")), "{}", errors(&refused));
    assert_eq!(json(&league.one(&["paper", "show", "--json", &other]))["signed"], 0);
    assert_code(&league.one(&["paper", "sign", &other, "--instead-of", name]), 0);
}

#[test]
fn a_paper_that_was_changed_on_its_way_is_not_signed() {
    let league = League::new();
    let paper = league.paper("amendment.json");
    json(&league.one(&with(&["charter", "propose", &paper, "--from", "2026-01-01", "--licence", "CC0-1.0"], &[])));
    assert_code(&league.one(&["paper", "sign", &paper]), 0);
    let written = std::fs::read_to_string(&paper).unwrap();
    let changed = league.paper("changed.json");
    for (from, to) in
        [("CC0-1.0", "CC0-9.9"), ("\"kind\": 13", "\"kind\": 6"), ("\"carrier\": \"", "\"carrier\": \"0"), ("{", "[")]
    {
        let text = written.replace(from, to);
        assert_ne!(text, written, "{from}");
        std::fs::write(&changed, text).unwrap();
        assert_code(&league.two(&["paper", "sign", &changed]), 3);
    }
    // The words beside the text can be changed, and nobody believes them.
    let text = written.replace("The licence of contents is CC0-1.0", "The licence of contents is CC0-9.9");
    std::fs::write(&changed, text.replacen("CC0-9.9", "CC-BY-4.0", 1)).unwrap();
    let told = text_of(&league.two(&["paper", "show", &changed]));
    assert!(told.contains("The licence of contents is CC0-1.0"), "{told}");
}

#[test]
fn roots_that_were_kept_apart_take_over_and_revoke_what_a_thief_signed() {
    let league = League::new();
    let paper = league.paper("rotation.json");
    let rotate = ["org", "rotate", &paper, "--next-root", "newest", "--devices", "keep"];
    let proposed = json(&league.two(&with(&rotate, &[])));
    assert_eq!(proposed["threshold"], 2);
    assert_code(&league.two(&["paper", "sign", &paper, "--key", "chair"]), 6);
    assert_code(&league.two(&["paper", "sign", &paper]), 2);
    assert_code(&league.two(&["paper", "sign", &paper, "--key", "chair-2", "--key", "secretary-2"]), 0);
    let sent = json(&league.two(&["paper", "send", &paper, "--json"]));
    let shown = league.organisation();
    assert_eq!((&shown["key_event"], &shown["roots"]["threshold"]), (&sent["name"], &2.into()));
    assert_ne!(shown["key_event"], shown["id"]);
    // The old roots let nobody in; the new ones do.
    new_key(league.two.path(), "office");
    let add = ["device", "add", "office", "--label", "Office", "--as", "valea"];
    let old = league.two(&[&add[..], &["--root", "chair", "--root", "secretary"]].concat());
    assert_code(&old, 6);
    assert_code(&league.two(&[&add[..], &["--root", "chair-2"]].concat()), 1);
    assert_code(&league.two(&[&add[..], &["--root", "chair-2", "--root", "secretary-2"]].concat()), 0);
    let need = league.paper("need.toml");
    std::fs::write(&need, NEED).unwrap();
    assert_code(&league.two(&["publish", "--key", "office", &need]), 0);
    // And they end what the first key may say.
    let paper = league.paper("revocation.json");
    let revoke = ["org", "revoke-device", "office", &paper, "--last", "0", "--ground", "Lost on a train", "--as", "valea"];
    json(&league.two(&with(&revoke, &[])));
    assert_code(&league.two(&["paper", "sign", &paper, "--key", "chair-2", "--key", "secretary-2"]), 0);
    assert_code(&league.two(&["paper", "send", &paper]), 0);
    let devices = league.organisation()["devices"].clone();
    let ended = devices.as_array().unwrap().iter().find(|device| device["label"] == "Office").unwrap();
    assert_eq!(ended["ended"]["seq"], 0);
    let again = need.replace("need", "again");
    std::fs::write(&again, NEED.replace("shared", "joint")).unwrap();
    assert_code(&league.two(&["publish", "--key", "office", &again]), 6);
}

#[test]
fn what_no_node_would_accept_is_not_proposed() {
    let league = League::new();
    let paper = league.paper("paper.json");
    for (command, code) in [
        (&["charter", "propose", &paper, "--from", "2026-01-01", "--threshold", "1"][..], 1),
        (&["charter", "propose", &paper, "--from", "1970-01-01", "--depth", "2"], 1),
        (&["charter", "propose", &paper, "--from", "2026-01-01", "--remove-founder", &"ab".repeat(32)], 4),
        (&["charter", "propose", &paper, "--from", "soon"], 2),
    ] {
        assert_code(&league.one(&with(command, &[])), code);
        assert!(!Path::new(&paper).exists(), "{command:?}");
    }
    for (command, code) in [
        (&["org", "rotate", &paper, "--root", "chair", "--next-root", "newest", "--devices", "keep"][..], 1),
        (&["org", "rotate", &paper, "--next-root", "chair-2", "--devices", "keep"], 2),
        (&["org", "revoke-device", "chair", &paper, "--last", "newest", "--ground", "Lost"], 4),
        (&["org", "revoke-device", "valea", &paper, "--last", "7", "--ground", "Lost"], 1),
        (&["org", "revoke-device", "valea", &paper, "--last", "none", "--ground", " "], 1),
        (&["org", "suspend", &league.second, &paper, "--from", "2027-01-01", "--until", "2026-01-01", "--ground", "Left"], 1),
    ] {
        assert_code(&league.two(&with(command, &[])), code);
        assert!(!Path::new(&paper).exists(), "{command:?}");
    }
}

#[test]
fn an_association_suspends_its_word_and_the_town_cannot_publish() {
    let town = Town::vouched();
    let (paper, need) = (town.file("suspension.json"), town.write("need.toml", NEED));
    let document = town.write("minutes.txt", "abc");
    let suspend = ["org", "suspend", &town.member, &paper, "--as", "riverland", "--ground", "It left", "--attachment", &document];
    let proposed = json(&town.run(&with(&suspend, &[])));
    assert_eq!(proposed["attachment"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let shown = text(&town.run(&["paper", "show", &paper])).replace("\n  ", " ");
    assert!(shown.contains(&format!("It no longer vouches for Dolna Wieś ({})", town.member)), "{shown}");
    assert_code(&town.run(&["paper", "sign", &paper]), 0);
    assert_code(&town.run(&["paper", "send", &paper]), 0);
    let refused = town.run(&["publish", "--key", "office", &need]);
    assert_code(&refused, 6);
    assert!(errors(&refused).contains("suspended"), "{}", errors(&refused));
}

fn text_of(output: &std::process::Output) -> String {
    text(output).replace("\n  ", " ")
}
