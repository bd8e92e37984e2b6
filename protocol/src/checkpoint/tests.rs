use super::*;
use crate::id::RecordId;
use crate::journal::{Tree, consistency, empty, inclusion, root_at};
use crate::key::Signer;
use crate::time::Millis;
use proptest::collection::vec;
use proptest::prelude::*;
use std::num::NonZeroUsize;

const ORIGIN: &str = "example.com/log";

fn log() -> LogSigner {
    LogSigner::new(ORIGIN.parse().unwrap(), Signer::from_seed(&[1; 32])).unwrap()
}

fn witness(seed: u8) -> WitnessSigner {
    WitnessSigner::new(format!("witness.example/{seed}").parse().unwrap(), Signer::from_seed(&[seed; 32])).unwrap()
}

/// A log of the given leaves.
struct Log(Vec<RecordId>, Tree);

impl Log {
    fn of(leaves: impl IntoIterator<Item = u8>) -> Self {
        let leaves: Vec<_> = leaves.into_iter().map(|byte| RecordId([byte; 32])).collect();
        let mut tree = Tree::default();
        leaves.iter().for_each(|id| tree.push(id));
        Self(leaves, tree)
    }

    fn checkpoint(&self, size: u64) -> Checkpoint {
        Checkpoint { origin: ORIGIN.into(), size, root: root_at(size, |level, index| self.1.node(level, index)).unwrap() }
    }

    fn publish(&self, size: u64) -> Published {
        Published::open(self.checkpoint(size).sign(&log()), log().vkey()).unwrap()
    }

    fn proof(&self, old: u64, new: u64) -> Vec<Hash> {
        consistency(old, new, |level, index| self.1.node(level, index)).unwrap()
    }

    fn path(&self, index: u64, size: u64) -> Vec<Hash> {
        inclusion(index, size, |level, index| self.1.node(level, index)).unwrap()
    }
}

/// The example of signed-note.
#[test]
fn a_note_of_another_program_is_verified() {
    let key: LogKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k".parse().unwrap();
    let text = "This is an example message.\n\n— example.com/foo \
                Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    let note = Note::parse(text.as_bytes()).unwrap();
    key.verify(&note).unwrap();
    let altered = Note::parse(text.replace("example message", "example massage").as_bytes()).unwrap();
    assert_eq!(key.verify(&altered), Err(SignatureError::Wrong(key.name().clone())));
}

/// The example of tlog-cosignature: it is read, and its witness is a stranger.
#[test]
fn a_cosigned_checkpoint_of_another_program_is_read() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
                — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
                — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let note = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(note.to_string(), text);
    let checkpoint = Checkpoint::parse(note.text()).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    let time = &note.lines()[1].signature[..8];
    assert_eq!(u64::from_be_bytes(time.try_into().unwrap()), 1_679_315_147);
    assert_eq!(witness(1).vkey().verify(&note), Err(SignatureError::Missing));
}

/// Made by a program that shares no code with this one: Python's `cryptography` and `hashlib`, from the specifications.
#[test]
fn keys_roots_signatures_and_cosignatures_are_those_of_another_program() {
    let expected = "example.com/log\n3\nuo2Ut/vOyue4HEyAV0/iRzSmkXv5wezWb/Pgw06tRiA=\n\n\
                    — example.com/log m+XTxsdL02DfwjmRDtjxKyOQfJCbpj04I5tpgjDxuKupTGXgIW4VeONt97/TbQFjmQ3eUwp9LqwRJbjPuiv7or5F6QA=\n\
                    — witness.example/2 1kDA0gAAAABlU/EAOnUuxFsSsHtWieLHWCkFKWjo2EcBiU8UTRvyCst1nHSojZsjqSZqRNy4Qq7hNqWJmZn9uguzQTO9QiySHXuUBA==\n";
    let published = Log::of(0..3).publish(3);
    let line = witness(2).cosign(&published, 1_700_000_000);
    assert_eq!(published.with(line, witness(2).vkey()).unwrap().note().to_string(), expected);
    assert_eq!(log().vkey().to_string(), "example.com/log+9be5d3c6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c");
    assert_eq!(witness(2).vkey().to_string(), "witness.example/2+d640c0d2+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU");
}

