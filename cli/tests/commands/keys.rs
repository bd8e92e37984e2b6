//! Keys at rest: OpenSSL reads what `koinon` wrote and the other way round, and nothing is overwritten or asked in vain.
use crate::support::{PASSPHRASE, assert_code, command, koinon, text};
use std::process::{Command, Output, Stdio};

#[test]
fn openssl_opens_a_key_that_koinon_made_and_derives_the_same_public_key() {
    if !has_openssl() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    assert_code(&koinon(home.path(), &["key", "new", "office"]), 0);
    let file = home.path().join("keys/office.pem");
    let theirs = openssl(&["pkey", "-in", file.to_str().unwrap(), "-passin", &format!("pass:{PASSPHRASE}"), "-pubout"]);
    let ours = koinon(home.path(), &["key", "export", "office", "--public"]);
    assert_eq!(text(&ours), text(&theirs));
    let wrong = openssl(&["pkey", "-in", file.to_str().unwrap(), "-passin", "pass:another passphrase", "-pubout"]);
    assert!(!wrong.status.success());
}

#[test]
fn keys_that_openssl_made_can_be_imported_plain_and_encrypted() {
    if !has_openssl() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", &path("plain")]);
    let pass = format!("pass:{PASSPHRASE}");
    openssl(&["pkey", "-in", &path("plain"), "-aes-256-cbc", "-passout", &pass, "-out", &path("locked")]);
    let expected = text(&openssl(&["pkey", "-in", &path("plain"), "-pubout"]));
    for kind in ["plain", "locked"] {
        assert_code(&koinon(home.path(), &["key", "import", kind, &path(kind)]), 0);
        assert_eq!(text(&koinon(home.path(), &["key", "export", kind, "--public"])), expected);
    }
}

#[test]
fn an_exported_key_imports_as_the_same_key() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backup = one.path().join("backup.pem");
    assert_code(&koinon(one.path(), &["key", "new", "office"]), 0);
    assert_code(&koinon(one.path(), &["key", "export", "office", "-o", backup.to_str().unwrap()]), 0);
    assert_code(&koinon(other.path(), &["key", "import", "office", backup.to_str().unwrap()]), 0);
    assert_eq!(text(&koinon(one.path(), &["key", "list"])), text(&koinon(other.path(), &["key", "list"])));
}

#[test]
fn a_key_is_private_to_its_owner_and_never_overwritten() {
    let home = tempfile::tempdir().unwrap();
    assert_code(&koinon(home.path(), &["key", "new", "office"]), 0);
    let file = home.path().join("keys/office.pem");
    let before = std::fs::read(&file).unwrap();
    assert_code(&koinon(home.path(), &["key", "new", "office"]), 1);
    assert_code(&koinon(home.path(), &["key", "export", "office", "--output", file.to_str().unwrap()]), 1);
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert_eq!(std::fs::read_dir(home.path().join("keys")).unwrap().count(), 1, "no temporary file stays");
    #[cfg(unix)]
    for (path, mode) in [(file, 0o600), (home.path().join("keys"), 0o700)] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
}

#[test]
fn a_wrong_passphrase_a_missing_key_and_an_unsafe_name_have_codes_of_their_own() {
    let home = tempfile::tempdir().unwrap();
    assert_code(&koinon(home.path(), &["key", "new", "office"]), 0);
    let file = home.path().join("keys/office.pem");
    let import = ["key", "import", "copy", file.to_str().unwrap()];
    let wrong = command(home.path(), &import).env("KOINON_PASSPHRASE", "not the passphrase").output().unwrap();
    assert_code(&wrong, 6);
    assert_code(&koinon(home.path(), &["key", "export", "nobody"]), 4);
    assert_code(&koinon(home.path(), &["key", "new", "../escape"]), 2);
    let not_a_key = home.path().join("note");
    std::fs::write(&not_a_key, "no key").unwrap();
    assert_code(&koinon(home.path(), &["key", "import", "note", not_a_key.to_str().unwrap()]), 1);
}

#[test]
fn off_a_terminal_nobody_is_asked_and_the_error_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let output = command(home.path(), &["key", "new", "office"]).env_remove("KOINON_PASSPHRASE").output().unwrap();
    assert_code(&output, 1);
    assert!(String::from_utf8_lossy(&output.stderr).contains("--passphrase-file"));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_passphrase_file_counts_before_the_environment_and_short_ones_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("passphrase");
    std::fs::write(&file, "short\n").unwrap();
    let new = ["key", "new", "office", "--passphrase-file", file.to_str().unwrap()];
    assert_code(&koinon(home.path(), &new), 1);
    std::fs::write(&file, "long enough to use\r\nsecond line\n").unwrap();
    assert_code(&koinon(home.path(), &new), 0);
    let key = home.path().join("keys/office.pem");
    let import = |name| ["key", "import", name, key.to_str().unwrap()];
    assert_code(&command(home.path(), &import("copy")).env("KOINON_PASSPHRASE", "long enough to use").output().unwrap(), 0);
    assert_code(&command(home.path(), &import("another")).env("KOINON_PASSPHRASE_FILE", &file).output().unwrap(), 0);
}

#[test]
fn json_gives_one_object_to_standard_output_and_errors_to_standard_error() {
    let home = tempfile::tempdir().unwrap();
    assert_code(&koinon(home.path(), &["key", "new", "office"]), 0);
    let list: serde_json::Value = serde_json::from_slice(&koinon(home.path(), &["--json", "key", "list"]).stdout).unwrap();
    assert_eq!(list["keys"][0]["name"], "office");
    assert_eq!(list["keys"][0]["device"].as_str().unwrap().len(), 64);
    let failed = koinon(home.path(), &["--json", "key", "export", "nobody"]);
    let error: serde_json::Value = serde_json::from_slice(&failed.stderr).unwrap();
    assert_eq!(error["code"], 4);
    assert!(error["error"].is_string() && error["advice"].is_string() && failed.stdout.is_empty());
}

fn has_openssl() -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok();
    if !found {
        eprintln!("not tested: openssl is absent; install it with: apt-get install openssl");
    }
    found
}

fn openssl(arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).stdin(Stdio::null()).output().unwrap()
}
