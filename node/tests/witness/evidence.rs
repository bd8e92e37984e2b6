//! How a log that shows two trees is found, and what is no proof of that.

use crate::house::{House, eventually};
use crate::running::{Forger, Running, get, keys, listener, unaddressed, witness};
use crate::site::{Says, Site};
use koinon_protocol::checkpoint::{SplitView, WitnessSigner};
use koinon_protocol::key::Signer;
use koinond::witness::{EVIDENCE, Followed, Keys, Witness};
use std::path::Path;
use tempfile::{TempDir, tempdir};

/// Two trees of one log that part at the fifth leaf.
fn trees() -> (Forger, Forger) {
    (Forger::new(1, 1..20), Forger::new(1, (1..20).map(|byte| if byte == 5 { 99 } else { byte })))
}

/// A node to be asked that is no node of ours.
fn asked(site: &Site) -> Witness {
    let signer = WitnessSigner::new("witness.example".parse().unwrap(), Signer::from_seed(&[7; 32])).unwrap();
    Witness { url: site.url(), key: signer.vkey().clone() }
}

fn at(log: &Forger, site: &Site) -> Followed {
    Followed { key: log.key(), url: Some(site.url()) }
}

/// Two witnesses of a log, of which the first knows where the log shows its tree and asks the second.
struct Pair {
    one: Running,
    other: Running,
    _kept: [TempDir; 2],
}

impl Pair {
    fn open(house: &House, log: &Forger, site: &Site) -> Self {
        let kept = [tempdir().unwrap(), tempdir().unwrap()];
        let [_, others] = [0, 1].map(|n| keys(house, kept[n].path()));
        let (here, there) = (listener(house), listener(house));
        let asked = vec![witness(&there, &others)];
        let other = Running::start(house, kept[1].path(), there, vec![log.key()], Vec::new());
        let one = Running::linked(house, kept[0].path(), here, vec![at(log, site)], asked);
        Self { one, other, _kept: kept }
    }

    fn end(self) {
        self.one.end();
        self.other.end();
    }
}

#[test]
fn trees_of_two_sizes_are_compared_where_the_log_shows_its_own() {
    let house = House::open();
    let (shown, other) = trees();
    // Whichever of the two trees the log goes on with in public, it contradicts what it signed for the other witness.
    for (public, size) in [(&other, 12), (&other, 15), (&shown, 15)] {
        let site = Site::of_log(&house, public, size);
        let pair = Pair::open(&house, &shown, &site);
        assert_eq!(pair.one.add(&shown.request(0, 8)).status, 200);
        assert_eq!(pair.other.add(&other.request(0, 12)).status, 200);
        eventually("the first witness holds proof", || !pair.one.cases().is_empty());
        let case = &pair.one.cases()[0];
        let proof = pair.one.proof(case, &shown.key()).unwrap();
        assert_eq!((proof.case(), proof.prefix().is_some()), (case.clone(), true));
        assert_eq!(pair.one.split_views(), [(shown.key().to_string(), false)]);
        assert_eq!(pair.one.add(&shown.request(8, 9)).status, 403);
        pair.end();
    }
}

#[test]
fn a_tree_of_many_tiles_is_compared_and_a_part_of_one_is_taken_from_the_whole() {
    let house = House::open();
    let leaves = |fork: usize| (0..1000).map(move |n| if n == fork { 252 } else { u8::try_from(n % 251).unwrap() });
    let (shown, other) = (Forger::new(1, leaves(1000)), Forger::new(1, leaves(300)));
    // The log goes on with the other tree. The first time it has thrown away the part of a tile that is whole by now.
    for (size, grown, forgotten) in [(500, 600, "0/001.p/244"), (600, 600, ""), (1000, 1000, "")] {
        let site = Site::of_log(&house, &other, grown);
        site.show(&other, size);
        site.forget(&format!("/tile/{forgotten}"));
        let pair = Pair::open(&house, &shown, &site);
        assert_eq!(pair.other.add(&other.request(0, 290)).status, 200, "the trees are still one");
        site.wait_for_rounds("/checkpoint");
        assert!(pair.one.cases().is_empty(), "{:?}", pair.one.cases());
        assert_eq!(pair.one.add(&shown.request(0, 400)).status, 200);
        eventually("the first witness holds proof", || !pair.one.cases().is_empty());
        let proof = pair.one.proof(&pair.one.cases()[0], &shown.key()).unwrap();
        assert_eq!(proof.checkpoints().map(|published| published.checkpoint().size), [400, size]);
        pair.end();
    }
}

