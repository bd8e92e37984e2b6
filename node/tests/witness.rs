//! What auditors and other logs rely on: checkpoints, tiles and witnesses over real sockets and files.

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

#[path = "witness/evidence.rs"]
mod evidence;
#[path = "api/house.rs"]
#[expect(dead_code, reason = "the tests of the API need more of it")]
mod house;
#[path = "witness/running.rs"]
mod running;
#[path = "witness/site.rs"]
mod site;

use house::{House, eventually};
use koinon_protocol::checkpoint::{Published, Sighting, SignatureLine, SplitView, witnessed};
use koinon_protocol::id::RecordId;
use koinon_protocol::journal::{self, Frontier};
use koinon_tests::author::Author;
use koinond::witness::{EVIDENCE, Keys, LOG, LOG_KEY};
use running::{Forger, Running, get, keys, listener, post};
use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::path::Path;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn publish(house: &House, author: &mut Author, count: usize) {
    if house.reader.size() == 0 {
        house.publish(&author.inception.clone());
    }
    for number in 0..count {
        assert_eq!(house.submit(&author.example("practice", &format!("Practice {number}"))).status, 201);
    }
    eventually("all can be read", || house.reader.size() == house.handle.status().records);
}

/// The node's checkpoint, once it has this size and this many signatures.
fn signed(at: &Running, keys: &Keys, size: u64, signatures: usize) -> Published {
    let found = RefCell::new(None);
    eventually("the checkpoint is there", || {
        let shown = at.checkpoint().and_then(|note| Published::open(note, keys.log.vkey()).ok());
        let is_it = |shown: &Published| shown.checkpoint().size == size && shown.note().lines().len() == signatures;
        found.replace(shown.filter(is_it));
        found.borrow().is_some()
    });
    found.into_inner().unwrap()
}

#[test]
fn two_nodes_witness_each_other() {
    let (one, other) = (House::open(), House::open());
    let (one_kept, other_kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one_keys, other_keys) = (keys(&one, one_kept.path()), keys(&other, other_kept.path()));
    let (one_at, other_at) = (listener(&one), listener(&other));
    let to_other = vec![running::witness(&other_at, &other_keys)];
    let to_one = vec![running::witness(&one_at, &one_keys)];
    let one_run = Running::start(&one, one_kept.path(), one_at, vec![other_keys.log.vkey().clone()], to_other);
    let other_run = Running::start(&other, other_kept.path(), other_at, vec![one_keys.log.vkey().clone()], to_one);
    let mut author = one.founder();
    publish(&one, &mut author, 4);
    other.publish(&author.inception.clone());
    let first = signed(&one_run, &one_keys, 5, 2);
    let from_one = signed(&other_run, &other_keys, 1, 2);
    let time = other_keys.witness.vkey().verify(first.note()).unwrap();
    one_keys.witness.vkey().verify(from_one.note()).unwrap();
    publish(&one, &mut author, 2);
    let second = signed(&one_run, &one_keys, 7, 2);
    assert_eq!(second.checkpoint().root, one.reader.root(7).unwrap());

    let remembered = get(&format!("{}/{}/checkpoint", other_run.url(), Forger::hash(one_keys.log.vkey().name().as_str())));
    assert_eq!((remembered.status, remembered.text()), (200, second.note().to_string()));
    let kept = names(&one_kept.path().join(LOG).join("cosigned"));
    assert!(kept.contains(&format!("{:020}", 5)) && kept.contains(&format!("{:020}", 7)), "{kept:?}");

    let id = one.reader.ids(2, 1).unwrap()[0];
    let (early, late) = (one.reader.inclusion(2, 5).unwrap(), one.reader.inclusion(2, 7).unwrap());
    let sightings =
        [Sighting { published: &second, position: 2, path: &late }, Sighting { published: &first, position: 2, path: &early }];
    let witnesses = [other_keys.witness.vkey().clone()];
    assert_eq!(witnessed(&id, &sightings, &witnesses, NonZeroUsize::MIN).unwrap().0, time * 1000);
    one_run.end();
    other_run.end();
}

