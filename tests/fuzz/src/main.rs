//! libFuzzer over one decoder of `koinon_tests::decoders`, the one that `KOINON_FUZZ` names. Without a name it lists them.
#![no_main]

mod count;

use koinon_tests::decoders::{DECODERS, Decoder, by_name};
use std::path::Path;
use std::sync::OnceLock;

static DECODER: OnceLock<&Decoder> = OnceLock::new();

libfuzzer_sys::fuzz_target!(init: begin(), |bytes: &[u8]| {
    if let Some(decoder) = DECODER.get() {
        check(decoder, bytes);
    }
});

fn check(decoder: &Decoder, bytes: &[u8]) {
    let peak = count::peak_of(|| (decoder.check)(bytes));
    let bound = decoder.memory.bound(bytes.len());
    assert!(peak <= bound, "{} bytes of input take {peak} bytes of memory; the bound is {bound}", bytes.len());
}

/// Finds the decoder and makes what its checks share, so that no check is counted for it. `KOINON_SEEDS` names a directory for its seeds.
fn begin() {
    let Ok(name) = std::env::var("KOINON_FUZZ") else {
        DECODERS.iter().for_each(|decoder| println!("{} {}", decoder.name, decoder.longest));
        std::process::exit(0);
    };
    let decoder = by_name(&name).unwrap_or_else(|| panic!("KOINON_FUZZ={name:?} names no decoder of tests/src/decoders.rs"));
    let seeds = (decoder.seeds)();
    seeds.iter().for_each(|seed| (decoder.check)(seed));
    seeds.iter().for_each(|seed| check(decoder, seed));
    if let Some(directory) = std::env::var_os("KOINON_SEEDS") {
        for (number, seed) in seeds.iter().enumerate().filter(|(_, seed)| seed.len() <= decoder.longest) {
            std::fs::write(Path::new(&directory).join(format!("seed-{number}")), seed).expect("the seeds can be written");
        }
    }
    DECODER.get_or_init(|| decoder);
}
