//! What the tests share: the program, a record, and a node of a few lines.

pub(crate) mod network;
pub(crate) mod server;

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::record::{Draft, Sealed};
use koinon_protocol::time::Millis;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub(crate) const PASSPHRASE: &str = "correct horse battery";

/// The program with a home of its own and a passphrase, off a terminal.
pub(crate) fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_koinon"));
    command.args(arguments).env("KOINON_HOME", home).env("KOINON_PASSPHRASE", PASSPHRASE).env("LC_ALL", "C");
    command
        .env_remove("KOINON_NETWORK")
        .env_remove("KOINON_NODE")
        .env_remove("KOINON_KEY")
        .env_remove("KOINON_PASSPHRASE_FILE")
        .stdin(Stdio::null());
    command
}

pub(crate) fn koinon(home: &Path, arguments: &[&str]) -> Output {
    command(home, arguments).output().unwrap()
}

#[track_caller]
pub(crate) fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
pub(crate) fn assert_code(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
}

pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
pub(crate) fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A new key; its public half.
#[track_caller]
pub(crate) fn new_key(home: &Path, name: &str) -> String {
    json(&koinon(home, &["--json", "key", "new", name]))["device"].as_str().unwrap().to_owned()
}

pub(crate) fn signer() -> Signer {
    Signer::from_seed(&[7; 32])
}

/// A record file with this body, and its id.
pub(crate) fn record(body: &[u8]) -> (RecordId, Vec<u8>) {
    let draft = Draft {
        kind: 20,
        network: NetworkId([1; 32]),
        organisation: OrganisationId([2; 32]),
        seq: 0,
        previous: RecordId::ZERO,
        claimed_at: Millis(1_773_302_400_000),
        subject: RecordId::ZERO,
        territory: *b"PL42\0\0\0\0\0\0\0\0",
        topic: 0,
    };
    let (record, body) = draft.sign(&signer(), Sealed { salt: [3; 32], bytes: body.to_vec() }).unwrap();
    (record.id(), [record.signed().encode(), body.sealed().salt.to_vec(), body.bytes().to_vec()].concat())
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, &target).unwrap();
    }
}