#[test]
fn keys_are_written_in_one_form() {
    let key = log().vkey().to_string();
    assert_eq!(key.parse::<LogKey>().unwrap().to_string(), key);
    assert_eq!(key.parse::<WitnessKey>(), Err(VkeyError::Type { found: 1, expected: 4 }));
    assert_eq!(key.replacen("log", "lag", 1).parse::<LogKey>(), Err(VkeyError::Id));
    assert_eq!(key.replacen('+', " ", 1).parse::<LogKey>(), Err(VkeyError::Form));
    assert!("".parse::<Name>().is_err() && "a b".parse::<Name>().is_err() && "a\u{2003}b".parse::<Name>().is_err());
    assert!("x".repeat(256).parse::<Name>().is_err());
}

#[test]
fn what_is_not_the_form_of_a_checkpoint_is_refused() {
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let parse = |text: &str| Checkpoint::parse(text);
    assert_eq!(parse(&format!("o\n0\n{root}\n")).unwrap().root, empty());
    assert!(parse(&format!("o\n0\n{root}\nextension\n")).is_ok());
    for (text, error) in [
        (format!("o\n0\n{root}"), CheckpointError::Lines),
        (format!("o\n0\n{root}\n\n"), CheckpointError::Lines),
        (format!("\n0\n{root}\n"), CheckpointError::Lines),
        ("o\n0\n".into(), CheckpointError::Lines),
        (format!("o\n00\n{root}\n"), CheckpointError::Size),
        (format!("o\n+1\n{root}\n"), CheckpointError::Size),
        (format!("o\n9223372036854775808\n{root}\n"), CheckpointError::Size),
        // The last digit holds bits that are no part of the 32 bytes.
        (format!("o\n0\n{}V=\n", &root[..42]), CheckpointError::Root),
        (format!("o\n0\n{}\n", &root[..43]), CheckpointError::Root),
    ] {
        assert_eq!(parse(&text), Err(error), "{text:?}");
    }
}

#[test]
fn what_is_not_the_form_of_a_note_is_refused() {
    let line = log().note("text\n".into()).lines()[0].to_string();
    let parse = |text: &str| Note::parse(text.as_bytes());
    assert!(parse(&format!("text\n\nwith an empty line\n\n{line}\n")).is_ok());
    for (text, error) in [
        (format!("text\n{line}\n"), NoteError::Form),
        (format!("text\n\n{line}"), NoteError::Form),
        ("text\n\n".into(), NoteError::Form),
        (format!("te\txt\n\n{line}\n"), NoteError::Characters),
        (format!("text\n\n{}\n", line.replace('—', "-")), NoteError::Line),
        ("text\n\n— name AAAAAA==\n".into(), NoteError::Line),
        ("text\n\n— na+me AAAAAAA=\n".into(), NoteError::Name(NameError)),
        (format!("text\n\n{}", format!("{line}\n").repeat(33)), NoteError::TooLong),
        (format!("{}\n\n{line}\n", "x".repeat(65_536)), NoteError::TooLong),
    ] {
        assert_eq!(parse(&text), Err(error), "{text:?}");
    }
    assert!(parse(&format!("text\n\n{}", format!("{line}\n").repeat(32))).is_ok());
}

/// One that does not hold may not hide beside one that does.
#[test]
fn every_signature_that_names_a_known_key_must_hold() {
    let published = Log::of(0..3).publish(3);
    let line = witness(2).cosign(&published, 1000);
    let both = published.with(line.clone(), witness(2).vkey()).unwrap();
    assert_eq!(witness(2).vkey().verify(both.note()), Ok(1000));
    let mut lines = both.note().lines().to_vec();
    lines.push(SignatureLine { signature: vec![0; 72], ..line });
    let note = Note::new(both.note().text(), lines).unwrap();
    assert!(matches!(witness(2).vkey().verify(&note), Err(SignatureError::Wrong(_))));
    log().vkey().verify(&note).unwrap();
}

