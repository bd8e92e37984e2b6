//! Attacks on what a journal shows, and on what is proven from it.

use crate::house::{House, eventually};
use crate::running::{Forger, Running, get, keys, listener, post, witness};
use crate::scene::Scene;
use koinon_protocol::bundle::{self, Report};
use koinon_protocol::checkpoint::{Checkpoint, Note, SplitView};
use koinon_protocol::id::{NetworkId, Tag, digest};

/// Two trees of one log that part at the fifth leaf.
fn trees() -> (Forger, Forger) {
    (Forger::new(1, 1..20), Forger::new(1, (1..20).map(|byte| if byte == 5 { 99 } else { byte })))
}

#[test]
fn a_split_view_of_a_journal_becomes_evidence_that_anybody_can_fetch() {
    let house = House::open();
    let kept = tempfile::tempdir().unwrap();
    let (shown, other) = trees();
    keys(&house, kept.path());
    let running = Running::start(&house, kept.path(), listener(&house), vec![shown.key()], Vec::new());
    let at = |path: &str| get(&format!("{}{path}", running.url()));
    assert_eq!(running.add(&shown.request(0, 8)).status, 200);
    assert_eq!((at("/evidence").status, at("/evidence").text().as_str()), (200, ""), "nothing is held against an honest log");
    assert_eq!(running.add(&other.request(8, 8)).status, 422, "another tree of the same size is not cosigned");

    let cases = running.cases();
    let proof = running.proof(&cases[0], &shown.key()).unwrap();
    assert_eq!((proof.case(), cases.len()), (cases[0].clone(), 1));
    for signed in [&shown, &other].map(|log| log.published(8)) {
        assert!(proof.checkpoints().contains(&&signed));
    }
    assert_eq!(running.add(&shown.request(8, 12)).status, 403, "nothing more is cosigned of it");
    for path in [&format!("{}/witness.key", cases[0]), "../first.note", "%2e%2e/witness.key", "..%2f/first.note"] {
        assert_eq!(at(&format!("/evidence/{path}")).status, 404, "{path}");
    }
    running.end();
}

#[test]
fn a_split_view_shown_to_two_witnesses_is_found_and_reaches_every_node_that_knows_the_log() {
    let house = House::open();
    let (shown, other) = trees();
    let honest = Forger::named(4, "honest.example/log", 1..20);
    let kept = [0, 1, 2, 3].map(|_| tempfile::tempdir().unwrap());
    let at = [0, 1, 2, 3].map(|_| listener(&house));
    let ask = |n: usize| vec![witness(&at[n], &keys(&house, kept[n].path()))];
    // The first two ask each other; the third asks the second alone, and the fourth the third. Neither of these does the log ever speak to.
    let asked = [ask(1), ask(0), ask(1), ask(2)];
    let mut nodes = Vec::new();
    for ((kept, at), asked) in kept.iter().zip(at).zip(asked) {
        nodes.push(Running::start(&house, kept.path(), at, vec![shown.key(), honest.key()], asked));
    }
    assert_eq!(nodes[0].add(&honest.request(0, 8)).status, 200);
    assert_eq!(nodes[1].add(&honest.request(0, 12)).status, 200);
    assert_eq!(nodes[0].add(&shown.request(0, 8)).status, 200);
    assert_eq!(nodes[1].add(&other.request(0, 8)).status, 200, "each of the witnesses sees one tree, and nothing wrong");

    let case = SplitView::of_one_size(shown.published(8), other.published(8)).unwrap().case();
    for (number, node) in nodes.iter().enumerate() {
        eventually(&format!("node {number} holds the proof"), || node.cases().contains(&case));
        assert_eq!(node.proof(&case, &shown.key()).unwrap().case(), case);
        assert_eq!(node.split_views(), [(shown.key().to_string(), false)], "the honest log is held against nothing");
        let page = get(&format!("{}/node", node.url())).text();
        assert!(page.contains("A log showed two different journals") && page.contains(&case), "{page}");
        let refused = node.add(&shown.request(if number == 0 { 8 } else { 0 }, 12));
        assert_eq!((refused.status, refused.text().contains(&case)), (403, true), "it is cosigned nowhere any more");
        assert_eq!(node.cases(), [case.as_str()]);
        let metrics = get(&format!("{}/metrics", node.url())).text();
        assert!(
            metrics.contains("witness_contradicted_logs 1") && metrics.contains("witness_split_views_total{found="),
            "{metrics}"
        );
    }
    let origin = Forger::hash(shown.key().name().as_str());
    assert_eq!(get(&format!("{}/{origin}/checkpoint", nodes[3].url())).status, 404, "the log never asked the last one");
    nodes.into_iter().for_each(Running::end);
}

