//! Bodies as they will be: practices in six languages, of words that follow each other as they do in the demonstration's.

use koinon_protocol::kind::Kind;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What people wrote, by hand, for the demonstration.
const WRITTEN: &str = include_str!("../../../node/src/demo/records.json");
/// Bytes of every body.
pub const BODY: usize = 1024;

/// Makes bodies; the same from the same seed.
pub struct Texts {
    random: u64,
    /// By language, which words follow a word.
    follow: BTreeMap<String, Words>,
}

type Words = BTreeMap<String, Vec<String>>;

impl Texts {
    pub fn new(seed: u64) -> Self {
        let mut follow = BTreeMap::new();
        let written: Value = serde_json::from_str(WRITTEN).unwrap();
        learn(&written, &mut follow);
        follow.retain(|_, words: &mut Words| words.len() > 100);
        Self { random: seed, follow }
    }

    /// A practice in one language, of exactly [`BODY`] bytes.
    pub fn practice(&mut self) -> Vec<u8> {
        self.body(true)
    }

    /// The same without its outcome: it does not conform to its kind, so it is kept and passed on and not searched.
    pub fn unsearched(&mut self) -> Vec<u8> {
        self.body(false)
    }

    fn body(&mut self, whole: bool) -> Vec<u8> {
        let languages: Vec<String> = self.follow.keys().cloned().collect();
        let language = &languages[self.below(languages.len() as u64)];
        let known: Value = serde_json::from_str(Kind::by_name("practice").unwrap().example).unwrap();
        let mut body = Map::new();
        for field in ["title", "summary", "problem", "evidence", "resources", "difficulties_lessons", "transfer_potential"] {
            let length = if field == "title" { 25 + self.below(25) } else { 25 + self.below(35) };
            body.insert(field.into(), json!({ language: self.text(language, length) }));
        }
        for field in ["places", "outcome", "cooperation_form"] {
            body.insert(field.into(), known[field].clone());
        }
        let id: String = (0..4).map(|_| format!("{:016x}", self.random())).collect();
        body.insert("institution".into(), json!(id));
        body.insert("topic".into(), known["topic"].clone());
        body.insert("start".into(), json!(format!("20{:02}-{:02}-01", 10 + self.below(15), 1 + self.below(12))));
        body.insert("last_confirmed".into(), json!(format!("2026-{:02}-{:02}", 1 + self.below(6), 1 + self.below(28))));
        if !whole {
            body.remove("outcome");
        }
        self.fill(body, language)
    }

    /// Lengthens or shortens the solution until the body has its bytes.
    fn fill(&mut self, mut body: Map<String, Value>, language: &str) -> Vec<u8> {
        body.insert("solution".into(), json!({ language: "" }));
        let room = BODY.checked_sub(Value::Object(body.clone()).to_string().len()).unwrap();
        let mut text = self.text(language, room);
        while text.len() > room {
            text.pop();
        }
        text.extend(std::iter::repeat_n('.', room - text.len()));
        body.insert("solution".into(), json!({ language: text }));
        Value::Object(body).to_string().into_bytes()
    }

    /// Words of a language, at least so many bytes.
    fn text(&mut self, language: &str, length: usize) -> String {
        let mut text = String::new();
        let mut word = self.any(language);
        while text.len() < length {
            text += if text.is_empty() { "" } else { " " };
            text += &word;
            let next = self.follow[language].get(&word).cloned().unwrap_or_default();
            // Now and then another word than the one that was written there, so that sentences do not repeat themselves.
            word = if next.is_empty() || self.below(3) == 0 {
                self.any(language)
            } else {
                next[self.below(next.len() as u64)].clone()
            };
        }
        text
    }

    /// Random bytes.
    pub fn salt(&mut self) -> [u8; 32] {
        let words: Vec<u8> = (0..4).flat_map(|_| self.random().to_be_bytes()).collect();
        words.try_into().unwrap()
    }

    /// Some words to search for.
    pub fn question(&mut self, words: usize) -> String {
        let languages: Vec<String> = self.follow.keys().cloned().collect();
        let language = &languages[self.below(languages.len() as u64)];
        (0..words).map(|_| self.any(language)).collect::<Vec<_>>().join(" ")
    }

    fn any(&mut self, language: &str) -> String {
        let at = self.below(self.follow[language].len() as u64);
        self.follow[language].keys().nth(at).unwrap().clone()
    }

    pub fn below(&mut self, bound: u64) -> usize {
        (self.random() % bound) as usize
    }

    /// SplitMix64.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Notes which word follows which, in every text that says its language.
fn learn(value: &Value, follow: &mut BTreeMap<String, Words>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| learn(value, follow)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name.len() == 2 => {
                        let words = follow.entry(name.clone()).or_default();
                        let all: Vec<&str> = text.split_whitespace().collect();
                        for pair in all.windows(2) {
                            words.entry(pair[0].to_owned()).or_default().push(pair[1].to_owned());
                        }
                    }
                    _ => learn(value, follow),
                }
            }
        }
        _ => {}
    }
}
