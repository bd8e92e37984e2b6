//! Bytes changed, cut, doubled and moved, whatever they mean.

use super::{Dice, Keep};
use crate::parts::{Parts, repaired};

/// One byte in `step` is changed. A length over the bound is tried where the step is one: it takes as much memory in each bundle.
pub(super) fn mutate(parts: &Parts, step: usize, keep: &mut Keep) {
    let (good, network) = (parts.bundle(), parts.network());
    let inner = good.len() - 32;
    for at in (0..good.len()).step_by(step) {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        if at % 16 == 0 {
            keep(format!("byte {at}, digest kept"), network, bytes.clone());
        }
        if at < inner {
            keep(format!("byte {at}"), network, repaired(bytes));
        }
    }
    for length in (0..good.len()).step_by(24 * step).chain([15, 16, 17, 47, 48, 49]) {
        keep(format!("the first {length} bytes"), network, good[..length].to_vec());
        keep(format!("the first {length} bytes, digest repaired"), network, repaired([&good[..length], &[0; 32]].concat()));
    }
    let mut dice = Dice(0x6b6f_696e_6f6e);
    for number in 0..600 / step {
        let (from, to, length) = (dice.below(inner), dice.below(inner), 1 + dice.below(400));
        let piece = &good[from..inner.min(from + length)];
        let after = inner.min(to + *dice.pick(&[0, piece.len(), length]));
        keep(
            format!("splice {number}: {} bytes from {from} for {to}..{after}", piece.len()),
            network,
            repaired([&good[..to], piece, &good[after..]].concat()),
        );
    }
    keep("twice".to_owned(), network, [&good[..], &good].concat());
    if step == 1 {
        keep("too long".to_owned(), network, vec![0; 16 * 1024 * 1024 + 1]);
    }
}
