//! A network with its founders, their records, and data directories that hold them.

use crate::texts::Texts;
use koinon_protocol::id::{NetworkId, RecordId};
use koinon_protocol::json::Document;
use koinon_protocol::kind::Kind;
use koinon_protocol::ledger;
use koinon_protocol::log::{Linked, link};
use koinon_protocol::record::{Body, Sealed};
use koinon_protocol::time::Millis;
use koinon_tests::author::{self, Author, Record};
use koinond::charter::Founding;
use koinond::index;
use koinond::run::STORE;
use koinond::search::document;
use koinond::store::{Options, Store};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

/// Organisations: the most founders that a network has.
pub const AUTHORS: u16 = 32;
/// Of those, how many end their logs at scattered moments.
const SCATTERED: usize = 10;
/// Records that share a sync while a directory is filled.
const GROUP: usize = 1024;
/// The kind of practices.
const PRACTICE: u16 = 33;
/// Bytes of a record beside its body: header, signature, salt.
pub const AROUND: usize = 296 + 32;

/// A network.
pub struct Ground {
    pub founding: Founding,
    pub authors: Vec<Author>,
    texts: Texts,
    searched: bool,
}

/// A record in its log.
pub type Entry = (Linked, Body);

impl Ground {
    /// A network whose records are practices, which are searched, or the same without a field that is due, which are not.
    pub fn new(searched: bool) -> Self {
        let now = koinond::clock::now();
        let past = Millis(now.0 - 60 * 86_400_000);
        let (charter, authors) = author::found(&(0..AUTHORS).map(u32::from).collect::<Vec<_>>(), past);
        let founding = Founding::decode(&charter.file()).unwrap();
        let mut ground = Self { founding, authors, texts: Texts::new(1), searched };
        let body = Document::parse(&ground.body()).unwrap();
        let checked = Kind::by_name("practice").unwrap().check(&body);
        assert_eq!(checked.is_ok(), searched, "bodies are not what they are meant to be: {checked:?}");
        ground
    }

    pub fn network(&self) -> NetworkId {
        self.founding.network()
    }

    pub fn body(&mut self) -> Vec<u8> {
        if self.searched { self.texts.practice() } else { self.texts.unsearched() }
    }

    /// The records with which the organisations begin.
    pub fn inceptions(&self) -> Vec<Entry> {
        self.authors.iter().map(|author| linked(&author.inception, None)).collect()
    }

    /// A body and a salt that cannot be compressed.
    pub fn seal(&mut self) -> Sealed {
        Sealed { salt: self.texts.salt(), bytes: self.body() }
    }

    /// The next record of an author.
    pub fn write(&mut self, author: usize) -> Entry {
        let sealed = self.seal();
        self.sign(author, sealed)
    }

    /// The same, with what it says made before.
    pub fn sign(&mut self, author: usize, sealed: Sealed) -> Entry {
        let author = &mut self.authors[author];
        author.place.now = Millis(author.place.now.0 + 1);
        let head = author.place.head;
        let record = author.seal(PRACTICE, RecordId::ZERO, sealed);
        linked(&record, head.as_ref())
    }

    /// The organisations' inceptions, and so many records, in turn; some logs end at scattered moments. The places of the last record of
    /// each of these are told too.
    pub fn world(&mut self, count: u64) -> (Vec<Entry>, Vec<usize>) {
        let mut entries = self.inceptions();
        let mut last = vec![0; SCATTERED];
        for number in 0..count {
            let mut author = (number % u64::from(AUTHORS)) as usize;
            if author < SCATTERED && number * 2 * SCATTERED as u64 > (2 * author as u64 + 1) * count {
                author += SCATTERED;
            }
            let past = Millis(self.founding.record().header().claimed_at.0 + number * 40);
            self.authors[author].place.now = past;
            if author < SCATTERED {
                last[author] = entries.len();
            }
            entries.push(self.write(author));
        }
        (entries, last)
    }

    /// Records in turn for ever, without being kept.
    pub fn stream(&mut self) -> impl Iterator<Item = Entry> {
        (0..).map(|number: u64| self.write((number % u64::from(AUTHORS)) as usize))
    }

    /// A store in a data directory, empty or as it is.
    pub fn store(&self, data: &Path) -> Store {
        self.founding.install(data).unwrap();
        Store::open(&data.join(STORE), self.network(), Options::default()).unwrap()
    }

    /// Fills a data directory as a node would, the indexes too.
    pub fn fill<'a>(&self, data: &Path, entries: impl Iterator<Item = &'a Entry>) {
        let mut store = self.store(data);
        append(&mut store, entries);
        self.index(data, store);
    }

    /// Waits until everything in the store can be found.
    pub fn index(&self, data: &Path, store: Store) {
        let (follower, reader) = index::follow(&data.join(STORE), &store).unwrap();
        while reader.size() < store.size() {
            assert_eq!(follower.failure(), None);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Appends in groups.
pub fn append<'a>(store: &mut Store, entries: impl Iterator<Item = &'a Entry>) {
    for (number, (record, body)) in entries.enumerate() {
        store.append(record, Some(body)).unwrap();
        if number % GROUP == GROUP - 1 {
            store.sync().unwrap();
        }
    }
    store.sync().unwrap();
}

fn linked(record: &Record, head: Option<&koinon_protocol::log::Head>) -> Entry {
    (link(record.record, head).unwrap(), record.body.clone())
}

/// Bytes on the disk under a path.
pub fn disk(path: &Path) -> u64 {
    let Ok(about) = std::fs::symlink_metadata(path) else { return 0 };
    let own = if about.is_dir() { 0 } else { about.blocks() * 512 };
    own + std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| disk(&entry.path())).sum::<u64>()
}

/// A copy of a data directory.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Whether the search takes the record in.
pub fn is_searched((record, body): &Entry) -> bool {
    let record = record.record();
    let entry = ledger::Entry { id: record.id(), signed: *record.signed(), body: Some(body.sealed().clone()) };
    document(&entry).is_some()
}