#[test]
fn a_cosignature_holds_for_its_checkpoint_and_its_time_only() {
    let log = Log::of(0..4);
    let line = witness(2).cosign(&log.publish(3), 1000);
    assert!(log.publish(4).with(line.clone(), witness(2).vkey()).is_err());
    let mut later = line.clone();
    later.signature[7] ^= 1;
    assert!(log.publish(3).with(later, witness(2).vkey()).is_err());
    assert!(log.publish(3).with(line, witness(3).vkey()).is_err());
}

/// What the tree of `new` leaves is shown to begin with.
fn prefix(log: &Log, old: u64, new: u64) -> Prefix {
    Prefix { root: log.checkpoint(old).root, path: log.proof(old, new) }
}

#[test]
fn two_roots_of_one_size_are_a_split_view_and_two_sizes_of_one_tree_are_none() {
    let (one, other) = (Log::of([1, 2, 3, 4]), Log::of([1, 2, 9, 4, 5]));
    let split = SplitView::of_one_size(one.publish(4), other.publish(4)).unwrap();
    assert_ne!(split.checkpoints()[0].checkpoint().root, split.checkpoints()[1].checkpoint().root);
    assert_eq!(SplitView::of_one_size(other.publish(4), one.publish(4)).unwrap(), split, "whoever saw which first");
    assert_eq!(SplitView::of_one_size(one.publish(4), one.publish(4)), Err(NoSplit::Same));
    assert_eq!(SplitView::of_one_size(one.publish(4), other.publish(5)), Err(NoSplit::Sizes));
    assert_eq!(SplitView::among([&one.publish(3), &one.publish(4), &other.publish(4), &other.publish(5)]), [split]);
    assert_eq!(SplitView::among([&one.publish(2), &other.publish(2), &one.publish(3)]), []);
}

#[test]
fn two_sizes_are_a_split_view_where_the_larger_tree_is_shown_to_begin_otherwise() {
    let (one, other) = (Log::of([1, 2, 3, 4]), Log::of([1, 2, 9, 4, 5]));
    let of = |small: u64, prefix: Prefix| SplitView::of_two_sizes(one.publish(small), other.publish(5), prefix);
    for size in [3, 4] {
        of(size, prefix(&other, size, 5)).unwrap();
    }
    assert_eq!(of(2, prefix(&other, 2, 5)), Err(NoSplit::Continues), "up to there the trees are one");
    assert_eq!(of(4, prefix(&other, 3, 5)), Err(NoSplit::Prefix));
    assert_eq!(of(4, Prefix { root: one.checkpoint(4).root, ..prefix(&other, 4, 5) }), Err(NoSplit::Prefix));
    assert_eq!(of(4, Prefix { root: [7; 32], ..prefix(&other, 4, 5) }), Err(NoSplit::Prefix));
    let turned = SplitView::of_two_sizes(other.publish(5), one.publish(4), prefix(&other, 4, 5));
    assert_eq!(turned, Err(NoSplit::Sizes));
}

#[test]
fn evidence_is_read_as_it_was_kept_and_only_against_the_log_that_signed_it() {
    let (one, other) = (Log::of([1, 2, 3, 4]), Log::of([1, 2, 9, 4, 5]));
    let split = SplitView::of_two_sizes(one.publish(4), other.publish(5), prefix(&other, 4, 5)).unwrap();
    let [first, second] = split.checkpoints().map(|published| published.note().to_string());
    let kept = split.prefix().unwrap().to_string();
    let read = |prefix: Option<&str>| SplitView::read(first.as_bytes(), second.as_bytes(), prefix, log().vkey());
    assert_eq!(read(Some(&kept)).unwrap(), split);
    assert_eq!(read(None), Err(NoSplit::Sizes.into()));
    for wrong in ["", "\n", "AAAA\n", kept.trim_end(), &kept.repeat(60)] {
        assert_eq!(read(Some(wrong)), Err(EvidenceError::Prefix), "{wrong:?}");
    }
    let stranger = LogSigner::new(ORIGIN.parse().unwrap(), Signer::from_seed(&[2; 32])).unwrap();
    let against = SplitView::read(first.as_bytes(), second.as_bytes(), Some(&kept), stranger.vkey());
    assert!(matches!(against, Err(EvidenceError::Open(OpenError::Signature(_)))), "{against:?}");
    let cosigned = one.publish(4).with(witness(2).cosign(&one.publish(4), 9), witness(2).vkey()).unwrap();
    let strange = SplitView::read(cosigned.note().to_string().as_bytes(), second.as_bytes(), Some(&kept), log().vkey());
    assert_eq!(strange.unwrap(), split, "others' signatures are left out");
    assert_eq!(SplitView::accused(&split.case()), Some(&origin_hash(ORIGIN)[..16]));
    for wrong in [
        "split-",
        "smaller-0123456789abcdef",
        "split-0123456789abcdef-0123456789abcdeF",
        "split-../../../../../et-0123456789abcdef",
    ] {
        assert_eq!(SplitView::accused(wrong), None, "{wrong}");
    }
}