#[test]
fn a_log_that_only_grows_is_held_against_nothing() {
    let house = House::open();
    let (log, _) = trees();
    let site = Site::of_log(&house, &log, 15);
    let pair = Pair::open(&house, &log, &site);
    assert_eq!(pair.one.add(&log.request(0, 8)).status, 200);
    assert_eq!(pair.other.add(&log.request(0, 12)).status, 200);
    site.wait_for_rounds("/tile/0/000.p/15");
    assert!(pair.one.cases().is_empty(), "{:?}", pair.one.cases());
    site.show(&log, 10);
    site.wait_for_rounds("/checkpoint");
    assert!(pair.one.cases().is_empty(), "a log that is late at its address did nothing wrong");
    assert_eq!(pair.one.add(&log.request(8, 9)).status, 200);
    pair.end();
}

#[test]
fn a_log_whose_tiles_do_not_make_its_tree_is_looked_at_and_nothing_is_proven() {
    let house = House::open();
    let (log, other) = trees();
    let site = Site::of_log(&house, &other, 15);
    site.say("/checkpoint", log.published(15).note().to_string());
    let pair = Pair::open(&house, &log, &site);
    assert_eq!(pair.one.add(&log.request(0, 8)).status, 200);
    eventually("that is kept", || !pair.one.cases().is_empty());
    assert!(pair.one.cases()[0].starts_with("unproven-"), "{:?}", pair.one.cases());
    assert!(pair.one.split_views().is_empty());
    assert_eq!(pair.one.add(&log.request(8, 9)).status, 200, "a doubt is no proof");
    pair.end();
}

fn kept_in(data: &Path) -> usize {
    std::fs::read_dir(data.join(EVIDENCE)).unwrap().count()
}

#[test]
fn what_is_no_proof_against_a_log_that_is_known_is_not_kept() {
    let house = House::open();
    let kept = tempdir().unwrap();
    let (log, other) = trees();
    let liar = Site::open(&house);
    let real = SplitView::of_one_size(log.published(8), other.published(8)).unwrap();
    let named = |number: usize| format!("{}{number:016x}", &real.case()[..23]);
    let note = |log: &Forger, size: u64| log.published(size).note().to_string();
    let thief = Forger::named(2, log.key().name().as_str(), 1..20);
    let [strange, stranger] = [1..20, 2..21].map(|leaves| Forger::named(3, "stranger.example/log", leaves));
    let unknown = SplitView::of_one_size(strange.published(8), stranger.published(8)).unwrap();
    let padded = |log: &Forger, size: u64| note(log, size).replacen("\n\n", &format!("\n{}\n\n", "x".repeat(1 << 20)), 1);
    let bare: [(&str, [String; 2]); 7] = [
        ("another key signed one of the notes", [note(&log, 8), note(&thief, 9)]),
        ("one tree", [note(&log, 8), note(&log, 8)]),
        ("two sizes without a prefix", [note(&log, 8), note(&other, 12)]),
        ("two trees of a log that nobody here knows", [note(&strange, 8), note(&stranger, 8)]),
        ("a root that the log did not sign", [note(&log, 8), note(&other, 8).replacen("\n8\n", "\n9\n", 1)]),
        ("notes without end", [padded(&log, 8), padded(&other, 8)]),
        ("no notes", ["<html>".into(), String::new()]),
    ];
    for (number, (_, notes)) in bare.iter().enumerate() {
        liar.say_case(&named(number), notes.clone(), None);
    }
    let honest = log.prefix(8, 12).to_string();
    liar.say_case(&named(7), [note(&log, 8), note(&log, 12)], Some(honest.clone()));
    liar.say_case(&named(8), [note(&log, 8), note(&other, 12)], Some(honest));
    liar.say_case(&named(9), [note(&log, 8), note(&other, 12)], Some("AAAA\n".repeat(100_000)));
    liar.say_split(&unknown);
    // What is somewhere else is not fetched from there.
    let elsewhere = liar.say_split(&real);
    for file in ["first.note", "second.note"] {
        liar.put(&format!("/evidence/{}/{file}", named(10)), Says::Moved(format!("{}/evidence/{elsewhere}/{file}", liar.url())));
    }
    let mut listed: Vec<String> = (0..11).map(named).chain([unknown.case()]).collect();
    listed.extend(
        ["../../witness.key", "split-..%2f..%2fwitness.key-0123456789", "", "split-0123456789abcdef-0123456789abcdef"]
            .map(Into::into),
    );
    liar.say("/evidence", listed.join("\n") + "\n");

    let running = Running::start(&house, kept.path(), listener(&house), vec![log.key()], vec![asked(&liar)]);
    for number in 0..11 {
        liar.wait_for_rounds(&format!("/evidence/{}/first.note", named(number)));
        assert_eq!(kept_in(kept.path()), 0, "{:?}", bare.get(number));
    }
    let strange_asked = liar.asked(&format!("/evidence/{}/first.note", unknown.case()));
    assert_eq!(strange_asked, 0, "what is said against logs that are not known is not even read");
    assert_eq!(liar.asked(&format!("/evidence/{elsewhere}/first.note")), 0, "no redirect is followed");
    liar.say("/evidence", vec![b'\n'; 65 * 1024]);
    liar.wait_for_rounds("/evidence");
    assert_eq!((kept_in(kept.path()), running.split_views()), (0, Vec::new()));
    assert_eq!(running.add(&log.request(0, 8)).status, 200, "all that did the log no harm");

    // With the same node, the same names and one true case among them.
    liar.say("/evidence", format!("{}\n{elsewhere}\n", listed.join("\n")));
    eventually("what is proof is kept", || running.cases() == [elsewhere.clone()]);
    assert_eq!(running.proof(&elsewhere, &log.key()).unwrap(), real);
    running.end();
}

