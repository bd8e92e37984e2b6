//! Reconciliation: a responder that is asked anything, and an initiator that is answered anything.

use super::cast::{self, START};
use super::input::Input;
use koinon_protocol::id::{NetworkId, OrganisationId, RecordId};
use koinon_protocol::ledger::{Ledger, MemoryLedger, Plane};
use koinon_protocol::limit;
use koinon_protocol::log::{Head, link};
use koinon_protocol::reconcile::{Initiator, ReconcileError, RespondError, Step, respond};
use koinon_protocol::record::{Draft, Sealed};
use koinon_protocol::time::Millis;
use std::sync::LazyLock;

/// Two sides that have much in common: what one has more of is spread, what the other has more of is recent.
static SIDES: LazyLock<[MemoryLedger; 2]> = LazyLock::new(|| [ledger(&[1, 2, 3]), ledger(&[1, 2, 4])]);

/// The logs of these authors: one control record in eight.
fn ledger(authors: &[u8]) -> MemoryLedger {
    let mut ledger = MemoryLedger::default();
    authors.iter().for_each(|author| write(&mut ledger, *author));
    ledger
}

fn write(ledger: &mut MemoryLedger, author: u8) {
    let mut head: Option<Head> = None;
    for seq in 0..[60, 170, 30, 60][usize::from(author - 1)] {
        let draft = Draft {
            kind: if seq % 8 == 7 { 3 } else { cast::PRACTICE },
            network: NetworkId([1; 32]),
            organisation: OrganisationId([author; 32]),
            seq,
            previous: head.map_or(RecordId::ZERO, |head| head.id),
            claimed_at: Millis(START + if author == 4 { 700 } else { seq * u64::from(author) / 2 }),
            subject: RecordId::ZERO,
            territory: [0; 12],
            topic: 0,
        };
        let sealed = Sealed { salt: [0; limit::SALT], bytes: b"{}".to_vec() };
        let (record, body) = draft.sign(&cast::root(50 + author), sealed).expect("the record is of the right form");
        let linked = link(record, head.as_ref()).expect("the record continues its log");
        ledger.append(&linked, Some(&body)).expect("the ledger takes what continues a log");
        head = Some(linked.head());
    }
}

/// An answer is within its bound, the same every time, and one that an initiator reads.
pub(super) fn request(bytes: &[u8]) {
    let [ledger, other] = &*SIDES;
    match respond(bytes, ledger) {
        Ok(answer) => {
            assert!(answer.len() <= limit::RESPONSE);
            assert_eq!(answer[0], bytes[0], "an answer about another plane");
            assert_eq!(respond(bytes, ledger).as_ref(), Ok(&answer));
            let mut initiator = begin(Input(&bytes[..1]).below(2), other).0;
            let read = initiator.receive(&answer, other);
            assert!(!matches!(read, Err(ReconcileError::Wire(_) | ReconcileError::Ledger(_))), "nobody can read the answer");
        }
        Err(RespondError::Ledger(fault)) => panic!("a request made the ledger fail: {fault}"),
        Err(RespondError::Wire(_) | RespondError::Ids) => {}
    }
}

/// One who began, his question, and the true answer to it.
type Begun = (Initiator, Vec<u8>, Vec<u8>);

/// How the first side begins, and what the second answers to that, of each plane: most inputs lead through it.
static FIRST: LazyLock<[Begun; 2]> = LazyLock::new(|| {
    [0, 1].map(|plane| {
        let (initiator, question) = begin(plane, &SIDES[0]);
        let answer = respond(&question, &SIDES[1]).expect("an initiator asks what can be answered");
        (initiator, question, answer)
    })
});

fn begin(plane: usize, ledger: &MemoryLedger) -> (Initiator, Vec<u8>) {
    let mut initiator = Initiator::new([Plane::Control, Plane::Content][plane]);
    match initiator.next(ledger) {
        Ok(Step::Send(question)) => (initiator, question),
        other => panic!("nothing is asked at the beginning: {other:?}"),
    }
}