#[test]
fn the_root_follows_from_the_tiles_and_the_tiles_from_the_entries() {
    let house = House::open();
    let kept = tempfile::tempdir().unwrap();
    let keys = keys(&house, kept.path());
    publish(&house, &mut house.founder(), 259);
    let running = Running::start(&house, kept.path(), listener(&house), Vec::new(), Vec::new());
    let published = signed(&running, &keys, 260, 1);
    let tile = |path: &str| {
        let answer = get(&format!("{}/tile/{path}", running.url()));
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/octet-stream"), "{path}");
        assert!(answer.header("cache-control").contains("immutable"));
        answer.bytes
    };
    let (full, partial) = (tile("entries/000"), tile("entries/001.p/4"));
    let entries: Vec<RecordId> = [full, partial]
        .concat()
        .chunks_exact(34)
        .map(|entry| {
            assert_eq!(entry[..2], [0, 32]);
            RecordId(entry[2..].try_into().unwrap())
        })
        .collect();
    let leaves: Vec<u8> = entries.iter().flat_map(journal::leaf).collect();
    assert_eq!([tile("0/000"), tile("0/001.p/4")].concat(), leaves);
    assert_eq!(tile("0/001.p/2"), leaves[256 * 32..258 * 32], "a partial tile of an earlier size");
    let (mut whole, mut first) = (Frontier::default(), Frontier::default());
    entries.iter().for_each(|id| whole.push(id));
    entries[..256].iter().for_each(|id| first.push(id));
    assert_eq!(whole.root(), published.checkpoint().root);
    assert_eq!(tile("1/000.p/1"), first.root());
    for beyond in ["0/001", "0/001.p/5", "1/000", "1/000.p/2", "entries/001.p/5", "0/x000/001.p/4", "x"] {
        assert_eq!(get(&format!("{}/tile/{beyond}", running.url())).status, 404, "{beyond}");
    }
    let checkpoint = get(&format!("{}/checkpoint", running.url()));
    assert_eq!(
        (checkpoint.header("content-type"), checkpoint.header("cache-control")),
        ("text/plain; charset=utf-8", "no-cache")
    );
    running.end();
}

