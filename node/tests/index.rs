//! What a reader relies on: it finds what is in the journal and nothing else, whatever happened to the index.

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::journal::{self, Tree};
use koinon_protocol::key::Signer;
use koinon_protocol::kind::Kind;
use koinon_protocol::log::{Head, Linked, LogId, link};
use koinon_protocol::record::{Body, Draft, Sealed};
use koinon_protocol::time::Millis;
use koinond::index::{Follower, follow};
use koinond::reader::{Listing, Reader};
use koinond::search::{Facet, Filter, Question};
use koinond::store::{Options, Store};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

const NETWORK: NetworkId = NetworkId([7; 32]);
const OPTIONS: Options = Options { segment: 64 * 1024, ballast: 0 };

/// A writer of records in some logs, which knows what it wrote.
#[derive(Default)]
struct Model {
    heads: BTreeMap<LogId, Head>,
    records: Vec<(Linked, Body)>,
}

impl Model {
    fn write(&mut self, author: u8, kind: u16, subject: RecordId, body: &str) -> &(Linked, Body) {
        let signer = Signer::from_seed(&[author; 32]);
        let organisation = OrganisationId([author / 2; 32]);
        let log = LogId { organisation, device: signer.public() };
        let head = self.heads.get(&log).copied();
        let draft = Draft {
            kind,
            network: NETWORK,
            organisation,
            seq: head.map_or(0, |head| head.seq + 1),
            previous: head.map_or(RecordId::ZERO, |head| head.id),
            claimed_at: Millis(self.records.len() as u64),
            subject,
            territory: [0; 12],
            topic: 0,
        };
        let (record, body) = draft.sign(&signer, Sealed { salt: [author; 32], bytes: body.as_bytes().to_vec() }).unwrap();
        let linked = link(record, head.as_ref()).unwrap();
        self.heads.insert(log, linked.head());
        self.records.push((linked, body));
        self.records.last().unwrap()
    }

    fn id(&self, position: u64) -> RecordId {
        self.records[position as usize].0.record().id()
    }

    fn places(&self, listing: Listing) -> Vec<u64> {
        let fits = |record: &Linked| {
            let header = record.record().header();
            match listing {
                Listing::All => true,
                Listing::Kind(kind) => header.kind == kind,
                Listing::Author(author) => record.record().author() == author,
                Listing::Subject(subject) => header.subject == subject,
            }
        };
        let fitting = (0..).zip(&self.records).filter(|(_, (record, _))| fits(record)).map(|(position, _)| position);
        let mut places: Vec<u64> = fitting.collect();
        places.reverse();
        places
    }
}