#[test]
fn of_one_log_a_few_proofs_are_kept_however_many_it_signs() {
    let house = House::open();
    let kept = tempdir().unwrap();
    let (log, other) = trees();
    let site = Site::open(&house);
    let split = |size: u64| SplitView::of_one_size(log.published(size), other.published(size)).unwrap();
    let names: Vec<String> = (5..19).map(|size| site.say_split(&split(size))).collect();
    site.say("/evidence", names.join("\n") + "\n");
    let running = Running::start(&house, kept.path(), listener(&house), vec![log.key()], vec![asked(&site)]);
    eventually("as many are kept as there is room for", || running.cases().len() == 4);
    site.wait_for_rounds("/evidence");
    let cases = running.cases();
    assert_eq!(cases.len(), 4);
    running.end();

    // A file that was changed counts for nothing after a restart, and its place is taken by a proof that others have.
    std::fs::write(kept.path().join(EVIDENCE).join(&cases[0]).join("first.note"), "changed").unwrap();
    let running = Running::start(&house, kept.path(), listener(&house), vec![log.key()], vec![asked(&site)]);
    eventually("four are proofs again", || {
        running.cases().iter().filter(|case| running.proof(case, &log.key()).is_ok()).count() == 4
    });
    running.end();
}

#[test]
fn a_node_whose_own_log_contradicts_itself_says_so() {
    let house = House::open();
    let (kept, others_kept) = (tempdir().unwrap(), tempdir().unwrap());
    let (own, others) = (keys(&house, kept.path()), keys(&house, others_kept.path()));
    let mut author = house.founder();
    house.publish(&author.inception.clone());
    for number in 0..3 {
        house.publish(&author.example("practice", &format!("Practice {number}")));
    }
    let (here, there) = (listener(&house), listener(&house));
    let other_at = Followed { key: others.log.vkey().clone(), url: Some(format!("http://{}", there.local_addr().unwrap())) };
    let other = Running::start(&house, others_kept.path(), there, vec![own.log.vkey().clone()], Vec::new());
    // Whoever copied the key signs another journal with it.
    let Keys { log: copied, .. } = keys(&house, kept.path());
    assert_eq!(other.add(&Forger::with_key(copied, 1..9).request(0, 3)).status, 200);
    let running = Running::linked(&house, kept.path(), here, vec![other_at, unaddressed(Forger::new(1, 1..2).key())], Vec::new());
    eventually("the node holds proof against its own log", || running.split_views() == [(own.log.vkey().to_string(), true)]);
    running.proof(&running.cases()[0], own.log.vkey()).unwrap();
    let page = get(&format!("{}/node", running.url())).text();
    assert!(page.contains("contradicts itself") && page.contains(&running.cases()[0]), "{page}");
    running.end();
    other.end();
}
