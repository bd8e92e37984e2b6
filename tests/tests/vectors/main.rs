//! The vectors of docs/PROTOCOL.md are what this implementation answers, and an independent program answers the same.
//!
//! `KOINON_WRITE_VECTORS=1 cargo test -p koinon-tests --test vectors` writes them anew.
#![expect(clippy::expect_used, reason = "the helpers of a test fail as the test does")]

mod acts;
mod bundle;
mod check;
mod content;
mod control;
mod forge;
mod receipt;
mod sync;
mod table;

use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names and values, all as text: hexadecimal for bytes, decimal for integers.
type Values = BTreeMap<&'static str, String>;

/// What the input of a vector claims to be; each has a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Subject {
    Key,
    Record,
    File,
    Sealed,
    Log,
    Fork,
    Control,
    Acts,
    Json,
    Kind,
    Bundle,
    Journal,
    Reconcile,
    Receipt,
}

#[derive(Serialize)]
struct Vector {
    subject: Subject,
    name: &'static str,
    network: String,
    input: String,
    expected: &'static str,
    #[serde(skip_serializing_if = "Values::is_empty")]
    values: Values,
}

#[test]
fn every_vector_is_answered_as_expected_and_the_files_say_so_byte_for_byte() {
    for (subject, text) in files() {
        let path = directory("vectors").join(format!("{}.json", format!("{subject:?}").to_lowercase()));
        if std::env::var_os("KOINON_WRITE_VECTORS").is_some() {
            std::fs::write(&path, &text).expect("the vectors can be written");
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == text, "{} is not what the code makes; KOINON_WRITE_VECTORS=1 writes it anew", path.display());
    }
}

#[test]
fn an_independent_verifier_agrees_on_every_vector() {
    let verifier = directory("verifier").join("verify.py");
    let ready = Command::new("python3").args(["-c", "import cryptography"]).output().is_ok_and(|output| output.status.success());
    if !ready {
        eprintln!("skipped: the verifier needs python3 and its package cryptography: `python3 -m pip install cryptography`");
        return;
    }
    let output = Command::new("python3").arg(&verifier).arg(directory("vectors")).output().expect("python3 starts");
    let lines = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{lines}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(lines.lines().filter(|line| line.starts_with("ok ")).count(), table::rows().len(), "{lines}");
}

fn files() -> BTreeMap<Subject, String> {
    let mut files = BTreeMap::<Subject, Vec<Vector>>::new();
    for (subject, name, expected, network, input) in table::rows() {
        let (answer, values) = match check::check(subject, network, &input) {
            Ok(values) => ("ok", values),
            Err(error) => (error, Values::new()),
        };
        assert_eq!(answer, expected, "{subject:?}: {name}");
        let vector = Vector { subject, name, network: network.to_string(), input: hex::encode(input), expected, values };
        files.entry(subject).or_default().push(vector);
    }
    files.into_iter().map(|(subject, vectors)| (subject, pretty(&vectors))).collect()
}

fn pretty(vectors: &[Vector]) -> String {
    serde_json::to_string_pretty(vectors).expect("vectors are JSON") + "\n"
}

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
