//! Checkpoints, cosignatures and keys that are changed, doubled, mixed up or signed again; and readers who rely on others.

use super::Mutant;
use crate::forge::{START, signer};
use crate::parts::Parts;
use koinon_protocol::bundle::Reliance;
use koinon_protocol::checkpoint::{Checkpoint, LogSigner, Name, Note, Published, SignatureLine, WitnessKey, WitnessSigner};
use koinon_protocol::key::PublicKey;
use std::num::NonZeroUsize;

const SECONDS: u64 = START / 1000;

pub(super) fn mutants(parts: &Parts) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let network = parts.network();
    let mut keep = |what: String, reliance: Reliance, parts: &Parts| {
        mutants.push(Mutant { what, reliance: Reliance { network: Some(network), ..reliance }, bytes: parts.bundle() });
    };
    let readers = readers();
    for (what, notes) in notes(parts) {
        for (reader, reliance) in &readers {
            keep(format!("{what}; {reader}"), reliance.clone(), &Parts { checkpoints: notes.clone(), ..parts.clone() });
        }
    }
    for text in texts(&parts.checkpoints[0]) {
        keep(
            format!("the note {:?}", String::from_utf8_lossy(&text)),
            Reliance::default(),
            &Parts { checkpoints: vec![text], ..parts.clone() },
        );
    }
    for key in vkeys() {
        keep(format!("the log {key:?}"), Reliance::default(), &Parts { log: key.clone().into_bytes(), ..parts.clone() });
        keep(format!("the witness {key:?}"), Reliance::default(), &Parts { witnesses: vec![key.into_bytes()], ..parts.clone() });
    }
    for count in [0, 1, 2, 4, 15, 16, 17] {
        let witnesses = (0..count).map(|number| vkey(31 + number % 3, number)).collect();
        keep(format!("{count} witnesses"), Reliance::default(), &Parts { witnesses, ..parts.clone() });
        let checkpoints = vec![parts.checkpoints[0].clone(); usize::from(count)];
        keep(format!("{count} times the checkpoint"), Reliance::default(), &Parts { checkpoints, ..parts.clone() });
    }
    mutants
}

/// Whom readers rely on, and on how many.
fn readers() -> Vec<(String, Reliance)> {
    let mut readers = Vec::new();
    for (whom, witnesses) in [("nobody else", vec![]), ("the second", vec![key(1, "")]), ("a stranger", vec![key(7, "")])]
        .into_iter()
        .chain([("two names of one key", vec![key(0, ""), key(0, "x")]), ("all three", vec![key(2, ""), key(0, ""), key(1, "")])])
    {
        for quorum in 0..4 {
            let reliance = Reliance { network: None, witnesses: witnesses.clone(), quorum: NonZeroUsize::new(quorum) };
            readers.push((format!("a reader who relies on {whom}, {quorum} of them"), reliance));
        }
    }
    readers
}