#[test]
fn a_witness_refuses_a_rollback_and_a_fork_and_keeps_the_evidence() {
    let house = House::open();
    let kept = tempfile::tempdir().unwrap();
    let (log, forked) = (Forger::new(1, 1..20), Forger::new(1, (1..20).map(|byte| if byte == 5 { 99 } else { byte })));
    let own = keys(&house, kept.path());
    let running = Running::start(&house, kept.path(), listener(&house), vec![log.key()], Vec::new());
    let ask = |body: &str| running.add(body);
    let evidence = || names(&kept.path().join(EVIDENCE));

    assert_eq!(ask("old 0\n\nnonsense").status, 400);
    assert_eq!(ask(&Forger::named(2, "stranger.example/log", 1..9).request(0, 8)).status, 404);
    assert_eq!(ask(&Forger::named(2, log.key().name().as_str(), 1..9).request(0, 8)).status, 403, "another key");
    assert_eq!(ask(&log.request(0, 8).replacen("\n8\n", "\n7\n", 1)).status, 403, "another text than was signed");

    let first = ask(&log.request(0, 8));
    assert_eq!((first.status, first.header("content-type")), (200, "text/plain; charset=utf-8"));
    let line = SignatureLine::parse_all(&first.text()).unwrap().remove(0);
    log.published(8).with(line, own.witness.vkey()).unwrap();
    assert_eq!(ask(&log.request(8, 8)).status, 200, "the same again, with a new time");

    let stale = ask(&log.request(0, 9));
    assert_eq!((stale.status, stale.header("content-type"), stale.text().as_str()), (409, "text/x.tlog.size", "8\n"));
    assert!(evidence().is_empty(), "a log that is behind did nothing wrong");
    assert_eq!(ask(&log.request(8, 7)).status, 400);
    assert_eq!(ask(&log.request(7, 7)).status, 409, "a rollback");
    assert_eq!(ask(&forked.request(8, 12)).status, 422, "a fork before the last size");
    assert_eq!(
        ask(&log.request(8, 12).replacen("old 8\n", "old 8\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 1)).status,
        422
    );
    assert_eq!(ask(&forked.request(8, 8)).status, 422, "two roots of one size");
    let kept_now = evidence();
    let has = |kind: &str| kept_now.iter().filter(|name| name.starts_with(kind)).count();
    assert_eq!((has("smaller"), has("unproven"), has("split")), (1, 1, 1), "{kept_now:?}");
    let split = kept_now.iter().find(|name| name.starts_with("split")).unwrap();
    let read = |file: &str| log.open(&std::fs::read(kept.path().join(EVIDENCE).join(split).join(file)).unwrap());
    SplitView::of_one_size(read("first.note"), read("second.note")).unwrap();

    for request in [log.request(8, 12), log.request(0, 12), forked.request(8, 12)] {
        let refused = ask(&request);
        assert_eq!(
            (refused.status, refused.text().contains(split)),
            (403, true),
            "nothing more is cosigned of a log that showed two trees"
        );
    }
    assert_eq!(ask(&Forger::named(2, log.key().name().as_str(), 1..20).request(8, 9)).status, 403, "as before for others");
    running.end();
    let again = Running::start(&house, kept.path(), listener(&house), vec![log.key()], Vec::new());
    let refused = post(&format!("{}/add-checkpoint", again.url()), &log.request(8, 12));
    assert_eq!(refused.status, 403, "not after a restart either: {}", refused.text());
    let running = again;
    running.end();
}

#[test]
fn of_requests_that_race_one_wins_and_nothing_is_rolled_back() {
    let house = House::open();
    let kept = tempfile::tempdir().unwrap();
    let log = Forger::new(1, 1..40);
    let running = Running::start(&house, kept.path(), listener(&house), vec![log.key()], Vec::new());
    let url = format!("{}/add-checkpoint", running.url());
    let race = |old: u64, sizes: std::ops::Range<u64>| {
        let (url, log) = (&url, &log);
        std::thread::scope(|scope| {
            let asked: Vec<_> =
                sizes.map(|size| (size, scope.spawn(move || post(url, &log.request(old, size)).status))).collect();
            let won: Vec<_> = asked
                .into_iter()
                .filter_map(|(size, thread)| match thread.join().unwrap() {
                    200 => Some(size),
                    status => {
                        assert_eq!(status, 409);
                        None
                    }
                })
                .collect();
            assert_eq!(won.len(), 1, "{won:?}");
            won[0]
        })
    };
    let first = race(0, 5..17);
    let second = race(first, first + 1..first + 13);
    assert_eq!(post(&url, &log.request(0, 1)).text(), format!("{second}\n"));
    running.end();
}

#[test]
fn what_was_cosigned_and_signed_outlives_a_restart() {
    let house = House::open();
    let kept = tempfile::tempdir().unwrap();
    let own = keys(&house, kept.path());
    let log = Forger::new(1, 1..20);
    publish(&house, &mut house.founder(), 2);
    let running = Running::start(&house, kept.path(), listener(&house), vec![log.key()], Vec::new());
    let signed_first = signed(&running, &own, 3, 1);
    assert_eq!(post(&format!("{}/add-checkpoint", running.url()), &log.request(0, 8)).status, 200);
    let path = format!("/{}/checkpoint", Forger::hash(log.key().name().as_str()));
    let cosigned = get(&format!("{}{path}", running.url())).text();
    running.end();
    let running = Running::start(&house, kept.path(), listener(&house), vec![log.key()], Vec::new());
    assert_eq!(get(&format!("{}{path}", running.url())).text(), cosigned);
    let url = format!("{}/add-checkpoint", running.url());
    let stale = post(&url, &log.request(0, 9));
    assert_eq!((stale.status, stale.text().as_str()), (409, "8\n"));
    assert_eq!(post(&url, &log.request(8, 9)).status, 200);
    assert_eq!(signed(&running, &own, 3, 1), signed_first);
    running.end();
    std::fs::write(kept.path().join("witness").join(format!("{}.note", Forger::hash(log.key().name().as_str()))), b"").unwrap();
    assert!(
        running::open(&house, kept.path(), vec![log.key()]).is_err(),
        "a witness that forgot what it cosigned does not start"
    );
}

#[test]
fn a_log_does_not_take_back_what_it_signed() {
    let (full, short) = (House::open(), House::open());
    let (kept, witness_kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (own, witness_keys) = (keys(&full, kept.path()), keys(&full, witness_kept.path()));
    let witness_at = listener(&full);
    let witnesses = vec![running::witness(&witness_at, &witness_keys)];
    let witness = Running::start(&full, witness_kept.path(), witness_at, vec![own.log.vkey().clone()], Vec::new());
    let mut author = full.founder();
    publish(&full, &mut author, 3);
    let running = Running::start(&full, kept.path(), listener(&full), Vec::new(), witnesses.clone());
    let promised = signed(&running, &own, 4, 2);
    running.end();

    // The data directory is put back as it was before anything was signed: its key is there, its promises and half its records are not.
    std::fs::remove_dir_all(kept.path().join(LOG)).unwrap();
    let mut elsewhere = short.founder();
    publish(&short, &mut elsewhere, 1);
    let restored = Running::start(&short, kept.path(), listener(&short), Vec::new(), witnesses);
    let latest = kept.path().join(LOG).join("checkpoint");
    eventually("the witness told it what it had signed", || latest.exists());
    let told = std::fs::read(&latest).unwrap();
    assert_eq!(told, promised.note().to_string().into_bytes());
    assert!(restored.checkpoint().is_none());
    restored.end();

    // It remembers now, without any witness, though the journal grows past the promised size in another order.
    let alone = Running::start(&short, kept.path(), listener(&short), Vec::new(), Vec::new());
    for number in 0..3 {
        assert_eq!(short.submit(&elsewhere.example("need", &format!("Need {number}"))).status, 201);
    }
    eventually("all can be read", || short.reader.size() == 5);
    // Ten times as long as it would take to sign.
    std::thread::sleep(10 * running::EVERY);
    assert!(alone.checkpoint().is_none());
    alone.end();
    assert_eq!(std::fs::read(&latest).unwrap(), told);

    // With a new key it is a new log.
    std::fs::remove_file(kept.path().join(LOG_KEY)).unwrap();
    std::fs::remove_dir_all(kept.path().join(LOG)).unwrap();
    let anew = keys(&short, kept.path());
    let running = Running::start(&short, kept.path(), listener(&short), Vec::new(), Vec::new());
    assert_ne!(signed(&running, &anew, 5, 1).checkpoint().origin, promised.checkpoint().origin);
    running.end();
    witness.end();
}
