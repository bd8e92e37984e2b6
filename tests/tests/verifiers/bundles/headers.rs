//! Headers that say something else and are rightly signed by their device.

use super::Keep;
use crate::forge::{START, YEAR, signer, signer_of};
use crate::parts::{HEADER, Kept, Parts};

pub(super) fn mutate(parts: &Parts, keep: &mut Keep) {
    let network = parts.network();
    let places: Vec<Option<usize>> = (0..parts.control.len()).map(Some).chain([None]).collect();
    for place in places {
        let name = place.map_or("the record".to_owned(), |n| format!("control {n}"));
        let mut save = |what: String, change: &dyn Fn(&Kept) -> Kept| {
            let mut changed = parts.clone();
            let kept = place.map_or(&mut changed.records[0].kept, |n| &mut changed.control[n]);
            let altered = change(kept);
            *kept = match signer_of(altered.device()) {
                Some(signer) => altered.signed(&signer),
                None => altered,
            };
            keep(format!("{what} of {name}, signed again"), network, changed.bundle());
        };
        for at in (0..HEADER).filter(|at| !(70..98).contains(at)) {
            save(format!("byte {at}"), &|kept| kept.with(at, &[kept.record[at] ^ 1 << (at % 8)]));
        }
        for kind in (0..15).chain([31, 32, 34, 65_535_u16]) {
            save(format!("kind {kind}"), &|kept| kept.with(2, &kind.to_be_bytes()));
        }
        for at in [4, 36, 68, 108, 152, 184] {
            save(format!("zeros at {at}"), &|kept| kept.with(at, &[0; 32]));
        }
        for id in parts.control.iter().map(Kept::id) {
            save(format!("organisation {}", hex::encode(&id[..4])), &|kept| kept.with(36, &id));
            save(format!("subject {}", hex::encode(&id[..4])), &|kept| kept.with(184, &id));
        }
        for number in [0, 1, 2, 20, 30] {
            save(format!("device {number}"), &|kept| kept.with(68, &signer(number).public().0));
        }
        for time in [0, START - 1, START, START + 1, START + YEAR - 1, START + YEAR, START + 2 * YEAR, u64::MAX] {
            save(format!("time {time}"), &|kept| kept.with(140, &time.to_be_bytes()));
        }
        for code in [
            &b"AT130_90001 "[..],
            b"at1\0\0\0\0\0\0\0\0\0",
            b"\0AT1\0\0\0\0\0\0\0\0",
            b"AT1\n\0\0\0\0\0\0\0\0",
            b"AT\xc3\x84\0\0\0\0\0\0\0\0",
        ] {
            save(format!("territory {code:?}"), &|kept| kept.with(216, code));
        }
    }
}
