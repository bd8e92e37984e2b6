//! A network from its charter to a record that somebody else reads, with every step taken at the command line.

use crate::support::copy;
use crate::support::network::{Network, Shared};
use crate::support::{assert_code, errors, json, koinon, new_key, text};
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;

pub(crate) const NEED: &str = "kind = \"need\"\ntopic = 610\nstatus = \"open\"\ntitle.en = \"A shared inspector\"\n\
    problem.en = \"\"\"\nWe cannot fill the post alone.\n\"\"\"\n";

/// A founder 'riverland' and, when it was vouched for, a member 'office'.
pub(crate) struct Town {
    pub(crate) home: TempDir,
    pub(crate) node: String,
    pub(crate) state: Shared,
    pub(crate) member: String,
    pub(crate) founder: String,
}

impl Town {
    /// Founded, with the inceptions signed and nothing published.
    pub(crate) fn found() -> Self {
        static MADE: OnceLock<Town> = OnceLock::new();
        MADE.get_or_init(Self::make).twin()
    }

    /// With both organisations published, and the member vouched for.
    pub(crate) fn vouched() -> Self {
        static MADE: OnceLock<Town> = OnceLock::new();
        let made = MADE.get_or_init(|| {
            let town = Self::found();
            assert_code(&town.run(&["publish", &town.file("riverland.record")]), 0);
            assert_code(&town.vouch(), 0);
            assert_code(&town.run(&["publish", &town.file("office.record")]), 0);
            town
        });
        made.twin()
    }

    /// As [`Town::found`], in a network that no other test has.
    pub(crate) fn make() -> Self {
        let home = tempfile::tempdir().unwrap();
        for key in ["riverland", "office", "root", "next"] {
            new_key(home.path(), key);
        }
        let charter = home.path().join("charter.record");
        json(&crate::charter::create(home.path(), &charter, &["--founder", "en=Riverland Association;PL;riverland"]));
        let (node, state) = Network::serve(std::fs::read(&charter).unwrap());
        let mut town = Self { home, node, state, member: String::new(), founder: String::new() };
        town.founder = town.org("riverland", "en=Riverland Association");
        town.member = town.org("office", "pl=Dolna Wieś");
        town
    }

    /// Another town that is as this one: keys are costly to make.
    fn twin(&self) -> Self {
        let home = tempfile::tempdir().unwrap();
        copy(self.home.path(), home.path());
        let (node, state) = self.state.lock().unwrap().clone().serve_it();
        Self { home, node, state, member: self.member.clone(), founder: self.founder.clone() }
    }

    pub(crate) fn vouch(&self) -> std::process::Output {
        let decision = ["--evidence", "Seal and letter seen", "--resolution", "12/2026", "--date", "2026-03-02"];
        self.run(&[&["vouch", &self.member, "--as", "riverland", "--until", "2090-01-01", "--json"], &decision[..]].concat())
    }

    fn org(&self, key: &str, name: &str) -> String {
        let file = self.file(&format!("{key}.record"));
        let keys = ["--device", key, "--root", "root", "--next-root", "next"];
        let created = self.run(&[&["org", "create", "--name", name, "--country", "PL", "--json", &file], &keys[..]].concat());
        json(&created)["organisation"].as_str().unwrap().to_owned()
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.home.path().join(name), text).unwrap();
        self.file(name)
    }

    /// The command, with this town's node.
    pub(crate) fn run(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = crate::support::command(self.home.path(), arguments);
        command.env("KOINON_NODE", &self.node).output().unwrap()
    }

    pub(crate) fn at(&self, home: &Path, arguments: &[&str]) -> std::process::Output {
        crate::support::command(home, arguments).env("KOINON_NODE", &self.node).output().unwrap()
    }
}

#[test]
fn from_the_charter_to_a_record_that_an_auditor_reads() {
    let town = Town::vouched();
    let need = town.write("need.toml", NEED);
    let published = json(&town.run(&["publish", "--json", "--key", "office", &need]));
    let id = published["id"].as_str().unwrap();
    let auditor = tempfile::tempdir().unwrap();
    let shown = text(&town.at(auditor.path(), &["show", id]));
    for expected in [
        "A shared inspector",
        "We cannot fill the post alone.",
        "Proven: Dolna Wieś says this, and may.",
        "content unchanged",
        "The charter names Riverland Association (PL) as a founder.",
        "Riverland Association (PL) vouches for Dolna Wieś (PL)",
        "12/2026 of 2026-03-02",
        "Seal and letter seen",
    ] {
        assert!(shown.replace("\n  ", " ").contains(expected), "{expected}: {shown}");
    }
    let log = json(&town.at(auditor.path(), &["log", "--json", &town.member]));
    assert_eq!(log["records"][0]["id"], id);
    assert_eq!(log["records"].as_array().unwrap().len(), 2, "the inception and the need");
    let file = town.file("fetched.record");
    assert_code(&town.at(auditor.path(), &["get", id, &file]), 0);
    assert_code(&koinon(auditor.path(), &["verify", &file]), 0);
}