#[test]
fn a_race_does_not_roll_a_witness_back() {
    let house = House::open();
    let kept = tempfile::tempdir().unwrap();
    let log = Forger::new(1, 1..40);
    let running = Running::start(&house, kept.path(), listener(&house), vec![log.key()], Vec::new());
    let url = format!("{}/add-checkpoint", running.url());
    assert_eq!(post(&url, &log.request(0, 20)).status, 200);
    // Twelve requests at once, each of which would be right if it came alone; half of them roll back.
    let answers: Vec<(u64, u16)> = std::thread::scope(|scope| {
        let ask = |size: u64| {
            let (url, log) = (&url, &log);
            scope.spawn(move || (size, post(url, &log.request(if size > 20 { 20 } else { 0 }, size)).status))
        };
        let asked: Vec<_> = (8..14).chain(24..30).map(ask).collect();
        asked.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let won: Vec<u64> = answers.iter().filter(|(_, status)| *status == 200).map(|(size, _)| *size).collect();
    assert!(won.len() == 1 && won[0] > 20, "{answers:?}");
    assert!(answers.iter().all(|(size, status)| won.contains(size) || *status == 409), "{answers:?}");
    assert_eq!(post(&url, &log.request(0, 1)).text(), format!("{}\n", won[0]), "it says what it cosigned last");
    running.end();
}

/// What fails first in a bundle, by its name; the error's words where it is none.
fn failure(bytes: &[u8], network: NetworkId) -> String {
    let report = match bundle::check(bytes, &network.into()) {
        Ok(report) => report,
        Err(error) => return error.to_string(),
    };
    let Report { verified, records, checkpoints, set_aside, .. } = &report;
    let aside = set_aside.iter().map(|aside| aside.failure.code());
    let of_records = records.iter().flat_map(|record| &record.failures).map(bundle::Failure::code);
    let of_checkpoints = checkpoints.iter().flat_map(|checkpoint| &checkpoint.failures).map(|failure| failure.code());
    let mut named = aside.chain(of_records).chain(of_checkpoints);
    let first = named.next().unwrap_or("none").to_owned();
    assert!(!verified || first == "none" || !set_aside.is_empty(), "{report:?}");
    first
}

/// The bundle with one byte changed by whoever makes the digest anew.
fn forged(bundle: &[u8], place: usize) -> Vec<u8> {
    let mut bytes = bundle[..bundle.len() - 32].to_vec();
    // Text of base64 and digits stays text of base64 and digits.
    bytes[place] = match bytes[place] {
        b'A' => b'B',
        letter if letter.is_ascii_alphabetic() || [b'+', b'/'].contains(&letter) => b'A',
        digit if digit.is_ascii_digit() => b'0' + (digit - b'0' + 1) % 10,
        other => other ^ 1,
    };
    let end = digest(Tag::BUNDLE, &[&bytes]);
    [bytes, end.to_vec()].concat()
}

fn place_of(part: &[u8], bundle: &[u8]) -> usize {
    bundle.windows(part.len()).position(|window| window == part).unwrap()
}

#[test]
fn every_class_of_bytes_of_a_bundle_names_its_failure_when_it_is_changed() {
    let scene = Scene::open();
    scene.is_witnessed();
    let (bytes, network) = (scene.get(&format!("/api/v1/bundle/{}", scene.record.id())).bytes, scene.house.founding.network());
    assert_eq!(failure(&bytes, network), "none");
    let on_the_way = (0..bytes.len()).step_by(bytes.len() / 60).map(|place| {
        let mut bytes = bytes.clone();
        bytes[place] ^= 1;
        failure(&bytes, network)
    });
    for said in on_the_way {
        assert!(said.contains("damaged on its way") || said.contains("not an audit bundle"), "{said}");
    }

    let record = place_of(&scene.record.record.signed().encode(), &bytes);
    let inception = place_of(&scene.author.inception.record.signed().encode(), &bytes);
    let charter = place_of(scene.house.founding.body().bytes(), &bytes);
    let body = place_of(scene.record.body.bytes(), &bytes);
    let shown = checkpoint(&bytes);
    let note = place_of(shown.as_bytes(), &bytes);
    let line = |number: usize| note + shown.lines().take(number).map(|line| line.len() + 1).sum::<usize>();
    let lines: Vec<&str> = shown.lines().collect();
    let (log, cosigned) = (line(4) + lines[4].len() - 20, line(5) + lines[5].len() - 20);
    for (what, place, named) in [
        ("magic", 3, "this is not an audit bundle"),
        ("charter", charter + 20, "the founding charter in the bundle does not hold"),
        ("a control record's header", inception + 200, "bad_signature"),
        ("a control record's signature", inception + 240, "bad_signature"),
        ("the record's version", record + 1, "malformed"),
        ("the record's network", record + 4 + 5, "other_network"),
        ("the record's author", record + 36 + 5, "bad_signature"),
        ("the record's time", record + 147, "bad_signature"),
        ("the record's signature", record + 232 + 5, "bad_signature"),
        ("the salt", body - 20, "changed_body"),
        ("the body", body + 20, "changed_body"),
        ("the checkpoint's size", line(1), "other_tree bad_log_signature"),
        ("the checkpoint's root", line(2) + 5, "other_tree bad_log_signature"),
        ("the log's signature", log, "bad_log_signature"),
        ("a witness's signature", cosigned, "bad_cosignature"),
        ("the journal's root", place_of(&root_of(&shown), &bytes) + 5, "not_included"),
        ("the path to the root", bytes.len() - 32 - 5, "not_included"),
    ] {
        let said = failure(&forged(&bytes, place), network);
        assert!(said != "none" && (said.starts_with(named) || named.split(' ').any(|named| said == named)), "{what}: {said}");
    }
    scene.end();
}

/// The text of the first checkpoint in a bundle.
fn checkpoint(bytes: &[u8]) -> String {
    let signature = place_of("\n\n\u{2014} koinon/".as_bytes(), bytes);
    let text = bytes[..signature].windows(7).rposition(|window| window == b"koinon/").unwrap();
    let lengths = (signature + 2..bytes.len()).filter(|end| bytes[end - 1] == b'\n');
    let mut notes = lengths.filter_map(|end| Some(Note::parse(&bytes[text..end]).ok()?.to_string()));
    notes.next_back().unwrap()
}

fn root_of(note: &str) -> [u8; 32] {
    Checkpoint::parse(Note::parse(note.as_bytes()).unwrap().text()).unwrap().root
}