/// The notes of the vectors' witnesses, and those that a log or a witness who lies could write.
fn notes(parts: &Parts) -> Vec<(String, Vec<Vec<u8>>)> {
    let (size, root) = (parts.size, parts.root);
    let bare = |size, root| published("vectors/log", 30, size, root);
    let log = bare(size, root);
    let honest = cosigned(&log, &[(0, SECONDS + 9), (1, SECONDS + 5), (2, SECONDS + 7)]);
    let lines = honest.lines().to_vec();
    let with = |lines: Vec<SignatureLine>| Note::new(honest.text(), lines).expect("lines of right form").to_string().into_bytes();
    let mut notes = vec![
        ("no checkpoint".to_owned(), vec![]),
        ("a checkpoint of the log alone".to_owned(), vec![bytes(log.note())]),
        ("three cosignatures".to_owned(), vec![bytes(&honest)]),
        ("a greater tree".to_owned(), vec![bytes(&cosigned(&bare(size + 1, root), &[(0, SECONDS)]))]),
        ("another root".to_owned(), vec![bytes(&cosigned(&bare(size, [1; 32]), &[(0, SECONDS)]))]),
        ("another log's".to_owned(), vec![bytes(&cosigned(&published("vectors/other", 30, size, root), &[(0, SECONDS)]))]),
        ("another key of the log".to_owned(), vec![bytes(&cosigned(&published("vectors/log", 29, size, root), &[(0, SECONDS)]))]),
        ("without the log's signature".to_owned(), vec![with(lines[1..].to_vec())]),
        ("each line twice".to_owned(), vec![with([&lines[..], &lines].concat())]),
        ("lines in another order".to_owned(), vec![with(lines.iter().rev().cloned().collect())]),
        ("32 lines".to_owned(), vec![with(lines.iter().cycle().take(32).cloned().collect())]),
    ];
    for time in [0, 1, SECONDS, u64::MAX / 1000, u64::MAX / 1000 + 1, u64::MAX >> 1, (u64::MAX >> 1) + 1, u64::MAX] {
        let forged = line(&log, 1, time);
        notes.push((format!("a cosignature of the second {time}"), vec![with([&lines[..2], &[forged]].concat())]));
    }
    let both = [
        bytes(&cosigned(&bare(size, root), &[(0, SECONDS + 9)])),
        bytes(&cosigned(&bare(size, root), &[(0, SECONDS + 2), (2, SECONDS)])),
    ];
    notes.push(("two notes of one tree".to_owned(), both.to_vec()));
    for place in 0..lines.len() {
        let swapped = with(
            lines
                .iter()
                .enumerate()
                .map(|(n, line)| SignatureLine { signature: lines[(n + place) % lines.len()].signature.clone(), ..line.clone() })
                .collect(),
        );
        notes.push((format!("signatures moved by {place}"), vec![swapped]));
        let mut early = line(&log, 0, SECONDS + 1);
        early.signature[8 + place] ^= 1;
        notes.push((
            format!("a right and a wrong cosignature of one witness, {place}"),
            vec![with([&lines[..], &[early]].concat())],
        ));
    }
    notes
}

/// The note with other white space, characters, numbers and line ends.
fn texts(note: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8(note.to_vec()).expect("a note is text");
    let mut texts = Vec::new();
    for (from, to) in [
        ("\n\n", "\n"),
        ("\n\n", "\n\n\n"),
        ("\n\n", "\nmore\n\n"),
        ("\n\n", "\n\nmore\n\n"),
        ("\n", "\r\n"),
        ("— ", "- "),
        ("— ", "—"),
        ("— ", "—  "),
        ("vectors/w", "vectors w"),
        ("vectors/w", "vectors\u{a0}w"),
        ("vectors/w", "vectors\u{2028}w"),
        ("vectors/w", "vectors\u{85}w"),
        ("vectors/w", "vectors\u{7f}w"),
        ("vectors/w", "vectors\u{feff}w"),
        ("vectors/w", "vectors\u{180e}w"),
        ("vectors/w", "vectors\u{200b}w"),
        ("vectors/w", "vectors+w"),
        ("=", ""),
        ("=", "=="),
        ("= ", "=\n"),
        ("\n14\n", "\n014\n"),
        ("\n14\n", "\n+14\n"),
        ("\n14\n", "\n 14\n"),
        ("\n14\n", "\n14 \n"),
        ("\n14\n", "\n\u{661}4\n"),
        ("\n14\n", "\n\n"),
        ("\n14\n", "\n9223372036854775807\n"),
        ("\n14\n", "\n9223372036854775808\n"),
        ("\n14\n", "\n0\n"),
        ("\n14\n", "\n99999999999999999999999999\n"),
        ("vectors/log\n", "\n"),
        ("vectors/log\n", "vectors/l\u{e9}g\n"),
        ("vectors/log\n", "\u{feff}vectors/log\n"),
    ] {
        texts.push(text.replace(from, to).into_bytes());
        texts.push(text.replacen(from, to, 1).into_bytes());
    }
    for at in (0..note.len()).step_by(7) {
        for byte in [b' ', b'\n', b'+', b'=', b'/', b'-', 0x7f, 0xc3, 0xff, 0] {
            let mut changed = note.to_vec();
            changed[at] = byte;
            texts.push(changed);
        }
    }
    for long in [254, 255, 256] {
        texts.push(text.replace("vectors/witness0", &"w".repeat(long)).into_bytes());
        texts.push(text.replace("vectors/witness0", &"é".repeat(long / 2)).into_bytes());
    }
    texts.push([b"x".repeat(65_536 - note.len()), b"\n".to_vec(), note.to_vec()].concat());
    texts.push([b"x".repeat(65_535 - note.len()), b"\n".to_vec(), note.to_vec()].concat());
    texts.push(Vec::new());
    let line = text.lines().last().unwrap_or_default();
    for count in [29, 30, 31, 32] {
        texts.push(format!("{text}{}", format!("{line}\n").repeat(count)).into_bytes());
    }
    texts
}

