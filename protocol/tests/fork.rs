//! What a fork takes back, and what it does not.

#![expect(clippy::expect_used, reason = "a test says by panicking that its ground is not what it took it to be")]

#[expect(dead_code, reason = "the simulator needs more of it")]
#[path = "simulator/acts.rs"]
mod acts;
#[expect(dead_code, reason = "the simulator needs more of it")]
#[path = "simulator/people.rs"]
mod people;

use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::key::Signer;
use koinon_protocol::ledger::{Ledger, MemoryLedger};
use koinon_protocol::log::{ForkClaim, ForkProof, Linked, LogId, link};
use koinon_protocol::record::{Body, Draft, RecordError, Sealed, Signed, Verified};
use koinon_protocol::replica::message::{FORKS, Response};
use koinon_protocol::replica::{Effect, Host, Input, Keeper, Lack, Peer, Replica, Standing};
use koinon_protocol::trust::Right;
use people::{Deed, People, START, What};
use std::collections::VecDeque;

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
        self.people.write(&deed, head, START, [self.salt; 32], self.keeper.trust()).expect("a record")
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
            .map(|entry| self.keeper.trust().stands(entry.id, entry.signed.header()))
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

/// Answers every question with what the replica itself would, so that the two agree, and with these forks beside its journal.
fn hear_forks(town: &mut Town, forks: &[ForkClaim]) -> Replica {
    let (peer, mut replica) = (Peer(1), Replica::new(Vec::new(), 1));
    let mut inputs = VecDeque::from([Input::Connected(peer)]);
    let mut told = false;
    while !told {
        let input = inputs.pop_front().expect("the journal is asked for");
        let effects = replica.handle(input, START, &mut town.keeper).expect("a ledger in memory");
        for effect in effects.now.into_iter().chain(effects.after_sync) {
            match effect {
                Effect::Ask { call, request, .. } => inputs.push_back(Input::Request { from: peer, call, request }),
                Effect::Answer { call, response: Response::Ids { ids, size, .. }, .. } => {
                    inputs.push_back(Input::Response {
                        from: peer,
                        call,
                        response: Response::Ids { ids, size, forks: forks.to_vec() },
                    });
                }
                Effect::Answer { call, response: Response::Whole { records, size, .. }, .. } => {
                    let response = Response::Whole { records, size, forks: forks.to_vec() };
                    inputs.push_back(Input::Response { from: peer, call, response });
                }
                Effect::Answer { call, response, .. } => inputs.push_back(Input::Response { from: peer, call, response }),
                other => panic!("{other:?}"),
            }
        }
        told = matches!(&inputs.front(), Some(Input::Response { response: Response::Ids { .. } | Response::Whole { .. }, .. }));
    }
    let answer = inputs.pop_front().expect("the answer");
    replica.handle(answer, START, &mut town.keeper).expect("a ledger in memory");
    replica
}

fn invented(network: NetworkId, seed: u8) -> ForkClaim {
    let signer = Signer::from_seed(&[seed; 32]);
    let half = |kind| {
        let draft = Draft {
            kind,
            network,
            organisation: OrganisationId([seed; 32]),
            seq: 0,
            previous: RecordId::ZERO,
            claimed_at: START,
            subject: RecordId::ZERO,
            territory: [0; 12],
            topic: 0,
        };
        draft.sign(&signer, Sealed { salt: [seed; 32], bytes: b"{}".to_vec() }).expect("a draft in form").0
    };
    ForkProof::new(half(33), half(34)).expect("two records at one place").claim()
}

#[test]
fn forks_are_heard_of_logs_that_are_known_and_as_many_as_an_answer_may_hold() {
    let mut town = Town::new();
    let (other, _) = town.next(2, What::Content { second: false });
    let kept = town.say(2, What::Content { second: false });
    let real = ForkProof::new(kept, other).expect("two records at one place").claim();
    let network = town.people.trust.network();
    let of_nobody: Vec<_> = (200..).map_while(|seed: u16| u8::try_from(seed).ok()).map(|seed| invented(network, seed)).collect();

    let replica = hear_forks(&mut town, &of_nobody);
    assert_eq!((replica.forks().count(), town.keeper.ledger().forks().len()), (0, 0), "keys that nobody knows fill nothing");
    let replica = hear_forks(&mut town, &[real; FORKS + 1]);
    assert_eq!(replica.forks().count(), 0, "an answer over the bound is no answer");
    assert_eq!(town.standing(2), (3, 3));
    let both: Vec<_> = of_nobody.into_iter().chain([real]).collect();
    let replica = hear_forks(&mut town, &both);
    assert_eq!(replica.forks().collect::<Vec<_>>(), [real]);
    assert_eq!(town.standing(2), (2, 3), "the one of a known log counts, whatever came with it");
}
