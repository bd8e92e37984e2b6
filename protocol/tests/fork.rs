//! What a fork takes back, and what it does not.

#![expect(clippy::expect_used, reason = "a test says by panicking that its ground is not what it took it to be")]

#[expect(dead_code, reason = "the simulator needs more of it")]
#[path = "simulator/people.rs"]
mod people;

use koinon_protocol::ledger::{Ledger, MemoryLedger};
use koinon_protocol::log::{ForkProof, Linked, LogId, link};
use koinon_protocol::record::{Body, RecordError, Signed, Verified};
use koinon_protocol::replica::{Host, Keeper, Lack, Standing};
use koinon_protocol::trust::Right;
use people::{Deed, People, START, What};

type Checker = Box<dyn FnMut(Vec<Signed>) -> Vec<Result<Verified, RecordError>>>;

struct Town {
    people: People,
    keeper: Keeper<MemoryLedger, Checker>,
    salt: u8,
}

impl Town {
    /// Both founders have begun, and 2, for whom founder 0 vouches; each published something.
    fn new() -> Self {
        let people = People::new(6);
        let keeper = open(&people, MemoryLedger::default());
        let mut town = Self { people, keeper, salt: 64 };
        for founder in 0..2 {
            town.begin(founder);
        }
        town.bring_in(0, 2);
        town
    }

    fn begin(&mut self, author: usize) -> Verified {
        self.say(author, What::Begin);
        self.say(author, What::Content { second: false })
    }

    /// The attestation.
    fn bring_in(&mut self, voucher: usize, author: usize) -> Verified {
        let vouched = self.vouch(voucher, author);
        self.begin(author);
        vouched
    }

    fn next(&mut self, author: usize, what: What) -> (Verified, Body) {
        self.salt += 1;
        let deed = Deed { node: 0, author, what, tries: 0 };
        let head = self.keeper.ledger().head(&self.people.log(&deed)).expect("a ledger in memory");
        self.people.write(&deed, head, START, [self.salt; 32]).expect("a record")
    }

    fn link(&self, record: Verified) -> Linked {
        let log = LogId::from(record.header());
        let head = self.keeper.ledger().head(&log).expect("a ledger in memory");
        link(record, head.as_ref()).expect("it continues its log")
    }

    fn say(&mut self, author: usize, what: What) -> Verified {
        let (record, body) = self.next(author, what);
        let linked = self.link(record);
        assert_eq!(self.keeper.standing(&linked, Some(&body)), Standing::Admitted);
        self.keeper.append(&linked, Some(&body)).expect("a ledger in memory");
        self.check_restart();
        record
    }

    fn vouch(&mut self, voucher: usize, author: usize) -> Verified {
        self.say(voucher, What::Vouch(self.people.authors[author].id))
    }

    fn fork(&mut self, one: Verified, other: Verified) {
        let fork = ForkProof::new(one, other).expect("two records at one place");
        self.keeper.freeze(&fork).expect("a ledger in memory");
        self.check_restart();
    }

    /// How many of this author's records stand, of all that the journal holds.
    fn standing(&self, author: usize) -> (usize, usize) {
        let id = self.people.authors[author].id;
        let entries =
            (0..self.keeper.ledger().size()).map(|place| self.keeper.ledger().entry(place).expect("a place below the size"));
        let own: Vec<bool> = entries
            .filter(|entry| entry.signed.header().organisation == id || entry.id.0 == id.0)
            .map(|entry| self.keeper.trust().stands(entry.signed.header()))
            .collect();
        (own.iter().filter(|stands| **stands).count(), own.len())
    }

    fn check_restart(&self) {
        let ledger = self.keeper.ledger().clone();
        assert_eq!(open(&self.people, ledger).trust(), self.keeper.trust(), "a restart changes nothing");
    }
}

fn open(people: &People, ledger: MemoryLedger) -> Keeper<MemoryLedger, Checker> {
    let network = people.trust.network();
    let checker: Checker = Box::new(move |records| records.into_iter().map(|signed| signed.verify(network)).collect());
    let forks = ledger.forks().to_vec();
    Keeper::open(ledger, checker, people.trust.clone(), &forks).expect("a ledger in memory")
}

#[test]
fn what_was_admitted_through_a_fork_falls_with_it() {
    let mut town = Town::new();
    let (other, _) = town.next(2, What::Content { second: false });
    let vouched = town.bring_in(2, 4);
    assert_eq!((town.standing(2), town.standing(4)), ((3, 3), (2, 2)));
    town.fork(vouched, other);
    assert_eq!(town.standing(2), (2, 3), "what stands before the fork still counts");
    assert_eq!(town.standing(4), (0, 2), "who was vouched for after it has no voucher");
    let (two, four) = (town.people.authors[2].id, town.people.authors[4].id);
    assert!(town.keeper.trust().organisation(two).is_some() && town.keeper.trust().organisation(four).is_none());
    let (record, body) = town.next(4, What::Content { second: false });
    let linked = town.link(record);
    assert_eq!(town.keeper.standing(&linked, Some(&body)), Standing::Waits(Lack::Predecessor));

    town.vouch(1, 4);
    assert_eq!(town.standing(4), (2, 2), "another voucher's word covers the records that fell");
    assert_eq!(town.keeper.standing(&linked, Some(&body)), Standing::Admitted);
}

#[test]
fn a_fork_of_content_takes_back_nothing_else() {
    let mut town = Town::new();
    town.bring_in(2, 4);
    let (other, _) = town.next(4, What::Content { second: false });
    let kept = town.say(4, What::Content { second: false });
    town.fork(kept, other);
    assert_eq!((town.standing(2), town.standing(4)), ((3, 3), (2, 3)));
    let publish = |author: usize| town.keeper.trust().standing(town.people.authors[author].id, Right::Publish, START);
    assert!(publish(4).is_ok(), "its organisation can speak through another device");
}

#[test]
fn a_founder_who_begins_twice_is_none_and_takes_along_whom_nobody_else_vouched_for() {
    let mut town = Town::new();
    town.bring_in(2, 4);
    town.vouch(1, 4);
    let author = &town.people.authors[0];
    let (one, other) = (author.inception.0, author.other_inception.0);
    town.fork(one, other);
    assert_eq!(town.standing(0), (0, 3));
    assert_eq!(town.standing(2), (0, 3));
    assert_eq!(town.standing(4), (2, 2), "founder 1 vouched for it");
    assert_eq!(town.keeper.trust().founders().count(), 1);
}