/// What an initiator asks first.
pub(super) fn question(plane: Plane) -> Vec<u8> {
    begin(usize::from(plane == Plane::Content), &SIDES[0]).1
}

/// A peer that answers truly, truly with some bytes changed, or with bytes of its own.
pub(super) fn response(bytes: &[u8]) {
    let [ours, theirs] = &*SIDES;
    let mut input = Input(bytes);
    let (mut initiator, mut question, first) = FIRST[input.below(2)].clone();
    let mut first = Some(first);
    while !input.is_empty() {
        let first = first.take();
        let honest = || first.unwrap_or_else(|| respond(&question, theirs).expect("an initiator asks what can be answered"));
        let answer = match input.below(3) {
            0 => honest(),
            1 => changed(honest(), &mut input),
            _ => {
                let length = usize::from(input.byte()) << 3;
                input.take(length).to_vec()
            }
        };
        let next = initiator.receive(&answer, ours);
        check_differences(&mut initiator, ours);
        match next {
            Ok(Step::Send(next)) => question = check_question(next, ours),
            Ok(Step::Done) => return,
            Err(ReconcileError::Ledger(fault)) => panic!("an answer made the ledger fail: {fault}"),
            Err(_) => return,
        }
    }
}

fn changed(mut answer: Vec<u8>, input: &mut Input<'_>) -> Vec<u8> {
    let place = usize::from(u16::from_be_bytes(input.array())) % answer.len();
    match input.below(4) {
        0 => answer[place] ^= 1 << input.below(8),
        1 => answer.truncate(place),
        2 => drop(answer.splice(place..place, input.piece().iter().copied())),
        _ => answer[place] = input.byte(),
    }
    answer
}

/// A question is within its bound, and the one who asks would answer it to itself with nothing.
fn check_question(question: Vec<u8>, ours: &MemoryLedger) -> Vec<u8> {
    assert!(question.len() <= limit::REQUEST);
    assert_eq!(respond(&question, ours).map(|answer| answer.len()), Ok(1), "a question differs from itself");
    question
}

fn check_differences(initiator: &mut Initiator, ours: &MemoryLedger) {
    let found = initiator.take();
    assert!(found.need.len() <= limit::IDS, "more ids than an answer may hold");
    for id in found.need {
        assert_eq!(ours.find(&id), Ok(None), "what is here is not needed");
    }
    for id in found.have {
        assert!(ours.find(&id).is_ok_and(|place| place.is_some()), "what is not here cannot be given");
    }
}

pub(super) fn requests() -> Vec<Vec<u8>> {
    let [ours, theirs] = &*SIDES;
    let mut seeds = Vec::new();
    for plane in 0..2 {
        let (mut initiator, mut question) = begin(plane, theirs);
        loop {
            let answer = respond(&question, ours).expect("an initiator asks what can be answered");
            seeds.push(question);
            match initiator.receive(&answer, theirs) {
                Ok(Step::Send(next)) => question = next,
                Ok(Step::Done) => break,
                Err(error) => panic!("an honest exchange ended: {error}"),
            }
        }
    }
    seeds
}

pub(super) fn responses() -> Vec<Vec<u8>> {
    let raw = |plane: u8, answer: &[u8]| {
        let length = u8::try_from(answer.len().div_ceil(8)).unwrap_or(u8::MAX);
        [&[plane, 0, 2, length], answer].concat()
    };
    let mut seeds = vec![vec![0, 0, 0, 0, 0], vec![1, 0, 0, 0, 0, 0], vec![1, 0, 1, 0, 40, 0, 3], vec![0, 1, 0, 9, 3, 7, 0]];
    seeds.extend([raw(0, &[0]), raw(1, &[1, 0x7f]), raw(1, &[1, 0xbf, 0])]);
    seeds
}