fn settled(reader: &Reader, follower: &Follower, size: u64) {
    follower.durable(size);
    while reader.size() < size {
        assert_eq!(follower.failure(), None);
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn assert_agrees(reader: &Reader, model: &Model) {
    let size = model.records.len() as u64;
    assert_eq!(reader.size(), size);
    let mut tree = Tree::default();
    for (position, (linked, body)) in (0..).zip(&model.records) {
        let id = linked.record().id();
        assert_eq!(reader.find(&id).unwrap(), Some(position));
        let entry = reader.entry(position).unwrap().unwrap();
        assert_eq!((entry.id, entry.signed, entry.body.as_ref()), (id, *linked.record().signed(), Some(body.sealed())));
        tree.push(&id);
    }
    assert_eq!(reader.entry(size).unwrap(), None);
    assert_eq!(reader.find(&RecordId([9; 32])).unwrap(), None);
    assert!(reader.root(size + 1).is_err());
    let nodes = |level, index| tree.node(level, index);
    for part in [0, size.min(1), size / 3, size / 2, size] {
        assert_eq!(reader.root(part).unwrap(), journal::root_at(part, nodes).unwrap());
        assert_eq!(reader.consistency(part, size).unwrap(), journal::consistency(part, size, nodes).unwrap());
        if part < size {
            assert_eq!(reader.inclusion(part, size).unwrap(), journal::inclusion(part, size, nodes).unwrap());
        }
    }
    let subjects = model.records.iter().map(|(record, _)| Listing::Subject(record.record().header().subject)).take(20);
    let authors = (0..8).map(|author| Listing::Author(OrganisationId([author; 32])));
    let kinds = [2, 33, 40].map(Listing::Kind);
    for listing in subjects.chain(authors).chain(kinds).chain([Listing::All]) {
        if listing == Listing::Subject(RecordId::ZERO) {
            continue;
        }
        let all = model.places(listing);
        assert_eq!(reader.newest(listing, u64::MAX, usize::MAX).unwrap(), all);
        let below: Vec<u64> = all.into_iter().filter(|&position| position < size / 2).take(7).collect();
        assert_eq!(reader.newest(listing, size / 2, 7).unwrap(), below);
    }
    for (log, head) in &model.heads {
        assert_eq!(reader.head(log).unwrap(), Some(*head));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if let Err(error) = fs::copy(entry.path(), target) {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "a file may go while it is copied");
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Append(u16),
    Reopen,
    /// The process is killed: the files are what they are at some moment.
    Kill,
    DeleteIndex,
    DeleteSearch,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1u16..40).prop_map(Act::Append),
        2 => (200u16..1400).prop_map(Act::Append),
        1 => Just(Act::Reopen),
        1 => Just(Act::Kill),
        1 => Just(Act::DeleteIndex),
        1 => Just(Act::DeleteSearch),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn a_reader_answers_as_a_plain_list_does_whatever_happened_to_the_index(acts in proptest::collection::vec(act(), 1..14), seed: u64) {
        let mut directory = tempfile::tempdir().unwrap();
        let mut model = Model::default();
        let mut random = seed;
        let open = |path: &Path| {
            let store = Store::open(path, NETWORK, OPTIONS).unwrap();
            let (follower, reader) = follow(path, &store).unwrap();
            (store, follower, reader)
        };
        let mut house = open(directory.path());
        for act in acts {
            if let Act::Append(count) = act {
                for _ in 0..count {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let below = |bound: u64| (random >> 33) % bound;
                    let subject = if model.records.is_empty() || below(3) > 0 { RecordId::ZERO } else { model.id(below(model.records.len() as u64)) };
                    let (record, body) = model.write(below(6) as u8, [2, 33, 40][below(3) as usize], subject, "{}");
                    house.0.append(record, Some(body)).unwrap();
                }
                house.0.sync().unwrap();
                house.1.durable(house.0.size());
                continue;
            }
            if let Act::Kill = act {
                let after = tempfile::tempdir().unwrap();
                copy(directory.path(), after.path());
                drop(house);
                directory = after;
            } else {
                drop(house);
            }
            match act {
                Act::DeleteIndex => fs::remove_dir_all(directory.path().join("index")).unwrap(),
                Act::DeleteSearch => fs::remove_dir_all(directory.path().join("search")).unwrap(),
                _ => {}
            }
            house = open(directory.path());
        }
        settled(&house.2, &house.1, house.0.size());
        assert_agrees(&house.2, &model);
    }
}

fn need(title: &str) -> String {
    Kind::by_name("need").unwrap().example.replace("A shared building inspector", title)
}

fn hits(reader: &Reader, text: &str) -> Vec<RecordId> {
    let question = Question { text: text.into(), limit: 10, ..Question::default() };
    let mut ids: Vec<RecordId> = reader.search(&question).unwrap().hits.into_iter().map(|hit| hit.id).collect();
    ids.sort_unstable();
    ids
}

fn eventually(what: &str, check: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if check() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{what}");
}

#[test]
fn the_newest_version_that_can_be_read_is_what_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = Store::open(directory.path(), NETWORK, OPTIONS).unwrap();
    let (follower, reader) = follow(directory.path(), &store).unwrap();
    let mut model = Model::default();
    model.write(2, 34, RecordId::ZERO, &need("bridge inspection"));
    let first = model.id(0);
    model.write(2, 34, first, &need("bridge maintenance"));
    model.write(4, 34, first, &need("bridge by another author"));
    model.write(2, 34, RecordId::ZERO, "{\"title\":\"bridge that does not conform\"}");
    model.write(2, 34, RecordId::ZERO, &need("bridge whose text comes late"));
    let ids: Vec<RecordId> = (0..5).map(|position| model.id(position)).collect();
    for (position, (record, body)) in (0..).zip(&model.records) {
        store.append(record, (position != 4).then_some(body)).unwrap();
    }
    store.sync().unwrap();
    follower.durable(store.size());
    let sorted = |mut ids: Vec<RecordId>| {
        ids.sort_unstable();
        ids
    };
    let expected = sorted(vec![ids[1], ids[2]]);
    eventually("the new version and the other author's are found", || hits(&reader, "bridge") == expected);
    assert_eq!(hits(&reader, "inspection"), []);
    store.put_body(4, &model.records[4].1).unwrap();
    store.sync().unwrap();
    follower.body(4);
    let expected = sorted(vec![ids[1], ids[2], ids[4]]);
    eventually("a text that came late is found", || hits(&reader, "bridge") == expected);
    store.erase_body(2).unwrap();
    follower.body(2);
    let expected = sorted(vec![ids[1], ids[4]]);
    eventually("an erased text is not found", || hits(&reader, "bridge") == expected);
    drop((follower, reader));
    let (_follower, reader) = follow(directory.path(), &store).unwrap();
    assert_eq!(hits(&reader, "bridge"), expected);
    let filters = vec![Filter { facet: Facet::Kind, value: "need".into() }, Filter { facet: Facet::Topic, value: "610".into() }];
    assert_eq!(reader.search(&Question { filters, limit: 10, ..Question::default() }).unwrap().total, 2);
}
