//! The journal's right edge, and its proofs.

use super::input::Input;
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::{
    Frontier, Hash, Tree, consistency, inclusion, leaf, root_at, verify_consistency, verify_inclusion,
};
use std::sync::LazyLock;

/// Leaves of the tree whose proofs are tried.
const LEAVES: u64 = 64;

/// The tree; it holds the nodes of all smaller ones.
static TREE: LazyLock<Tree> = LazyLock::new(|| {
    let mut tree = Tree::default();
    (0..LEAVES).for_each(|number| tree.push(&name(number)));
    tree
});

pub(super) fn frontier(bytes: &[u8]) {
    let Ok(frontier) = Frontier::decode(bytes) else { return };
    assert_eq!(frontier.encode(), bytes, "a frontier has one form");
    let mut next = frontier.clone();
    next.push(&RecordId([5; 32]));
    assert_eq!(next.size(), frontier.size() + 1);
    assert_ne!(next.root(), frontier.root());
    assert!(next.size() >= 1 << 63 || Frontier::decode(&next.encode()) == Ok(next), "what follows a frontier is none");
}

/// Proofs of sizes and hashes that are made up; then true ones with something changed.
pub(super) fn proof(bytes: &[u8]) {
    let mut input = Input(bytes);
    let (old, new, index) = (input.number(), input.number(), input.number());
    let (first, second): (Hash, Hash) = (input.array(), input.array());
    let change = (input.byte(), input.byte(), input.byte());
    let path: Vec<Hash> = input.0.chunks_exact(32).map(|hash| hash.try_into().unwrap_or_default()).collect();
    if old != 0 && old != new {
        assert!(verify_consistency((old, &first), (new, &second), &path).is_err(), "a made up proof of consistency holds");
    }
    if new != 1 {
        assert!(verify_inclusion(&first, index, (new, &second), &path).is_err(), "a made up proof of inclusion holds");
    }
    honest(1 + new % LEAVES, old, index, change);
}

fn honest(size: u64, old: u64, index: u64, change: (u8, u8, u8)) {
    let node = |level, index| TREE.node(level, index);
    let (old, index) = (1 + old % size, index % size);
    let root = |size| root_at(size, node).expect("the tree has the nodes of its sizes");
    let (before, after) = (root(old), root(size));

    let mut path = consistency(old, size, node).expect("the older tree is not greater");
    assert_eq!(verify_consistency((old, &before), (size, &after), &path), Ok(()));
    if alter(&mut path, change) {
        assert!(verify_consistency((old, &before), (size, &after), &path).is_err());
    }

    let mut path = inclusion(index, size, node).expect("the leaf stands in the tree");
    assert_eq!(verify_inclusion(&leaf(&name(index)), index, (size, &after), &path), Ok(()));
    if alter(&mut path, change) {
        assert!(verify_inclusion(&leaf(&name(index)), index, (size, &after), &path).is_err());
    }
}

fn name(number: u64) -> RecordId {
    let mut id = RecordId([6; 32]);
    id.0[..8].copy_from_slice(&number.to_be_bytes());
    id
}

/// Changes a bit, takes a hash away, adds one, or exchanges two; false where that changes nothing.
fn alter(path: &mut Vec<Hash>, (how, place, bit): (u8, u8, u8)) -> bool {
    let length = path.len();
    let Some(place) = usize::from(place).checked_rem(length) else {
        path.push([bit; 32]);
        return true;
    };
    match how % 4 {
        0 => path[place][usize::from(bit / 8)] ^= 1 << (bit % 8),
        1 => drop(path.remove(place)),
        2 => path.insert(place, [bit; 32]),
        _ => {
            let other = (place + usize::from(bit)) % length;
            path.swap(place, other);
            return path[place] != path[other];
        }
    }
    true
}

pub(super) fn frontiers() -> Vec<Vec<u8>> {
    let mut frontier = Frontier::default();
    let mut seeds = vec![frontier.encode()];
    for number in 0..40 {
        frontier.push(&name(number));
        seeds.extend([1, 2, 7, 8, 31, 40].contains(&frontier.size()).then(|| frontier.encode()));
    }
    let longest = [&u64::MAX.to_be_bytes()[..], &64u64.to_be_bytes(), &[7; 64 * 32]].concat();
    seeds.push(longest);
    seeds
}

pub(super) fn proofs() -> Vec<Vec<u8>> {
    let seed = |old: u64, new: u64, hashes: usize| {
        [&old.to_be_bytes()[..], &new.to_be_bytes(), &(old / 2).to_be_bytes(), &[3; 67], &vec![4; 32 * hashes]].concat()
    };
    vec![
        seed(1, 2, 1),
        seed(6, 13, 5),
        seed(8, 64, 3),
        seed(u64::MAX - 1, u64::MAX, 64),
        seed(1 << 63, u64::MAX, 64),
        seed(0, 0, 0),
    ]
}