/// Keys with parts that are changed, left out or of another kind.
fn vkeys() -> Vec<String> {
    let mut keys = vec![String::new(), "+".into(), "++".into(), "a+b".into(), "a+00000000+".into(), "a+00000000+BA==".into()];
    for text in [key(0, "").to_string(), log_key().vkey().to_string()] {
        for at in 0..text.len() {
            for letter in ["", "+", "A", "a", "=", " ", "é"] {
                keys.push([&text[..at], letter, &text[at + 1..]].concat());
            }
        }
        keys.extend([text.to_uppercase(), format!("{text}="), format!(" {text}"), format!("{text}\n"), text]);
    }
    // Keys of small order and of no point, whose ids are right.
    for bytes in [[0; 32], [1; 32], [2; 32], [0xff; 32]] {
        for kind in [1, 4] {
            keys.push(written("weak", kind, &bytes));
        }
    }
    keys.push(written("", 4, &signer(31).public().0));
    keys.push(written(&"n".repeat(255), 4, &signer(31).public().0));
    keys.push(written(&"n".repeat(256), 4, &signer(31).public().0));
    keys.push(written("a b", 4, &signer(31).public().0));
    keys
}

/// A key as it is written, whatever it is.
fn written(name: &str, kind: u8, key: &[u8; 32]) -> String {
    let id = crate::parts::sha(&[name.as_bytes(), b"\n", &[kind], key]);
    // 33 bytes in base64 need no padding.
    format!("{name}+{}+{}", hex::encode(&id[..4]), base64(&[&[kind][..], key].concat()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let three = |chunk: &[u8]| chunk.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
    bytes.chunks(3).flat_map(|chunk| (0..4).rev().map(move |n| char::from(DIGITS[three(chunk) >> (6 * n) & 63]))).collect()
}

fn vkey(number: u8, name: u8) -> Vec<u8> {
    let key = PublicKey::check(signer(number).public()).expect("a right key");
    WitnessKey::new(format!("name{name}").parse().expect("a right name"), key).to_string().into_bytes()
}

fn key(number: u8, name: &str) -> WitnessKey {
    let key = PublicKey::check(signer(31 + number).public()).expect("a right key");
    WitnessKey::new(format!("vectors/witness{number}{name}").parse().expect("a right name"), key)
}

fn name(text: &str) -> Name {
    text.parse().expect("a right name")
}

fn log_key() -> LogSigner {
    LogSigner::new(name("vectors/log"), signer(30)).expect("a right key")
}

fn published(origin: &str, number: u8, size: u64, root: [u8; 32]) -> Published {
    let log = LogSigner::new(name(origin), signer(number)).expect("a right key");
    Published::open(Checkpoint { origin: origin.to_owned(), size, root }.sign(&log), log.vkey()).expect("the log signed it")
}

fn cosigned(published: &Published, witnesses: &[(u8, u64)]) -> Note {
    let lines = witnesses.iter().map(|(number, time)| line(published, *number, *time));
    let lines = published.note().lines().iter().cloned().chain(lines).collect();
    Note::new(published.note().text(), lines).expect("few lines")
}

/// A cosignature for any time, also for one that is none.
fn line(published: &Published, number: u8, time: u64) -> SignatureLine {
    let witness = WitnessSigner::new(name(&format!("vectors/witness{number}")), signer(31 + number)).expect("a right key");
    let message = format!("cosignature/v1\ntime {time}\n{}", published.note().text());
    let signature = [&time.to_be_bytes()[..], &signer(31 + number).sign(message.as_bytes()).0].concat();
    SignatureLine { signature, ..witness.cosign(published, 1) }
}

fn bytes(note: &Note) -> Vec<u8> {
    note.to_string().into_bytes()
}