#[test]
fn the_time_of_a_record_is_the_quorums_earliest() {
    let log = Log::of(0..8);
    let with = |size, witnesses: &[(u8, u64)]| {
        witnesses.iter().fold(log.publish(size), |published, (seed, time)| {
            let line = witness(*seed).cosign(&published, *time);
            published.with(line, witness(*seed).vkey()).unwrap()
        })
    };
    let checkpoints = [with(4, &[(2, 100)]), with(6, &[(2, 200), (3, 250)]), with(8, &[(4, 150), (2, 300)])];
    let keys: Vec<_> = (2..5).map(|seed| witness(seed).vkey().clone()).collect();
    let time = |position: u64, quorum: usize, keys: &[WitnessKey]| {
        let paths: Vec<_> = checkpoints.iter().map(|published| (published, published.checkpoint().size)).collect();
        let paths: Vec<_> = paths
            .into_iter()
            .filter(|(_, size)| position < *size)
            .map(|(published, size)| (published, log.path(position, size)))
            .collect();
        let sightings: Vec<_> = paths.iter().map(|(published, path)| Sighting { published, position, path }).collect();
        witnessed(&log.0[position as usize], &sightings, keys, NonZeroUsize::new(quorum).unwrap())
    };
    assert_eq!(time(0, 1, &keys), Some(Millis(100_000)));
    assert_eq!(time(0, 2, &keys), Some(Millis(150_000)));
    assert_eq!(time(0, 3, &keys), Some(Millis(250_000)));
    assert_eq!(time(0, 4, &keys), None);
    assert_eq!(time(5, 1, &keys), Some(Millis(150_000)), "the checkpoint of four records says nothing of the sixth");
    assert_eq!(time(7, 2, &keys), Some(Millis(300_000)));
    let twice =
        [keys[0].clone(), WitnessKey::new("another.name".parse().unwrap(), crate::key::PublicKey::check(keys[0].key()).unwrap())];
    assert_eq!(time(0, 2, &twice), None, "one key under two names is one witness");
    let path = log.path(0, 4);
    let wrong = Sighting { published: &checkpoints[0], position: 1, path: &path };
    assert_eq!(witnessed(&log.0[0], &[wrong], &keys, NonZeroUsize::MIN), None);
}