#[test]
fn a_bundle_proves_the_record_without_the_node_and_every_changed_part_of_it_is_found() {
    let town = Town::vouched();
    let need = town.write("need.toml", NEED);
    let published = json(&town.run(&["publish", "--json", "--key", "office", &need]));
    let file = town.file("need.bundle");
    let fetched = json(&town.run(&["bundle", "--json", published["id"].as_str().unwrap(), "--output", &file]));
    assert_eq!(fetched["report"]["verified"], true);
    let auditor = tempfile::tempdir().unwrap();
    let charter = town.file("charter.record");
    let proven = json(&koinon(auditor.path(), &["verify", "--json", "--charter", &charter, &file]));
    assert_eq!(proven["records"][0]["author"]["id"], town.member);
    let other = ["verify", "--network", &"11".repeat(32), &file];
    assert_code(&koinon(auditor.path(), &other), 3);
    let bytes = std::fs::read(&file).unwrap();
    for place in (16..bytes.len()).step_by(bytes.len() / 40) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let broken = town.home.path().join("broken.bundle");
        std::fs::write(&broken, changed).unwrap();
        assert_code(&koinon(auditor.path(), &["verify", broken.to_str().unwrap()]), 3);
    }
}

#[test]
fn the_report_is_a_page_to_keep_in_which_a_strangers_text_stays_text() {
    let town = Town::vouched();
    let hostile = "<script>alert(1)</script>\\\"'><img src=x onerror=alert(1)>&amp;";
    let need = town.write("need.toml", &NEED.replace("A shared inspector", hostile).replace("fill the post", hostile));
    let published = json(&town.run(&["publish", "--json", "--key", "office", &need]));
    let file = town.file("need.bundle");
    assert_code(&town.run(&["bundle", published["id"].as_str().unwrap(), "--output", &file]), 0);
    let (page, charter) = (town.file("report.html"), town.file("charter.record"));
    let verify = |options: &[&str]| town.run(&[&["verify", &file, "--charter", &charter][..], options].concat());
    let found = json(&verify(&["--json", "--html", &page]));
    assert_eq!(found["html"], page);
    let html = std::fs::read_to_string(&page).unwrap();
    for never in ["<script", "<img", "onerror=alert(1)>", "http://", "https://", "url("] {
        assert!(!html.contains(never), "{never} in {html}");
    }
    for said in [
        "Verified",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&amp;amp;",
        "Dolna Wieś (PL)",
        "Riverland Association (PL)",
        "Resolution 12/2026",
        "no checkpoint of the journal covers it yet",
        "What this does not prove",
    ] {
        assert!(html.contains(said), "{said} is not in {html}");
    }
    assert_code(&verify(&["--html", &page]), 1);
    assert_eq!(std::fs::read_to_string(&page).unwrap(), html, "a file that is there is not written over");
    let unanchored = town.file("unanchored.html");
    assert_code(&koinon(town.home.path(), &["verify", &file, "--html", &unanchored]), 0);
    assert!(std::fs::read_to_string(&unanchored).unwrap().contains("Compare that network&#39;s id with the one you know"));
    let asked = verify(&["--quorum", "1"]);
    assert_code(&asked, 3);
    assert!(String::from_utf8_lossy(&asked.stdout).contains("the time is not proven"), "{asked:?}");
    assert_code(&verify(&["--witness", "nonsense"]), 2);
    assert_code(&town.run(&["verify", &charter, "--html", &town.file("other.html")]), 3);
}

#[test]
fn a_node_that_proves_another_record_than_the_one_asked_for_is_not_believed() {
    let town = Town::vouched();
    let (one, other) = (town.founder.clone(), town.member.clone());
    let bundle = town.file("one.bundle");
    assert_code(&town.run(&["bundle", &one, "--output", &bundle]), 0);
    let (bundle, charter) = (std::fs::read(bundle).unwrap(), std::fs::read(town.file("charter.record")).unwrap());
    let liar = crate::support::server::serve(move |request| {
        ("200 OK", if request.line.contains("charter") { charter.clone() } else { bundle.clone() })
    });
    assert_code(&town.run(&["show", &one, "--node", &liar]), 0);
    assert_code(&town.run(&["show", &other, "--node", &liar]), 3);
    let mut elsewhere = crate::support::command(town.home.path(), &["show", &one, "--node", &liar]);
    assert_code(&elsewhere.env("KOINON_NETWORK", "11".repeat(32)).output().unwrap(), 3);
}

