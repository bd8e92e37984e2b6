//! Checkpoints, their signatures, and what a witness is asked: text that strangers send.

use koinon_protocol::checkpoint::{
    AddCheckpoint, Checkpoint, LogKey, LogSigner, Note, Prefix, Published, SignatureLine, SplitView, Vkey, WitnessKey,
    WitnessSigner,
};
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::{Tree, consistency, root_at};
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

/// A larger tree of the log, which begins otherwise than what it published, and with what.
static SPLIT: LazyLock<SplitView> = LazyLock::new(|| {
    SplitView::of_two_sizes(PUBLISHED.of_log_only(LOG.vkey()), larger(), prefix(3)).expect("the larger tree begins otherwise")
});

/// Leaves of the larger tree.
const LARGER: u64 = 21;

fn tree() -> Tree {
    let mut tree = Tree::default();
    (0..21).for_each(|byte| tree.push(&RecordId([byte; 32])));
    tree
}

fn root(size: u64) -> [u8; 32] {
    root_at(size, |level, index| tree().node(level, index)).expect("the tree has as many leaves")
}

fn larger() -> Published {
    let note = Checkpoint { origin: "example.com/log".into(), size: LARGER, root: root(LARGER) }.sign(&LOG);
    Published::open(note, LOG.vkey()).expect("the log signed it")
}

fn prefix(size: u64) -> Prefix {
    let path = consistency(size, LARGER, |level, index| tree().node(level, index)).expect("the tree has as many leaves");
    Prefix { root: root(size), path }
}

/// What is to show that two checkpoints contradict each other.
pub(super) fn evidence(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(prefix) = text.parse::<Prefix>() {
        assert_eq!(prefix.to_string(), text, "a prefix has one form");
    }
    let [first, second] = SPLIT.checkpoints().map(|published| published.note().to_string());
    if let Ok(split) = SplitView::read(first.as_bytes(), second.as_bytes(), Some(text), LOG.vkey()) {
        assert_eq!(split, *SPLIT, "the larger tree does not begin with this, and it is accepted");
    }
    if let Ok(split) = SplitView::read(second.as_bytes(), bytes, None, LOG.vkey()) {
        panic!("the log signed one tree of this size, and {} is accepted", split.case());
    }
}

pub(super) fn exhibits() -> Vec<Vec<u8>> {
    [prefix(3).to_string(), prefix(4).to_string(), larger().note().to_string()].map(String::into_bytes).to_vec()
}

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
