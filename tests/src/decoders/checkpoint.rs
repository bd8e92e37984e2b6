//! Checkpoints, their signatures, and what a witness is asked: text that strangers send.

use koinon_protocol::checkpoint::{
    AddCheckpoint, Checkpoint, LogKey, LogSigner, Note, Published, SignatureLine, Vkey, WitnessKey, WitnessSigner,
};
use koinon_protocol::key::Signer;
use std::sync::LazyLock;

pub(super) static LOG: LazyLock<LogSigner> = LazyLock::new(|| {
    let name = "example.com/log".parse().expect("the name is one");
    LogSigner::new(name, Signer::from_seed(&[1; 32])).expect("the key is one")
});

/// The checkpoint that the log signed, and no other can be found.
static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
    let note = Checkpoint { origin: "example.com/log".into(), size: 3, root: [7; 32] }.sign(&LOG);
    let published = Published::open(note, LOG.vkey()).expect("the log signed it");
    let name = "witness.example/2".parse().expect("the name is one");
    let witness = WitnessSigner::new(name, Signer::from_seed(&[2; 32])).expect("the key is one");
    published.with(witness.cosign(&published, 1_700_000_000), witness.vkey()).expect("the witness signed it")
});

pub(super) fn note(bytes: &[u8]) {
    let Ok(note) = Note::parse(bytes) else { return };
    assert_eq!(note.to_string().as_bytes(), bytes, "a note has one form");
    if let Ok(checkpoint) = Checkpoint::parse(note.text()) {
        assert!(note.text().starts_with(&checkpoint.to_string()), "a checkpoint has one form");
    }
    if let Ok(published) = Published::open(note, LOG.vkey()) {
        assert_eq!(published.checkpoint(), PUBLISHED.checkpoint(), "nobody signed this, and it is accepted");
    }
}

pub(super) fn notes() -> Vec<Vec<u8>> {
    let note = PUBLISHED.note().to_string();
    vec![note.replacen("\n\n", "\nextension\n\n", 1).into_bytes(), note.into_bytes()]
}

pub(super) fn request(bytes: &[u8]) {
    let Ok((request, checkpoint)) = AddCheckpoint::parse(bytes) else { return };
    assert_eq!(request.to_string().as_bytes(), bytes, "a request has one form");
    assert_eq!(Checkpoint::parse(request.note.text()), Ok(checkpoint));
}

pub(super) fn requests() -> Vec<Vec<u8>> {
    let note = PUBLISHED.note().clone();
    let ask = |old, count| AddCheckpoint { old, proof: vec![[9; 32]; count], note: note.clone() }.to_string().into_bytes();
    vec![ask(0, 0), ask(2, 3)]
}

/// A key or the lines of an answer.
pub(super) fn line(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    one_form::<1>(text);
    one_form::<4>(text);
    if let Ok(lines) = SignatureLine::parse_all(text) {
        assert_eq!(lines.iter().map(|line| format!("{line}\n")).collect::<String>(), text, "a line has one form");
    }
}

fn one_form<const TYPE: u8>(text: &str) {
    if let Ok(key) = text.parse::<Vkey<TYPE>>() {
        assert_eq!(key.to_string(), text, "a key has one form");
    }
}

pub(super) fn lines() -> Vec<Vec<u8>> {
    let witness: WitnessKey =
        "witness.example/2+d640c0d2+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU".parse().expect("the key is one");
    let log: &LogKey = LOG.vkey();
    let signatures: String = PUBLISHED.note().lines().iter().map(|line| format!("{line}\n")).collect();
    [log.to_string(), witness.to_string(), signatures].map(String::into_bytes).to_vec()
}
