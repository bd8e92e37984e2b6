//! docs/THREATS.md: what it says is tried is tried, by a test that is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The attacks of the project's list, as the first column of the table names them.
const ATTACKS: [&str; 31] = [
    "replay into another network or log",
    "older-format downgrade",
    "fork",
    "restored backup forks itself",
    "backdating by an author",
    "backdating with a revoked device",
    "stolen root key",
    "rewritten charter history",
    "councillor signs two amendments",
    "malleable encoding",
    "length bomb",
    "items hidden from reconciliation",
    "a peer that never converges",
    "gossip flood",
    "an honest peer that is ahead is punished",
    "all gossip is lost",
    "eclipse",
    "Sybil organisations",
    "a hub that withholds one author",
    "split view of a journal",
    "race that rolls a witness back",
    "erased body returns",
    "guessing an erased body",
    "forged erasure",
    "100,000 erasures of unknown records",
    "attachment that unpacks or runs",
    "subscriber to 200 topics",
    "clock one hour off",
    "tracing a publisher from gossip",
    "one-sided merger",
    "changed bytes of a bundle",
];

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// The three cells of each row.
fn rows() -> Vec<[String; 3]> {
    let text = std::fs::read_to_string(docs().join("THREATS.md")).unwrap();
    let cells = |line: &str| -> [String; 3] {
        let cells: Vec<String> = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
        cells.try_into().unwrap_or_else(|cells| panic!("a row has three cells: {cells:?}"))
    };
    let lines =
        text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---") && !line.starts_with("| attack |"));
    lines.map(cells).collect()
}

/// The tests that a cell names, each with the file of the link behind it: "`one`, `two` in [file](path)".
fn tests(cell: &str) -> Vec<(String, PathBuf)> {
    let (mut found, mut rest) = (Vec::new(), cell);
    while let Some((named, after)) = rest.split_once("](") {
        let (path, after) = after.split_once(')').unwrap();
        let names: Vec<&str> = named.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test is named before the link to {path}");
        found.extend(names.into_iter().map(|name| (name.to_owned(), docs().join(path))));
        rest = after;
    }
    found
}

/// Whether a function of this name stands in the text, and a test harness runs it.
fn is_a_test(name: &str, text: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let Some(at) = lines.iter().position(|line| line.contains(&format!("fn {name}("))) else { return false };
    let above: Vec<&&str> = lines[..at].iter().rev().take_while(|line| line.trim_start().starts_with(['#', '/'])).collect();
    let has = |attribute: &str| above.iter().any(|line| line.contains(attribute));
    (has("#[test]") || has("#[tokio::test")) && !has("#[ignore")
}

#[test]
fn every_row_names_tests_that_exist() {
    let rows = rows();
    assert!(rows.len() >= ATTACKS.len());
    for [attack, defence, tried] in &rows {
        assert!(
            !attack.is_empty() && !defence.is_empty() && !tried.is_empty(),
            "a cell is empty: {attack} | {defence} | {tried}"
        );
        let tests = tests(tried);
        assert!(!tests.is_empty(), "no test of {attack} is linked");
        for (name, file) in tests {
            let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{attack}: {}: {error}", file.display()));
            assert!(is_a_test(&name, &text), "{attack}: {} has no test {name}", file.display());
        }
    }
}

#[test]
fn every_attack_of_the_list_has_one_row_and_a_test_here() {
    let rows = rows();
    for attack in ATTACKS {
        let of: Vec<_> = rows.iter().filter(|[named, ..]| named == attack).collect();
        assert_eq!(of.len(), 1, "{attack}");
        assert!(of[0][2].contains("](../node/tests/attacks/"), "{attack} has no test in node/tests/attacks");
    }
    let named: BTreeSet<&String> = rows.iter().map(|[attack, ..]| attack).collect();
    assert_eq!(named.len(), rows.len(), "no attack has two rows");
}

#[test]
fn a_name_that_no_test_has_is_found_out() {
    let text = "/// Words.\n#[test]\nfn one() {}\n\nfn helper() {}\n#[tokio::test]\nasync fn other() {}\n#[test]\n#[ignore = \"slow\"]\nfn never() {}\n";
    assert!(is_a_test("one", text) && is_a_test("other", text));
    assert!(!is_a_test("helper", text) && !is_a_test("never", text) && !is_a_test("on", text));
    let cell = "`a`, `b` in [x](x.rs), with words; `c` in [y](y.rs)";
    let names: Vec<String> = tests(cell).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "b", "c"]);
}
