//! Proofs that one journal begins with another, right and wrong; those of inclusion are among the bundles.

use koinon_protocol::id::RecordId;
use koinon_protocol::journal::{Tree, consistency, root_at, verify_consistency};
use serde_json::json;

/// The older journal's size and root, the later one's, and the hashes between.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    old: (u64, [u8; 32]),
    new: (u64, [u8; 32]),
    path: Vec<[u8; 32]>,
}

pub(crate) fn packed(proofs: &[Proof]) -> Vec<u8> {
    let row = |Proof { old, new, path }: &Proof| {
        let hashes: Vec<_> = path.iter().map(hex::encode).collect();
        json!([old.0.to_string(), hex::encode(old.1), new.0.to_string(), hex::encode(new.1), hashes])
    };
    serde_json::to_vec(&proofs.iter().map(row).collect::<Vec<_>>()).expect("proofs are JSON")
}

pub(crate) fn answer(Proof { old, new, path }: &Proof) -> String {
    let holds = verify_consistency((old.0, &old.1), (new.0, &new.1), path).is_ok();
    if holds { "ok" } else { "not_consistent" }.to_owned()
}

/// For all pairs of sizes up to 20: the proof, and what is nearly it.
pub(crate) fn proofs() -> Vec<Proof> {
    let mut tree = Tree::default();
    (0..20).for_each(|n| tree.push(&RecordId([n; 32])));
    let nodes = |level, index| tree.node(level, index);
    let root = |size| root_at(size, nodes).expect("the tree has so many leaves");
    let mut proofs = Vec::new();
    for new in 0..=20 {
        for old in 0..=new {
            let path = consistency(old, new, nodes).expect("the tree has so many leaves");
            let good = Proof { old: (old, root(old)), new: (new, root(new)), path };
            proofs.extend(near(&good));
            proofs.push(good);
        }
    }
    proofs
}

fn near(good: &Proof) -> Vec<Proof> {
    let mut proofs = Vec::new();
    let mut save = |change: &dyn Fn(&mut Proof)| {
        let mut changed = good.clone();
        change(&mut changed);
        proofs.push(changed);
    };
    for size in [good.old.0 + 1, good.old.0.saturating_sub(1), good.new.0 + 1, good.new.0.saturating_sub(1), 0, u64::MAX] {
        save(&|proof| proof.old.0 = size);
        save(&|proof| proof.new.0 = size);
    }
    save(&|proof| std::mem::swap(&mut proof.old, &mut proof.new));
    save(&|proof| proof.old.1 = [1; 32]);
    save(&|proof| proof.new.1 = [1; 32]);
    save(&|proof| proof.path.push([1; 32]));
    save(&|proof| proof.path.insert(0, proof.old.1));
    save(&|proof| proof.path.clear());
    for n in 0..good.path.len() {
        save(&|proof| proof.path[n][31] ^= 1);
        save(&|proof| proof.path = [&good.path[..n], &good.path[n + 1..]].concat());
        save(&|proof| proof.path.swap(0, n));
    }
    proofs
}
