//! The shell blocks of the guides, run one after the other with the programs that were built here: a newcomer can rely on them.

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The ports that guides name: others stand in their place, so that nothing is in the way of a node that runs on this machine.
const PORTS: [&str; 4] = ["8480", "8481", "8482", "8483"];

#[test]
fn a_newcomer_founds_a_network() {
    follow("first-network.md");
}

#[test]
fn an_operator_configures_backs_up_and_restores() {
    follow("operator.md");
}

#[test]
fn an_association_decides_with_others() {
    follow("association.md");
}

#[test]
fn an_auditor_checks_what_a_network_says() {
    for (program, arguments, needs) in [
        ("node", &["-e", "process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)"][..], "Node 20"),
        ("python3", &["-c", "import cryptography"], "Python with its package cryptography"),
        ("openssl", &["version"], "OpenSSL"),
        ("xxd", &["--version"], "xxd"),
    ] {
        if !Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: the guide needs {needs}");
            return;
        }
    }
    follow("auditor.md");
}

fn follow(guide: &str) {
    let text = std::fs::read_to_string(root().join("docs/guides").join(guide)).unwrap();
    let home = tempfile::tempdir().unwrap();
    let script = home.path().join("guide.sh");
    let body = with_free_ports(&blocks(&text));
    assert!(!body.is_empty(), "{guide} has no block to run");
    // Whatever a guide leaves running ends with it.
    std::fs::write(&script, format!("trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n{body}")).unwrap();
    let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("timeout");
    command.args(["300", "bash", "-euo", "pipefail"]).arg(&script).current_dir(&home).env_clear();
    let done =
        command.env("PATH", path).env("HOME", home.path()).env("LANG", "C.UTF-8").env("KOINON_SOURCE", root()).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{guide} ends with {}\n{out}\n{err}", done.status);
}

/// Everything between a line of "```sh" and the next line of "```".
fn blocks(text: &str) -> String {
    let mut inside = false;
    let mut script = String::new();
    for line in text.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside => script.extend([line, "\n"]),
            _ => {}
        }
    }
    script
}

fn with_free_ports(script: &str) -> String {
    let held = PORTS.map(|port| (port, TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()));
    let usual = |script: String, (port, free): &(&str, TcpListener)| {
        let free = free.local_addr().unwrap().port().to_string();
        script.replace(port, &free)
    };
    let script = held.iter().fold(script.to_owned(), usual);
    // The client's default is the usual port.
    let node = held[0].1.local_addr().unwrap().port();
    format!("export KOINON_NODE=http://localhost:{node}\n{script}")
}

/// Where cargo put `koinond` and `koinon`: beside the folder of this test.
fn programs() -> PathBuf {
    let folder = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
    for program in ["koinond", "koinon"] {
        let path = folder.join(program);
        assert!(path.exists(), "{} is not there: `cargo build --workspace` builds it", path.display());
    }
    folder
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
