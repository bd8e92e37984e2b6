//! Proofs of RFC 6962 section 2.1, checked by the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2.

use super::{Hash, empty, parent, split, subtree};
use crate::ledger::Fault;

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The sizes or places make no sense together: a later tree is not smaller, a leaf stands below the size.
    #[error("the proof is for places outside the tree")]
    Outside,
    /// It has more or fewer hashes than trees of these sizes ask for.
    #[error("the proof has {found} hashes, which is not the number for these sizes")]
    Length {
        /// How many were given.
        found: usize,
    },
    /// It leads to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// The proof that the tree of `new` leaves begins with the tree of `old` leaves; at most 65 hashes, none when `old` is 0 or `new`.
///
/// # Errors
/// [`Fault`] of `nodes`, and when `old` is above `new`.
pub fn consistency(old: u64, new: u64, nodes: impl Fn(u8, u64) -> Result<Hash, Fault>) -> Result<Vec<Hash>, Fault> {
    if old > new {
        return Err(Fault);
    }
    let mut path = Vec::new();
    let (mut start, mut old, mut count, mut whole) = (0, old, new, true);
    if old == 0 {
        return Ok(path);
    }
    while old < count {
        let half = split(count);
        if old <= half {
            path.push(subtree(start + half, count - half, &nodes)?);
            count = half;
        } else {
            path.push(subtree(start, half, &nodes)?);
            (start, old, count, whole) = (start + half, old - half, count - half, false);
        }
    }
    if !whole {
        path.push(subtree(start, count, &nodes)?);
    }
    path.reverse();
    Ok(path)
}

/// The proof that a leaf stands at `index` of the tree of `size` leaves; at most 64 hashes.
///
/// # Errors
/// [`Fault`] of `nodes`, and when `index` is not below `size`.
pub fn inclusion(index: u64, size: u64, nodes: impl Fn(u8, u64) -> Result<Hash, Fault>) -> Result<Vec<Hash>, Fault> {
    if index >= size {
        return Err(Fault);
    }
    let mut path = Vec::new();
    let (mut start, mut count) = (0, size);
    while count > 1 {
        let half = split(count);
        if index - start < half {
            path.push(subtree(start + half, count - half, &nodes)?);
            count = half;
        } else {
            path.push(subtree(start, half, &nodes)?);
            (start, count) = (start + half, count - half);
        }
    }
    path.reverse();
    Ok(path)
}

/// Checks that the tree (`new`, its root) begins with the tree (`old`, its root).
///
/// # Errors
/// [`ProofError`].
pub fn verify_consistency(old: (u64, &Hash), new: (u64, &Hash), path: &[Hash]) -> Result<(), ProofError> {
    let length = ProofError::Length { found: path.len() };
    if old.0 > new.0 {
        return Err(ProofError::Outside);
    }
    if old.0 == 0 || old.0 == new.0 {
        let expected = if old.0 == 0 { &empty() } else { new.1 };
        return if !path.is_empty() { Err(length) } else { same(old.1, expected) };
    }
    let mut rest = path.iter();
    let seed = if old.0.is_power_of_two() { old.1 } else { rest.next().ok_or(length)? };
    let shift = (old.0 - 1).trailing_ones();
    let (mut left, mut right) = ((old.0 - 1) >> shift, (new.0 - 1) >> shift);
    let (mut old_root, mut new_root) = (*seed, *seed);
    for hash in rest {
        if right == 0 {
            return Err(length);
        }
        if left & 1 == 1 || left == right {
            old_root = parent(hash, &old_root);
            new_root = parent(hash, &new_root);
            (left, right) = skip(left, right);
        } else {
            new_root = parent(&new_root, hash);
        }
        (left, right) = (left >> 1, right >> 1);
    }
    if right != 0 {
        return Err(length);
    }
    same(&old_root, old.1)?;
    same(&new_root, new.1)
}

/// Checks that `leaf`, a leaf's hash, stands at `index` of the tree (`size`, its root).
///
/// # Errors
/// [`ProofError`].
pub fn verify_inclusion(leaf: &Hash, index: u64, tree: (u64, &Hash), path: &[Hash]) -> Result<(), ProofError> {
    let length = ProofError::Length { found: path.len() };
    if index >= tree.0 {
        return Err(ProofError::Outside);
    }
    let (mut left, mut right) = (index, tree.0 - 1);
    let mut root = *leaf;
    for hash in path {
        if right == 0 {
            return Err(length);
        }
        if left & 1 == 1 || left == right {
            root = parent(hash, &root);
            (left, right) = skip(left, right);
        } else {
            root = parent(&root, hash);
        }
        (left, right) = (left >> 1, right >> 1);
    }
    if right != 0 {
        return Err(length);
    }
    same(&root, tree.1)
}

/// Passes the levels at which the right edge has no sibling: until the lowest bit of `left` is set, or nothing is left of it.
fn skip(left: u64, right: u64) -> (u64, u64) {
    let shift = if left == 0 { 0 } else { left.trailing_zeros() };
    (left >> shift, right >> shift)
}

fn same(found: &Hash, expected: &Hash) -> Result<(), ProofError> {
    if found == expected { Ok(()) } else { Err(ProofError::Root) }
}