proptest! {
    /// Bytes are read in one form, and no byte of a signed note can be changed unnoticed.
    #[test]
    fn a_changed_byte_is_noticed(place in any::<prop::sample::Index>(), flip in 1_u8..=255, size in 0_u64..20) {
        let published = Log::of(0..20).publish(size);
        let bytes = published.note().to_string().into_bytes();
        prop_assert_eq!(&Note::parse(&bytes).unwrap(), published.note());
        let mut changed = bytes;
        let place = place.index(changed.len());
        changed[place] ^= flip;
        if let Ok(note) = Note::parse(&changed) {
            prop_assert_eq!(note.to_string().into_bytes(), changed);
            prop_assert!(Published::open(note, log().vkey()).is_err());
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in vec(any::<u8>(), 0..400), text in "\\PC{0,80}(\n\\PC{0,80}){0,6}") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            if let Ok(note) = Note::parse(bytes) {
                prop_assert_eq!(note.to_string().into_bytes(), bytes);
            }
            let _ = AddCheckpoint::parse(bytes);
            let _ = SplitView::read(bytes, bytes, Some(&text), log().vkey());
        }
        if let Ok(prefix) = text.parse::<Prefix>() {
            prop_assert_eq!(prefix.to_string(), text.as_str());
        }
        let _ = (text.parse::<LogKey>(), Checkpoint::parse(&text));
    }

    #[test]
    fn a_request_is_what_it_was_written_from(old in 0_u64..=SIZE, hashes in vec(any::<[u8; 32]>(), 0..=63)) {
        let published = Log::of(0..3).publish(3);
        let request = AddCheckpoint { old, proof: hashes, note: published.note().clone() };
        let (read, checkpoint) = AddCheckpoint::parse(request.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&read, &request);
        prop_assert_eq!(&checkpoint, published.checkpoint());
        let longer = AddCheckpoint { proof: vec![[0; 32]; 64], ..request };
        prop_assert_eq!(AddCheckpoint::parse(longer.to_string().as_bytes()), Err(AddError::Form));
    }

    /// Whatever a log offers, what a witness takes one after the other is one growing tree; and a tree that forks before the last size is refused.
    #[test]
    fn a_witness_follows_one_growing_tree(sizes in vec(0_u64..30, 1..12), fork in 0_u8..30) {
        let (honest, forked) = (Log::of(0..30), Log::of((0..30).map(|byte| if byte == fork { 99 } else { byte })));
        let mut latest: Option<Checkpoint> = None;
        for size in sizes {
            let old = latest.as_ref().map_or(0, |latest| latest.size);
            for tree in [&forked, &honest] {
                let published = tree.publish(size);
                let proof = if old <= size { tree.proof(old, size) } else { Vec::new() };
                let answer = published.may_follow(latest.as_ref(), old, &proof);
                let continues = old <= size && tree.checkpoint(old).root == latest.as_ref().map_or(empty(), |latest| latest.root);
                prop_assert_eq!(answer.is_ok(), continues, "{:?}", answer);
                if old > 0 {
                    prop_assert!(published.may_follow(latest.as_ref(), old - 1, &proof).is_err());
                }
            }
            if old <= size {
                latest = Some(honest.checkpoint(size));
            }
        }
    }

    /// Of two trees, whatever their sizes, the larger proves the split view exactly where the smaller reaches the place at which they part.
    #[test]
    fn a_fork_is_proven_by_the_larger_tree_alone(fork in 0_u8..30, small in 0_u64..30, more in 1_u64..30) {
        let (one, other) = (Log::of(0..60), Log::of((0..60).map(|byte| if byte == fork { 99 } else { byte })));
        let large = small + more;
        let (smaller, larger) = (one.publish(small), other.publish(large));
        let found = SplitView::of_two_sizes(smaller.clone(), larger.clone(), prefix(&other, small, large));
        prop_assert_eq!(found.is_ok(), small > u64::from(fork));
        let honest = SplitView::of_two_sizes(smaller, one.publish(large), prefix(&one, small, large));
        prop_assert_eq!(honest, Err(NoSplit::Continues));
    }

    /// More sightings never make a record younger.
    #[test]
    fn what_is_added_never_moves_the_time_forward(times in vec((2_u8..7, 1_u64..1000, 1_u64..9), 1..10), quorum in 1_usize..4) {
        let log = Log::of(0..8);
        let keys: Vec<_> = (2..7).map(|seed| witness(seed).vkey().clone()).collect();
        let published: Vec<_> = times
            .iter()
            .map(|(seed, time, size)| {
                let published = log.publish((*size).min(8));
                let line = witness(*seed).cosign(&published, *time);
                (published.with(line, witness(*seed).vkey()).unwrap(), log.path(0, (*size).min(8)))
            })
            .collect();
        let all: Vec<_> = published.iter().map(|(published, path)| Sighting { published, position: 0, path }).collect();
        let quorum = NonZeroUsize::new(quorum).unwrap();
        let mut before = None;
        for count in 1..=all.len() {
            let now = witnessed(&log.0[0], &all[..count], &keys, quorum);
            prop_assert!(before.is_none_or(|before| now.is_some_and(|now: Millis| now <= before)));
            before = now;
        }
        let reversed: Vec<_> = all.iter().rev().copied().collect();
        prop_assert_eq!(before, witnessed(&log.0[0], &reversed, &keys, quorum));
    }
}
