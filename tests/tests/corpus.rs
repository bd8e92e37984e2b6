//! What the fuzzer found worth keeping is tried again: every decoder holds to what it must on its seeds and its corpus, and on each of
//! these cut short, lengthened, and with one bit changed. `tests/fuzz/run` looks for more.
#![expect(clippy::expect_used, reason = "the helpers of a test fail as the test does")]

use koinon_tests::decoders::{DECODERS, Decoder};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

#[test]
fn every_decoder_holds_to_what_it_must_on_its_seeds_and_its_corpus() {
    for decoder in DECODERS {
        let inputs = inputs(decoder);
        assert!(!(decoder.seeds)().is_empty(), "{} begins with nothing", decoder.name);
        for (name, bytes) in &inputs {
            try_input(decoder, name, bytes);
        }
    }
}

#[test]
fn inputs_that_are_nearly_those_are_no_harder() {
    for decoder in DECODERS {
        for (number, (name, bytes)) in inputs(decoder).into_iter().enumerate() {
            let Some(place) = number.wrapping_mul(2_654_435_761).checked_rem(bytes.len()) else { continue };
            try_input(decoder, &name, &bytes[..place]);
            try_input(decoder, &name, &[&bytes[..], &bytes[place..]].concat());
            let mut changed = bytes;
            changed[place] ^= 1 << (number % 8);
            try_input(decoder, &name, &changed);
        }
    }
}

#[test]
fn the_corpus_is_of_decoders_that_exist_and_small() {
    let (mut bytes, mut files) = (0, 0);
    for directory in fs::read_dir(corpus()).expect("the corpus is part of the repository") {
        let directory = directory.expect("the corpus can be read").path();
        let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assert!(DECODERS.iter().any(|decoder| decoder.name == name), "{name} is the corpus of no decoder");
        let lengths: Vec<u64> = files_of(&directory).iter().map(|file| fs::metadata(file).map_or(0, |meta| meta.len())).collect();
        assert!(lengths.len() <= 200, "{name} has {} files; at most 200 are kept", lengths.len());
        (bytes, files) = (bytes + lengths.iter().sum::<u64>(), files + lengths.len());
    }
    assert!(bytes <= 1024 * 1024, "{files} files take {bytes} bytes; at most a megabyte is kept");
}

fn try_input(decoder: &Decoder, name: &str, bytes: &[u8]) {
    let outcome = catch_unwind(AssertUnwindSafe(|| (decoder.check)(bytes)));
    assert!(outcome.is_ok(), "{} does not hold on {name}, {} bytes: {}", decoder.name, bytes.len(), hex::encode(bytes));
}

fn inputs(decoder: &Decoder) -> Vec<(String, Vec<u8>)> {
    let seeds = (decoder.seeds)().into_iter().enumerate().map(|(number, seed)| (format!("seed {number}"), seed));
    let kept = files_of(&corpus().join(decoder.name)).into_iter().map(|file| {
        let bytes = fs::read(&file).expect("the corpus can be read");
        (file.display().to_string(), bytes)
    });
    seeds.chain(kept).collect()
}

/// None where the directory is absent: a new decoder has no corpus yet.
fn files_of(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("the corpus can be read").path()).collect();
    files.sort();
    files
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}
