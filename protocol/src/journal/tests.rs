use super::*;
use crate::wire::WireError;
use proptest::prelude::*;

/// The test tree of Certificate Transparency: its leaves and the roots over the first 1 to 8 of them.
const LEAVES: [&str; 8] = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn id(number: u64) -> RecordId {
    RecordId(leaf_of(&number.to_be_bytes()))
}

/// The tree of the first `size` ids, and its root after each.
fn grown(size: u64) -> (Tree, Vec<Hash>) {
    let (mut tree, mut frontier, mut roots) = (Tree::default(), Frontier::default(), vec![empty()]);
    for number in 0..size {
        tree.push(&id(number));
        frontier.push(&id(number));
        roots.push(frontier.root());
    }
    (tree, roots)
}

#[test]
fn the_published_test_tree_has_its_published_roots() {
    let (mut tree, mut frontier) = (Tree::default(), Frontier::default());
    for (size, (data, root)) in (1..).zip(LEAVES.iter().zip(ROOTS)) {
        let hash = leaf_of(&bytes(data));
        tree.push_hash(hash);
        frontier.push_hash(hash);
        assert_eq!(frontier.root().to_vec(), bytes(root));
        assert_eq!(root_at(size, |level, index| tree.node(level, index)), Ok(frontier.root()));
    }
    assert_eq!(empty().to_vec(), bytes("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

#[test]
fn every_honest_proof_holds_and_every_changed_one_fails() {
    let (tree, roots) = grown(70);
    let nodes = |level, index| tree.node(level, index);
    for (new, new_root) in (0..).zip(&roots) {
        assert_eq!(root_at(new, nodes).as_ref(), Ok(new_root));
        for (old, old_root) in (0..=new).zip(&roots) {
            let path = consistency(old, new, nodes).unwrap();
            let check = |path: &[Hash]| verify_consistency((old, old_root), (new, new_root), path);
            assert_eq!(check(&path), Ok(()), "{old} of {new}");
            assert_changes_fail(&path, check);
        }
        for index in 0..new {
            let path = inclusion(index, new, nodes).unwrap();
            let check = |path: &[Hash]| verify_inclusion(&leaf(&id(index)), index, (new, new_root), path);
            assert_eq!(check(&path), Ok(()), "{index} of {new}");
            assert_changes_fail(&path, check);
            assert!(verify_inclusion(&leaf(&id(index + 1)), index, (new, new_root), &path).is_err());
        }
    }
}

fn assert_changes_fail(path: &[Hash], check: impl Fn(&[Hash]) -> Result<(), ProofError>) {
    for place in 0..path.len() {
        let mut changed = path.to_vec();
        changed[place][place % 32] ^= 1 << (place % 8);
        assert!(check(&changed).is_err());
        assert!(check(&[&path[..place], &path[place + 1..]].concat()).is_err());
    }
    assert!(check(&[path, &[[7; 32]]].concat()).is_err());
}

#[test]
fn a_shrunken_or_rewritten_journal_is_not_consistent() {
    let (tree, roots) = grown(9);
    let path = consistency(4, 9, |level, index| tree.node(level, index)).unwrap();
    assert_eq!(verify_consistency((9, &roots[9]), (4, &roots[4]), &path), Err(ProofError::Outside));
    assert_eq!(verify_consistency((4, &roots[5]), (9, &roots[9]), &path), Err(ProofError::Root));
    assert_eq!(verify_consistency((0, &roots[1]), (9, &roots[9]), &[]), Err(ProofError::Root));
}

#[test]
fn a_frontier_that_could_not_count_what_is_appended_is_refused() {
    let frontier = |size: u64| [&size.to_be_bytes()[..], &u64::from(size.count_ones()).to_be_bytes(), &[7; 64 * 32]].concat();
    let decode = |size: u64| Frontier::decode(&frontier(size)[..16 + 32 * size.count_ones() as usize]);
    assert_eq!(decode(u64::MAX), Err(WireError::Malformed));
    assert_eq!(decode(1 << 63), Err(WireError::Malformed));
    let mut greatest = decode((1 << 63) - 1).unwrap();
    greatest.push(&id(1));
    assert_eq!(greatest.size(), 1 << 63);
}

proptest! {
    #[test]
    fn a_stored_frontier_goes_on_where_it_was(before in 0u64..300, after in 0u64..40) {
        let mut kept = Frontier::default();
        (0..before).for_each(|number| kept.push(&id(number)));
        let mut read = Frontier::decode(&kept.encode()).unwrap();
        prop_assert_eq!(&read, &kept);
        (before..before + after).for_each(|number| read.push(&id(number)));
        prop_assert_eq!(read.root(), grown(before + after).1[usize::try_from(before + after).unwrap()]);
    }

    #[test]
    fn no_bytes_are_a_frontier_in_two_ways(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(frontier) = Frontier::decode(&bytes) {
            prop_assert_eq!(frontier.encode(), bytes);
        }
    }
}
