//! Search: records are indexed, and questions answered.

use crate::clock::own;
use crate::ground::{Entry, Ground, append, is_searched};
use crate::quantile;
use crate::texts::Texts;
use koinond::index;
use koinond::run::STORE;
use koinond::search::{Facet, Filter, Question};
use std::path::Path;
use std::time::{Duration, Instant};

/// Questions of each kind.
const QUESTIONS: usize = 300;

/// What search takes.
pub struct Searched {
    /// Microseconds of CPU to make a record findable, by words, name, author, subject and kind.
    pub indexing: f64,
    /// Milliseconds of wall of a question.
    pub p50: f64,
    pub p99: f64,
    /// Milliseconds of wall of the question for everything, which counts every facet of every record.
    pub everything: f64,
}

pub fn measure(home: &Path, ground: &Ground, entries: &[Entry]) -> Searched {
    let directory = tempfile::tempdir_in(home).unwrap();
    let mut store = ground.store(directory.path());
    append(&mut store, entries.iter());
    let before = own();
    let (follower, reader) = index::follow(&directory.path().join(STORE), &store).unwrap();
    let all = Question { limit: 20, ..Question::default() };
    let searched = entries.iter().filter(|entry| is_searched(entry)).count();
    while reader.search(&all).unwrap().total < searched {
        assert_eq!(follower.failure(), None);
        std::thread::sleep(Duration::from_millis(200));
    }
    let indexing = (own() - before).as_secs_f64() * 1e6 / entries.len() as f64;
    let mut texts = Texts::new(99);
    let ask = |question: &Question| {
        let began = Instant::now();
        reader.search(question).unwrap();
        began.elapsed().as_secs_f64() * 1e3
    };
    let mut times: Vec<f64> = (0..4 * QUESTIONS).map(|number| ask(&question(&mut texts, number))).collect();
    let mut whole: Vec<f64> = (0..20).map(|_| ask(&all)).collect();
    let everything = quantile(&mut whole, 0.5);
    Searched { indexing, p50: quantile(&mut times, 0.5), p99: quantile(&mut times, 0.99), everything }
}

/// One, two or three words, or one in a territory.
fn question(texts: &mut Texts, number: usize) -> Question {
    let words = number % 4;
    let filters = if words == 0 { vec![Filter { facet: Facet::Territory, value: "RO".into() }] } else { Vec::new() };
    Question { text: texts.question(words.max(1)), filters, limit: 20, ..Question::default() }
}