#[test]
fn nobody_is_heard_before_somebody_vouches_and_the_advice_says_so() {
    let town = Town::found();
    assert_code(&town.run(&["publish", &town.file("riverland.record")]), 0);
    let refused = town.run(&["publish", &town.file("office.record")]);
    assert_code(&refused, 6);
    assert!(errors(&refused).contains("must vouch for the organisation first"), "{}", errors(&refused));
    let vouched = json(&town.vouch());
    assert_eq!(vouched["organisation"], town.member);
    assert_code(&town.run(&["publish", &town.file("office.record")]), 0);
    let shown = text(&town.run(&["org", "show", "office"]));
    assert!(
        shown.contains("It may publish, until 2090-01-01.") && shown.contains("Riverland Association vouches for"),
        "{shown}"
    );
}

#[test]
fn a_vouch_that_no_node_would_accept_is_not_signed() {
    let town = Town::found();
    assert_code(&town.run(&["publish", &town.file("riverland.record")]), 0);
    let before = town.state.lock().unwrap().records.len();
    let decision = ["--evidence", "Seen", "--resolution", "1", "--date", "2026-03-02"];
    for (period, code) in [
        (&["--from", "2030-01-01", "--until", "2029-01-01"][..], 1),
        (&["--until", "2029-02-30"], 2),
        (&["--until", "2029-01-01", "--depth", "4"], 2),
        (&["--until", "2029-01-01", "--scope", "everything"], 2),
    ] {
        let output = town.run(&[&["vouch", &town.member, "--as", "riverland"], period, &decision[..]].concat());
        assert_code(&output, code);
    }
    let by_the_member = town.run(&[&["vouch", &town.founder, "--as", "office", "--until", "2029-01-01"], &decision[..]].concat());
    assert_code(&by_the_member, 6);
    assert_eq!(town.state.lock().unwrap().records.len(), before);
}

#[test]
fn a_second_key_speaks_for_the_organisation_once_the_root_let_it() {
    let town = Town::vouched();
    new_key(town.home.path(), "registry");
    let need = town.write("need.toml", NEED);
    assert_code(&town.run(&["publish", "--key", "registry", &need]), 2);
    let add = ["device", "add", "registry", "--label", "Registry", "--root", "root", "--as", "office", "--json"];
    assert_eq!(json(&town.run(&add))["organisation"], town.member);
    assert_code(&town.run(&["publish", "--key", "registry", &need]), 0);
    let own = json(&town.run(&["org", "list", "--json"]));
    let keys: Vec<_> = own["organisations"].as_array().unwrap().iter().map(|own| own["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["office", "registry", "riverland"]);
}

#[test]
fn an_organisation_finds_its_network_in_a_charter_or_at_the_node() {
    let town = Town::found();
    new_key(town.home.path(), "third");
    let own = json(&town.run(&["org", "list", "--json"]));
    let network = own["organisations"][0]["network"].clone();
    let arguments =
        ["org", "create", "--name", "en=Third", "--country", "PL", "--device", "third", "--root", "root", "--next-root", "next"];
    let rest = ["--json", "--charter", &town.file("charter.record"), &town.file("third.record")];
    let created = json(&koinon(town.home.path(), &[&arguments[..], &rest].concat()));
    assert_eq!(created["network"], network);
}

#[test]
fn a_node_that_makes_up_a_standing_is_found_out() {
    let town = Town::vouched();
    let honest = json(&town.run(&["org", "show", "--json", &town.member]));
    assert_eq!(honest["chain"][1]["problem"], serde_json::Value::Null);
    let attestation = honest["chain"][1]["record"].clone();
    let stranger = town.founder.clone();
    let mut forged = honest;
    forged["id"] = stranger.clone().into();
    forged["standing"]["path"][1] = serde_json::json!({ "record": attestation, "organisation": stranger, "name": "Stranger" });
    let state = std::sync::Arc::clone(&town.state);
    let liar = crate::support::server::serve(move |request| {
        if request.target().1.contains("/organisations/") {
            return ("200 OK", forged.to_string().into_bytes());
        }
        state.lock().unwrap().answer(request)
    });
    let shown = town.run(&["org", "show", &town.founder, "--node", &liar]);
    assert_code(&shown, 3);
    let said = String::from_utf8(shown.stdout).unwrap();
    assert!(said.contains("the proof does not hold") && said.contains("the attestation is for another organisation"), "{said}");
}
